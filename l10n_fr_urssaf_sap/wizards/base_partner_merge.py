# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from ..registering.guards import check_merge


class PartnerMerge(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Odoo's, which keeps no computed fields, knows nothing of registrations, and
        deletes what both contacts have under one number.

        :raise UserError: when the contacts are two people to the Urssaf, or a person and
            a company
        """
        partners = self.env["res.partner"].browse(partner_ids).sudo()
        check_merge(partners)
        registrations = partners.l10n_fr_sap_registration_ids
        for same in registrations.grouped(
            lambda registration: (registration.company_id, registration.environment)
        ).values():
            same._merge_into_one()
        partners.l10n_fr_sap_certificate_ids._merge_into_one()
        files = partners.filtered("l10n_fr_sap_particulier")
        kept = (registrations.exists().partner_id & files)[:1] or files[:1]
        values = kept._l10n_fr_sap_file() if kept else {}
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        if values:
            partners.exists().write(values)
            self.env["mail.message"]._l10n_fr_sap_mask_accounts(partners.exists())
        return result

    def _merge_bank_accounts(self, src_partners, dst_partner):
        """Odoo's, which only archives an account that both have. The database would then
        refuse to give it to the other contact, and show the IBAN in its log."""
        result = super()._merge_bank_accounts(src_partners, dst_partner)
        partners = (src_partners | dst_partner).sudo().with_context(active_test=False)
        if any(partners.mapped("l10n_fr_sap_particulier")):
            kept = set(dst_partner.sudo().bank_ids.mapped("sanitized_acc_number"))
            doubles = (partners - dst_partner).bank_ids.filtered(
                lambda bank: bank.sanitized_acc_number in kept
            )
            # Odoo's bank accounts are archived where others are deleted.
            models.BaseModel.unlink(doubles)
        return result
