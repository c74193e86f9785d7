# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How long a call may take, and when it is made again by itself."""

import time
from collections.abc import Sequence
from typing import Any

from requests import (
    ConnectTimeout,
    PreparedRequest,
    ReadTimeout,
    RequestException,
    Response,
)
from requests.adapters import HTTPAdapter
from requests.exceptions import SSLError
from urllib3.exceptions import InvalidHeader, MaxRetryError, NewConnectionError
from urllib3.util import Retry

CONNECT_TIMEOUT, READ_TIMEOUT = 10, 40  # seconds
# Seconds, which double: no pause before the second try, twice this before the third.
BACKOFF = 0.5
_TRIES = 3
_LONGEST_PAUSE = 5  # seconds: a call waits for no longer Retry-After
_LONGEST_RETRY_AFTER = 3600  # seconds: a longer one is taken for this
_PASSING = (429, 500, 502, 503, 504)


class Adapter(HTTPAdapter):
    """Time-outs by default, because one forgotten would hang a worker for ever; and more
    tries. A call that never left is made once more, whatever it is; one that may have
    reached the server is made up to twice more, only if it is a GET, or a POST to one of
    ``safe_posts`` (paths).

    The tries are made here and not by urllib3, which logs a warning for each: the client
    logs one line for the whole call.
    """

    def __init__(self, safe_posts: Sequence[str]):
        super().__init__(max_retries=0)
        self._safe_posts = tuple(safe_posts)

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        options["timeout"] = options.get("timeout") or (CONNECT_TIMEOUT, READ_TIMEOUT)
        safe = request.method == "GET" or (request.url or "").endswith(self._safe_posts)
        tries = _Tries(safe)
        while True:
            try:
                response = super().send(request, *args, **options)
            except RequestException as error:
                pause = tries.pause_after_error(error)
                if pause is None:
                    raise
            else:
                pause = tries.pause_after_answer(response)
                if pause is None:
                    return response
                response.raw.drain_conn()  # so that the connection can be used again
            time.sleep(pause)


class _Tries:
    """The tries of one call. ``safe`` says that the server may get it twice."""

    def __init__(self, safe: bool):
        self._safe = safe
        self._made = self._unheard = 0

    def pause_after_error(self, error: RequestException) -> float | None:
        """The seconds before the next try; None where there is none."""
        if may_have_left(error):
            # A server that did not answer in time has taken long enough already.
            again = self._safe and not isinstance(error, ReadTimeout)
        else:
            self._unheard += 1
            again = self._unheard == 1 and not isinstance(error, SSLError)
        return self._pause() if again else None

    def pause_after_answer(self, response: Response) -> float | None:
        """The seconds before the next try; None where the answer stands."""
        if not self._safe or response.status_code not in _PASSING:
            return None
        wanted = retry_after(response)
        if "Retry-After" in response.headers and (
            wanted is None or wanted > _LONGEST_PAUSE
        ):
            return None
        pause = self._pause()
        return pause if pause is None else wanted or pause

    def _pause(self) -> float | None:
        self._made += 1
        if self._made == _TRIES:
            return None
        return BACKOFF * 2 ** (self._made - 1) if self._made > 1 else 0


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
