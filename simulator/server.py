# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The HTTP server: threaded, with connections that stay open."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from flask import Flask
from werkzeug.serving import (
    ThreadedWSGIServer,
    WSGIRequestHandler,
    select_address_family,
)
from werkzeug.test import run_wsgi_app

from .dispatch import NO_ANSWER


class Server(ThreadedWSGIServer):
    """Werkzeug's server, except that it can go away for a while.

    Connections that wait for a request are dropped then; one whose request is being
    answered gets its answer first.
    """

    def __init__(self, *args):
        #: One per open connection.
        self.handlers: set[_Handler] = set()
        self._seconds = 0.0
        self._called_back = threading.Event()
        self._here = threading.Event()
        self._here.set()
        self._lock = threading.Lock()
        super().__init__(*args)

    def is_away(self) -> bool:
        return not self._here.is_set()

    def go_away(self, seconds: float) -> None:
        """Refuse connections from now on, for ``seconds``."""
        with self._lock:
            if self.is_away():
                return
            self._called_back.clear()
            self._seconds = seconds
            self._here.clear()
            # Ends the listening at once, keeps the port, and wakes the accepting loop,
            # which calls service_actions().
            self.socket.shutdown(socket.SHUT_RDWR)
        for handler in self.handlers.copy():
            handler.drop_if_idle()

    def return_to_work(self) -> None:
        """Listen again, if away; returns when it does."""
        self._called_back.set()
        self._here.wait()

    def service_actions(self):
        """Wait until the absence is over. The accepting loop calls this when it wakes."""
        if self.is_away():
            self._called_back.wait(self._seconds)
            # go_away() has to end the listening first.
            with self._lock:
                self.socket.listen(self.request_queue_size)
                self._here.set()

    def shutdown(self):
        self._called_back.set()
        super().shutdown()


class _Handler(WSGIRequestHandler):
    """Werkzeug's handler, except that the connection stays open between requests.

    Werkzeug itself closes it after each answer (and waits 10 ms for unread input),
    because an application may leave input unread; ours always reads all of it.
    """

    protocol_version = "HTTP/1.1"
    # Head and body are two writes; with Nagle's algorithm the second one waits for
    # the client's delayed acknowledgement, 40 ms.
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self._idle, self._dropped = True, False
        self._lock = threading.Lock()
        self.server.handlers.add(self)

    def finish(self):
        self.server.handlers.discard(self)
        super().finish()

    def drop_if_idle(self):
        """Close the connection, unless a request has come in."""
        with self._lock:
            if self._idle:
                self._dropped = True
                # Raises where the client has gone already.
                with contextlib.suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)

    def run_wsgi(self):
        """Answer one request. The whole body is made first, so that its length is known."""
        with self._lock:
            if self._dropped:
                self.close_connection = True
                return
            self._idle = False
        environ = self.make_environ()
        chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        body = b"".join(chunks)
        # Going away waits for this, so that no kept connection is dropped.
        with self._lock:
            self._write(status, headers, body)
            self._idle = True

    def _write(self, status, headers, body):
        code, _, reason = status.partition(" ")
        if code == str(NO_ANSWER):
            self.close_connection = True
            return
        if code not in ("204", "304"):
            headers.setdefault("Content-Length", str(len(body)))
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if self.server.is_away():
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


class _QuietHandler(_Handler):
    def log_request(self, *args, **kwargs):
        """Write no access log."""


def bind(
    app: Flask, host: str = "127.0.0.1", port: int = 0, verbose: bool = False
) -> Server:
    """A server that listens already; ``serve_forever`` makes it answer.

    Port 0 takes a free one; the real one is ``server.port``.
    """
    handler = _Handler if verbose else _QuietHandler
    # A port the system chose is lost while away, unless it was also asked for by number.
    with socket.socket(select_address_family(host, port)) as holder:
        if not port:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind((host, 0))
            port = holder.getsockname()[1]
        server = Server(host, port, app, handler)
    app.extensions["faults"].server = server
    app.extensions["host"] = host
    return server


def url_of(server: Server) -> str:
    """``http://host:port``, without a final slash."""
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"http://{host}:{server.port}"


@contextlib.contextmanager
def running(app: Flask) -> Iterator[str]:
    """Serve ``app`` from a thread on a free port; gives its URL without final slash."""
    server = bind(app)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield url_of(server)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
