# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import sys
from pathlib import Path

# For the stand-in Urssaf, which lies beside the addon, and for what these tests share with
# the other ones on Odoo.
ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/odoo")]
