# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

# The communes of the departments overseas are in countries of their own to Odoo.
_OVERSEAS = ("97", "98")
_TOLD_BY = {"l10n_fr_sap_particulier", "zip", "city"}


class Resident(models.AbstractModel):
    """A private customer whose address lies in France, though nobody has said so: without
    a country Odoo prints it otherwise, "Lyon 69007". For ``res.partner``."""

    _name = "l10n_fr_sap.resident"
    _description = "Private Customer Living in France"

    @api.onchange("l10n_fr_sap_particulier", "zip", "city")
    def _onchange_l10n_fr_sap_country(self):
        self._l10n_fr_sap_fill_country()

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._l10n_fr_sap_fill_country()
        return partners

    def write(self, vals):
        result = super().write(vals)
        if not _TOLD_BY.isdisjoint(vals) and "country_id" not in vals:
            self._l10n_fr_sap_fill_country()
        return result

    def _l10n_fr_sap_fill_country(self):
        """The country of those who have none, where a French company's private customer
        lives in a commune of France."""
        for partner in self:
            if not partner.l10n_fr_sap_particulier or partner.country_id:
                continue
            company = partner.company_id or partner.env.company
            code = partner.sudo().l10n_fr_sap_commune_id.code or ""
            if company.country_code == "FR" and code and not code.startswith(_OVERSEAS):
                partner.country_id = company.country_id
