# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    l10n_fr_sap_environment = fields.Selection(
        related="company_id.l10n_fr_sap_environment", readonly=False
    )
    l10n_fr_sap_client_id = fields.Char(
        related="company_id.l10n_fr_sap_client_id", readonly=False
    )
    l10n_fr_sap_client_secret = fields.Char(
        related="company_id.l10n_fr_sap_client_secret", readonly=False
    )
    l10n_fr_sap_nova_number = fields.Char(
        related="company_id.l10n_fr_sap_nova_number", readonly=False
    )
    l10n_fr_sap_send_on_post = fields.Boolean(
        related="company_id.l10n_fr_sap_send_on_post", readonly=False
    )

    def action_l10n_fr_sap_test_connection(self):
        """See the company's; the settings shown are saved first."""
        return self.company_id.action_l10n_fr_sap_test_connection()
