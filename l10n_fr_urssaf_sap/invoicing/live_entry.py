# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The entry of an invoice that is at the Urssaf. What was sent, and every amount of the
entry, stays as it is by whatever road: Odoo lets much of it change on a posted invoice,
some of it by RPC or import alone."""

from .guards import check_not_live, check_not_queued

_INVOICE = {
    "amount_residual",
    "amount_residual_signed",
    "amount_tax",
    "amount_tax_signed",
    "amount_total",
    "amount_total_in_currency_signed",
    "amount_total_signed",
    "amount_untaxed",
    "amount_untaxed_in_currency_signed",
    "amount_untaxed_signed",
    "company_id",
    "currency_id",
    "fiscal_position_id",
    "invoice_cash_rounding_id",
    "invoice_currency_rate",
    "invoice_date",
    "invoice_partner_display_name",
    "invoice_payment_term_id",
    "journal_id",
    "l10n_fr_sap_paid_directly",
    "move_type",
    "name",
    "partner_id",
    "payment_state",
    "posted_before",
    "quick_edit_total_amount",
    "reversed_entry_id",
    "sequence_number",
    "sequence_prefix",
}
# The worker is told to the customer alone, who agrees to what the document says.
# Accounts, analytic distribution and due dates are nothing to the Urssaf.
_LINE = {
    "amount_currency",
    "amount_residual",
    "amount_residual_currency",
    "balance",
    "company_currency_id",
    "company_id",
    "credit",
    "currency_id",
    "currency_rate",
    "date",
    "debit",
    "deductible_amount",
    "discount",
    "discount_amount_currency",
    "discount_balance",
    "display_type",
    "extra_tax_data",
    "group_tax_id",
    "invoice_date",
    "is_storno",
    "journal_id",
    "l10n_fr_sap_date_from",
    "l10n_fr_sap_date_to",
    "l10n_fr_sap_nature_id",
    "l10n_fr_sap_proposed_nature_id",
    "l10n_fr_sap_worker",
    "move_id",
    "move_name",
    "name",
    "parent_state",
    "price_subtotal",
    "price_total",
    "price_unit",
    "product_id",
    "product_uom_id",
    "quantity",
    "reconciled",
    "tax_base_amount",
    "tax_group_id",
    "tax_ids",
    "tax_line_id",
    "tax_repartition_line_id",
}
# Written by Odoo itself, with every right, where contacts are put together.
_INVOICE_BY_HAND = {
    "commercial_partner_id",
    "l10n_fr_sap_date_from",
    "l10n_fr_sap_date_to",
}
_LINE_BY_HAND = {"partner_id"}
# Blocking the payment of an invoice, and the way back.
_BLOCKING = {"blocked", "not_paid"}


def check_invoices_write(moves, vals):
    """:raise UserError: when this would change what the Urssaf holds"""
    if names := _names(moves, vals, _INVOICE, _INVOICE_BY_HAND):
        changed = moves.filtered(
            lambda move: (
                _may_be_live(move) and any(_changes(move, vals, name) for name in names)
            )
        )
        check_not_live(changed)
        if "name" in names:
            check_not_queued(changed)


def check_lines_create(moves):
    """:raise UserError: when one of these entries must not get another line"""
    check_not_live(moves.filtered(_may_be_live))


def check_lines_write(lines, vals):
    """:raise UserError: when this would change what the Urssaf holds"""
    if names := _names(lines, vals, _LINE, _LINE_BY_HAND):
        changed = lines.filtered(
            lambda line: (
                _may_be_live(line.move_id)
                and any(_changes(line, vals, name) for name in names)
            )
        )
        check_not_live(changed.move_id)
    if vals.get("move_id"):
        check_lines_create(lines.move_id.browse(vals["move_id"]) - lines.move_id)


def check_lines_unlink(lines):
    """:raise UserError: when one of these entries must keep its lines"""
    check_lines_create(lines.move_id)


def _may_be_live(move):
    # Most entries are nothing to the Urssaf: no query for those. What is a draft again may
    # be one whose request came to life.
    return bool(move.sudo().l10n_fr_sap_request_id)


def _names(records, vals, always, by_hand):
    names = always.intersection(vals)
    return names if records.env.su else names | by_hand.intersection(vals)


def _changes(record, vals, name):
    if name == "payment_state" and {record[name], vals[name]} == _BLOCKING:
        return False
    return record.env["account.move"]._field_will_change(record, vals, name)
