# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The 48 hours in which the customer of a payment request may dispute it: without an
answer it counts as accepted. The Urssaf does not say when they begin. They are counted from
when it was first seen to wait for the customer, which is an estimate."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Domain

from .money import midnight, today
from .payload import PARIS

AWAITING = "awaiting_validation"
_HOURS = timedelta(hours=48)
_REMIND_AFTER = timedelta(hours=36)
_DAY = timedelta(days=1)


def tacit_at(request):
    """When it counts as accepted, in UTC; False where it does not wait for the customer, or
    nobody knows since when."""
    waits = request.state == AWAITING and request.notified_at
    return waits and waits + _HOURS


def agenda_date(request):
    """The day in Paris on which it counts as accepted, or the day of its transfer."""
    if request.state == "paid":
        return request.transfer_date
    moment = tacit_at(request)
    in_paris = request.with_context(tz=PARIS)
    return moment and fields.Datetime.context_timestamp(in_paris, moment).date()


def agenda_domain(operator, day):
    """Those whose ``agenda_date`` is before or after this day, or that very one.

    :param operator: one of ``=``, ``<``, ``<=``, ``>``, ``>=``
    """
    if operator == "=":
        return agenda_domain(">=", day) & agenda_domain("<=", day)
    bound = "<" if operator in ("<", "<=") else ">="
    begun = day + _DAY if operator in ("<=", ">") else day
    tacit = Domain("state", "=", AWAITING) & Domain(
        "notified_at", bound, midnight(begun) - _HOURS
    )
    return tacit | Domain("state", "=", "paid") & Domain("transfer_date", operator, day)


def tacit_today_domain(env):
    """Those that count as accepted today, in Paris."""
    day = today(env["l10n_fr_sap.payment.request"])
    return Domain("state", "=", AWAITING) & agenda_domain("=", day)


def to_remind_domain(companies):
    """Those of these companies whose customers are to be reminded: they have an address,
    and some hours left, and nobody has asked the Urssaf to cancel it."""
    now = fields.Datetime.now()
    return Domain(
        [
            ("state", "=", AWAITING),
            ("notified_at", "<=", now - _REMIND_AFTER),
            ("notified_at", ">", now - _HOURS),
            ("customer_reminded_at", "=", False),
            ("cancel_asked_at", "=", False),
            ("company_id", "in", companies.ids),
            ("partner_id.email", "!=", False),
        ]
    )
