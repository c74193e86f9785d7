# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..invoicing import activities, money
from ..invoicing.notices import why_out_of_reach
from ..invoicing.set_up import set_up, why_not_bookable
from ..protocol import jobs
from ..protocol.booking import book_now, trigger_booking
from ..protocol.transactions import lock, sort_out
from ..texts.messages import UNEXPECTED
from ..texts.obstacle import Obstacle

_MONEY_STATES = [
    ("none", "Nothing to Register"),
    ("todo", "To Register"),
    ("done", "Registered"),
    ("check", "To Check"),
]


class Booked(models.AbstractModel):
    """What a payment request has brought into the books, and ought to. Fields and methods
    of ``l10n_fr_sap.payment.request``."""

    _name = "l10n_fr_sap.booked"
    _description = "Registered Payment"

    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    # The Urssaf says none or 0 of most: no amount is to be written for that.
    transfer_amount = fields.Monetary(default=0)
    transfer_date = fields.Date()
    transfer_id = fields.Many2one(
        "l10n_fr_sap.transfer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    entry_line_ids = fields.One2many(
        "account.move.line", "l10n_fr_sap_request_id", "Journal Items", readonly=True
    )
    amount_due = fields.Monetary(
        "Transfer Expected",
        readonly=True,
        copy=False,
        help="What was open on the invoice when it was sent: a deposit is not part of it.",
    )
    booked_amount = fields.Monetary(
        "Amount Registered",
        readonly=True,
        copy=False,
        help="What journal entries say that the Urssaf has paid.",
    )
    money_state = fields.Selection(
        _MONEY_STATES,
        "In the Books",
        readonly=True,
        default="none",
        copy=False,
    )
    money_note = fields.Text("To Check in the Books", readonly=True, copy=False)
    can_register_payment = fields.Boolean(
        "Can Be Registered", compute="_compute_money_actions"
    )
    can_register_anyway = fields.Boolean(
        "Can Be Registered Anyway", compute="_compute_money_actions"
    )

    _money_todo_idx = models.Index(
        "(company_id, transfer_date) WHERE money_state = 'todo'"
    )
    # For the morning's figures, among many that are paid.
    _money_check_idx = models.Index("(company_id) WHERE money_state = 'check'")
    _transfer_idx = models.Index("(transfer_date) WHERE state = 'paid'")
    _no_amount_idx = models.Index(
        "(company_id) WHERE state = 'paid'"
        " AND (transfer_amount <= 0 OR transfer_amount IS NULL)"
    )

    @api.depends("state", "transfer_amount", "booked_amount", "money_state")
    def _compute_money_actions(self):
        for request in self:
            on = request.sudo().company_id.l10n_fr_sap_register_payments
            waits = on and bool(money.missing_of(request))
            check = request.money_state == "check"
            request.can_register_payment = waits and not check
            request.can_register_anyway = waits and check

    def _compute_currency_id(self):
        raise NotImplementedError

    def _field_to_sql(self, alias, field_expr, query=None):
        """Odoo's, which pivots and graphs ask for the currency of what they sum: it is in
        no column."""
        if field_expr == "currency_id":
            return SQL("%s::integer", self.new().currency_id.id)
        return super()._field_to_sql(alias, field_expr, query)

    # Transitions

    def _mark_money(self):
        """What the Urssaf says of their money has changed, and their companies want it
        booked: the scheduled action does it."""
        missing = self.filtered(money.missing_of)
        todo = missing._reachable()
        todo.money_state = "todo"
        # Somebody was to look at what is settled now.
        (self - missing).filtered(
            lambda request: (
                request.money_state == "todo"
                or request.money_state == "check"
                and not request.booked_amount
            )
        )._set_settled()
        if todo:
            trigger_booking(self.env)

    def _set_settled(self):
        """The books say what the Urssaf says."""
        for request in self:
            request.money_state = "done" if request.booked_amount else "none"
            request.money_note = False
            if not request.booked_amount and not request.entry_line_ids:
                request.transfer_id = False  # it was announced, and does not come

    def _set_booked(self, remark):
        """The entry that was missing has just been made. ``remark`` is what somebody has to
        look at all the same."""
        self.ensure_one()
        self.booked_amount = money.target_of(self)
        if remark:
            self._set_money_check(remark)
        else:
            self._set_settled()
            activities.forget(self.move_id)

    def _set_money_check(self, text):
        """Somebody who keeps the books has to look at it, for the reason that ``text``
        gives."""
        self.ensure_one()
        self.write({"money_state": "check", "money_note": text})
        activities.ask_accountant(self, text)

    def _give_up_booking(self):
        """Nobody knows why it fails, or it would be tried for ever. The chatter may be what
        does not work."""
        if locked := lock(self):
            text = self.env._(UNEXPECTED)
            locked.write({"money_state": "check", "money_note": text})

    # Buttons

    def action_register_payment(self):
        """Book what the Urssaf has paid of these requests, or has taken back, also what it
        did before the company had it booked. A dialog lists those that somebody has to look
        at first.

        :raise AccessError: without the Urssaf group
        :raise UserError: when the company does not register the Urssaf's payments, or
            cannot
        """
        return self._register_payment()

    def action_register_anyway(self):
        """The same where nothing is open on the invoice: the customer has paid twice, and
        what comes from the Urssaf is their credit.

        :raise AccessError: without the Urssaf group
        :raise UserError: when the company does not register the Urssaf's payments, or
            cannot
        """
        return self._register_payment(anyway=True)

    def action_registered_already(self):
        """Leave the books as they are: what the Urssaf has paid was registered by hand, or
        what it claims is no matter of theirs.

        :raise AccessError: without the Urssaf group
        """
        for request in lock(self._allowed()).filtered(
            lambda each: each.money_state in ("todo", "check") or money.missing_of(each)
        ):
            request.write({"money_state": "done", "money_note": False})
            activities.forget(request.move_id)
        return True

    def _register_payment(self, anyway=False):
        requests = self._allowed()
        off = requests.company_id.filtered(
            lambda company: not company.l10n_fr_sap_register_payments
        )
        if off:
            raise UserError(
                self.env._(
                    "%s does not register the Urssaf's payments: please switch it on in"
                    " the Invoicing settings first.",
                    off[0].name,
                )
            )
        for company in requests.company_id:
            set_up(company)
            if why := why_not_bookable(company):
                raise UserError(why)
        wanted = requests.filtered(money.missing_of)
        within_reach = wanted._reachable()
        free = lock(within_reach)
        free.money_state = "todo"
        book_now(free, anyway)
        to_check = free.exists().filtered("money_note")
        reasons = {each: why_out_of_reach(each) for each in wanted - within_reach}
        reasons |= {each: each.money_note for each in to_check}
        _ready, obstacles = sort_out(
            requests.move_id,
            (requests - (within_reach - free)).move_id,
            {
                request.move_id: [Obstacle("", "money", text, request.move_id)]
                for request, text in reasons.items()
            },
        )
        if not obstacles:
            return True
        return self.env["l10n_fr_sap.summary"]._after(requests.move_id, obstacles)

    def action_open_transfer(self):
        """Open the transfer that has paid it."""
        self.ensure_one()
        return self.transfer_id.get_formview_action()

    # Scheduled actions

    @api.model
    def _cron_register_payments(self):
        """Book what the Urssaf has paid since, or has taken back."""
        jobs.book(self.search([("money_state", "=", "todo")], order="id"))
