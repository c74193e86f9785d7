# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The connection: its hosts, its time-outs, and the ways in which a real one breaks."""

import io
import json
import socket
import threading

import pytest
import requests
from requests.adapters import HTTPAdapter
from urssaf.api import transport
from urssaf.api.access_token import TokenStore
from urssaf.api.client import UrssafClient, checked_host
from urssaf.api.errors import Misconfigured, Unavailable, Unsure, UrssafError
from urssaf.api.transport import CONNECT_TIMEOUT, READ_TIMEOUT

from .local_server import LocalServer, answer, hang_up, redirect, stay_silent
from .samples import (
    HOST,
    ID,
    ID_CLIENT,
    M010,
    M050,
    M070,
    OPERATIONS,
    SECRET,
    TOKEN_URL,
    WRITES,
    GivenToken,
)

# Hosts


@pytest.mark.parametrize(
    "host",
    [
        "https://api.urssaf.fr",
        "https://api.urssaf.fr:8443",
        "HTTPS://api.urssaf.fr",
        "https://urssaf.example/a/prefix",
        "http://localhost",
        "http://localhost:8070",
        "http://LOCALHOST:8070",
        "http://127.0.0.1:8070",
        "http://[::1]:8070",
    ],
)
def test_https_or_this_very_machine_is_allowed(host):
    assert checked_host(host) == host
    assert checked_host(host + "/") == host


@pytest.mark.parametrize(
    "host",
    [
        "",
        "/",
        "https://",
        "api.urssaf.fr",
        "//api.urssaf.fr",
        "http://api.urssaf.fr",
        "http://192.168.1.10",
        "http://0.0.0.0",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://localhost@urssaf.example",
        "http://localhost:80@urssaf.example",
        "http://urssaf.example/localhost",
        "http://urssaf.example#localhost",
        "ftp://localhost",
        "file:///etc/hosts",
        "javascript:alert(1)",
    ],
)
def test_any_other_host_is_misconfigured(host):
    with pytest.raises(Misconfigured):
        checked_host(host)
    with pytest.raises(Misconfigured):
        UrssafClient(host, ID, SECRET)


# Proxies

PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY")


