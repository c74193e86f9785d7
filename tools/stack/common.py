# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where everything is, and what all parts of the stack share."""

import contextlib
import fcntl
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDON = "l10n_fr_urssaf_sap"


def default_cache():
    """The cache folder of bootstrap.sh, which normally names it."""
    if os.geteuid() == 0:
        return Path("/var/cache") / ADDON
    user_cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(user_cache) / ADDON


# Logs, states and databases are full of personal data: for their owner alone.
os.umask(0o077)
CACHE = Path(os.environ.get("L10N_FR_URSSAF_SAP_CACHE") or default_cache())
LOG = CACHE / "log"
RUN = CACHE / "run"
DATA = CACHE / "data"
CONFIG = RUN / "odoo.conf"
ROLE = "odoo"  # Odoo refuses to work as "postgres"

FOLDERS = (LOG, RUN, DATA, CACHE / "test")

for kept in FOLDERS:
    kept.mkdir(parents=True, exist_ok=True)
    kept.chmod(0o700)  # one from before


class StackError(Exception):
    """Something the stack needs is missing or failed; the text says what."""


@contextlib.contextmanager
def lock(name):
    """Keeps two runs from building the same thing at the same time."""
    with open(RUN / f"{name}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def say(text):
    # In one piece: the layers of tests talk at the same time.
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
