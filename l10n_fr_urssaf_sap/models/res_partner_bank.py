# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_bank import sanitize_account_number


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

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            partner = self.env["res.partner"].browse(vals.get("partner_id"))
            self._l10n_fr_sap_check_new(partner, vals.get("acc_number"))
        return super().create(vals_list)

    def write(self, vals):
        if number := vals.get("acc_number"):
            for bank in self:
                bank._l10n_fr_sap_check_new(bank.partner_id, number)
        return super().write(vals)

    def unlink(self):
        partners = self.partner_id.filtered("l10n_fr_sap_particulier")
        result = super().unlink()
        self.env["mail.message"]._l10n_fr_sap_mask_accounts(partners)
        return result

    def _l10n_fr_sap_check_new(self, partner, number):
        """
        :raise UserError: when a private customer has this account already. Odoo's own
            message and PostgreSQL's would write its number into their logs.
        """
        if not number or not partner.sudo().l10n_fr_sap_particulier:
            return
        same = [
            ("partner_id", "=", partner.id),
            ("sanitized_acc_number", "=", sanitize_account_number(number)),
            ("id", "not in", self.ids),
        ]
        if self.sudo().with_context(active_test=False).search_count(same, limit=1):
            raise UserError(
                self.env._(
                    "Contact no. %s has this account already; it may be archived.",
                    partner.id,
                )
            )
