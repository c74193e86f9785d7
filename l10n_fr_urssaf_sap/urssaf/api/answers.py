# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's answers, read into value objects.

Each reader takes parsed JSON of any shape, amounts as Decimal. Where the shape is not
the promised one, it raises one of Python's own errors, which ``read`` turns into the
error that fits the operation.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

from .codes import STATUS_BY_CODE
from .errors import ApiError, UrssafError

T = TypeVar("T")
Json: TypeAlias = Any  # nobody knows the shape before it is read


@dataclass(frozen=True)
class Registration:
    """M020's answer. ``state`` is pending, active, abandoned, blocked, mandate_expired or
    error; ``code`` and ``description`` are as they came. ``active_since`` is the day from
    which requests are accepted, where the Urssaf says it."""

    state: str
    code: str = ""
    description: str = ""
    active_since: date | None = None


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
_DAY_IN_SENTENCE = re.compile(r"\b(\d\d)/(\d\d)/(\d{4})\b")


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
    """The access token and its life in seconds (3600 in practice)."""
    seconds = answer.get("expires_in")
    return _text(answer["access_token"]), 3600 if seconds is None else int(seconds)


def particulier_id(answer: Json) -> str:
    return _text(answer["idClient"])


def registration(answer: Json) -> Registration:
    # The newer variant of the answer names the object statutTransmission.
    status = answer.get("statut") or answer["statutTransmission"]
    code = status.get("code") or ""
    accepted = status.get("etat") == "OK"
    state = _REGISTRATION_STATES.get(code, "active" if accepted else "error")
    if state == "active" and not accepted:
        state = "pending"
    description = status.get("description") or ""
    since = _day_in(description) if state == "active" else None
    return Registration(state, code, description, since)


def _day_in(sentence: str) -> date | None:
    if found := _DAY_IN_SENTENCE.search(sentence):
        day, month, year = map(int, found.groups())
        with suppress(ValueError):  # for 31/02, no day is better than no registration
            return date(year, month, day)
    return None


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
    sent = info.get("demandePaiement") or {}
    rejection = info.get("infoRejet") or {}
    transfer = info.get("infoVirement") or {}
    return RequestInfo(
        id=_text(info["idDemandePaiement"]),
        number=sent.get("numFactureTiers") or "",
        particulier_id=sent.get("idClient") or "",
        gross=_amount(sent.get("mntFactureTTC")),
        date_from=_day(sent.get("dateDebutEmploi")),
        date_to=_day(sent.get("dateFinEmploi")),
        code=_text(info["statut"]["code"]),
        label=info["statut"].get("libelle") or "",
        rejection_code=rejection.get("code") or "",
        rejection_comment=rejection.get("commentaire") or "",
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
    return [error for error in errors if error != ApiError()]


def _api_error(item: dict[str, Json]) -> ApiError:
    code, message, description = (
        str(item.get(name) or "") for name in ("code", "message", "description")
    )
    return ApiError(code, message, description)


def _text(value: Json) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("text expected")
    return value


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError("array expected")
    return value


def _amount(value: Json) -> Decimal | None:
    amount = None if value is None else Decimal(value)
    if amount is not None and not amount.is_finite():
        raise ValueError("amount expected")
    return amount


def _day(value: Json) -> date | None:
    """The day of a moment. A midnight of Paris is told in UTC now and then, where it is
    ten or eleven in the evening before."""
    if not value:
        return None
    day = date.fromisoformat(value[:10])
    late = _LATE_IN_UTC.fullmatch(value[10:])
    return day + timedelta(days=1) if late else day
