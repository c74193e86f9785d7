# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """What the Urssaf was told of the registered customers is what they say today: what
    changes from now on is named."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    registrations = env["l10n_fr_sap.registration"]
    registrations.search([("urssaf_id", "!=", False)])._note_told()
