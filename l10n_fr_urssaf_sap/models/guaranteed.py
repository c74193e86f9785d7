# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.fields import Domain

from ..invoicing.guarantee import describe_declared, reasons_of, remind
from ..protocol.transactions import in_own_transaction
from .res_users import READER_GROUPS

# Administrators see it in the settings.
_READERS = f"{READER_GROUPS},base.group_system"


class Guaranteed(models.AbstractModel):
    """A company's financial guarantee towards the Urssaf, and what it may declare with it.
    Fields and methods of ``res.company``."""

    _name = "l10n_fr_sap.guaranteed"
    _description = "Company With a Financial Guarantee"

    # No default: it would be written into every company there is.
    l10n_fr_sap_deposits_allowed = fields.Boolean(
        "Deposits May Be Declared",
        help=(
            "Invoices that are paid in part are sent with that deposit. Since 2026, the"
            " Urssaf wants a financial guarantee from whoever declares deposits."
        ),
    )
    l10n_fr_sap_guarantee_end = fields.Date(
        "End of the Guarantee",
        help="An activity asks for a new certificate two months before.",
    )
    # What the last activity was about: it does not come back once it is done.
    l10n_fr_sap_guarantee_told = fields.Char(
        "Told of the Guarantee", groups=fields.NO_ACCESS, copy=False
    )
    # Everybody reads companies, customers in the portal too: this is their turnover.
    l10n_fr_sap_declared = fields.Char(
        "Declared to the Urssaf This Year",
        compute="_compute_l10n_fr_sap_guarantee",
        groups=_READERS,
    )
    l10n_fr_sap_guarantee_notice = fields.Text(
        "To Do for the Guarantee",
        compute="_compute_l10n_fr_sap_guarantee",
        groups=_READERS,
    )

    @api.depends("l10n_fr_sap_deposits_allowed", "l10n_fr_sap_guarantee_end")
    @api.depends_context("lang")
    def _compute_l10n_fr_sap_guarantee(self):
        for company in self:
            registered = company._l10n_fr_sap_registered_company()
            reasons = reasons_of(registered)
            company.l10n_fr_sap_declared = describe_declared(registered)
            company.l10n_fr_sap_guarantee_notice = "\n".join(reasons.values())

    @api.model
    def _cron_l10n_fr_sap_guarantee(self):
        """Tell whoever keeps the books of a guarantee that is needed, or ends."""
        for company in self.search(Domain("l10n_fr_sap_client_id", "!=", False)):
            in_own_transaction(company, remind)
