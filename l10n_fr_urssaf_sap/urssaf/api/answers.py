# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's answers, read into value objects.

Each reader takes parsed JSON (amounts as Decimal) and raises one of the plain errors of
a wrong shape, which ``read`` turns into the error that fits the operation.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from .codes import STATUS_BY_CODE
from .errors import ApiError, UrssafError

T = TypeVar("T")


@dataclass(frozen=True)
class Registration:
    """M020's answer. ``state`` is pending, active, abandoned, blocked, mandate_expired or
    error (``code`` and ``description`` as they came); ``active_since`` the day from which
    requests are accepted, when the Urssaf says it."""

    state: str
    code: str = ""
    description: str = ""
    active_since: date | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one item of M050: accepted (``id``) or refused (``errors``). An id
    wins: what has one is at the Urssaf."""

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
_DAY_IN_SENTENCE = re.compile(r"\b(\d\d)/(\d\d)/(\d{4})\b")


def read(
    reader: Callable[[object], T], answer: object, otherwise: type[UrssafError]
) -> T:
    """:raise otherwise: when the answer has not the shape that the contract promises"""
    try:
        return reader(answer)
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError):
        # The cause is dropped: its text may show personal data of the answer.
        raise otherwise(f"unreadable answer ({reader.__name__})") from None


def token(answer) -> tuple[str, int]:
    """The access token and its life in seconds (3600 in practice)."""
    seconds = answer.get("expires_in")
    return _text(answer["access_token"]), 3600 if seconds is None else int(seconds)


def id_client(answer) -> str:
    return _text(answer["idClient"])


def registration(answer) -> Registration:
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


def _day_in(sentence):
    if found := _DAY_IN_SENTENCE.search(sentence):
        with suppress(ValueError):  # 31/02: no day is better than no registration
            return date(*map(int, reversed(found.groups())))
    return None


def outcomes(answer) -> list[Outcome]:
    """Those that can be told apart: an item without a number tells nothing."""
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


def found(answer) -> tuple[list[RequestInfo], list[ApiError]]:
    """M070's results, and what it has to say about them ("non-blocking" errors). One of
    both may be absent, but not both: "nothing found" must never be guessed."""
    errors = api_errors(answer.get("errors"))
    infos = (
        answer.get("infoDemandePaiements") if errors else answer["infoDemandePaiements"]
    )
    return [
        _request_info(info) for info in ([] if infos is None else _list(infos))
    ], errors


def _request_info(info):
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


def api_errors(answer) -> list[ApiError]:
    """An array of errors, or in practice sometimes a single one, or nothing readable."""
    items = [answer] if isinstance(answer, dict) else answer
    if not isinstance(items, list):
        return []
    return [
        ApiError(
            *(str(item.get(name) or "") for name in ("code", "message", "description"))
        )
        for item in items
        if isinstance(item, dict)
        and any(item.get(name) for name in ("code", "message", "description"))
    ]


def _text(value):
    if not isinstance(value, str) or not value:
        raise ValueError("text expected")
    return value


def _list(value):
    if not isinstance(value, list):
        raise TypeError("array expected")
    return value


def _amount(value):
    amount = None if value is None else Decimal(value)
    if amount is not None and not amount.is_finite():
        raise ValueError("amount expected")
    return amount


def _day(value):
    return date.fromisoformat(value[:10]) if value else None
