# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the benchmarks share: figures, and Odoo inside their own process."""

import gc
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass

from odoo import api, sql_db


@dataclass
class Figure:
    """One ratio: ``value`` is ``measured`` over the bound or the rival that ``against``
    names, of the same run. ``target`` is what it must not be above (for a speed-up: below,
    see ``faster``); None where it is only told."""

    name: str
    value: float
    against: str
    measured: str
    target: float | None = None
    faster: bool = False

    @property
    def good(self):
        if self.target is None:
            return True
        # As it is printed: 1.004 is 1.00.
        value = round(self.value, 2)
        return value >= self.target if self.faster else value <= self.target


@dataclass
class Cost:
    seconds: float = 0
    queries: int = 0


@contextmanager
def environment(registry, user=api.SUPERUSER_ID, **context):
    """One request's worth of Odoo: a transaction with cold caches, committed at its end."""
    with registry.cursor() as cr:
        yield api.Environment(cr, user, context)


@contextmanager
def costing():
    """Gives the Cost of what is done inside, known at the end. No garbage of earlier work
    is collected meanwhile."""
    cost = Cost()
    gc.collect()
    gc.freeze()
    gc.disable()
    queries, start = sql_db.sql_counter, time.perf_counter()
    try:
        yield cost
    finally:
        cost.seconds = time.perf_counter() - start
        cost.queries = sql_db.sql_counter - queries
        gc.enable()


def medians(costs):
    """The typical Cost of several."""
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.queries for cost in costs),
    )
