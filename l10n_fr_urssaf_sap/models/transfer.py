# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_amount, format_date

from ..invoicing.bank_matching import (
    bank_lines,
    fitting,
    match,
    match_even,
    matched_bank_lines,
    open_lines,
    open_sum,
    undo,
)
from .res_company import ENVIRONMENTS

_ACCOUNTANTS = "account.group_account_user,account.group_account_manager"

_STATES = [
    ("announced", "Announced"),
    ("to_receive", "To Receive"),
    ("part_received", "Partly Received"),
    ("received", "Received"),
    ("to_check", "To Check"),
]


class Transfer(models.Model):
    """What the Urssaf transfers to a company on one day."""

    _name = "l10n_fr_sap.transfer"
    _description = "Urssaf Transfer"
    _order = "date desc, id desc"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    environment = fields.Selection(ENVIRONMENTS, required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)
    request_ids = fields.One2many(
        "l10n_fr_sap.payment.request",
        "transfer_id",
        "Payment Requests",
        readonly=True,
    )
    entry_ids = fields.One2many(
        "account.move", "l10n_fr_sap_transfer_id", "Journal Entries", readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_announced = fields.Monetary("Announced", compute="_compute_amounts")
    amount_registered = fields.Monetary("Registered", compute="_compute_amounts")
    amount_received = fields.Monetary("Received", compute="_compute_amounts")
    has_request_to_check = fields.Boolean(compute="_compute_amounts")
    state = fields.Selection(
        _STATES, "Status", compute="_compute_amounts", search="_search_state"
    )

    statement_line_ids = fields.Many2many(
        "account.bank.statement.line",
        string="Bank Transactions",
        compute="_compute_bank",
        compute_sudo=True,
    )
    can_match_bank = fields.Boolean(
        "Can Be Matched", compute="_compute_bank", compute_sudo=True
    )
    can_undo_match = fields.Boolean(
        "Can Be Taken Apart", compute="_compute_bank", compute_sudo=True
    )

    undone_by_hand = fields.Boolean(
        readonly=True,
        help="Somebody has taken the match apart: it is not matched again by itself.",
    )

    _day_uniq = models.UniqueIndex("(company_id, environment, date)")

    @api.depends("date", "environment")
    def _compute_display_name(self):
        for transfer in self:
            day = format_date(self.env, transfer.date)
            transfer.display_name = self.env._("Urssaf, %s", day)

    # Not stored: ordinary journal items, of which there are many, would have to keep them
    # up to date.
    @api.depends(
        "request_ids.transfer_amount",
        "request_ids.money_state",
        "request_ids.state",
        "entry_ids.line_ids.amount_residual",
        "entry_ids.state",
    )
    def _compute_amounts(self):
        announced, to_check = self._announced()
        booked = self._booked()
        for transfer in self:
            currency = transfer.currency_id
            registered, left = booked.get(transfer.id, (0, 0))
            received = currency.round(registered - left)
            transfer.amount_announced = announced.get(transfer.id, 0)
            transfer.amount_registered = registered
            transfer.amount_received = received
            transfer.has_request_to_check = transfer.id in to_check
            if transfer.id in to_check or currency.compare_amounts(left, 0) < 0:
                transfer["state"] = "to_check"
            elif transfer.id not in booked:
                transfer["state"] = "announced"
            elif currency.is_zero(left):
                transfer["state"] = "received"
            elif currency.is_zero(received):
                transfer["state"] = "to_receive"
            else:
                transfer["state"] = "part_received"

    def _announced(self):
        """``{id: euros}``, and the ids of those with a request to check."""
        announced, to_check = {}, set()
        for transfer, state, paid, amount in (
            self.env["l10n_fr_sap.payment.request"]
            .sudo()
            ._read_group(
                [("transfer_id", "in", self.ids)],
                ["transfer_id", "money_state", "state"],
                ["transfer_amount:sum"],
            )
        ):
            if paid == "paid":
                announced[transfer.id] = announced.get(transfer.id, 0) + amount
            if state == "check":
                to_check.add(transfer.id)
        return announced, to_check

    def _booked(self):
        """``{id: (registered, left)}`` in euros: what was booked, and what the bank has not
        shown yet of it."""
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(
            ["l10n_fr_sap_transfer_id", "state", "reversed_entry_id"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.l10n_fr_sap_transfer_id, sum(line.balance),
                       sum(CASE WHEN journal.type = 'bank' THEN 0
                                ELSE line.amount_residual END)
                FROM account_move AS move
                JOIN account_move_line AS line ON line.move_id = move.id
                JOIN account_journal AS journal ON journal.id = move.journal_id
                WHERE move.l10n_fr_sap_transfer_id = ANY(%s)
                  AND move.state IN ('posted')
                  AND line.l10n_fr_sap_request_id IS NULL
                  AND NOT EXISTS (
                      SELECT FROM account_move AS reversal
                      WHERE reversal.reversed_entry_id = move.id
                        AND reversal.state IN ('posted')
                  )
                GROUP BY move.l10n_fr_sap_transfer_id
                """,
                self.ids,
            )
        )
        return {transfer: (float(total), float(left)) for transfer, total, left in rows}

    @api.depends("entry_ids.line_ids.amount_residual", "entry_ids.state")
    def _compute_bank(self):
        for transfer in self:
            transfer.statement_line_ids = matched_bank_lines(transfer)
            transfer.can_match_bank = bool(open_lines(transfer))
            transfer.can_undo_match = bool(transfer.statement_line_ids)

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        # There is one a day at most.
        transfers = self.sudo().search([("date", "!=", False)])
        return [("id", "in", transfers.filtered(lambda each: each.state in value).ids)]

    # Buttons

    def action_match_bank(self):
        """Match the transfer with what the bank shows of it. Where several transactions
        may be that, a window asks which one it is.

        :raise AccessError: unless the user is an accountant who may read it
        :raise UserError: when nothing is to come, or the bank shows nothing of it
        """
        transfer = self._for_accountant()
        if match_even(transfer):
            return self.env.user._l10n_fr_sap_toast(
                self.env._("What was paid and what was taken back come to nothing.")
            )
        lines = open_lines(transfer)
        if not lines:
            raise UserError(self.env._("Nothing is to come of this transfer."))
        found = bank_lines(transfer)
        exact = fitting(transfer, found)
        if len(exact) == 1:
            match(transfer, exact)
            return self._tell_matched(exact)
        if not found:
            raise UserError(
                self.env._(
                    "No bank transaction of these days looks like this transfer: please"
                    " import the bank statement first."
                )
            )
        found = {line: found[line] for line in exact or found}
        choices = self.env["l10n_fr_sap.bank.choice"]
        return choices._open(transfer, found, open_sum(lines))

    def match(self, statement_line):
        """Match the transfer with this bank transaction, as far as the one or the other
        goes.

        :param statement_line: an ``account.bank.statement.line``, or its id
        :raise AccessError: unless the user is an accountant who may read both
        :raise UserError: when one of them has nothing left to match
        """
        transfer = self._for_accountant()
        if not isinstance(statement_line, models.BaseModel):
            statement_line = self.env["account.bank.statement.line"].browse(
                statement_line
            )
        statement_line.ensure_one()
        statement_line.check_access("read")
        statement_line = statement_line.sudo()
        if statement_line.company_id.root_id != transfer.company_id.root_id:
            raise UserError(
                self.env._("The bank transaction belongs to another company.")
            )
        match(transfer, statement_line)
        return True

    def _tell_matched(self, bank_line):
        return self.env.user._l10n_fr_sap_toast(
            self.env._(
                "Matched with the bank transaction of %(date)s: %(label)s, %(amount)s.",
                date=format_date(self.env, bank_line.date),
                label=bank_line.payment_ref or bank_line.move_id.name,
                amount=format_amount(
                    self.env,
                    bank_line.amount,
                    bank_line.journal_id.company_id.currency_id,
                ),
            )
        )

    def action_undo_match(self):
        """Take apart what was matched with the bank.

        :raise AccessError: unless the user is an accountant who may read it
        :raise UserError: when nothing is matched
        """
        undo(self._for_accountant())
        return True

    def action_open_requests(self):
        """Open the payment requests that it pays."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payment Requests"),
            "res_model": self.request_ids._name,
            "view_mode": "list,form",
            "domain": [("transfer_id", "=", self.id)],
        }

    def _for_accountant(self):
        """This one, with every right."""
        self.ensure_one()
        if not self.env.user.has_groups(_ACCOUNTANTS):
            raise AccessError(
                self.env._(
                    "Only an accountant may match the Urssaf's transfers with the bank."
                )
            )
        self.check_access("read")
        return self.sudo().with_company(self.company_id)

    @api.model
    def _ensure(self, keys):
        """The transfers with these keys (company, environment, date), ``{key: transfer}``;
        those that are missing are made. In a transaction of its own, for somebody else may
        do the same at this very moment.

        :raise OperationalError: when somebody does
        """
        for company, environment, date in keys:
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO %s (
                        company_id, environment, date,
                        create_uid, create_date, write_uid, write_date
                    )
                    VALUES (%s, %s, %s, %s, now() AT TIME ZONE 'UTC', %s,
                            now() AT TIME ZONE 'UTC')
                    ON CONFLICT DO NOTHING
                    """,
                    SQL.identifier(self._table),
                    company.id,
                    environment,
                    date,
                    self.env.uid,
                    self.env.uid,
                ),
                log_exceptions=False,
            )
        self.invalidate_model()
        return {
            key: self.search(
                [
                    ("company_id", "=", key[0].id),
                    ("environment", "=", key[1]),
                    ("date", "=", key[2]),
                ]
            )
            for key in keys
        }
