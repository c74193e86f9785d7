# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

from ..invoicing.morning import BY_KIND, FIGURES, ITEM, MOVE, REGISTRATION, REQUEST
from .submission import LEVELS

# By which window action the records of a figure are shown.
_ACTIONS = {
    REQUEST: "l10n_fr_urssaf_sap.action_payment_requests",
    MOVE: "l10n_fr_urssaf_sap.action_invoices",
    ITEM: "l10n_fr_urssaf_sap.action_bank_items",
    REGISTRATION: "l10n_fr_urssaf_sap.action_registrations",
}
_CONTEXTS = {MOVE: {"default_move_type": "out_invoice"}}
_NUMBERS = 100  # more than there are figures: an id is company * this + number


class Morning(models.Model):
    """What an office looks at in the morning: one row for each figure and company known to
    the Urssaf, counted and summed by the database when it is read, with the user's
    rights."""

    _name = "l10n_fr_sap.morning"
    _description = "Morning View"
    _auto = False
    _order = "id"
    _rec_name = "kind"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection(
        [(figure.kind, figure.label) for figure in FIGURES], "What", readonly=True
    )
    count = fields.Integer("Records", readonly=True)
    amount = fields.Monetary(readonly=True)
    has_amount = fields.Boolean(readonly=True)
    urgent = fields.Integer(readonly=True, help="How many of them do not wait.")
    not_ready = fields.Integer(
        readonly=True, help="How many others will be among them, and cannot be yet."
    )
    oldest = fields.Date(readonly=True)
    level = fields.Selection(LEVELS, "Color", compute="_compute_words")
    note = fields.Char(compute="_compute_words")
    not_ready_note = fields.Char(compute="_compute_words")

    @property
    def _table_query(self):
        rows = [
            self._row(company, number, figure)
            for company in self._companies()
            for number, figure in enumerate(FIGURES)
            # Who may not read them is not told how many there are.
            if all(self.env[name].has_access("read") for name in figure.needs)
        ]
        return SQL(" UNION ALL ").join(rows) if rows else self._no_row()

    def _companies(self):
        """The companies known to the Urssaf behind the user's."""
        companies = self.env["res.company"].sudo()
        for company in self.env.companies:
            companies |= company._l10n_fr_sap_registered_company()
        return companies.filtered("l10n_fr_sap_client_id") or companies[:1]

    def _row(self, company, number, figure):
        records = self.env[figure.model]
        query = records._search(figure.domain(company))
        urgent, not_ready = SQL("0"), SQL("0")
        amount, oldest = SQL("0"), SQL("NULL::date")
        if figure.urgent:
            condition = figure.urgent(company).optimize_full(records)
            urgent = SQL(
                "count(*) FILTER (WHERE %s)",
                condition._to_sql(records, query.table, query),
            )
        if figure.not_ready:
            others = records._search(figure.not_ready(company))
            not_ready = others.subselect(SQL("count(*)"))
        if figure.amount:
            column = records._field_to_sql(query.table, figure.amount, query)
            amount = SQL("coalesce(sum(%s), 0)", column)
        if figure.oldest:
            oldest = SQL(
                "min(%s)", records._field_to_sql(query.table, figure.oldest, query)
            )
        return query.select(
            SQL("%s AS id", company.id * _NUMBERS + number),
            SQL("%s AS company_id", company.id),
            SQL("%s AS currency_id", company.currency_id.id),
            SQL("%s AS kind", figure.kind),
            SQL("count(*) AS count"),
            SQL("%s AS amount", amount),
            SQL("%s AS has_amount", bool(figure.amount)),
            SQL("%s AS urgent", urgent),
            SQL("%s AS not_ready", not_ready),
            SQL("%s AS oldest", oldest),
        )

    def _no_row(self):
        return SQL(
            "SELECT 0 AS id, 0 AS company_id, 0 AS currency_id, '' AS kind, 0 AS count,"
            " 0 AS amount, FALSE AS has_amount, 0 AS urgent, 0 AS not_ready,"
            " NULL::date AS oldest"
            " WHERE FALSE"
        )

    @api.depends("kind", "count", "urgent", "not_ready", "oldest")
    @api.depends_context("lang")
    def _compute_words(self):
        for row in self:
            figure = BY_KIND[row.kind]
            row.level = figure.level if row.count else "muted"
            row.note = False
            if row.urgent:
                text = self.env._(figure.urgent_text)
                row.note = text % row.urgent
            elif row.oldest:
                day = format_date(self.env, row.oldest)
                row.note = self.env._("since %s", day)
            row.not_ready_note = False
            if row.not_ready:
                row.not_ready_note = self.env._("%s cannot be sent yet", row.not_ready)

    @api.model
    def _card(self, companies):
        """What the card of a journal shows, ``{company: {kind: values}}``."""
        rows = self.search_fetch([("company_id", "in", companies.ids)])
        labels = dict(self._fields["kind"]._description_selection(self.env))
        cards = {company: {} for company in companies}
        for row in rows:
            amount = format_amount(self.env, row.amount, row.currency_id)
            cards[row.company_id.sudo()][row.kind] = {
                "label": labels[row.kind],
                "count": row.count,
                "amount": amount if row.has_amount else "",
                "note": row.note or "",
                "not_ready": row.not_ready_note or "",
                "level": row.level,
            }
        return cards

    # Buttons

    def action_open(self):
        """Open the records of this figure, exactly those that it counts.

        :raise AccessError: without the Urssaf group
        """
        figure, company = self._figure()
        return self._open(figure, figure.domain(company))

    def action_open_urgent(self):
        """Open those of its records that do not wait.

        :raise AccessError: without the Urssaf group
        """
        figure, company = self._figure()
        domain = figure.domain(company)
        if figure.urgent:
            domain &= figure.urgent(company)
        return self._open(figure, domain)

    def action_open_not_ready(self):
        """Open those that will be among its records, and cannot be yet.

        :raise AccessError: without the Urssaf group
        """
        figure, company = self._figure()
        domain = figure.not_ready(company) if figure.not_ready else Domain.FALSE
        return self._open(figure, domain)

    def _figure(self):
        """What this row shows, and its company with every right."""
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        return BY_KIND[self.kind], self.company_id.sudo()

    def _open(self, figure, domain):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        action = self.env["ir.actions.act_window"]._for_xml_id(_ACTIONS[figure.model])
        return action | {
            "name": labels[figure.kind],
            "domain": list(domain),
            "context": _CONTEXTS.get(figure.model, {}),
        }
