# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class Nature(models.Model):
    """The Urssaf's list of natures of service; every invoiced service has one."""

    _name = "l10n_fr_sap.nature"
    _description = "Nature of Home Service"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    code = fields.Char(required=True, copy=False)
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer()
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "There is already a nature of service with this code."
    )
