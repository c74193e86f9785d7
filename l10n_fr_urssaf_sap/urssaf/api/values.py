# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The values of an answer: texts, numbers, days and moments, as machines and French people
write them. What may be wrong with each kind is looked after here, and only here."""

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from .shapes import Json

LONGEST_ID = 200  # characters
# The most characters of a code, a label and a sentence.
CODE, LABEL, SENTENCE = 64, 200, 2000
# Control characters and halves of a pair, which no database takes.
_UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
LONGEST_NUMBER = 40  # characters
_WITH_COMMA = re.compile(r"-?\d+,\d{1,2}")  # three figures may be thousands
_THOUSANDS = re.compile(r"-?\d{1,3}(\.\d{3})+,\d{1,2}|-?\d{1,3}(,\d{3})+\.\d{1,2}")
MOST_EUROS = 10**9
_YEARS = range(2000, 2100)
# Their first letters tell the months apart, in French and in English.
_MONTHS = {
    start: number
    for number, starts in enumerate(
        (
            *("jan", "fév fev feb", "mar", "avr apr", "mai may", "juin jun"),
            *("juil jul", "aoû aou aug", "sep", "oct", "nov", "déc dec"),
        ),
        start=1,
    )
    for start in starts.split()
}
_DAY = re.compile(
    r"(?<![\d/.-])(?:"
    r"(?P<y1>\d{4})(?P<mark>[-/.])(?P<m1>\d\d?)(?P=mark)(?P<d1>\d\d?)"
    r"|(?P<d2>\d\d?)(?P<mark2>[-/.])(?P<m2>\d\d?)(?P=mark2)(?P<y2>\d{4})"
    r"|(?P<d3>\d\d?)(?:er)?[ -](?P<m3>[a-zéû]{3,9})\.?[ -](?P<y3>\d{4})"
    r")(?![\d/])",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?!\d)")
_CLOCK = re.compile(
    r"(?:t|,?\s?(?:à\s?|-\s?|\()?)"
    r"(?P<hour>\d\d?)\s?(?::|h(?:eures?)?)\s?(?P<minute>\d\d)(?!\d)"
    r"(?:\s?(?::|m(?:in)?)\s?(?P<second>\d\d)(?!\d)(?:[.,]\d{1,9})?)?"
    r"\s?(?P<zone>(?:z|utc|gmt)\b|[+-]\d\d(?::?\d\d)?(?!\d))?",
    re.IGNORECASE,
)
# Of several days in a sentence, it is the one after such a word.
_SINCE = re.compile(r"\b(?:depuis|partir|compter|dès)\b\D{0,20}$", re.IGNORECASE)
_PARIS = ZoneInfo("Europe/Paris")  # the Urssaf's clock


def text(value: Json, most: int = LONGEST_ID) -> str:
    """An id or a code: shortened, it would be another."""
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise ValueError("text expected")
    if _UNSTORABLE.search(value):
        raise ValueError("text expected")
    return value


def id_or_none(value: Json, most: int = LONGEST_ID) -> str:
    """The same, also of one that came as a number; "" for anything else."""
    try:
        return text(str(value) if type(value) is int else value.strip(), most)
    except (AttributeError, ValueError):
        return ""


def cut(value: Json, most: int) -> str:
    """What is only shown to people: as much of it as makes sense."""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        return ""
    return _UNSTORABLE.sub(" ", value[:most])


def number(value: Json) -> Decimal | None:
    """A number, also one in a text, as a machine or a French person writes it."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    if isinstance(value, str):
        if len(value) > LONGEST_NUMBER:
            return None
        value = re.sub(r"(?i)[\s€']|eur(os?)?", "", value)
        if _THOUSANDS.fullmatch(value):
            value = re.sub("[.,](?=.*[.,])", "", value)
        if _WITH_COMMA.fullmatch(value):
            value = value.replace(",", ".")
    with suppress(ArithmeticError):
        number = Decimal(value)
        return number if number.is_finite() else None
    return None


def amount(value: Json) -> Decimal | None:
    amount = number(value)
    # abs() would round, or overflow.
    sensible = amount is not None and -MOST_EUROS < amount < MOST_EUROS
    return amount if sensible else None


def day(value: Json) -> date | None:
    """The day of a moment: a text, a number or the numbers of a list."""
    if isinstance(value, list):
        value = "-".join(map(str, value[:3]))
    if type(value) is int:
        value = str(value)
    return day_of(value[:LONGEST_ID]) if isinstance(value, str) else None


def day_of(text: str) -> date | None:
    """The day of a moment that a text begins with. A midnight of Paris is told in UTC now
    and then, where it is ten or eleven in the evening before."""
    text = text.strip()
    if told := _COMPACT.match(text):
        day, end = _date(*told.groups()), told.end()
    else:
        told = _DAY.search(text)
        if not told or re.search(r"\d", text[: told.start()]):
            return None
        day, end = _date_of(told), told.end()
    clock, zone = _clock_after(text, end)
    if not (day and clock and zone) or clock == time.min:
        return day
    moment = datetime.combine(day, clock, zone).astimezone(timezone.utc)
    late = moment.time() in (time(22), time(23))
    return moment.date() + timedelta(days=1) if late else day


def moment_in(sentence: str) -> datetime | None:
    """The moment that a sentence tells, in Paris time unless it says otherwise, as UTC. A
    day alone, or at midnight to the second, begins in UTC: that is the same day all over
    Europe."""
    found = [(day, each) for each in _DAY.finditer(sentence) if (day := _date_of(each))]
    since = [pair for pair in found if _SINCE.search(sentence[: pair[1].start()])]
    if not found:
        return None
    day, told = [*since, *found][0]
    clock, zone = _clock_after(sentence, told.end())
    if clock:
        moment = datetime.combine(day, clock, zone or _PARIS).astimezone(_PARIS)
        if moment.time() != time.min:
            return moment.astimezone(timezone.utc)
        day = moment.date()
    return datetime.combine(day, time.min, timezone.utc)


def _date_of(told: re.Match[str]) -> date | None:
    parts = ([told[f"{part}{form}"] for part in "ymd"] for form in "123")
    year, month, day = next(each for each in parts if each[0])
    if not month.isdigit():
        named = month.lower()
        months = [_MONTHS[start] for start in _MONTHS if named.startswith(start)]
        month = months[0] if months else 0
    return _date(year, month, day)


def _date(year: str | int, month: str | int, day: str | int) -> date | None:
    with suppress(ValueError):  # for 31/02, no day is better than no answer
        return date(int(year), int(month), int(day)) if int(year) in _YEARS else None
    return None


def _clock_after(text: str, end: int) -> tuple[time | None, tzinfo | None]:
    """The time of day that follows a day, and its zone, where it tells them."""
    if not (told := _CLOCK.match(text, end)):
        return None, None
    zone = told["zone"]
    with suppress(ValueError):  # 25:00 is no hour
        clock = time(int(told["hour"]), int(told["minute"]), int(told["second"] or 0))
        if not zone:
            return clock, None
        if zone[0] not in "+-":
            return clock, timezone.utc
        hours, minutes = int(zone[:3]), int(zone[3:].strip(":") or 0)
        offset = timedelta(hours=hours, minutes=minutes if hours >= 0 else -minutes)
        return clock, timezone(offset)
    return None, None
