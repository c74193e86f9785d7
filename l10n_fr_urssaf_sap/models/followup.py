# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from contextlib import suppress

from psycopg2 import OperationalError

from odoo import fields, models

from ..invoicing.collecting import is_collected
from ..invoicing.states import LEFT_TO_PROVIDER, NOT_LIVE

_FREE = (*NOT_LIVE, *LEFT_TO_PROVIDER)


class Followup(models.AbstractModel):
    """An invoice that the Urssaf collects is left out of Odoo's follow-up (which tells the
    customer to pay what is overdue), and comes back to it once it is the customer's to pay.
    Fields and methods of ``l10n_fr_sap.payment.request``."""

    _name = "l10n_fr_sap.followup"
    _description = "Follow-Up of What the Urssaf Collects"

    # Whoever took the invoice out of the follow-up before has taken it out for good.
    kept_from_followup = fields.Boolean(
        "Left Out of the Follow-Up", readonly=True, copy=False
    )

    def write(self, vals):
        turning = self.filtered(lambda request: _turns(request, vals))
        result = super().write(vals)
        if turning:
            turning._review_followup()
        return result

    def unlink(self):
        self._keep_from_followup(False)
        return super().unlink()

    def _review_followup(self):
        collected = self.filtered(lambda request: is_collected(request.move_id))
        collected._keep_from_followup(True)
        (self - collected)._keep_from_followup(False)

    def _keep_from_followup(self, keep):
        """Leave the invoices out that are not yet, or give back what was left out. Where
        somebody else is at one, the next status sees to it: nothing waits for this."""
        requests = self.filtered(lambda each: each.kept_from_followup != keep)
        lines = requests.move_id.line_ids.filtered(
            lambda line: (
                line.display_type == "payment_term" and line.no_followup != keep
            )
        )
        if not (lines if keep else requests):
            return
        # What is to be written anyway must not fail inside.
        self.env.flush_all()
        with suppress(OperationalError), self.env.cr.savepoint():
            free = lines.try_lock_for_update(allow_referencing=True)
            # Odoo's write() would compute each entry anew, though none of it changes.
            name = "no_followup"
            with self.env.protecting([free._fields[name]], free):
                free[name] = keep
            free.modified([name])
            busy = (lines - free).move_id
            done = free.move_id if keep else requests.move_id - busy
            turned = requests.filtered(lambda each: each.move_id in done)
            turned.kept_from_followup = keep


def _turns(request, vals):
    """Whether the Urssaf may begin or cease to collect the invoice with these values."""
    state = vals.get("state", request.state)
    ceases = vals.get("freed_at") and request.kept_from_followup
    moves = state != request.state and request.kept_from_followup == (state in _FREE)
    return bool(ceases or moves)
