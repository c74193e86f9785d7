# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..texts.french import french_of
from ..texts.messages import REJECTIONS, describe_rejection
from .chosen import chosen_request

_TEMPLATE = "l10n_fr_urssaf_sap.mail_template_cancel"


class AskCancel(models.TransientModel):
    """The message that asks the Urssaf to cancel a payment request."""

    _name = "l10n_fr_sap.ask.cancel"
    _description = "Ask the Urssaf to Cancel"

    recipient = fields.Char(
        default=lambda self: chosen_request(self).company_id.l10n_fr_sap_cancel_email,
    )
    reason = fields.Selection("_selection_reason", required=True)
    subject = fields.Char(compute="_compute_message", store=True, readonly=False)
    body = fields.Html(compute="_compute_message", store=True, readonly=False)

    @api.model
    def _selection_reason(self):
        return [(code, describe_rejection(self.env, code)) for code in REJECTIONS]

    @api.depends("reason")
    def _compute_message(self):
        request, template = chosen_request(self), self.env.ref(_TEMPLATE).sudo()
        self.subject = self.body = False
        # The Urssaf reads French, whatever the user does.
        template = template.with_context(lang=french_of(self.env))
        for message in self if request else ():
            reason = describe_rejection(template.env, message.reason)
            template = template.with_context(reason=reason)
            for name, field in (("subject", "subject"), ("body", "body_html")):
                message[name] = template._render_field(field, request.ids)[request.id]

    @api.model
    def _open(self, request):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "l10n_fr_urssaf_sap.action_ask_cancel"
        )
        return action | {"context": {"active_id": request.id}}

    def action_send(self):
        """Send it, and note on the payment request that it was.

        :raise AccessError: without the Urssaf group
        :raise UserError: without an address, or once there is nothing to cancel
        """
        self.ensure_one()
        request = chosen_request(self)
        if not request.can_ask_cancel:
            raise UserError(
                self.env._("The Urssaf has nothing to cancel of this payment request.")
            )
        if not (self.recipient or "").strip():
            raise UserError(self.env._("Please enter the Urssaf's address."))
        # Not in the invoice's chatter, which more people read than may see it.
        self.env["mail.mail"].sudo().create(
            {
                "subject": self.subject,
                "body_html": self.body,
                "email_to": self.recipient,
                "email_from": self.env.user.email_formatted,
                "reply_to": self.env.user.email_formatted,
                "auto_delete": True,
            }
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        request._set_cancel_asked(describe_rejection(self.env, self.reason))
        return {"type": "ir.actions.act_window_close"}
