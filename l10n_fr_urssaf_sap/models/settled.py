# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class Settled(models.AbstractModel):
    """An invoice that the Urssaf's transfer has settled, and the transfer's own entry.
    Fields and methods of ``account.move``."""

    _name = "l10n_fr_sap.settled"
    _description = "Entry of the Urssaf's Transfers"

    l10n_fr_sap_transfer_id = fields.Many2one(
        "l10n_fr_sap.transfer",
        "Urssaf Transfer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _compute_payment_state(self):
        """Odoo's, which takes an invoice for reversed where a credit note and an entry
        that is no payment have settled it: ours is one."""
        result = super()._compute_payment_state()
        for move in self.filtered(lambda each: each.payment_state == "reversed"):
            paid = move.line_ids.matched_credit_ids.credit_move_id
            if paid.l10n_fr_sap_request_id:
                move.payment_state = "paid"
        return result
