# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How the cost of some work grows with its size, whatever the machine's speed."""

import time
from collections.abc import Callable, Sequence

# Work that reads its text once costs twice as much for a text twice as long; work that
# reads the text again for each of its characters costs four times as much.
MOST = 2.5
# Where a doubling costs so much more, work on the next text might never end.
_HOPELESS = 10
_ROUNDS, _MOST_ROUNDS = 3, 20


def check_growth(
    work: Callable[[str], object], text_of: Callable[[int], str], sizes: Sequence[int]
) -> None:
    """``work(text_of(size))`` costs at most MOST times as much each time that the size
    doubles. ``sizes`` double, the smallest first.

    The cost is the processor time of this thread alone, the least of several rounds, so
    that other processes hardly disturb it. Where they do all the same, it is measured in
    more rounds.
    """
    costs: dict[int, float] = {}
    for done in range(1, _MOST_ROUNDS + 1):
        for size in sizes:
            cost = _cost(work, text_of(size))
            costs[size] = min(cost, costs.get(size, cost))
            if _growth(costs) > _HOPELESS:
                break
        if done >= _ROUNDS and _growth(costs) <= MOST:
            return
    measured = ", ".join(
        f"{cost * 1e3:.2f} ms for {size}" for size, cost in costs.items()
    )
    raise AssertionError(
        f"{_growth(costs):.1f} times as much for twice as much: {measured}"
    )


def _growth(costs: dict[int, float]) -> float:
    """How many times more a text twice as long costs, over all of the sizes."""
    first, *_, last = [*costs.values()] * 2
    return (last / first) ** (1 / max(len(costs) - 1, 1))


def _cost(work: Callable[[str], object], text: str) -> float:
    start = time.thread_time()
    work(text)
    return time.thread_time() - start
