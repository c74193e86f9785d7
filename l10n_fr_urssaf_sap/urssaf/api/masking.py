# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What must not be repeated after the Urssaf: its sentences may say again what was sent
about a person."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date

from ..text import fold
from .api_call import HIDDEN, masked
from .shapes import Json

# An account number or an e-mail address may also be an earlier one of the same person.
_ANYBODYS = re.compile(
    r"\b[A-Za-z]{2}[0-9]{2}(?:[ .-]?[A-Z0-9]{2,4}){3,8}\b|[^\s<>()@]+@[^\s<>()@]+"
)
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(T.*)?")
_MONTHS = (
    "janv(?:ier)?|january",
    "fevr?(?:ier)?|february",
    "mars?|march",
    "avr(?:il)?|april",
    "mai|may",
    "juin|june?",
    "juil(?:let)?|july",
    "aout|aug(?:ust)?",
    "sept(?:embre|ember)?",
    "oct(?:obre|ober)?",
    "nov(?:embre|ember)?",
    "dec(?:embre|ember)?",
)
# Words of a name or an address that are also words of any sentence.
_COMMON = frozenset(
    ("aux", "avec", "bis", "dans", "des", "est", "les", "non", "par", "pas", "pour")
    + ("que", "qui", "rue", "ses", "son", "sur", "ter", "une")
)
_PART = 8  # so much of an account or telephone number tells whose it is


def mask(sentence: str, sent: Json) -> str:
    """``sentence`` with HIDDEN for each value of ``sent``, however it is written: with or
    without accents, capitals and separators; parts of names and of long numbers too.

    :param sent: JSON values, dates and dataclass fields that were sent, or may have been;
        what says nothing of a person (amounts, codes, days of work) is not looked for
    """
    sentence = unicodedata.normalize("NFC", sentence)
    spans = [found.span() for found in _ANYBODYS.finditer(sentence)]
    letters, places = _compact(sentence)
    for value in _personal(sent):
        if isinstance(value, date):
            spans += _dates(sentence, value)
        else:
            for start, end in _texts(letters, places, value, sentence):
                spans.append((places[start], places[end - 1] + 1))
    return _without(sentence, spans)


def _personal(sent: Json, key: str = "") -> Iterator[str | date]:
    """The values, and the days among them as dates."""
    if isinstance(sent, dict):
        for name, value in sent.items():
            yield from _personal(value, name)
    elif isinstance(sent, (list, tuple, set)):
        for value in sent:
            yield from _personal(value, key)
    elif isinstance(sent, date):
        yield sent
    elif sent and (key == "idClient" or masked(sent, key) == HIDDEN):
        text: str | date = str(sent)
        if found := _ISO_DATE.fullmatch(str(sent)):
            with suppress(ValueError):  # a text like any other
                text = date(*map(int, found.groups()[:3]))
        yield text


def _compact(text: str) -> tuple[str, list[int]]:
    """The folded letters and digits of a text, and where each of them is in it."""
    found = [
        (letter, place)
        for place, char in enumerate(text)
        for letter in fold(char).casefold()
        if letter.isalnum()
    ]
    return "".join(letter for letter, _place in found), [place for _l, place in found]


def _texts(
    letters: str, places: list[int], value: str, sentence: str
) -> Iterator[tuple[int, int]]:
    """Where a value is among the letters of the sentence: whole, by its words, and by the
    parts of a long number."""
    whole, _places = _compact(value)
    wanted = {whole}
    wanted.update(_compact(word)[0] for word in re.split(r"[\W_]+", fold(value)))
    for word in wanted:
        if not _tells_something(word, word == whole):
            continue
        for start, end in _found(letters, word):
            if len(word) >= _PART or _stands_alone(sentence, places, start, end):
                yield start, end
    if len(whole) > _PART and any(char.isdigit() for char in whole):
        for first in range(len(whole) - _PART + 1):
            yield from _found(letters, whole[first : first + _PART])


def _tells_something(word: str, whole: bool) -> bool:
    if word.isdigit():
        return len(word) >= 5  # a house number would hide half of any sentence
    return len(word) >= (2 if whole else 3) and word not in _COMMON


def _found(letters: str, word: str) -> Iterator[tuple[int, int]]:
    start = letters.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = letters.find(word, start + 1)


def _stands_alone(sentence: str, places: list[int], start: int, end: int) -> bool:
    before, after = places[start] - 1, places[end - 1] + 1
    return not (
        (before >= 0 and sentence[before].isalnum())
        or (after < len(sentence) and sentence[after].isalnum())
    )


def _dates(sentence: str, day: date) -> Iterator[tuple[int, int]]:
    """Where a day is in the sentence, in figures or in words."""
    plain = "".join(fold(char).casefold()[:1] or " " for char in sentence)
    gap = r"[\W_]{0,3}"
    year, number, month = f"{day.year}", f"0?{day.day}(?:er)?", f"0?{day.month}"
    name = rf"(?:{_MONTHS[day.month - 1]})\.?"
    for form in (
        rf"(?<!\d){number}{gap}{month}{gap}(?:{year}|{year[2:]}(?!\d))",
        rf"(?<!\d){month}{gap}{number}{gap}{year}",
        rf"{year}{gap}{month}{gap}{number}(?!\d)",
        rf"(?<!\d){number}\s*{name}(?:\s*{year})?",
        rf"\b{name}\s*{number}(?:,?\s*{year})?",
    ):
        for found in re.finditer(form, plain):
            yield found.span()


def _without(sentence: str, spans: Iterable[tuple[int, int]]) -> str:
    parts: list[str] = []
    last = 0
    for start, end in sorted(spans):
        while end < len(sentence) and unicodedata.combining(sentence[end]):
            end += 1
        if start > last or not parts:
            parts += [sentence[last:start], HIDDEN]
        last = max(last, end)
    return "".join([*parts, sentence[last:]])
