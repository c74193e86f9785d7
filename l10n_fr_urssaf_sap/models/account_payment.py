# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from ..invoicing.notices import post_paid_twice
from ..invoicing.online import collected_of


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def action_post(self):
        """Odoo's. An online payment that was begun before its invoice left for the Urssaf
        is booked like any other; somebody has to pay it back."""
        result = super().action_post()
        for payment in self.filtered(lambda each: each.state != "canceled"):
            post_paid_twice(payment, collected_of(payment))
        return result
