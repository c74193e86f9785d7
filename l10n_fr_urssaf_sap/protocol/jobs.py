# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the scheduled actions do, company by company, and how far they are."""

import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import fields
from odoo.exceptions import UserError

from ..texts.log import get_logger
from ..urssaf.api.errors import Misconfigured, Unavailable, Unsure, UrssafError
from .access import connect
from .bank import match_what_is_certain
from .booking import Booking
from .polling import poll
from .registering import register_queued
from .sending import Sending
from .settling import settle
from .transactions import in_own_transaction, one_by_one_on_failure, trigger_at

_logger = get_logger(__name__)

_SOON = timedelta(minutes=1)


def send(requests):
    """Settle the calls whose fate is not known, then send what waits."""

    def work(urssaf, some, progress):
        for settled in settle(urssaf, some):
            progress.done(len(settled - settled.exists().filtered(_is_to_go)))
            if not progress.has_time():
                return
        waiting = some.exists().filtered(_is_to_go)
        for done in Sending(urssaf, waiting).run(progress.has_time):
            progress.done(done)
        progress.try_soon_again(waiting)

    _run_by_company(requests, work)


def register(registrations):
    """Register the customers that wait for it."""

    def work(urssaf, some, progress):
        for _registration in register_queued(urssaf, some):
            progress.done(1)
            if not progress.has_time():
                return
        progress.try_soon_again(some)

    _run_by_company(registrations, work)


def refresh(records):
    """Ask about these registrations or payment requests."""

    def work(urssaf, some, progress):
        for polled in poll(urssaf, some, progress.has_time):
            progress.done(len(polled.asked), polled.changed)

    _run_by_company(records, work)


def remind(records):
    """Have somebody told that these registrations or payment requests are not over after
    so long."""
    for record in records._reachable():
        in_own_transaction(record, type(record)._remind)


def remind_customers(requests):
    """Remind the customers of these payment requests, as far as they still have not
    answered: the Urssaf is asked first."""

    def work(urssaf, some, progress):
        for polled in poll(urssaf, some, progress.has_time):
            # What fails is tried again as long as there are hours left, and no longer.
            one_by_one_on_failure(
                polled.asked, type(some)._remind_customers, lambda request: None
            )
            progress.done(len(polled.asked), polled.changed)

    _run_by_company(requests, work)


def book(requests):
    """Book what the Urssaf has paid of these payment requests, or has taken back; then
    match the transfers with what the bank shows of them by now."""
    cron, booking = requests.env["ir.cron"], Booking(requests)
    # What waits for its day, or for the settings, is not to start it again at once.
    cron._commit_progress(remaining=len(booking.due))
    for batch in booking.run():
        if cron._commit_progress(len(batch)) <= 0:
            return
    companies = requests.env["res.company"]
    match_what_is_certain(
        companies.search([("l10n_fr_sap_register_payments", "=", True)])
    )
    cron._commit_progress(remaining=0)
    if booking.busy:
        trigger_at(
            cron.browse(cron.env.context.get("cron_id")), fields.Datetime.now() + _SOON
        )
        cron._commit_progress()


def _is_to_go(record):
    return record._has_not_left() and record._is_due()


class JobProgress:
    """How far a scheduled action is, and whether there is time left for it."""

    def __init__(self, env, remaining):
        self._env = env
        self._company, self._remaining = None, 0
        self.calls = []
        self._commit(remaining=remaining)

    def begin(self, company, count):
        """The next company, with so many records."""
        self._company, self._remaining, self._changed = company, count, None
        self.answered = False

    def done(self, count, changed=None):
        """Commit, with ``count`` records more done. After polling, ``changed`` are those
        whose state has changed."""
        if changed is None:
            self.save_calls()
        else:
            self._changed = (self._changed or changed) | changed
        self._remaining -= count
        self._commit(count)

    def skip(self, until=None):
        """Commit, with the rest of this company's records done for this time, or Odoo
        would start all over at once; they are tried again at ``until``."""
        self.save_calls()
        if until:
            self._schedule(until)
        remaining, self._remaining = max(self._remaining, 0), 0
        self._commit(remaining)

    def finish(self):
        """Nothing is left of this company: what was not counted is gone, or busy."""
        if self.has_time():
            self.skip()

    def try_soon_again(self, records):
        """Somebody else may have been at the same rows at the same time."""
        if records.exists().filtered(_is_to_go):
            self._schedule(fields.Datetime.now() + _SOON)
            self._commit()

    def save_calls(self):
        """Keep what was said to the Urssaf. After polling this comes last, for any call
        may be about a record that changes later."""
        self.answered = self.answered or any(
            call.operation != "TOKEN" and call.http_status in (200, 400)
            for call in self.calls
        )
        log = self._env["l10n_fr_sap.exchange"]
        log._save(self._company, self.calls, self._changed)

    def has_time(self):
        return self._time_left > 0

    def _schedule(self, moment):
        cron = self._env["ir.cron"].browse(self._env.context.get("cron_id"))
        trigger_at(cron, moment)

    def _commit(self, *args, **kwargs):
        self._time_left = self._env["ir.cron"]._commit_progress(*args, **kwargs)


def _run_by_company(records, work):
    """Call ``work(urssaf, records, progress)`` for the records of each company, while the
    scheduled action has time left.

    Only those that are within reach, and no Urssaf that did not answer a moment ago. What
    goes wrong in one company stops neither the others nor the scheduled action.
    """
    records = records._reachable()
    # A request may be withdrawn as soon as the progress is committed.
    by_company = records.grouped("company_id")
    progress = JobProgress(records.env, len(records))
    for company, some in by_company.items():
        if not progress.has_time():
            return
        progress.begin(company, len(some))
        # Nobody asked in person: the chatter speaks the language of the company.
        some = some.with_context(lang=company.partner_id.lang)
        try:
            _run_company(company, some, work, progress)
        except OperationalError as error:
            records.env.cr.rollback()
            _logger.info("Urssaf, company %s: %s", company.id, type(error).__name__)
            progress.skip()
        except Exception:
            records.env.cr.rollback()
            _logger.exception("Urssaf, company %s: the others go on", company.id)
            progress.skip()


def _run_company(company, records, work, progress):
    outages, host = records.env["l10n_fr_sap.outage"], None
    try:
        with connect(company, progress.calls) as urssaf:
            host = urssaf.host
            if until := outages._until(host):
                _logger.info(
                    "Urssaf, company %s: left alone until %s", company.id, until
                )
                progress.skip(until)
                return
            # The settings may have changed since they were looked at, or a request may
            # have been withdrawn.
            work(urssaf, records.exists()._reachable(), progress)
        progress.save_calls()
        if progress.answered:
            outages._answers_again(host)
        progress.finish()
    except (UserError, UrssafError) as error:
        records.env.cr.rollback()
        level = logging.INFO
        if isinstance(error, Misconfigured):
            level = logging.WARNING  # somebody has to fix the settings
        _logger.log(level, "Urssaf, company %s: %s", company.id, error)
        progress.save_calls()
        progress.skip(_next_try(progress, outages, host, error))


def _next_try(progress, outages, host, error):
    """When to try again after this error; None where the usual time will do."""
    if not isinstance(error, (Unavailable, Unsure)):
        return None
    if not progress.answered:
        return outages._note(host, error)
    wanted = timedelta(seconds=error.retry_after or 0)
    return fields.Datetime.now() + max(_SOON, wanted)
