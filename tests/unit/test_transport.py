# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which calls are made again by themselves, and after which pauses."""

import logging
import time

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry, connection
from urssaf.api import transport
from urssaf.api.client import UrssafClient
from urssaf.api.errors import Unavailable, Unsure, UrssafError

from .local_server import LocalServer, answer, hang_up
from .samples import (
    ID,
    M010,
    M020,
    M050,
    M070,
    OPERATIONS,
    READS,
    SECRET,
    TOKEN_URL,
    WRITES,
    GivenToken,
)
from .test_client_connection import client_of

PASSING = (429, 500, 502, 503, 504)


@pytest.fixture
def pauses(monkeypatch):
    """The pauses between tries, recorded instead of made."""
    made = []
    monkeypatch.setattr(time, "sleep", made.append)
    monkeypatch.setattr(transport, "BACKOFF", 0.5)
    return made


def failures(web, operation, *statuses, **headers):
    for status in statuses:
        web.add(operation.method, operation.url, status=status, headers=headers)


@pytest.mark.parametrize("operation", READS, ids=str)
@pytest.mark.parametrize("status", PASSING)
def test_a_read_gets_over_two_failures(web, urssaf, operation, status):
    failures(web, operation, status, status)
    web.add(operation.method, operation.url, json=operation.good)
    operation.call(urssaf)
    assert len(web.calls) == 4


class Failing:
    """A server's behaviour: it answers with these statuses first, then as M070 should."""

    def __init__(self, *statuses, **headers):
        self.statuses = list(statuses)
        self.headers = headers

    def __call__(self, handler):
        if not self.statuses:
            answer(handler, M070.good)
            return
        handler.send_response(self.statuses.pop(0))
        for name, value in (self.headers | {"Content-Length": "0"}).items():
            handler.send_header(name, value)
        handler.end_headers()


def search(behaviour):
    """The calls that a real server with this behaviour gets for one search."""
    with LocalServer(behaviour) as server, client_of(server) as urssaf:
        try:
            M070.call(urssaf)
        finally:
            calls = server.calls[1:]
    return calls


def test_the_pauses_between_grow_from_nothing(pauses):
    assert len(search(Failing(503, 500))) == 3
    assert [pause for pause in pauses if pause] == [1.0]


@pytest.mark.parametrize("operation", READS, ids=str)
def test_a_third_failure_is_the_answer(web, urssaf, operation, pauses):
    failures(web, operation, *[503] * 4)
    with pytest.raises(Unavailable, match="HTTP 503"):
        operation.call(urssaf)
    assert len(web.calls) == 4


@pytest.mark.parametrize("operation", WRITES, ids=str)
@pytest.mark.parametrize("status", PASSING)
def test_a_write_is_never_made_again(web, urssaf, operation, status, pauses):
    failures(web, operation, status)
    web.add(operation.method, operation.url, json=operation.good)
    with pytest.raises(UrssafError):
        operation.call(urssaf)
    assert len(web.calls) == 2
    assert pauses == []


def test_a_token_is_asked_for_again(web, urssaf, pauses):
    web.remove("POST", TOKEN_URL)
    web.post(TOKEN_URL, status=503)
    web.post(TOKEN_URL, json={"access_token": "t", "expires_in": 3600})
    urssaf.authenticate()
    assert len(web.calls) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_short_retry_after_is_waited_for(status, pauses):
    assert len(search(Failing(status, **{"Retry-After": "3"}))) == 2
    assert 3 in pauses


@pytest.mark.parametrize(
    "operation, status",
    [*((operation, 429) for operation in OPERATIONS), (M020, 503), (M070, 503)],
    ids=str,
)
def test_a_long_retry_after_is_left_to_the_caller(
    web, urssaf, operation, status, pauses
):
    failures(web, operation, status, **{"Retry-After": "120"})
    with pytest.raises(Unavailable) as caught:
        operation.call(urssaf)
    assert caught.value.retry_after == 120
    assert len(web.calls) == 2
    assert pauses == []


