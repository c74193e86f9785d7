# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The sending protocol: what is committed when, so that nothing is sent twice."""

import logging
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models

from ..urssaf.client import BATCH_SIZE, batches
from ..urssaf.codes import ALREADY_SENT, STATUS_BY_KEY
from ..urssaf.errors import Misconfigured, Refused, Unavailable, UrssafError
from ..urssaf.transport import CONNECT_TIMEOUT, READ_TIMEOUT
from .batch import in_batches, run_by_company
from .messages import UNEXPECTED

_logger = logging.getLogger(__name__)

# Longer than any call that left before its process died can be under way.
_LEASE = timedelta(seconds=6 * (CONNECT_TIMEOUT + READ_TIMEOUT))


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
        batch = batch.filtered(lambda request: request.state == "to_send")
        # Whatever may fail in writing them does so before anything is marked.
        items, holders = {}, batch.move_id._l10n_fr_sap_holders()
        for request in batch:
            try:
                obstacles, item = request.move_id._l10n_fr_sap_prepare(holders)
                if obstacles:
                    request._fail("\n".join(obstacles))
                else:
                    items[request.id] = replace(item, number=request.number)
            except (ArithmeticError, LookupError, TypeError, ValueError):
                # Or it would hold up the others for ever.
                _logger.exception("Urssaf, %s", request)
                request._fail(self.env._(UNEXPECTED))
        batch = self.browse(items)
        marked_at = fields.Datetime.now()
        batch.write({"state": "sending", "sent_at": marked_at})
        self._commit()
        # The commit gave the locks back. A request that somebody else holds by now keeps
        # its mark, and is settled when the lease is over; perhaps it has been already.
        batch = batch.try_lock_for_update(allow_referencing=True).filtered_domain(
            [("state", "=", "sending"), ("sent_at", "=", marked_at)]
        )
        alone = batch.browse()
        try:
            if batch:
                alone = batch._post(urssaf, [items[request.id] for request in batch])
        finally:
            batch._come_back()
            self._commit()
        for request in alone:
            request._send(urssaf)

    def _post(self, urssaf, items):
        """Make the call and keep what it tells; gives those to send one by one."""
        try:
            outcomes = urssaf.send(items)
        except Refused as refused:
            if len(self) > 1:
                # Refused as a whole: one of them may have spoilt it for the others.
                self._wait_again()
                return self
            self._fail_with(refused.errors)
            return self.browse()
        except (Unavailable, Misconfigured):
            self._wait_again()
            raise
        for request in self:
            # One that the answer leaves out stays marked.
            if outcome := outcomes.get(request.number):
                request._take(outcome, urssaf)
        return self.browse()

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
        overdue = self.filtered_domain(self._overdue_domain())
        if not overdue:
            return
        # A row that changed since the transaction began cannot be locked.
        self._commit()
        overdue = overdue.try_lock_for_update(allow_referencing=True).filtered_domain(
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
        """Take over what the Urssaf holds under our number, if it is ours; the amount is
        compared where it says one."""
        sent = self.move_id._l10n_fr_sap_payment_request()
        if (
            info
            and (info.client_id, info.date_from, info.date_to)
            == (sent.client_id, sent.date_from, sent.date_to)
            and info.gross in (None, sent.gross)
        ):
            self.urssaf_id = info.id
            self._apply({self: info})
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

    @api.model
    def _cron_send(self):
        """Settle the calls whose fate is not known, then send what waits."""
        domain = ["|", ("state", "=", "to_send"), *self._overdue_domain()]
        todo = self.search(domain, order="id")
        todo._fail_stranded()
        run_by_company(todo, in_batches(BATCH_SIZE, type(self)._settle_and_send))
        self._tell_the_end()
        # Also those of a process that died.
        self.search([("state", "=", "sending")], order="sent_at", limit=1)._come_back()

    def _come_back(self):
        """See to those whose fate is not known when their lease is over."""
        if lost := self.filtered(lambda request: request.state == "sending"):
            self.env.ref("l10n_fr_urssaf_sap.ir_cron_send").sudo()._trigger(
                at=max(lost.mapped("sent_at")) + self._lease()
            )

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
