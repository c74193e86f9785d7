# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.exceptions import AccessError, UserError

from ..invoicing.guards import lock_or_refuse
from .chosen import chosen_request

_ACCOUNTANTS = "account.group_account_user,account.group_account_manager"


class DeclareOver(models.TransientModel):
    """Why a payment request is over, whose status at the Urssaf nobody knows. (Which one
    is in the context: nobody learns of another one by writing its id.)"""

    _name = "l10n_fr_sap.declare.over"
    _description = "Declare a Payment Request Over"
    _inherit = ["l10n_fr_sap.reason"]

    def action_declare(self):
        """Declare the payment request of the context over.

        :raise AccessError: unless the user is an accountant who may read it
        :raise UserError: when its status is not an unknown one
        """
        self.ensure_one()
        if not self.env.user.has_groups(_ACCOUNTANTS):
            raise AccessError(
                self.env._("Only an accountant may declare a payment request over.")
            )
        reason = self._given_reason()
        request = chosen_request(self)
        lock_or_refuse(request)
        if request.mapped("state") != ["unknown"]:
            raise UserError(
                self.env._(
                    "Only a payment request can be declared over whose status at the Urssaf"
                    " Odoo does not know."
                )
            )
        request._set_declared_over(reason)
        return {"type": "ir.actions.act_window_close"}
