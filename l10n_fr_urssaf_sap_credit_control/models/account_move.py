# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

_NOT_LEFT = ("draft", "to_be_sent")


class AccountMove(models.Model):
    _inherit = "account.move"

    def _l10n_fr_sap_queue(self, preparations=None):
        """Ours: what is about to be sent is no longer the customer's to pay, and the
        reminders that have not left yet are ignored."""
        requests = super()._l10n_fr_sap_queue(preparations)
        reminders = self.env["credit.control.line"].sudo()
        reminders.search(
            [("invoice_id", "in", self.ids), ("state", "in", _NOT_LEFT)]
        ).state = "ignored"
        return requests
