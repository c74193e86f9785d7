# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A payment request covers one calendar month (ERR_PERIODE_EMPLOI_MOIS_NON_UNIQUE): a
draft invoice over several months becomes one draft a month."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tools import float_round

from .payload import service_lines

# A line over more has a mistyped year: nobody invoices so much at once.
_MOST_MONTHS = 12
_TRIES = 100  # hundredths of a unit that a part may leave its share of the days


def is_over_several_months(move):
    """Whether the services of this invoice are dated in several months."""
    lines = service_lines(move)
    days = [
        move.l10n_fr_sap_date_from,
        move.l10n_fr_sap_date_to,
        *lines.mapped("l10n_fr_sap_date_from"),
        *lines.mapped("l10n_fr_sap_date_to"),
    ]
    return len({(day.year, day.month) for day in days if day}) > 1


def split_by_month(move):
    """Leave the lines of the first month on this draft, and make a draft of each other
    month. A line over several months is shared out by days.

    :return: the drafts, this one first
    :raise UserError: unless there are services dated in several months; when the drafts
        would not come to the same total
    """
    _share_lines(move)
    lines = service_lines(move).filtered(_day)
    months = lines.grouped(lambda line: _day(line).replace(day=1))
    if len(months) < 2:
        raise UserError(
            move.env._(
                "There is nothing to split: give the lines of this invoice their"
                " dates, in the columns Services From and Services To."
            )
        )
    before = (move.amount_untaxed, move.amount_total)
    drafts = move
    for month in sorted(months)[1:]:
        drafts |= _draft_of(move, months[month])
    _check_totals(drafts, before)
    return drafts


def _check_totals(drafts, before):
    currency = drafts.currency_id
    if any(currency.compare_amounts(draft.amount_total, 0) <= 0 for draft in drafts):
        raise UserError(
            drafts.env._(
                "A discount or down payment is more than the services of a month."
                " Please share the lines out yourself."
            )
        )
    after = sum(drafts.mapped("amount_untaxed")), sum(drafts.mapped("amount_total"))
    if any(currency.compare_amounts(*pair) for pair in zip(before, after, strict=True)):
        raise UserError(
            drafts.env._(
                "One invoice a month would not come to the same total to the cent."
                " Please share the lines out yourself."
            )
        )


def _day(line):
    return line.l10n_fr_sap_date_to or line.l10n_fr_sap_date_from


def _draft_of(move, lines):
    """Another draft like this one, with these of its lines, which leave this one."""
    values = [_copy_values(line) for line in lines]
    draft = move.copy(
        {
            "invoice_date": move.invoice_date,
            # Odoo does not copy these.
            "invoice_user_id": move.invoice_user_id.id,
            "invoice_origin": move.invoice_origin,
            "ref": move.ref,
            "line_ids": [],
            "invoice_line_ids": [Command.create(vals) for vals in values],
        }
    )
    move.write({"invoice_line_ids": [Command.delete(line.id) for line in lines]})
    return draft


def _share_lines(move):
    """Make one line a month of each that goes over several. A line without dates goes
    over the period of the invoice, which each draft then proposes anew."""
    _check_years(move)
    start, end = move.l10n_fr_sap_date_from, move.l10n_fr_sap_date_to
    move.write({"l10n_fr_sap_date_from": False, "l10n_fr_sap_date_to": False})
    for line in service_lines(move):
        if start and end and not _day(line) and line.price_total > 0:
            line.write({"l10n_fr_sap_date_from": start, "l10n_fr_sap_date_to": end})
        if parts := _parts(line):
            first, *others = parts
            values = _copy_values(line)
            line_values = [Command.update(line.id, first)]
            line_values += [Command.create(values | part) for part in others]
            move.write({"invoice_line_ids": line_values})


def _check_years(move):
    """
    :raise UserError: when there are too many months from the first day of the invoice, or
        of a line, to the last
    """
    if _months(move) > _MOST_MONTHS:
        raise UserError(
            move.env._(
                "Services From and Services To of this invoice are more than %s months"
                " apart. Please check the years.",
                _MOST_MONTHS,
            )
        )
    for number, line in enumerate(service_lines(move), 1):
        if _months(line) > _MOST_MONTHS:
            raise UserError(
                move.env._(
                    "Line %(number)s: Services From and Services To are more than"
                    " %(months)s months apart. Please check the years.",
                    number=number,
                    months=_MOST_MONTHS,
                )
            )


def _months(record):
    """How many months the services of an invoice or of a line go over."""
    start, end = record.l10n_fr_sap_date_from, record.l10n_fr_sap_date_to
    if not (start and end):
        return 0
    return 12 * (end.year - start.year) + end.month - start.month + 1


def _copy_values(line):
    [values] = line.copy_data()
    values.pop("move_id", None)
    if "sale_line_ids" in line._fields:
        # Without it the sales order would count this line as never invoiced.
        values["sale_line_ids"] = [Command.set(line.sale_line_ids.ids)]
    return values


def _parts(line):
    """This line a month: quantity and dates of each part, in proportion to the days
    and to the same total; nothing where it lies in one month."""
    start, end = line.l10n_fr_sap_date_from, line.l10n_fr_sap_date_to
    if not (start and end) or (start.year, start.month) == (end.year, end.month):
        return []
    parts, left, day = [], line.quantity, start
    while day <= end:
        last = min(end, day + relativedelta(day=31))
        share = left * ((last - day).days + 1) / ((end - day).days + 1)
        quantity = left if last == end else _nearest_quantity(line, share, left)
        parts.append(
            {
                "quantity": quantity,
                "l10n_fr_sap_date_from": day,
                "l10n_fr_sap_date_to": last,
            }
        )
        left, day = left - quantity, last + timedelta(days=1)
    return parts


def _nearest_quantity(line, share, whole):
    """The quantity nearest to ``share`` whose amounts and those of the rest come to the
    amounts of the ``whole``, to the cent."""
    share = float_round(share, precision_digits=2)
    for step in range(_TRIES):
        for part in (share + step / 100, share - step / 100):
            if 0 < part < whole and _adds_up(line, part, whole):
                return float_round(part, precision_digits=2)
    return share


def _adds_up(line, part, whole):
    def amounts(quantity):
        price = line.price_unit * (1 - line.discount / 100)
        totals = line.tax_ids.compute_all(price, line.currency_id, quantity)
        return totals["total_excluded"], totals["total_included"]

    currency = line.currency_id
    return not any(
        currency.compare_amounts(one + rest, both)
        for one, rest, both in zip(
            amounts(part), amounts(whole - part), amounts(whole), strict=True
        )
    )
