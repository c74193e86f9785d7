# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The ceilings of the tax credit (CGI, art. 199 sexdecies; Code du travail, D.7233-5),
beside what a customer has spent here: what the year's certificate will say, the payment
requests under way, and the invoice at hand. Only a warning: the household, and what it
spends with other providers, are known to the Urssaf alone."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from odoo import models
from odoo.fields import Domain
from odoo.tools import format_amount

from ..texts.obstacle import Obstacle
from .certificate import (
    WITHOUT_CREDIT,
    companies_of,
    eligible_items,
    year_domain,
    year_figures,
)
from .mentions import hours_text
from .money import today
from .payload import UNPAID, charges_of, euros, line_label, service_lines
from .settlements import INVOICES, settlements_of
from .states import OPEN

_ZERO = Decimal(0)
# Roundings of cents put less than this between the lines of many invoices and their totals.
_CLOSE = Decimal("0.99")


@dataclass(frozen=True)
class _Limit:
    """How much of some natures, all where there are none, gives a customer a tax credit;
    ``row`` says which figure it is, and ``own`` whether the customer has another one."""

    row: models.BaseModel
    amount: Decimal
    own: bool

    @property
    def near(self):
        return self.amount * self.row.warn_percent / 100

    def spent(self, by_nature):
        codes = self.row.nature_ids.mapped("code") or by_nature
        return sum((by_nature.get(code, _ZERO) for code in codes), _ZERO)


def ceiling_warnings(moves):
    """What the customers of these invoices, which are to be sent, should know before.

    :rtype: dict[AccountMove, list[Obstacle]]
    """
    found = {}
    moves = moves.filtered(lambda move: move.currency_id.name == "EUR")
    for (company, year), some in moves.grouped(_company_and_year).items():
        rows = moves.env["l10n_fr_sap.ceiling"]._in_force(year, "expenses", "hours")
        by_kind = rows.grouped("kind")
        expenses = by_kind.get("expenses", rows.browse())
        own = {move: _by_nature(move) for move in some}
        spent = _spent_before(own, company, year, expenses)
        for move in some:
            partner = _customers(move)
            warnings = _of_jobs(move, by_kind.get("hours", ()))
            if partner in spent:
                _add(spent[partner], own[move])
                limits = _limits(partner, expenses)
                warnings += _of_year(move, year, limits, own[move], spent[partner])
            if warnings:
                found[move] = warnings
    return found


def _customers(moves):
    # On a form that is being edited they are shadows of the records.
    return moves.l10n_fr_sap_particulier_id._origin


def _company_and_year(move):
    """Whose customer's year it counts in: it will be paid this year, or later."""
    day = max(today(move), move.invoice_date or today(move))
    return move.company_id._l10n_fr_sap_registered_company(), day.year


# The year's expenses


def _of_year(move, year, limits, own, by_nature):
    return [
        _describe_year(move, year, limit, limit.spent(by_nature))
        for limit in limits
        # What this invoice adds nothing to was said before.
        if limit.spent(own) and limit.spent(by_nature) >= limit.near
    ]


def _describe_year(move, year, limit, spent):
    env, currency, row = move.env, move.currency_id, limit.row
    since = env._("ceiling of %s", row.year)
    values = {
        "what": row.name,
        "year": year,
        "spent": format_amount(env, float(spent), currency),
        "limit": format_amount(env, float(limit.amount), currency),
        "origin": env._("the household's own ceiling") if limit.own else since,
    }
    if spent < limit.amount:
        rule = "near"
        text = env._(
            "%(what)s in %(year)s: %(spent)s with this invoice, of the %(limit)s that give"
            " a tax credit (%(origin)s). What the household spends with other providers is"
            " not known here.",
            **values,
        )
    else:
        rule = "over"
        text = env._(
            "%(what)s in %(year)s: %(spent)s with this invoice. The %(limit)s that give a"
            " tax credit are used up (%(origin)s): the customer pays in full what is above."
            " What the household spends with other providers is not known here.",
            **values,
        )
    return Obstacle("l10n_fr_sap_ceiling", rule, text, _customers(move))


def _limits(partner, rows):
    for row in rows:
        own = not row.nature_ids and euros(
            partner.currency_id, partner.l10n_fr_sap_ceiling
        )
        amount = own or Decimal(f"{row.amount:.2f}")
        yield _Limit(row, amount, bool(own))


