# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The sending protocol: what is committed when, so that nothing is sent twice."""

import logging
from dataclasses import replace
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models

from ..texts.messages import UNEXPECTED
from ..urssaf.api.answers import Outcome
from ..urssaf.api.client import BATCH_SIZE, batches
from ..urssaf.api.codes import ALREADY_SENT, STATUS_BY_KEY
from ..urssaf.api.concurrency import search_apart
from ..urssaf.api.errors import Misconfigured, Refused, Unavailable, UrssafError
from ..urssaf.api.transport import CONNECT_TIMEOUT, READ_TIMEOUT
from .batch import in_batches, run_by_company, trigger_at

_logger = logging.getLogger(__name__)

# Longer than any call that left before its process died can be under way.
_LEASE = timedelta(seconds=6 * (CONNECT_TIMEOUT + READ_TIMEOUT))
# A request whose answer was lost so often is sent again less often.
_MANY_LOST, _LOST_AGAIN = 3, timedelta(hours=1)


class PaymentRequest(models.Model):
    _inherit = "l10n_fr_sap.payment.request"

    def _send(self, urssaf):
        """Send those that wait; at most one call's worth. Commits before the call and
        after it, so that whatever happens in between can be settled later.

        :raise UrssafError: when the call did not take place, they wait again then; or
            when it is not known whether it did, they stay marked then
        """
        # Before anything is marked: that a dead Urssaf is mostly found here.
        urssaf.authenticate()
        # A row changed by somebody else since the transaction began cannot be locked.
        self._commit()
        batch = self.try_lock_for_update(allow_referencing=True)
        batch = batch.filtered(
            lambda request: request.state == "to_send" and request._is_due()
        )
        # Whatever may fail in writing them does so before anything is marked.
        items, holders = {}, batch.move_id._l10n_fr_sap_holders()
        for request in batch:
            try:
                obstacles, item = request.move_id._l10n_fr_sap_prepare(holders)
                if obstacles:
                    request._fail("\n".join(obstacles))
                else:
                    items[request.id] = replace(item, number=request.number)
            except (OperationalError, UrssafError):
                raise
            except Exception:
                # Or it would hold up the others for ever.
                _logger.exception("Urssaf, %s", request)
                request._fail(self.env._(UNEXPECTED))
        batch = self.browse(items)
        # What came to nothing before may spoil the call for the others.
        alone = batch.filtered("lost_answers") if len(batch) > 1 else self.browse()
        batch -= alone
        if batch:
            alone |= batch._mark_and_post(urssaf, items)
        for request in alone:
            request._send(urssaf)

    def _mark_and_post(self, urssaf, items):
        """Make one call for these, ``items`` by id; gives those to send one by one."""
        marked_at = fields.Datetime.now()
        self.write({"state": "sending", "sent_at": marked_at})
        self._come_back(marked_at)
        self._commit()
        # The commit gave the locks back. A request that somebody else holds by now keeps
        # its mark, and is settled when the lease is over; perhaps it has been already.
        batch = self.try_lock_for_update(allow_referencing=True).filtered_domain(
            [("state", "=", "sending"), ("sent_at", "=", marked_at)]
        )
        alone = doubles = self.browse()
        try:
            if batch:
                alone, doubles = batch._post(urssaf, items)
        finally:
            self._commit()
        doubles._settle_doubles(urssaf)
        return alone

    def _post(self, urssaf, items):
        """Make the call and keep what it tells; gives those to send one by one, and those
        whose number the Urssaf holds already."""
        none = self.browse()
        try:
            outcomes = urssaf.send([items[request.id] for request in self])
        except Refused as refused:
            if len(self) > 1:
                # Refused as a whole: one of them may have spoilt it for the others.
                self._wait_again()
                return self, none
            outcomes = {self.number: Outcome(self.number, errors=refused.errors)}
        except (Unavailable, Misconfigured):
            self._wait_again()
            raise
        doubles = none
        for request in self:
            # One that the answer leaves out stays marked.
            if outcome := outcomes.get(request.number):
                if outcome.id:
                    request._take(outcome)
                elif ALREADY_SENT in {error.code for error in outcome.errors}:
                    doubles |= request
                else:
                    request._fail_with(outcome.errors)
        return none, doubles

    def _take(self, outcome):
        self.write(
            {
                "state": "integrated",
                "urssaf_id": outcome.id,
                "urssaf_code": STATUS_BY_KEY["integrated"].code,
                "urssaf_label": STATUS_BY_KEY["integrated"].label,
                "lost_answers": 0,
                "error": False,
                "error_codes": False,
            }
        )

    def _settle(self, urssaf):
        """Find out what became of calls that got no usable answer: numbers that the Urssaf
        knows are adopted, the others wait to be sent again. Before the lease is over the
        call may still be under way, and an unknown number would prove nothing.

        :raise UrssafError: when the Urssaf could not be asked
        """
        overdue = self._overdue_domain()
        for request in self.filtered_domain(overdue)._look_up(urssaf, overdue):
            request._lost()

    def _lost(self):
        """The answer was lost, and nothing was done: to be sent again, but alone, for the
        Urssaf may have failed on this very request."""
        self.write({"state": "to_send", "lost_answers": self.lost_answers + 1})
        if self.lost_answers == _MANY_LOST:
            self.error = (
                self._held_already()
                if self.error_codes == ALREADY_SENT
                else self.env._(
                    "The Urssaf gave no usable answer to this payment request, %s times,"
                    " and does not know it. It is sent again every hour. Please check the"
                    " invoice; the request can be withdrawn.",
                    _MANY_LOST,
                )
            )
            self._post_attention()

    def _is_due(self):
        return (
            self.lost_answers < _MANY_LOST
            or not self.sent_at
            or self.sent_at <= fields.Datetime.now() - _LOST_AGAIN
        )

    def _settle_doubles(self, urssaf):
        """The Urssaf holds these numbers; ours are adopted. Those that it cannot show stay
        marked, and are settled like any other."""
        try:
            unseen = self._look_up(urssaf, [("state", "=", "sending")])
            unseen.error_codes = ALREADY_SENT
        except UrssafError as error:
            _logger.info("Payment requests %s: %s", self.ids, error)

    def _look_up(self, urssaf, domain):
        """Adopt what the Urssaf holds under these numbers, as far as they are still in
        ``domain``; gives those that it does not know. What it fails on stays as it is."""
        unknown = self.browse()
        if not self:
            return unknown
        # A row that changed since the transaction began cannot be locked.
        self._commit()
        locked = self.try_lock_for_update(allow_referencing=True)
        for batch in batches(locked.filtered_domain(domain)):
            numbers = [request.number for request in batch]
            infos, failed = search_apart(urssaf.search_by_number, numbers)
            found = {info.number: info for info in infos}
            for request in batch:
                if info := found.get(request.number):
                    request._adopt(info)
                elif request.number not in failed:
                    unknown |= request
        return unknown

    def _adopt(self, info):
        """Take over what the Urssaf holds under our number, if what it says of it is
        ours."""
        sent = self.move_id._l10n_fr_sap_payment_request()
        same = [
            theirs == ours
            for theirs, ours in (
                (info.particulier_id, sent.particulier_id),
                (info.date_from, sent.date_from),
                (info.date_to, sent.date_to),
                (info.gross, sent.gross),
            )
            if theirs not in ("", None)
        ]
        if same and all(same):
            self.write({"urssaf_id": info.id, "lost_answers": 0})
            self._apply({self: info})
        else:
            self._fail(self._held_already(), [ALREADY_SENT])

    def _held_already(self):
        return self.env._(
            "The Urssaf already holds another payment request under the number %s.",
            self.number,
        )

    def _wait_again(self):
        self.write({"state": "to_send", "sent_at": False})

    @api.model
    def _cron_send(self):
        """Settle the calls whose fate is not known, then send what waits."""
        domain = ["|", ("state", "=", "to_send"), *self._overdue_domain()]
        todo = self.search(domain, order="id").filtered(
            lambda request: request.state != "to_send" or request._is_due()
        )
        todo._fail_stranded()
        run_by_company(todo, in_batches(BATCH_SIZE, type(self)._settle_and_send))
        self._tell_the_end()

    @api.model
    def _come_back(self, now):
        """Have what leaves ``now`` settled when its lease is over, should the answer be
        lost or this process die."""
        cron = self.env.ref("l10n_fr_urssaf_sap.ir_cron_send")
        trigger_at(cron, now + self._lease())

    def _settle_and_send(self, urssaf):
        self._settle(urssaf)
        self._send(urssaf)

    @api.model
    def _lease(self):
        seconds = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("l10n_fr_urssaf_sap.lease_seconds")
        )
        return timedelta(seconds=int(seconds)) if seconds else _LEASE

    @api.model
    def _overdue_domain(self):
        over = fields.Datetime.now() - self._lease()
        return ["&", ("state", "=", "sending"), ("sent_at", "<=", over)]

    def _commit(self):
        """The sending protocol rests on what is committed when: see ``state``."""
        self.env.cr.commit()  # pylint: disable=invalid-commit
