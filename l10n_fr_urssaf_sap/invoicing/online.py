# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Invoices that their customer pays online or by direct debit. Odoo's account_payment does
the one; it comes with account, but may be uninstalled. The other is an addon of OCA's."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError

from .collecting import is_collected, why_not_payable
from .guards import lock_or_refuse

# For so long a customer may be on the page of their bank.
_RECENT = timedelta(hours=1)


def is_being_paid(move):
    """Whether an online payment is under way that the books do not show yet."""
    if "transaction_ids" not in move._fields:
        return False
    return any(map(_is_under_way, move.transaction_ids))


def draft_payments_of(move):
    """The names of the payments in draft that are to pay this invoice, perhaps out of a
    batch (Odoo Enterprise's account_batch_payment takes them from there)."""
    drafts = move.matched_payment_ids.filtered(lambda payment: payment.state == "draft")
    return ", ".join(drafts.mapped("display_name"))


def payment_orders_of(move):
    """The names of the orders (OCA's account_payment_order) that are to debit the customer
    for this invoice."""
    if "payment_line_ids" not in move.line_ids._fields:
        return ""
    orders = move.line_ids.payment_line_ids.order_id
    pending = orders.filtered(lambda order: order.state not in ("uploaded", "cancel"))
    return ", ".join(pending.mapped("name"))


def check_payable(moves):
    """:raise UserError: when the Urssaf collects one of these invoices, or when it is on
    its way there this very moment
    """
    own = moves.sudo().filtered(
        lambda move: move.l10n_fr_sap_request_id or move.l10n_fr_sap_particulier
    )
    for records in filter(None, (own, own.l10n_fr_sap_request_ids)):
        lock_or_refuse(records)
    if collected := own.filtered(is_collected)[:1]:
        raise UserError(why_not_payable(collected))


def collected_of(payment):
    """The invoices that a customer has paid online with this payment, though the Urssaf
    collects them."""
    if "payment_transaction_id" not in payment._fields:
        return payment.invoice_ids.browse()
    invoices = payment.sudo().payment_transaction_id.invoice_ids
    return invoices.filtered(is_collected)


def _is_under_way(transaction):
    if transaction.provider_code == "custom":
        return False  # a bank transfer that the customer has announced, no more
    if transaction.state == "draft":
        return transaction.create_date > fields.Datetime.now() - _RECENT
    if transaction.state == "done":
        return not transaction.is_post_processed
    return transaction.state in ("pending", "authorized")
