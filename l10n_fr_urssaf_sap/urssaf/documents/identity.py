# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whether two sets of names are one person's."""

import re

from ..api.answers import KnownParticulier
from .particulier import Particulier
from .typed import fold_first_names, fold_name


def is_known_as(person: Particulier, known: KnownParticulier) -> bool:
    """Whether the Urssaf knows ``person`` under these names. One side may know fewer first
    names. Where it does not tell enough, or a married name differs, the answer is no: a
    mother and a daughter may share an e-mail address."""
    ours, theirs = _first_names(person.first_names), _first_names(known.first_names)
    usage_names = {_name(person.usage_name), _name(known.usage_name)} - {""}
    birth_name = _name(person.birth_name)
    return bool(
        birth_name
        and birth_name == _name(known.birth_name)
        and (_begins(ours, theirs) or _begins(theirs, ours))
        and len(usage_names - {birth_name}) <= 1
    )


def _name(name: str) -> str:
    return _spread([fold_name(name).casefold()])


def _first_names(names: str) -> list[str]:
    return fold_first_names(names).casefold().split()


def _begins(some: list[str], more: list[str]) -> bool:
    """Whether these are the first of ``more``: Marie of Marie Claire, not of
    Marie-Claire."""
    return any(
        _spread(more[:count]) == _spread(some) for count in range(1, len(more) + 1)
    )


def _spread(names: list[str]) -> str:
    """Hyphens, apostrophes and spaces are one: neither side is sure of them."""
    return " ".join(re.sub("[-']", " ", " ".join(names)).split())
