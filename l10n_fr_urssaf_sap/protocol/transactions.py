# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Locks and transactions, and when a scheduled action runs again."""

from datetime import timedelta

from psycopg2 import OperationalError

from ..texts.log import get_logger
from ..texts.messages import BUSY
from ..texts.obstacle import Obstacle
from ..urssaf.api.errors import UrssafError

_logger = get_logger(__name__)


def lock(records, also=None):
    """Those of these records that nobody else is at, locked until the transaction ends.

    :param also: the field with the records that are to be locked along with each
    """
    free = records.try_lock_for_update(allow_referencing=True)
    if also:
        busy = free[also] - free[also].try_lock_for_update(allow_referencing=True)
        free = free.filtered(lambda record: not record[also] & busy)
    return free


def busy(records):
    """The obstacle of records that somebody else is at, ``{record: [Obstacle]}``."""
    text = records.env._(BUSY)
    return {record: [Obstacle("", "busy", text, record)] for record in records}


def sort_out(records, free, obstacles):
    """What a button may act upon: the ``free`` records without an obstacle, and
    ``{record: [Obstacle, …]}`` of all the others, for the dialog that lists them: Odoo
    logs the text of an error, and obstacles tell of people."""
    # What is wrong with a record says more than that it is busy just now.
    known = busy(records - free) | obstacles
    found = {record: known[record] for record in records if record in known}
    return records - records.browse().concat(*found), found


def in_own_transaction(records, method):
    """``method(records)`` in a fresh transaction, which is left open.

    :return: False when something unexpected went wrong with these records; it is logged
    :raise UrssafError: what concerns the Urssaf or the settings
    """
    cr = records.env.cr
    # A row that changed since a transaction began cannot be locked.
    cr.commit()  # pylint: disable=invalid-commit
    try:
        if records := records.exists():
            method(records)
            cr.flush()
    except UrssafError:
        raise
    except OperationalError as error:
        # Somebody else was at the same rows at the same time; the next run sees to them.
        cr.rollback()
        _logger.info("Urssaf, %s: %s", records, type(error).__name__)
    except Exception:
        cr.rollback()
        _logger.exception("Urssaf, %s: the others go on", records)
        return False
    return True


def one_by_one_on_failure(records, method, give_up):
    """``method(records)`` in a fresh transaction; where it fails, each record on its own,
    for one of them may have spoilt it for the others. ``give_up(record)`` has the last
    word about those that fail alone.

    :return: whether nothing unexpected happened
    """
    if in_own_transaction(records, method):
        return True
    for record in records.exists():
        alone = len(records) > 1 and in_own_transaction(record, method)
        if not alone:
            in_own_transaction(record, give_up)
    return False


def trigger_at(cron, moment):
    """Run ``cron`` once more at ``moment``, or within the minute after."""
    moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    triggers = cron.env["ir.cron.trigger"].sudo()
    wanted = [("cron_id", "=", cron.id), ("call_at", "=", moment)]
    if cron and not triggers.search_count(wanted, limit=1):
        cron.sudo()._trigger(at=moment)
