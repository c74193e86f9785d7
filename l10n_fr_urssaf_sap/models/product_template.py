# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    l10n_fr_sap_nature_id = fields.Many2one(
        "l10n_fr_sap.nature",
        "Nature of Home Service",
        help="The Urssaf's name for this service; required for the avance immédiate.",
    )
