# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResCompany(models.Model):
    """How far a company is on its way to production."""

    _inherit = "res.company"

    l10n_fr_sap_test_book_on = fields.Date(
        "Test Book Made On", groups="base.group_system", copy=False
    )

    def _l10n_fr_sap_steps_done(self):
        """The codes of the first steps that this company has taken."""
        registered = self._l10n_fr_sap_registered_company()
        in_production = registered.l10n_fr_sap_environment == "production"
        has_access = bool(registered.l10n_fr_sap_client_id)
        is_open = has_access and registered.l10n_fr_sap_has_secret
        active = [
            ("company_id", "=", registered.id),
            ("environment", "=", registered.l10n_fr_sap_environment),
            ("state", "=", "active"),
        ]
        registrations = self.env["l10n_fr_sap.registration"].sudo()
        done = {
            "authorization": has_access and bool(registered.l10n_fr_sap_nova_number),
            "credentials": is_open,
            "test_book": in_production or bool(registered.l10n_fr_sap_test_book_on),
            "production": in_production
            and is_open
            and not registered.l10n_fr_sap_is_copy,
            "customer": bool(registrations.search_count(active, limit=1)),
        }
        return {code for code, is_done in done.items() if is_done}
