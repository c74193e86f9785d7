# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..urssaf.client import BATCH_SIZE, CONNECT_TIMEOUT, READ_TIMEOUT, batches
from ..urssaf.codes import ALREADY_SENT, STATUS_BY_KEY, STATUSES
from ..urssaf.errors import Misconfigured, Refused, Unavailable, Unsure, UrssafError
from .advice import describe_advice
from .batch import reachable, run_by_company
from .messages import describe_api_errors, describe_rejection, state_label
from .res_company import ENVIRONMENTS

_logger = logging.getLogger(__name__)

# Over without money: the invoice may be sent again, under another number.
DEAD = tuple(status.key for status in STATUSES if status.dead)
# Not at the Urssaf: these may be mended and sent under the same number.
UNSENT = ("to_send", "error")
# Neither under way nor paid: the invoice is free.
NOT_LIVE = (*UNSENT, *DEAD)
_MOVING = (*(status.key for status in STATUSES if status.moves), "unknown")
# What somebody has to look at.
_ATTENTION = {"error", "debit_refused", "provider_unpaid", "unknown", *DEAD}
# The activity on an invoice that its customer refused.
REFUSED = "l10n_fr_urssaf_sap.activity_refused"
_REFRESH_AFTER = timedelta(hours=1)
# A call may ask for a token, and both may be made once more: none takes longer.
_LEASE = timedelta(seconds=4 * (CONNECT_TIMEOUT + READ_TIMEOUT))


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
    currency_id = fields.Many2one(related="move_id.currency_id")
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
                some.filtered("urssaf_id")._refresh(urssaf)
                some._settle(urssaf)
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

    # Sending

    def _send(self, urssaf):
        """Send those that wait; at most one call's worth. Commits before the call and
        after it, so that whatever happens in between can be settled later.

        :raise UrssafError: when the call did not take place; they wait again then
        """
        # Before anything is marked: that a dead Urssaf is mostly found here.
        urssaf.authenticate()
        # A row changed by somebody else since the transaction began cannot be locked.
        self._commit()
        batch = self.try_lock_for_update(allow_referencing=True)
        batch = batch.filtered(lambda request: request.state == "to_send")
        # Whatever may fail in writing them does so before anything is marked.
        items = {}
        for request in batch:
            move = request.move_id
            try:
                if obstacles := move._l10n_fr_sap_obstacles():
                    request._fail("\n".join(obstacles))
                else:
                    item = move._l10n_fr_sap_payment_request(request.number)
                    items[request.id] = item
            except (ArithmeticError, LookupError, TypeError, ValueError):
                # Or it would hold up the others for ever.
                _logger.exception("Urssaf, %s", request)
                request._fail(self.env._("An unexpected error: see Odoo's log."))
        batch = self.browse(items)
        batch.write({"state": "sending", "sent_at": fields.Datetime.now()})
        self._commit()
        # The commit gave the locks back. A request that somebody else holds by now keeps
        # its mark, and is settled when the lease is over.
        if batch := batch.try_lock_for_update(allow_referencing=True):
            try:
                batch._post(urssaf, [items[request.id] for request in batch])
            finally:
                self._commit()

    def _post(self, urssaf, items):
        try:
            outcomes = urssaf.send(items)
        except Refused as refused:
            self._fail_with(refused.errors)
            return
        except (Unavailable, Misconfigured):
            self._wait_again()
            raise
        except Unsure as unsure:
            # They stay marked: M070 tells what became of them when the lease is over.
            _logger.info("Payment requests %s: %s", self.ids, unsure)
            return
        for request in self:
            # One that the answer leaves out stays marked as well.
            if outcome := outcomes.get(request.number):
                request._take(outcome, urssaf)

    def _take(self, outcome, urssaf):
        if outcome.id:
            self.write(
                {
                    "state": "integrated",
                    "urssaf_id": outcome.id,
                    "urssaf_code": STATUS_BY_KEY["integrated"].code,
                    "urssaf_label": STATUS_BY_KEY["integrated"].label,
                    "error": False,
                    "error_codes": False,
                }
            )
        elif ALREADY_SENT in {error.code for error in outcome.errors}:
            try:
                found = urssaf.search_by_number([self.number])
            except UrssafError as error:
                _logger.info("Payment request %s: %s", self.id, error)
            else:
                self._adopt(next(iter(found), None))
        else:
            self._fail_with(outcome.errors)

    def _settle(self, urssaf):
        """Find out what became of calls that got no usable answer: numbers that the Urssaf
        knows are adopted, the others wait to be sent again. Before the lease is over the
        call may still be under way, and an unknown number would prove nothing.

        :raise UrssafError: when the Urssaf could not be asked
        """
        overdue = self.try_lock_for_update(allow_referencing=True).filtered_domain(
            self._overdue_domain()
        )
        for batch in batches(overdue):
            numbers = [request.number for request in batch]
            found = {info.number: info for info in urssaf.search_by_number(numbers)}
            for request in batch:
                if info := found.get(request.number):
                    request._adopt(info)
                else:
                    request._wait_again()

    def _adopt(self, info):
        """Take over what the Urssaf holds under our number, if it is ours."""
        sent = self.move_id._l10n_fr_sap_payment_request()
        if info and (info.client_id, info.gross, info.date_from, info.date_to) == (
            sent.client_id,
            sent.gross,
            sent.date_from,
            sent.date_to,
        ):
            self._apply(info)
        else:
            self._fail(
                self.env._(
                    "The Urssaf already holds another payment request under the number %s.",
                    self.number,
                ),
                [ALREADY_SENT],
            )

    def _wait_again(self):
        self.write({"state": "to_send", "sent_at": False})

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

    # Following

    def _refresh(self, urssaf):
        """Ask for the statuses (M070), ten at a time.

        :raise UrssafError: when the Urssaf could not be asked
        """
        by_id = self.grouped("urssaf_id")
        for ids in batches(by_id):
            for info in urssaf.search_by_id(ids):
                if request := by_id.get(info.id):
                    request._apply(info)
        self.write({"refreshed_at": fields.Datetime.now()})

    def _apply(self, info):
        """Believe what the Urssaf says, whatever was known before."""
        before = self.state
        self.write(
            {
                "state": info.key,
                "urssaf_id": info.id,
                "urssaf_code": info.code,
                "urssaf_label": info.label,
                "rejection_code": info.rejection_code,
                "rejection_comment": info.rejection_comment,
                "transfer_amount": info.transfer_amount or 0,
                "transfer_date": info.transfer_date,
                "error": False,
                "error_codes": False,
            }
        )
        if self.state != before and self.state in _ATTENTION:
            self._post_attention()

    def _post_attention(self):
        for request in self:
            lines = [
                self.env._(
                    "Payment request %(number)s: %(state)s",
                    number=request.number,
                    state=state_label(request),
                ),
                request.error,
                request.advice,
                *request._rejection(),
            ]
            request.move_id.message_post(
                body=plaintext2html("\n".join(filter(None, lines)))
            )
            if request.state == "refused":
                request._ask_somebody()

    def _rejection(self):
        """Why the customer refused, in words, and their own comment."""
        return [
            describe_rejection(self.env, self.rejection_code),
            self.rejection_comment,
        ]

    def _ask_somebody(self):
        """An activity for whoever sold this: the customer is to be talked to."""
        move = self.move_id
        users = (
            move.invoice_user_id,
            move.commercial_partner_id.user_id,
            self.create_uid,
            move.create_uid,
        )
        user = next((user for user in users if user.active), self.env.user)
        request = self.with_context(lang=user.lang)
        move.with_context(lang=user.lang).activity_schedule(
            REFUSED,
            user_id=user.id,
            note=plaintext2html("\n".join(filter(None, request._rejection()))),
        )

    # Scheduled actions

    @api.model
    def _cron_send(self):
        """Settle the calls whose fate is not known, then send what waits."""
        domain = ["|", ("state", "=", "to_send"), *self._overdue_domain()]
        todo = self.search(domain, order="id")
        # Somebody waits for word of these.
        stranded = todo.filtered(
            lambda request: request.state == "to_send" and request.queued_uid
        )
        for request in stranded - reachable(stranded):
            request._fail(self.env._("The settings of the company have changed."))
        run_by_company(
            todo, BATCH_SIZE, lambda some, urssaf: some._settle_and_send(urssaf)
        )
        self._tell_the_end()

    def _settle_and_send(self, urssaf):
        self._settle(urssaf)
        self._send(urssaf)

    @api.model
    def _cron_refresh(self):
        """Follow the requests that can still move, the oldest check first."""
        domain = [
            ("state", "in", _MOVING),
            ("urssaf_id", "!=", False),
            "|",
            ("refreshed_at", "=", False),
            ("refreshed_at", "<=", fields.Datetime.now() - _REFRESH_AFTER),
        ]
        todo = self.search(domain, order="refreshed_at NULLS FIRST, id")
        run_by_company(
            todo, BATCH_SIZE, lambda some, urssaf: some._refresh_unlocked(urssaf)
        )

    def _refresh_unlocked(self, urssaf):
        self.try_lock_for_update(allow_referencing=True)._refresh(urssaf)

    def _told(self, company, done, to_mend):
        return (
            self.env._("Payment requests to the Urssaf"),
            self.env._(
                "%(company)s: %(done)s payment requests sent to the Urssaf, %(left)s to be"
                " mended.",
                company=company.name,
                done=done,
                left=to_mend,
            ),
            "move_id",
        )

    # Helpers

    @api.model
    def _overdue_domain(self):
        seconds = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("l10n_fr_urssaf_sap.lease_seconds")
        )
        lease = timedelta(seconds=int(seconds)) if seconds else _LEASE
        over = fields.Datetime.now() - lease
        return ["&", ("state", "=", "sending"), ("sent_at", "<=", over)]

    def _commit(self):
        """The sending protocol rests on what is committed when: see ``state``."""
        self.env.cr.commit()  # pylint: disable=invalid-commit
