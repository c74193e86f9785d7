# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The HTTP server: threaded, with connections that stay open."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app


class _Handler(WSGIRequestHandler):
    """Werkzeug's handler, except that the connection stays open between requests.

    Werkzeug itself closes it after each answer (and waits 10 ms for unread input),
    because an application may leave input unread; ours always reads all of it.
    """

    protocol_version = "HTTP/1.1"
    # Head and body are two writes; with Nagle's algorithm the second one waits for
    # the client's delayed acknowledgement, 40 ms.
    disable_nagle_algorithm = True

    def run_wsgi(self):
        """Answer one request. The whole body first, so its length can be told."""
        environ = self.make_environ()
        chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        body = b"".join(chunks)
        code, _, reason = status.partition(" ")
        if code not in ("204", "304"):
            headers.setdefault("Content-Length", str(len(body)))
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _QuietHandler(_Handler):
    def log_request(self, *args, **kwargs):
        """No access log."""


def bind(
    app: Flask, host: str = "127.0.0.1", port: int = 0, verbose: bool = False
) -> BaseWSGIServer:
    """A server that listens already; ``serve_forever`` makes it answer.

    Port 0 takes a free one; the real one is ``server.port``.
    """
    handler = _Handler if verbose else _QuietHandler
    return make_server(host, port, app, threaded=True, request_handler=handler)


def url_of(server: BaseWSGIServer) -> str:
    """``http://host:port``, without a final slash."""
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"http://{host}:{server.port}"


@contextmanager
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
