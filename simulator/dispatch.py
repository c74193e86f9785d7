# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The one door every API call goes through: count, intercept, perform, record.

Misbehaviour (delays, cut connections, wrong answers) belongs into interceptors, see
:class:`Interceptor`. They run outside the store's lock: a slow call delays nobody else.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from .formats import dump_json
from .store import Store

OPERATIONS = ("TOKEN", "M010", "M020", "M050", "M070")

#: With this status nothing is sent: the connection is cut.
NO_ANSWER = 0


@dataclass
class Call:
    """One call as it came in.

    ``body`` is what is recorded: parsed JSON (None where it is none), the query of
    M020, the form of TOKEN without its secret. ``credentials`` is the bearer token,
    or for TOKEN the pair (client id, secret); it is recorded nowhere.
    """

    operation: str
    body: object
    credentials: str | tuple[str, str] | None = field(repr=False)
    #: 1 for the first call of this operation since the start or the last reset.
    number: int = 0
    #: The client id, once known.
    provider: str | None = None
    #: The ArmedFault that strikes it, if any.
    fault: object = field(default=None, repr=False)


@dataclass
class Answer:
    """What goes back: HTTP status, a body to be written as JSON, further headers."""

    status: int
    body: object
    headers: dict[str, str] = field(default_factory=dict)
    #: Sent as it stands instead of ``body``; :meth:`Dispatcher.serve` always sets it.
    text: str | None = None
    #: It is sent no sooner than so many seconds after the call came in.
    delay: float = 0


class Interceptor(Protocol):
    """Something that gets between a call and its answer."""

    def before(self, call: Call) -> Answer | None:
        """Return an answer to keep the operation from being performed at all."""

    def after(self, call: Call, answer: Answer) -> Answer:
        """Return what is sent instead; the operation has been performed."""


class Dispatcher:
    """Performs calls one at a time, through ``interceptors``, and records them."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        perform: Callable[[Call], Answer],
        faults: Interceptor,
    ):
        """``faults`` is the outermost interceptor, whatever ``interceptors`` holds."""
        self.interceptors: list[Interceptor] = []
        self._store = store
        self._clock = clock
        self._perform = perform
        self._faults = faults
        self._numbers: Counter[str] = Counter()
        self._lock = threading.Lock()

    def serve(self, call: Call) -> Answer:
        """Answer one call."""
        came_in = time.monotonic()
        with self._lock:
            self._numbers[call.operation] += 1
            call.number = self._numbers[call.operation]
        # One list for the whole call, even if a test changes it meanwhile.
        interceptors = [self._faults, *self.interceptors]
        answer = None
        for interceptor in interceptors:
            answer = answer or interceptor.before(call)
        if answer is None:
            with self._store.transaction():
                answer = self._perform(call)
        for interceptor in reversed(interceptors):
            answer = interceptor.after(call, answer)
        text = dump_json(answer.body) if answer.text is None else answer.text
        self._record(call, answer, text)
        time.sleep(max(0, came_in + answer.delay - time.monotonic()))
        return replace(answer, text=text)

    def restart_numbers(self) -> None:
        """The next call of each operation is number 1 again."""
        with self._lock:
            self._numbers.clear()

    def _record(self, call: Call, answer: Answer, text: str) -> None:
        """Tokens are masked; a text that may be no JSON is recorded as a string."""
        if call.operation == "TOKEN":
            text = dump_json(_without_token(answer))
        elif answer.text is not None:
            text = dump_json(text)
        self._store.add_call(
            time=self._clock().isoformat(timespec="milliseconds"),
            operation=call.operation,
            provider=call.provider,
            body=dump_json(call.body),
            status=answer.status,
            answer=text,
        )


def _without_token(answer: Answer) -> object:
    body = answer.body if answer.text is None else "***"
    if isinstance(body, dict) and "access_token" in body:
        return body | {"access_token": "***"}
    return body
