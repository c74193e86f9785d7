# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What of a payment request ought to be in the books, what is missing there, and why
somebody has to look at it first."""

from datetime import datetime, time, timezone
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.tools import format_amount, format_date

from .payload import PARIS, euros
from .states import FIRST_TRANSFER, FURTHEST_TRANSFER, PAID_BACK


def target_of(request):
    """How much of the Urssaf's money is to be in the books. What is documented nowhere, and
    what may still turn out well, moves no money by itself.

    :rtype: float
    """
    if request.state == "paid" and request.transfer_amount > 0:
        return request.transfer_amount
    return 0 if request.state in PAID_BACK else request.booked_amount


def missing_of(request):
    """How much is to be booked, in euros: below zero where the Urssaf takes money back, 0
    where the books say what it says."""
    return request.currency_id.round(target_of(request) - request.booked_amount)


def booking_day(request):
    """The day of its entry: that of the transfer, or the one on which it is learnt that
    the Urssaf takes money back."""
    return today(request) if missing_of(request) < 0 else request.transfer_date


def is_due(request):
    """Whether it waits to be booked, and its day has come."""
    if request.money_state != "todo" or not missing_of(request):
        return False
    return not _is_announced(request)


def transfer_key(request):
    """What the transfer that it is to be booked with is known by: company, environment,
    date. None where no new one is needed, or the Urssaf gives no date that makes sense."""
    if missing_of(request) > 0 and _is_sensible(request.transfer_date):
        return request.company_id, request.environment, request.transfer_date
    return None


def why_not_booked(request, amount, anyway=False):
    """Why somebody has to look at a request before ``amount`` is booked; "" where it can
    be.

    :param anyway: somebody has looked, and wants it in the books
    """
    env, move = request.env, request.move_id
    if is_changed_by_hand(request):
        return env._(
            "What was registered of payment request %s was changed by hand in the books"
            " meanwhile: please register the rest by hand as well.",
            request.number,
        )
    if amount < 0:
        return ""
    if not _is_sensible(request.transfer_date):
        return env._(
            "The Urssaf has paid payment request %s, but gives no sensible date of its"
            " transfer: nothing was registered.",
            request.number,
        )
    if move.state != "posted":
        return env._(
            "The Urssaf has paid payment request %s, but the invoice is not confirmed:"
            " nothing was registered.",
            request.number,
        )
    if {move.currency_id.name, move.company_currency_id.name} != {"EUR"}:
        return env._(
            "The Urssaf has paid payment request %s, but not all is in euros here: nothing"
            " was registered.",
            request.number,
        )
    if not anyway and move.currency_id.compare_amounts(move.amount_residual, 0) <= 0:
        return env._(
            "The Urssaf has paid payment request %(number)s (%(amount)s), but nothing is"
            " open on the invoice: nothing was registered. Was it registered by hand, or"
            " has the customer paid as well?",
            number=request.number,
            amount=format_amount(env, amount, request.currency_id),
        )
    return ""


def remark_on(request, amount):
    """What somebody has to look at though ``amount`` can be booked; "" where all is as it
    was to be expected."""
    env, currency, move = request.env, request.currency_id, request.move_id
    if request.state != "paid":
        return ""
    residual = move.amount_residual
    due = request.amount_due or currency.round(request.booked_amount + residual)
    lines = []
    if currency.compare_amounts(request.transfer_amount, due):
        lines.append(
            env._(
                "The Urssaf has transferred %(amount)s for payment request %(number)s, of"
                " which %(due)s was due.",
                amount=format_amount(env, request.transfer_amount, currency),
                number=request.number,
                due=format_amount(env, due, currency),
            )
        )
    if currency.compare_amounts(amount, residual) > 0:
        lines.append(
            env._(
                "%(rest)s more than was open on the invoice (payment request %(number)s)"
                " is now the customer's credit.",
                rest=format_amount(env, amount - max(residual, 0), currency),
                number=request.number,
            )
        )
    return "\n".join(lines)


def announcement(move):
    """What the Urssaf says of its transfer for an invoice that is still open in the books,
    registered automatically or not; "" where it has announced none."""
    request, env = move.l10n_fr_sap_request_id, move.env
    if move.currency_id.is_zero(move.amount_residual) or not request:
        return ""
    if missing_of(request) <= 0 or not _is_sensible(request.transfer_date):
        return ""
    return env._(
        "To be paid by the Urssaf on %(date)s: %(amount)s.",
        date=format_date(env, request.transfer_date),
        amount=format_amount(env, missing_of(request), request.currency_id),
    )


def booked_lines(request):
    """The posted journal items that the addon made of it on the customer's account, and
    that nobody has reversed."""
    lines = request.entry_line_ids
    return lines.filtered(lambda line: is_in_force(line.move_id))


def is_in_force(entry):
    """Whether a journal entry is posted, and nobody has reversed it."""
    reversals = entry.reversal_move_ids.mapped("state")
    return entry.state == "posted" and "posted" not in reversals


def is_changed_by_hand(request):
    """Whether the books say something else than what the addon has put there."""
    booked = euros(request.currency_id, request.booked_amount)
    return booked_lines_sum(request) != booked


def booked_lines_sum(request):
    lines = booked_lines(request)
    return -sum(euros(request.currency_id, line.balance) for line in lines)


def _is_announced(request):
    day = missing_of(request) > 0 and request.transfer_date
    return _is_sensible(day) and day > today(request)


def _is_sensible(day):
    moment = fields.Datetime.to_datetime(day)
    if not moment:
        return False
    return FIRST_TRANSFER <= moment <= fields.Datetime.now() + FURTHEST_TRANSFER


def today(request):
    return fields.Date.context_today(request.with_context(tz=PARIS))


def midnight(day):
    """The moment at which a day begins in Paris, in UTC without a time zone."""
    moment = datetime.combine(day, time.min, ZoneInfo(PARIS))
    return moment.astimezone(timezone.utc).replace(tzinfo=None)
