# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's "API Tiers de prestation" over HTTP: a token and four operations.

Open, use, close::

    with UrssafClient(TEST_HOST, client_id, client_secret) as urssaf:
        particulier_id = urssaf.register(particulier)

Every call raises one of the errors of ``errors``, chosen by what the caller can do.
The rules come from the swagger of the API, and from practice where it is silent.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Generic, Protocol, TypeVar

import requests

from . import answers
from .access_token import TOKENS, TokenStore
from .answers import KnownParticulier, Outcome, Registration, RequestInfo
from .api_call import ApiCall, describe_call
from .codes import NO_RESULT, TOO_MANY_RESULTS, UNKNOWN_PARTICULIER
from .errors import (
    ApiError,
    Misconfigured,
    Refused,
    Unavailable,
    Unreadable,
    Unsure,
    UrssafError,
)
from .matching import as_asked, by_number
from .shapes import Json, is_empty
from .told_errors import api_errors, refusal
from .transport import Adapter, call_deadline, checked_host, may_have_left, retry_after

_logger = logging.getLogger(__name__)

TEST_HOST = "https://api-edi.urssaf.fr"
PRODUCTION_HOST = "https://api.urssaf.fr"
# Items per call of any operation. The documentation says so, and practice; the swagger
# does not.
BATCH_SIZE = 10

_TOKEN_PATH = "/api/oauth/v1/token"
_API_PATH = "/atp/v1/tiersPrestations"
_SEARCH_PATH = "/demandePaiement/rechercher"
_SCOPE = "homeplus.tiersprestations"
# The data are wrong, or too many: the same call would get the same answer again.
_REFUSALS = (400, 413, 422)
_NO_SUCH_CALL = (404, 405, 501)
# No invoice has this date: a search for it proves that the API itself answers.
_FAR_FUTURE = date(2999, 1, 1)

T = TypeVar("T")
R = TypeVar("R")


class Document(Protocol):
    """What an operation sends: it writes its own body (``documents``)."""

    def body(self) -> dict[str, Any]: ...


class NumberedDocument(Document, Protocol):
    """A payment request: M050 answers under its number."""

    @property
    def number(self) -> str: ...


@dataclass(frozen=True)
class CallResult(Generic[T, R]):
    """What became of one call: its ``result``, or the ``error`` that it raised."""

    item: T
    asked_at: datetime  # UTC
    result: R | None = None
    error: UrssafError | None = None


