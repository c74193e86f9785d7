# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whoever starts the stack as root gets servers that are not root's."""

import fcntl
import os
import pwd
import subprocess
import sys

from .cluster import CLUSTER
from .common import ADDON, CACHE, FOLDERS, ROOT, say
from .servers import stop_all

USER = ADDON  # bootstrap.sh adds it to the system
HOME = CACHE / "home"
# What all of the stack has to be able to read.
PROBE = f"import odoo.release; open({str(ROOT / ADDON / '__manifest__.py')!r})"


def become_user():
    """Where we are root, goes on as the stack's own user, for good: whatever is started
    from here on is that user's too. Returns why not, where we stay root."""
    if os.geteuid() != 0:
        return None
    user, reason = find_user()
    # In root's own folder, unlike those of common.lock().
    with open(CACHE / ".user.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        hand_over(user)
    if reason:
        say(f"everything runs as root: {reason}")
        return reason
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ |= environment()
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"]
    return None


def find_user():
    """The user to become, and why it has to be root, if so."""
    root = pwd.getpwuid(0)
    try:
        user = pwd.getpwnam(USER)
        subprocess.run(
            [sys.executable, "-c", PROBE],
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
    except KeyError:
        return root, f"there is no user {USER}"
    except OSError as error:
        return root, f"{USER}: {error}"
    except subprocess.CalledProcessError as error:
        return root, f"{USER}: {error.stderr.strip().splitlines()[-1]}"
    return user, None


def hand_over(user):
    """Gives that user all that the stack writes, and stops what others run upon it."""
    folders = list(FOLDERS)
    if user.pw_uid:  # PostgreSQL refuses to run as root, and goes on as whose it is
        folders += [CLUSTER, HOME]
    others = [
        folder
        for folder in folders
        if not folder.exists() or folder.stat().st_uid != user.pw_uid
    ]
    if others:
        stop_all()
    for folder in others:
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = f"{user.pw_uid}:{user.pw_gid}"
        command = ["chown", "--recursive", "--no-dereference", owner, folder]
        subprocess.run(command, check=True)


def environment():
    """What is root's, or would be written beside the code, is elsewhere."""
    folders = {
        "HOME": HOME,
        "PYTHONPYCACHEPREFIX": HOME / "pycache",
        "RUFF_CACHE_DIR": HOME / "ruff",
        "MYPY_CACHE_DIR": HOME / "mypy",
        "COVERAGE_FILE": HOME / "coverage",
        "HYPOTHESIS_STORAGE_DIRECTORY": HOME / "hypothesis",
        # For who was not started by bootstrap.sh.
        "L10N_FR_URSSAF_SAP_CACHE": CACHE,
    }
    return {
        **{name: str(folder) for name, folder in folders.items()},
        "USER": USER,
        "LOGNAME": USER,
        # git does not work in another user's repository unless told to.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
