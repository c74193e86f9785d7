# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.sql import column_exists, create_column

from ..invoicing.actions import actions_of, may_be_sent, ready_domain
from ..invoicing.customer import particulier_domain, particulier_of
from ..invoicing.deposits import tell_credited
from ..invoicing.guards import (
    check_cancellable,
    check_never_sent,
    check_not_live,
    check_ours_alone,
    release,
)
from ..invoicing.live_entry import check_invoices_write
from ..invoicing.notices import REFUSED
from ..invoicing.obstacles import Preparation, obstacles_of, warnings_of
from ..invoicing.period import proposed_period
from ..invoicing.queue import queue_or_tell
from ..invoicing.splitting import split_at_activation, split_by_month
from ..invoicing.states import current_request, holding_request, live_request
from ..protocol.sending import send_now
from ..protocol.transactions import lock, sort_out
from ..texts.obstacle import texts_of

QUEUED_FROM = 100  # ten calls: more than a person waits for
_ACTIONS = ("send", "send_again", "refresh", "split_by_month", "split_at_activation")
_PERIOD = ("l10n_fr_sap_date_from", "l10n_fr_sap_date_to")


class AccountMove(models.Model):
    _name = "account.move"
    # The first one's methods are called before Odoo's.
    _inherit = [
        "l10n_fr_sap.collected",
        "l10n_fr_sap.shown",
        "l10n_fr_sap.to.fix",
        "account.move",
    ]

    l10n_fr_sap_particulier_id = fields.Many2one(
        "res.partner",
        "Customer at the Urssaf",
        compute="_compute_l10n_fr_sap_particulier_id",
        compute_sudo=True,
        search="_search_l10n_fr_sap_particulier_id",
        help="Whom the invoice was sent for, or is to be sent for.",
    )
    l10n_fr_sap_particulier = fields.Boolean(
        related="l10n_fr_sap_particulier_id.l10n_fr_sap_particulier"
    )
    # None of what follows is copied: a duplicate is for other days, and a credit note is
    # nothing to the Urssaf. Either is free to begin its own life there.
    l10n_fr_sap_date_from = fields.Date(
        "Services From",
        compute="_compute_l10n_fr_sap_date_from",
        store=True,
        readonly=False,
        copy=False,
        help="First day of the services invoiced; both ends lie in the same month.",
    )
    l10n_fr_sap_date_to = fields.Date(
        "Services To",
        compute="_compute_l10n_fr_sap_date_to",
        store=True,
        readonly=False,
        copy=False,
        help="Last day of the services invoiced.",
    )
    l10n_fr_sap_request_ids = fields.One2many(
        "l10n_fr_sap.payment.request", "move_id", "Payment Requests", copy=False
    )
    l10n_fr_sap_request_id = fields.Many2one(
        "l10n_fr_sap.payment.request",
        "Payment Request",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The current one; earlier ones were refused or cancelled.",
    )
    l10n_fr_sap_status = fields.Selection(
        related="l10n_fr_sap_request_id.state", string="Urssaf Status"
    )
    l10n_fr_sap_status_level = fields.Selection(
        related="l10n_fr_sap_request_id.state_level", string="Urssaf Status Color"
    )
    l10n_fr_sap_request_environment = fields.Selection(
        related="l10n_fr_sap_request_id.environment", string="Urssaf Environment"
    )
    l10n_fr_sap_live = fields.Boolean(
        "At the Urssaf",
        compute="_compute_l10n_fr_sap_live",
        help=(
            "A payment request is under way or paid: the invoice must not change any"
            " more."
        ),
    )
    l10n_fr_sap_ready = fields.Boolean(
        "Ready to Send to Urssaf",
        compute="_compute_l10n_fr_sap_ready",
        search="_search_l10n_fr_sap_ready",
        help="The current company can send this invoice to the Urssaf.",
    )
    l10n_fr_sap_can_send = fields.Boolean(
        "Can Be Sent", compute="_compute_l10n_fr_sap_actions"
    )
    l10n_fr_sap_can_send_again = fields.Boolean(
        "Can Be Sent Again", compute="_compute_l10n_fr_sap_actions"
    )
    l10n_fr_sap_can_refresh = fields.Boolean(
        "Can Be Refreshed", compute="_compute_l10n_fr_sap_actions"
    )
    l10n_fr_sap_can_split_by_month = fields.Boolean(
        "Can Be Split by Month", compute="_compute_l10n_fr_sap_actions"
    )
    l10n_fr_sap_can_split_at_activation = fields.Boolean(
        "Can Be Split at the Activation", compute="_compute_l10n_fr_sap_actions"
    )

    def _auto_init(self):
        # Empty for every invoice there is: nothing to compute, however many there are.
        for name in _PERIOD:
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, "date")
        return super()._auto_init()

    @api.depends(
        "commercial_partner_id",
        "partner_id.parent_id",
        "l10n_fr_sap_request_id.partner_id",
        "l10n_fr_sap_request_id.state",
    )
    def _compute_l10n_fr_sap_particulier_id(self):
        for move in self:
            move.l10n_fr_sap_particulier_id = particulier_of(move)

    def _search_l10n_fr_sap_particulier_id(self, operator, value):
        return particulier_domain(self.env, operator, value)

    # The period is proposed once posted, when the date is known for good. Each field has
    # a method of its own: Odoo leaves out the fields that share one with a given field.

    @api.depends("state")
    def _compute_l10n_fr_sap_date_from(self):
        for move in self.filtered(lambda move: not move.l10n_fr_sap_date_from):
            move.l10n_fr_sap_date_from, _end = proposed_period(move)

    @api.depends("state")
    def _compute_l10n_fr_sap_date_to(self):
        for move in self.filtered(lambda move: not move.l10n_fr_sap_date_to):
            _start, move.l10n_fr_sap_date_to = proposed_period(move)

    @api.depends(
        *(
            f"l10n_fr_sap_request_ids.{name}"
            for name in ("state", "environment", "sent_at", "lost_answers", "freed_at")
        )
    )
    def _compute_l10n_fr_sap_live(self):
        for move in self:
            move.l10n_fr_sap_live = bool(move.sudo()._l10n_fr_sap_holding_request())

    # Actions and obstacles

    def _l10n_fr_sap_actions(self):
        """What may be done with this invoice at the Urssaf: see ``actions_of``. Other
        addons may extend it."""
        self.ensure_one()
        return actions_of(self)

    @api.depends(
        "move_type",
        "state",
        "payment_state",
        "l10n_fr_sap_particulier",
        "l10n_fr_sap_particulier_id.l10n_fr_sap_registration_ids.state",
        "l10n_fr_sap_particulier_id.l10n_fr_sap_registration_ids.active_since",
        "l10n_fr_sap_paid_directly",
        "l10n_fr_sap_status",
        "l10n_fr_sap_live",
        *_PERIOD,
        *(f"invoice_line_ids.{name}" for name in _PERIOD),
    )
    def _compute_l10n_fr_sap_actions(self):
        for move in self:
            actions = move.sudo()._l10n_fr_sap_actions()
            for name in _ACTIONS:
                move[f"l10n_fr_sap_can_{name}"] = name in actions

    def _l10n_fr_sap_prepare(self):
        """What the Urssaf would be sent of each of these invoices, and why not; one
        object for each, in their order. Other addons may extend it.

        :rtype: list[Preparation]
        """
        return [Preparation(move) for move in self]

    def _l10n_fr_sap_payment_request(self):
        """This invoice as the library takes it.

        :rtype: PaymentRequest
        """
        self.ensure_one()
        return self._l10n_fr_sap_prepare()[0].payment_request

    def _l10n_fr_sap_obstacles(self):
        """Why these invoices cannot be sent; those that can are left out.

        :rtype: dict[AccountMove, list[Obstacle]]
        """
        return obstacles_of(self._l10n_fr_sap_prepare())

    def _l10n_fr_sap_obstacle_text(self):
        """The same for a single one, as text; empty where it can be sent."""
        return texts_of(self._l10n_fr_sap_obstacles().get(self, ()))

    @api.depends_context("company")
    def _compute_l10n_fr_sap_ready(self):
        ready = self.sudo().filtered_domain(ready_domain(self.env.company))
        for move in self:
            move.l10n_fr_sap_ready = move in ready

    def _search_l10n_fr_sap_ready(self, operator, value):
        if operator != "in" or list(value) != [True]:
            return NotImplemented
        return ready_domain(self.env.company)

    # Buttons

    def action_l10n_fr_sap_send(self):
        """Send these invoices to the Urssaf as payment requests: now, or by the
        scheduled action where they are a hundred or more. A dialog lists those that
        cannot go; what the Urssaf refuses is kept on the payment request.

        :raise AccessError: without the Urssaf group
        :raise UserError: when the Urssaf cannot be reached: what has not left then is as
            before
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        moves = self.sudo()
        # The scheduled action may be sending it; its call is not to be waited for.
        free = lock(moves, also="l10n_fr_sap_request_ids")
        preparations = moves._l10n_fr_sap_prepare()
        ready, obstacles = sort_out(moves, free, obstacles_of(preparations))
        if obstacles:
            preparations = [each for each in preparations if each.move in ready]
        queued = len(ready) if len(ready) >= QUEUED_FROM else 0
        if queued:
            ready._l10n_fr_sap_schedule_sending(preparations)
        elif ready:
            obstacles |= send_now(ready, preparations)
        # Those of a single one stand on its form.
        warnings = warnings_of(preparations) if len(self) > 1 else {}
        if not (obstacles or queued or warnings):
            return self.env.user._l10n_fr_sap_tell_sent(self)
        summaries = self.env["l10n_fr_sap.summary"]
        return summaries._after(self, obstacles, queued, warnings, checkable=True)

    def action_l10n_fr_sap_refresh(self):
        """Ask the Urssaf for the statuses of these invoices' payment requests.

        :raise AccessError: without the Urssaf group
        :raise UserError: when none was sent; when the Urssaf cannot be reached
        """
        requests = self.l10n_fr_sap_request_id
        answer = requests.action_refresh()
        if self and not requests:
            raise UserError(self.env._("Nothing was sent to the Urssaf yet."))
        return answer

    def action_l10n_fr_sap_split_by_month(self):
        """Leave the first month's lines on each of these drafts, and make a draft for each
        other month. A line over several months is shared out by days.

        :raise AccessError: without the Urssaf group, or the right to write invoices
        :raise UserError: unless each is a draft with services dated in several months;
            when the drafts would not come to the same total
        """
        return self._l10n_fr_sap_split(split_by_month, self.env._("Monthly Invoices"))

    def action_l10n_fr_sap_split_at_activation(self):
        """Leave the services from before the customer's activation on each of these
        drafts, to be paid directly, and make a draft of the others, which can be sent. A
        line over both is shared out by days.

        :raise AccessError: without the Urssaf group, or the right to write invoices
        :raise UserError: unless each is a draft with services dated on both sides of the
            activation; when the drafts would not come to the same total
        """
        title = self.env._("Before and After the Activation")
        return self._l10n_fr_sap_split(split_at_activation, title)

    def _l10n_fr_sap_split(self, split, title):
        self.env.user._l10n_fr_sap_check()
        self.check_access("write")
        drafts = self.concat(*map(split, self))
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("id", "in", drafts.ids)],
        }

    # Payment requests

    def _l10n_fr_sap_requests(self):
        """The requests for the Urssaf that the company talks to now (test, production)."""
        environment = self._l10n_fr_sap_talks_to()
        return self.l10n_fr_sap_request_ids.filtered(
            lambda request: request.environment == environment
        )

    def _l10n_fr_sap_talks_to(self):
        registered = self.company_id._l10n_fr_sap_registered_company()
        return registered.l10n_fr_sap_environment

    def _l10n_fr_sap_live_request(self):
        requests = self.l10n_fr_sap_request_ids
        return requests and live_request(requests, self._l10n_fr_sap_talks_to())

    def _l10n_fr_sap_holding_request(self):
        requests = self.l10n_fr_sap_request_ids
        return requests and holding_request(requests, self._l10n_fr_sap_talks_to())

    def _l10n_fr_sap_queue(self, preparations=None):
        """The payment requests of these invoices, which wait to be sent from now on."""
        requests = self.env["l10n_fr_sap.payment.request"]._queue(
            preparations or self._l10n_fr_sap_prepare()
        )
        self._l10n_fr_sap_show_current()
        self.activity_unlink([REFUSED])
        return requests

    def _l10n_fr_sap_show_current(self):
        # Odoo's write() would compute each entry anew, 20 ms, though none of it changes.
        name = "l10n_fr_sap_request_id"
        with self.env.protecting([self._fields[name]], self):
            for move in self:
                move[name] = current_request(move.l10n_fr_sap_request_ids)
        self.modified([name])

    def _l10n_fr_sap_schedule_sending(self, preparations=None):
        """Leave these to the scheduled action, on behalf of the current user.

        :raise UserError: when the settings would not let it do anything
        """
        for company in self.company_id:
            self.env["l10n_fr_sap.payment.request"]._check_settings(company)
        self._l10n_fr_sap_queue(preparations).queued_uid = self.env.uid
        self._l10n_fr_sap_trigger_sending()

    def _l10n_fr_sap_trigger_sending(self):
        self.env.ref("l10n_fr_urssaf_sap.ir_cron_send").sudo()._trigger()

    # Guards: what the Urssaf holds must stay what the books say

    def _post(self, soft=True):
        """Odoo's; the companies that want it have their invoices sent as well."""
        posted = super()._post(soft)
        tell_credited(posted)
        wanted = posted.sudo().filtered(
            lambda move: (
                # What costs nothing comes first: most invoices are nothing to the Urssaf.
                may_be_sent(move) and move.company_id._l10n_fr_sap_sends_on_post()
            )
        )
        # Not at once: Odoo's own transaction goes on, and must not be committed. One by
        # one, and come what may: confirming an invoice never fails because of us.
        if wanted.filtered(lambda move: queue_or_tell(move, tell_obstacles=False)):
            self._l10n_fr_sap_trigger_sending()
        return posted

    def _prepare_create_values(self, vals_list):
        vals_list = super()._prepare_create_values(vals_list)
        for vals in vals_list:  # with the context's defaults
            check_ours_alone(self, vals)
        return vals_list

    def write(self, vals):
        check_ours_alone(self, vals)
        check_invoices_write(self, vals)
        # The buttons are not enough: what they do can also be written by RPC.
        if vals.get("state") in ("draft", "cancel"):
            release(self, vals["state"])
        return super().write(vals)

    def button_draft(self):
        check_not_live(self)
        for move in self.sudo():
            # A proposed period goes with the date that it came from.
            period = (move.l10n_fr_sap_date_from, move.l10n_fr_sap_date_to)
            if all(period) and period == proposed_period(move):
                move.write(dict.fromkeys(_PERIOD, False))
        return super().button_draft()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_l10n_fr_sap_sent(self):
        check_never_sent(self)

    # This is Odoo's own way of hiding "Reset to Draft" for what the State holds already.

    def _need_cancel_request(self):
        return super()._need_cancel_request() or self.l10n_fr_sap_live

    @api.depends("l10n_fr_sap_live")
    def _compute_need_cancel_request(self):
        return super()._compute_need_cancel_request()

    def button_request_cancel(self):
        """Odoo's; no call of the Urssaf's cancels a payment request.

        :raise UserError: with what to do instead, for an invoice at the Urssaf
        """
        self.ensure_one()
        check_cancellable(self)
        return super().button_request_cancel()
