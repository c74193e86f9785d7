# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.http import request

from odoo.addons.account.controllers.portal import PortalAccount


class Portal(PortalAccount):
    def _get_overdue_invoices_domain(self, partner_id=None):
        """Odoo's, which "Pay overdue" pays at once; what the Urssaf collects is left out.
        With every right: a customer may not read payment requests."""
        domain = super()._get_overdue_invoices_domain(partner_id)
        overdue = request.env["account.move"].sudo().search(domain)
        return [
            *domain,
            ("id", "not in", overdue.filtered("l10n_fr_sap_live").ids),
        ]
