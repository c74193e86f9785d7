# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.exceptions import AccessError

USER_GROUP = "l10n_fr_urssaf_sap.group_user"


class ResUsers(models.Model):
    _inherit = "res.users"

    def _l10n_fr_sap_check(self):
        """:raise AccessError: unless this user may deal with the Urssaf"""
        if not self.has_group(USER_GROUP):
            raise AccessError(
                self.env._(
                    "Only invoicing users may register customers with the Urssaf and"
                    " send it payment requests."
                )
            )

    def _l10n_fr_sap_registered(self, company_ids):
        """The companies known to the Urssaf behind these ones, for record rules."""
        companies = self.env["res.company"].browse(company_ids)
        return [company._l10n_fr_sap_registered_company().id for company in companies]
