# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A real Odoo with the demo's data, a real stand-in Urssaf, a real browser."""

import json
import shutil
import sys
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import canaries
import stack
from mail_server import MailServer
from odoo_page import OdooPage

DATABASE = "test_e2e"
OUTPUT = stack.CACHE / "test"
CHROMIUM = "/usr/bin/chromium"
expect.set_options(timeout=30_000)  # as long as for an action: the machine may be busy
# Chromium looks for services of its own on the network, which tests do without.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Urssaf:
    """The stand-in, seen from the test: switch it, steer it, read what it received."""

    def __init__(self):
        self.state = OUTPUT / "e2e-simulator.sqlite"
        for file in OUTPUT.glob(f"{self.state.name}*"):
            file.unlink()
        self.port = None
        self.start()

    @property
    def url(self):
        return self.process.url

    def start(self):
        prefix = f"--token-prefix={canaries.TOKEN_PREFIX}"
        self.process = stack.start_simulator(
            self.port, self.state, "e2e-simulator", prefix
        )
        self.port = self.process.port

    def stop(self):
        """Switch it off; ``start`` brings it back at the same address, with its state."""
        self.process.stop()

    def get(self, path):
        return requests.get(f"{self.url}/control/{path}", timeout=10).json()

    def calls(self, operation):
        return [
            call["body"]
            for call in self.get(f"calls?operation={operation}")
            if call["status"] == 200
        ]

    def demandes(self):
        return {
            demande["numFactureTiers"]: demande
            for demande in self.get("state")["demandes"]
        }


@pytest.fixture(scope="session")
def urssaf():
    OUTPUT.mkdir(parents=True, exist_ok=True)
    urssaf = Urssaf()
    yield urssaf
    keep_bodies(urssaf)
    urssaf.process.stop()


def keep_bodies(urssaf):
    """What the journey really sent, for whoever holds it against the contract."""
    folder = OUTPUT / "bodies"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for operation in ("M010", "M050", "M070"):
        for number, body in enumerate(urssaf.calls(operation), 1):
            file = folder / f"{operation}-{number:03}.json"
            file.write_text(json.dumps(body, ensure_ascii=False, indent=1))


@pytest.fixture(scope="session")
def mailbox():
    with MailServer() as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="session")
def odoo(urssaf, mailbox):
    stack.prepare_database(True, True, urssaf.process, DATABASE)
    mail = ("--smtp=127.0.0.1", f"--smtp-port={mailbox.port}")
    process = stack.start_odoo(DATABASE, None, *mail)
    yield process
    process.stop()
    # Odoo itself logs what it tells a user in a dialog; nothing else may be there.
    problems = [
        line for line in stack.problems(process.log) if "odoo.http: " not in line
    ]
    assert problems == []


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def screenshots():
    folder = OUTPUT / "screenshots"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def log_in(browser, odoo, screenshots, request):
    """``log_in("camille")`` gives an OdooPage; one picture is kept where a test fails."""
    pages = []

    def log_in(login):
        context = browser.new_context(
            viewport={"width": 1360, "height": 900}, locale="fr-FR"
        )
        page = OdooPage(context.new_page(), odoo.url, screenshots)
        page.log_in(login)
        pages.append(page)
        return page

    yield log_in
    for page in pages:
        if request.session.testsfailed:
            page.picture(f"failed-{request.node.name}")
        page.page.context.close()
        assert page.errors == []


@pytest.fixture
def camille(log_in):
    return log_in("camille")
