# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The heart on its own: no Odoo, no database, no network but this very machine."""

import os
import sys
import tempfile
from pathlib import Path

import pytest
import responses
from hypothesis import settings

# The addon's own __init__ imports Odoo, so the heart is imported past it, as ``urssaf``.
# (urssaf/ itself stays off the path: its token.py would hide Python's own.)
ADDON = Path(__file__).parents[2] / "l10n_fr_urssaf_sap"
sys.path.insert(0, str(ADDON))

from urssaf.api import transport
from urssaf.api.access_token import TokenStore
from urssaf.api.client import UrssafClient

from .samples import HOST, ID, SECRET, TOKEN, TOKEN_URL

# The same examples on every run, and no file left in the working folder.
os.environ.setdefault(
    "HYPOTHESIS_STORAGE_DIRECTORY", os.path.join(tempfile.gettempdir(), "hypothesis")
)
settings.register_profile("unit", database=None, deadline=None, derandomize=True)
settings.load_profile("unit")


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch):
    """The tries are counted, the pauses between them need not be sat through."""
    monkeypatch.setattr(transport, "BACKOFF", 0)


@pytest.fixture
def web():
    """An internet without an Urssaf: what is not registered cannot be reached."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        yield web


@pytest.fixture
def urssaf(web):
    """A client of an Urssaf that gives tokens, and otherwise what the test registers."""
    web.post(TOKEN_URL, json={"access_token": TOKEN, "expires_in": 3600})
    with UrssafClient(HOST, ID, SECRET, TokenStore()) as client:
        yield client
