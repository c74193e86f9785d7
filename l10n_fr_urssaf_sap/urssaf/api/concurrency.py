# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Several calls at once: most of a call is waiting for the Urssaf."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import islice
from queue import SimpleQueue
from typing import TypeVar

from .answers import RequestInfo
from .client import CallResult, UrssafClient, batches, call_one
from .errors import Refused, Unreadable, UrssafError

T = TypeVar("T")
R = TypeVar("R")

IN_FLIGHT = 4
_PATIENCE = 3  # answers in a row that cannot be read
# Calls handed out ahead for each one in flight, so that none waits for the caller.
AHEAD = 4


def call_concurrently(
    urssaf: UrssafClient,
    call: Callable[[UrssafClient, T], R],
    items: Iterable[T],
    in_flight: int = IN_FLIGHT,
    go_on: Callable[[], bool] = lambda: True,
    ahead: int = AHEAD,
) -> Iterator[CallResult[T, R]]:
    """``call(client, item)`` for each item, ``in_flight`` at a time and each of those on a
    connection of its own; in the order of the items.

    ``items`` may be an iterator that does work of its own: it is read in the caller's
    thread, and for each call in flight at most ``ahead`` items are taken from it before
    their results are handed out.

    No further call leaves once ``go_on()`` is false, nor after an error that concerns more
    than its item (any but Refused and Unreadable, or some of the latter in a row). Those
    that have left are waited for; an item whose call has not left by then gets no result.

    :raise UrssafError: when not even a token can be had
    """
    urssaf.authenticate()
    waiting, failures = iter(items), 0
    under_way: deque[Future[CallResult[T, R]]] = deque()
    with _workers(urssaf, call, in_flight) as submit:
        while True:
            if failures >= _PATIENCE or not go_on():
                waiting = iter(())
                under_way = deque(each for each in under_way if not each.cancel())
            for item in islice(waiting, ahead * in_flight - len(under_way)):
                under_way.append(submit(item))
            if not under_way:
                return
            result = under_way.popleft().result()
            failures = _failures_in_a_row(failures, result.error)
            yield result


@contextmanager
def _workers(
    urssaf: UrssafClient, call: Callable[[UrssafClient, T], R], in_flight: int
) -> Iterator[Callable[[T], Future[CallResult[T, R]]]]:
    """A function that has a thread make the call for an item."""
    clients: SimpleQueue[UrssafClient] = SimpleQueue()

    def work(item: T) -> CallResult[T, R]:
        client = clients.get()
        try:
            return call_one(client, call, item)
        finally:
            clients.put(client)

    with ExitStack() as stack:
        for _number in range(in_flight):
            clients.put(stack.enter_context(urssaf.for_thread()))
        pool = stack.enter_context(ThreadPoolExecutor(in_flight))
        stack.callback(pool.shutdown, cancel_futures=True)
        yield lambda item: pool.submit(work, item)


def _failures_in_a_row(failures: int, error: UrssafError | None) -> int:
    if not error or isinstance(error, Refused):
        return 0
    # Any other error concerns more than what was asked about.
    return failures + 1 if isinstance(error, Unreadable) else _PATIENCE


def search_all(
    urssaf: UrssafClient,
    ids: Iterable[str],
    in_flight: int = IN_FLIGHT,
    go_on: Callable[[], bool] = lambda: True,
) -> Iterator[CallResult[list[str], list[RequestInfo]]]:
    """The requests with these idDemandePaiement (M070), ten a call; see
    ``call_concurrently``."""
    return call_concurrently(urssaf, _search, batches(ids), in_flight, go_on)


def _search(urssaf: UrssafClient, ids: list[str]) -> list[RequestInfo]:
    found, failed = search_apart(urssaf.search_by_id, ids)
    if failed and not found:
        raise next(iter(failed.values()))
    return found


def search_apart(
    search: Callable[[list[str]], list[RequestInfo]], keys: list[str]
) -> tuple[list[RequestInfo], dict[str, UrssafError]]:
    """``search(keys)``; one by one where the Urssaf does not answer it for all of them,
    since one may have spoilt it for the others.

    :return: what was found, and why not by key: what was not found is only known to be
        unknown where it is not among these
    """
    failed: dict[str, UrssafError] = {}
    try:
        return search(keys), failed
    except (Refused, Unreadable) as error:
        failed |= dict.fromkeys(keys, error)
    found: list[RequestInfo] = []
    failures = 0
    for key in keys if len(keys) > 1 else ():
        try:
            found += search([key])
            del failed[key]
        except (Refused, Unreadable) as error:
            failed[key] = error
            failures += 1
            if failures > 1 and not found:
                break  # it is hardly the first two of them
    return found, failed
