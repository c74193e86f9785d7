# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..urssaf.problem import is_commune_code


class Commune(models.Model):
    """A French commune or municipal arrondissement, by its INSEE code."""

    _name = "l10n_fr_sap.commune"
    _description = "French Commune"
    _order = "name, code"
    _rec_names_search = ["name", "code", "zip_codes"]

    code = fields.Char("INSEE Code", required=True, size=5)
    name = fields.Char(required=True)
    zip_codes = fields.Char(
        "Postal Codes", help="Postal codes of this commune, separated by spaces."
    )

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "There is already a commune with this INSEE code."
    )

    @api.constrains("code")
    def _check_code(self):
        for commune in self:
            if not is_commune_code(commune.code):
                raise ValidationError(
                    self.env._(
                        "%s is not an INSEE commune code: it has five characters, as in"
                        " 69381 or 2A004 (not the postal code).",
                        commune.code,
                    )
                )

    @api.depends("name", "code")
    def _compute_display_name(self):
        for commune in self:
            commune.display_name = f"{commune.name} ({commune.code})"
