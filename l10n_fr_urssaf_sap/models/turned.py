# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..invoicing import activities, money, turning
from ..invoicing.entries import post_entry
from ..invoicing.guards import lock_or_refuse
from ..invoicing.set_up import why_not_bookable
from ..protocol.transactions import lock


class Turned(models.AbstractModel):
    """A payment request whose money the Urssaf takes back, or may take back. Fields and
    methods of ``l10n_fr_sap.payment.request``."""

    _name = "l10n_fr_sap.turned"
    _inherit = "l10n_fr_sap.booked"
    _description = "Payment Taken Back"

    cancel_asked_at = fields.Datetime(
        "Cancellation Requested On", readonly=True, copy=False
    )
    can_take_back = fields.Boolean(
        "Can Be Taken Back", compute="_compute_turned_actions", compute_sudo=True
    )
    can_ask_cancel = fields.Boolean(
        "Can Be Cancelled", compute="_compute_turned_actions", compute_sudo=True
    )
    can_register_again = fields.Boolean(
        "Can Be Registered Again", compute="_compute_turned_actions", compute_sudo=True
    )
    changed_by_hand = fields.Text(
        "Changed in the Books", compute="_compute_turned_actions", compute_sudo=True
    )

    @api.depends(
        "state",
        "booked_amount",
        "money_state",
        "urssaf_id",
        "entry_line_ids.parent_state",
    )
    def _compute_turned_actions(self):
        for request in self:
            request.can_take_back = turning.is_undecided(request)
            request.can_ask_cancel = turning.is_cancellable(request)
            request.changed_by_hand = turning.changed_by_hand(request)
            request.can_register_again = turning.can_be_registered_again(request)

    # Transitions

    def _follow_money(self, before):
        """What the Urssaf says of these has changed: where their companies have its
        payments booked, the books follow.

        :param before: ``{request: state}``
        """
        followed = self.filtered("company_id.l10n_fr_sap_register_payments")
        followed._mark_money()
        for request in followed.filtered(lambda each: each.state != before[each]):
            turning.turn(request, before[request])
        for request in self - followed:
            turning.tell_not_followed(request)

    def _set_cancel_asked(self, reason):
        """The Urssaf was asked to cancel it. More people read the chatter than may see the
        message."""
        self.cancel_asked_at = fields.Datetime.now()
        text = self.env._(
            "The Urssaf was asked to cancel payment request %(number)s: %(reason)s",
            number=self.number,
            reason=reason,
        )
        self.move_id._message_log(body=Markup("<p>%s</p>") % text)

    def _take_back(self, amount):
        """Book that the Urssaf takes ``amount`` back, as somebody has read.

        :raise UserError: when nothing of it can be taken back, or not so much
        """
        lock_or_refuse(self)
        if not turning.is_undecided(self):
            raise UserError(self.env._("There is nothing that the Urssaf takes back."))
        currency = self.currency_id
        amount, most = currency.round(amount), self.booked_amount
        if amount <= 0 or currency.compare_amounts(amount, most) > 0:
            raise UserError(
                self.env._("The Urssaf takes back as much as is registered, at most.")
            )
        company = self.company_id
        if why := why_not_bookable(company) or money.why_not_booked(self, -amount):
            raise UserError(why)
        request = self.with_context(tracking_disable=True, lang=company.partner_id.lang)
        post_entry(request.transfer_id, money.today(self), {request: -amount})
        self.booked_amount = currency.round(most - amount)
        self._set_settled()
        activities.forget(self.move_id)

    # Buttons

    def action_register_again(self):
        """Book again what somebody has cancelled or deleted in the books.

        :raise AccessError: without the Urssaf group
        :raise UserError: when the company does not register the Urssaf's payments
        """
        requests = lock(self._allowed()).filtered("can_register_again")
        for request in requests:
            request.booked_amount = float(money.booked_lines_sum(request))
        return requests._register_payment()
