# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which records can go or may be asked about, and the scheduled actions' batches."""

import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import fields
from odoo.exceptions import UserError

from ..texts.messages import BUSY, describe_records
from ..urssaf.api.client import batches
from ..urssaf.api.concurrency import IN_FLIGHT
from ..urssaf.api.errors import Misconfigured, Unavailable, Unsure, UrssafError

_logger = logging.getLogger(__name__)

_SOON = timedelta(minutes=1)
_MOST_IN_FLIGHT = 16


def lock_ready(records, obstacles, also=None):
    """What a button may act upon: the records that were locked and that have no
    ``obstacles(record)`` (lines), and ``{record: [line, …]}`` of the others.

    :param also: the field with the records that are to be locked along with each
    :raise UserError: when none of them can go, with every line of each
    """
    free = records.try_lock_for_update(allow_referencing=True)
    if also:
        busy = free[also] - free[also].try_lock_for_update(allow_referencing=True)
        free = free.filtered(lambda record: not record[also] & busy)
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

    def key(record):
        return record.sudo().company_id, record.sudo().environment

    def is_reachable(company, environment):
        provider = company._l10n_fr_sap_provider()
        return (company, environment) == (provider, provider.l10n_fr_sap_environment)

    allowed = {each for each in set(map(key, records)) if is_reachable(*each)}
    return records.filtered(lambda record: key(record) in allowed)


class Turn:
    """A scheduled action's turn: what is left to do, and whether there is time for it."""

    def __init__(self, env, remaining):
        self._env = env
        self._company, self._left = None, 0
        self.exchanges = []
        self._commit(remaining=remaining)

    def begin(self, company, count):
        """The next company, with so many records."""
        self._company, self._left, self._changed = company, count, None
        self.answered = False

    def done(self, count, changed=None):
        """Commit, with ``count`` records more done. After polling, ``changed`` are those
        that were told something new."""
        if changed is None:
            self.end()
        else:
            self._changed = (self._changed or changed) | changed
        self._left -= count
        self._commit(count)

    def leave(self, until=None):
        """Commit, with the rest of this company's records done for this time, or Odoo
        would start all over at once; go on at ``until``."""
        self.end()
        if until:
            self.come_back(until)
        self._commit(self._left)

    def come_back(self, moment):
        cron = self._env["ir.cron"].browse(self._env.context.get("cron_id"))
        trigger_at(cron, moment)

    def end(self):
        """Keep the exchanges of polling: later ones than those of ``done`` may be among
        them at any time before."""
        self.answered = self.answered or any(
            exchange.operation != "TOKEN" and exchange.http_status in (200, 400)
            for exchange in self.exchanges
        )
        exchanges = self._env["l10n_fr_sap.exchange"]
        exchanges._save(self._company, self.exchanges, self._changed)

    def has_time(self):
        return self._time_left > 0

    def _commit(self, *args, **kwargs):
        self._time_left = self._env["ir.cron"]._commit_progress(*args, **kwargs)


def run_by_company(todo, work):
    """Call ``work(records, urssaf, turn)`` for the records of each company, while the
    scheduled action has time left; it tells ``turn`` what it has done.

    Only those that are ``reachable``, and no Urssaf that did not answer a moment ago. What
    goes wrong in one company stops neither the others nor the scheduled action.
    """
    todo = reachable(todo)
    by_company = todo.grouped("company_id")
    turn = Turn(todo.env, len(todo))
    for company, records in by_company.items():
        if not turn.has_time():
            return
        turn.begin(company, len(records))
        # Nobody asked in person: the chatter speaks the company's language.
        records = records.with_context(lang=company.partner_id.lang)
        try:
            _run_company(company, records, work, turn)
        except OperationalError as error:
            todo.env.cr.rollback()
            _logger.info("Urssaf, company %s: %s", company.id, type(error).__name__)
            turn.leave()
        except Exception:
            todo.env.cr.rollback()
            _logger.exception("Urssaf, company %s: the others go on", company.id)
            turn.leave()


def _run_company(company, records, work, turn):
    outages, host = records.env["l10n_fr_sap.outage"], None
    try:
        with company._l10n_fr_sap_open(turn.exchanges) as urssaf:
            host = urssaf.host
            if until := outages._until(host):
                _logger.info(
                    "Urssaf, company %s: left alone until %s", company.id, until
                )
                turn.leave(until)
                return
            # The settings may have changed since they were looked at, or a request may
            # have been withdrawn.
            work(reachable(records.exists()), urssaf, turn)
        turn.end()
        if turn.answered:
            outages._answers_again(host)
    except (UserError, UrssafError) as error:
        records.env.cr.rollback()
        level = logging.INFO
        if isinstance(error, Misconfigured):
            level = logging.WARNING  # somebody has to mend the settings
        _logger.log(level, "Urssaf, company %s: %s", company.id, error)
        turn.end()
        until = None
        if isinstance(error, (Unavailable, Unsure)):
            wanted = timedelta(seconds=error.retry_after or 0)
            until = fields.Datetime.now() + max(_SOON, wanted)
            if not turn.answered:
                until = outages._note(host, error)
        turn.leave(until)


def trigger_at(cron, moment):
    """Run ``cron`` once more at ``moment``, or within the minute after."""
    moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    triggers = cron.env["ir.cron.trigger"].sudo()
    wanted = [("cron_id", "=", cron.id), ("call_at", "=", moment)]
    if cron and not triggers.search_count(wanted, limit=1):
        cron.sudo()._trigger(at=moment)


def calls_in_flight(env):
    """How many calls are made at the same time where many are needed."""
    wanted = (
        env["ir.config_parameter"]
        .sudo()
        .get_param("l10n_fr_urssaf_sap.calls_in_flight")
    )
    if not wanted or not wanted.isdecimal() or not int(wanted):
        return IN_FLIGHT
    return min(int(wanted), _MOST_IN_FLIGHT)


def in_batches(size, method):
    """Work for ``run_by_company``: ``method(records, urssaf)`` for at most ``size`` records
    at a time, in a fresh transaction each; one by one where it fails on some of them."""

    def work(records, urssaf, turn):
        for ids in batches(records.ids, size):
            batch = records.browse(ids)
            if not attempt(batch, lambda some: method(some, urssaf)):
                for record in batch.exists():
                    alone = len(batch) > 1 and attempt(
                        record, lambda some: method(some, urssaf)
                    )
                    if not alone:
                        attempt(record, lambda some: some._give_up())
            turn.done(len(ids))
            if batch.exists().filtered(lambda one: one._waits() and one._is_due()):
                # Somebody else was at the same rows at the same time.
                turn.come_back(fields.Datetime.now() + _SOON)
            if not turn.has_time():
                return

    return work


def attempt(records, method):
    """``method(records)`` in a fresh transaction.

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
