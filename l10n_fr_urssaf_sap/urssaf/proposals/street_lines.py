# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The lines of an address as parts: lists of words, which commas, ends of lines, dashes,
wide gaps and the like separate."""

import re
import unicodedata
from collections.abc import Sequence

from .broken_text import repair
from .first_names import FIRST_NAMES
from .shortening import TITLES
from .street_words import (
    LINKS,
    PLAIN_TYPES,
    SHORT_PLAIN_TYPES,
    TYPES,
    UNITS,
    breaks,
    fold_word,
    has_text,
    key,
    number_length,
    type_of_street,
)

_SEPARATOR = re.compile(r"((?<![0-9]),|,(?![0-9])|[;()\[\]|•·]| [-–—/]+ )")
_QUOTES = re.compile("[\"«»“”„]|(?<!\\S)['’‘`](?=\\S)")
_GAP = "\0"
_DASHES = "-–—"


def parts_of(text: str) -> list[list[str]]:
    """The parts that have a letter or a digit. ``text`` is one line or more."""
    parts = []
    text = _CEDEX.sub(" ", _without_signs(text))
    chunks = [*_SEPARATOR.split(_SECOND.sub(";", _CORNER.sub(_corner, text))), "", ""]
    for chunk, separator, following in zip(
        chunks[:-2:2], chunks[1::2], chunks[2::2], strict=True
    ):
        words = [piece for word in chunk.split() for piece in _unglue(word)]
        groups = [group for group in _groups(words) if has_text(group)]
        if groups:
            last, continued = groups[-1], following.strip()[:1].isdigit()
            if continued and number_length(last, 0) == len(last):
                # "12, 14 rue X", "12 - 14 rue X"
                last[-1:] = f"{last[-1]}{separator}".split()
        parts += groups
    return parts


def _without_signs(text: str) -> str:
    """Without broken characters, quotation marks and the like; a wide gap that separates
    is a word of its own."""
    text = "".join(
        char if char.isprintable() else ";" if char in "\n\r" else " "
        for char in unicodedata.normalize("NFC", repair(text))
    )
    text = _QUOTES.sub(" ", text).strip()
    if re.search(r"\S \S", text):
        text = re.sub(" {2,}", f" {_GAP} ", text)
    return " ".join(text.split())


def _groups(words: list[str]) -> list[list[str]]:
    """The words between wide gaps, and those after a dash that touches a word."""
    groups: list[list[str]] = [[]]
    kept = [word for word in words if word != _GAP]
    gap, at = False, 0
    for word in words:
        if word == _GAP:
            gap = True
            continue
        previous = kept[at - 1] if at else ""
        dash = previous[-1:] in (*_DASHES,) or word[0] in _DASHES
        if at and ((gap and not _belongs(kept, at)) or (dash and _begins(kept, at))):
            groups.append([])
        groups[-1].append(word)
        gap, at = False, at + 1
    return groups


def _belongs(words: list[str], at: int) -> bool:
    """Whether a gap before this word is a slip of the thumb."""
    word, previous = key(words, at), key(words, at - 1)
    number = number_length(words, at)
    return bool(
        words[at - 1][-1] in "'’"
        or previous.isdigit()
        or previous in (TYPES.keys() | LINKS | UNITS | FIRST_NAMES | TITLES)
        or number_length(words, at - 1)
        or word in LINKS
        or (number and not type_of_street(words, at + number))
        or (breaks(words, at) and breaks(words, at - 2) and word in UNITS)
    )


def _begins(words: list[str], at: int) -> bool:
    """Whether this word begins something new."""
    number = number_length(words, at)
    if number_length(words, at - 1):
        return False
    return bool(number or type_of_street(words, at) or breaks(words, at))


# Words that were typed without a space between them

_ABBREVIATED = re.compile(r"([^\W\d_]{2,}\.)(\w.*)")  # av.Foch
_NUMBERED = re.compile(r"([0-9]+)([^\W\d_]{3,}.*)")  # 22Allee, 37000TOURS
_LETTERED = re.compile(r"([0-9]+(?:bis|ter|quater))([^\W\d_]{3,}.*)", re.IGNORECASE)
_CODES = re.compile("([0-9]{2,})[-.]([0-9]{5})")  # 60425.01012
_DASHED = re.compile(r"(.*[^\W_])[-–.]+(\w[\w.]*)")  # Bossuet-BP
_BEGINNINGS = PLAIN_TYPES | {"bp", "cs", "tsa", "c.s", "immeuble", "batiment"}
_PREFIXES = LINKS | {"contre", "avant", "arriere", "demi", "mi", "entre", "rond"}


def _unglue(word: str) -> Sequence[str]:
    match = _ABBREVIATED.fullmatch(word)
    if match and fold_word(match[1]) in TYPES.keys() | UNITS:
        return match.groups()
    if match := _LETTERED.fullmatch(word):
        return match.groups() if type_of_street([match[2], "x"], 0) else (word,)
    match = _NUMBERED.fullmatch(word)
    if match and (len(match[1]) == 5 or type_of_street([match[2], "x"], 0)):
        return match.groups()
    match = _CODES.fullmatch(word)
    if match:
        return match.groups()
    match = _DASHED.fullmatch(word)
    if match and fold_word(match[2]).rstrip("0123456789") in _BEGINNINGS:
        before = fold_word(re.split("[-–]", match[1])[-1])
        return match.groups() if before not in _PREFIXES else (word,)
    return (word,)


# Two streets: "à l'angle de la rue X et de la rue Y"

_ARTICLE = r"(?:(?:de la|de l['’]|des?|du|d['’]|la|les?|l['’])\s*)?"
_TYPE = "|".join(
    word.replace("e", "[eéè]").replace("a", "[aâ]")
    for word in sorted(PLAIN_TYPES | SHORT_PLAIN_TYPES)
)
_STREET = rf"(?=(?:n°\s*)?(?:[0-9]\S*\s+(?:(?:et|à|-)\s+[0-9]\S*\s+)?)?(?:{_TYPE})\b)"
_CORNER = re.compile(
    rf"(?:\b[àa]\s)?(?:(?<!de )\bl['’]|(?<!['’]))\b(angle)\s+{_ARTICLE}{_STREET}",
    re.IGNORECASE,
)
_SECOND = re.compile(
    r"(?<=[^\W\d_])(?<!\d\w)(?<!\d \w)(?<!\bbis)(?<!\bter)(?<!\bquater)"  # no number
    rf"\s(?:et|&|\+)\s+{_ARTICLE}{_STREET}",
    re.IGNORECASE,
)
_CEDEX = re.compile(r"[\s,–—-]{1,9}(?=c[eé]dex\b)", re.IGNORECASE)


def _corner(match: re.Match[str]) -> str:
    return f";{match[1] if match[1].isupper() else match[1].capitalize()};"
