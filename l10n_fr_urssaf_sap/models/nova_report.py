# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

# Every posted item of turnover, and every invoiced service even if it is booked elsewhere.
# What a company buys is no home service, whatever the product (Code du travail, L.7231-1).
# The sign of a credit note's quantity is its own; a minute is 0.0166667 hours to Odoo.
_VIEW = """
WITH unit AS (
    SELECT known.name, uom.id, uom.factor, split_part(uom.parent_path, '/', 1) AS root
    FROM ir_model_data AS known JOIN uom_uom AS uom ON uom.id = known.res_id
    WHERE known.module = 'uom' AND known.model = 'uom.uom'
        AND known.name IN ('product_uom_hour', 'product_uom_minute')
),
item AS (
    SELECT line.id, line.company_id, line.nature_id, line.partner_id,
        date_trunc('month', line.date)::date AS date,
        line.net,
        CASE
            WHEN line.nature_id IS NULL THEN 0
            WHEN uom.id = minute.id THEN line.quantity / 60
            WHEN split_part(uom.parent_path, '/', 1) = hour.root
                THEN line.quantity * uom.factor / hour.factor
            ELSE 0
        END AS hours
    FROM (
        SELECT line.id, line.company_id, line.date, line.product_uom_id,
            CASE WHEN service.is_one THEN line.l10n_fr_sap_nature_id END AS nature_id,
            move.commercial_partner_id AS partner_id,
            -line.balance AS net,
            CASE WHEN move.move_type = 'out_refund'
                THEN -line.quantity ELSE line.quantity END AS quantity
        FROM account_move_line AS line
        JOIN account_move AS move ON move.id = line.move_id
        JOIN account_account AS account ON account.id = line.account_id
        LEFT JOIN res_partner AS buyer ON buyer.id = move.commercial_partner_id
        CROSS JOIN LATERAL (
            SELECT line.display_type = 'product' AND move.move_type IN %(sales)s
                AND line.l10n_fr_sap_nature_id IS NOT NULL
                AND (buyer.l10n_fr_sap_particulier OR buyer.is_company IS NOT TRUE)
                AS is_one
        ) AS service
        WHERE line.parent_state = 'posted'
            AND (account.account_type = 'income' OR service.is_one)
    ) AS line
    LEFT JOIN uom_uom AS uom ON uom.id = line.product_uom_id
    LEFT JOIN unit AS hour ON hour.name = 'product_uom_hour'
    LEFT JOIN unit AS minute ON minute.name = 'product_uom_minute'
),
customer AS (
    SELECT company_id, date, nature_id, partner_id, min(id) AS id,
        sum(hours) AS hours, sum(net) AS net
    FROM item
    GROUP BY company_id, date, nature_id, partner_id
)
SELECT min(customer.id) AS id, customer.company_id, customer.date, customer.nature_id,
    company.currency_id,
    CASE WHEN nature.code <> '270' THEN 'sap' ELSE 'other' END AS kind,
    count(*) FILTER (WHERE customer.net > 0) AS customers,
    string_agg(customer.partner_id::text, ',')
        FILTER (WHERE customer.net > 0) AS customer_keys,
    sum(customer.hours) AS hours,
    sum(customer.net) AS amount_untaxed
FROM customer
JOIN res_company AS company ON company.id = customer.company_id
LEFT JOIN l10n_fr_sap_nature AS nature ON nature.id = customer.nature_id
GROUP BY customer.company_id, customer.date, customer.nature_id,
    company.currency_id, nature.code
-- VAT on payments goes through the accounts of income, where nothing is left of it.
HAVING customer.nature_id IS NOT NULL OR sum(abs(customer.net)) > 0
"""


class NovaReport(models.Model):
    """What the State asks of a provider of home services each quarter, month by month
    (Code du travail, R.7232-19): customers, hours and net turnover of each nature; and the
    other turnover, which shows how much of the activity home services are."""

    _name = "l10n_fr_sap.nova.report"
    _description = "NOVA Figures"
    _auto = False
    _order = "date, kind desc, nature_id, id"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date("Month", readonly=True)
    kind = fields.Selection(
        [("sap", "Home services"), ("other", "Other turnover")],
        "Activity",
        readonly=True,
    )
    nature_id = fields.Many2one("l10n_fr_sap.nature", readonly=True)
    customers = fields.Integer(
        readonly=True,
        aggregator="sum",
        help="Those who were invoiced something; each counts once in a total.",
    )
    customer_keys = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    hours = fields.Float("Hours Invoiced", readonly=True)
    amount_untaxed = fields.Monetary("Net Turnover", readonly=True)

    @property
    def _table_query(self):
        return SQL(_VIEW, sales=("out_invoice", "out_refund", "out_receipt"))

    def _read_group_select(self, aggregate_spec, query):
        """Odoo's; who was invoiced services of two natures is one customer in their sum."""
        if aggregate_spec != "customers:sum":
            return super()._read_group_select(aggregate_spec, query)
        keys = SQL.identifier(self._table, "customer_keys")
        return SQL(
            "(SELECT count(DISTINCT key)"
            " FROM unnest(string_to_array(string_agg(%s, ','), ',')) AS key)",
            keys,
        )

    # Odoo writes to the database what this reads.
    _depends = {
        "account.move": ["move_type", "commercial_partner_id"],
        "account.move.line": [
            "account_id",
            "balance",
            "company_id",
            "date",
            "display_type",
            "l10n_fr_sap_nature_id",
            "parent_state",
            "product_uom_id",
            "quantity",
        ],
        "res.partner": ["is_company", "l10n_fr_sap_particulier"],
    }

    def action_compare(self):
        """Say whether the turnover of these months, or of all where none is chosen, is
        that of the accounts of income in the current company's books.

        :raise AccessError: without the Urssaf group
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        company = self.env.company
        months = self.filtered(lambda row: row.company_id == company).mapped("date")
        told, booked = self._turnover(company, months)
        texts = {
            "told": format_amount(self.env, told, company.currency_id),
            "booked": format_amount(self.env, booked, company.currency_id),
        }
        if same := company.currency_id.is_zero(told - booked):
            text = self.env._("The sum, %(told)s, is that of the books.", **texts)
        else:
            text = self.env._(
                "The sum is %(told)s, the accounts of income come to %(booked)s: services"
                " are booked on other accounts.",
                **texts,
            )
        kind = "success" if same else "warning"
        return self.env.user._l10n_fr_sap_toast(text, kind)

    @api.model
    def _turnover(self, company, months=()):
        """The turnover of these months as it is told here, and as the accounts of income
        have it; in the company's currency."""
        here = Domain("company_id", "=", company.id)
        income = Domain("account_id.account_type", "=", "income") & Domain(
            "parent_state", "=", "posted"
        )
        rows, items = here, here & income
        if months:
            rows &= Domain("date", "in", list(months))
            items &= Domain.OR(
                Domain("date", ">=", month)
                & Domain("date", "<", month + relativedelta(months=1))
                for month in set(months)
            )
        [(told,)] = self.sudo()._read_group(rows, aggregates=["amount_untaxed:sum"])
        lines = self.env["account.move.line"].sudo()
        [(balance,)] = lines._read_group(items, aggregates=["balance:sum"])
        return told or 0, -(balance or 0)
