# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..protocol.settling import withdraw_unanswered


class Withdrawal(models.TransientModel):
    """Why a person takes an invoice back though the Urssaf cannot be asked whether it holds
    the payment request. For invoicing administrators alone."""

    _name = "l10n_fr_sap.withdrawal"
    _description = "Withdrawal Without an Answer"
    _inherit = ["l10n_fr_sap.reason"]

    request_id = fields.Many2one(
        "l10n_fr_sap.payment.request", "Payment Request", required=True, readonly=True
    )

    @api.constrains("request_id")
    def _check_request_id(self):
        self.request_id.check_access("read")

    @api.model
    def _open(self, request):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Withdraw Without an Answer"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_id": request.id},
        }

    def action_withdraw(self):
        """Take the invoice back.

        :raise UserError: without a reason; when the Urssaf can be asked after all, or a
            call may still be under way
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.request_id.check_access("read")
        withdraw_unanswered(self.request_id.sudo(), self._given_reason())
        return {"type": "ir.actions.act_window_close"}
