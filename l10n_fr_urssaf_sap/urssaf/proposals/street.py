# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How the lines of a French address, as people type them, become the pieces that M010
asks for. Whatever comes in:

- The pieces keep M010's limits: ``number`` is digits, ``letter`` is one of
  STREET_LETTERS, ``type`` and ``name`` come together, a number only comes with them, and
  nothing is longer than ``documents.address`` allows.
- The user's spelling stays where it fits. Where it does not, titles are abbreviated, then
  first names, then articles are left out (in the manner of NF Z10-011), then words. A
  name keeps its last words, which distinguish streets, and the whole of it goes into the
  complement or the locality if one is free; so does the rest of a complement or locality
  that is too long.
- The whole of a street whose type the Urssaf does not know ("34 Grande Rue",
  "2 esplanade X") goes into the complement. The whole of a place without a street
  ("12 Le Bourg") goes into the locality; so do "Lieu-dit", "Hameau", "Quartier", "BP" and
  the like where there is a street. Everything else is complement.
- A number that says more than M010 can take ("12A", "1 à 3") is repeated in full in the
  complement.
- A postal code with the city after it, "France", the label "Lieu-dit", and pieces without
  a letter or a digit are left out.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..api.codes import STREET_LETTERS
from ..documents.address import LINE_LIMIT, STREET_NAME_LIMIT, STREET_NUMBER_LIMIT
from ..text import TYPED_LIMIT
from .shortening import fit_line, fit_name, trim
from .street_words import (
    LINKS,
    OTHER_TYPE,
    PLACE_TYPES,
    PLAIN_TYPES,
    TYPES,
    UNITS,
    ZIP,
    breaks,
    fold_word,
    has_text,
    is_indoors,
    is_place,
    key,
    label_length,
    number_length,
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


def parse_street(street: str, street2: str = "") -> Street:
    """The pieces of the two lines of an address, whatever their order."""
    street, street2 = street[:TYPED_LIMIT], street2[:TYPED_LIMIT]
    parts = _without_city(_join_number([*_parts(street), *_parts(street2)]))
    streets = ((_find(words), i) for i, words in enumerate(parts))
    found, index = min(streets, default=(_NO_STREET, 0))
    pieces, whole = {}, ""
    if found != _NO_STREET:
        words = parts[index]
        end = _end_of_name(words, found.type_at)
        line = words[found.at : end]
        name = " ".join(_cut_city(words[found.type_at + 1 : end]))
        name, cut = fit_name(name, STREET_NAME_LIMIT)
        if found.type and name:
            number, letter, line = _split_number(words[found.at : found.type_at])
            pieces = {"number": number, "letter": letter}
            pieces |= {"type": found.type, "name": name}
            whole = " ".join(words[found.type_at : end]) if cut else ""
        parts[index : index + 1] = [words[: found.at], line, words[end:]]
    complement, locality = _sort(parts, with_street=found != _NO_STREET)
    return Street(**pieces, **_fit(complement, locality, whole))


def _fit(complement: str, locality: str, whole: str) -> dict[str, str]:
    """Complement and locality within their limits. ``whole`` is a street whose name was
    cut, "" otherwise: it goes where there is room."""
    whole, _rest = fit_line(whole, LINE_LIMIT)  # the rest is in the street's name
    if not complement:
        complement = whole
    elif not locality:
        locality = whole
    complement, over = fit_line(complement, LINE_LIMIT)
    locality, over = fit_line(locality or over, LINE_LIMIT)
    complement = complement or fit_line(over, LINE_LIMIT)[0]
    return {"complement": complement, "locality": locality}


# Parts of a line, which commas, ends of lines and the like separate

_SEPARATOR = re.compile(r"((?<![0-9]),|,(?![0-9])|[;()|•·]| [-–—/]+ )")
_GLUED = re.compile(r"([^\W\d_]{2,}\.)(\w.*)")  # av.Foch
_GLUING = TYPES.keys() | UNITS


def _parts(text: str) -> list[list[str]]:
    text = "".join(
        char if char.isprintable() else ";" if char in "\n\r" else " "
        for char in unicodedata.normalize("NFC", text)
    )
    chunks = [*_SEPARATOR.split(" ".join(text.split())), "", ""]
    parts = []
    for chunk, separator, following in zip(
        chunks[:-2:2], chunks[1::2], chunks[2::2], strict=True
    ):
        words = [piece for word in chunk.split() for piece in _unglue(word)]
        if has_text(words):
            continued = following.strip()[:1].isdigit()
            if continued and number_length(words, 0) == len(words):
                words[-1] += separator.rstrip()  # "12, 14 rue X", "12 - 14 rue X"
            parts.append(words)
    return parts


def _unglue(word: str) -> Sequence[str]:
    glued = _GLUED.fullmatch(word)
    return glued.groups() if glued and fold_word(glued[1]) in _GLUING else (word,)


def _join_number(parts: list[list[str]]) -> list[list[str]]:
    """Bring a number that a comma or the end of a line separates from its street back to
    it."""
    for i, part in enumerate(parts):
        start = _number_at_end(part)
        number, alone = part[start:], start == 0
        if not number or (ZIP.fullmatch(fold_word(number[0])) and (i or not alone)):
            continue
        if not alone and _find(part).rank < _PLACE:
            continue
        after, before = range(i + 1, len(parts)), range(i - 1, -1, -1)
        for j in [*after, *before] if alone else after[:1]:
            free = _UNNUMBERED <= _find(parts[j]).rank < _PLACE
            free = free or (alone and j == i + 1)  # "12, 14 rue X"
            if free and _find([*number, *parts[j]]).rank < _UNNUMBERED:
                break
        else:
            if not (alone and after):
                continue
            j = i + 1
        parts[j] = [*number, *parts[j]]
        parts[i] = part[:start]
        break
    return [part for part in parts if part]


def _number_at_end(words: list[str]) -> int:
    """Where the number begins that these words end with; their length if they do not."""
    at = 0
    while at < len(words):
        unit = unit_length(words, at)
        if not unit and at + number_length(words, at) == len(words):
            return at if key(words, at - 1) not in LINKS else len(words)
        at += unit or 1
    return len(words)


def _without_city(parts: list[list[str]]) -> list[list[str]]:
    kept = [words for words in map(_cut_city, parts) if has_text(words)]
    if kept and fold_word(" ".join(kept[-1])) == "france":
        kept.pop()
    return kept or parts


def _cut_city(words: list[str]) -> list[str]:
    """The words before a postal code and the city after it."""
    for at, word in enumerate(words):
        city = words[at + 1 : at + 10]
        if (
            ZIP.fullmatch(fold_word(word))
            and key(words, at - 1) not in UNITS
            and len(city) < 9
            and not any(type_of_street(city, i) for i in range(9))
            and not any(unit_length(city, i) for i in range(9))
        ):
            return words[:at]
    return words


# The street


class _Found(NamedTuple):
    """A street among words. The lowest rank is the best: a street comes before a place,
    then one with a number before one without, then one whose type the Urssaf knows;
    ``type`` is "" for other types. ``at`` is where the street begins, ``type_at`` where
    its type does."""

    rank: tuple[bool, ...]
    at: int = 0
    type_at: int = 0
    type: str = ""


_UNNUMBERED = (False, True)
_PLACE = (True,)
_NO_STREET = _Found((True, True, True))


def _find(words: list[str]) -> _Found:
    """The best street among these words."""
    best, head, at = _NO_STREET, True, 0
    # The street may follow a "Villa X" that has no number.
    while at < len(words) and best.rank >= (False, True, True):
        unit = unit_length(words, at)
        if not unit:
            best = min(best, _street_at(words, at, head))
            head = False
        at += unit or 1
    return best


def _street_at(words: list[str], at: int, head: bool) -> _Found:
    """The street that begins here. ``head`` says that only units stand before it;
    elsewhere a street must be unmistakable."""
    if not head and key(words, at - 1) in LINKS:
        return _NO_STREET
    for length in range(number_length(words, at), -1, -1):
        kind = type_of_street(words, at + length, numbered=length > 0)
        place, other = kind in PLACE_TYPES, kind == OTHER_TYPE
        plain = not other and key(words, at) in PLAIN_TYPES
        if kind and (head or plain or (length and not place)):
            rank = (place, not length, other)
            return _Found(rank, at, at + length, "" if other else kind)
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


def _sort(parts: list[list[str]], with_street: bool) -> tuple[str, str]:
    """The complement and the locality, whatever their length."""
    complement: list[str] = []
    locality: list[str] = []
    placed = with_street or any(map(is_place, parts))
    for words in filter(has_text, parts):
        if is_place(words) or not (placed or is_indoors(words)):
            placed = True
            start = number_length(words, 0)
            end = start + label_length(words, start)
            if has_text(words[end:]):
                words = words[:start] + words[end:]
            locality.append(trim(" ".join(words)))
        else:
            complement.append(trim(" ".join(words)))
    return ", ".join(complement), ", ".join(locality)
