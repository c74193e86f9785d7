# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ..invoicing import states
from ..texts.messages import describe_codes, describe_rejection
from .submission import LEVELS


class PaymentRequestEvent(models.Model):
    """A moment in the life of a payment request: it came to a status, or the Urssaf told of
    its transfer. Written in bulk as transactions end: see ``write_state``."""

    _name = "l10n_fr_sap.payment.request.event"
    _description = "Payment Request History"
    _order = "id desc"
    _log_access = False  # it says itself when, and who

    request_id = fields.Many2one(
        "l10n_fr_sap.payment.request",
        "Payment Request",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    moment = fields.Datetime(
        "When", required=True, readonly=True, help="When Odoo learned of it."
    )
    state = fields.Selection(states.STATES, "Status", required=True, readonly=True)
    state_level = fields.Selection(
        LEVELS, "Status Color", compute="_compute_state_level"
    )
    user_id = fields.Many2one(
        "res.users",
        "By",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Who queued, sent or withdrew it; empty for what the Urssaf told.",
    )
    urssaf_code = fields.Char(readonly=True)
    error_codes = fields.Char(readonly=True)
    reason = fields.Text(readonly=True, help="What was found before it was sent.")
    rejection_code = fields.Char(readonly=True)
    transfer_amount = fields.Monetary(readonly=True)
    transfer_date = fields.Date(readonly=True)
    currency_id = fields.Many2one(related="request_id.currency_id")
    note = fields.Text("Details", compute="_compute_note")

    @api.depends("state")
    def _compute_state_level(self):
        for event in self:
            event.state_level = states.LEVELS.get(event.state)

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_note(self):
        for event in self:
            event.note = "\n".join(filter(None, event._details()))

    def _details(self):
        # As in the chatter: the words of the Urssaf and of the customer are not in it.
        if self.state == "error":
            yield describe_codes(self.env, self.error_codes) or self.reason
        if self.state in states.DEAD:
            yield describe_rejection(self.env, self.rejection_code)
        if self.state == "unknown":
            yield self.env._("Status %s at the Urssaf", self.urssaf_code)
        if self.state == "paid" and self.transfer_date:
            yield self.env._(
                "Transfer of %(amount)s on %(day)s",
                amount=format_amount(self.env, self.transfer_amount, self.currency_id),
                day=format_date(self.env, self.transfer_date),
            )


class History(models.AbstractModel):
    """What a payment request has been through. Fields and methods of
    ``l10n_fr_sap.payment.request``."""

    _name = "l10n_fr_sap.history"
    _inherit = "l10n_fr_sap.followup"
    _description = "What a Payment Request Has Been Through"

    event_ids = fields.One2many(
        "l10n_fr_sap.payment.request.event", "request_id", "History", readonly=True
    )
