# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Several calls at once, for polling: most of a call is waiting."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Generic, TypeVar

from .answers import RequestInfo
from .client import UrssafClient, batches
from .errors import Refused, Unreadable, UrssafError

T, R = TypeVar("T"), TypeVar("R")

IN_FLIGHT = 4
# Calls handed out ahead for each one in flight, so that none waits for the caller.
_AHEAD = 4


@dataclass(frozen=True)
class Landed(Generic[T, R]):
    """What became of one call: its ``result``, or the ``error`` that it raised."""

    item: T
    asked_at: datetime  # UTC
    result: R | None = None
    error: UrssafError | None = None


def fly(
    urssaf: UrssafClient,
    call: Callable[[UrssafClient, T], R],
    items: Iterable[T],
    in_flight: int = IN_FLIGHT,
    go_on: Callable[[], bool] = lambda: True,
) -> Iterator[Landed[T, R]]:
    """``call(client, item)`` for each item, ``in_flight`` at a time and each of those on a
    connection of its own; in the order of the items.

    No further call leaves once ``go_on()`` is false, nor after an error that concerns more
    than its item (any but Refused); those in flight still land.

    :raise UrssafError: when not even a token can be had
    """
    urssaf.authenticate()
    clients = SimpleQueue()
    waiting, under_way, failed = iter(items), deque(), False

    def land(item):
        client, asked_at = clients.get(), datetime.now(UTC)
        try:
            return Landed(item, asked_at, call(client, item))
        except UrssafError as error:
            return Landed(item, asked_at, error=error)
        finally:
            clients.put(client)

    with ExitStack() as stack:
        for _number in range(in_flight):
            clients.put(stack.enter_context(urssaf.twin()))
        pool = stack.enter_context(ThreadPoolExecutor(in_flight))
        while True:
            while not failed and len(under_way) < _AHEAD * in_flight and go_on():
                try:
                    under_way.append(pool.submit(land, next(waiting)))
                except StopIteration:
                    break
            if not under_way:
                return
            landed = under_way.popleft().result()
            if landed.error and not isinstance(landed.error, Refused):
                failed = True
                for future in under_way:
                    future.cancel()
                under_way = deque(each for each in under_way if not each.cancelled())
            yield landed


def search_all(
    urssaf: UrssafClient, ids: Iterable[str], **options
) -> Iterator[Landed[list[str], list[RequestInfo]]]:
    """The requests with these idDemandePaiement: M070 through ``fly``, ten a call."""
    return fly(urssaf, _search, batches(ids), **options)


def _search(urssaf, ids):
    try:
        return urssaf.search_by_id(ids)
    except (Refused, Unreadable):
        if len(ids) == 1:
            raise
    # One of them may have spoilt the call for the others.
    found, failure = [], None
    for one in ids:
        try:
            found += urssaf.search_by_id([one])
        except (Refused, Unreadable) as error:
            failure = error
    if failure and not found:
        raise failure
    return found
