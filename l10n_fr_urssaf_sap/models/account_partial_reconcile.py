# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from ..invoicing.deposits import requests_told_of
from ..invoicing.notices import post_deposit_gone


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """Odoo's. Whoever sent an invoice is told that its deposit is none any more."""
        requests = requests_told_of(self)
        result = super().unlink()
        for request in requests:
            post_deposit_gone(request)
        return result
