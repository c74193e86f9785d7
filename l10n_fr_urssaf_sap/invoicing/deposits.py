# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf was told that a customer has paid ahead, and the books do not say any
more. Nothing is blocked, for the books are right; but the Urssaf learns of it by a letter
alone, which somebody has to write."""

from .activities import ask_to_settle_credit
from .notices import post_deposit_gone
from .payload import down_payments


def requests_told_of(partials):
    """The payment requests that told the Urssaf of these reconciliations as a deposit."""
    requests = partials.env["l10n_fr_sap.payment.request"].sudo()
    for partial in partials.sudo():
        lines = partial.debit_move_id | partial.credit_move_id
        # The Urssaf's own transfer, and the VAT that follows any payment.
        if (
            lines.move_id.l10n_fr_sap_transfer_id
            or lines.move_id.tax_cash_basis_origin_move_id
        ):
            continue
        # What came after the request is no deposit.
        made_at = partial.create_date.replace(microsecond=0)
        for entry in lines.move_id:
            requests |= _live_requests(entry | _deducting(entry)).filtered(
                lambda request, made_at=made_at: (
                    request.sent_at and request.sent_at >= made_at
                )
            )
    return requests


def tell_credited(refunds):
    """Tell those who sent an invoice that a down payment which it deducts is credited; and
    whoever keeps the books that an invoice is which the Urssaf has paid."""
    for refund in refunds.sudo().filtered("reversed_entry_id"):
        if paid := refund.reversed_entry_id.l10n_fr_sap_request_id.filtered(
            "booked_amount"
        ):
            ask_to_settle_credit(paid, refund)
        for request in _live_requests(_deducting(refund.reversed_entry_id)):
            post_deposit_gone(request)


def _live_requests(moves):
    # No query for what was never sent.
    sent = moves.filtered("l10n_fr_sap_request_id")
    requests = sent.l10n_fr_sap_request_id.browse()
    return requests.union(*(move._l10n_fr_sap_live_request() for move in sent))


def _deducting(move):
    """The invoices that deduct this one, where it is the invoice of a down payment."""
    # The fields are of Odoo's Sales, which may not be installed.
    if (
        "is_downpayment" not in move.env["account.move.line"]._fields
        or move.move_type != "out_invoice"
        or not move.l10n_fr_sap_particulier
    ):
        return move.browse()
    asked = move.line_ids.filtered("is_downpayment").sale_line_ids.invoice_lines
    return asked.move_id.filtered(lambda each: move in down_payments(each))
