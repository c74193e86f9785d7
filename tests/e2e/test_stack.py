# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the other tests stand on."""

import contextlib

import stack
from stack.cluster import connect
from stack.odoo_runs import database_exists


def test_a_database_can_be_dropped_whoever_is_in_there():
    """A superuser too, as autovacuum is one, whose work odoo's role may not end."""
    stack.start_cluster()
    stack.drop_database("test_dropped")  # an earlier run's
    stack.sql("CREATE DATABASE test_dropped")
    with contextlib.closing(connect("test_dropped", "postgres")):
        stack.drop_database("test_dropped")
    assert not database_exists("test_dropped")
