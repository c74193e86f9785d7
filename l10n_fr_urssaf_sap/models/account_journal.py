# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..invoicing.settlements import AID, CESU, EXCLUDED, ORDINARY, default_means
from .res_users import USER_GROUP


class AccountJournal(models.Model):
    _inherit = "account.journal"

    l10n_fr_sap_means = fields.Selection(
        [
            (ORDINARY, "Eligible: card, transfer, debit, cheque, CESU of their own"),
            (EXCLUDED, "Not eligible, such as cash"),
            (CESU, "Prefunded CESU vouchers"),
            (AID, "Aid of a third party (APA, PCH…)"),
        ],
        "Home Services Paid Here",
        compute="_compute_l10n_fr_sap_means",
        store=True,
        readonly=False,
        help=(
            "For the yearly tax certificates: an invoice counts if it was paid in full by"
            " eligible means; vouchers and aids are told apart."
        ),
    )

    def _fill_general_dashboard_data(self, dashboard_data):
        """Odoo's; the journal of the Urssaf's payments shows the morning's figures."""
        result = super()._fill_general_dashboard_data(dashboard_data)
        if self.env.user.has_group(USER_GROUP):
            by_company = self._l10n_fr_sap_figured()
            cards = self.env["l10n_fr_sap.morning"]._card(
                self.env["res.company"].sudo().concat(*by_company)
            )
            for company, journal in by_company.items():
                card = dashboard_data[journal.id]
                card.setdefault("l10n_fr_sap_figures", cards[company])
        return result

    def _l10n_fr_sap_figured(self):
        """The companies whose figures these journals show, ``{company: journal}``."""
        return {
            company: journal
            for company in self.env["l10n_fr_sap.morning"]._companies()
            for journal in self & company.l10n_fr_sap_journal_id
            if journal.type == "general"
        }

    def action_l10n_fr_sap_figure(self):
        """Open the records of the figure that the context names (``l10n_fr_sap_kind``).

        :raise AccessError: without the Urssaf group
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        kind = self.env.context.get("l10n_fr_sap_kind")
        companies = [company.id for company in self._l10n_fr_sap_figured()]
        rows = self.env["l10n_fr_sap.morning"].search(
            [("company_id", "in", companies), ("kind", "=", kind)], limit=1
        )
        return rows.action_open() if rows else True

    @api.depends("type")
    def _compute_l10n_fr_sap_means(self):
        for journal in self:
            journal.l10n_fr_sap_means = default_means(journal)
