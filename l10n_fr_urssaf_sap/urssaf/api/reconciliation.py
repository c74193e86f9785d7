# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whether the Urssaf and the caller know the same payment requests."""

from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .answers import RequestInfo
from .client import UrssafClient
from .codes import TOO_MANY_RESULTS
from .concurrency import search_all
from .errors import Refused

SENDING = "sending"


@dataclass(frozen=True)
class Known:
    """A request as the caller knows it. ``key`` is the caller's own name of it; ``id`` is
    "" where the Urssaf gave none yet; ``state`` is a status as STATUSES names it or
    "unknown", "sending" while a call is under way, "" where nothing was sent; ``amount``
    is in euros."""

    key: Hashable
    number: str
    id: str
    state: str
    amount: Decimal


@dataclass(frozen=True)
class Difference:
    """``kind``: "unknown" (only the Urssaf has it), "missing" (only the caller has it),
    "state", "amount", or "sending" (whatever the Urssaf says, it may change at once)."""

    kind: str
    known: Known | None = None
    info: RequestInfo | None = None


def find(
    urssaf: UrssafClient, start: date, end: date
) -> tuple[list[RequestInfo], list[date]]:
    """The requests whose invoice date lies in the period, both ends included; and the
    days with more than ten requests, which the Urssaf does not list.

    :raise UrssafError: when the Urssaf could not be asked
    """
    try:
        return urssaf.search_by_date(start, end), []
    except Refused as refused:
        if TOO_MANY_RESULTS not in refused.codes:
            raise
    if start == end:
        return [], [start]
    middle = start + (end - start) // 2
    found, crowded = find(urssaf, start, middle)
    later, later_crowded = find(urssaf, middle + timedelta(days=1), end)
    return found + later, crowded + later_crowded


def find_unseen(
    urssaf: UrssafClient, known: Iterable[Known], found: Collection[RequestInfo]
) -> list[RequestInfo]:
    """What the Urssaf says of those that are not among ``found``, because their day has
    too many or because they were sent with another date. It is asked by their ids.

    :raise UrssafError: when the Urssaf could not be asked
    """
    seen = {info.id for info in found}
    unseen = [one.id for one in known if one.id and one.id not in seen]
    infos: list[RequestInfo] = []
    for answer in search_all(urssaf, unseen):
        if answer.error:
            raise answer.error
        infos += answer.result or []
    return infos


def compare(
    known: Iterable[Known], found: Iterable[RequestInfo]
) -> Iterator[Difference]:
    """What differs: at most one difference of each kind for each request. Requests that
    were not sent need not be at the Urssaf."""
    left = {info.id: info for info in found}
    ids = {info.number: info.id for info in left.values() if info.number}
    for one in known:
        info = left.pop(one.id or ids.get(one.number, ""), None)
        yield from _differences(one, info)
    for info in left.values():
        yield Difference("unknown", info=info)


def _differences(one: Known, info: RequestInfo | None) -> Iterator[Difference]:
    if one.state == SENDING:
        yield Difference("sending", one, info)
    elif info:
        if info.key != one.state:
            yield Difference("state", one, info)
        if info.gross not in (None, one.amount):
            yield Difference("amount", one, info)
    elif one.state:
        yield Difference("missing", one)
