# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How long a call may take, and when it is made again by itself."""

import logging
from collections.abc import Sequence

from requests import Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import InvalidHeader, MaxRetryError, ReadTimeoutError
from urllib3.util import Retry

CONNECT_TIMEOUT, READ_TIMEOUT = 10, 40  # seconds
BACKOFF = 0.5  # seconds, doubling; the first time at once
_TRIES_MORE = 2
_PATIENCE = 5  # seconds: the longest Retry-After that somebody waits for
_LONGEST = 3600  # seconds: no Retry-After is taken for more
_PASSING = (429, 500, 502, 503, 504)


class Adapter(HTTPAdapter):
    """Time-outs by default, for one forgotten would hang a worker for ever; and a few more
    tries. A call that never left is made once more, whatever it is; one that may have
    reached the server only if it is a GET, or a POST to one of ``safe_posts`` (paths).

    Not for several threads at once.
    """

    def __init__(self, safe_posts: Sequence[str]):
        super().__init__()
        self._safe_posts = tuple(safe_posts)

    def send(self, request, *args, timeout=None, **kwargs):
        timeout = timeout or (CONNECT_TIMEOUT, READ_TIMEOUT)
        safe = request.method == "GET" or request.url.endswith(self._safe_posts)
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
        return super().send(request, *args, timeout=timeout, **kwargs)


class _Retry(Retry):
    def increment(self, method=None, url=None, response=None, error=None, **kwargs):
        if isinstance(error, ReadTimeoutError):
            raise error  # it took long enough already
        if response is not None and (self.get_retry_after(response) or 0) > _PATIENCE:
            raise MaxRetryError(None, url)  # which hands the answer over as it is
        return super().increment(method, url, response, error, **kwargs)


def _not_of_ours(record: logging.LogRecord) -> bool:
    return not any(isinstance(each, _Retry) for each in record.args or ())


# Each try would be a warning; our own line tells what became of the call.
logging.getLogger("urllib3.connectionpool").addFilter(_not_of_ours)


def retry_after(response: Response) -> float | None:
    """The seconds that the server wants to be left alone, if it says so readably."""
    header = response.headers.get("Retry-After")
    try:
        seconds = Retry().parse_retry_after(header) if header else None
        return seconds and min(seconds, _LONGEST)
    except InvalidHeader:
        return None
