# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The financial guarantee that the Urssaf wants: from the first euro of whoever declares
deposits, else above a sum declared in a calendar year (LFSS 2024, art. 5, and the decree of
4 December 2024; in force since 2026). The sum is a row of ``l10n_fr_sap.ceiling``: where no
row is in force, no guarantee is asked for."""

from datetime import date, timedelta

from odoo.tools import format_amount, format_date, plaintext2html

from .activities import keeper_of
from .money import midnight, today
from .states import NOT_LIVE

ACTIVITY = "l10n_fr_urssaf_sap.activity_guarantee"
# A bank or an insurer takes its time.
_BEFORE = timedelta(days=60)


def declared(company, year):
    """What a company known to the Urssaf has declared there in a calendar year, in euros:
    what was refused or cancelled is not part of it. (What was paid ahead by the invoice of
    a down payment is left out; whoever declares that needs the guarantee anyway.)

    :rtype: float
    """
    start, end = (midnight(date(each, 1, 1)) for each in (year, year + 1))
    requests = company.env["l10n_fr_sap.payment.request"].sudo()
    [[total]] = requests._read_group(
        [
            ("company_id", "=", company.id),
            ("environment", "=", company.sudo().l10n_fr_sap_environment),
            ("state", "not in", NOT_LIVE),
            ("sent_at", ">=", start),
            ("sent_at", "<", end),
        ],
        [],
        ["amount_total:sum"],
    )
    return company.currency_id.round(total)


def describe_declared(company):
    """The year's running total beside the sum that it is held against."""
    year, env = today(company).year, company.env
    amount = format_amount(env, declared(company, year), company.currency_id)
    if not (row := _threshold(company, year)):
        return amount
    return env._(
        "%(amount)s of the %(limit)s above which a financial guarantee is needed (figure of"
        " %(since)s)",
        amount=amount,
        limit=format_amount(env, row.amount, company.currency_id),
        since=row.year,
    )


def reasons_of(company):
    """Why somebody has to see to the guarantee, ``{key: text}``; each key stands for what
    is to be told once."""
    day, end = today(company), company.l10n_fr_sap_guarantee_end
    row = _threshold(company, day.year)
    reasons = {}
    if end and day >= end - _BEFORE:
        reasons[f"end {end}"] = company.env._(
            "The financial guarantee ends on %s: please send the Urssaf a new certificate,"
            " and enter its amount and end in the Invoicing settings.",
            format_date(company.env, end),
        )
    if row and not (end and end >= day):
        reasons |= _reasons_without(company, row, day.year)
    return reasons


def remind(company):
    """An activity for whoever keeps the books, once for each reason."""
    user = keeper_of(company)
    reasons = reasons_of(company.with_context(lang=user.lang))
    key = ", ".join(reasons)
    if key == (company.sudo().l10n_fr_sap_guarantee_told or ""):
        return
    company.sudo().l10n_fr_sap_guarantee_told = key
    company.partner_id.activity_unlink([ACTIVITY])
    if reasons:
        company.partner_id.activity_schedule(
            ACTIVITY,
            date_deadline=company.l10n_fr_sap_guarantee_end or today(company),
            user_id=user.id,
            note=plaintext2html("\n".join(reasons.values())),
        )


def _reasons_without(company, row, year):
    """The same where no guarantee is valid today."""
    env, currency, reasons = company.env, company.currency_id, {}
    if company.l10n_fr_sap_deposits_allowed:
        reasons["deposits"] = env._(
            "Deposits may be declared, but no financial guarantee that is valid today is"
            " entered in the Invoicing settings: since %s, the Urssaf wants one from the"
            " first euro.",
            row.year,
        )
    amount = declared(company, year)
    near = currency.round(row.amount * row.warn_percent / 100)
    if currency.compare_amounts(amount, near) >= 0:
        level = "over" if currency.compare_amounts(amount, row.amount) > 0 else "near"
        reasons[f"{level} {year}"] = env._(
            "Declared to the Urssaf in %(year)s: %(amount)s. Above %(limit)s in a calendar"
            " year it wants a financial guarantee (figure of %(since)s): please ask a bank"
            " or an insurer for its certificate.",
            year=year,
            amount=format_amount(env, amount, currency),
            limit=format_amount(env, row.amount, currency),
            since=row.year,
        )
    return reasons


def _threshold(company, year):
    rows = company.env["l10n_fr_sap.ceiling"]._in_force(year, "declared")
    return rows[:1]
