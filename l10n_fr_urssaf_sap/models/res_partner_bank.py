# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

_PERSONAL = {"acc_number", "acc_holder_name"}


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

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
