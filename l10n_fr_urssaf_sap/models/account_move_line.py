# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from ..invoicing.live_entry import (
    check_lines_create,
    check_lines_unlink,
    check_lines_write,
)


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
        "Services From", help="If this line has dates of its own."
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

    # Guards: see the module live_entry

    @api.model_create_multi
    def create(self, vals_list):
        moves = {vals["move_id"] for vals in vals_list if vals.get("move_id")}
        check_lines_create(self.env["account.move"].browse(moves))
        return super().create(vals_list)

    def write(self, vals):
        check_lines_write(self, vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_l10n_fr_sap_live(self):
        check_lines_unlink(self)
