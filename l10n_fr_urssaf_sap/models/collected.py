# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..invoicing.actions import awaits_sending, is_of_active_customer
from ..invoicing.collecting import (
    customer_notice,
    is_collected,
    is_paid_by_urssaf,
    why_not_payable,
)
from ..invoicing.document import renew_documents
from ..invoicing.guards import release
from ..invoicing.mentions import mentions_of
from ..invoicing.payload import charges_of, deposit_of
from ..urssaf.documents.split import NOT_ELIGIBLE, expected_split


class Collected(models.AbstractModel):
    """An invoice that the Urssaf collects, as its customer gets it: printed, by e-mail and
    in the portal. Methods of ``account.move``."""

    _name = "l10n_fr_sap.collected"
    _description = "Invoice That the Urssaf Collects"

    l10n_fr_sap_avance_immediate = fields.Boolean(
        "Avance immédiate",
        compute="_compute_l10n_fr_sap_avance_immediate",
        inverse="_inverse_l10n_fr_sap_avance_immediate",
        compute_sudo=True,
        help=(
            "On for customers who have activated their account. Switch it off where the"
            " invoice is paid to you directly: it is not sent then."
        ),
    )
    # The exception is what is stored: it is empty for every invoice that there is.
    l10n_fr_sap_paid_directly = fields.Boolean("Without Avance Immédiate", copy=False)
    l10n_fr_sap_collected = fields.Boolean(
        "Collected by the Urssaf",
        compute="_compute_l10n_fr_sap_collected",
        compute_sudo=True,
        help="Paid through the avance immédiate: no other means of payment is offered.",
    )

    @api.depends(
        "move_type",
        "l10n_fr_sap_paid_directly",
        "l10n_fr_sap_particulier",
        "l10n_fr_sap_particulier_id.l10n_fr_sap_registration_ids.state",
        "l10n_fr_sap_particulier_id.l10n_fr_sap_exclusion",
        "l10n_fr_sap_live",
    )
    def _compute_l10n_fr_sap_avance_immediate(self):
        for move in self:
            move.l10n_fr_sap_avance_immediate = move.l10n_fr_sap_live or (
                move.move_type == "out_invoice"
                and move.l10n_fr_sap_particulier
                and not move.l10n_fr_sap_paid_directly
                and is_of_active_customer(move)
            )

    def _inverse_l10n_fr_sap_avance_immediate(self):
        wanted = self.filtered("l10n_fr_sap_avance_immediate")
        unwanted = self - wanted
        wanted.l10n_fr_sap_paid_directly = False
        unwanted.l10n_fr_sap_paid_directly = True
        # Last: when the Urssaf is asked again goes by what was just written.
        release(unwanted)

    @api.depends(
        "move_type",
        "state",
        "payment_state",
        "amount_total",
        "currency_id",
        "invoice_line_ids.l10n_fr_sap_nature_id",
        "l10n_fr_sap_avance_immediate",
        "l10n_fr_sap_particulier_id.l10n_fr_sap_registration_ids.active_since",
        "l10n_fr_sap_date_from",
        "l10n_fr_sap_live",
    )
    def _compute_l10n_fr_sap_collected(self):
        for move in self:
            move.l10n_fr_sap_collected = is_collected(move) or awaits_sending(move)

    def _l10n_fr_sap_expected_split(self):
        """The tax credit advanced and what is left to pay, in euros, for the document."""
        gross, _net, charges = charges_of(self)
        deposit, _day = deposit_of(self)
        apart = sum(each.gross for each in charges if each.nature == NOT_ELIGIBLE)
        return [float(amount) for amount in expected_split(gross, deposit, apart)]

    def _l10n_fr_sap_customer_notice(self):
        """For the document and the e-mail: see ``customer_notice``."""
        return customer_notice(self)

    def _l10n_fr_sap_words(self):
        """What the document and the portal say of an invoice that the Urssaf collects:
        ``expected``, ``paid``, or nothing where ``customer_notice`` or nobody says it."""
        if not self.l10n_fr_sap_collected:
            return ""
        if is_paid_by_urssaf(self):
            return "paid"
        settled = self.payment_state in ("paid", "in_payment", "reversed")
        return "" if settled or customer_notice(self) else "expected"

    def _l10n_fr_sap_mentions(self):
        """For the document: see ``mentions_of``."""
        return mentions_of(self)

    # Odoo keeps the PDF that it has made once: see renew_documents().

    def action_send_and_print(self):
        renew_documents(self)
        return super().action_send_and_print()

    def _get_invoice_legal_documents(self, filetype, allow_fallback=False):
        renew_documents(self.sudo())
        return super()._get_invoice_legal_documents(
            filetype, allow_fallback=allow_fallback
        )

    def _get_invoice_legal_documents_all(self, allow_fallback=False):
        renew_documents(self.sudo())
        return super()._get_invoice_legal_documents_all(allow_fallback=allow_fallback)

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

    # Paying in the portal is account_payment's, which comes with account but may be
    # uninstalled: hence super() with care. Odoo loads modules by their distance from
    # base, so that ours always comes later and overrides it.

    def _has_to_be_paid(self):
        theirs = getattr(super(), "_has_to_be_paid", None)
        return bool(theirs) and not self.l10n_fr_sap_collected and theirs()

    def _get_online_payment_error(self):
        theirs = getattr(super(), "_get_online_payment_error", None)
        ours = self.l10n_fr_sap_collected and self._l10n_fr_sap_portal_notice()
        return "\n".join(filter(None, (theirs and theirs(), ours)))

    def _l10n_fr_sap_portal_notice(self):
        """What the customer reads beside the invoice, or instead of *Pay Now*; empty where
        nothing is due."""
        if self.currency_id.is_zero(self.amount_residual):
            return ""
        if self.l10n_fr_sap_collected:
            return why_not_payable(self)
        return customer_notice(self)

    def _get_invoice_portal_extra_values(self, *args, **kwargs):
        """Odoo's, for the portal: no part of what is not to be paid to us is the next one
        to be paid, or overdue."""
        values = super()._get_invoice_portal_extra_values(*args, **kwargs)
        return values | (
            {"installment_state": None} if self.l10n_fr_sap_collected else {}
        )

    def _get_default_payment_link_values(self):
        """Odoo's: a payment link says that there is nothing to be paid."""
        theirs = getattr(super(), "_get_default_payment_link_values", None)
        nothing = {"amount": 0, "amount_max": 0} if is_collected(self) else {}
        return (theirs() if theirs else {}) | nothing

    def _notify_by_email_prepare_rendering_context(self, message, *args, **kwargs):
        """Odoo's, which writes the amount due and the due date above the e-mail: not where
        the customer has nothing to pay to us."""
        context = super()._notify_by_email_prepare_rendering_context(
            message, *args, **kwargs
        )
        if self.l10n_fr_sap_collected:
            context["subtitles"] = context["subtitles"][:1]
        return context
