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
_MAINTENANCE = "<html><body><h1>Service en maintenance</h1></body></html>"


@dataclass
class Fault:
    """An armed fault.

    ``times``: how many calls it strikes; None: all, until removed. ``done``: whether
    the operation is performed all the same. ``seconds``: how long "delayed" keeps the
    answer back, and "refused" listens to nobody. ``retry_after``: seconds that
    "429_retry_after" asks for. ``index``: which output "one_missing" leaves out.
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
class Kind:
    """What a fault does.

    ``done``: the operation is always (True) or never (False) performed; None: as the
    caller chooses, and not unless they ask for it. ``answer`` makes what is sent from
    the call, the true answer (None where nothing was performed) and the fault.
    ``seconds`` is the default.
    """

    text: str
    answer: Callable[[Call, Answer | None, Fault], Answer]
    done: bool | None = False
    operations: tuple[str, ...] = OPERATIONS
    seconds: float | None = None


class Listener(Protocol):
    """The server, for faults that no answer can express."""

    def go_away(self, seconds: float) -> None:
        """Refuse connections and drop open ones from now on, for ``seconds``."""

    def come_back(self) -> None:
        """Listen again, if away; returns when it does."""


def _instead(status: int, body: object = None, text: str | None = None, **headers):
    """The same answer whatever was asked."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda call, answer, fault: Answer(status, body, headers, text)


def _altered(change: Callable[[object, Fault], None]):
    """The true answer with its body changed; one that refuses the call stays."""

    def make(call: Call, answer: Answer, fault: Fault) -> Answer:
        if answer.status == 200:
            change(answer.body, fault)
        return answer

    return make


def _late(call: Call, answer: Answer, fault: Fault) -> Answer:
    return replace(answer, delay=answer.delay + fault.seconds)


def _too_many(call: Call, answer: Answer | None, fault: Fault) -> Answer:
    return Answer(429, None, {"Retry-After": str(fault.retry_after)}, "")


