# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Access tokens, kept in the process until shortly before they expire."""

import threading
import time
from collections.abc import Callable, Hashable

_MARGIN = 60  # seconds, so that a token outlives the call that it goes with


class TokenStore:
    """Tokens by access (host and credentials), shared by all threads of a process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[Hashable, tuple[str, float]] = {}  # with its last moment

    def get(self, key: Hashable, fetch: Callable[[], tuple[str, int]]) -> str:
        """The token kept for ``key``, or the one that ``fetch`` gives together with its
        life in seconds. What ``fetch`` raises passes through and nothing is kept."""
        now = self._clock()
        with self._lock:
            token, expires_at = self._tokens.get(key, ("", now))
        if now < expires_at:
            return token
        # The lock is not held meanwhile, so that a slow Urssaf does not make other
        # companies wait. Two threads may then fetch a token each, which does no harm.
        token, seconds = fetch()
        with self._lock:
            self._tokens[key] = (token, now + seconds - _MARGIN)
        return token

    def forget(self, key: Hashable, token: str | None = None) -> None:
        """Drop the token of ``key``. Where ``token`` is given, drop no other: another
        thread may have renewed it already."""
        with self._lock:
            if token is None or self._tokens.get(key, ("", 0))[0] == token:
                self._tokens.pop(key, None)


TOKENS = TokenStore()
