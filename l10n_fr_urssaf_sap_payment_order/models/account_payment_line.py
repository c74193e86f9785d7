# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

from odoo.addons.l10n_fr_urssaf_sap.invoicing.collecting import check_not_collected


class AccountPaymentLine(models.Model):
    _inherit = "account.payment.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        check_not_collected(lines.move_line_id.move_id)
        return lines

    def draft2open_payment_line_check(self):
        """Theirs: why the order cannot be confirmed. The invoice may have been sent since
        it was put in."""
        result = super().draft2open_payment_line_check()
        check_not_collected(self.move_line_id.move_id)
        return result
