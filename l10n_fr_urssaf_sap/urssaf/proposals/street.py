# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How the lines of a French address, as people type them, become the pieces that M010
asks for. Whatever comes in:

- The pieces keep M010's limits: ``number`` is digits, ``letter`` is one of
  STREET_LETTERS, ``type`` and ``name`` come together, a number only comes with them, and
  nothing is longer than ``documents.address`` allows.
- Broken characters are fixed ("l¿Hôtel", "ChÃ¢teau"), wide gaps and dashes separate, and
  words that were typed without a space come apart ("22Allee", "FOCH-BP 12"). Beyond that
  the user's spelling stays where it fits. Where it does not, titles are abbreviated, then
  first names, then articles are left out (in the manner of NF Z10-011), then words. A
  name keeps its last words, which distinguish streets, and the whole of it goes into the
  complement or the locality, before a shop's name. What one piece has no room for goes
  into the others; ``rest`` tells what none has room for.
- A street whose name has its type inside ("34 Grande Rue", "Ancienne Route de X") keeps
  the whole name beside that type: a "Rue Grande" may be another street.
- The whole of a street whose type the Urssaf does not know ("2 esplanade X") goes into
  the complement, and so does the other street of a corner, with the word "Angle" before
  it. The whole of a place without a street ("12 Le Bourg") goes into the locality; so do
  "Lieu-dit", "Hameau", "Quartier", "BP" and the like where there is a street. Everything
  else is complement.
- A number that says more than M010 can take ("12A", "1 à 3") is repeated in full in the
  complement. One that belongs to a place ("Hangar 20", "Espace Dillon 3000") is no
  street's number.
- A postal code with the city after it, "CEDEX" with its number, "France", the label
  "Lieu-dit", quotation marks, and pieces without a letter or a digit are left out.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import NamedTuple

from ..api.codes import STREET_LETTERS
from ..documents.address import STREET_NAME_LIMIT, STREET_NUMBER_LIMIT
from ..text import TYPED_LIMIT
from .shortening import fit_name, fit_pieces, trim
from .street_lines import parts_of
from .street_words import (
    LINKS,
    OTHER_TYPE,
    PLACE_TYPES,
    TYPES,
    UNITS,
    ZIP,
    breaks,
    fold_word,
    has_text,
    is_indoors,
    is_of_name,
    is_place,
    is_plain,
    is_public,
    key,
    label_length,
    number_length,
    own_type,
    postal_length,
    type_of_street,
    unit_length,
)


@dataclass(frozen=True, repr=False)
class Street:
    """``type`` is a key of STREET_TYPES, ``letter`` one of STREET_LETTERS. Absent pieces
    are ""."""

    number: str = ""
    letter: str = ""
    type: str = ""
    name: str = ""
    complement: str = ""
    locality: str = ""
    # What found no room in any piece.
    rest: str = field(default="", compare=False)


def parse_street(street: str, street2: str = "") -> Street:
    """The pieces of the two lines of an address, whatever their order."""
    lines, unread = zip(*map(_read, (street, street2)), strict=True)
    parts = _join_numbers(_without_city([*parts_of(lines[0]), *parts_of(lines[1])]))
    ranks = ((_find(words).rank, i) for i, words in enumerate(parts))
    _rank, index = min(ranks, default=(_NO_STREET.rank, 0))
    found = _find(parts[index]) if parts else _NO_STREET
    pieces, name, whole = {}, "", ""
    if found != _NO_STREET:
        words = parts[index]
        end = _end_of_name(words, found.type_at)
        line, between = words[found.at : end], []
        name = " ".join(_cut_city(words[found.name_at : end])) if found.type else ""
        name, cut = fit_name(name, STREET_NAME_LIMIT)
        if name:
            number, letter, line = _split_number(words[found.at : found.number_end])
            between = words[found.number_end : found.type_at]
            pieces = {"number": number, "letter": letter, "type": found.type}
            whole = " ".join(words[found.type_at : end]) if cut else ""
        after = _after_box(words[end:])
        parts[index : index + 1] = [words[: found.at], line, between, *after]
    complement, locality = _sort(_name_corner(parts), found != _NO_STREET)
    fitted = fit_pieces(name, complement, locality, whole)
    rest = ", ".join(filter(has_text, (fitted.rest, *unread)))
    return Street(**pieces, **fitted._replace(rest=rest)._asdict())


def _read(line: str) -> tuple[str, str]:
    """What is read of a line, and as much of what follows."""
    return line[:TYPED_LIMIT], line[TYPED_LIMIT : 2 * TYPED_LIMIT]


# The parts


