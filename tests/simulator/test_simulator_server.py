# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``python -m simulator`` as a process of its own: start, state file, stop."""

import http.client

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
