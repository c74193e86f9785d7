# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A real stand-in on a real port; each test finds it empty."""

import pytest
import requests
from simulator_client import CLIENTS, Clock, Provider

from simulator.app import create_app
from simulator.server import running


@pytest.fixture(scope="session")
def _clock():
    return Clock()


@pytest.fixture(scope="session")
def _app(_clock):
    app = create_app(clients=CLIENTS, clock=_clock)
    yield app
    app.extensions["store"].close()


@pytest.fixture(scope="session")
def _url(_app):
    with running(_app) as url:
        yield url


@pytest.fixture
def clock(_clock):
    _clock.reset()
    return _clock


@pytest.fixture
def url(_url, clock):
    """An empty stand-in."""
    assert requests.post(f"{_url}/control/reset").status_code == 200
    return _url


@pytest.fixture
def app(_app, url):
    return _app


@pytest.fixture
def dispatcher(_app, url):
    dispatcher = _app.extensions["dispatcher"]
    yield dispatcher
    dispatcher.interceptors.clear()


@pytest.fixture
def menage(url):
    provider = Provider(url, "menage")
    yield provider
    provider.session.close()


@pytest.fixture
def jardin(url):
    provider = Provider(url, "jardin")
    yield provider
    provider.session.close()
