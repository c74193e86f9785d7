# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_display_name(self):
        """Odoo's, which a link shows to whoever sees the record that links here, though a
        rule hides the account itself."""
        result = super()._compute_display_name()
        private = self.sudo().filtered("partner_id.l10n_fr_sap_particulier")
        for bank in private - private.sudo(False)._filtered_access("read"):
            bank.display_name = f"***{(bank.acc_number or '')[-4:]}"
        return result

    def unlink(self):
        partners = self.partner_id.filtered("l10n_fr_sap_particulier")
        result = super().unlink()
        self.env["mail.message"]._l10n_fr_sap_mask_accounts(partners)
        return result
