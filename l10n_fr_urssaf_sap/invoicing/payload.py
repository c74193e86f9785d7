# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What an invoice holds, as the library takes it: the payment request that it makes, its
lines of services, what was paid ahead."""

from decimal import Decimal

from ..urssaf.documents.payment_request import PaymentRequest
from ..urssaf.documents.services import Charge, discounts, services

# The customer has not settled such an invoice, or only in part.
UNPAID = ("not_paid", "partial")
PARIS = "Europe/Paris"  # the Urssaf's clock
_LONGEST = 500  # characters of what a line says
_LABEL = 80  # characters that say which line it is
_LAST = float("inf")  # the place of a line that is being typed


def euros(currency, amount):
    """An amount of Odoo's as the library takes it: Decimal, two decimals."""
    return Decimal(f"{currency.round(amount):.2f}")


def payment_request_of(move, company, registration, number):
    """The payment request of this invoice under ``number``.

    :param company: the one known to the Urssaf
    :param registration: the customer's registration by it, perhaps none
    :rtype: PaymentRequest
    """
    move.ensure_one()
    gross, net, charges = charges_of(move)
    deposit, deposit_date = deposit_of(move)
    return PaymentRequest(
        nova_number=company.l10n_fr_sap_nova_number or "",
        particulier_id=registration.urssaf_id or "",
        birth_date=move.l10n_fr_sap_particulier_id.l10n_fr_sap_birth_date or None,
        number=number,
        invoice_date=move.invoice_date or None,
        date_from=move.l10n_fr_sap_date_from or None,
        date_to=move.l10n_fr_sap_date_to or None,
        gross=gross,
        net=net,
        services=services(charges, gross, net),
        deposit=deposit,
        deposit_date=deposit_date,
        discounts=discounts(charges),
    )


def service_lines(move):
    """The lines of services; one that deducts a down payment belongs to the deposit."""
    lines = move.invoice_line_ids
    found = lines.filtered(
        lambda line: line.display_type == "product" and not _is_deducted(line)
    )
    # Where there are many invoices, what their lines have is read at once.
    return found.sorted(_place).with_prefetch(lines._prefetch_ids)


def line_label(line, number):
    """Which of the lines of an invoice this is: the beginning of its own text, else its
    number."""
    return str(line.name or line.product_id.display_name or number)[:_LABEL]


def charges_of(move):
    """The gross and net totals of the invoice before any deposit, and its charges.

    :rtype: tuple[Decimal, Decimal, list[Charge]]
    """
    deducted = deducted_lines(move)
    gross = euros(move.currency_id, move.amount_total)
    net = euros(move.currency_id, move.amount_untaxed)
    lines = service_lines(move)
    texts = _texts(move, lines)
    return (
        gross - sum(euros(line.currency_id, line.price_total) for line in deducted),
        net - sum(euros(line.currency_id, line.price_subtotal) for line in deducted),
        [_charge(line, texts[line]) for line in lines],
    )


def deducted_lines(move):
    """The lines that deduct a down payment of the sales order."""
    return move.invoice_line_ids.filtered(_is_deducted)


def down_payments(move):
    """The invoices of the down payments that this one deducts."""
    deducted = deducted_lines(move)
    if not deducted:
        return move.browse()
    asked = deducted.sale_line_ids.invoice_lines.filtered(
        lambda line: line.price_total > 0 and line.parent_state == "posted"
    )
    return asked.move_id - move


def receivable_items(move):
    """The journal items of an entry on its customers' accounts."""
    lines = move.line_ids
    return lines.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    ).with_prefetch(lines._prefetch_ids)


def items_paid_ahead(move):
    """The journal items that have settled this invoice in part."""
    items = move.env["account.move.line"]
    if move.payment_state == "not_paid":
        return items  # without a query
    partials = move._get_all_reconciled_invoice_partials() or []
    return items.concat(*(partial["aml"] for partial in partials))


def deposit_of(move):
    """What the customer paid ahead, in euros, and the last day of it: the down payments
    that the invoice deducts, and payments of the invoice itself.

    :rtype: tuple[Decimal, datetime.date | None]
    """
    if move.payment_state not in UNPAID:
        return Decimal(0), None
    paid = move.currency_id.round(move.amount_total - move.amount_residual)
    amount = euros(move.currency_id, paid) - sum(
        euros(line.currency_id, line.price_total) for line in deducted_lines(move)
    )
    days = items_paid_ahead(move).mapped("date")
    for invoice in down_payments(move):
        days += items_paid_ahead(invoice).mapped("date")
    return amount, max(days, default=move.invoice_date) if amount else None


def _place(line):
    return line.sequence, line.id or _LAST


def _is_deducted(line):
    # The field is of Odoo's Sales, which may not be installed.
    return (
        "is_downpayment" in line._fields
        and line.is_downpayment
        and line.price_total < 0
    )


def _texts(move, lines):
    """What each line of services says: its section, its own text, its notes."""
    texts, section, loose, last = {}, "", [], None
    for line in move.invoice_line_ids.sorted(_place):
        text = " ".join((line.name or "")[:_LONGEST].split())
        if line.display_type in ("line_section", "line_subsection"):
            section = text
        elif line.display_type == "line_note":
            (texts[last] if last else loose).append(text)
        elif line in lines:
            texts[line] = [section, text, *loose]
            loose, last = [], line
    return {line: " – ".join(filter(None, parts)) for line, parts in texts.items()}


def _charge(line, text):
    return Charge(
        nature=line.l10n_fr_sap_nature_id.code or "",
        gross=euros(line.currency_id, line.price_total),
        net=euros(line.currency_id, line.price_subtotal),
        hours=_hours(line),
        description=text,
        date_from=line.l10n_fr_sap_date_from or None,
        date_to=line.l10n_fr_sap_date_to or None,
        taxes=str(sorted(line.tax_ids.ids)),
    )


def _hours(line):
    """The quantity in hours, None where its unit does not measure time."""
    # env.ref would ask the database each time whether they still exist.
    known = line.env["ir.model.data"]._xmlid_to_res_id
    hour, minute = (
        line.env["uom.uom"].browse(known(f"uom.product_uom_{unit}"))
        for unit in ("hour", "minute")
    )
    unit = line.product_uom_id
    if not hour or not unit or not unit._has_common_reference(hour):
        return None
    quantity = Decimal(str(line.quantity))
    if unit == minute:
        # Odoo holds a minute as 0.0166667 hours: 90 minutes would make 1.500003.
        return quantity / 60
    return quantity * Decimal(str(unit.factor)) / Decimal(str(hour.factor))
