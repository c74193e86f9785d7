# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What becomes of a payment request at the Urssaf: many asked about at once."""

from collections import defaultdict
from datetime import timedelta
from itertools import islice

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..texts.messages import UNEXPECTED, describe_rejection, state_label
from ..urssaf.api.codes import STATUSES
from ..urssaf.api.concurrency import search_all
from ..urssaf.api.errors import Refused, Unreadable
from .batch import attempt, calls_in_flight, run_by_company
from .payment_request import DEAD, REFUSED

_MOVING = (*(status.key for status in STATUSES if status.moves), "unknown")
# What somebody has to look at.
_ATTENTION = {"error", "debit_refused", "provider_unpaid", "unknown", *DEAD}
_REFRESH_AFTER = timedelta(hours=1)
_OF_ONE = (Refused, Unreadable)  # concerns those that were asked about
_WAVE = 10  # calls whose answers are written together


class PaymentRequest(models.Model):
    _inherit = "l10n_fr_sap.payment.request"

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
            todo,
            lambda some, urssaf, turn: some._refresh(urssaf, turn.done, turn.has_time),
        )

    def _refresh(self, urssaf, done=lambda *args: None, go_on=lambda: True):
        """Ask for the statuses (M070), several calls at a time; commits what it learns.
        Nothing is locked while a call is under way.

        :param done: told how many requests were asked about since the last time, and
            which of them changed
        :param go_on: no further call is made once it is false
        :raise UrssafError: when the Urssaf could not be asked about all of them
        :raise UserError: when an answer could not be worked in
        """
        ids = {request.urssaf_id: request.id for request in self}
        landing = search_all(
            urssaf, ids, in_flight=calls_in_flight(self.env), go_on=go_on
        )
        failure = None
        for wave in iter(lambda: list(islice(landing, _WAVE)), []):
            told = {}
            for landed in wave:
                if landed.error and not (failure and isinstance(landed.error, _OF_ONE)):
                    failure = landed.error
                if landed.error and not isinstance(landed.error, _OF_ONE):
                    continue
                told |= dict.fromkeys(
                    (ids[each] for each in landed.item), (landed, None)
                )
                told |= {
                    ids[info.id]: (landed, info)
                    for info in landed.result or ()
                    if info.id in ids
                }
            if told:
                changed = []
                if not self.browse(told)._work_in(told, changed):
                    failure = failure or UserError(self.env._(UNEXPECTED))
                done(len(told), self.browse(changed))
        if failure:
            raise failure

    def _work_in(self, told, changed):
        """Write what the Urssaf ``told``: ``{id: (Landed, RequestInfo or None)}``; adds the
        ids of those that changed.

        :return: whether nothing unexpected happened
        """
        if attempt(self, lambda some: changed.extend(some._take_in(told).ids)):
            return True
        if len(self) > 1:
            # One of them may have spoilt it for the others.
            for request in self:
                request._work_in(told, changed)
        else:
            # Or it would be the first again, and hold up the others for ever.
            attempt(
                self, lambda one: one.write({"refreshed_at": fields.Datetime.now()})
            )
        return False

    def _take_in(self, told):
        requests = self.try_lock_for_update(allow_referencing=True).filtered(
            # Somebody else may have asked later and been quicker.
            lambda request: (
                not request.refreshed_at
                or request.refreshed_at
                <= told[request.id][0].asked_at.replace(tzinfo=None)
            )
        )
        requests.refreshed_at = fields.Datetime.now()
        return self._apply(
            {request: info for request in requests if (info := told[request.id][1])}
        )

    @api.model
    def _apply(self, infos):
        """Believe what the Urssaf says, ``{request: RequestInfo}``, whatever was known
        before; gives those whose state changed."""
        same = defaultdict(list)
        for request, info in infos.items():
            same[tuple(_values(info).items())].append(request.id)
        before = {request: request.state for request in infos}
        for values, ids in same.items():
            self.browse(ids).write(dict(values))
        changed = self.browse(
            request.id for request in infos if request.state != before[request]
        )
        if attention := changed.filtered(lambda request: request.state in _ATTENTION):
            attention._post_attention()
        return changed

    def _post_attention(self):
        bodies = defaultdict(Markup)
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
            text = "\n".join(filter(None, lines))
            bodies[request.move_id.id] += plaintext2html(text)
        self.move_id._message_log_batch(bodies)
        for request in self:
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


def _values(info):
    return {
        "state": info.key,
        "urssaf_code": info.code,
        "urssaf_label": info.label,
        "rejection_code": info.rejection_code,
        "rejection_comment": info.rejection_comment,
        "transfer_amount": info.transfer_amount or 0,
        "transfer_date": info.transfer_date,
        "error": False,
        "error_codes": False,
    }
