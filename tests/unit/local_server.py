# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A small web server on this machine, for tests that a mock of HTTP cannot serve."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .samples import TOKEN


class LocalServer(ThreadingHTTPServer):
    """It answers calls with ``behaviour(handler)``, and gives tokens unless it has
    ``give_token`` for that. It counts connections and calls."""

    def __init__(self, behaviour, give_token=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviour = behaviour
        self.give_token = give_token or _give_token
        self.connections = 0
        self.calls = []
        self.released = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self.released.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    def get_request(self):
        self.connections += 1
        return super().get_request()

    def handle_error(self, request, client_address):
        """Say nothing: some tests make the client hang up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # with keep-alive
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.server.calls.append(self.path)
        if self.path == "/api/oauth/v1/token":
            self.server.give_token(self)
        else:
            self.body = json.loads(body)
            self.server.behaviour(self)

    def do_GET(self):
        self.server.calls.append(self.path)
        self.server.behaviour(self)

    def log_message(self, *args):
        """Write no log."""


def _give_token(handler):
    answer(handler, {"access_token": TOKEN, "expires_in": 3600})


def answer(handler, value, missing=0):
    """Answer ``value``, cut short by ``missing`` bytes."""
    body = json.dumps(value).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) - missing])
    handler.close_connection = handler.close_connection or bool(missing)


def hang_up(handler):
    """Do the work and hang up without an answer."""
    handler.close_connection = True


def redirect(url, status=307):
    """Send the caller, body and all, to another address."""

    def behaviour(handler):
        handler.send_response(status)
        handler.send_header("Location", url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return behaviour


def trickle(head, more=b"x", pause=0.02):
    """Send ``head``, then ``more`` again and again, each time after a pause."""

    def behaviour(handler):
        with contextlib.suppress(OSError):
            handler.wfile.write(head)
            while not handler.server.released.wait(pause):
                handler.wfile.write(more)
        handler.close_connection = True

    return behaviour


def pour(head, more):
    """The same as fast as the caller takes it."""
    return trickle(head, more, pause=0)


def answer_bytes(body, **headers):
    """Answer these bytes, whatever they are."""

    def behaviour(handler):
        handler.send_response(200)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        with contextlib.suppress(OSError):
            handler.wfile.write(body)

    return behaviour


def stay_silent(handler):
    handler.server.released.wait(60)
    handler.close_connection = True
