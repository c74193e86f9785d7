# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Payment requests on their way to the Urssaf: what is committed when, so that nothing is
sent twice and nothing is lost.

One call, of at most ten requests (``Sending._call``)::

    lock, prepare, mark   COMMIT   lock again, POST, record   COMMIT   settle doubles

    the call is accepted or refused         the states that the answer gives
    refused as a whole, more than one       all wait again, one request a call
    it did not take place (Unavailable)     all wait again
    nobody knows (Unsure: no answer, 5xx)   still marked: settled when the lease is over
    the process is killed between the two   the same; what was not marked waits
"""

from collections import deque
from contextlib import contextmanager, suppress

from psycopg2 import OperationalError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, groupby, plaintext2html, split_every

from ..invoicing.obstacles import number_holders, obstacles_of
from ..invoicing.states import HELD
from ..texts.log import get_logger
from ..texts.messages import BUSY, UNEXPECTED
from ..texts.obstacle import Obstacle, public_texts_of, refusals
from ..urssaf.api.answers import Outcome
from ..urssaf.api.client import BATCH_SIZE, CallResult, UrssafClient, call_one
from ..urssaf.api.codes import ALREADY_SENT
from ..urssaf.api.concurrency import call_concurrently
from ..urssaf.api.errors import (
    Misconfigured,
    Refused,
    Unavailable,
    Unsure,
    UrssafError,
)
from .access import connect_for_button
from .parameters import calls_in_flight
from .settling import ask_about_earlier, earlier_of, others_with, settle_doubles
from .transactions import busy, lock

_lt = LazyTranslate(__name__)
_logger = get_logger(__name__)

_NOT_LEFT = _lt(
    "The Urssaf stopped answering before this invoice was sent. Please send it again"
    " later."
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
        self.calls = deque(split_every(BATCH_SIZE, (requests - alone).ids, list))
        self.calls.extend([each] for each in alone.ids)
        self.in_flight, self.unanswered = requests.browse(), {}
        self.failure, self.done = None, 0

    def run(self, go_on=lambda: True):
        """Send them. After each call, once its answer is committed, gives the number of
        requests that were dealt with since the last time.

        :param go_on: no further call is made once it is false
        :raise UrssafError: when not all could be sent: those whose call did not take
            place wait again, those of which nobody knows stay marked
        """
        # A call that is refused as a whole comes back in calls of one request.
        while self.calls and not self.failure and go_on():
            for result in self._results(go_on):
                if result.error and not isinstance(result.error, Refused):
                    self.failure = result.error
                self._finish(result)
                yield self._take_done()
                # The caller may have committed.
                self._lock_again()
            for bodies, *_call in list(self.unanswered.values()):
                # It was called off before it left.
                self._finish(CallResult(bodies, None, error=Unavailable()))
        yield self._take_done()
        if self.failure:
            raise self.failure

    def _results(self, go_on):
        """The CallResults of what ``_started`` gives."""
        send, bodies = UrssafClient.send, self._started()
        if len(self.calls) == 1:
            # A single call needs no thread, and keeps the connection.
            return (call_one(self.urssaf, send, each) for each in bodies)
        at_once = min(calls_in_flight(self.env), len(self.calls))
        return call_concurrently(self.urssaf, send, bodies, at_once, go_on, ahead=1)

    def _started(self):
        """One call after the other, up to the point where its bodies are to be posted."""
        while self.calls and not self.failure:
            ids = self.calls.popleft()
            call, bodies = self._call(self.requests.browse(ids)), None
            self.done += len(ids)
            try:
                bodies = next(call, None)
            except UrssafError as error:
                self.failure = error
                self.done -= len(ids)
            except OperationalError as error:
                # Somebody else was at the same rows; the next run sees to them.
                if self.prepared:
                    raise  # nothing is committed yet: Odoo itself starts anew
                self._roll_back()
                _logger.info("Urssaf, requests %s: %s", ids, type(error).__name__)
            except Exception:
                if self.prepared:
                    raise
                self._roll_back()
                _logger.exception("Urssaf, requests %s: the others go on", ids)
                self._try_alone(ids)
            else:
                if bodies:
                    self.unanswered[id(bodies)] = bodies, call
                    yield bodies

    def _finish(self, result):
        """Record what became of a call. Where that fails, its requests stay marked; the
        answers to the others are kept."""
        _bodies, call = self.unanswered.pop(id(result.item))
        try:
            with suppress(StopIteration):
                call.send(result)
        except OperationalError as error:
            self._roll_back()
            _logger.info("Urssaf, an answer waits: %s", type(error).__name__)
        except Exception:
            self._roll_back()
            _logger.exception("Urssaf, an answer cannot be stored: the others go on")

    def _call(self, batch):
        """The life of one call. It gives the PaymentRequests to be posted, and wants to be
        sent the CallResult.

        A commit gives the locks back. A request that somebody else got hold of in between
        keeps its mark, and is settled when its lease is over.
        """
        bodies = self._bodies_at_hand(batch) or self._prepare(batch)
        batch = batch.browse(bodies)
        marked_at = fields.Datetime.now()
        if batch:
            batch._set_sending(marked_at, bodies)
            self.in_flight |= batch
        self._commit()
        if not (batch := self._locked_with_mark(batch, marked_at)):
            return
        result = yield [bodies[each] for each in batch.ids]
        doubles = self._record(self._locked_with_mark(batch, marked_at), result)
        self.in_flight -= batch
        self._commit()
        if doubles:
            settle_doubles(self.urssaf, doubles)
            self._lock_again()

    # Steps of a call

    def _bodies_at_hand(self, batch):
        """What the current transaction has prepared already, ``{request id:
        PaymentRequest}``, if it has."""
        if not set(batch) <= self.prepared.keys():
            return {}
        return {each.id: self.prepared[each].payment_request for each in batch}

    def _prepare(self, batch):
        """``{request id: PaymentRequest}`` of those that wait and can go, locked; those
        that cannot go are in error from here on."""
        # A dead Urssaf is mostly found here, before anything is marked.
        self.urssaf.authenticate()
        batch -= self._waiting_for_word(batch)
        # A row changed by somebody else since the transaction began cannot be locked.
        self._commit()
        batch = batch.try_lock_for_update(allow_referencing=True).filtered(
            lambda request: request._has_not_left()
        )
        preparations, bodies = {}, {}
        for request in batch:
            with self._failure_kept_on(request):
                [preparations[request]] = request.move_id._l10n_fr_sap_prepare()
        holders = number_holders(list(preparations.values()))
        for request, preparation in preparations.items():
            with self._failure_kept_on(request):
                obstacles = preparation.obstacles(holders)
                if preparation.live_request and not request.lost_answers:
                    request._withdraw()  # an earlier one lives again
                elif (
                    preparation.company != request.company_id
                    # An earlier one, withdrawn without an answer, can be asked about now.
                    or preparation.unsent_request != request
                ):
                    request._fail_for_settings()
                elif obstacles:
                    request._set_error(public_texts_of(obstacles))
                else:
                    # The invoice, or the company's access, may have changed its name.
                    request.number, request.access = (
                        preparation.number,
                        preparation.access,
                    )
                    holders[preparation.key] = preparation.move
                    bodies[request.id] = preparation.payment_request
        return bodies

    def _waiting_for_word(self, batch):
        """The requests that come after one of which the Urssaf does not tell just now
        whether it is still over."""
        moves = ask_about_earlier(self.urssaf, batch.move_id)
        return batch.filtered(lambda request: request.move_id in moves)

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

    def _locked_with_mark(self, batch, marked_at):
        """Those of these requests that are locked now and still carry that mark."""
        return batch.try_lock_for_update(allow_referencing=True).filtered_domain(
            [("state", "=", "sending"), ("sent_at", "=", marked_at)]
        )

    def _record(self, batch, result):
        """Write what became of a call; gives the requests whose number the Urssaf holds
        already."""
        outcomes = result.result or {}
        if isinstance(result.error, Refused) and len(result.item) > 1:
            # One of them may have spoilt it for the others.
            batch._set_to_send()
            self._send_alone(batch.ids)
        elif isinstance(result.error, Refused):
            errors = result.error.errors
            outcomes = {
                each.number: Outcome(each.number, errors=errors) for each in batch
            }
        elif isinstance(result.error, (Unavailable, Misconfigured)):
            batch._set_to_send()
        doubles, stored = batch.browse(), {}
        # An id of another request tells nothing.
        ids = [each.id for each in outcomes.values() if each.id]
        senseless = set(others_with(batch, ids).mapped("urssaf_id")) if ids else ()
        for request in batch:
            # One that the answer leaves out stays marked.
            outcome = outcomes.get(request.number)
            if not outcome or outcome.id in senseless:
                continue
            if not outcome.id and ALREADY_SENT in {
                each.code for each in outcome.errors
            }:
                doubles |= request
            else:
                stored[request] = outcome
        if stored:
            self._save(stored)
        return doubles

    def _save(self, outcomes):
        """Store these, ``{request: Outcome}``: all at once, or where that fails each on its
        own. One that cannot be stored leaves its request marked."""
        try:
            with self.env.cr.savepoint():
                for request, outcome in outcomes.items():
                    if outcome.id:
                        request._set_integrated(outcome)
                    else:
                        request._set_refused(outcome.errors)
        except Exception:
            if len(outcomes) > 1:
                for request, outcome in outcomes.items():
                    self._save({request: outcome})
            else:
                _logger.exception("Urssaf, %s: the outcome cannot be stored", *outcomes)

    # Transactions

    def _commit(self):
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self.prepared = {}
        self._lock_again()

    def _roll_back(self):
        self.env.cr.rollback()
        self.prepared = {}
        self._lock_again()

    def _lock_again(self):
        """Keep others away from what is in flight. Where somebody was quicker, the mark
        still keeps it from being sent twice."""
        if self.in_flight:
            try:
                self.in_flight.try_lock_for_update(allow_referencing=True)
            except OperationalError:
                self.env.cr.rollback()

    def _try_alone(self, ids):
        if len(ids) > 1:
            self._send_alone(ids)
            return
        try:
            self.requests.browse(ids).exists()._give_up()
            self._commit()
        except Exception:
            self._roll_back()
            _logger.exception("Urssaf, requests %s: left as they are", ids)

    def _send_alone(self, ids):
        self.calls.extend([each] for each in ids)
        self.done -= len(ids)

    def _take_done(self):
        # What comes back in calls of one request was counted before.
        done = max(self.done, 0)
        self.done -= done
        return done


def send_now(moves, preparations):
    """Send these invoices, which the current transaction has locked and prepared, for
    somebody who waits for it.

    :param preparations: those of the invoices, each without an obstacle
    :return: ``{invoice: [Obstacle, …]}`` of those that did not go
    :raise UserError: when not one of them could leave: all is as before then
    """
    obstacles, failure = {}, None
    by_company = groupby(preparations, lambda preparation: preparation.company)
    for number, (company, prepared) in enumerate(by_company):
        try:
            if earlier_of(_moves_of(prepared)):
                obstacles |= _ask_about_earlier_now(company, prepared)
                prepared = _prepare_again(prepared, obstacles)
            elif number:
                # The commits for the company before have given the locks back.
                prepared = _prepare_again(prepared, obstacles)
            obstacles |= _send_for(company, prepared)
        except UserError as error:
            failure = failure or error
            obstacles |= {
                each.move: [Obstacle("", "unsent", str(error), each.move)]
                for each in prepared
            }
    if failure and len(obstacles) == len(moves):
        rules = {each.rule for several in obstacles.values() for each in several}
        if rules <= {"unsent", "busy"}:
            raise failure
    return obstacles


def _ask_about_earlier_now(company, preparations):
    """The obstacles of the invoices of which the Urssaf does not tell whether what they
    sent before is still over.

    :raise UserError: for every UrssafError
    """
    with connect_for_button(company) as urssaf:
        moves = ask_about_earlier(urssaf, _moves_of(preparations))
    text = company.env._(
        "The Urssaf does not tell just now what became of its earlier payment request;"
        " please try again later"
    )
    return {move: [Obstacle("", "unsent", text, move)] for move in moves}


def _moves_of(preparations):
    return preparations[0].move.union(*(each.move for each in preparations))


def _prepare_again(preparations, obstacles):
    """Preparations of the same invoices, locked; adds the obstacles of those that cannot
    go any more."""
    moves = _moves_of(preparations).filtered(lambda move: move not in obstacles)
    free = lock(moves, also="l10n_fr_sap_request_ids")
    fresh = free._l10n_fr_sap_prepare()
    found = busy(moves - free) | obstacles_of(fresh)
    obstacles |= found
    return [each for each in fresh if each.move not in found]


def _send_for(company, preparations):
    """The same for the invoices of one company.

    :raise UserError: when not one of them could leave
    """
    if not preparations:
        return {}
    moves = _moves_of(preparations)
    before, requests, failure = moves.l10n_fr_sap_request_ids, None, None
    to_fix = before.filtered(lambda request: request.state == "error")
    freed = to_fix.filtered("freed_at")
    try:
        with connect_for_button(company) as urssaf:
            urssaf.authenticate()
            requests = moves._l10n_fr_sap_queue(preparations)
            of_move = {each.move_id: each for each in requests}
            prepared = {of_move[each.move]: each for each in preparations}
            try:
                for _done in Sending(urssaf, requests, prepared).run():
                    pass
            except Unsure:
                # What nobody knows of stays marked; this is for the others.
                raise UserError(company.env._(_NOT_LEFT)) from None
    except UserError as error:
        if not requests:
            raise
        failure = error
    if not failure and requests.exists().filtered_domain([("state", "=", "to_send")]):
        # Somebody else was at the same rows.
        failure = UserError(company.env._(BUSY))
    unsent = _give_back(requests, before, to_fix, freed) if failure else moves.browse()
    if len(unsent) == len(moves):
        raise failure
    obstacles = {}
    for move in unsent:
        obstacles[move] = [Obstacle("", "unsent", str(failure), move)]
    requests = requests.exists() - unsent.l10n_fr_sap_request_id
    for request in requests.filtered_domain([("state", "=", "error")]):
        said = refusals(request, request.error)
        obstacles[request.move_id] = said + request._named_obstacles()
    sent = requests.filtered_domain([("state", "in", HELD)]).move_id
    text = company.env._("Sent to the Urssaf, which has accepted the payment request.")
    sent._message_log_batch(dict.fromkeys(sent.ids, plaintext2html(text)))
    return obstacles


def _give_back(requests, before, to_fix, freed):
    """Undo the queueing of what has not left; gives the invoices concerned.

    :param before: the requests that there were before, some of them ``to_fix``, and some
        of those ``freed``
    """
    requests.env.cr.commit()  # pylint: disable=invalid-commit
    waiting = requests.try_lock_for_update().filtered(
        lambda request: request._has_not_left()
    )
    moves = waiting.move_id
    (waiting & to_fix)._set_error_again(freed)
    (waiting - before)._withdraw()
    requests.env.cr.commit()  # pylint: disable=invalid-commit
    return moves
