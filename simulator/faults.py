# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Misbehaviour on demand: which calls go wrong, and how.

A fault is armed for one operation and one call number (``Call.number``), strikes that
call and, with ``times``, those after it, and is gone. :data:`FAULTS` is the whole list.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from .codes import TECHNICAL, VALIDATION, problem
from .dispatch import NO_ANSWER, OPERATIONS, Answer, Call
from .formats import dump_json
from .shapes import SHAPES
from .store import Store

UNKNOWN_STATUS = {"code": "999", "libelle": "Statut nouveau"}
UNKNOWN_REGISTRATION = {
    "etat": "INCONNU",
    "code": "ETAT_NOUVEAU",
    "description": "Un état que personne ne connaît.",
}
UNKNOWN_ERROR = {
    "code": "ERR_NOUVELLE",
    "message": "Une erreur que personne ne connaît",
    "description": "défaut demandé",
}
_GATEWAY = "<html><body><h1>400 Bad Request</h1></body></html>"
_MAINTENANCE = "<html><body><h1>Service en maintenance</h1></body></html>"


@dataclass
class ArmedFault:
    """A fault that will strike.

    ``times`` is how many calls it strikes; None is all of them, until it is removed.
    ``done`` says whether the operation is performed all the same. ``seconds`` is how
    long "delayed" keeps the answer back, and how long "refused" listens to nobody.
    ``retry_after`` is the seconds that "429_retry_after" asks for, ``index`` the output
    that "one_missing" leaves out.
    """

    operation: str
    fault: str
    number: int | None = None
    times: int | None = 1
    done: bool | None = None
    seconds: float | None = None
    retry_after: int = 1
    index: int = 0


@dataclass(frozen=True)
class FaultType:
    """What a fault does.

    ``done`` says whether the operation is performed: always (True), never (False), or as
    the caller chooses (None: only if they ask for it). ``answer`` makes the answer that
    is sent from the call, the true answer (None where nothing was performed) and the
    fault. ``seconds`` is the default of ArmedFault.
    """

    text: str
    answer: Callable[[Call, Answer | None, ArmedFault], Answer]
    done: bool | None = False
    operations: tuple[str, ...] = OPERATIONS
    seconds: float | None = None


class Listener(Protocol):
    """The server, for faults that no answer can express."""

    def go_away(self, seconds: float) -> None:
        """Refuse connections and drop open ones from now on, for ``seconds``."""

    def return_to_work(self) -> None:
        """Listen again, if away; returns when it does."""


