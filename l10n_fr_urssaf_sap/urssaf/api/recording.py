# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A client that hands over what is said word for word: before it opens production, the
Urssaf asks for a test book with raw exchanges about fictitious people.

Never in production, and never a secret or a token.
"""

import json as json_module
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote, quote_plus, urlencode, urlsplit

import requests

from .access_token import TokenStore
from .answers import parse
from .api_call import HIDDEN, ApiCall, masked
from .client import PRODUCTION_HOST, UrssafClient, dumps
from .errors import Misconfigured
from .shapes import Json

_LONGEST = 100_000  # characters; the answers of a test book have some hundred


@dataclass(frozen=True, repr=False)
class RawExchange:
    """One call as it went, with HIDDEN for secrets and tokens alone. ``request`` and
    ``answer`` are the bodies as text; the answer to a call for a token is masked.
    ``http_status`` is None where no answer came."""

    operation: str
    method: str
    url: str
    started_at: datetime  # UTC
    duration_ms: int
    http_status: int | None
    request: str
    answer: str


class RecordingClient(UrssafClient):
    """A client for one thread and one test book, which asks for a token of its own."""

    def __init__(
        self,
        host: str,
        client_id: str,
        client_secret: str,
        on_call: Callable[[ApiCall], object] | None = None,
        *,
        on_exchange: Callable[[RawExchange], object],
    ):
        """``on_exchange`` gets every call, also those that fail. It must not raise.

        :raise Misconfigured: for production, whose exchanges are about real people
        """
        super().__init__(host, client_id, client_secret, TokenStore(), on_call)
        if _name(self.host) == _name(PRODUCTION_HOST):
            raise Misconfigured("production is never recorded")
        self._on_exchange = on_exchange
        self._secrets = {client_secret}

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        json: Json = None,
        reference: str = "",
        **options: Any,
    ) -> requests.Response:
        authorization = options.get("headers", {}).get("Authorization", "")
        self._secrets.add(authorization.partition(" ")[2])
        started_at, start = datetime.now(timezone.utc), time.monotonic()
        response = None
        try:
            response = super()._request(
                operation, method, path, json, reference, **options
            )
            return response
        finally:
            query = urlencode(options.get("params") or {})
            exchange = RawExchange(
                operation=operation,
                method=method,
                url=self._hide(self.host + path + (query and f"?{query}")),
                started_at=started_at,
                duration_ms=round((time.monotonic() - start) * 1000),
                http_status=response.status_code if response is not None else None,
                request=self._hide(_body(json, options)),
                answer=self._hide(_answer(operation, response)),
            )
            self._on_exchange(exchange)

    def _hide(self, text: str) -> str:
        for secret in self._secrets - {""}:
            for form in sorted(_forms(secret), key=len, reverse=True):
                text = text.replace(form, HIDDEN)
        return text[:_LONGEST]


def _forms(secret: str) -> set[str]:
    """A secret as it may be written in an address, a form or JSON, or in JSON that JSON
    quotes."""
    forms = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
    for _quoted in range(2):
        forms |= {
            json_module.dumps(form, ensure_ascii=ascii_only)[1:-1]
            for form in forms
            for ascii_only in (True, False)
        }
    return forms


def _name(host: str) -> str:
    return (urlsplit(host).hostname or "").rstrip(".").lower()


def _body(json: Json, options: dict[str, Any]) -> str:
    if json is not None:
        return dumps(json).decode()
    return urlencode(options.get("data") or {})


def _answer(operation: str, response: requests.Response | None) -> str:
    if response is None:
        return ""
    if operation != "TOKEN":
        # JSON is UTF-8, whatever the headers say or do not say.
        return response.content.decode("utf-8", "replace")
    try:
        shown = masked(parse(response.content))
    except (ValueError, RecursionError):
        shown = HIDDEN
    return json_module.dumps(shown)
