# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib

from odoo import SUPERUSER_ID, api

from odoo.addons.l10n_fr_urssaf_sap.registering.told import KEY, digests_of, values_of


def migrate(cr, version):
    """The digests of what the Urssaf was told get the server's key. What has changed since
    they were made keeps its warning: an empty digest is the one of nothing."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    told = env["l10n_fr_sap.registration"].search([("told", "!=", False)])
    for registration in told.filtered(lambda each: KEY not in each.told):
        values = values_of(registration.partner_id)
        keyed = digests_of(registration.partner_id, registration.id)
        changed = {
            name: ""
            for name, digest in registration.told.items()
            if name in values and digest != _plain(values[name], registration.id)
        }
        registration.told = keyed | changed


def _plain(value, salt):
    return hashlib.sha256(f"{salt} {value}".encode()).hexdigest()[:16]