def test_a_token_s_retry_after_is_left_to_the_caller_too(web, urssaf, pauses):
    web.remove("POST", TOKEN_URL)
    web.post(TOKEN_URL, status=429, headers={"Retry-After": "60"})
    with pytest.raises(Unavailable) as caught:
        M020.call(urssaf)
    assert caught.value.retry_after == 60
    assert len(web.calls) == 1


@pytest.mark.parametrize(
    "header",
    ["Wed, 21 Oct 2099 07:28:00 GMT", "9" * 30, "9" * 5000, "3601"],
    ids=lambda header: header[:30],
)
def test_no_retry_after_is_longer_than_an_hour(web, urssaf, header, pauses):
    failures(web, M050, 429, **{"Retry-After": header})
    with pytest.raises(Unavailable) as caught:
        M050.call(urssaf)
    assert caught.value.retry_after == 3600


SENSELESS = (
    "soon",
    "-5",
    "1.5",
    "1e400",
    "NaN",
    "12, 13",
    "Wed, 21 Oct 99999 07:28:00 GMT",
)


@pytest.mark.parametrize("operation", WRITES, ids=str)
@pytest.mark.parametrize("header", SENSELESS)
def test_a_retry_after_that_nobody_understands_is_none(web, urssaf, operation, header):
    failures(web, operation, 429, **{"Retry-After": header})
    with pytest.raises(Unavailable) as caught:
        operation.call(urssaf)
    assert caught.value.retry_after is None


@pytest.mark.parametrize("header", [*SENSELESS, "9" * 5000])
def test_a_search_told_to_wait_it_does_not_know_how_long_gives_up(header):
    with pytest.raises(Unavailable):
        search(Failing(429, **{"Retry-After": header}))


@pytest.mark.parametrize("header", SENSELESS)
def test_a_token_s_senseless_retry_after_is_none_either(web, urssaf, header):
    web.replace("POST", TOKEN_URL, status=429, headers={"Retry-After": header})
    with pytest.raises(Unavailable) as caught:
        M050.call(urssaf)
    assert caught.value.retry_after is None


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_a_write_that_may_have_worked_is_made_once_over_a_real_connection(operation):
    with (
        LocalServer(hang_up) as server,
        client_of(server) as urssaf,
        pytest.raises(Unsure),
    ):
        operation.call(urssaf)
    assert len(server.calls) == 2


def test_a_search_gets_over_a_connection_that_is_cut(caplog):
    hung_up = []

    def once(handler):
        if hung_up:
            answer(handler, M070.good)
        else:
            hung_up.append(True)
            hang_up(handler)

    with LocalServer(once) as server, client_of(server) as urssaf:
        M070.call(urssaf)
    assert len(server.calls) == 3
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


def test_the_warnings_of_others_about_their_tries_are_not_hidden(caplog):
    with (
        LocalServer(hang_up) as server,
        requests.Session() as other,
        client_of(server) as urssaf,
        pytest.raises(Unsure),
    ):
        again = Retry(1, allowed_methods=None)
        other.mount("http://", HTTPAdapter(max_retries=again))
        with pytest.raises(requests.ConnectionError):
            other.post(server.url, json={})
        M010.call(urssaf)
    warnings = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert [each.name for each in warnings] == ["urllib3.connectionpool"]


@pytest.mark.parametrize("operation", (M010, M050, M070), ids=str)
def test_a_call_that_cannot_leave_is_tried_once_more(operation, monkeypatch):
    tries = []
    create_connection = connection.create_connection

    def count(address, *args, **kwargs):
        tries.append(address)
        return create_connection(address, *args, **kwargs)

    monkeypatch.setattr(connection, "create_connection", count)
    with LocalServer(hang_up) as server:
        gone = server.url
    urssaf = UrssafClient(gone, ID, SECRET, GivenToken())
    with urssaf, pytest.raises(Unavailable):
        operation.call(urssaf)
    assert len(tries) == 2
