# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tools.sql import rename_column


def migrate(cr, version):
    """The secret moves to its write-only place; production stays switched on."""
    rename_column(
        cr, "res_company", "l10n_fr_sap_client_secret", "l10n_fr_sap_stored_secret"
    )
    cr.execute(
        """
        ALTER TABLE res_company ADD COLUMN l10n_fr_sap_production_database varchar;
        UPDATE res_company
           SET l10n_fr_sap_production_database = current_database() || ' ' || value
          FROM ir_config_parameter
         WHERE key = 'database.uuid' AND l10n_fr_sap_environment = 'production'
        """
    )
