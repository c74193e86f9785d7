# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tools.sql import rename_column


def migrate(cr, version):
    """The secret moves to its write-only place. Production is to be switched on anew: it is
    not known whether this database is the one that it was meant for."""
    rename_column(
        cr, "res_company", "l10n_fr_sap_client_secret", "l10n_fr_sap_stored_secret"
    )
