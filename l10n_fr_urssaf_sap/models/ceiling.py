# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.fields import Domain


class Ceiling(models.Model):
    """A figure of the State's that the addon warns of: what gives a tax credit in a year,
    how long an odd job may take, what may be declared without a financial guarantee. The
    law changes them, so they are rows to be edited. Nothing is ever blocked by one."""

    _name = "l10n_fr_sap.ceiling"
    _description = "Ceiling of Home Services"
    _order = "kind, sequence, year desc, id"

    name = fields.Char(
        "What For", required=True, translate=True, help="As warnings name it."
    )
    kind = fields.Selection(
        [
            ("expenses", "Expenses of a customer in a year (€)"),
            ("hours", "One job (hours)"),
            ("declared", "Declared without a guarantee in a year (€)"),
        ],
        required=True,
        default="expenses",
    )
    nature_ids = fields.Many2many(
        "l10n_fr_sap.nature", string="Natures", help="All of them where it is empty."
    )
    year = fields.Integer(
        "From Year",
        required=True,
        aggregator=None,
        help="It holds from this year on, until a row for the same natures replaces it.",
    )
    amount = fields.Float("Ceiling", required=True, digits=(16, 2), aggregator=None)
    warn_percent = fields.Integer(
        "Warn From (%)", required=True, default=80, aggregator=None
    )
    source = fields.Char(required=True, help="The text of law that says so.")
    url = fields.Char("Page of the Source")
    sequence = fields.Integer(default=10)
    active = fields.Boolean("In Force", default=True)

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "A ceiling is more than zero."
    )
    _warn_percent_range = models.Constraint(
        "CHECK (warn_percent BETWEEN 1 AND 100)",
        "The warning begins between 1 % and 100 % of the ceiling.",
    )
    _year_range = models.Constraint(
        "CHECK (year BETWEEN 2000 AND 2099)", "Please give a year, such as 2026."
    )

    @api.model
    def _in_force(self, year, *kinds):
        """The rows of these kinds that hold in ``year``: of each thing, the latest one."""
        rows = self.sudo().search(
            Domain("kind", "in", kinds) & Domain("year", "<=", year)
        )
        latest = {}
        for row in rows.sorted("year"):
            latest[row.kind, row.nature_ids] = row
        return rows.filtered(lambda row: row in latest.values())
