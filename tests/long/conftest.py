# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A real Odoo loaded in this very process, to be forked; a real stand-in Urssaf."""

import logging
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import stack
from stack.servers import Process, free_port, simulator_answers
from world import World

DATABASE = "test_long"
DELAY = 0.1  # seconds, each way
# What is logged before it is handled: two who change a row at the same time, by Odoo; a
# call that is made again, by urllib3.
HANDLED = ("could not serialize access",)
LOG = stack.CACHE / "test/long-odoo.log"


@pytest.fixture(scope="session")
def urssaf_url():
    port = free_port()
    command = [sys.executable, Path(__file__).with_name("stand_in.py")]
    process = Process("long-simulator")
    process.start(
        [*map(str, command), str(port), str(DELAY)], port, ROOT, simulator_answers
    )
    yield process.url
    process.stop()


@pytest.fixture(scope="session")
def log():
    """What Odoo logs in this process and those forked from it."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.unlink(missing_ok=True)
    handler = logging.FileHandler(LOG)
    # As Odoo's own, for stack.problems().
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    )
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return LOG


@pytest.fixture(scope="session")
def world(urssaf_url, log):
    stack.create_database(DATABASE)
    stack.install(DATABASE)
    return World(DATABASE, urssaf_url, log)


@pytest.fixture(autouse=True)
def clean_log(log):
    """Nothing may go wrong behind the scenes either."""
    start = log.stat().st_size
    yield
    recent = log.with_suffix(".recent")
    with open(log) as lines:
        lines.seek(start)
        recent.write_text(lines.read())
    troubles = stack.problems(recent)
    assert [text for text in troubles if not any(map(text.__contains__, HANDLED))] == []


@pytest.fixture
def tell(request, capsys):
    """Prints what a test found out and, at the end, how long it took."""
    started = time.monotonic()

    def tell(text):
        with capsys.disabled():
            print(f"\n  {text}", end="", flush=True)

    yield tell
    tell(f"{request.node.name}: {time.monotonic() - started:.0f} s\n")
