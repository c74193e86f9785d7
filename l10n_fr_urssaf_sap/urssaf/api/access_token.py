# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Access tokens, kept in the process until shortly before they expire."""

import threading
import time
from collections.abc import Callable, Hashable

_MARGIN = 60  # seconds: a token must outlive the call it goes with


class TokenStore:
    """Tokens by provider and environment, shared by all threads of a process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = {}

    def get(self, key: Hashable, fetch: Callable[[], tuple[str, int]]) -> str:
        """The token kept for ``key``, or the one that ``fetch`` gives together with its
        life in seconds. What ``fetch`` raises passes through and nothing is kept."""
        now = self._clock()
        with self._lock:
            token, expires_at = self._tokens.get(key, ("", now))
        if now < expires_at:
            return token
        # Outside the lock: a slow Urssaf must not make other providers wait. Two threads
        # may then both fetch one, which does no harm.
        token, seconds = fetch()
        with self._lock:
            self._tokens[key] = (token, now + seconds - _MARGIN)
        return token

    def forget(self, key: Hashable, token: str | None = None) -> None:
        """Drop the token of ``key``; only if it is still ``token``, where that is given:
        another thread may have renewed it already."""
        with self._lock:
            if token is None or self._tokens.get(key, ("",))[0] == token:
                self._tokens.pop(key, None)


TOKENS = TokenStore()
