# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..invoicing.settlements import AID, CESU, EXCLUDED, ORDINARY, default_means


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

    @api.depends("type")
    def _compute_l10n_fr_sap_means(self):
        for journal in self:
            journal.l10n_fr_sap_means = default_means(journal)
