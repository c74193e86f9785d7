# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.fields import Domain

from odoo.addons.l10n_fr_urssaf_sap.invoicing.collecting import collected_ids


class AccountPaymentLineCreate(models.TransientModel):
    _inherit = "account.payment.line.create"

    def _compute_move_line_domain(self):
        result = super()._compute_move_line_domain()
        uncollected = Domain("move_id", "not in", collected_ids(self.env))
        self.move_line_domain = list(Domain(self.move_line_domain) & uncollected)
        return result
