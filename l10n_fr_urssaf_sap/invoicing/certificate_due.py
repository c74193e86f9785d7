# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who is still to get the tax certificate of a year, and who is told in time."""

from datetime import date

from odoo import fields
from odoo.tools import format_list

from .activities import keeper_of
from .certificate import paid_years, year_figures

ACTIVITY = "l10n_fr_urssaf_sap.activity_certificates"


def last_day(year):
    """The day by which everybody has the certificate of ``year`` ("avant le 31 mars")."""
    return date(year + 1, 3, 30)


def customers_without(company, year):
    """The customers of a company known to the Urssaf who have paid for eligible services in
    this year and were sent no certificate, or not its latest version."""
    figures = year_figures(company, year)
    owed = company.env["res.partner"].sudo()
    owed = owed.concat(*(partner for partner in figures if figures[partner].counted))
    sent = (
        company.env["l10n_fr_sap.certificate"]
        .sudo()
        .search(
            [
                ("company_id", "=", company.id),
                ("year", "=", year),
                ("state", "=", "sent"),
            ]
        )
    )
    return owed - sent.partner_id


def with_paid_years(text, company, year, partners=None):
    """``text``, which says that there is nothing to certify for a year, and after it the
    years of late in which these customers, or any, have paid."""
    this_year = fields.Date.context_today(company).year
    others = {this_year, this_year - 1, this_year - 2} - {year}
    years = paid_years(company, sorted(others), partners)
    if not years:
        return text
    env = company.env
    listed = format_list(env, [str(each) for each in years])
    told = env._("There are payments of %s.", listed)
    return f"{text} {told}"


def remind(company):
    """From January until the last day, an activity for as long as last year's certificates
    are not all sent."""
    today = fields.Date.context_today(company)
    year, partner = today.year - 1, company.partner_id
    known = partner.activity_search([ACTIVITY])
    left = today <= last_day(year) and len(customers_without(company, year))
    if not left:
        known.unlink()
    elif not known:
        user = keeper_of(company)
        company = company.with_context(lang=user.lang)
        partner.activity_schedule(
            ACTIVITY,
            date_deadline=last_day(year),
            user_id=user.id,
            note=company.env._(
                "Certificates of %(year)s not sent yet: %(count)s. See Avance immédiate >"
                " Tax Certificates.",
                year=year,
                count=left,
            ),
        )
