# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""However slowly an answer comes, and however much of it: a call has an end."""

import gzip
import json
import time
import zlib

import pytest
from urssaf.api import transport
from urssaf.api.client import UrssafClient
from urssaf.api.errors import Unavailable, Unsure
from urssaf.api.transport import (
    CALL_DEADLINE,
    CONNECT_TIMEOUT,
    LARGEST_ANSWER,
    READ_TIMEOUT,
)

from .local_server import LocalServer, answer, answer_bytes, pour, stay_silent, trickle
from .samples import ID, ID_CLIENT, M010, M050, M070, SECRET, WRITES, GivenToken
from .test_client_connection import client_of, no_proxy  # noqa: F401

OPERATIONS = (*WRITES, M070)
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 999999\r\n\r\n"
# A test machine may be slow; without a bound these calls would take minutes.
GENEROUS = 20


def expected(operation):
    return Unsure if operation in WRITES else Unavailable


def call(operation, behaviour, tokens=None, give_token=None):
    """The error of a call to a server that behaves so, and the seconds that it took."""
    start = time.monotonic()
    with LocalServer(behaviour, give_token) as server:
        urssaf = (
            UrssafClient(server.url, ID, SECRET, tokens)
            if tokens
            else client_of(server)
        )
        with urssaf, pytest.raises((Unsure, Unavailable)) as caught:
            operation.call(urssaf)
        return caught.value, time.monotonic() - start


# Time

