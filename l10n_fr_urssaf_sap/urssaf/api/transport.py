# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How long a call may take, and when it is made again by itself."""

import logging
from collections.abc import Sequence
from typing import Any

from requests import ConnectTimeout, PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import SSLError
from urllib3.exceptions import (
    InvalidHeader,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util import Retry

CONNECT_TIMEOUT, READ_TIMEOUT = 10, 40  # seconds
BACKOFF = 0.5  # seconds, doubling; there is no pause before the second try
_TRIES_MORE = 2
_LONGEST_PAUSE = 5  # seconds: a call waits for no longer Retry-After
_LONGEST_RETRY_AFTER = 3600  # seconds: a longer one is taken for this
_PASSING = (429, 500, 502, 503, 504)


class Adapter(HTTPAdapter):
    """Time-outs by default, because one forgotten would hang a worker for ever; and more
    tries. A call that never left is made once more, whatever it is; one that may have
    reached the server is made up to twice more, only if it is a GET, or a POST to one of
    ``safe_posts`` (paths).

    It is not for several threads at once.
    """

    def __init__(self, safe_posts: Sequence[str]):
        super().__init__()
        self._safe_posts = tuple(safe_posts)
        # urllib3 logs a warning for each try; the client logs one line for the whole
        # call. The filter knows our tries from those of others, and is added once.
        logging.getLogger("urllib3.connectionpool").addFilter(_is_not_ours)

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        options["timeout"] = options.get("timeout") or (CONNECT_TIMEOUT, READ_TIMEOUT)
        safe = request.method == "GET" or (request.url or "").endswith(self._safe_posts)
        self.max_retries = _Retry(
            total=_TRIES_MORE,
            connect=1,
            redirect=0,
            other=0,
            allowed_methods=("GET", "POST") if safe else ("GET",),
            status_forcelist=_PASSING,
            backoff_factor=BACKOFF,
            raise_on_status=False,
        )
        return super().send(request, *args, **options)


class _Retry(Retry):
    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: Any = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> "_Retry":
        if isinstance(error, ReadTimeoutError):
            raise error  # it took long enough already
        wanted = self.get_retry_after(response) if response is not None else None
        if (wanted or 0) > _LONGEST_PAUSE:
            # This hands the answer over as it is.
            raise MaxRetryError(None, url)  # type: ignore[arg-type]  # no pool is needed
        return super().increment(method, url, response, error, _pool, _stacktrace)


def _is_not_ours(record: logging.LogRecord) -> bool:
    return not any(isinstance(each, _Retry) for each in record.args or ())


def may_have_left(error: RequestException) -> bool:
    """Whether the call may have reached the server, when no answer came back."""
    if isinstance(error, ConnectTimeout):
        return False
    reason = error.args[0] if error.args else None
    if not isinstance(reason, MaxRetryError):
        return True  # something happened while the answer was read
    # The TLS handshake comes before the request.
    in_handshake = isinstance(error, SSLError)
    return not (in_handshake or isinstance(reason.reason, NewConnectionError))


def retry_after(response: Response) -> float | None:
    """The seconds that the server wants to be left alone, if it says so readably."""
    header = response.headers.get("Retry-After")
    if not header:
        return None
    try:
        return min(Retry().parse_retry_after(header), _LONGEST_RETRY_AFTER)
    except InvalidHeader:
        return None
