# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from ..urssaf.documents.services import Charge


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

    def _l10n_fr_sap_is_deposit(self):
        """Whether this line deducts a down payment of the sales order (Odoo's Sales)."""
        return (
            "is_downpayment" in self._fields
            and self.is_downpayment
            and self.price_total < 0
        )

    def _l10n_fr_sap_charge(self, text):
        """This line as the heart wants it, under ``text``."""
        self.ensure_one()
        return Charge(
            nature=self.l10n_fr_sap_nature_id.code or "",
            gross=euros(self.currency_id, self.price_total),
            net=euros(self.currency_id, self.price_subtotal),
            hours=self._l10n_fr_sap_hours(),
            description=text,
            date_from=self.l10n_fr_sap_date_from or None,
            date_to=self.l10n_fr_sap_date_to or None,
            taxes=str(sorted(self.tax_ids.ids)),
        )

    def _l10n_fr_sap_hours(self):
        """The quantity in hours, None where its unit does not measure time."""
        # Not env.ref, which asks the database each time whether they still exist.
        known = self.env["ir.model.data"]._xmlid_to_res_id
        hour, minute = (
            self.env["uom.uom"].browse(known(f"uom.product_uom_{unit}"))
            for unit in ("hour", "minute")
        )
        unit = self.product_uom_id
        if not hour or not unit or not unit._has_common_reference(hour):
            return None
        quantity = Decimal(str(self.quantity))
        if unit == minute:
            # Odoo holds a minute as 0.0166667 hours: 90 minutes would make 1.500003.
            return quantity / 60
        return quantity * Decimal(str(unit.factor)) / Decimal(str(hour.factor))


def euros(currency, amount):
    """An amount of Odoo's as the heart wants it: Decimal, two decimals."""
    return Decimal(f"{currency.round(amount):.2f}")
