# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a draft lacks: told while it is typed, not once it is confirmed."""

from dataclasses import replace

from odoo import fields

from .payload import service_lines
from .period import period_of


def as_confirmed(move, request):
    """The payment request of this draft with what confirming it fills in.

    :rtype: PaymentRequest
    """
    start, end = period_to_confirm(move)
    return replace(
        request,
        number=request.number or "1",  # any: the journal gives it
        invoice_date=_day(move),
        date_from=start,
        date_to=end,
    )


def period_to_confirm(move):
    """The first and the last day of the services: as entered, else as they are proposed
    once the invoice is confirmed.

    :rtype: tuple[datetime.date, datetime.date]
    """
    start, end = period_of(move, _day(move))
    return move.l10n_fr_sap_date_from or start, move.l10n_fr_sap_date_to or end


def _day(move):
    return move.invoice_date or fields.Date.context_today(move)


def is_to_be_fixed(move):
    """Whether this draft is an invoice of which to tell what it lacks."""
    return (
        # What costs nothing comes first: most invoices are nothing to the Urssaf.
        move.state == "draft"
        and move.move_type == "out_invoice"
        and move.l10n_fr_sap_particulier
        and not move.l10n_fr_sap_paid_directly
        and not move.l10n_fr_sap_live
    )


def left_once_confirmed(move, obstacles):
    """Of the obstacles of this draft, those that confirming it does not remove.

    :rtype: list[Obstacle]
    """
    expected = ["state"]
    if not service_lines(move):
        expected += ["invoice_line_ids", "amount_total"]
    elif not move.id:
        expected.append("amount_total")  # Odoo adds it up once it is saved
    return [each for each in obstacles if each.field not in expected]
