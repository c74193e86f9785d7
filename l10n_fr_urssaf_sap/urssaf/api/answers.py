# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's answers, read into value objects.

Each reader takes parsed JSON of any shape, amounts as Decimal, and reads what a person
would understand: names in another spelling, parts in a wrapper, numbers as texts and the
reverse. Where an id or a state cannot be read, it raises one of Python's own errors, which
``read`` turns into the error that fits the operation; one of several items costs no other.
Anything else that is not as promised is left out or cut: it must not hide the state.
Nothing leaves here that a database could not hold: texts are of bounded length and without
control characters, amounts and days within sensible bounds.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from ..text import fold
from .codes import STATUS_BY_CODE, STATUSES, TECHNICAL_FAILURE
from .errors import ApiError, UrssafError
from .shapes import Json, flat, is_empty, items, named, objects, only_object, part

T = TypeVar("T")


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
    ``errors``). Where it has both, it is accepted: what has an id is at the Urssaf.
    ``number`` is "" where it cannot be read."""

    number: str
    id: str = ""
    errors: tuple[ApiError, ...] = ()


@dataclass(frozen=True)
class RequestInfo:
    """One result of M070; amounts in euros. ``key`` is the status as STATUSES names it,
    "unknown" for a code that nobody knows. ``id``, ``number`` and ``code`` are "" where
    they cannot be read. ``transfer_amount`` is None while the transfer is only
    scheduled."""

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
_DAY = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/.]?)(?P<month>\d\d)(?P=mark)(?P<day>\d\d)(?!\d)"
)
_FRENCH_DAY = re.compile(
    r"(?P<day>\d\d?)(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<year>\d{4})(?!\d)"
)
_LATE_IN_UTC = re.compile(r"[Tt ]2[23]:00(:00(\.0+)?)?\s?([Zz]|\+00:?00)")
_ERROR_CODE = re.compile(r"ERR(EUR)?_[A-Z0-9_]{1,60}")
# The most characters of a text, and the most errors of an answer.
_ID, _CODE, _LABEL, _SENTENCE = 200, 64, 200, 2000
_MOST_ERRORS, _MOST_WRAPPERS = 50, 3
_ERRORS = ("errors", "erreurs", "error", "erreur")
# Control characters and halves of a pair, which no database takes.
_UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# A uuid, says the contract; no sentence and no page, whatever else it may be.
_PARTICULIER_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_TOKEN = re.compile("[!-~]{1,8192}")  # what may stand in a header
_LIFE, _LEAST_LIFE, _MOST_LIFE = 3600, 60, 86400  # seconds of a token
_LONGEST_NUMBER = 40  # characters
_WITH_COMMA = re.compile(r"-?\d+,\d{1,2}")  # three figures may be thousands
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


def read(
    reader: Callable[..., T], answer: Json, otherwise: type[UrssafError], *asked: str
) -> T:
    """What ``reader`` makes of the answer, and of what was asked for.

    :raise otherwise: when no person would understand the answer
    """
    try:
        return reader(answer, *asked)
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
    told = {part(each, "idClient") for each in objects(answer)} - {None}
    (found,) = told  # of two, nobody knows which
    id_ = _text(found.strip())
    if not _PARTICULIER_ID.fullmatch(id_):
        raise ValueError("id expected")
    return id_


def registration(answer: Json, particulier_id: str = "") -> Registration:
    """The registration; of several, that of ``particulier_id``."""
    told = [(part(each, "idClient"), _registration(each)) for each in objects(answer)]
    statuses = [status for _id, status in told if status]
    if len(statuses) > 1:
        statuses = [status for id_, status in told if status and id_ == particulier_id]
    if not statuses:
        # It may stand beside the id, without an object of its own.
        statuses = [each for each in objects(answer) if part(each, "etat")]
    (status,) = statuses
    told_code = part(status, "code")
    code = "" if told_code is None else _text(told_code.strip(), _CODE)
    code = code.upper() if code.upper() in _REGISTRATION_STATES else code
    accepted = str(part(status, "etat")).strip().upper() == "OK"
    state = _REGISTRATION_STATES.get(code, "active" if accepted else "error")
    if state == "active" and not accepted:
        state = "pending"
    description = _cut(part(status, "description", "message", "libelle"), _SENTENCE)
    since = _moment_in(description) if state == "active" else None
    return Registration(state, code, description, since)


def _registration(answer: dict[str, Json]) -> dict[str, Json]:
    """The object with the state, which the newer variant names statutTransmission."""
    status = part(answer, "statut", "statutTransmission", "status")
    if isinstance(status, str) and status.strip().upper() in _REGISTRATION_STATES:
        return {"code": status}
    return only_object(status)


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
    found = items(answer, lambda item: bool(part(item, "idClient")))
    if not found and answer != []:
        raise ValueError("particuliers expected")
    return [
        KnownParticulier(
            id=_text(part(item, "idClient").strip()),
            birth_name=_cut(part(item, "nomNaissance"), _LABEL),
            usage_name=_cut(part(item, "nomUsage"), _LABEL),
            first_names=_cut(part(item, "prenoms"), _LABEL),
        )
        for item in found
        if part(item, "idClient")
    ]


def outcomes(answer: Json) -> list[Outcome]:
    """The outcome of each item."""
    found = items(answer, _is_outcome)
    if not found and answer != []:
        raise ValueError("outcomes expected")
    return [_outcome(item) for item in found]


def _is_outcome(item: Json) -> bool:
    return isinstance(item, dict) and bool(
        part(item, "numFactureTiers") or part(item, "idDemandePaiement")
    )


def _outcome(item: Json) -> Outcome:
    number = _id_or_none(part(item, "numFactureTiers"))
    if told := part(item, "idDemandePaiement"):
        # With an id that cannot be read it is neither accepted nor refused.
        return Outcome(number, _id_or_none(told))
    return Outcome(number, errors=tuple(_errors_of(item)))


def found(answer: Json) -> tuple[list[RequestInfo], list[ApiError]]:
    """M070's results, and what it has to say about them ("non-blocking" errors). One of
    the two may be absent, but not both: "nothing found" must never be guessed."""
    errors: list[ApiError] = []
    told: list[Json] = []
    for each in objects(answer):
        if _is_info(each):
            break  # what follows is a part of a result
        errors = errors or named_errors(each)
        told = [*told, *named(each, "infoDemandePaiements")]
    results = items([each for each in told if not is_empty(each)] or answer, _is_info)
    if not told and not results:
        errors = errors or refusal(answer)
    nothing = told and all(each is None or each == [] for each in told)
    if not results and not nothing and (told or not errors):
        raise ValueError("results expected")
    return [_request_info(each) for each in results], errors


def _is_info(item: Json) -> bool:
    return isinstance(item, dict) and bool(
        _is_outcome(item) or isinstance(part(item, "demandePaiement"), dict)
    )


def _request_info(info: Json) -> RequestInfo:
    sent = only_object(part(info, "demandePaiement"))
    # What was sent may also stand beside the rest.
    sent = {**only_object(info), **sent}
    rejection = only_object(part(info, "infoRejet"))
    transfer = only_object(part(info, "infoVirement"))
    code, label = _status(part(info, "statut", "status", "codeStatut"))
    return RequestInfo(
        id=_id_or_none(part(info, "idDemandePaiement")),
        number=_id_or_none(part(sent, "numFactureTiers")),
        particulier_id=_id_or_none(part(sent, "idClient")),
        gross=_amount(part(sent, "mntFactureTTC")),
        date_from=_day(part(sent, "dateDebutEmploi")),
        date_to=_day(part(sent, "dateFinEmploi")),
        code=code,
        label=label,
        rejection_code=_cut(part(rejection, "code"), _CODE).strip(),
        rejection_comment=_cut(part(rejection, "commentaire"), _SENTENCE),
        transfer_amount=_amount(part(transfer, "mntVirement")),
        transfer_date=_day(part(transfer, "dateVirement")),
    )


def _status(status: Json) -> tuple[str, str]:
    """The code and the label; the code is "" where it cannot be read, nor guessed from
    the label."""
    box = only_object(status)
    code = _code(part(box, "code") if box else status)
    label = _cut(part(box, "libelle", "label"), _LABEL)
    return code or _CODE_OF_LABEL.get(_plain_label(label), ""), label


def _code(value: Json) -> str:
    if isinstance(value, Decimal) and 0 <= value < _MOST_EUROS:
        value = int(value) if value == int(value) else value
    code = _id_or_none(value, _CODE)
    return _CODE_OF_LABEL.get(_plain_label(code), code)


def _plain_label(text: str) -> str:
    return fold(text).casefold()


_CODE_OF_LABEL = {_plain_label(status.label): status.code for status in STATUSES}


def api_errors(answer: Json) -> list[ApiError]:
    """The errors in an answer: an array by the contract, in practice sometimes a single
    one, or in a wrapper; none where they cannot be read."""
    # What is in a wrapper without a name of errors may be anything else.
    return _errors([answer]) or [
        error for error in _errors(list(objects(answer))) if _is_error_code(error.code)
    ]


def named_errors(answer: Json) -> list[ApiError]:
    """The errors that an object has under a name of their own."""
    return _errors([part(answer, *_ERRORS)])


def _errors(told: list[Json]) -> list[ApiError]:
    for _level in range(_MOST_WRAPPERS):
        told = [part(each, *_ERRORS) or each for each in flat(told)]
    errors = []
    for item in flat(told):
        if isinstance(item, dict):
            errors.append(_api_error(item))
        elif _is_error_code(item):
            errors.append(ApiError(_cut(item, _CODE).strip()))
    return [error for error in errors if error != ApiError()][:_MOST_ERRORS]


def _errors_of(answer: dict[str, Json]) -> list[ApiError]:
    """The errors that an object tells of, or the one that it is."""
    own = [_api_error(answer)] if _is_error_code(part(answer, "code")) else []
    return named_errors(answer) or own


def refusal(answer: Json) -> list[ApiError]:
    """The errors of an answer that says success and only tells why not; none where the
    Urssaf itself failed, for then it may have done it, nor where they are too many to be
    meant."""
    errors = [each for each in api_errors(answer) if _is_error_code(each.code)]
    failed = any(each.code == TECHNICAL_FAILURE for each in errors)
    return [] if failed or len(errors) >= _MOST_ERRORS else errors


def _is_error_code(value: Json) -> bool:
    return isinstance(value, str) and bool(_ERROR_CODE.fullmatch(value.strip()))


def _api_error(item: dict[str, Json]) -> ApiError:
    return ApiError(
        _cut(part(item, "code"), _CODE).strip(),
        _cut(part(item, "message", "libelle"), _SENTENCE),
        _cut(part(item, "description"), _SENTENCE),
    )


# What may be wrong with each kind of value is looked after here, and only here.


def _text(value: Json, most: int = _ID) -> str:
    """An id or a code: shortened, it would be another."""
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise ValueError("text expected")
    if _UNSTORABLE.search(value):
        raise ValueError("text expected")
    return value


def _id_or_none(value: Json, most: int = _ID) -> str:
    """The same, also of one that came as a number; "" for anything else."""
    try:
        return _text(str(value) if type(value) is int else value.strip(), most)
    except (AttributeError, ValueError):
        return ""


def _cut(value: Json, most: int) -> str:
    """What is only shown to people: as much of it as makes sense."""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        return ""
    return _UNSTORABLE.sub(" ", value[:most])


def _number(value: Json) -> Decimal | None:
    """A number, also one in a text, as a machine or a French person writes it."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    if isinstance(value, str):
        if len(value) > _LONGEST_NUMBER:
            return None
        value = re.sub(r"[\s€]", "", value)
        if _WITH_COMMA.fullmatch(value):
            value = value.replace(",", ".")
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
    value = value.strip()
    told = _DAY.match(value) or _FRENCH_DAY.match(value)
    if told and int(told["year"]) in _YEARS:
        with suppress(ValueError):
            day = date(int(told["year"]), int(told["month"]), int(told["day"]))
            late = _LATE_IN_UTC.fullmatch(value[told.end() :])
            return day + timedelta(days=1) if late else day
    return None
