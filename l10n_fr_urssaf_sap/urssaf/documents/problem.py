# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf would refuse in a document, found before it leaves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

_FIRST_YEAR = 1900  # nobody who was born before buys anything


class Rule(str, Enum):
    """The rule that a value breaks; the caller says it in the user's language."""

    MISSING = "missing"
    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    FUTURE = "future"
    TODAY = "today"
    LONG_AGO = "long_ago"
    ONLY_IN_FRANCE = "only_in_france"
    NOT_FRENCH_MOBILE = "not_french_mobile"
    NEEDS_ARRONDISSEMENT = "needs_arrondissement"
    NEEDS_STREET_NAME = "needs_street_name"
    NEEDS_STREET_TYPE = "needs_street_type"
    NEEDS_STREET_OR_LOCALITY = "needs_street_or_locality"
    TOO_EARLY = "too_early"
    BEFORE_ACTIVATION = "before_activation"
    ON_ACTIVATION = "on_activation"
    ENDS_BEFORE_START = "ends_before_start"
    TWO_MONTHS = "two_months"
    NO_SERVICES = "no_services"
    NEGATIVE = "negative"
    NOT_POSITIVE = "not_positive"
    LINES_DIFFER = "lines_differ"
    OUTSIDE_PERIOD = "outside_period"
    OTHER_MONTH = "other_month"
    ABOVE_HALF = "above_half"
    NAMED = "named"  # by the Urssaf itself, which refused it


@dataclass(frozen=True)
class Problem:
    """``field`` names the value to fix, as the library names it. ``line`` is the position
    (from 0) of the invoice's line that the value belongs to, None where it belongs to the
    whole. The value itself is left out, because it may be personal."""

    field: str
    rule: Rule
    line: int | None = None


def birth_date_problems(day: date | None, today: date) -> Iterator[Problem]:
    """What is wrong with a birth date, whichever document it is for."""
    if not day:
        yield Problem("birth_date", Rule.MISSING)
    elif day > today:
        yield Problem("birth_date", Rule.FUTURE)
    elif day == today:
        yield Problem("birth_date", Rule.TODAY)
    elif day.year < _FIRST_YEAR:
        yield Problem("birth_date", Rule.LONG_AGO)


def is_commune_code(code: str) -> bool:
    """Whether this could be INSEE's code of a commune: 5 characters, as 69123 or 2A004."""
    return bool(re.fullmatch("[0-9][0-9AB][0-9]{3}", code))
