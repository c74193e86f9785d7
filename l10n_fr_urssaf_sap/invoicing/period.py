# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The days on which the services of an invoice took place."""

from .payload import service_lines


def proposed_period(move):
    """The first and the last day that are proposed for the services of an invoice: those
    of its lines (a discount is no service), else its month up to its own date; nothing
    where none is proposed, since the date of an invoice is known for good only once it is
    posted.

    :rtype: tuple[datetime.date | bool, datetime.date | bool]
    """
    if (move.move_type, move.state) != ("out_invoice", "posted"):
        return False, False
    if not move.l10n_fr_sap_particulier:
        return False, False
    return period_of(move, move.invoice_date)


def period_of(move, day):
    """The same for an invoice that is, or would be, dated ``day``.

    :rtype: tuple[datetime.date, datetime.date]
    """
    lines = service_lines(move).filtered(lambda line: line.price_total >= 0)
    starts = lines.filtered("l10n_fr_sap_date_from").mapped("l10n_fr_sap_date_from")
    ends = lines.filtered("l10n_fr_sap_date_to").mapped("l10n_fr_sap_date_to")
    end = max(ends, default=day)
    return min(starts, default=end.replace(day=1)), end
