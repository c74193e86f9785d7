# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from ..invoicing.collecting import is_collected
from ..invoicing.guards import list_live


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    def _compute_actionable_errors(self):
        """A warning only: the Urssaf's own transfer is registered here as well."""
        result = super()._compute_actionable_errors()
        for wizard in self:
            moves = wizard.line_ids.move_id.filtered(is_collected)
            if moves:
                wizard.actionable_errors = {
                    # Odoo reads an empty one as False.
                    **(wizard.actionable_errors or {}),
                    "l10n_fr_sap_live": wizard._l10n_fr_sap_warning(moves),
                }
        return result

    def _l10n_fr_sap_warning(self, moves):
        companies = moves.sudo().l10n_fr_sap_request_id.company_id
        if all(companies.mapped("l10n_fr_sap_register_payments")):
            message = self.env._(
                "The Urssaf collects these invoices, and what it transfers is registered"
                " automatically: registered here, they would be paid twice."
            )
        else:
            message = self.env._(
                "The Urssaf collects these invoices: please register only what it has"
                " transferred, otherwise they would be paid twice."
            )
        return {
            "level": "warning",
            "message": message + "\n" + list_live(moves) + "\n",
            "action_text": self.env._("View them"),
            "action": moves._get_records_action(name=self.env._("Invoices")),
        }
