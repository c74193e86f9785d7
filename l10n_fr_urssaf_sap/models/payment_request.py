# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..texts.advice import describe_advice
from ..texts.messages import describe_api_errors
from ..urssaf.api.codes import STATUSES
from .batch import reachable
from .res_company import ENVIRONMENTS

# Over without money: the invoice may be sent again, under another number.
DEAD = tuple(status.key for status in STATUSES if status.dead)
# Not at the Urssaf: these may be mended and sent under the same number.
UNSENT = ("to_send", "error")
# Neither under way nor paid: the invoice is free.
NOT_LIVE = (*UNSENT, *DEAD)
# The customer has not settled such an invoice, or only in part: it may be sent.
UNPAID = ("not_paid", "partial")
# The activity on an invoice that its customer refused.
REFUSED = "l10n_fr_urssaf_sap.activity_refused"


class PaymentRequest(models.Model):
    """An invoice at the Urssaf, under one number."""

    _name = "l10n_fr_sap.payment.request"
    _description = "Payment Request"
    _order = "id desc"
    _rec_name = "number"
    _inherit = ["l10n_fr_sap.background"]
    _waiting = ("to_send", "sending")

    move_id = fields.Many2one(
        "account.move", "Invoice", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    environment = fields.Selection(
        ENVIRONMENTS, required=True, readonly=True, help="The Urssaf that it is for."
    )
    superseded = fields.Boolean(
        readonly=True, help="The invoice was sent again, under another number."
    )
    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True)
    number = fields.Char(
        required=True, help="The invoice's number at the Urssaf, used only once."
    )
    urssaf_id = fields.Char("Urssaf ID", index="btree_not_null", copy=False)
    # to_send --lock, mark, COMMIT--> sending --lock again, POST--> integrated (accepted)
    #    ^                               |                       -> error (refused: mend)
    #    |                               |                       -> (double: adopt ours)
    #    |                               '-- no usable answer, or the process died
    #    '-- lease over, M070 does not know the number --'-- M070 knows it: what it says
    # From integrated on: whatever M070 says, in any order.
    state = fields.Selection(
        [
            ("to_send", "To send"),
            ("sending", "Being sent"),
            ("error", "To mend"),
            ("integrated", "Integrated"),
            ("awaiting_validation", "Awaiting validation"),
            ("validated", "Validated"),
            ("refused", "Refused by the customer"),
            ("debited", "Debited"),
            ("debit_refused", "Debit refused"),
            ("paid", "Paid"),
            ("cancelled", "Cancelled"),
            ("cancelled_unpaid", "Cancelled, unpaid"),
            ("cancelled_recovered", "Cancelled, recovered"),
            ("cancelled_other", "Cancelled, other reason"),
            ("recovered", "Recovered by the provider"),
            ("provider_unpaid", "Owed by the provider"),
            ("provider_settled", "Settled by the provider"),
            ("unknown", "Unknown status"),
        ],
        required=True,
        default="to_send",
        index=True,
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    amount_total = fields.Monetary("Amount")
    transfer_amount = fields.Monetary()
    transfer_date = fields.Date()
    rejection_code = fields.Char()
    rejection_comment = fields.Text("Customer's Comment")
    error = fields.Text(help="What the Urssaf said when it refused the request.")
    error_codes = fields.Char(help="The Urssaf's codes of that error.")
    advice = fields.Text(compute="_compute_advice")
    urssaf_code = fields.Char("Urssaf Status Code")
    urssaf_label = fields.Char("Status at the Urssaf")
    sent_at = fields.Datetime("Sent On")
    lost_answers = fields.Integer(
        readonly=True, help="Calls that got no usable answer and came to nothing."
    )
    refreshed_at = fields.Datetime("Last Refresh")

    _number_uniq = models.UniqueIndex(
        "(company_id, environment, number)",
        "This number was already sent to the Urssaf.",
    )
    # Not by state: a request that was refused may come to life again, and the Urssaf is
    # to be believed whatever we did meanwhile.
    _live_uniq = models.UniqueIndex(
        "(move_id, environment) WHERE superseded IS NOT TRUE",
        "This invoice already has a payment request.",
    )

    def _compute_currency_id(self):
        # The Urssaf knows no other; and no invoice has to be read for it.
        self.currency_id = self.env["ir.model.data"]._xmlid_to_res_id("base.EUR")

    @api.depends("error_codes")
    def _compute_advice(self):
        for request in self:
            codes = (request.error_codes or "").split()
            request.advice = describe_advice(self.env, codes)

    # Buttons

    def action_refresh(self):
        """Ask the Urssaf for the statuses of these requests.

        :raise AccessError: without the Urssaf group
        :raise UserError: when none was sent; when the Urssaf cannot be reached
        """
        sent = self._checked().filtered(lambda request: request.state not in UNSENT)
        if self and not sent:
            raise UserError(self.env._("Nothing was sent to the Urssaf yet."))
        for company, some in sent.grouped("company_id").items():
            with company._l10n_fr_sap_urssaf() as urssaf:
                some.filtered("urssaf_id")._refresh(
                    urssaf, lambda *_told: sent._commit()
                )
                some._settle(urssaf)
                sent._commit()
        return True

    def action_retry(self):
        """Send again what the Urssaf refused at once, under the same number.

        :raise UserError: as for the invoice's own button
        """
        return self.move_id.action_l10n_fr_sap_send()

    def action_withdraw(self):
        """Take requests out of the queue before they are sent.

        :raise AccessError: without the Urssaf group
        :raise UserError: when one of them has left already
        """
        queued = self._checked().try_lock_for_update()
        if queued.filtered(lambda request: request.state == "to_send") != self:
            raise UserError(
                self.env._(
                    "Only a payment request that waits to be sent can be withdrawn."
                )
            )
        queued._withdraw()
        return True

    def _checked(self):
        """These requests with every right, for a user who may handle them."""
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        requests = reachable(self.sudo())
        if self and not requests:
            raise UserError(
                self.env._(
                    "This was sent to another Urssaf (test or production) than the one"
                    " that the company uses now."
                )
            )
        return requests

    def _withdraw(self):
        moves = self.move_id
        self.unlink()
        for move in moves:
            # The one before, if any, is the current one again.
            latest = move._l10n_fr_sap_requests()[:1]
            latest.superseded = False
            move.l10n_fr_sap_request_id = latest or move.l10n_fr_sap_request_ids[:1]

    # Sending is in payment_request_sending.py, following in payment_request_following.py

    def _fail_with(self, errors):
        codes = {error.code for error in errors}
        self._fail(describe_api_errors(self.env, errors), codes)

    def _fail(self, message, codes=()):
        self.write(
            {
                "state": "error",
                "error": message,
                "error_codes": " ".join(sorted(codes)),
                "sent_at": False,
            }
        )
        self._post_attention()

    def _told(self, company, done, to_fix):
        return (
            self.env._("Payment requests to the Urssaf"),
            self.env._(
                "%(company)s: %(done)s payment requests sent to the Urssaf, %(left)s to be"
                " mended.",
                company=company.name,
                done=done,
                left=to_fix,
            ),
            "move_id",
        )
