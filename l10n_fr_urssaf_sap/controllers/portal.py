# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.account.controllers.portal import PortalAccount
from odoo.addons.account_payment.controllers import payment

from ..invoicing.collecting import is_collected
from ..invoicing.online import check_payable


class Portal(PortalAccount):
    def _get_overdue_invoices_domain(self, partner_id=None):
        """Odoo's, which "Pay overdue" pays at once; what the Urssaf collects is left out.
        With every right: a customer may not read payment requests."""
        domain = super()._get_overdue_invoices_domain(partner_id)
        overdue = request.env["account.move"].sudo().search(domain)
        collected = overdue.filtered("l10n_fr_sap_collected")
        return [*domain, ("id", "not in", collected.ids)]


# Odoo leaves this class out where account_payment is not installed: its base is none of
# the installed modules' then.
class PaymentPortal(payment.PaymentPortal):
    def _create_transaction(self, *args, custom_create_values=None, **kwargs):
        """Odoo's, behind each of its routes.

        :raise UserError: when the Urssaf collects what would be paid
        """
        transactions = request.env["payment.transaction"]
        ids = transactions._fields["invoice_ids"].convert_to_cache(
            (custom_create_values or {}).get("invoice_ids", ()), transactions
        )
        check_payable(request.env["account.move"].browse(ids).exists())
        return super()._create_transaction(
            *args, custom_create_values=custom_create_values, **kwargs
        )

    @route()
    def overdue_invoices_transaction(self, *args, **kwargs):
        """Odoo's, which supposes that some are left to pay."""
        overdue = self._get_overdue_invoices_domain()
        is_public = request.env.user._is_public()
        if not is_public and not request.env["account.move"].search(overdue, limit=1):
            raise UserError(request.env._("There is no overdue invoice to pay here."))
        return super().overdue_invoices_transaction(*args, **kwargs)

    def _get_extra_payment_form_values(self, invoice_id=None, **kwargs):
        """Odoo's, for the page that a payment link opens: it says that there is nothing to
        pay, as for a cancelled invoice."""
        values = super()._get_extra_payment_form_values(invoice_id=invoice_id, **kwargs)
        if invoice_id:
            move = request.env["account.move"].sudo().browse(int(invoice_id))
            if is_collected(move):
                values["amount"] = 0.0
        return values
