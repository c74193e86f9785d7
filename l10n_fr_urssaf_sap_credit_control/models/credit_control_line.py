# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

from odoo.addons.l10n_fr_urssaf_sap.invoicing.collecting import is_collected


class CreditControlLine(models.Model):
    _inherit = "credit.control.line"

    @api.model
    def create_or_update_from_mv_lines(self, lines, *args, **kwargs):
        """Theirs, for what the Urssaf does not collect."""
        due = lines.filtered(lambda line: not is_collected(line.move_id.sudo()))
        return super().create_or_update_from_mv_lines(due, *args, **kwargs)
