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
MOST_WRAPPERS = 3  # around errors, or a state within another name of it
_NOTHING = ("", "null", "NULL", "undefined")
_LONGEST_NAME = 64  # characters
_REMEMBERED = 1000  # characters of an object's names
_MOST = 200  # parts of an object or a list that are looked at: ten are promised


def part(value: Json, *names: str) -> Json:
    """What an object, or a list of one, has under the first of these names that says
    anything (0 does), however the name is spelled; None without."""
    box = only_object(value)
    for name in names:
        # Most have it under this very name: no other is looked at then.
        if name in box and not is_empty(box[name]):
            return box[name]
        for item in named(box, name):
            if not is_empty(item):
                return item
    return None


def named(box: dict[str, Json], name: str) -> list[Json]:
    """All that an object has under a name, the very name first, then other spellings."""
    others = [key for key in _spellings(box).get(_plain(name), ()) if key != name]
    return [box[key] for key in ([name] if name in box else []) + others]


def _spellings(box: dict[str, Json]) -> dict[str, list[str]]:
    names = tuple(islice(box, _MOST))
    # The items of an answer have the same names. What is kept is bounded.
    if sum(map(len, names)) <= _REMEMBERED:
        return _by_spelling(names)
    return _by_spelling.__wrapped__(names)


@lru_cache(maxsize=128)
def _by_spelling(names: tuple[str, ...]) -> dict[str, list[str]]:
    """The names of an object by what they spell; not to be changed."""
    spellings: dict[str, list[str]] = {}
    for name in names:
        if len(name) <= _LONGEST_NAME:
            spellings.setdefault(_plain(name), []).append(name)
    return spellings


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
        if not (isinstance(value, list) and len(value) == 1):
            break
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
            if isinstance(item, (dict, list)) and not names_errors(name)
        ]
    return value[:_MOST] if isinstance(value, list) else []


def names_errors(name: str) -> bool:
    """Whether this is a name of errors, however it is spelled."""
    return len(name) <= _LONGEST_NAME and _plain(name) in ("error", "erreur")


def flat(value: list[Json]) -> list[Json]:
    """The same without lists within lists."""
    for _level in range(_DEEPEST):
        # An empty one may stand for an item.
        lists = (each if isinstance(each, list) and each else [each] for each in value)
        value = list(islice(chain.from_iterable(lists), _MOST))
    return value
