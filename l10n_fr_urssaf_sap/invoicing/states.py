# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The states of a payment request, and what they mean for its invoice."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Domain

from ..urssaf.api.codes import STATUSES

STATES = [
    ("to_send", "To send"),
    ("sending", "Being sent"),
    ("error", "To fix"),
    ("integrated", "Integrated"),
    ("awaiting_validation", "Awaiting validation"),
    ("validated", "Validated"),
    ("refused", "Refused by the customer"),
    ("debited", "Debited"),
    ("debit_refused", "Debit refused"),
    ("paid", "Paid"),
    ("cancelled", "Cancelled"),
    ("cancelled_unpaid", "Cancelled, unpaid"),
    ("cancelled_recovered", "Cancelled, recovered"),
    ("cancelled_other", "Cancelled, other reason"),
    ("recovered", "Recovered by the provider"),
    ("provider_unpaid", "Owed by the provider"),
    ("provider_settled", "Settled by the provider"),
    ("unknown", "Unknown status"),
]
# What the Urssaf says of a request that it holds.
HELD = (*(status.key for status in STATUSES), "unknown")
# Which state may follow which. The Urssaf is the authority: any of its own may follow any
# other, also one of a request that was refused or cancelled.
TRANSITIONS = {
    "to_send": ("to_send", "sending", "error", *HELD),
    "sending": ("to_send", "error", *HELD),
    "error": ("to_send", "error", *HELD),
    **dict.fromkeys(HELD, HELD),
}
# Another of these is to be expected.
MOVING = (*(status.key for status in STATUSES if status.moves), "unknown")
# Not over yet. (What is paid is followed as well, for it may be claimed back.)
OPEN = ("sending", *(state for state in MOVING if state != "paid"))
# Over without money: the invoice may be sent again, under another number.
DEAD = tuple(status.key for status in STATUSES if status.dead)
# Not at the Urssaf: these may be fixed and sent under the same number.
UNSENT = ("to_send", "error")
# Neither under way nor paid: the invoice is free.
NOT_LIVE = (*UNSENT, *DEAD)
# Somebody has to look at it.
ATTENTION = {"error", "debit_refused", "provider_unpaid", "unknown", *DEAD}
_BY_LEVEL = {
    "muted": ("to_send", "sending"),
    "info": ("integrated", "awaiting_validation", "validated", "debited"),
    "success": ("paid", "recovered", "provider_settled"),
    "warning": tuple(state for state in DEAD if state != "refused"),
    "danger": ("error", "refused", "debit_refused", "provider_unpaid", "unknown"),
}
LEVELS = {state: level for level, states in _BY_LEVEL.items() for state in states}

# It is at the Urssaf: what there was in between is over.
ARRIVED = {
    "lost_answers": 0,
    "freed_at": False,
    "held_before": False,
    "sent_body": False,
    "error": False,
    "error_codes": False,
    "error_fields": False,
}
# One whose answer was lost so often is sent again less often.
MANY_LOST, _LOST_AGAIN = 3, timedelta(hours=1)
_REFRESH_AFTER = timedelta(hours=1)
# What should not come to life any more is watched for so long, at this interval.
_WATCHED, _WATCH_AFTER = timedelta(days=30), timedelta(days=1)


# What the payment requests of an invoice say about it, as plain functions over them.


def live_request(requests, environment):
    """The one that is under way or paid, if any. What is live in production stays so
    whatever its company talks to now.

    :param environment: the one that the company talks to now
    """
    live = _counting(requests, environment).filtered(
        lambda request: request.state not in NOT_LIVE
    )
    return live[:1]


def holding_request(requests, environment):
    """The one for which the invoice must not change, if any: live, or perhaps so because
    its answer was lost."""
    held = _counting(requests, environment).filtered(
        lambda request: request.state not in NOT_LIVE or may_be_held(request)
    )
    return held[:1]


def may_be_held(request):
    """Whether the Urssaf may hold a request that waits to be sent again or to be fixed:
    an answer was lost, and nobody has taken the invoice back since."""
    lost = request.state in UNSENT and request.lost_answers and request.sent_at
    return bool(lost and not request.freed_at)


def is_out_of_reach(request):
    """Whether its company has lost the access that it was sent with, or talks to the other
    platform: what became of it cannot be asked."""
    request = request.sudo()
    company = request.company_id
    return (
        not company.l10n_fr_sap_client_id
        or request.access not in (False, company.l10n_fr_sap_client_id)
        or request.environment != company.l10n_fr_sap_environment
    )


def is_withdrawable_unanswered(request):
    """Whether a person may take the invoice back though the Urssaf cannot be asked."""
    lost = request.state in UNSENT and request.lost_answers and not request.superseded
    return bool(request.state == "sending" or lost) and is_out_of_reach(request)


def is_revived(request):
    """Whether it lives though its invoice was sent under another number, or taken back."""
    return _is_taken_back(request) and request.state not in NOT_LIVE


def is_refreshable(request):
    """Whether the Urssaf may know something of it."""
    return request.state not in UNSENT or may_be_held(request)


def is_withdrawable(request):
    """Whether a person may take it out of the queue."""
    return request.state == "to_send" or may_be_held(request)


def is_due(request):
    """Whether one that waits is to be sent now."""
    return (
        request.lost_answers < MANY_LOST
        or not request.sent_at
        or request.sent_at <= fields.Datetime.now() - _LOST_AGAIN
    )


def current_request(requests):
    """The one that an invoice shows: in production before any in test, the latest."""
    current = requests.filtered(lambda request: not request.superseded)
    return (_production_first(current) or _production_first(requests))[:1]


def next_number(requests, name):
    """The number to send an invoice under whose requests these are. One that the Urssaf
    once took is taken for ever: -2, -3 … follow."""
    taken = requests.filtered("urssaf_id")
    return f"{name}-{len(taken) + 1}" if taken else name or ""


def _is_taken_back(request):
    return request.superseded or request.move_id.state != "posted"


def _counting(requests, environment):
    counting = requests.filtered(
        lambda request: request.environment in (environment, "production")
    )
    return _production_first(counting)


def _production_first(requests):
    # The sort is stable: the latest stays the first.
    return requests.sorted(lambda request: request.environment != "production")


def next_check(request):
    """When the Urssaf is asked again about it; False where there is no need."""
    asked = request.refreshed_at
    if request.urssaf_id and request.state in MOVING:
        return asked + _REFRESH_AFTER if asked else fields.Datetime.now()
    # It may be at the Urssaf after all; or come to life again, though its invoice was sent
    # under another number, or made anew.
    lost = request.state == "error" and request.lost_answers
    since = request.freed_at or request.sent_at
    over = request.urssaf_id and _is_taken_back(request)
    if not (since and (lost or over)) or request.state not in NOT_LIVE:
        return False
    moment = max(asked or since, since) + _WATCH_AFTER
    return moment if moment <= since + _WATCHED or may_be_held(request) else False


def due_domain():
    """Those to be asked about now."""
    return Domain("check_after", "<=", fields.Datetime.now())
