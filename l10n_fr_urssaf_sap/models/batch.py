# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which records can go or may be asked about, and the scheduled actions' batches."""

import logging

from psycopg2 import OperationalError

from odoo.exceptions import UserError

from ..urssaf.client import batches
from ..urssaf.errors import Misconfigured, UrssafError
from .messages import BUSY, describe_records

_logger = logging.getLogger(__name__)


def lock_ready(records, obstacles):
    """What a button may act upon: the records that were locked and that have no
    ``obstacles(record)`` (lines), and ``{record: [line, …]}`` of the others.

    :raise UserError: when none of them can go, with every line of each
    """
    free = records.try_lock_for_update(allow_referencing=True)
    problems = {}
    for record in records:
        # What is wrong with it is worth more than that it is busy just now.
        lines = obstacles(record)
        if lines or record not in free:
            problems[record] = lines or [records.env._(BUSY)]
    ready = records - records.browse().concat(*problems)
    if problems and not ready:
        raise UserError(describe_records(problems))
    return ready, problems


def reachable(records):
    """Those registrations or requests that belong to the very Urssaf that their company
    talks to today: never ask production about what was sent in test, nor the reverse."""

    def is_reachable(record):
        company = record.sudo().company_id
        provider = company._l10n_fr_sap_provider()
        return (company, record.environment) == (
            provider,
            provider.l10n_fr_sap_environment,
        )

    return records.filtered(is_reachable)


def run_by_company(todo, size, work):
    """Call ``work(records, urssaf)`` for batches of at most ``size`` records of one
    company, in a fresh transaction each, while the scheduled action has time left.

    Only those that are ``reachable``. What goes wrong in one batch or company stops
    neither the others nor the scheduled action.
    """
    cron = todo.env["ir.cron"]
    todo = reachable(todo)
    cron._commit_progress(remaining=len(todo))
    for company, records in todo.grouped("company_id").items():
        left = len(records)
        # Nobody asked in person: the chatter speaks the company's language.
        records = records.with_context(lang=company.partner_id.lang)
        try:
            with company._l10n_fr_sap_open() as urssaf:
                for ids in batches(records.ids, size):
                    # A row that changed since a transaction began cannot be locked.
                    todo.env.cr.commit()  # pylint: disable=invalid-commit
                    _run_batch(work, records.browse(ids), urssaf)
                    left -= len(ids)
                    if not cron._commit_progress(len(ids)):
                        return
        except (UserError, UrssafError) as error:
            todo.env.cr.rollback()
            level = logging.INFO
            if isinstance(error, Misconfigured):
                level = logging.WARNING  # somebody has to mend the settings
            _logger.log(level, "Urssaf, company %s: %s", company.id, error)
            # Done for this time, or Odoo would start all over at once.
            cron._commit_progress(left)


def _run_batch(work, records, urssaf):
    try:
        work(records, urssaf)
    except (UserError, UrssafError):
        raise
    except OperationalError as error:
        # Somebody else was at the same rows at the same time; the next run sees to them.
        records.env.cr.rollback()
        _logger.info("Urssaf, %s: %s", records, type(error).__name__)
    except Exception:
        records.env.cr.rollback()
        _logger.exception("Urssaf, %s: the others go on", records)
