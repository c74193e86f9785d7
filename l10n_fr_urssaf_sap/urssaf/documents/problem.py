# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf would refuse in a document, found before it leaves."""

import re
from dataclasses import dataclass
from enum import Enum


class Rule(str, Enum):
    """The rule that a value breaks; the caller says it in the user's language."""

    MISSING = "missing"
    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    FUTURE = "future"
    NOT_FRENCH_MOBILE = "not_french_mobile"
    NEEDS_ARRONDISSEMENT = "needs_arrondissement"
    NEEDS_STREET_NAME = "needs_street_name"
    NEEDS_STREET_TYPE = "needs_street_type"
    NEEDS_STREET_OR_LOCALITY = "needs_street_or_locality"
    TOO_EARLY = "too_early"
    BEFORE_ACTIVATION = "before_activation"
    ENDS_BEFORE_START = "ends_before_start"
    TWO_MONTHS = "two_months"
    NO_SERVICES = "no_services"
    NEGATIVE = "negative"
    NOT_POSITIVE = "not_positive"
    LINES_DIFFER = "lines_differ"
    OUTSIDE_PERIOD = "outside_period"
    ABOVE_HALF = "above_half"


@dataclass(frozen=True)
class Problem:
    """``field`` names the value to fix, as the library names it. ``line`` is the position
    (from 0) of the invoice's line that the value belongs to, None where it belongs to the
    whole. The value itself is left out, because it may be personal."""

    field: str
    rule: Rule
    line: int | None = None


def is_commune_code(code: str) -> bool:
    """Whether this could be INSEE's code of a commune: 5 characters, as 69123 or 2A004."""
    return bool(re.fullmatch("[0-9][0-9AB][0-9]{3}", code))
