# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's answers, read into value objects.

Each reader takes parsed JSON of any shape, amounts as Decimal. Where an id or a state is
not what was promised, it raises one of Python's own errors, which ``read`` turns into the
error that fits the operation. Anything else that is not as promised is left out or cut:
it must not hide the state. Nothing leaves here that a database could not hold: texts are
of bounded length and without control characters, amounts and days within sensible bounds.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from .codes import STATUS_BY_CODE
from .errors import ApiError, UrssafError

T = TypeVar("T")
Json: TypeAlias = Any  # nobody knows the shape before it is read


@dataclass(frozen=True)
class Registration:
    """M020's answer. ``state`` is pending, active, abandoned, blocked, mandate_expired or
    error; ``code`` and ``description`` are as they came. ``active_since`` is the moment
    since which requests are accepted, in UTC, where the Urssaf says it."""

    state: str
    code: str = ""
    description: str = field(default="", repr=False)
    active_since: datetime | None = None


@dataclass(frozen=True, repr=False)
class KnownParticulier:
    """Somebody whom the Urssaf knows, as a search by e-mail tells it; a name that it does
    not tell is ""."""

    id: str
    birth_name: str = ""
    usage_name: str = ""
    first_names: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one item of M050: accepted (it has an ``id``) or refused (it has
    ``errors``). Where it has both, it is accepted: what has an id is at the Urssaf."""

    number: str
    id: str = ""
    errors: tuple[ApiError, ...] = ()


@dataclass(frozen=True)
class RequestInfo:
    """One result of M070; amounts in euros. ``key`` is the status as STATUSES names it,
    "unknown" for a code that nobody knows. ``transfer_amount`` is None while the transfer
    is only scheduled."""

    id: str
    number: str
    particulier_id: str
    gross: Decimal | None
    date_from: date | None
    date_to: date | None
    code: str
    label: str
    rejection_code: str = ""
    rejection_comment: str = field(default="", repr=False)
    transfer_amount: Decimal | None = None
    transfer_date: date | None = None

    @property
    def key(self) -> str:
        status = STATUS_BY_CODE.get(self.code)
        return status.key if status else "unknown"


_REGISTRATION_STATES = {
    "APPAREILLAGE_EC": "pending",
    "APPAREILLAGE_VALIDE": "active",
    "APPAREILLAGE_NF": "abandoned",
    "PARTICULIER_BLOQUE": "blocked",
    "MANDAT_ECHU": "mandate_expired",
}
_LATE_IN_UTC = re.compile(r"T2[23]:00(:00(\.0+)?)?(Z|\+00:?00)")
# The most characters of a text, and the most errors of an answer.
_ID, _CODE, _LABEL, _SENTENCE = 200, 64, 200, 2000
_MOST_ERRORS = 50
# Control characters and halves of a pair, which no database takes.
_UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TOKEN = re.compile("[!-~]{1,8192}")  # what may stand in a header
_LIFE, _LEAST_LIFE, _MOST_LIFE = 3600, 60, 86400  # seconds of a token
_LONGEST_NUMBER = 40  # characters
_MOST_EUROS = 10**9
_YEARS = range(2000, 2100)
_MOMENT_IN_SENTENCE = re.compile(
    r"\b(\d\d)/(\d\d)/(\d{4})\b"
    r"(?:,?\s*(?:à\s*)?(\d\d?)\s?[:h]\s?(\d\d)(?:\s?:\s?(\d\d))?\b)?"
)
_PARIS = ZoneInfo("Europe/Paris")  # the Urssaf's clock


def parse(content: bytes) -> Json:
    """JSON of any kind, its fractions as Decimal. A number longer than any that makes
    sense is None, like what JSON does not know as a number (NaN).

    :raise ValueError: when it is not JSON
    """
    try:
        return json.loads(
            _decoded(content),
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=lambda _name: None,
        )
    except RecursionError:
        raise ValueError("too deep") from None


def _decoded(content: bytes) -> str:
    try:
        return content.decode(json.detect_encoding(content))
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _integer(text: str) -> int | None:
    return int(text) if len(text) <= _LONGEST_NUMBER else None


def _fraction(text: str) -> Decimal | None:
    with suppress(ArithmeticError):
        return Decimal(text) if len(text) <= _LONGEST_NUMBER else None
    return None


def read(reader: Callable[[Json], T], answer: Json, otherwise: type[UrssafError]) -> T:
    """What ``reader`` makes of the answer.

    :raise otherwise: when the answer has not the shape that the contract promises
    """
    try:
        return reader(answer)
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError):
        # The cause is dropped because its text may show personal data of the answer.
        raise otherwise(f"unreadable answer ({reader.__name__})") from None


def token(answer: Json) -> tuple[str, int]:
    """The access token and its life in seconds (3600 in practice, also where the answer
    does not say it sensibly)."""
    text, seconds = answer["access_token"], _number(answer.get("expires_in"))
    if not isinstance(text, str) or not _TOKEN.fullmatch(text):
        raise ValueError("token expected")
    if seconds is None:
        return text, _LIFE
    return text, int(min(max(seconds, Decimal(_LEAST_LIFE)), Decimal(_MOST_LIFE)))


def particulier_id(answer: Json) -> str:
    return _text(answer["idClient"])


def registration(answer: Json) -> Registration:
    # The newer variant of the answer names the object statutTransmission.
    status = answer.get("statut") or answer["statutTransmission"]
    code = _text(status["code"], _CODE) if status.get("code") else ""
    accepted = status.get("etat") == "OK"
    state = _REGISTRATION_STATES.get(code, "active" if accepted else "error")
    if state == "active" and not accepted:
        state = "pending"
    description = _cut(status.get("description"), _SENTENCE)
    since = _moment_in(description) if state == "active" else None
    return Registration(state, code, description, since)


def _moment_in(sentence: str) -> datetime | None:
    """The moment that a sentence tells in Paris time, as UTC. A day alone, or at midnight
    to the second, begins in UTC: that is the same day all over Europe."""
    if not (found := _MOMENT_IN_SENTENCE.search(sentence)):
        return None
    day, month, year, *clock = (int(part or 0) for part in found.groups())
    hour, minute, second = clock
    with suppress(ValueError):  # for 31/02, no day is better than no registration
        start = datetime(year, month, day, tzinfo=timezone.utc)
        if year not in _YEARS:
            return None
        with suppress(ValueError):  # nor is 25:00 an hour
            moment = datetime(year, month, day, hour, minute, second, tzinfo=_PARIS)
            if moment.time() != time.min:
                return moment.astimezone(timezone.utc)
        return start
    return None


def known_particuliers(answer: Json) -> list[KnownParticulier]:
    """Those that a search by e-mail found: one, or a list. Nobody can go by one that has
    no id."""
    return [
        KnownParticulier(
            id=_text(item["idClient"]),
            birth_name=_cut(item.get("nomNaissance"), _LABEL),
            usage_name=_cut(item.get("nomUsage"), _LABEL),
            first_names=_cut(item.get("prenoms"), _LABEL),
        )
        for item in (_list(answer) if isinstance(answer, list) else [answer])
        if item.get("idClient") or not isinstance(answer, list)
    ]


def outcomes(answer: Json) -> list[Outcome]:
    """The outcome of each item that has a number; nobody knows which one another is."""
    return [
        Outcome(
            number=_text(item["numFactureTiers"]),
            id=_text(item["idDemandePaiement"])
            if item.get("idDemandePaiement")
            else "",
            errors=tuple(api_errors(item.get("errors"))),
        )
        for item in _list(answer)
        if item.get("numFactureTiers")
    ]


def found(answer: Json) -> tuple[list[RequestInfo], list[ApiError]]:
    """M070's results, and what it has to say about them ("non-blocking" errors). One of
    the two may be absent, but not both: "nothing found" must never be guessed."""
    errors = api_errors(answer.get("errors"))
    name = "infoDemandePaiements"
    infos = answer.get(name) if errors else answer[name]
    results = [] if infos is None else _list(infos)
    return [_request_info(info) for info in results], errors


def _request_info(info: Json) -> RequestInfo:
    sent = _object(info.get("demandePaiement"))
    rejection = _object(info.get("infoRejet"))
    transfer = _object(info.get("infoVirement"))
    return RequestInfo(
        id=_text(info["idDemandePaiement"]),
        number=_text_or_none(sent.get("numFactureTiers")),
        particulier_id=_text_or_none(sent.get("idClient")),
        gross=_amount(sent.get("mntFactureTTC")),
        date_from=_day(sent.get("dateDebutEmploi")),
        date_to=_day(sent.get("dateFinEmploi")),
        code=_text(info["statut"]["code"], _CODE),
        label=_cut(info["statut"].get("libelle"), _LABEL),
        rejection_code=_cut(rejection.get("code"), _CODE),
        rejection_comment=_cut(rejection.get("commentaire"), _SENTENCE),
        transfer_amount=_amount(transfer.get("mntVirement")),
        transfer_date=_day(transfer.get("dateVirement")),
    )


def api_errors(answer: Json) -> list[ApiError]:
    """The errors in an answer: an array by the contract, sometimes a single one in
    practice; none where they cannot be read."""
    items = [answer] if isinstance(answer, dict) else answer
    if not isinstance(items, list):
        return []
    errors = [_api_error(item) for item in items if isinstance(item, dict)]
    return [error for error in errors if error != ApiError()][:_MOST_ERRORS]


def _api_error(item: dict[str, Json]) -> ApiError:
    return ApiError(
        _cut(item.get("code"), _CODE),
        _cut(item.get("message"), _SENTENCE),
        _cut(item.get("description"), _SENTENCE),
    )


# What may be wrong with each kind of value is looked after here, and only here.


def _text(value: Json, most: int = _ID) -> str:
    """An id or a code: shortened, it would be another."""
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise ValueError("text expected")
    if _UNSTORABLE.search(value):
        raise ValueError("text expected")
    return value


def _text_or_none(value: Json) -> str:
    try:
        return _text(value)
    except ValueError:
        return ""


def _cut(value: Json, most: int) -> str:
    """What is only shown to people: as much of it as makes sense."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    return _UNSTORABLE.sub(" ", value[:most])


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError("array expected")
    return value


def _number(value: Json) -> Decimal | None:
    """A number, also one in a text."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
        return None
    with suppress(ArithmeticError):
        number = Decimal(value)
        return number if number.is_finite() else None
    return None


def _amount(value: Json) -> Decimal | None:
    amount = _number(value)
    # abs() would round, or overflow.
    sensible = amount is not None and -_MOST_EUROS < amount < _MOST_EUROS
    return amount if sensible else None


def _day(value: Json) -> date | None:
    """The day of a moment. A midnight of Paris is told in UTC now and then, where it is
    ten or eleven in the evening before."""
    if not isinstance(value, str):
        return None
    with suppress(ValueError):
        day = date.fromisoformat(value[:10])
        if day.year in _YEARS:
            late = _LATE_IN_UTC.fullmatch(value[10:])
            return day + timedelta(days=1) if late else day
    return None
