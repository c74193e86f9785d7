# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from .chosen import chosen_request


class TakeBack(models.TransientModel):
    """How much the Urssaf takes back of what it has paid."""

    _name = "l10n_fr_sap.take.back"
    _description = "The Urssaf Takes Its Money Back"

    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    amount = fields.Monetary(
        required=True, default=lambda self: chosen_request(self).booked_amount
    )

    def _compute_currency_id(self):
        self.currency_id = self.env.ref("base.EUR")

    def action_take_back(self):
        """Book it: the invoice is open again by this amount.

        :raise AccessError: without the Urssaf group
        :raise UserError: when nothing of it can be taken back, or not so much
        """
        self.ensure_one()
        chosen_request(self)._take_back(self.amount)
        return {"type": "ir.actions.act_window_close"}
