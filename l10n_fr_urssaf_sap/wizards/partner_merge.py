# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.exceptions import UserError


class PartnerMerge(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Odoo's; two registrations of one company cannot be made one.

        :raise UserError: when two of the contacts are registered with the Urssaf
        """
        partners = self.env["res.partner"].browse(partner_ids).sudo()
        registrations = partners.l10n_fr_sap_registration_ids
        for same in registrations.grouped(
            lambda registration: (registration.company_id, registration.environment)
        ).values():
            registered = same.filtered("urssaf_id")
            if len(registered) > 1:
                raise UserError(
                    self.env._(
                        "%s are registered with the Urssaf, each on their own: these"
                        " contacts cannot be merged. Please archive the one that is not"
                        " used any more.",
                        ", ".join(registered.partner_id.mapped("display_name")),
                    )
                )
            # What keeps nothing but a refusal or a consent gives way.
            kept = registered or same.filtered("consent_date")[:1] or same[:1]
            (same - kept).unlink()
        return super()._merge(partner_ids, dst_partner, extra_checks)
