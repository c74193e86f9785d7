# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class PartnerMerge(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Odoo's, which keeps no computed fields and knows nothing of registrations.

        :raise UserError: when the contacts are two people to the Urssaf
        """
        partners = self.env["res.partner"].browse(partner_ids).sudo()
        registrations = partners.l10n_fr_sap_registration_ids
        for same in registrations.grouped(
            lambda registration: (registration.company_id, registration.environment)
        ).values():
            same._merge_into_one()
        files = partners.filtered("l10n_fr_sap_particulier")
        kept = (registrations.exists().partner_id & files)[:1] or files[:1]
        values = kept._l10n_fr_sap_file() if kept else {}
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        if values:
            partners.exists().write(values)
        return result