class UrssafClient:
    """One company's access to the Urssaf. It is not for several threads at once: each
    gets a copy of its own, which shares the token through ``tokens``."""

    def __init__(
        self,
        host: str,
        client_id: str,
        client_secret: str,
        tokens: TokenStore = TOKENS,
        on_call: Callable[[ApiCall], object] | None = None,
    ):
        """``on_call`` gets the record of every call, with everything personal masked;
        also of the calls for a token and of those that fail. It must not raise.

        :raise Misconfigured: when ``host`` is neither https nor this very machine
        """
        self.host = checked_host(host)
        self._credentials = (client_id, client_secret)
        self._tokens = tokens
        self._on_call = on_call
        self._session = requests.Session()
        # Plain http is for this very machine: a proxy would carry the secret away.
        self._session.trust_env = not self.host.lower().startswith("http:")
        # Without this, the credentials of a netrc file would take the token's place.
        self._session.auth = lambda request: request
        self._session.headers["Accept-Encoding"] = "gzip, deflate"
        adapter = Adapter(safe_posts=(_TOKEN_PATH, _SEARCH_PATH))
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def __enter__(self) -> "UrssafClient":  # noqa: PYI034 (Python 3.10 has no Self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    def for_thread(self) -> "UrssafClient":
        """Another client of the same access, for another thread."""
        return UrssafClient(self.host, *self._credentials, self._tokens, self._on_call)

    # Operations

    def authenticate(self) -> None:
        """Make sure that there is a token, so that a later call need not ask for one.

        :raise Misconfigured: the Urssaf does not know these credentials
        :raise Unavailable: no token could be had now
        """
        with call_deadline():
            self._token()

    def ping(self) -> None:
        """Prove that the credentials and the API itself work; nothing is changed there.

        :raise UrssafError: the error says what is in the way
        """
        self._tokens.forget(self._token_key)
        self.search_by_date(_FAR_FUTURE, _FAR_FUTURE)

    def register(self, particulier: Document, reference: str = "") -> str:
        """M010: register a particulier, or link one that the Urssaf already knows.

        It is safe to repeat: the same identity gets the same id. ``reference`` is the
        caller's own name of them in the record of the call; it is not sent.

        :return: the particulier's idClient
        :raise Refused: with the codes of the identity, address or bank account refused
        """
        answer = self._call(
            "M010",
            "POST",
            "/particulier",
            json=particulier.body(),
            reference=reference,
        )
        return _read(answers.particulier_id, answer, Unsure)

    def registration(self, particulier_id: str) -> Registration:
        """M020: how far the particulier is with their activation.

        :raise Refused: ERR_RECHERCHE_PARTICULIER when the link is unknown or was cut
        """
        answer = self._call(
            "M020", "GET", "/particulier", params={"idClient": particulier_id}
        )
        return _read(answers.registration, answer, Unreadable, particulier_id)

    def find_by_email(self, email: str, reference: str = "") -> list[KnownParticulier]:
        """M020 for somebody whose id is lost. No contract promises it; two programs in
        production ask so.

        :raise Refused: the Urssaf does not search like this
        :raise Unreadable: likewise, in other words than the API's
        """
        question = {"params": {"adresseMail": email}, "reference": reference}
        try:
            answer = self._call("M020", "GET", "/particulier", **question)
            return _read(answers.known_particuliers, answer, Unreadable)
        except Refused as refused:
            if refused.codes == {UNKNOWN_PARTICULIER}:
                return []
            raise
        except Unavailable as error:
            if error.status in _NO_SUCH_CALL:
                raise Unreadable(str(error)) from None
            raise

    def send(self, requests_: Sequence[NumberedDocument]) -> dict[str, Outcome]:
        """M050: send at most ten payment requests in one call.

        :return: each outcome by its number; a number that the answer does not mention is
            missing here, and is to be treated as Unsure
        :raise Refused: the whole call was refused, none was taken
        :raise Unsure: any of them may have been taken
        """
        _check_size(requests_)
        body = [request.body() for request in requests_]
        answer = self._call("M050", "POST", "/demandePaiement", json=body)
        outcomes = _read(answers.outcomes, answer, Unsure)
        return by_number(outcomes, [request.number for request in requests_])

    def search_by_id(self, ids: Sequence[str]) -> list[RequestInfo]:
        """M070: the requests with these idDemandePaiement (at most ten). One of which
        nothing can be read is left out."""
        _check_size(ids)
        found = self._search(idDemandePaiements=list(ids))
        return [replace(info, id=as_asked(info.id, ids)) for info in found if info.id]

    def search_by_number(self, numbers: Sequence[str]) -> list[RequestInfo]:
        """M070: the requests with these numFactureTiers (at most ten)."""
        _check_size(numbers)
        found = self._search(numFactureTiers=list(numbers))
        # Nobody knows which of the requests a result without a number is, and one without
        # an id is held there all the same.
        if not all(info.number and info.id for info in found):
            raise Unreadable("M070: a result without a number or an id")
        return [replace(info, number=as_asked(info.number, numbers)) for info in found]

    def search_by_date(self, start: date, end: date) -> list[RequestInfo]:
        """M070: the requests whose invoice date lies in the period, both ends included.

        :raise Refused: ERR_NBRE_MAX_RESULTAT when there are more than ten
        """
        found = self._search(dateDebut=api_date(start), dateFin=api_date(end))
        return [info for info in found if info.id]

    def _search(self, **criteria: Json) -> list[RequestInfo]:
        try:
            answer = self._call("M070", "POST", _SEARCH_PATH, json=criteria)
        except Refused as refused:
            if refused.codes == {NO_RESULT}:
                return []
            raise
        infos, errors = answers.read(answers.found, answer, Unreadable)
        codes = {error.code for error in errors} - {NO_RESULT}
        # An error beside results blocks nothing, unless it says that some are missing.
        if codes and not infos or TOO_MANY_RESULTS in codes:
            raise Refused(errors)
        if infos and not any(info.id for info in infos):
            raise Unreadable("M070: results without an id")
        return infos

    # HTTP

    @property
    def _token_key(self) -> str:
        # The store lives as long as the process: it knows no secret.
        access = json.dumps([self.host, *self._credentials])
        return hashlib.sha256(access.encode()).hexdigest()

    def _token(self) -> str:
        return self._tokens.get(self._token_key, self._fetch_token)

    def _fetch_token(self) -> tuple[str, int]:
        client_id, client_secret = self._credentials
        form = {
            "grant_type": "client_credentials",
            "scope": _SCOPE,
            "client_id": client_id,
            "client_secret": client_secret,
        }
        response = self._request("TOKEN", "POST", _TOKEN_PATH, data=form)
        if response.status_code in (400, 401, 403) and not _is_page(response):
            raise Misconfigured("the Urssaf refuses these credentials")
        if response.status_code != HTTPStatus.OK:
            what = f"TOKEN: HTTP {response.status_code}"
            raise Unavailable(what, retry_after=retry_after(response))
        return answers.read(answers.token, _json(response), Unavailable)

    def _call(self, operation: str, method: str, path: str, **content: Any) -> Json:
        """The parsed answer of one operation. Where the token at hand is no longer
        accepted, the call is made again with a new one: the Urssaf may revoke a token
        before its end. All of it together has one deadline."""
        with call_deadline():
            token = self._token()
            response = self._request_with(token, operation, method, path, **content)
            if response.status_code == HTTPStatus.UNAUTHORIZED:
                self._tokens.forget(self._token_key, token)
                token = self._token()
                response = self._request_with(token, operation, method, path, **content)
            return self._answer(operation, response)

    def _request_with(
        self, token: str, operation: str, method: str, path: str, **content: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"}
        path = _API_PATH + path
        return self._request(operation, method, path, headers=headers, **content)

    def _answer(self, operation: str, response: requests.Response) -> Json:
        status = response.status_code
        if 200 <= status < 300:
            return _json(response)
        said = _json(response)
        errors = api_errors(said)
        what = f"{operation}: HTTP {status}"
        is_page = _is_page(response)
        if status in _REFUSALS and (errors or is_empty(said)) and not is_page:
            raise Refused(errors or [ApiError(f"HTTP {status}")])
        if status == HTTPStatus.NOT_FOUND and (refused := refusal(said)):
            # "Unknown" in the API's own words.
            raise Refused(refused)
        if status in _REFUSALS or status == HTTPStatus.FORBIDDEN and is_page:
            # A gateway's word, which may dislike one item of what was sent.
            kind = Unsure if _acts(operation) else Unreadable
            raise kind(f"{what}, not in the API's words")
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise Misconfigured(f"{what}: the Urssaf refuses this access")
        # A redirection or 4xx says itself that nothing was done. Behind a 5xx the work may
        # have been done: a gateway also says 503 when the server behind it dies at work.
        # (M010 may be repeated then without asking.)
        safe = operation == "M010" and status == HTTPStatus.SERVICE_UNAVAILABLE
        if _acts(operation) and not 300 <= status < 500 and not safe:
            raise Unsure(what, errors)
        # The server may fail on this very question and answer others.
        unreadable = status == HTTPStatus.INTERNAL_SERVER_ERROR
        later = Unreadable if unreadable else Unavailable
        error = later(what, errors, retry_after(response))
        error.status = status
        raise error

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        json: Json = None,
        reference: str = "",
        **options: Any,
    ) -> requests.Response:
        content = json or options.get("params") or options.get("data")
        if json is not None:
            options["data"] = dumps(json)
            options["headers"]["Content-Type"] = "application/json"
        started_at, start = datetime.now(timezone.utc), time.monotonic()
        response, outcome = None, "no answer"
        try:
            # A redirection would carry the token and personal data somewhere else.
            response = self._session.request(
                method, self.host + path, allow_redirects=False, **options
            )
            outcome = ""
            return response
        except Exception as error:  # noqa: BLE001
            # What requests and urllib3 choke on is not always one of their own errors, and
            # must never look like an error of what was sent.
            outcome = type(error).__name__
            unsure = _acts(operation) and may_have_left(error)
            kind = Unsure if unsure else Unavailable
            # The cause is dropped because its text may show what was sent.
            raise kind(f"{operation}: {outcome}") from None
        finally:
            duration = round((time.monotonic() - start) * 1000)
            record = describe_call(
                operation, started_at, duration, content, response, outcome, reference
            )
            _logger.info("Urssaf %s", record)
            if self._on_call:
                self._on_call(record)


