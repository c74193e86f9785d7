# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The stand-in Urssaf, as slow as a real one: python -m benchmarks.stand_in PORT"""

import sys
import time

from simulator.app import create_app
from simulator.server import bind, url_of

DELAY = 0.05  # seconds
SLOW = ("M050", "M070")


class Slow:
    def before(self, call):
        return None

    def after(self, call, answer):
        if call.operation in SLOW:
            time.sleep(DELAY)
        return answer


if __name__ == "__main__":
    app = create_app()
    app.extensions["dispatcher"].interceptors.append(Slow())
    server = bind(app, port=int(sys.argv[1]))
    print(f"Slow stand-in Urssaf listening on {url_of(server)}/", flush=True)
    server.serve_forever()
