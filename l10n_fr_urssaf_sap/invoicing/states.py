# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The states of a payment request, and what they mean for its invoice."""

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
# Another of these is to be expected.
MOVING = (*(status.key for status in STATUSES if status.moves), "unknown")
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
