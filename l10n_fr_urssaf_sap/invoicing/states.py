# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the states of a payment request mean for its invoice."""

from ..urssaf.api.codes import STATUSES

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
