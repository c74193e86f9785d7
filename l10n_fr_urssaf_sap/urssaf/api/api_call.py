# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A call to the Urssaf and its answer, described without anything personal.

Here is the list of the keys whose values may be shown, each with the form that its value
must have: whatever is new, free text or unexpected stays hidden.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

import requests

from .answers import parse
from .errors import is_code
from .shapes import Json, objects
from .told_errors import api_errors, named_errors, refusal, tells_of_errors

HIDDEN = "***"
_PLAIN = re.compile(r"[A-Za-z0-9_./ -]{1,64}")
# Five digits in a row may be a birth date or an account.
_CODE = re.compile(r"(?!.*[0-9]{5})[A-Za-z0-9_]{1,64}")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]{1,15}Z?)?")
_LABEL = re.compile(r"[^\W\d_]{1,20}([ '-][^\W\d_]{1,20}){0,5}")
_MOST_IDS = 100  # ten payment requests have thirty
_IDS = ("numFactureTiers", "idDemandePaiement", "idDemandePaiements", "idClient")
# The sentences of an error are left out: they may repeat what was sent.
_SHOWN = {
    **dict.fromkeys((*_IDS, "grant_type", "scope", "token_type"), _PLAIN),
    **dict.fromkeys(("code", "codeNature", "unite", "etat", "statut"), _CODE),
    **dict.fromkeys(("dateDebut", "dateFin", "dateDebutEmploi"), _DATE),
    **dict.fromkeys(("dateFinEmploi", "dateFacture", "dateVirement"), _DATE),
    **dict.fromkeys(("mntFactureTTC", "mntFactureHT", "mntUnitaireTTC"), _NUMBER),
    **dict.fromkeys(("mntPrestationTTC", "mntPrestationHT"), _NUMBER),
    **dict.fromkeys(("mntPrestationTVA", "mntAcompte", "mntVirement"), _NUMBER),
    **dict.fromkeys(("quantite", "expires_in"), _NUMBER),
    "dateVersementAcompte": _DATE,
    "libelle": _LABEL,
}


@dataclass(frozen=True)
class ApiCall:
    """One call. ``outcome`` names the failure where no answer came and is "" otherwise;
    ``ids`` are the invoices' numbers, the Urssaf's ids and the caller's own reference, if
    any. ``request`` and ``answer`` are masked JSON values; an answer that is not JSON is
    replaced by its type and length."""

    operation: str
    started_at: datetime
    duration_ms: int
    http_status: int | None
    outcome: str
    error_codes: tuple[str, ...]
    ids: tuple[str, ...]
    request: Json
    answer: Json

    @property
    def failed(self) -> bool:
        return self.http_status != requests.codes.ok or bool(self.error_codes)

    def __str__(self) -> str:
        what = self.outcome or f"HTTP {self.http_status}"
        codes, ids = ", ".join(self.error_codes), ", ".join(self.ids)
        return (
            f"{self.operation}: {what} in {self.duration_ms} ms"
            f"; errors: {codes or '-'}; ids: {ids or '-'}"
        )


def describe_call(
    operation: str,
    started_at: datetime,
    duration_ms: int,
    request: Json,
    response: requests.Response | None,
    outcome: str = "",
    reference: str = "",
) -> ApiCall:
    """``request`` is what the client was to send, not masked yet; ``reference`` is the
    caller's own name of it."""
    status: int | None = None
    answer: Json = None
    codes: list[str] = []
    shown = masked(request)
    ids = [reference] if reference else []
    ids += _ids(shown)
    if response is not None:
        status = response.status_code
        try:
            parsed = parse(response.content)
            answer, codes = masked(parsed), _error_codes(parsed, status)
            ids += _ids(answer)
        except (ValueError, RecursionError):
            answer = _not_json(response)
    return ApiCall(
        operation,
        started_at,
        duration_ms,
        status,
        outcome,
        tuple(codes),
        tuple(dict.fromkeys(ids))[:_MOST_IDS],
        shown,
        answer,
    )


def masked(value: Json, key: str = "") -> Json:
    """A JSON value with its structure, and with HIDDEN for each value that its key does
    not allow to show."""
    if isinstance(value, dict):
        return {
            name if _is_name(name) else HIDDEN: masked(item, name)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item, key) for item in value]
    if value is None:
        return None
    form = _SHOWN.get(key)
    if form and form.fullmatch(str(value)):
        return float(value) if isinstance(value, Decimal) else value
    return HIDDEN


@lru_cache
def _is_name(key: str) -> bool:
    return bool(_CODE.fullmatch(key))


def _not_json(response: requests.Response) -> str:
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    kind = kind if _PLAIN.fullmatch(kind) else HIDDEN
    return f"{kind}, {len(response.content)} bytes"


def _error_codes(answer: Json, status: int) -> list[str]:
    if status == requests.codes.ok and not tells_of_errors(answer):
        return []
    errors = [error for each in objects(answer) for error in named_errors(each)]
    errors += refusal(answer) if status == requests.codes.ok else api_errors(answer)
    return sorted({error.code for error in errors if is_code(error.code)})


def _ids(value: Json, key: str = "") -> Iterator[str]:
    """The ids in a masked value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _ids(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _ids(item, key)
    elif key in _IDS and isinstance(value, str) and value != HIDDEN:
        yield value
