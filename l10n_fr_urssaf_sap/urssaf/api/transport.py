# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whom to call, how long that may take, how much an answer may hold, and when a call is
made again by itself."""

import http.client
import io
import logging
import math
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from requests import ConnectTimeout, PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ContentDecodingError, SSLError
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    InvalidHeader,
    LocationParseError,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util import Retry, parse_url

from .errors import Misconfigured

CONNECT_TIMEOUT, READ_TIMEOUT = 10, 40  # seconds, of one wait
# Seconds of a whole call: a new token, every try, the pauses between them and the reading
# of the answer, however slowly it trickles in. Nothing leaves after that.
CALL_DEADLINE = 60
# Bytes, from the wire and decoded: ten payment requests have a hundredth of that.
LARGEST_ANSWER = 2_000_000
_CHUNK = 8192  # bytes; old versions of urllib3 decode a chunk as a whole
_ENCODINGS = ("", "identity", "gzip", "deflate")
BACKOFF = 0.5  # seconds, doubling; there is no pause before the second try
_TRIES_MORE = 2
_LONGEST_PAUSE = 5  # seconds: a call waits for no longer Retry-After
_LONGEST_RETRY_AFTER = 3600  # seconds: a longer one is taken for this
_LONGEST_HEADER = 100  # characters of a Retry-After
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_PASSING = (429, 500, 502, 503, 504)
_OURS = "/tiersPrestations/"  # in the address of every operation


# That rule is for Odoo's methods; these give nothing.
# pylint: disable=missing-return

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def _without_query(record: logging.LogRecord) -> bool:
    """urllib3 logs the addresses that it calls, as a warning where it tries again; whoever
    is searched for by e-mail would be in them."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg.partition("?")[0] if isinstance(arg, str) and _OURS in arg else arg
            for arg in record.args
        )
    return True


for _name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_without_query)


def checked_host(host: str) -> str:
    """``host`` without a trailing slash.

    :raise Misconfigured: unless it is https, or plain http to this very machine
    """
    try:
        # urllib3 reads it the same way when it connects.
        url = parse_url(host)
    except LocationParseError:
        raise Misconfigured("the Urssaf's address is not valid") from None
    loopback = (url.host or "").strip("[]") in _LOOPBACK
    if url.scheme != "https" and not (url.scheme == "http" and loopback):
        raise Misconfigured("the Urssaf's address must begin with https://")
    if not url.host or url.auth or url.query or url.fragment:
        raise Misconfigured("the Urssaf's address is not valid")
    return host.rstrip("/")


@contextmanager
def call_deadline() -> Iterator[None]:
    """Everything within is one call, which CALL_DEADLINE bounds. Inside of another one,
    that one's deadline holds."""
    if _deadline.get() is not None:
        yield
        return
    token = _deadline.set(time.monotonic() + CALL_DEADLINE)
    try:
        yield
    finally:
        _deadline.reset(token)


def _time_left(most: float | None = None) -> float:
    """The seconds until the deadline, at most ``most``.

    :raise TimeoutError: when it has passed
    """
    left = (_deadline.get() or math.inf) - time.monotonic()
    if left <= 0:
        raise TimeoutError("the call took too long")
    return left if most is None else min(left, most)


def _has_time(seconds: float) -> bool:
    return (_deadline.get() or math.inf) > time.monotonic() + seconds


class TooLarge(RequestException):
    """The answer is larger than LARGEST_ANSWER."""


class Adapter(HTTPAdapter):
    """Time-outs by default, because one forgotten would hang a worker for ever; bounded
    answers; and more tries. A call that never left is made once more, whatever it is; one
    that may have reached the server is made up to twice more, only if it is a GET, or a
    POST to one of ``safe_posts`` (paths).

    It is not for several threads at once.
    """

    def __init__(self, safe_posts: Sequence[str]):
        super().__init__()
        self._safe_posts = tuple(safe_posts)
        # urllib3 logs a warning for each try; the client logs one line for the whole
        # call. The filter knows our tries from those of others, and is added once.
        logging.getLogger("urllib3.connectionpool").addFilter(_is_not_ours)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):  # that one has pools of its own
            manager.pool_classes_by_scheme = _POOLS
        return manager

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
        options["stream"] = True
        with call_deadline():
            return _read(super().send(request, *args, **options))


def _read(response: Response) -> Response:
    """The answer together with its body.

    :raise RequestException: when there is too much of it, or it takes too long
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        # What is packed twice may unpack to anything.
        response.close()
        raise ContentDecodingError(f"packed as {encoding[:20]!a}")
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            response.close()
            raise TooLarge
    response._content = bytes(content)
    return response


class _BoundedReader(io.RawIOBase):
    """What comes from the socket: every wait ends at the deadline, whichever part of the
    answer it is for, and there is no more of it than LARGEST_ANSWER."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket):
        self._raw, self._sock = raw, sock
        self._timeout, self._left = sock.gettimeout(), LARGEST_ANSWER

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_time_left(self._timeout))
        size = self._raw.readinto(buffer)
        self._left -= size or 0
        if self._left < 0:
            raise OSError("the answer is too large")
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any):
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_BoundedReader(self.fp.detach(), sock))


class _Connecting:
    """A connection that is only made while the call may still leave."""

    timeout: float | None
    response_class: Any = _Answer

    def connect(self) -> None:
        try:
            self.timeout = _time_left(self.timeout)
            super().connect()  # type: ignore[misc]  # it stands before a connection
            _time_left()
        except TimeoutError as error:
            raise ConnectTimeoutError(self, str(error)) from None


class _HTTPConnection(_Connecting, HTTPConnection):
    pass


class _HTTPSConnection(_Connecting, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


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
        if (wanted or 0) > _LONGEST_PAUSE or not _has_time(wanted or 0):
            # This hands the answer over as it is, or the error.
            raise MaxRetryError(None, url, error)  # type: ignore[arg-type]  # no pool
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def parse_retry_after(self, retry_after: str) -> float:
        """
        :raise InvalidHeader: when it is no sensible number of seconds or moment
        """
        try:
            seconds = super().parse_retry_after(retry_after[:_LONGEST_HEADER])
        except (ValueError, ArithmeticError, LookupError, TypeError):
            raise InvalidHeader("Retry-After") from None
        return min(seconds, _LONGEST_RETRY_AFTER)


def _is_not_ours(record: logging.LogRecord) -> bool:
    return not any(isinstance(each, _Retry) for each in record.args or ())


def may_have_left(error: Exception) -> bool:
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
        return _Retry().parse_retry_after(header)
    except InvalidHeader:
        return None