def _without_city(parts: list[list[str]]) -> list[list[str]]:
    parts = [words if i == 0 else _join_zip(words) for i, words in enumerate(parts)]
    if len(parts) > 2 and len(parts[-2]) == 1 and ZIP.fullmatch(key(parts[-2], 0)):
        parts[-2:] = [[*parts[-2], *parts[-1]]]  # "29900 - Concarneau"
    # "PARIS CEDEX 04", whose postal code stands elsewhere
    parts = [
        *parts[:1],
        *(part for part in parts[1:] if not _is_bare(_cut_cedex(part))),
    ]
    kept = [words for words in map(_cut_city, parts) if has_text(words)]
    if kept and fold_word(" ".join(kept[-1])) == "france":
        kept.pop()
    return kept or parts


def _join_zip(words: list[str]) -> list[str]:
    """Words that begin with a postal code: "47 916 AGEN" has it in two of them."""
    first, second = key(words, 0), key(words, 1)
    if (first + second).isdigit() and (len(first), len(second)) == (2, 3):
        return [first + second, *words[2:]]
    return words


def _cut_city(words: list[str]) -> list[str]:
    """The words before a postal code and the city after it, or before "CEDEX 9"."""
    for at, word in enumerate(words):
        city = words[at + 1 : at + 10]
        if (
            ZIP.fullmatch(fold_word(word))
            # "BP 20012", but "3e étage 75009 Paris"
            and (key(words, at - 1) not in UNITS or unit_length(words, at - 2) == 2)
            and len(city) < 9
            and (not city or _is_bare(city))
        ):
            return words[:at]
    return _cut_cedex(words) or words


def _cut_cedex(words: list[str]) -> list[str]:
    """The words before "CEDEX 9" at the end; [] where there is none."""
    numbered = key(words, len(words) - 1).isdigit()
    at = len(words) - 1 - numbered
    return words[:at] if key(words, at) == "cedex" else []


def _is_bare(words: list[str]) -> bool:
    """Whether there are words, and neither a street nor a part of a building is there."""
    ats = range(len(words))
    found = (type_of_street(words, at) or unit_length(words, at) for at in ats)
    return bool(words) and not any(found)


def _join_numbers(parts: list[list[str]]) -> list[list[str]]:
    """Bring a number that a comma or the end of a line separates from its street back to
    it."""
    joined = False
    for i, part in enumerate(parts):
        start = _number_at_end(part)
        home = _home_of_number(parts, i, start, joined) if part[start:] else None
        if home is not None:
            parts[home] = [*part[start:], *parts[home]]
            parts[i], joined = part[:start], True
    return [part for part in parts if part]


def _home_of_number(
    parts: list[list[str]], i: int, start: int, joined: bool
) -> int | None:
    """Which part the number belongs to that part ``i`` ends with. Where one was
    ``joined`` already, another one may only belong to the street after it."""
    number, alone = parts[i][start:], start == 0
    if ZIP.fullmatch(fold_word(number[0])) and (i or not alone):
        return None
    if not alone and _find(parts[i]).rank < _PLACE:
        return None
    after, before = range(i + 1, len(parts)), range(i - 1, -1, -1)
    for j in [*after, *before] if alone and not joined else after[:1]:
        free = _UNNUMBERED <= _find(parts[j]).rank < _PLACE
        free = free or (alone and not joined and j == i + 1)  # "12, 14 rue X"
        if free and _find([*number, *parts[j]]).rank < _UNNUMBERED:
            return j
    return i + 1 if alone and after and not joined else None


def _number_at_end(words: list[str]) -> int:
    """Where the number begins that these words end with; their length if they do not."""
    at = 0
    while at < len(words):
        unit = unit_length(words, at)
        if not unit and at + number_length(words, at) == len(words):
            of_name = key(words, at - 1) in LINKS or is_of_name(words, at)
            return len(words) if of_name else at
        at += unit or 1
    return len(words)


# The street


class _Found(NamedTuple):
    """A street among words. The lowest rank is the best: a street comes before a place,
    then one with a number before one without, then one whose type the Urssaf knows;
    ``type`` is "" for other types. It begins at ``at`` with its number, which ends before
    ``number_end``; its type begins at ``type_at``, its name at ``name_at``."""

    rank: tuple[bool, ...]
    at: int = 0
    number_end: int = 0
    type_at: int = 0
    name_at: int = 0
    type: str = ""


_UNNUMBERED = (False, True)
_PLACE = (True,)
_NO_STREET = _Found((True, True, True))


