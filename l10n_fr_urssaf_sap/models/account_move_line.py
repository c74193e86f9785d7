# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from ..invoicing.guards import check_ours_alone
from ..invoicing.live_entry import (
    check_lines_create,
    check_lines_unlink,
    check_lines_write,
)
from ..invoicing.natures import is_unconfirmed, is_without_product, proposed_natures

_NATURE, _PROPOSED = "l10n_fr_sap_nature_id", "l10n_fr_sap_proposed_nature_id"


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
    l10n_fr_sap_proposed_nature_id = fields.Many2one(
        "l10n_fr_sap.nature",
        "Proposed Nature",
        help="As long as the line has it, nobody has chosen another one or confirmed it.",
    )
    l10n_fr_sap_date_from = fields.Date(
        "Services From", help="If this line has dates of its own."
    )
    l10n_fr_sap_date_to = fields.Date("Services To")
    l10n_fr_sap_worker = fields.Char(
        "Worker",
        compute="_compute_l10n_fr_sap_worker",
        store=True,
        readonly=False,
        precompute=True,
        help="Who did the work, by the number in your staff register: it is printed on the"
        " invoice and on the yearly certificate.",
    )
    l10n_fr_sap_request_id = fields.Many2one(
        "l10n_fr_sap.payment.request",
        "Payment Request",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The one that the Urssaf has paid, on the customer's account.",
    )

    # Most used by a company: see the module natures.
    _l10n_fr_sap_nature_idx = models.Index(
        "(company_id, id) WHERE l10n_fr_sap_nature_id IS NOT NULL"
    )

    @api.depends("product_id")
    def _compute_l10n_fr_sap_nature_id(self):
        for line in self:
            line.l10n_fr_sap_nature_id = line.product_id.l10n_fr_sap_nature_id
        self._l10n_fr_sap_propose_nature()

    def _l10n_fr_sap_propose_nature(self):
        """Fill in what was typed without a product, for a private customer."""
        typed = self.filtered(
            lambda line: (
                is_without_product(line) and (not line[_NATURE] or is_unconfirmed(line))
            )
        )
        for lines in typed.grouped("move_id").values():
            for line, nature in proposed_natures(lines).items():
                line[_NATURE] = line[_PROPOSED] = nature

    @api.onchange("name")
    def _onchange_l10n_fr_sap_name(self):
        """The label tells what it is, and is typed after the line was made."""
        self._l10n_fr_sap_propose_nature()

    @api.depends("l10n_fr_sap_nature_id")
    def _compute_l10n_fr_sap_worker(self):
        for line in self:
            worker = line.l10n_fr_sap_worker
            if line.l10n_fr_sap_nature_id and not worker:
                company = line.company_id._l10n_fr_sap_registered_company()
                worker = company.l10n_fr_sap_worker
            line.l10n_fr_sap_worker = worker

    def _auto_init(self):
        # No product has a nature yet, and no company a worker: nothing to compute, however
        # many lines there are.
        for name, kind in (
            ("l10n_fr_sap_nature_id", "int4"),
            ("l10n_fr_sap_worker", "varchar"),
        ):
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, kind)
        return super()._auto_init()

    # Guards: see the module live_entry

    @api.model_create_multi
    def create(self, vals_list):
        moves = {vals["move_id"] for vals in vals_list if vals.get("move_id")}
        check_lines_create(self.env["account.move"].browse(moves))
        return super().create(vals_list)

    def _prepare_create_values(self, vals_list):
        given = [
            bool(vals.get(_NATURE) or vals.get("product_id")) for vals in vals_list
        ]
        vals_list = super()._prepare_create_values(vals_list)
        for vals, chosen in zip(vals_list, given, strict=True):
            check_ours_alone(self, vals)  # with the context's defaults
            if vals.get(_NATURE) and not chosen:
                vals[_PROPOSED] = vals[_NATURE]
        return vals_list

    def write(self, vals):
        check_ours_alone(self, vals)
        check_lines_write(self, vals)
        if _NATURE in vals:
            vals = {_PROPOSED: False} | vals  # somebody has chosen it
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_l10n_fr_sap_live(self):
        check_lines_unlink(self)
