# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's money on its way into the books. Polling marks what has changed; this books
the difference between what ought to be there and what is. However often it runs, and
whoever runs it at the same time, it comes to the same."""

from collections.abc import Iterator

from odoo import fields, models
from odoo.tools import groupby

from ..invoicing.activities import ask_accountant
from ..invoicing.entries import post_entry
from ..invoicing.money import (
    booking_day,
    is_due,
    missing_of,
    remark_on,
    transfer_key,
    why_not_booked,
)
from ..invoicing.set_up import set_up, why_not_bookable
from ..texts.log import get_logger
from .transactions import in_own_transaction, lock, one_by_one_on_failure

_logger = get_logger(__name__)

_CRON = "l10n_fr_urssaf_sap.ir_cron_register_payments"
# Odoo walks all lines of an entry for every pair that it matches.
_LINES = 50
# More than a person waits for.
_AT_ONCE = 100


def book_now(requests, anyway=False):
    """Book those of these payment requests that wait for it, for somebody who waits; where
    they are very many, the scheduled action does the rest.

    :param anyway: also where nothing is open on the invoice
    """
    waiting = requests.exists().filtered(lambda each: each.money_state == "todo")
    for _batch in Booking(waiting[:_AT_ONCE], anyway).run():
        pass
    if waiting[_AT_ONCE:]:
        trigger_booking(requests.env)


def trigger_booking(env):
    """Have the scheduled action book what waits for it, within the minute: to wake it at
    once would cost each batch of statuses three queries more."""
    cron_id = env["ir.model.data"]._xmlid_to_res_id(_CRON)
    triggers = env["ir.cron.trigger"].sudo()
    triggers.create({"cron_id": cron_id, "call_at": fields.Datetime.now()})


class Booking:
    """Payment requests whose money is to be booked: at most fifty an entry, each entry in a
    transaction of its own together with what the requests say of it."""

    def __init__(self, requests, anyway=False):
        """
        :param anyway: also where nothing is open on the invoice
        """
        self._anyway = anyway
        # Tracking would cost eight queries an invoice; one message says the same.
        self._requests = requests.with_context(tracking_disable=True)
        #: whether somebody else was at some of them
        self.busy = False

    @property
    def due(self):
        """Those whose day has come."""
        return self._requests.filtered(is_due)

    def run(self) -> Iterator[models.BaseModel]:
        """Book, and give what is done with, batch by batch, committed."""
        companies = self._requests._reachable().grouped("company_id")
        for company, some in companies.items():
            some = some.with_context(lang=company.partner_id.lang)
            if not self._is_ready(some.company_id):
                continue
            in_own_transaction(some, _link)
            due = some.exists().filtered(is_due)
            for batch in _batches(due.filtered(_is_linked)):
                one_by_one_on_failure(batch, self._book, _give_up)
                batch.env.cr.commit()  # pylint: disable=invalid-commit
                yield batch
            self.busy = self.busy or bool(some.exists().filtered(is_due))

    def _is_ready(self, company):
        if not company.l10n_fr_sap_register_payments:
            return False
        in_own_transaction(company, set_up)
        if why := why_not_bookable(company):
            _logger.info("Urssaf, company %s: %s", company.id, why)
        return not why

    def _book(self, batch):
        key = _key(batch[:1])
        # Somebody else may have been quicker, and the Urssaf may have said something else.
        requests = lock(batch, also="move_id").filtered(
            lambda each: is_due(each) and _key(each) == key
        )
        shares, remarks = {}, {}
        for request in requests:
            amount = missing_of(request)
            if why := why_not_booked(request, amount, self._anyway):
                request._set_money_check(why)
            else:
                shares[request] = amount
                remarks[request] = remark_on(request, amount)
        if shares:
            post_entry(requests[0].transfer_id, booking_day(requests[0]), shares)
        for request, remark in remarks.items():
            request._set_booked(remark)


def _link(requests):
    """Each gets the transfer that the Urssaf has announced; what is settled is so."""
    locked = lock(requests).filtered(lambda each: each.money_state == "todo")
    locked.filtered(lambda each: not missing_of(each))._set_settled()
    wanted = {request: key for request in locked if (key := transfer_key(request))}
    transfers = requests.env["l10n_fr_sap.transfer"]._ensure(set(wanted.values()))
    for request, key in wanted.items():
        if request.transfer_id != transfers[key]:
            request.transfer_id = transfers[key]


def _give_up(request):
    """What is noted stays, whether somebody can be told of it or not."""
    request._give_up_booking()
    if request.money_state == "check":
        in_own_transaction(request, lambda each: ask_accountant(each, each.money_note))


def _is_linked(request):
    """Whether its transfer is known: somebody else may have been at it a moment ago."""
    key = transfer_key(request)
    return not key or request.transfer_id.date == request.transfer_date


def _batches(requests):
    # What is taken back first: its invoice may have been sent and paid again.
    ordered = requests.sorted(lambda each: missing_of(each) > 0)
    for _key_of_all, some in groupby(ordered, _key):
        some = requests.browse([request.id for request in some])
        while some:
            batch, moves = some.browse(), some.move_id.browse()
            for request in some:
                # What is open on an invoice is known once the one before is booked.
                if request.move_id not in moves and len(batch) < _LINES:
                    batch, moves = batch | request, moves | request.move_id
            some -= batch
            yield batch


def _key(request):
    """What the requests of one entry have in common."""
    return (
        missing_of(request) > 0,
        booking_day(request) or fields.Date.today(),
        request.transfer_id,
        request.move_id.company_id,
    )
