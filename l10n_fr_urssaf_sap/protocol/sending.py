# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Payment requests on their way to the Urssaf: what is committed when, so that nothing is
sent twice and nothing is lost."""

import logging
from collections import deque
from contextlib import contextmanager, suppress

from psycopg2 import OperationalError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ..invoicing.obstacles import Preparation, number_holders
from ..texts.messages import UNEXPECTED
from ..texts.obstacle import Obstacle, refusals, texts_of
from ..urssaf.api.answers import Outcome
from ..urssaf.api.client import BATCH_SIZE, batches
from ..urssaf.api.codes import ALREADY_SENT
from ..urssaf.api.concurrency import call_concurrently, call_one
from ..urssaf.api.errors import Misconfigured, Refused, Unavailable, Unsure, UrssafError
from .settling import settle_doubles
from .transactions import calls_in_flight, commit, run

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)

_NOT_LEFT = _lt(
    "The Urssaf stopped answering before this one left. Please send it again later."
)


class Sending:
    """Payment requests that wait to be sent: at most ten a call, several calls in flight.

    :param prepared: ``{request: Preparation}`` of what the current transaction has locked
        and found without an obstacle, which spares the first call a second look
    """

    def __init__(self, urssaf, requests, prepared=None):
        self.urssaf, self.env = urssaf, requests.env
        self.requests, self.prepared = requests, prepared or {}
        # What the Urssaf may have failed on before must not spoil a call for others.
        alone = requests.filtered("lost_answers")
        self.calls = deque(batches((requests - alone).ids, BATCH_SIZE))
        self.calls.extend([each] for each in alone.ids)
        self.in_flight = requests.browse()
        self.failure, self.done = None, 0

    def run(self, go_on=lambda: True):
        """Send them. After each call, once what it told is committed, gives the number of
        requests that were dealt with since the last time.

        :param go_on: no further call is made once it is false
        :raise UrssafError: when not all could be sent: those whose call did not take
            place wait again, those of which nobody knows stay marked
        """
        # A call that is refused as a whole comes back in calls of one request.
        while self.calls and not self.failure and go_on():
            for result in self._results(go_on):
                call, _bodies = result.item
                if result.error and not isinstance(result.error, Refused):
                    self.failure = result.error
                with suppress(StopIteration):
                    call.send(result)
                yield self._take_done()
        yield self._take_done()
        if self.failure:
            raise self.failure

    def _results(self, go_on):
        """What becomes of the calls: CallResults of what ``_started`` gives."""
        if len(self.calls) == 1:
            # A single one needs no thread, and keeps the connection.
            return (call_one(self.urssaf, _post, item) for item in self._started())
        at_once = min(calls_in_flight(self.env), len(self.calls))
        return call_concurrently(
            self.urssaf, _post, self._started(), at_once, go_on, ahead=1
        )

    def _started(self):
        """One call after the other, up to the point where its bodies are to be posted."""
        while self.calls and not self.failure:
            ids = self.calls.popleft()
            call = self._call(self.requests.browse(ids))
            try:
                # A dead Urssaf is mostly found here, before anything is marked.
                self.urssaf.authenticate()
                bodies = next(call, None)
            except UrssafError as error:
                self.failure = error
            except OperationalError as error:
                # Somebody else was at the same rows; the next run sees to them.
                self._roll_back()
                _logger.info("Urssaf, requests %s: %s", ids, type(error).__name__)
            except Exception:
                self._roll_back()
                _logger.exception("Urssaf, requests %s: the others go on", ids)
                self._try_alone(ids)
            else:
                if bodies:
                    yield call, bodies

    def _call(self, batch):
        """The life of one call. It gives ``{request id: PaymentRequest}`` to be posted,
        and wants to be sent the CallResult.

        A commit gives the locks back. A request that somebody else got hold of in between
        keeps its mark, and is settled when its lease is over.
        """
        bodies = self._bodies_at_hand(batch) or self._prepare(batch)
        batch = batch.browse(bodies)
        marked_at = fields.Datetime.now()
        if batch:
            batch._set_sending(marked_at)
            self.in_flight |= batch
        self._commit()
        if not (batch := batch._locked_with_mark(marked_at)):
            return
        result = yield {request.id: bodies[request.id] for request in batch}
        doubles = self._record(batch._locked_with_mark(marked_at), result)
        self.in_flight -= batch
        self._commit()
        if doubles:
            settle_doubles(self.urssaf, doubles)
        self.done += len(batch)

    # The steps of a call

    def _bodies_at_hand(self, batch):
        """What the current transaction has prepared already, ``{request id:
        PaymentRequest}``, if it has."""
        if not set(batch) <= self.prepared.keys():
            return {}
        return {each.id: self.prepared[each].payment_request for each in batch}

    def _prepare(self, batch):
        """``{request id: PaymentRequest}`` of those that wait and can go, locked; those
        that cannot go are in error from here on."""
        # A row changed by somebody else since the transaction began cannot be locked.
        self._commit()
        batch = batch.try_lock_for_update(allow_referencing=True).filtered(
            lambda request: request._waits() and request._is_due()
        )
        preparations, bodies = {}, {}
        for request in batch:
            with self._failure_kept_on(request):
                preparations[request] = Preparation(request.move_id, request.number)
        holders = number_holders(list(preparations.values()))
        for request, preparation in preparations.items():
            with self._failure_kept_on(request):
                if obstacles := preparation.obstacles(holders):
                    request._set_error(texts_of(obstacles))
                else:
                    bodies[request.id] = preparation.payment_request
        self.done += len(batch) - len(bodies)
        return bodies

    @contextmanager
    def _failure_kept_on(self, request):
        """What fails on one invoice would otherwise hold up the others for ever."""
        try:
            yield
        except (OperationalError, UrssafError):
            raise
        except Exception:
            _logger.exception("Urssaf, %s", request)
            request._set_error(self.env._(UNEXPECTED))

    def _record(self, batch, result):
        """Write what became of a call; gives the requests whose number the Urssaf holds
        already."""
        outcomes = result.result or {}
        if isinstance(result.error, Refused) and len(batch) > 1:
            # One of them may have spoilt it for the others.
            batch._set_to_send()
            self.calls.extend([each] for each in batch.ids)
        elif isinstance(result.error, Refused):
            errors = result.error.errors
            outcomes = {
                each.number: Outcome(each.number, errors=errors) for each in batch
            }
        elif isinstance(result.error, (Unavailable, Misconfigured)):
            batch._set_to_send()
        doubles = batch.browse()
        for request in batch:
            # One that the answer leaves out stays marked.
            outcome = outcomes.get(request.number)
            if not outcome:
                continue
            if not outcome.id and ALREADY_SENT in {
                each.code for each in outcome.errors
            }:
                doubles |= request
            else:
                self._save(request, outcome)
        return doubles

    def _save(self, request, outcome):
        """An outcome that cannot be stored leaves its request marked."""
        try:
            with self.env.cr.savepoint():
                if outcome.id:
                    request._set_integrated(outcome)
                else:
                    request._set_refused(outcome.errors)
        except Exception:
            _logger.exception("Urssaf, %s: the outcome cannot be stored", request)

    # Transactions

    def _commit(self):
        commit(self.env)
        self._lock_again()

    def _roll_back(self):
        self.env.cr.rollback()
        self._lock_again()

    def _lock_again(self):
        """Nobody else has any business with what is in flight."""
        self.prepared = {}
        if self.in_flight:
            try:
                self.in_flight.try_lock_for_update(allow_referencing=True)
            except OperationalError:
                self.env.cr.rollback()

    def _try_alone(self, ids):
        if len(ids) > 1:
            self.calls.extend([each] for each in ids)
            return
        try:
            self.requests.browse(ids).exists()._give_up()
            self._commit()
        except Exception:
            self._roll_back()
            _logger.exception("Urssaf, requests %s: left as they are", ids)
        self.done += 1

    def _take_done(self):
        done, self.done = self.done, 0
        return done


def _post(urssaf, item):
    _call, bodies = item
    return urssaf.send(list(bodies.values()))


def send_now(moves, preparations):
    """Send these invoices, which the current transaction has locked and prepared, for
    somebody who waits for it.

    :param preparations: ``{invoice: Preparation}``, each without an obstacle
    :return: ``{invoice: [Obstacle, …]}`` of those that did not go
    :raise UserError: when not one of them could leave: all is as before then
    """
    before, requests, failures = moves.l10n_fr_sap_request_id, {}, {}
    for company, some in moves.grouped(lambda move: preparations[move].company).items():
        try:
            with company._l10n_fr_sap_urssaf() as urssaf:
                urssaf.authenticate()
                prepared = [preparations[move] for move in some]
                requests[company] = some._l10n_fr_sap_queue(prepared)
                _run(urssaf, requests[company], prepared)
        except UserError as error:
            failures[company] = error
    obstacles = {}
    for company, error in failures.items():
        some = moves.filtered(
            lambda move, one=company: preparations[move].company == one
        )
        if company in requests:
            some = _give_back(requests[company], before)
        obstacles |= {move: [Obstacle("", "unsent", str(error), move)] for move in some}
    if len(obstacles) == len(moves):
        raise next(iter(failures.values()))
    none = moves.l10n_fr_sap_request_id.browse()
    return obstacles | {
        request.move_id: refusals(request, request.error)
        for request in none.union(*requests.values()).exists()
        if request.state == "error" and request.move_id not in obstacles
    }


def _run(urssaf, requests, prepared):
    try:
        by_request = {one.move.l10n_fr_sap_request_id: one for one in prepared}
        run(Sending(urssaf, requests, by_request).run())
    except Unsure:
        # Those whose fate nobody knows stay marked; this is for the others.
        raise UserError(requests.env._(_NOT_LEFT)) from None


def _give_back(requests, before):
    """Undo the queueing of what has not left; gives the invoices concerned."""
    commit(requests.env)
    waiting = requests.try_lock_for_update().filtered(lambda request: request._waits())
    moves = waiting.move_id
    (waiting & before).filtered("error")._set_error_again()
    (waiting - before)._withdraw()
    commit(requests.env)
    return moves
