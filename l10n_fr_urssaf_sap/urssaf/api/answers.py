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
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from ..text import fold
from . import values
from .codes import STATUS_BY_CODE, STATUSES
from .errors import ApiError, UrssafError
from .shapes import (
    MOST_WRAPPERS,
    Json,
    flat,
    is_empty,
    items,
    named,
    objects,
    only_object,
    part,
)
from .told_errors import (
    ERROR_NAMES,
    ERRORS,
    error_of,
    is_error_code,
    named_errors,
    refusal,
)

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
_STATUS = ("statut", "status", "codeStatut")
_COMMENT = ("commentaire", "commentaireRejet")
# A uuid, says the contract; no sentence and no page, whatever else it may be.
_PARTICULIER_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_TOKEN = re.compile("[!-~]{1,8192}")  # what may stand in a header
_LIFE, _LEAST_LIFE, _MOST_LIFE = 3600, 60, 86400  # seconds of a token


def parse(content: bytes) -> Json:
    """JSON of any kind, its fractions as Decimal. A number longer than any that makes
    sense is None, like what JSON does not know as a number (NaN).

    :raise ValueError: when it is not JSON
    """
    try:
        told = _loads(_decoded(content))
        # Now and then it is JSON within a text of JSON.
        nested = isinstance(told, str) and told.lstrip()[:1] in ("{", "[")
        return _loads(told) if nested else told
    except RecursionError:
        raise ValueError("too deep") from None


def _loads(text: str) -> Json:
    return json.loads(
        text,
        parse_int=_integer,
        parse_float=_fraction,
        parse_constant=lambda _name: None,
    )


def _decoded(content: bytes) -> str:
    try:
        return content.decode(json.detect_encoding(content))
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _integer(text: str) -> int | None:
    return int(text) if len(text) <= values.LONGEST_NUMBER else None


def _fraction(text: str) -> Decimal | None:
    with suppress(ArithmeticError):
        return Decimal(text) if len(text) <= values.LONGEST_NUMBER else None
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
    text, seconds = answer["access_token"], values.number(answer.get("expires_in"))
    if not isinstance(text, str) or not _TOKEN.fullmatch(text):
        raise ValueError("token expected")
    if seconds is None:
        return text, _LIFE
    return text, int(min(max(seconds, Decimal(_LEAST_LIFE)), Decimal(_MOST_LIFE)))


def particulier_id(answer: Json) -> str:
    told = {part(each, "idClient") for each in objects(answer)} - {None}
    (found,) = told  # of two, nobody knows which
    id_ = values.text(found.strip())
    if not _PARTICULIER_ID.fullmatch(id_):
        raise ValueError("id expected")
    return id_


def registration(answer: Json, particulier_id: str = "") -> Registration:
    """The registration; of several, that of ``particulier_id``."""
    told = [(part(each, "idClient"), _registration(each)) for each in objects(answer)]
    # One within another name of it is found twice.
    statuses = list({id(status): status for _id, status in told if status}.values())
    if len(statuses) > 1:
        asked = particulier_id.casefold()
        statuses = [
            status
            for id_, status in told
            if status and values.id_or_none(id_).casefold() == asked
        ]
    if not statuses:
        # It may stand beside the id, without an object of its own.
        statuses = [each for each in objects(answer) if _is_registration(each)]
    (status,) = statuses
    told_code = part(status, "code")
    code = "" if told_code is None else values.text(told_code.strip(), values.CODE)
    code = _registration_code(code) or code
    etat = str(part(status, "etat") or "").strip().upper()
    state = _REGISTRATION_STATES.get(code, "active" if etat == "OK" else "error")
    if state == "active" and etat not in ("OK", "TRUE", ""):
        state = "pending"
    description = values.cut(
        part(status, "description", "message", "libelle"), values.SENTENCE
    )
    since = values.moment_in(description) if state == "active" else None
    return Registration(state, code, description, since)


def _registration(answer: dict[str, Json]) -> dict[str, Json]:
    """The object with the state, which the newer variant names statutTransmission."""
    found: dict[str, Json] = {}
    # It may stand within another name of it.
    for _level in range(MOST_WRAPPERS):
        status = part(answer, "statut", "statutTransmission", "status")
        if isinstance(status, str) and _registration_code(status):
            return {"code": status}
        if not (box := only_object(status)):
            break
        found = answer = box
        if _is_registration(box):
            break
    return found


def _is_registration(status: dict[str, Json]) -> bool:
    return bool(part(status, "etat") or _registration_code(part(status, "code")))


def _registration_code(value: Json) -> str:
    """One of the known codes, however it is spelled; "" for any other."""
    words = re.findall("[A-Z]+", value.upper()) if isinstance(value, str) else []
    code = "_".join(words)
    return code if code in _REGISTRATION_STATES else ""