def _instead(status: int, body: object = None, text: str | None = None, **headers):
    """The same answer whatever was asked."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda call, answer, fault: Answer(status, body, headers, text)


def _altered(change: Callable[[object, ArmedFault], None]):
    """The true answer with its body changed; one that refuses the call stays."""

    def make(call: Call, answer: Answer, fault: ArmedFault) -> Answer:
        if answer.status == 200:
            change(answer.body, fault)
        return answer

    return make


def _late(call: Call, answer: Answer, fault: ArmedFault) -> Answer:
    return replace(answer, delay=answer.delay + fault.seconds)


def _too_many(call: Call, answer: Answer | None, fault: ArmedFault) -> Answer:
    return Answer(429, None, {"Retry-After": str(fault.retry_after)}, "")


def _truncated(call: Call, answer: Answer | None, fault: ArmedFault) -> Answer:
    text = dump_json(answer.body) if answer else '{"idClient": '
    return Answer(200, None, text=text[: len(text) // 2])


def _wrong_shape(call: Call, answer: Answer | None, fault: ArmedFault) -> Answer:
    """A list where an object is promised, and the other way round."""
    return Answer(200, {"reponse": "OK"} if call.operation == "M050" else ["OK"])


def _unknown_error(call: Call, answer: Answer | None, fault: ArmedFault) -> Answer:
    """M050 refuses each of its items so, the others the whole call."""
    if call.operation == "TOKEN":
        return Answer(400, {"error": "erreur_nouvelle"})
    if call.operation != "M050":
        return Answer(400, [UNKNOWN_ERROR])
    echoed = ("idClient", "numFactureTiers")
    return Answer(
        200,
        [
            {name: item.get(name) for name in echoed} | {"errors": [UNKNOWN_ERROR]}
            for item in call.body
        ],
    )


def _outputs(body: object) -> list:
    """The list in an answer to M050 or M070."""
    return body if isinstance(body, list) else body["infoDemandePaiements"]


def _reorder(body: object, fault: ArmedFault) -> None:
    _outputs(body).reverse()


def _leave_out(body: object, fault: ArmedFault) -> None:
    outputs = _outputs(body)
    del outputs[min(fault.index, len(outputs) - 1)]


def _unknown_status(body: object, fault: ArmedFault) -> None:
    if isinstance(body, list):
        for output in body:
            if "statut" in output:
                output["statut"] = UNKNOWN_STATUS["code"]
    elif "infoDemandePaiements" in body:
        for info in body["infoDemandePaiements"]:
            info["statut"] = UNKNOWN_STATUS
    else:
        body["statut"] = UNKNOWN_REGISTRATION


def _null_amounts(body: object, fault: ArmedFault) -> None:
    for info in _outputs(body):
        info["demandePaiement"] |= {"mntFactureTTC": None, "mntFactureHT": None}
        if "infoVirement" in info:
            info["infoVirement"]["mntVirement"] = None


def _shaped(alter: Callable[[object], object]):
    """The true answer in another shape; one that refuses the call stays."""

    def make(call: Call, answer: Answer, fault: ArmedFault) -> Answer:
        return (
            replace(answer, body=alter(answer.body)) if answer.status == 200 else answer
        )

    return make


_LISTS = ("M050", "M070")

#: Every misbehaviour by name.
FAULTS = {
    # It never strikes a call: the server goes away before one could come in.
    "refused": FaultType("connexion refusée", _instead(NO_ANSWER), seconds=1),
    "cut_before": FaultType("coupure avant le travail", _instead(NO_ANSWER)),
    "cut_after": FaultType("coupure après le travail", _instead(NO_ANSWER), done=True),
    "delayed": FaultType("réponse tardive", _late, done=True, seconds=60),
    # The token dies too, so that a new one helps and waiting does not.
    "401": FaultType("jeton révoqué", _instead(401, {"error": "invalid_token"})),
    "403": FaultType("accès interdit", _instead(403, {"error": "forbidden"})),
    "429": FaultType("trop d'appels", _instead(429, text="")),
    "429_retry_after": FaultType("trop d'appels, avec Retry-After", _too_many),
    "500": FaultType(
        "erreur technique", _instead(500, [problem(TECHNICAL, "défaut")]), done=None
    ),
    "500_empty": FaultType(
        "erreur technique, corps vide", _instead(500, text=""), None
    ),
    "503_html": FaultType(
        "page de maintenance",
        _instead(503, text=_MAINTENANCE, Content_Type="text/html"),
        done=None,
    ),
    "400_empty": FaultType("refus, corps vide", _instead(400, text="")),
    "400_html": FaultType(
        "page d'une passerelle",
        _instead(400, text=_GATEWAY, Content_Type="text/html"),
    ),
    "400_object": FaultType(
        "refus, objet au lieu d'une liste", _instead(400, problem(VALIDATION, "défaut"))
    ),
    "truncated": FaultType("JSON tronqué", _truncated, done=None),
    "wrong_shape": FaultType("JSON d'une autre forme", _wrong_shape, done=None),
    "reordered": FaultType(
        "réponses dans un autre ordre", _altered(_reorder), True, _LISTS
    ),
    "one_missing": FaultType("une réponse manque", _altered(_leave_out), True, _LISTS),
    "unknown_status": FaultType(
        "statut inconnu", _altered(_unknown_status), True, ("M020", *_LISTS)
    ),
    "unknown_error": FaultType("code d'erreur inconnu", _unknown_error),
    "null_amounts": FaultType(
        "montants nuls", _altered(_null_amounts), True, ("M070",)
    ),
} | {
    name: FaultType(shape.text, _shaped(shape.alter), True, shape.operations)
    for name, shape in SHAPES.items()
}


class Faults:
    """The interceptor that makes armed faults strike.

    ``delay`` is how many seconds every answer of the API is kept back.
    """

    def __init__(self, store: Store, delay: float = 0):
        self.delay = self._usual_delay = delay
        #: Set by whoever listens; "refused" needs it.
        self.server: Listener | None = None
        self._store = store
        self._armed: list[ArmedFault] = []
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def arm(self, operation: str, fault: str, **options) -> ArmedFault:
        """Let ``fault`` strike ``operation``; ``options`` are the fields of ArmedFault.

        Without ``number`` it strikes the next call. "refused" counts no calls: once
        the call before that number is answered, nobody listens for ``seconds``.

        :raise ValueError: there is no such fault, or it cannot be armed so
        """
        armed = ArmedFault(operation, fault, **options)
        with self._lock:
            _complete(armed, self._seen[operation])
            if fault == "refused" and self.server is None:
                raise ValueError("refused: nothing is listening")
            self._armed.append(armed)
        self._go_away_if_due()
        return armed

    def armed(self) -> list[dict]:
        """The faults that have not struck, or not often enough, the oldest first."""
        with self._lock:
            return [asdict(fault) for fault in self._armed]

    def clear(self) -> None:
        """Disarm all faults, set the usual delay, and listen again."""
        with self._lock:
            self._armed.clear()
        self.delay = self._usual_delay
        if self.server:
            self.server.return_to_work()

    def restart_numbers(self) -> None:
        """The next call of each operation is number 1 again."""
        with self._lock:
            self._seen.clear()

    def before(self, call: Call) -> Answer | None:
        with self._lock:
            self._seen[call.operation] = max(self._seen[call.operation], call.number)
            fault = call.fault = self._take(call)
        if fault is None or fault.done:
            return None
        if fault.fault == "401" and isinstance(call.credentials, str):
            self._store.revoke_tokens(call.credentials)
        return FAULTS[fault.fault].answer(call, None, fault)

    def after(self, call: Call, answer: Answer) -> Answer:
        fault = call.fault
        if fault and fault.done:
            answer = FAULTS[fault.fault].answer(call, answer, fault)
        self._go_away_if_due()
        return replace(answer, delay=answer.delay + self.delay)

    def _take(self, call: Call) -> ArmedFault | None:
        """The first fault that is due for this call, counted as struck."""
        for fault in self._armed:
            if (
                fault.operation == call.operation
                and fault.number <= call.number
                and fault.fault != "refused"
            ):
                if fault.times is not None:
                    fault.times -= 1
                    if not fault.times:
                        self._armed.remove(fault)
                return fault
        return None

    def _go_away_if_due(self) -> None:
        with self._lock:
            due = [
                fault
                for fault in self._armed
                if fault.fault == "refused"
                and fault.number <= self._seen[fault.operation] + 1
            ]
            for fault in due:
                self._armed.remove(fault)
        for fault in due:
            self.server.go_away(fault.seconds)


def _complete(fault: ArmedFault, seen: int) -> None:
    """Check a fault and fill in what was left out; ``seen``: calls so far.

    :raise ValueError: it makes no sense
    """
    fault_type = FAULTS.get(fault.fault)
    if fault_type is None or fault.operation not in fault_type.operations:
        raise ValueError(f"no fault {fault.fault} of {fault.operation}")
    if fault.done is None:
        fault.done = bool(fault_type.done)
    elif fault_type.done not in (None, fault.done):
        raise ValueError(f"{fault.fault}: done is always {fault_type.done}")
    if fault.number is None:
        fault.number = seen + 1
    if fault.seconds is None:
        fault.seconds = fault_type.seconds
    numbers = {"number": (fault.number, seen + 1), "index": (fault.index, 0)}
    if fault.times is not None or fault.fault == "refused":
        numbers["times"] = (fault.times, 1)
    for name, (value, least) in numbers.items():
        if type(value) is not int or value < least:
            raise ValueError(f"{name}: {least} or more")
    if fault.seconds is not None and not is_duration(fault.seconds):
        raise ValueError("seconds: a number, 0 or more")


def is_duration(value: object) -> bool:
    """Whether this is a number of at least 0, which JSON's true is not."""
    return type(value) in (int, float) and value >= 0
