# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

_PERSONAL = {"acc_number", "acc_holder_name"}


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

    # Odoo writes changed account numbers into the contact's chatter, which every
    # employee reads; a private customer's are for those who may see the account.

    def _mail_track(self, tracked_fields, initial_values):
        if self.partner_id.l10n_fr_sap_particulier:
            tracked_fields = {
                name: field
                for name, field in tracked_fields.items()
                if name not in _PERSONAL
            }
        return super()._mail_track(tracked_fields, initial_values)

    def unlink(self):
        hidden = self.filtered("partner_id.l10n_fr_sap_particulier")
        super(ResPartnerBank, hidden.with_context(l10n_fr_sap_no_log=True)).unlink()
        return super(ResPartnerBank, self - hidden).unlink()
