# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How near a name is that was typed with an error."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from os.path import commonprefix

from .cog import LITTLE_WORDS

_LITTLE_WORD = re.compile(rf"\b(?:{'|'.join(LITTLE_WORDS)})\b")


def errors_allowed(key: str) -> int:
    """How many letters of a name may be wrong. Of a short one nothing would be left."""
    length = len(_joined(key))
    return 0 if length < 3 else 1 if length < 6 else 2 if length < 15 else 3


def errors(key: str, names: str) -> float | None:
    """The errors in a folded name, were it the nearest of ``names`` (as in a commune's
    search key, between ``|``); None where there are too many.

    A letter more, less, wrong or swapped with the next counts one; hyphens, apostrophes
    and spaces count nothing, other little words (sur, en, les) a half.
    """
    limit = errors_allowed(key)
    found = [
        count
        for name in names.strip("|").split("|")
        if (count := _errors(key, name, limit)) is not None
    ]
    return min(found, default=None)


def _errors(key: str, name: str, limit: int) -> float | None:
    # Paris 1 is not Paris 11.
    if re.findall("[0-9]+", key) != re.findall("[0-9]+", name):
        return None
    joined, names = _joined(key), _joined(name)
    counts: list[float | None] = [distance(joined, names, limit)]
    short, full = _core(key), _core(name)
    if len(short) > 3 and (short, full) != (joined, names):
        count = distance(short, full, limit)
        counts.append(None if count is None else count + 0.5)
    return min((count for count in counts if count is not None), default=None)


def _joined(key: str) -> str:
    return key.replace(" ", "")


def _core(key: str) -> str:
    return _joined(_LITTLE_WORD.sub("", key))


def distance(one: str, other: str, limit: int) -> int | None:
    """The letters to add, drop, change or swap with the next one, where they are not more
    than ``limit`` (optimal string alignment)."""
    if abs(len(one) - len(other)) > limit:
        return None
    # What they begin and end with alike is most of it.
    begin = len(commonprefix((one, other)))
    one, other = one[begin:], other[begin:]
    end = len(commonprefix((one[::-1], other[::-1])))
    one, other = one[: len(one) - end], other[: len(other) - end]
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        last, before, row = before, row, [at]
        for to, right in enumerate(other, 1):
            cost = min(before[to] + 1, row[-1] + 1, before[to - 1] + (letter != right))
            if last and to > 1 and letter == other[to - 2] and one[at - 2] == right:
                cost = min(cost, last[to - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return None
    return row[-1] if row[-1] <= limit else None


class NameIndex:
    """All names of many places, to find those near a typed one without a database's help.
    ``places``: each one's id and its names, folded and between ``|``."""

    def __init__(self, places: Iterable[tuple[int, str]]) -> None:
        # By length: a name's letters and pairs of letters as bits, itself, its place.
        self._by_length: dict[int, list[tuple[int, int, str, int]]] = defaultdict(list)
        for place, names in places:
            keys = names.strip("|").split("|")
            for form in {form for key in keys for form in _forms(key)}:
                line = (_letters(form), _pairs(form), form, place)
                self._by_length[len(form)].append(line)

    def near(self, key: str) -> set[int]:
        """The places one of whose names has no more errors than are allowed."""
        limit = errors_allowed(key)
        return {
            place
            for form in (_forms(key) if limit else ())
            for length in range(len(form) - limit, len(form) + limit + 1)
            for name, place in self._alike(form, length, limit)
            if distance(form, name, limit) is not None
        }

    def _alike(self, form: str, length: int, limit: int) -> Iterator[tuple[str, int]]:
        """Quickly those that may be near: an error takes one letter away and brings
        another, and so it does with three pairs of neighbours at most."""
        letters, pairs = _letters(form), _pairs(form)
        for other_letters, other_pairs, name, place in self._by_length.get(length, ()):
            if (letters ^ other_letters).bit_count() <= 2 * limit and (
                pairs ^ other_pairs
            ).bit_count() <= 6 * limit:
                yield name, place


def _forms(key: str) -> set[str]:
    return {_joined(key), _core(key)}


def _letters(name: str) -> int:
    """How often each letter is there, as bits: one more for each time, up to three."""
    bits = 0
    for letter in name:
        bit = 1 << 3 * (ord(letter) % 43)
        while bits & bit and not bits & bit << 2:
            bit <<= 1
        bits |= bit
    return bits


def _pairs(name: str) -> int:
    bits = 0
    for one, other in pairwise(f" {name} "):
        bits |= 1 << (ord(one) * 31 + ord(other)) % 61
    return bits