TRICKLES = {
    "status line": trickle(b"HTTP/1.1 200 "),
    "header": trickle(OK + b"X-Name: "),
    "many headers": trickle(OK, b"X: y\r\n"),
    "continue": trickle(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": trickle(OK + b"Content-Length: 99999\r\n\r\n"),
    "body without a length": trickle(OK + b"Connection: close\r\n\r\n"),
    "size of a chunk": trickle(CHUNKED, b"0"),
    "chunks": trickle(CHUNKED, b"1\r\nx\r\n"),
    "trailers": trickle(CHUNKED + b"0\r\n", b"X: y\r\n"),
    "page of a maintenance": trickle(BUSY),
    "nothing at all": stay_silent,
}


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
@pytest.mark.parametrize("part", TRICKLES)
def test_an_answer_that_trickles_in_ends_at_the_deadline(monkeypatch, operation, part):
    monkeypatch.setattr(transport, "CALL_DEADLINE", 0.3)
    error, seconds = call(operation, TRICKLES[part], GivenToken())
    assert isinstance(error, expected(operation))
    assert seconds < GENEROUS


@pytest.mark.parametrize("part", ["header", "body", "nothing at all"])
def test_a_token_that_trickles_in_ends_there_too_and_nothing_leaves(monkeypatch, part):
    monkeypatch.setattr(transport, "CALL_DEADLINE", 0.3)
    error, seconds = call(M050, answer, give_token=TRICKLES[part])
    assert type(error) is Unavailable
    assert seconds < GENEROUS


def test_a_token_and_its_operation_share_one_deadline(monkeypatch):
    """The second half of a call has no more time than the first has left."""
    monkeypatch.setattr(transport, "CALL_DEADLINE", 1)
    ends = []
    real = transport._time_left

    def time_left(most=None):
        ends.append(transport._deadline.get())
        return real(most)

    monkeypatch.setattr(transport, "_time_left", time_left)
    with (
        LocalServer(lambda handler: answer(handler, M010.good)) as server,
        client_of(server) as urssaf,
    ):
        M010.call(urssaf)
        assert len(set(ends)) == 1
        M010.call(urssaf)
        assert len(set(ends)) == 2


def test_no_try_begins_after_the_deadline(monkeypatch):
    monkeypatch.setattr(transport, "CALL_DEADLINE", 0.2)

    def late(handler):
        handler.server.released.wait(0.15)
        handler.send_response(503)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with LocalServer(late) as server:
        urssaf = UrssafClient(server.url, ID, SECRET, GivenToken())
        with urssaf, pytest.raises(Unavailable):
            M070.call(urssaf)
        assert len(server.calls) <= 2


def test_no_pause_is_made_that_the_deadline_would_cut(monkeypatch):
    monkeypatch.setattr(transport, "CALL_DEADLINE", 3)
    pauses = []
    monkeypatch.setattr(time, "sleep", pauses.append)

    def busy(handler):
        handler.send_response(503)
        handler.send_header("Retry-After", "4")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    error, _seconds = call(M070, busy, GivenToken())
    assert error.retry_after == 4
    assert 4 not in pauses


def test_a_call_whose_time_is_up_does_not_even_connect(monkeypatch):
    monkeypatch.setattr(transport, "CALL_DEADLINE", -1)
    with LocalServer(lambda handler: answer(handler, M050.good)) as server:
        urssaf = UrssafClient(server.url, ID, SECRET, GivenToken())
        with urssaf, pytest.raises(Unavailable):
            M050.call(urssaf)
        assert server.connections == 0


def test_the_next_call_on_the_same_connection_has_all_of_its_time(monkeypatch):
    with (
        LocalServer(lambda handler: answer(handler, M010.good)) as server,
        client_of(server) as urssaf,
    ):
        for seconds in (30, 5, 60):
            monkeypatch.setattr(transport, "CALL_DEADLINE", seconds)
            assert M010.call(urssaf) == ID_CLIENT
    assert server.connections == 1


def test_the_deadline_leaves_room_for_one_slow_answer():
    assert CONNECT_TIMEOUT + READ_TIMEOUT < CALL_DEADLINE <= 120


# Size

BLANKS = b" " * (LARGEST_ANSWER + 1)
BOMB = gzip.compress(b" " * 50_000_000)
LARGE = {
    "plain": answer_bytes(BLANKS),
    "packed": answer_bytes(BOMB, Content_Encoding="gzip"),
    "deflated": answer_bytes(
        zlib.compress(b" " * 50_000_000), Content_Encoding="deflate"
    ),
    "packed twice": answer_bytes(gzip.compress(BOMB), Content_Encoding="gzip, gzip"),
    "packed in a way of its own": answer_bytes(b"x", Content_Encoding="zstd"),
    "no end": pour(OK + b"Connection: close\r\n\r\n", b" " * 65536),
    "header without an end": pour(OK + b"X: ", b"x" * 65536),
    "size of a chunk without an end": pour(CHUNKED, b"0" * 65536),
    "trailers without an end": pour(CHUNKED + b"0\r\n", b"X: y\r\n" * 10_000),
}


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
@pytest.mark.parametrize("what", LARGE)
def test_an_answer_that_is_too_large_is_none(operation, what):
    error, seconds = call(operation, LARGE[what], GivenToken())
    assert isinstance(error, expected(operation))
    assert seconds < GENEROUS


@pytest.mark.parametrize("what", ["plain", "packed", "no end"])
def test_a_token_s_answer_that_is_too_large_is_none(what):
    error, seconds = call(M050, answer, give_token=LARGE[what])
    assert type(error) is Unavailable
    assert seconds < GENEROUS


@pytest.mark.parametrize(
    "pack, encoding",
    [(bytes, "identity"), (gzip.compress, "gzip"), (zlib.compress, "deflate")],
    ids=["identity", "gzip", "deflate"],
)
def test_an_answer_of_usual_size_may_be_packed(pack, encoding):
    good = answer_bytes(pack(json.dumps(M010.good).encode()), Content_Encoding=encoding)
    with LocalServer(good) as server, client_of(server) as urssaf:
        assert M010.call(urssaf) == ID_CLIENT


# Contents that are costly to read

COSTLY = {
    "nesting": b"[" * 1_000_000,
    "nested objects": b'{"a":' * 300_000,
    "closed nesting": b"[" * 900_000 + b"]" * 900_000,
    "a huge number": b"9" * 1_900_000,
    "huge numbers": b"[" + b",".join([b"9" * 5000] * 300) + b"]",
    "a huge fraction": b"0." + b"9" * 1_900_000,
    "a huge power": b"[1e999999999, 1E9999999999999999999999]",
    "many items": b"[" + b",".join([b"{}"] * 600_000) + b"]",
    "many errors": b"[" + b",".join([b'{"code": "ERR_A"}'] * 100_000) + b"]",
    "no JSON, no text": bytes(range(128, 256)) * 15_000,
}


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
@pytest.mark.parametrize("what", COSTLY)
def test_an_answer_that_is_costly_to_read_is_read_quickly(operation, what):
    start = time.process_time()
    calls = []
    with LocalServer(answer_bytes(COSTLY[what])) as server:
        urssaf = UrssafClient(server.url, ID, SECRET, GivenToken(), calls.append)
        with urssaf:
            try:
                assert not operation.call(urssaf)
            except (Unsure, Unavailable) as error:
                assert isinstance(error, expected(operation))
    assert time.process_time() - start < GENEROUS
    assert len(str(calls)) < 20_000_000
