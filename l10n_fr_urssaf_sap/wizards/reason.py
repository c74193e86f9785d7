# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.exceptions import UserError


class Reason(models.AbstractModel):
    """A window in which a person says why they do what nobody else can decide."""

    _name = "l10n_fr_sap.reason"
    _description = "Reason of a Decision"

    reason = fields.Text(required=True)

    def _given_reason(self):
        """
        :raise UserError: where nothing is said
        """
        if not self.reason.strip():
            raise UserError(self.env._("Please give the reason."))
        return self.reason
