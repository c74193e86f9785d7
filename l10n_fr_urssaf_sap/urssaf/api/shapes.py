# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where the promised parts of an answer are, when it has not quite the promised shape:
names are found in any spelling, and whatever a part is wrapped in is opened."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import Any, TypeAlias

from ..text import fold

Json: TypeAlias = Any  # nobody knows the shape before it is read

_DEEPEST = 5  # wrappers around a part, and lists within lists
_NOTHING = ("", "null", "NULL", "undefined")
_LONGEST_NAME = 64  # characters
_MOST = 200  # parts of an object or a list that are looked at: ten are promised


def part(value: Json, *names: str) -> Json:
    """What an object, or a list of one, has under the first of these names that says
    anything (0 does), however the name is spelled; None without."""
    box = only_object(value)
    for name in names:
        for item in named(box, name):
            if not is_empty(item):
                return item
    return None


def named(box: dict[str, Json], name: str) -> list[Json]:
    """All that an object has under a name, the very name first, then other spellings."""
    wanted = _plain(name)
    others = [
        item
        for key, item in islice(box.items(), _MOST)
        if key != name and len(key) <= _LONGEST_NAME and _plain(key) == wanted
    ]
    return [box[name], *others] if name in box else others


@lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    """idDemandePaiements, ID_DEMANDE_PAIEMENT and id-demande-paiement are one name."""
    plain = name if name.isascii() else fold(name)
    return re.sub("[^a-z0-9]", "", plain.lower()).removesuffix("s")


def is_empty(value: Json) -> bool:
    """Whether this says nothing. (0 and false do.)"""
    if isinstance(value, str):
        return value.strip() in _NOTHING
    return value is None or (isinstance(value, (list, dict)) and not value)


def only_object(value: Json) -> dict[str, Json]:
    """An object, or the only one of a list; an empty one for anything else."""
    for _level in range(_DEEPEST):
        if isinstance(value, list) and len(value) == 1:
            (value,) = value
    return value if isinstance(value, dict) else {}


def objects(value: Json) -> Iterator[dict[str, Json]]:
    """All the objects in an answer, the outermost first. What stands under a name of
    errors is left out."""
    level = [value]
    for _level in range(_DEEPEST):
        yield from (each for each in level if isinstance(each, dict))
        level = list(islice(chain.from_iterable(map(inner, level)), _MOST))


def items(value: Json, is_one: Callable[[Json], bool]) -> list[Json]:
    """The items of an answer, wherever they are, with whatever stands among them in the
    place of one."""
    level = [[value]]
    for _level in range(_DEEPEST):
        if found := [some for some in level if any(map(is_one, some))]:
            return [item for some in found for item in some]
        within = chain.from_iterable(map(inner, some) for some in level)
        level = [flat(parts) for parts in islice(within, _MOST)]
    return []


def inner(value: Json) -> list[Json]:
    """What is within an object or a list; no texts and numbers of an object."""
    if isinstance(value, dict):
        return [
            item
            for name, item in islice(value.items(), _MOST)
            if isinstance(item, (dict, list)) and not _names_errors(name)
        ]
    return value[:_MOST] if isinstance(value, list) else []


def _names_errors(name: str) -> bool:
    return len(name) <= _LONGEST_NAME and _plain(name) in ("error", "erreur")


def flat(value: list[Json]) -> list[Json]:
    """The same without lists within lists."""
    for _level in range(_DEEPEST):
        # An empty one may stand for an item.
        lists = (each if isinstance(each, list) and each else [each] for each in value)
        value = list(islice(chain.from_iterable(lists), _MOST))
    return value
