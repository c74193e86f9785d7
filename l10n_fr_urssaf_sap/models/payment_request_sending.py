# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The sending protocol: what is committed when, so that nothing is sent twice."""

import logging
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models

from ..urssaf.client import BATCH_SIZE, CONNECT_TIMEOUT, READ_TIMEOUT, batches
from ..urssaf.codes import ALREADY_SENT, STATUS_BY_KEY
from ..urssaf.errors import Misconfigured, Refused, Unavailable, Unsure, UrssafError
from .batch import reachable, run_by_company

_logger = logging.getLogger(__name__)

# A call may ask for a token, and both may be made once more: none takes longer.
_LEASE = timedelta(seconds=4 * (CONNECT_TIMEOUT + READ_TIMEOUT))


class PaymentRequest(models.Model):
    _inherit = "l10n_fr_sap.payment.request"

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