def _spent_before(own, company, year, rows):
    """``{customer: {nature: amount}}`` of those who may be near a ceiling with all of these
    invoices: what they have spent in the year without them. One query finds the others.

    :param own: ``{invoice: {nature: amount}}``
    """
    first, *others = own
    moves = first.concat(*others)
    close = _customers(moves).browse()
    at_most = _at_most(moves, company, year)
    for move in moves:
        _add(at_most[_customers(move)], own[move])
    for partner in _customers(moves):
        limits = _limits(partner, rows)
        if any(
            limit.spent(at_most[partner]) >= limit.near * _CLOSE for limit in limits
        ):
            close |= partner
    spent = {partner: defaultdict(Decimal) for partner in close}
    if not close:
        return spent
    for partner, figures in year_figures(company, year, close).items():
        for item in figures.items:
            spent[partner][item.nature] += item.amount
    under_way = Domain("id", "not in", moves.ids) & _under_way(company, close)
    for move in moves.sudo().search(under_way):
        _add(spent[_customers(move)], _by_nature(move))
    return spent


def _at_most(moves, company, year):
    """The same of all that may count beside these invoices, with nothing taken off."""
    partners = _customers(moves)
    counting = year_domain(company, year, partners) | _under_way(company, partners)
    lines = moves.env["account.move.line"].sudo()
    groups = lines._read_group(
        Domain("display_type", "=", "product")
        & Domain("price_total", ">", 0)
        & Domain("l10n_fr_sap_nature_id.code", "not in", WITHOUT_CREDIT)
        & Domain(
            "move_id",
            "any",
            Domain("move_type", "in", INVOICES)
            & Domain("id", "not in", moves.ids)
            & counting,
        ),
        ["partner_id", "l10n_fr_sap_nature_id"],
        ["price_total:sum"],
    )
    found = {partner: defaultdict(Decimal) for partner in partners}
    for holder, nature, amount in groups:
        # A customer's invoices stay theirs when the contact gets a parent company.
        for partner in holder if holder in partners else partners:
            found[partner][nature.code] += Decimal(f"{amount:.2f}")
    return found


def _under_way(company, partners):
    """The invoices that the Urssaf has, or is about to get, and has not paid yet."""
    platforms = ("production", company.sudo().l10n_fr_sap_environment)
    requests = Domain("environment", "in", platforms) & (
        Domain("state", "in", ("to_send", *OPEN))
        | Domain("state", "=", "paid") & Domain("transfer_date", "=", False)
    )
    return (
        Domain("company_id", "in", companies_of(company).ids)
        & Domain("state", "=", "posted")
        & Domain("payment_state", "in", UNPAID)
        & Domain("l10n_fr_sap_particulier_id", "in", partners.ids)
        & Domain("l10n_fr_sap_request_id", "any", requests)
    )


def _by_nature(move):
    amounts = defaultdict(Decimal)
    for item in eligible_items(move, settlements_of(move)):
        amounts[item.nature] += item.amount
    return amounts


def _add(amounts, more):
    for nature, amount in more.items():
        amounts[nature] += amount


# One job


def _of_jobs(move, rows):
    """A line that says of one day more hours than one job may take."""
    lines, charges = service_lines(move), charges_of(move)[2]
    return [
        _describe_job(line, number, charge.hours, row)
        for row in rows
        for number, (line, charge) in enumerate(zip(lines, charges, strict=True), 1)
        if charge.nature in row.nature_ids.mapped("code")
        and _is_of_one_day(line)
        and charge.hours
        and charge.hours > Decimal(f"{row.amount:.2f}")
    ]


def _is_of_one_day(line):
    move = line.move_id
    start = line.l10n_fr_sap_date_from or move.l10n_fr_sap_date_from
    end = line.l10n_fr_sap_date_to or (
        line.l10n_fr_sap_date_from or move.l10n_fr_sap_date_to
    )
    return bool(start) and start == end


def _describe_job(line, number, hours, row):
    def describe(which):
        return line.env._(
            "Line “%(line)s”: %(hours)s on one day. One job gives a tax credit up to"
            " %(limit)s (%(what)s, rule of %(year)s).",
            line=which,
            hours=hours_text(hours),
            limit=hours_text(Decimal(f"{row.amount:.2f}")),
            what=row.name,
            year=row.year,
        )

    text, public = describe(line_label(line, number)), describe(number)
    return Obstacle("invoice_line_ids", "hours", text, line.move_id, public)
