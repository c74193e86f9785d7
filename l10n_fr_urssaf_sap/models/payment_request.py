# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..invoicing import notices, states
from ..invoicing.answers import describe_refusal, grouped_by_answer
from ..invoicing.obstacles import named_obstacles
from ..protocol import jobs
from ..protocol.booking import book_now
from ..protocol.parameters import calls_in_flight, lease
from ..protocol.polling import refresh_now
from ..protocol.settling import unsettled_domain, withdraw, within_reach
from ..protocol.transactions import trigger_at
from ..texts.messages import UNEXPECTED, codes_of, describe_refreshed
from ..urssaf.api.client import UrssafClient, call_one
from ..urssaf.api.codes import ALREADY_SENT, STATUS_BY_KEY
from ..urssaf.api.concurrency import search_all
from .res_users import USER_GROUP


class PaymentRequest(models.Model):
    """An invoice at the Urssaf, under one number."""

    _name = "l10n_fr_sap.payment.request"
    _description = "Payment Request"
    _order = "id desc"
    _rec_name = "number"
    _inherit = [
        "l10n_fr_sap.submission",
        "l10n_fr_sap.turned",
        "l10n_fr_sap.history",
        "l10n_fr_sap.notified",
    ]
    _unfinished = ("to_send", "sending")
    _levels = states.LEVELS
    _asked_at = "refreshed_at"

    move_id = fields.Many2one(
        "account.move", "Invoice", required=True, index=True, ondelete="cascade"
    )
    superseded = fields.Boolean(
        readonly=True, help="The invoice was sent again, under another number."
    )
    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True)
    access = fields.Char(
        "Client ID",
        readonly=True,
        groups="base.group_system",
        copy=False,
        help="What it was sent with: the Urssaf tells nobody else of it.",
    )
    number = fields.Char(
        required=True,
        index=True,
        help="The invoice's number at the Urssaf, used only once.",
    )
    urssaf_id = fields.Char("Request ID", index="btree_not_null", copy=False)
    # to_send --lock, mark, COMMIT--> sending --lock again, POST--> integrated (accepted)
    #    ^                               |                       -> error (refused: fix)
    #    |                               |                       -> (double: take over)
    #    |                               '-- no usable answer, or the process died
    #    '-- lease over, M070 does not know the number --'-- M070 knows it: what it says
    # From integrated on: whatever M070 says, in any order. See states.TRANSITIONS; the
    # methods under "Transitions" are the only ones that write it.
    state = fields.Selection(
        states.STATES,
        "Status",
        required=True,
        default="to_send",
        index=True,
    )
    amount_total = fields.Monetary("Amount")
    refused_at = fields.Datetime("Refused On", readonly=True, copy=False)
    rejection_code = fields.Char()
    rejection_comment = fields.Text("Customer's Comment", groups=USER_GROUP)
    error = fields.Text(
        groups=USER_GROUP, help="What the Urssaf said when it refused the request."
    )
    urssaf_code = fields.Char("Urssaf Status Code")
    urssaf_label = fields.Char("Status at the Urssaf", groups=USER_GROUP)
    sent_at = fields.Datetime("Sent On")
    sent_body = fields.Text(
        groups=fields.NO_ACCESS,
        copy=False,
        prefetch=False,
        help="What was sent, until the Urssaf has answered.",
    )
    freed_at = fields.Datetime(
        readonly=True,
        help=(
            "Its answer was lost and the Urssaf does not know it: the invoice may"
            " change, and the Urssaf is asked for some time still."
        ),
    )
    held_before = fields.Boolean(
        readonly=True,
        help="The Urssaf held its number when it was sent for the first time.",
    )
    lost_answers = fields.Integer(
        readonly=True, help="Calls without a usable answer that had no effect."
    )
    refreshed_at = fields.Datetime("Last Refresh")
    can_retry = fields.Boolean("Can Be Sent Again", compute="_compute_actions")
    can_refresh = fields.Boolean("Can Be Refreshed", compute="_compute_actions")
    can_withdraw = fields.Boolean("Can Be Withdrawn", compute="_compute_actions")
    can_withdraw_unanswered = fields.Boolean(
        "Can Be Withdrawn Without an Answer", compute="_compute_actions"
    )

    # What the Urssaf refused at once is to be fixed, perhaps by another number.
    _number_uniq = models.UniqueIndex(
        "(access, environment, number) WHERE state != 'error' OR lost_answers > 0",
        "This number has already been sent to the Urssaf.",
    )
    # The state plays no part: a request that was refused may come to life again, and the
    # Urssaf is to be believed whatever we did meanwhile.
    _live_uniq = models.UniqueIndex(
        "(move_id, environment) WHERE superseded IS NOT TRUE",
        "This invoice already has a payment request.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            company = self.env["res.company"].browse(vals["company_id"]).sudo()
            vals.setdefault("access", company.l10n_fr_sap_client_id)
        return super().create(vals_list)

    def _compute_currency_id(self):
        # The Urssaf knows no other; and no invoice has to be read for it.
        self.currency_id = self.env["ir.model.data"]._xmlid_to_res_id("base.EUR")

    @api.depends("state", "sent_at", "lost_answers", "freed_at", "superseded")
    def _compute_actions(self):
        for request in self:
            request.can_retry = request.state in states.UNSENT
            request.can_refresh = states.is_refreshable(request)
            request.can_withdraw = states.is_withdrawable(request)
            request.can_withdraw_unanswered = states.is_withdrawable_unanswered(request)

    @api.depends(
        "state",
        "urssaf_id",
        "refreshed_at",
        "lost_answers",
        "freed_at",
        "sent_at",
        "superseded",
        "transfer_date",
        "urssaf_code",
    )
    def _compute_check_after(self):
        for request in self:
            request.check_after = states.next_check(request)

    # Transitions

    def _set_to_send(self):
        """Its call did not take place: it waits to be sent again."""
        self._set_state("to_send")
        self._forget_sent()

    def _forget_sent(self):
        """The Urssaf did not get them, as far as no answer was lost before."""
        never = self.filtered(lambda request: not request.lost_answers)
        never.write({"sent_at": False, "sent_body": False})

    def _set_queued(self, values):
        """It is sent for the first time, or again once it was fixed."""
        if values.get("number") != self.number:
            values = values | {"held_before": False}  # that was another number
        self._set_state("to_send", freed_at=False, **values)

    def _set_lost(self):
        """The answer was lost, and the Urssaf does not know the number: it is sent again,
        but alone, for the Urssaf may have failed on this very request."""
        for request in self:
            request._set_state("to_send", lost_answers=request.lost_answers + 1)
            if request.lost_answers == states.MANY_LOST:
                request.error = notices.why_lost(request, states.MANY_LOST)
                notices.post_attention(request)

    def _set_freed(self, text, **values):
        """A person takes the invoice back, though the Urssaf may hold the request."""
        for request in self:
            request._set_state(
                "error",
                error=text,
                error_codes=False,
                error_fields=False,
                freed_at=fields.Datetime.now(),
                lost_answers=max(request.lost_answers, 1),
                **values,
            )

    def _set_sending(self, marked_at, bodies):
        """They are about to leave: whoever commits this may send them, once. Should the
        answer be lost or the process die, the scheduled action looks after them when the
        lease is over.

        :param bodies: ``{request id: PaymentRequest}``, to be compared with what the
            Urssaf turns out to hold: the invoice may have changed by then
        """
        self._set_state("sending", sent_at=marked_at, freed_at=False)
        # Odoo and PostgreSQL log the values of a query that fails. Whatever may fail, a
        # number taken already, does so here.
        self.flush_recordset()
        for request in self:
            request.sent_body = bodies[request.id].text()
        cron = self.env.ref("l10n_fr_urssaf_sap.ir_cron_send")
        trigger_at(cron, marked_at + lease(self.env))

    def _set_integrated(self, outcome):
        """The Urssaf has accepted it (an Outcome of the library)."""
        self._set_state(
            "integrated",
            urssaf_id=outcome.id,
            urssaf_code=STATUS_BY_KEY["integrated"].code,
            urssaf_label=STATUS_BY_KEY["integrated"].label,
            **states.ARRIVED,
        )

    def _set_error(self, text, codes=(), named=False):
        """It is to be fixed, for the reason that ``text`` gives."""
        codes = " ".join(sorted(codes))
        self._set_state("error", error=text, error_codes=codes, error_fields=named)
        notices.post_attention(self)

    def _set_refused(self, errors):
        """The Urssaf has refused it at once (ApiErrors of the library)."""
        text, named = describe_refusal(self, errors)
        self._forget_sent()
        self._set_error(text, codes_of(errors), named)

    def _set_error_again(self, freed):
        """They did not leave after all, and are still to be fixed as before; some of them
        were ``freed``."""
        self._set_state("error")
        (self & freed).freed_at = fields.Datetime.now()

    def _fail_for_settings(self):
        # What the Urssaf may hold is not to be fixed, but found out.
        return None if self.lost_answers else super()._fail_for_settings()

    def _give_up(self):
        locked = self.try_lock_for_update(allow_referencing=True)
        if locked and locked._has_not_left():
            self._set_state("error", error=self.env._(UNEXPECTED))

    def _set_from_urssaf(self, infos):
        """Believe what the Urssaf says, ``{request: RequestInfo}``."""
        told = {request: states.told_of_money(request) for request in infos}
        for some, state, values in grouped_by_answer(infos):
            self.browse(each.id for each in some)._set_state(state, **values)
        before = {request: state for request, (state, *_money) in told.items()}
        changed, *needing = states.what_changed(told)
        # No further for a company that never had a payment booked.
        if followed := self.browse(each.id for each in changed).filtered(
            lambda each: (
                each.company_id.l10n_fr_sap_register_payments or each.booked_amount
            )
        ):
            followed._follow_money(before)
        if any(needing):
            notices.post_changes(*needing)

    def _set_declared_over(self, reason):
        """A person declares it over, whose status at the Urssaf nobody knows."""
        self._set_state("deleted")
        notices.post_declared_over(self, reason)

    def _set_state(self, state, **values):
        for request in self:
            if state not in states.TRANSITIONS[request.state]:
                raise ValueError(f"{request}: from {request.state} to {state}")
        states.write_state(self, {"state": state, **values})

    def _set_taken_over(self, info, differing=()):
        """The Urssaf holds it, as a RequestInfo tells, though its answer was lost.

        :param differing: what the Urssaf holds otherwise than it was sent
        """
        values = {"urssaf_id": info.id, **states.ARRIVED}
        if "amount" in differing:
            values["amount_total"] = info.gross
        freed = bool(self.freed_at)
        self.write(values)
        self._set_from_urssaf({self: info})
        if freed and not states.is_revived(self):
            notices.post_revived(self)
        if differing:
            notices.post_differing(self, differing, info)

    def _set_held_already(self):
        """The Urssaf holds something else under its number."""
        self._forget_sent()
        self._set_error(notices.held_already(self), [ALREADY_SENT])

    def _named_obstacles(self):
        return named_obstacles(self)

    # Buttons

    def action_refresh(self):
        """Ask the Urssaf for the statuses of these requests; what it has paid of them
        is booked, where the company wants that.

        :raise AccessError: without the Urssaf group
        :raise UserError: when none was sent; when the Urssaf cannot be reached
        """
        sent = self._allowed().filtered(states.is_refreshable)
        if self and not sent:
            raise UserError(self.env._("Nothing was sent to the Urssaf yet."))
        before = dict(zip(sent, sent.mapped("state"), strict=True))
        refresh_now(sent)
        if paid := sent.exists().filtered(lambda each: each.money_state == "todo"):
            book_now(paid)
        if not before:
            return True
        return self.env.user._l10n_fr_sap_toast(*describe_refreshed(before))

    def action_retry(self):
        """Send again what the Urssaf refused at once, under the same number, as the
        invoice's own button does."""
        return self.move_id.action_l10n_fr_sap_send()

    def action_withdraw(self):
        """Take requests out of the queue before they are sent. Where an answer was lost,
        the Urssaf is asked once more whether it holds the request.

        :raise AccessError: without the Urssaf group
        :raise UserError: when one of them has left already, or is at the Urssaf after all
        """
        withdraw(self._allowed())
        return True

    def action_withdraw_unanswered(self):
        """Open the window in which an invoicing administrator says why an invoice is taken
        back though the Urssaf cannot be asked whether it holds the request.

        :raise AccessError: unless the user is one
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["l10n_fr_sap.withdrawal"]._open(self)

    def action_exchanges(self):
        """Open the exchanges about this request.

        :raise AccessError: unless the user is an administrator
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["l10n_fr_sap.exchange"]._action_about(self)

    def _allowed(self):
        """These requests with every right, for a user who may handle them."""
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        return self.sudo()

    def _withdraw(self):
        withdrawn = [(request.move_id, request.environment) for request in self]
        self.unlink()
        for move, environment in withdrawn:
            # The one before, if any, is the current one again; not one that a person
            # withdrew without an answer.
            before = move.l10n_fr_sap_request_ids.filtered_domain(
                [("environment", "=", environment), ("freed_at", "=", False)]
            )
            before[:1].superseded = False
            move._l10n_fr_sap_show_current()

    # Scheduled actions

    @api.model
    def _cron_send(self):
        """Settle the calls whose fate is not known, then send what waits."""
        domain = Domain("state", "=", "to_send") | unsettled_domain(self.env)
        requests = within_reach(self.search(domain, order="id")).filtered(
            lambda request: request.state != "to_send" or request._is_due()
        )
        requests._fail_unreachable()
        jobs.send(requests)
        self._send_closing_messages()

    @api.model
    def _cron_refresh(self):
        """Follow the requests that can still move; have somebody see to what stalls."""
        due = states.due_domain() & Domain("urssaf_id", "!=", False)
        jobs.refresh(self.search(due, order="check_after, id"))
        jobs.remind(self.search(states.stalled_domain()))

    def _remind(self):
        for request in self.try_lock_for_update(allow_referencing=True):
            notices.post_stalled(request)
            request.reminded = True

    # Sending

    @api.model
    def _queue(self, preparations):
        """The requests of these invoices (Preparation), which wait to be sent from now
        on: the one at hand where it is unsent, else a new one under a number not used
        before."""
        requests, new = self.browse(), []
        for preparation in preparations:
            before = preparation.requests - preparation.unsent_request
            before.filtered(lambda each: not each.superseded).superseded = True
        # The database allows one that is not superseded.
        self.flush_model(["superseded"])
        for preparation in preparations:
            values = preparation.request_values
            if waiting := preparation.unsent_request:
                # The invoice may have changed meanwhile.
                waiting._set_queued(values | {"superseded": False})
                requests |= waiting
            else:
                values["move_id"] = preparation.move.id
                new.append(values | {"environment": preparation.environment})
        return requests | self.create(new)

    def _is_due(self):
        return states.is_due(self)

    def _closing_message(self, company, done, to_fix):
        return (*notices.closing_message(self.env, company, done, to_fix), "move_id")

    # Following

    def _ask(self, urssaf, ids, go_on):
        """Ask for the statuses of the requests with these ids (M070): CallResults, each
        of a list of ids with ``{id: RequestInfo}``."""
        if len(ids) == 1:
            # A single call needs no thread, and keeps the connection.
            results = iter([call_one(urssaf, UrssafClient.search_by_id, ids)])
        else:
            results = search_all(urssaf, ids, calls_in_flight(self.env), go_on)
        for result in results:
            infos = {info.id: info for info in result.result or ()}
            yield replace(result, result=infos)

    def _set_answers(self, answers):
        self.refreshed_at = fields.Datetime.now()
        self._set_from_urssaf(
            {
                request: info
                for request, info in answers.items()
                # A status that nobody can read leaves the one that is known, and an id
                # that was given twice is not that of both numbers.
                if info and info.code and info.number in ("", request.number)
            }
        )
