# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Flask application: the API, the control API and the page over one store."""

import ipaddress
from collections.abc import Callable
from datetime import date, datetime, timezone
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, abort, request

from . import api, control, page
from .dispatch import Dispatcher
from .faults import Faults
from .lifecycle import today_at
from .operations import Urssaf
from .store import Store

DEFAULT_CLIENTS = {"demo": "demo-secret"}


def _is_own(host: str, bound: str | None) -> bool:
    """Whether a Host header names this machine, or what the server was bound to."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name in ("localhost", bound):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _now() -> datetime:
    return datetime.now(timezone.utc)


def create_app(
    state_path: str | Path | None = None,
    clients: dict[str, str] | None = None,
    clock: Callable[[], datetime] = _now,
    *,
    token_prefix: str = "",
    delay_ms: float = 0,
) -> Flask:
    """A stand-in Urssaf, ready to serve.

    :param state_path: SQLite file to keep the state in; in memory if not given.
    :param clients: client id -> secret; each client is a provider.
    :param clock: what time it is, with a time zone.
    :param token_prefix: what every token begins with, so that it can be looked for.
    :param delay_ms: how long every answer of the API takes at least.

    ``app.extensions`` has the ``"store"`` (close it when done), the ``"faults"``, and
    the ``"dispatcher"`` with ``interceptors`` for whatever no fault does.
    """
    store = Store(state_path)
    clients = dict(DEFAULT_CLIENTS if clients is None else clients)
    faults = Faults(store, delay_ms / 1000)
    perform = Urssaf(store, clients, clock, token_prefix).perform
    dispatcher = Dispatcher(store, clock, perform, faults)

    def today() -> date:
        return today_at(clock())

    app = Flask(__name__)
    app.extensions |= {"store": store, "dispatcher": dispatcher, "faults": faults}
    app.register_blueprint(api.blueprint(dispatcher))
    app.register_blueprint(control.blueprint(store, dispatcher, faults, today))
    app.register_blueprint(page.blueprint(store, faults, sorted(clients), today))

    @app.before_request
    def read_whole_body():
        # A body left unread would be taken for the next request of the connection.
        request.get_data()

    @app.before_request
    def only_from_here():
        """Whatever page somebody has open in a browser must not get at this one: not by a
        name of its own that leads to this machine, nor by a form or script."""
        if not _is_own(request.host, app.extensions.get("host")):
            abort(421)
        origin = request.headers.get("Origin")
        if origin is not None and origin != request.host_url.rstrip("/"):
            abort(403)

    return app
