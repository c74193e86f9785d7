# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``python -m simulator`` as a process of its own: start, state file, stop."""

import http.client
import os

import pytest
import requests
from simulator_client import Provider
from simulator_process import CLIENT_OPTIONS, simulator


def test_a_restart_keeps_the_state(tmp_path):
    options = ("--state", str(tmp_path / "urssaf.sqlite"), *CLIENT_OPTIONS)
    with simulator(*options) as url:
        menage = Provider(url, "menage")
        id_client = menage.register().json()["idClient"]
        menage.registration(id_client)
        before = menage.state(), menage.calls()
        authorization = menage.session.headers["Authorization"]
        menage.session.close()
    with simulator(*options) as url:
        menage = Provider(url, "menage")
        assert menage.state() == before[0]
        assert menage.calls()[: len(before[1])] == before[1]
        # A token outlives the restart.
        menage.session.headers["Authorization"] = authorization
        assert menage.registration(id_client).status_code == 200
        menage.session.close()


def test_without_a_state_file_each_start_is_empty():
    for _start in range(2):
        with simulator(*CLIENT_OPTIONS) as url:
            menage = Provider(url, "menage")
            assert menage.state()["particuliers"] == []
            menage.register()
            menage.session.close()


def test_the_default_client():
    form = {
        "grant_type": "client_credentials",
        "scope": "homeplus.tiersprestations",
        "client_id": "demo",
        "client_secret": "demo-secret",
    }
    with simulator() as url:
        assert requests.post(f"{url}/api/oauth/v1/token", data=form).ok


def test_a_connection_stays_open_whatever_is_asked(url):
    host = url.removeprefix("http://")
    connection = http.client.HTTPConnection(host)
    connection.connect()
    socket = connection.sock
    for method, path, body in (
        ("GET", "/control/state", None),
        ("POST", "/nowhere", b"a body that nobody reads"),
        ("POST", "/api/oauth/v1/token", b"grant_type=x"),
        ("GET", "/", None),
        ("GET", "/static/style.css", None),
        ("HEAD", "/", None),
        ("GET", "/control/state", None),
    ):
        connection.request(method, path, body)
        answer = connection.getresponse()
        answer.read()
        assert answer.version == 11
        assert connection.sock is socket
    connection.close()


def test_nobody_else_reads_the_state(tmp_path):
    state = tmp_path / "urssaf.sqlite"
    state.touch(mode=0o644)  # one from before
    mask = os.umask(0)
    try:
        with simulator("--state", str(state), *CLIENT_OPTIONS) as url:
            menage = Provider(url, "menage")
            menage.register()
            menage.session.close()
            files = list(tmp_path.iterdir())
            assert len(files) > 1  # SQLite has some beside it
            assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    finally:
        os.umask(mask)


# Whose page it is that asks: a browser says so in Host and Origin


def ask(url, method="GET", path="/control/state", **headers):
    return requests.request(method, url + path, headers=headers).status_code


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_this_very_machine_is_served(url, name):
    port = url.rpartition(":")[2]
    assert ask(url, Host=f"{name}:{port}") == 200


@pytest.mark.parametrize(
    "name",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.9"],
)
@pytest.mark.parametrize("path", ["/", "/control/state", "/static/style.css"])
def test_a_name_that_only_leads_here_is_not(url, name, path):
    assert ask(url, path=path, Host=name) == 421
    assert ask(url, path=path, Host=f"{name}:8090") == 421


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:1", "http://localhost", "null"]
)
@pytest.mark.parametrize("path", ["/control/reset", "/control/faults", "/"])
def test_another_pages_form_or_script_does_nothing(url, menage, origin, path):
    menage.register()
    before = menage.state()
    assert ask(url, "POST", path, Origin=origin) == 403
    assert ask(url, "GET", path, Origin=origin) == 403
    assert menage.state() == before


def test_its_own_page_and_programs_are_served(url):
    assert ask(url, "POST", "/control/reset", Origin=url) == 200
    assert ask(url, "POST", "/control/reset") == 200
