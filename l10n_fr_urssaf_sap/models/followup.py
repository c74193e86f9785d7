# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from ..invoicing.states import keep_from_followup


class Followup(models.AbstractModel):
    """Whether the invoice was left out of Odoo's follow-up for this request: see
    ``review_followup``. A field of ``l10n_fr_sap.payment.request``."""

    _name = "l10n_fr_sap.followup"
    _description = "Follow-Up of What the Urssaf Collects"

    # Whoever took the invoice out of the follow-up before has taken it out for good.
    kept_from_followup = fields.Boolean(
        "Left Out of the Follow-Up", readonly=True, copy=False
    )

    def unlink(self):
        keep_from_followup(self.filtered("kept_from_followup"), False)
        return super().unlink()