@pytest.fixture
def proxy(monkeypatch):
    """A listener that the environment names as its proxy; it takes no connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        for name in PROXIES:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            monkeypatch.setenv(name, address)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        yield listener


def test_plain_http_stays_on_this_machine_whatever_proxy_there_is(proxy):
    with LocalServer(stay_silent) as server:
        for host in (server.url, server.url.replace("http", "HTTP", 1)):
            with UrssafClient(host, ID, SECRET, TokenStore()) as urssaf:
                urssaf.authenticate()
        assert len(server.calls) == 2
    proxy.setblocking(False)
    with pytest.raises(BlockingIOError):
        proxy.accept()


def test_https_goes_through_the_proxy_of_the_environment(proxy):
    said = []

    def listen():
        connection, _address = proxy.accept()
        with connection:
            said.append(connection.recv(1000))

    thread = threading.Thread(target=listen)
    thread.start()
    with (
        UrssafClient("https://urssaf.invalid", ID, SECRET, TokenStore()) as urssaf,
        pytest.raises(UrssafError),
    ):
        urssaf.authenticate()
    thread.join()
    assert said[0].startswith(b"CONNECT urssaf.invalid:443")
    assert SECRET.encode() not in said[0]


@pytest.mark.parametrize("host", ["https://[::1", "https://[nonsense]", "http://["])
def test_an_address_that_is_none_is_misconfigured_not_a_crash(host):
    with pytest.raises(Misconfigured):
        checked_host(host)


@pytest.mark.parametrize("host", [r"http://urssaf.example\@localhost"])
def test_plain_http_cannot_be_smuggled_past_the_loopback_rule(host):
    # Python's urlsplit reads "localhost" here, but urllib3 connects to urssaf.example.
    with pytest.raises(Misconfigured):
        checked_host(host)


@pytest.mark.parametrize(
    "host",
    ["https://user:pass@urssaf.example", "https://urssaf.example?a=b", HOST + "/#a"],
)
def test_a_host_is_no_more_than_an_address(host):
    # requests turns user:pass@ into an Authorization of its own, in place of the token.
    with pytest.raises(Misconfigured):
        checked_host(host)


# Redirections


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_redirection_is_followed(web, urssaf, operation, status):
    elsewhere = "https://elsewhere.example/"
    stolen = web.add(operation.method, elsewhere, json=operation.good)
    web.get(elsewhere, json=operation.good)
    web.add(
        operation.method,
        operation.url,
        status=status,
        headers={"Location": elsewhere},
    )
    with pytest.raises(UrssafError):
        operation.call(urssaf)
    assert stolen.call_count == 0
    assert all(call.request.url.startswith(HOST) for call in web.calls)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_secret_is_not_sent_after_a_redirection(web, urssaf, status):
    web.replace(
        "POST",
        TOKEN_URL,
        status=status,
        headers={"Location": "https://elsewhere.example/"},
    )
    with pytest.raises(Unavailable):
        urssaf.authenticate()
    assert [call.request.url for call in web.calls] == [TOKEN_URL]


# Time-outs and certificates


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_call_has_time_outs_and_checks_the_certificate(
    web, urssaf, operation, monkeypatch
):
    # These name other authorities to trust; they do not weaken the check.
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    web.add(operation.method, operation.url, json=operation.good)
    operation.call(urssaf)
    assert len(web.calls) == 2
    for call in web.calls:
        options = call.request.req_kwargs
        assert options["timeout"] == (CONNECT_TIMEOUT, READ_TIMEOUT)
        assert options["verify"] is True


def test_the_time_outs_are_of_a_human_size():
    assert 1 <= CONNECT_TIMEOUT <= 15
    assert 15 <= READ_TIMEOUT <= 60


def test_the_time_outs_live_in_the_adapter_not_in_the_session(monkeypatch):
    # Odoo's test classes patch Session.send and compare its timeout with a number.
    seen = []

    def send(self, request, **kwargs):
        seen.append(kwargs["timeout"])
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "send", send)
    urssaf = UrssafClient(HOST, ID, SECRET, TokenStore())
    with urssaf, pytest.raises(Unavailable):
        urssaf.authenticate()
    assert seen == [None]


def test_an_explicit_time_out_wins(monkeypatch):
    seen = []

    def send(self, request, **kwargs):
        seen.append(kwargs["timeout"])
        response = requests.Response()
        response.raw = io.BytesIO()
        return response

    monkeypatch.setattr(HTTPAdapter, "send", send)
    request = requests.Request("GET", HOST).prepare()
    transport.Adapter(safe_posts=()).send(request, timeout=3)
    assert seen == [3]


def test_leaving_the_with_block_closes_the_connections(monkeypatch):
    closed = []
    monkeypatch.setattr(requests.Session, "close", lambda self: closed.append(self))
    with pytest.raises(ZeroDivisionError), UrssafClient(HOST, ID, SECRET):
        assert closed == []
        raise ZeroDivisionError
    assert len(closed) == 1


# A real server


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")


def client_of(server):
    return UrssafClient(server.url, ID, SECRET, TokenStore())


def kind_of_failure(urssaf, operation):
    with urssaf, pytest.raises(UrssafError) as caught:
        operation.call(urssaf)
    return type(caught.value)


def good(operation):
    return lambda handler: answer(handler, operation.good)


def test_several_calls_share_one_connection():
    with LocalServer(good(M010)) as server, client_of(server) as urssaf:
        assert [M010.call(urssaf) for _ in range(3)] == [ID_CLIENT] * 3
    assert server.calls == [
        "/api/oauth/v1/token",
        *["/atp/v1/tiersPrestations/particulier"] * 3,
    ]
    assert server.connections == 1


def test_a_failure_does_not_cost_the_connection():
    def unavailable(handler):
        body = json.dumps([{"code": "ERR_A"}] * 1000).encode()
        handler.send_response(500)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with LocalServer(unavailable) as server, client_of(server) as urssaf:
        for _ in range(3):
            with pytest.raises(Unsure):
                M050.call(urssaf)
    assert server.connections == 1


def test_two_clients_have_a_connection_each():
    with (
        LocalServer(good(M010)) as server,
        client_of(server) as one,
        client_of(server) as other,
    ):
        M010.call(one)
        M010.call(other)
    assert server.connections == 2


def test_a_connection_that_the_server_closed_in_between_is_opened_again():
    def last(handler):
        handler.close_connection = True
        answer(handler, M010.good)

    with LocalServer(last) as server, client_of(server) as urssaf:
        assert M010.call(urssaf) == ID_CLIENT
        connection_closed(urssaf)
        assert M010.call(urssaf) == ID_CLIENT
    assert server.connections == 2


def connection_closed(urssaf):
    """Wait until this side knows that the server closed the kept connection."""
    pool = urssaf._session.get_adapter("http://").poolmanager
    (key,) = pool.pools.keys()
    connection = next(c for c in pool.pools.get(key).pool.queue if c)
    assert connection.sock.recv(1, socket.MSG_PEEK) == b""


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["token", *WRITES, M070], ids=str)
def test_a_redirection_to_another_host_reaches_nobody(where, status):
    operation = M070 if where == "token" else where
    with LocalServer(hang_up) as elsewhere:
        away = redirect(f"{elsewhere.url}/elsewhere", status)
        token = away if where == "token" else None
        with LocalServer(away, give_token=token) as server:
            assert kind_of_failure(client_of(server), operation) is Unavailable
    assert len(server.calls) == (1 if where == "token" else 2)
    assert elsewhere.connections == 0


def cut(operation):
    return lambda handler: answer(handler, operation.good, missing=5)


@pytest.mark.parametrize("operation", (*WRITES, M070), ids=str)
@pytest.mark.parametrize("how", ["hang up", "cut"])
def test_a_connection_lost_after_the_work_leaves_a_write_unsure(operation, how):
    behaviour = hang_up if how == "hang up" else cut(operation)
    expected = Unsure if operation in WRITES else Unavailable
    with LocalServer(behaviour) as server:
        assert kind_of_failure(client_of(server), operation) is expected
    tries = len(server.calls) - 1
    # A search is safe to repeat. It is not repeated where the answer breaks off in the
    # middle: that is rare, and the scheduled action asks again.
    assert tries == (3 if operation is M070 and how == "hang up" else 1)


@pytest.mark.parametrize("operation", (*WRITES, M070), ids=str)
def test_a_server_that_stays_silent_is_left_after_the_time_out(operation, monkeypatch):
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.05)
    expected = Unsure if operation in WRITES else Unavailable
    with LocalServer(stay_silent) as server:
        # A token is given without a call, which a slow machine might not answer in time.
        urssaf = UrssafClient(server.url, ID, SECRET, GivenToken())
        assert kind_of_failure(urssaf, operation) is expected


@pytest.mark.parametrize("operation", (*WRITES, M070), ids=str)
def test_a_port_where_nobody_listens_is_unavailable(operation):
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        urssaf = UrssafClient(host, ID, SECRET, GivenToken())
        assert kind_of_failure(urssaf, operation) is Unavailable


@pytest.mark.parametrize("operation", (*WRITES, M070), ids=str)
def test_a_tls_handshake_that_fails_is_unavailable(operation):
    with LocalServer(hang_up) as server:
        host = server.url.replace("http:", "https:")
        urssaf = UrssafClient(host, ID, SECRET, GivenToken())
        assert kind_of_failure(urssaf, operation) is Unavailable
    assert server.calls == []


def test_clients_in_several_threads_share_the_token_and_nothing_else():
    tokens = TokenStore()
    found = []

    def work():
        with UrssafClient(server.url, ID, SECRET, tokens) as urssaf:
            found.append(M010.call(urssaf))

    with LocalServer(good(M010)) as server:
        with UrssafClient(server.url, ID, SECRET, tokens) as urssaf:
            urssaf.authenticate()
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [ID_CLIENT] * 4
    assert server.calls.count("/api/oauth/v1/token") == 1
