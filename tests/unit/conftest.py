# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The library on its own: no Odoo, no database, no network beyond this machine."""

import os
import sys
import tempfile
from pathlib import Path

import pytest
import responses
from hypothesis import settings

# The addon's own __init__ imports Odoo, so the library is imported without it, as
# ``urssaf``.
ADDON = Path(__file__).parents[2] / "l10n_fr_urssaf_sap"
sys.path.insert(0, str(ADDON))

from urssaf.api import transport
from urssaf.api.access_token import TokenStore
from urssaf.api.client import UrssafClient

from .samples import HOST, ID, SECRET, TOKEN, TOKEN_URL

# Every run has the same examples, and leaves no file in the working folder.
os.environ.setdefault(
    "HYPOTHESIS_STORAGE_DIRECTORY", os.path.join(tempfile.gettempdir(), "hypothesis")
)
settings.register_profile("unit", database=None, deadline=None, derandomize=True)
settings.load_profile("unit")


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch):
    """Tests count the tries of a call and need not wait for the pauses between them."""
    monkeypatch.setattr(transport, "BACKOFF", 0)


@pytest.fixture
def web():
    """An internet without an Urssaf: a test registers the addresses that can be reached."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        yield web


@pytest.fixture
def urssaf(web):
    """A client of an Urssaf that gives tokens; a test registers what else it answers."""
    web.post(TOKEN_URL, json={"access_token": TOKEN, "expires_in": 3600})
    with UrssafClient(HOST, ID, SECRET, TokenStore()) as client:
        yield client