def call_one(
    urssaf: UrssafClient, call: Callable[[UrssafClient, T], R], item: T
) -> CallResult[T, R]:
    """``call(urssaf, item)``, here and now."""
    asked_at = datetime.now(timezone.utc)
    try:
        return CallResult(item, asked_at, call(urssaf, item))
    except UrssafError as error:
        return CallResult(item, asked_at, error=error)


def api_date(day: date | None) -> str:
    """A date as every operation asks for it: midnight UTC.

    :raise ValueError: where there is none: a document with this problem has no body
    """
    if day is None:
        raise ValueError("a date is missing")
    return f"{day.isoformat()}T00:00:00Z"


def _read(
    reader: Callable[..., T], answer: Json, otherwise: type[UrssafError], *asked: str
) -> T:
    """What the reader makes of an answer that says success.

    :raise Refused: when it says nothing but why not
    :raise otherwise: when it cannot be understood
    """
    try:
        return answers.read(reader, answer, otherwise, *asked)
    except otherwise:
        if errors := refusal(answer):
            raise Refused(errors) from None
        raise


def _check_size(items: Sized) -> None:
    if not 0 < len(items) <= BATCH_SIZE:
        raise ValueError(f"a call takes 1 to {BATCH_SIZE} of them")


def _acts(operation: str) -> bool:
    return operation in ("M010", "M050")


def dumps(body: Json) -> bytes:
    """A body as it is sent."""
    # float() of a two-decimal Decimal is written back with the same two decimals.
    return json.dumps(body, default=_number, ensure_ascii=False).encode()


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def _json(response: requests.Response) -> Json:
    """The parsed body, amounts as Decimal; None where it is not JSON."""
    try:
        return answers.parse(response.content)
    except ValueError:
        return None


def _is_page(response: requests.Response) -> bool:
    """Whether this is a gateway's own page, or anything else that is no JSON. The API's
    refusals are sometimes empty."""
    try:
        answers.parse(response.content)
    except ValueError:
        return bool(response.content.strip())
    return False


def batches(items: Iterable[T], size: int = BATCH_SIZE) -> Iterator[list[T]]:
    """``items`` in lists of at most ``size``, as many as one call takes."""
    items = list(items)
    return (items[start : start + size] for start in range(0, len(items), size))
