# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import sys
from pathlib import Path

# For the stand-in Urssaf, which lies beside the addon.
sys.path.insert(0, str(Path(__file__).parents[2]))
