# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models
from odoo.exceptions import ValidationError

from ..protocol.parameters import refusal


class IrConfigParameter(models.Model):
    _inherit = "ir.config_parameter"

    @api.constrains("key", "value")
    def _check_l10n_fr_sap(self):
        for parameter in self:
            if text := refusal(self.env, parameter.key, parameter.value):
                raise ValidationError(text)