def _truncated(call: Call, answer: Answer | None, fault: Fault) -> Answer:
    text = dump_json(answer.body) if answer else '{"idClient": '
    return Answer(200, None, text=text[: len(text) // 2])


def _wrong_shape(call: Call, answer: Answer | None, fault: Fault) -> Answer:
    """A list where an object is promised, and the other way round."""
    return Answer(200, {"reponse": "OK"} if call.operation == "M050" else ["OK"])


def _unknown_error(call: Call, answer: Answer | None, fault: Fault) -> Answer:
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


def _reorder(body: object, fault: Fault) -> None:
    _outputs(body).reverse()


def _leave_out(body: object, fault: Fault) -> None:
    outputs = _outputs(body)
    del outputs[min(fault.index, len(outputs) - 1)]


def _unknown_status(body: object, fault: Fault) -> None:
    if isinstance(body, list):
        for output in body:
            if "statut" in output:
                output["statut"] = UNKNOWN_STATUS["code"]
    elif "infoDemandePaiements" in body:
        for info in body["infoDemandePaiements"]:
            info["statut"] = UNKNOWN_STATUS
    else:
        body["statut"] = UNKNOWN_REGISTRATION


def _null_amounts(body: object, fault: Fault) -> None:
    for info in _outputs(body):
        info["demandePaiement"] |= {"mntFactureTTC": None, "mntFactureHT": None}
        if "infoVirement" in info:
            info["infoVirement"]["mntVirement"] = None


_LISTS = ("M050", "M070")

#: Every misbehaviour by name.
FAULTS = {
    # Never struck: the server goes away before the call could come in.
    "refused": Kind("connexion refusée", _instead(NO_ANSWER), seconds=1),
    "cut_before": Kind("coupure avant le travail", _instead(NO_ANSWER)),
    "cut_after": Kind("coupure après le travail", _instead(NO_ANSWER), done=True),
    "delayed": Kind("réponse tardive", _late, done=True, seconds=60),
    # The token dies too, so that a new one helps and waiting does not.
    "401": Kind("jeton révoqué", _instead(401, {"error": "invalid_token"})),
    "403": Kind("accès interdit", _instead(403, {"error": "forbidden"})),
    "429": Kind("trop d'appels", _instead(429, text="")),
    "429_retry_after": Kind("trop d'appels, avec Retry-After", _too_many),
    "500": Kind(
        "erreur technique", _instead(500, [problem(TECHNICAL, "défaut")]), done=None
    ),
    "500_empty": Kind("erreur technique, corps vide", _instead(500, text=""), None),
    "503_html": Kind(
        "page de maintenance",
        _instead(503, text=_MAINTENANCE, Content_Type="text/html"),
        done=None,
    ),
    "400_empty": Kind("refus, corps vide", _instead(400, text="")),
    "400_object": Kind(
        "refus, objet au lieu d'une liste", _instead(400, problem(VALIDATION, "défaut"))
    ),
    "truncated": Kind("JSON tronqué", _truncated, done=None),
    "wrong_shape": Kind("JSON d'une autre forme", _wrong_shape, done=None),
    "reordered": Kind("réponses dans un autre ordre", _altered(_reorder), True, _LISTS),
    "one_missing": Kind("une réponse manque", _altered(_leave_out), True, _LISTS),
    "unknown_status": Kind(
        "statut inconnu", _altered(_unknown_status), True, ("M020", *_LISTS)
    ),
    "unknown_error": Kind("code d'erreur inconnu", _unknown_error),
    "null_amounts": Kind("montants nuls", _altered(_null_amounts), True, ("M070",)),
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
        self._armed: list[Fault] = []
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def arm(self, operation: str, fault: str, **options) -> Fault:
        """Let ``fault`` strike ``operation``; ``options`` are the fields of Fault.

        Without ``number`` it strikes the next call. "refused" counts no calls: once
        the call before that number is answered, nobody listens for ``seconds``.

        :raise ValueError: there is no such fault, or not like this
        """
        armed = Fault(operation, fault, **options)
        with self._lock:
            _complete(armed, self._seen[operation])
            if fault == "refused" and self.server is None:
                raise ValueError("refused: nothing is listening")
            self._armed.append(armed)
        self._go_away_if_due()
        return armed

    def armed(self) -> list[dict]:
        """What has not struck, or not often enough, oldest first."""
        with self._lock:
            return [asdict(fault) for fault in self._armed]

    def clear(self) -> None:
        """No faults, the usual delay, and listening."""
        with self._lock:
            self._armed.clear()
        self.delay = self._usual_delay
        if self.server:
            self.server.come_back()

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

    def _take(self, call: Call) -> Fault | None:
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


def _complete(fault: Fault, seen: int) -> None:
    """Check a fault and fill in what was left out; ``seen``: calls so far.

    :raise ValueError: it makes no sense
    """
    kind = FAULTS.get(fault.fault)
    if kind is None or fault.operation not in kind.operations:
        raise ValueError(f"no fault {fault.fault} of {fault.operation}")
    if fault.done is None:
        fault.done = bool(kind.done)
    elif kind.done not in (None, fault.done):
        raise ValueError(f"{fault.fault}: done is always {kind.done}")
    if fault.number is None:
        fault.number = seen + 1
    if fault.seconds is None:
        fault.seconds = kind.seconds
    numbers = {"number": (fault.number, seen + 1), "index": (fault.index, 0)}
    if fault.times is not None or fault.fault == "refused":
        numbers["times"] = (fault.times, 1)
    for name, (value, least) in numbers.items():
        if type(value) is not int or value < least:
            raise ValueError(f"{name}: {least} or more")
    if fault.seconds is not None and not is_duration(fault.seconds):
        raise ValueError("seconds: a number, 0 or more")


def is_duration(value: object) -> bool:
    """A number that is no less than nothing; JSON's true is none."""
    return type(value) in (int, float) and value >= 0
