# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How and when the customers settled their invoices: by what means, through the Urssaf or
directly, and what was given back to them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo import models

from .payload import down_payments, euros, receivable_items

INVOICES = ("out_invoice", "out_receipt")
# The means of a journal; and what settles an invoice without a journal's telling.
ORDINARY, EXCLUDED, CESU, AID = "ordinary", "not_eligible", "cesu", "aid"
URSSAF, CREDIT = "urssaf", "credit"
# Money comes through these; an entry in any other is no payment.
_OF_MONEY = ("bank", "cash", "credit")


@dataclass(frozen=True)
class Settlement:
    """A part of an invoice that is settled, in euros, on the day that counts for taxes.
    ``record`` is what settles it: the payment request, the credit note, or the entry."""

    day: date
    amount: Decimal
    means: str
    record: models.BaseModel
    booked: bool = True


@dataclass(frozen=True)
class Refund:
    """A part of a credit note, in euros, that was paid out to the customer."""

    day: date
    amount: Decimal


def default_means(journal):
    """What settles an invoice by an entry in this journal: no cash (Code du travail,
    D.7233-3), and nothing that is no payment, as a bad debt written off."""
    return ORDINARY if journal.type in ("bank", "credit") else EXCLUDED


def settlements_of(move):
    """What has settled this invoice so far. A payment request that the Urssaf has paid
    counts where it is in no books yet, too.

    :rtype: list[Settlement]
    """
    found = [
        _settlement(partial.credit_move_id, partial.debit_amount_currency, move)
        for partial in receivable_items(move).matched_credit_ids
    ]
    request = _paid_request(move)
    known = [each.record for each in found if each.means == URSSAF]
    left = euros(move.currency_id, move.amount_residual)
    if request.transfer_date and request not in known and left > 0:
        amount = euros(move.currency_id, request.transfer_amount) or left
        day = request.transfer_date
        found.append(Settlement(day, min(amount, left), URSSAF, request, booked=False))
    return found


def settled_on(move, settlements):
    """The day on which the invoice came to zero; None where it has not. What was paid
    ahead counts from the invoice on; one that deducts a down payment is settled once that
    one is."""
    days = [each.day for each in settlements]
    left = euros(move.currency_id, move.amount_residual) - sum(
        each.amount for each in settlements if not each.booked
    )
    for deposit in down_payments(move):
        days.append(settled_on(deposit, settlements_of(deposit)))
    if not days or left > 0 or None in days:
        return None
    return max(*days, move.invoice_date)


def paying_request(move, settlements):
    """The payment request through which the Urssaf has paid the invoice, if any, also where
    somebody has registered its transfer by hand."""
    for each in settlements:
        if each.means == URSSAF:
            return each.record
    return _paid_request(move)


def refunds_of(credit_note):
    """What was paid out for this credit note.

    :rtype: list[Refund]
    """
    return [
        Refund(
            partial.debit_move_id.date,
            euros(credit_note.currency_id, partial.credit_amount_currency),
        )
        for partial in receivable_items(credit_note).matched_debit_ids
        if partial.debit_move_id.journal_id.type in _OF_MONEY
    ]


def _paid_request(move):
    requests = move.l10n_fr_sap_request_ids
    live = requests and move._l10n_fr_sap_live_request()
    return live.filtered(lambda request: request.state == "paid")


def _settlement(item, amount, move):
    amount = euros(move.currency_id, amount)
    if request := item.l10n_fr_sap_request_id:
        # A lock date may have moved the entry into another year.
        return Settlement(request.transfer_date or item.date, amount, URSSAF, request)
    entry = item.move_id
    if entry.move_type == "out_refund":
        return Settlement(item.date, amount, CREDIT, entry)
    return Settlement(item.date, amount, entry.journal_id.l10n_fr_sap_means, entry)