def _find(words: list[str]) -> _Found:
    """The best street among these words."""
    best, head, unit, at = _NO_STREET, True, 0, 0
    # The street may follow a "Villa X" or a "Grand Place" that has no number.
    while at < len(words) and best.rank >= _UNNUMBERED:
        after_unit, unit = unit > 0, unit_length(words, at)
        if not unit:
            best = min(best, _street_at(words, at, head, after_unit))
            head = False
        at += unit or 1
    return best


def _street_at(words: list[str], at: int, head: bool, after_unit: bool) -> _Found:
    """The street that begins here. ``head`` says that only units stand before it;
    elsewhere a street must be unmistakable."""
    previous, plain = key(words, at - 1), is_plain(words, at)
    linked = previous in LINKS or (own_type(words, at) and previous in TYPES)
    if linked and not head and not after_unit:  # the D of "Bât D" is no article
        return _NO_STREET
    longest = number_length(words, at) if head or not is_of_name(words, at) else 0
    for length in range(longest, -1, -1):
        type_at = at + length
        if length:  # "12 Bât C rue X"
            type_at += unit_length(words, type_at)
        kind = type_of_street(words, type_at, numbered=length > 0)
        place, other = kind in PLACE_TYPES, kind == OTHER_TYPE
        if kind and (head or (plain and not other) or (length and not place)):
            rank = (place, not length, other)
            name_at = type_at + (not own_type(words, type_at))
            kind = "" if other else kind
            return _Found(rank, at, at + length, type_at, name_at, kind)
    return _NO_STREET


def _end_of_name(words: list[str], type_at: int) -> int:
    ends = (at for at in range(type_at + 2, len(words)) if breaks(words, at))
    return next(ends, len(words))


_LETTERS = {word: code for code, word in STREET_LETTERS.items()}
_LETTERS |= {code.lower(): code for code in STREET_LETTERS}
_NUMBER = re.compile(
    r"[^0-9]*0*([0-9]*)(?:[ ,./-]*(bis|ter|quater|quinquies|[btqc])(?![a-z0-9]))?"
    "[ ,.:/–—-]*(.*)"
)
_LABEL = re.compile("^[^0-9]*")


def _split_number(words: list[str]) -> tuple[str, str, list[str]]:
    """The number, its letter, and words for a number that these two cannot express."""
    # A word was taken for a number by its plain digits: ② is 2.
    text = unicodedata.normalize("NFKC", " ".join(words))
    number, suffix, more = _NUMBER.findall(text.casefold())[0]
    if not words or (0 < len(number) <= STREET_NUMBER_LIMIT and not more):
        return number, _LETTERS.get(suffix, ""), []
    if len(number) > STREET_NUMBER_LIMIT:
        number = ""
    letter = _LETTERS.get(suffix, "") if number else ""
    return number, letter, ["N°", trim(_LABEL.sub("", text))]


# Complement and locality


def _after_box(words: list[str]) -> list[list[str]]:
    """What follows a street: "BP 12" says nothing of the words after it."""
    box = postal_length(words, 0)
    return [words[:box], words[box:]]


def _name_corner(parts: list[list[str]]) -> list[list[str]]:
    """The other street of a corner with the word "Angle" before it."""
    corners = [
        i for i, words in enumerate(parts) if fold_word(" ".join(words)) == "angle"
    ]
    if corners:
        corner = parts.pop(corners[0])
        others = (i for i, words in enumerate(parts) if _find(words).rank < _PLACE)
        other = next(others, len(parts))
        if other < len(parts):
            corner += parts.pop(other)
        parts.insert(other, corner)
    return parts


def _sort(parts: list[list[str]], with_street: bool) -> tuple[str, str]:
    """The complement and the locality, whatever their length."""
    complement: list[str] = []
    locality: list[str] = []
    parts = [
        piece for words in parts for piece in _cut_places(words) if has_text(piece)
    ]
    places = [i for i, words in enumerate(parts) if is_place(words)]
    if not (places or with_street):
        spots = [i for i, words in enumerate(parts) if not is_indoors(words)]
        places = [*(i for i in spots if not is_public(parts[i])), *spots][:1]
    for i, words in enumerate(parts):
        start = number_length(words, 0)
        end = start + label_length(words, start)
        if has_text(words[end:]):
            words = words[:start] + words[end:]
        (locality if i in places else complement).append(trim(" ".join(words)))
    return ", ".join(complement), ", ".join(locality)


def _cut_places(words: list[str]) -> list[list[str]]:
    """The words before "Lieu-dit X" or "BP 12" and those from it on, each on their own."""
    for at in range(1 + number_length(words, 0), len(words)):
        label = label_length(words, at)
        place = (label and has_text(words[at + label :])) or postal_length(words, at)
        if place and key(words, at - 1) not in LINKS:
            return [words[:at], *_cut_places(words[at:])]
    return [words]
