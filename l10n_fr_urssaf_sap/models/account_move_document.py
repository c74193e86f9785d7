# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the customer reads, on paper and in the portal."""

from odoo import api, fields, models

from ..urssaf.documents.split import expected_split
from .payment_request import UNPAID


class AccountMove(models.Model):
    _inherit = "account.move"

    l10n_fr_sap_collected = fields.Boolean(
        "Collected by the Urssaf",
        compute="_compute_l10n_fr_sap_collected",
        compute_sudo=True,
        help="Paid through the avance immédiate: nothing invites to pay it otherwise.",
    )

    @api.depends(
        "move_type",
        "state",
        "payment_state",
        "amount_total",
        "currency_id",
        "invoice_line_ids.l10n_fr_sap_nature_id",
        "commercial_partner_id.l10n_fr_sap_particulier",
        "commercial_partner_id.l10n_fr_sap_registration_ids.state",
        "l10n_fr_sap_live",
    )
    def _compute_l10n_fr_sap_collected(self):
        for move in self:
            move.l10n_fr_sap_collected = (
                move.l10n_fr_sap_live or move._l10n_fr_sap_awaits_sending()
            )

    def _l10n_fr_sap_awaits_sending(self):
        """Whether this invoice, a draft perhaps, is one to be sent to the Urssaf. It goes
        to the customer by e-mail before that, as a rule."""
        return (
            self.move_type == "out_invoice"
            and self.l10n_fr_sap_particulier
            and self.state != "cancel"
            and self.payment_state in UNPAID
            and self.currency_id.name == "EUR"
            and self.amount_total > 0
            # Goods sold to the same person are an invoice like any other.
            and bool(self.invoice_line_ids.l10n_fr_sap_nature_id)
            # Mostly paid directly in the end, as after a failed debit. One that the
            # customer refused is mended and sent again.
            and not (self._l10n_fr_sap_requests()[:1].state or "").startswith("cancel")
            and self._l10n_fr_sap_registration().state == "active"
        )

    def _l10n_fr_sap_expected_split(self):
        """The tax credit advanced and what is left to pay, in euros, for the document."""
        self.ensure_one()
        gross, _net, _charges = self._l10n_fr_sap_charges()
        deposit, _day = self._l10n_fr_sap_deposit()
        return [float(amount) for amount in expected_split(gross, deposit)]

    # Odoo's reports ask these before they make a QR code.

    @api.depends("l10n_fr_sap_collected")
    def _compute_display_qr_code(self):
        result = super()._compute_display_qr_code()
        self.filtered("l10n_fr_sap_collected").display_qr_code = False
        return result

    @api.depends("l10n_fr_sap_collected")
    def _compute_display_link_qr_code(self):
        result = super()._compute_display_link_qr_code()
        self.filtered("l10n_fr_sap_collected").display_link_qr_code = False
        return result

    # The portal. Paying there is account_payment's, which comes with account but may be
    # uninstalled: hence super() with care. Odoo loads modules by their distance from
    # base, so that ours always comes later and overrides it.

    def _has_to_be_paid(self):
        theirs = getattr(super(), "_has_to_be_paid", None)
        return bool(theirs) and not self.l10n_fr_sap_live and theirs()

    def _get_online_payment_error(self):
        theirs = getattr(super(), "_get_online_payment_error", None)
        errors = (theirs and theirs(), self._l10n_fr_sap_portal_notice())
        return "\n".join(filter(None, errors))

    def _l10n_fr_sap_portal_notice(self):
        """What the customer reads instead of *Pay Now*; empty where nothing is due."""
        self.ensure_one()
        if not self.l10n_fr_sap_live or self.currency_id.is_zero(self.amount_residual):
            return ""
        return self.env._(
            "The Urssaf collects this invoice (avance immédiate): you have nothing to pay"
            " here."
        )
