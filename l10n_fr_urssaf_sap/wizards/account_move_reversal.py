# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..invoicing.guards import list_live


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    l10n_fr_sap_notice = fields.Text(
        "Urssaf Notice", compute="_compute_l10n_fr_sap_notice"
    )
    l10n_fr_sap_confirmed = fields.Boolean("Make the credit note all the same")

    @api.depends("move_ids")
    def _compute_l10n_fr_sap_notice(self):
        for wizard in self:
            live = list_live(wizard.move_ids._origin)
            wizard.l10n_fr_sap_notice = live and (
                self.env._(
                    "The Urssaf collects these invoices, or has done so, and does not"
                    " learn of a credit note: please also write to it to have the"
                    " payment requests cancelled."
                )
                + "\n"
                + live
            )

    def reverse_moves(self, is_modify=False):
        """Odoo's, of both buttons.

        :raise UserError: when one of the invoices is at the Urssaf and nobody confirmed
        """
        # A credit note is right once the Urssaf knows of it: this only asks first.
        if self.l10n_fr_sap_notice and not self.l10n_fr_sap_confirmed:
            raise UserError(
                self.l10n_fr_sap_notice
                + "\n\n"
                + self.env._("To go on, tick “Make the credit note all the same”.")
            )
        return super().reverse_moves(is_modify)

    def _modify_default_reverse_values(self, origin_move):
        """Odoo's: the invoice that is made anew is paid like the one that it replaces."""
        values = super()._modify_default_reverse_values(origin_move)
        if origin_move.l10n_fr_sap_paid_directly:
            values["l10n_fr_sap_paid_directly"] = True
        return values
