# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Flask application: the API, the control API and the page over one store."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from flask import Flask, request

from . import api, control, page
from .dispatch import Dispatcher
from .lifecycle import today_at
from .operations import Urssaf
from .store import Store

DEFAULT_CLIENTS = {"demo": "demo-secret"}


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(
    state_path: str | Path | None = None,
    clients: dict[str, str] | None = None,
    clock: Callable[[], datetime] = _now,
) -> Flask:
    """A stand-in Urssaf, ready to serve.

    :param state_path: SQLite file to keep the state in; in memory if not given.
    :param clients: client id -> secret; each client is a provider.
    :param clock: what time it is, with a time zone.

    ``app.extensions`` has the ``"store"`` (close it when done) and the
    ``"dispatcher"`` whose ``interceptors`` can make the server misbehave.
    """
    store = Store(state_path)
    clients = dict(DEFAULT_CLIENTS if clients is None else clients)
    dispatcher = Dispatcher(store, clock, Urssaf(store, clients, clock).perform)

    def today() -> date:
        return today_at(clock())

    app = Flask(__name__)
    app.extensions |= {"store": store, "dispatcher": dispatcher}
    app.register_blueprint(api.blueprint(dispatcher))
    app.register_blueprint(control.blueprint(store, dispatcher, today))
    app.register_blueprint(page.blueprint(store, sorted(clients), today))

    @app.before_request
    def read_whole_body():
        # What is left unread would be taken for the next request of the connection.
        request.get_data()

    return app
