# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from ..invoicing.guards import check_lines_free

# What M050 got, and what Odoo lets change on a posted invoice, some of it by RPC
# alone. Accounts and analytic distribution are nothing to the Urssaf.
_SENT = {
    "amount_currency",
    "balance",
    "credit",
    "debit",
    "discount",
    "display_type",
    "l10n_fr_sap_date_from",
    "l10n_fr_sap_date_to",
    "l10n_fr_sap_nature_id",
    "move_id",
    "name",
    "price_subtotal",
    "price_total",
    "price_unit",
    "product_id",
    "product_uom_id",
    "quantity",
    "tax_ids",
}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    l10n_fr_sap_nature_id = fields.Many2one(
        "l10n_fr_sap.nature",
        "Nature of Home Service",
        compute="_compute_l10n_fr_sap_nature_id",
        store=True,
        readonly=False,
        precompute=True,
    )

    l10n_fr_sap_date_from = fields.Date(
        "Services From", help="Where this line has dates of its own."
    )
    l10n_fr_sap_date_to = fields.Date("Services To")

    @api.depends("product_id")
    def _compute_l10n_fr_sap_nature_id(self):
        for line in self:
            line.l10n_fr_sap_nature_id = line.product_id.l10n_fr_sap_nature_id

    def _auto_init(self):
        # No product has a nature yet: nothing to compute, however many lines there are.
        name = "l10n_fr_sap_nature_id"
        if not column_exists(self.env.cr, self._table, name):
            create_column(self.env.cr, self._table, name, "int4")
        return super()._auto_init()

    @api.model_create_multi
    def create(self, vals_list):
        moves = self.env["account.move"].browse(
            {
                vals["move_id"]
                for vals in vals_list
                if vals.get("display_type", "product") == "product"
            }
        )
        check_lines_free(moves)
        return super().create(vals_list)

    def write(self, vals):
        if names := _SENT.intersection(vals):
            will_change = self.env["account.move"]._field_will_change
            changed = self.filtered(
                lambda line: (
                    line.display_type == "product"
                    and any(will_change(line, vals, name) for name in names)
                )
            )
            check_lines_free(changed.move_id)
        return super().write(vals)
