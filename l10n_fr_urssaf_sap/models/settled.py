# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..invoicing.money import announcement
from .res_users import READER_GROUPS


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

    l10n_fr_sap_shown_transfer_id = fields.Many2one(
        "l10n_fr_sap.transfer",
        "Transfer of This Entry or Invoice",
        compute="_compute_l10n_fr_sap_shown_transfer_id",
        compute_sudo=True,
        groups=READER_GROUPS,
    )

    l10n_fr_sap_announcement = fields.Char(
        "Announced by the Urssaf",
        compute="_compute_l10n_fr_sap_announcement",
        compute_sudo=True,
        groups=READER_GROUPS,
    )

    # The few that are not paid yet, among all there ever were: see the morning's figures.
    _l10n_fr_sap_unsettled_idx = models.Index(
        "(company_id) WHERE move_type = 'out_invoice' AND state IN ('draft', 'posted')"
        " AND payment_state IN ('not_paid', 'partial', 'blocked')"
    )

    @api.depends("l10n_fr_sap_transfer_id", "l10n_fr_sap_request_id.transfer_id")
    def _compute_l10n_fr_sap_shown_transfer_id(self):
        for move in self:
            paid = move.l10n_fr_sap_request_id.transfer_id
            if not paid and move.l10n_fr_sap_request_id:
                # What the Urssaf takes back stays to be seen, though it was sent again.
                paid = move.l10n_fr_sap_request_ids.transfer_id[:1]
            move.l10n_fr_sap_shown_transfer_id = move.l10n_fr_sap_transfer_id or paid

    # Its transfer is written together with the state; more would cost each booking a query.
    @api.depends("amount_residual", "l10n_fr_sap_request_id.state")
    def _compute_l10n_fr_sap_announcement(self):
        for move in self:
            move.l10n_fr_sap_announcement = announcement(move)

    def action_l10n_fr_sap_open_transfer(self):
        """Open the transfer that has paid this invoice, or that this entry is of."""
        self.ensure_one()
        return self.l10n_fr_sap_shown_transfer_id.get_formview_action()

    def _compute_payment_state(self):
        """Odoo's, which takes an invoice for reversed where a credit note and an entry
        that is no payment have settled it: ours is one."""
        result = super()._compute_payment_state()
        for move in self.filtered(lambda each: each.payment_state == "reversed"):
            paid = move.line_ids.matched_credit_ids.credit_move_id
            if paid.l10n_fr_sap_request_id:
                move.payment_state = "paid"
        return result
