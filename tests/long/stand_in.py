# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The stand-in Urssaf behind a slow line: python tests/long/stand_in.py PORT DELAY

A call is on its way for DELAY seconds before it is worked, and its answer for as long.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from simulator.app import create_app
from simulator.server import bind, url_of


class SlowLine:
    def __init__(self, seconds):
        self.seconds = seconds

    def before(self, call):
        time.sleep(self.seconds)

    def after(self, call, answer):
        time.sleep(self.seconds)
        return answer


if __name__ == "__main__":
    app = create_app()
    app.extensions["dispatcher"].interceptors.append(SlowLine(float(sys.argv[2])))
    server = bind(app, port=int(sys.argv[1]))
    print(f"Slow stand-in Urssaf listening on {url_of(server)}/", flush=True)
    server.serve_forever()
