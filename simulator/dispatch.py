# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The one door every API call goes through: count, intercept, perform, record.

Misbehaviour (delays, cut connections, wrong answers) belongs into interceptors, see
:class:`Interceptor`. They run outside the store's lock: a slow call delays nobody else.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .formats import dump_json
from .store import Store

OPERATIONS = ("TOKEN", "M010", "M020", "M050", "M070")


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


@dataclass
class Answer:
    """What goes back: HTTP status, a body to be written as JSON, further headers."""

    status: int
    body: object
    headers: dict[str, str] = field(default_factory=dict)


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
    ):
        self.interceptors: list[Interceptor] = []
        self._store = store
        self._clock = clock
        self._perform = perform
        self._numbers: Counter[str] = Counter()
        self._lock = threading.Lock()

    def serve(self, call: Call) -> Answer:
        """Answer one call."""
        with self._lock:
            self._numbers[call.operation] += 1
            call.number = self._numbers[call.operation]
        # One list for the whole call, even if a test changes it meanwhile.
        interceptors = list(self.interceptors)
        answer = None
        for interceptor in interceptors:
            answer = answer or interceptor.before(call)
        if answer is None:
            with self._store.transaction():
                answer = self._perform(call)
        for interceptor in reversed(interceptors):
            answer = interceptor.after(call, answer)
        self._record(call, answer)
        return answer

    def restart_numbers(self) -> None:
        """The next call of each operation is number 1 again."""
        with self._lock:
            self._numbers.clear()

    def _record(self, call: Call, answer: Answer) -> None:
        body = answer.body
        if isinstance(body, dict) and "access_token" in body:
            body = body | {"access_token": "***"}
        self._store.add_call(
            time=self._clock().isoformat(timespec="milliseconds"),
            operation=call.operation,
            provider=call.provider,
            body=dump_json(call.body),
            status=answer.status,
            answer=dump_json(body),
        )
