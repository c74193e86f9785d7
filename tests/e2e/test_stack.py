# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the other tests stand on."""

import contextlib
import os
import re
from pathlib import Path

import stack
from stack.cluster import cluster_data, connect
from stack.odoo_runs import database_exists


def test_a_database_can_be_dropped_whoever_is_in_there():
    """A superuser too, as autovacuum is one, whose work odoo's role may not end."""
    stack.start_cluster()
    stack.drop_database("test_dropped")  # an earlier run's
    stack.sql("CREATE DATABASE test_dropped")
    with contextlib.closing(connect("test_dropped", "postgres")):
        stack.drop_database("test_dropped")
    assert not database_exists("test_dropped")


def users_of(pid):
    """A process's real, effective, saved and file system user."""
    status = Path(f"/proc/{pid}/status").read_text()
    return {int(uid) for uid in re.search(r"\nUid:(.*)", status)[1].split()}


def test_nothing_runs_as_root(odoo, urssaf):
    """Odoo, the stand-in, PostgreSQL, and this very process, which starts the browser:
    all of one user, who is not root unless that was said."""
    postgres = int((cluster_data() / "postmaster.pid").read_text().split()[0])
    pids = [odoo.facts["pid"], urssaf.process.facts["pid"], postgres, os.getpid()]
    users = set().union(*map(users_of, pids))
    assert stack.WHY_ROOT or (len(users) == 1 and 0 not in users)
