# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A stand-in Urssaf over plain HTTP, until SIGTERM or Ctrl-C."""

import argparse
import signal
import sys

from .app import DEFAULT_CLIENTS, create_app
from .server import bind, url_of


def _client(text: str) -> tuple[str, str]:
    client_id, colon, secret = text.partition(":")
    if not (client_id and colon and secret):
        raise argparse.ArgumentTypeError("ID:SECRET expected")
    return client_id, secret


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090, help="0: any free one")
    parser.add_argument(
        "--state", metavar="FILE.sqlite", help="keep the state there, not in memory"
    )
    parser.add_argument(
        "--client",
        dest="clients",
        metavar="ID:SECRET",
        type=_client,
        action="append",
        help="a provider; may be repeated; demo:demo-secret if none is given",
    )
    parser.add_argument(
        "--delay-ms", type=float, default=0, help="how long each answer takes at least"
    )
    parser.add_argument(
        "--token-prefix", default="", help="what every access token begins with"
    )
    parser.add_argument("--verbose", action="store_true", help="log each request")
    return parser


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    options = _parser().parse_args()
    # Both end the process the same way, through the finally below.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    app = create_app(
        options.state,
        dict(options.clients or DEFAULT_CLIENTS),
        token_prefix=options.token_prefix,
        delay_ms=options.delay_ms,
    )
    server = bind(app, options.host, options.port, options.verbose)
    print(f"Stand-in Urssaf listening on {url_of(server)}/", flush=True)
    try:
        server.serve_forever()
    finally:
        server.server_close()
        app.extensions["store"].close()


if __name__ == "__main__":
    main()
