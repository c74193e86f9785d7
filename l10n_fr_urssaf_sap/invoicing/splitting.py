# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A payment request covers one calendar month (ERR_PERIODE_EMPLOI_MOIS_NON_UNIQUE), and
nothing from before the customer's activation (ERR_LIEN_PARTICULIER_PRESTATAIRE): a draft
invoice over several months, or over that day, becomes several drafts."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tools import float_round, groupby

from .payload import service_lines

# A line over more has a mistyped year: nobody invoices so much at once.
_MOST_MONTHS = 12
_START, _END = "l10n_fr_sap_date_from", "l10n_fr_sap_date_to"
_TRIES = 100  # hundredths of a unit that a part may leave its share of the days


def is_over_several_months(move):
    """Whether the services of this invoice are dated in several months."""
    return len(set(map(_month, _days(move)))) > 1


def is_over_several_days(move):
    """Whether there may be something to split: this asks nothing of the customer."""
    return len(set(_days(move))) > 1


def helps_at_activation(move, day):
    """Whether the services of this invoice are dated both before ``day``, that of the
    customer's activation, and from then on."""
    days = _days(move)
    return bool(days) and min(days) < day <= max(days)


def split_by_month(move):
    """Leave the lines of the first month on this draft, and make a draft of each other
    month. A line over several months is shared out by days.

    :return: the drafts, this one first
    :raise UserError: unless this is a draft with services dated in several months; when
        the drafts would not come to the same total
    """
    return _split(move, _month)


def split_at_activation(move):
    """Leave the lines from before the day of the customer's activation on this draft,
    which is paid directly, and make a draft of the others. A line over both is shared out
    by days.

    :return: the drafts, this one first
    :raise UserError: unless this is a draft with services dated on both sides; when the
        drafts would not come to the same total
    """
    activation_day = move.sudo()._l10n_fr_sap_prepare()[0].activation_day
    if not activation_day:
        raise UserError(
            move.env._("The customer has not activated the avance immédiate yet.")
        )
    drafts = _split(move, lambda day: day >= activation_day)
    move.l10n_fr_sap_paid_directly = True  # after the others were copied from it
    return drafts


def _split(move, part_of):
    """Make a draft of each part of this one but the first. ``part_of`` tells which part a
    day belongs to; parts are in the order of their days."""
    if move.state != "draft":
        raise UserError(move.env._("Only a draft invoice can be split."))
    _share_lines(move, part_of)
    lines = service_lines(move).filtered(_day)
    parts = lines.grouped(lambda line: part_of(_day(line)))
    if len(parts) < 2:
        raise UserError(
            move.env._(
                "There is nothing to split: give the lines of this invoice their"
                " dates, in the columns Services From and Services To."
            )
        )
    before = (move.amount_untaxed, move.amount_total)
    drafts = move
    for part in sorted(parts)[1:]:
        drafts |= _draft_of(move, parts[part])
    _check_totals(drafts, before)
    return drafts


def _days(move):
    """The days between which the services of this invoice are; a discount is none. Lines
    without dates go over the period of the invoice."""
    lines = service_lines(move).filtered(lambda line: line.price_total > 0)
    dated = lines.filtered(_day)
    days = [*dated.mapped(_START), *dated.mapped(_END)]
    if dated != lines:
        days += [move[_START], move[_END]]
    return [day for day in days if day]


def _month(day):
    return day.replace(day=1)


def _check_totals(drafts, before):
    currency = drafts.currency_id
    if any(currency.compare_amounts(draft.amount_total, 0) <= 0 for draft in drafts):
        raise UserError(
            drafts.env._(
                "A discount or down payment is more than the services of one invoice."
                " Please share the lines out yourself."
            )
        )
    after = sum(drafts.mapped("amount_untaxed")), sum(drafts.mapped("amount_total"))
    if any(currency.compare_amounts(*pair) for pair in zip(before, after, strict=True)):
        raise UserError(
            drafts.env._(
                "The invoices would not come to the same total to the cent."
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
            "l10n_fr_sap_paid_directly": move.l10n_fr_sap_paid_directly,
            "line_ids": [],
            "invoice_line_ids": [Command.create(vals) for vals in values],
        }
    )
    move.write({"invoice_line_ids": [Command.delete(line.id) for line in lines]})
    return draft


def _share_lines(move, part_of):
    """Make one line a part of each that goes over several. A line without dates goes
    over the period of the invoice, which each draft then proposes anew."""
    _check_years(move)
    start, end = move.l10n_fr_sap_date_from, move.l10n_fr_sap_date_to
    move.write({"l10n_fr_sap_date_from": False, "l10n_fr_sap_date_to": False})
    for line in service_lines(move):
        if start and end and not _day(line) and line.price_total > 0:
            line.write({"l10n_fr_sap_date_from": start, "l10n_fr_sap_date_to": end})
        if parts := _parts(line, part_of):
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


def _parts(line, part_of):
    """This line in parts: quantity and dates of each, in proportion to the days and to
    the same total; nothing where it lies in one part."""
    start, end = line.l10n_fr_sap_date_from, line.l10n_fr_sap_date_to
    if not (start and end):
        return []
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    spans = [span for _part, span in groupby(days, part_of)]
    parts, left = [], line.quantity
    for span in spans if len(spans) > 1 else ():
        share = left * len(span) / ((end - span[0]).days + 1)
        last = span[-1]
        quantity = left if last == end else _nearest_quantity(line, share, left)
        parts.append(
            {
                "quantity": quantity,
                "l10n_fr_sap_date_from": span[0],
                "l10n_fr_sap_date_to": last,
            }
        )
        left -= quantity
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