def known_particuliers(answer: Json) -> list[KnownParticulier]:
    """Those that a search by e-mail found: one, or a list. Nobody can go by one that has
    no id."""
    found = items(answer, lambda item: bool(part(item, "idClient")))
    if not found and answer != []:
        raise ValueError("particuliers expected")
    return [
        KnownParticulier(
            id=values.text(part(item, "idClient").strip()),
            birth_name=values.cut(part(item, "nomNaissance"), values.LABEL),
            usage_name=values.cut(part(item, "nomUsage"), values.LABEL),
            first_names=values.cut(part(item, "prenoms"), values.LABEL),
        )
        for item in found
        if part(item, "idClient")
    ]


def outcomes(answer: Json) -> list[Outcome]:
    """The outcome of each item."""
    found = items(answer, _is_outcome)
    # Those that were refused may stand apart, under a name of errors.
    apart = [item for each in objects(answer) for item in _refused_apart(each)]
    if not found and not apart and answer != []:
        raise ValueError("outcomes expected")
    return [_outcome(item) for item in (*found, *apart)]


def _refused_apart(answer: dict[str, Json]) -> list[Json]:
    errors = part(answer, *ERRORS) if not _is_outcome(answer) else None
    return [item for item in flat([errors]) if part(item, "numFactureTiers")]


def _is_outcome(item: Json) -> bool:
    return isinstance(item, dict) and bool(
        part(item, "numFactureTiers") or part(item, "idDemandePaiement")
    )


def _outcome(item: Json) -> Outcome:
    # The number may stand in what was sent, as in M070's answer.
    sent = part(item, "demandePaiement")
    number = values.id_or_none(
        part(item, "numFactureTiers") or part(sent, "numFactureTiers")
    )
    if told := part(item, "idDemandePaiement"):
        # With an id that cannot be read it is neither accepted nor refused.
        return Outcome(number, values.id_or_none(told))
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
        # The same name may stand again around each of them.
        if not any(each is inner for inner in objects(told)):
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
    own, sent = only_object(info), only_object(part(info, "demandePaiement"))
    transfer = only_object(part(info, "infoVirement"))
    rejection = part(info, "infoRejet")
    if isinstance(rejection, str):
        rejection = {"commentaire": rejection}
    rejection = only_object(rejection)
    status = _either(own, sent, *_STATUS)
    code, label = _status(_status_beside(own) if status is None else status)
    return RequestInfo(
        id=values.id_or_none(_either(own, sent, "idDemandePaiement")),
        number=values.id_or_none(_either(sent, own, "numFactureTiers")),
        particulier_id=values.id_or_none(_either(sent, own, "idClient")),
        gross=values.amount(_either(sent, own, "mntFactureTTC")),
        date_from=values.day(_either(sent, own, "dateDebutEmploi")),
        date_to=values.day(_either(sent, own, "dateFinEmploi")),
        code=code,
        label=label,
        rejection_code=values.cut(
            part(rejection, "code", "codeRejet"), values.CODE
        ).strip(),
        rejection_comment=values.cut(part(rejection, *_COMMENT), values.SENTENCE),
        transfer_amount=values.amount(_either(transfer, own, "mntVirement")),
        transfer_date=values.day(_either(transfer, own, "dateVirement")),
    )


def _either(box: Json, other: Json, *names: str) -> Json:
    """What is promised in the one may stand in the other."""
    value = part(box, *names)
    return part(other, *names) if value is None else value


def _status_beside(info: dict[str, Json]) -> Json:
    """The status of a result that has no object of its own for it."""
    return info if _code(part(info, "code")) in STATUS_BY_CODE else None


def _status(status: Json) -> tuple[str, str]:
    """The code and the label; the code is "" where it cannot be read, nor guessed from
    the label."""
    box = only_object(status)
    box = only_object(part(box, *_STATUS)) or box
    code = _code(part(box, "code", *_STATUS) if box else status)
    label = values.cut(part(box, "libelle", "libelleStatut", "label"), values.LABEL)
    return code or _CODE_OF_LABEL.get(_plain_label(label), ""), label


def _code(value: Json) -> str:
    if isinstance(value, Decimal) and 0 <= value < values.MOST_EUROS:
        value = int(value) if value == int(value) else value
    code = values.id_or_none(value, values.CODE)
    if code in STATUS_BY_CODE or not code:
        return code
    # "10.0", "10 - Intégrée"
    number = re.match(r"\d+(?=(\.0+)?$|\s*[-–:]|\s+[^\W\d])", code)
    if number and number[0] in STATUS_BY_CODE:
        return number[0]
    return _CODE_OF_LABEL.get(_plain_label(code), code)


def _plain_label(text: str) -> str:
    """EN_ATTENTE_VALIDATION is what "En attente de validation" is."""
    words = re.findall("[a-z]+", fold(text).casefold())
    return " ".join(word for word in words if word != "de")


_CODE_OF_LABEL = {_plain_label(status.label): status.code for status in STATUSES}


def _errors_of(answer: dict[str, Json]) -> list[ApiError]:
    """The errors that an object tells of, or the one that it is, or its status."""
    own = [answer, only_object(part(answer, *_STATUS))]
    coded = [each for each in own if is_error_code(part(each, *ERROR_NAMES))]
    return named_errors(answer) or [error_of(each) for each in coded[:1]]
