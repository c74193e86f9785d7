# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every way a call can fail, and which of the four errors it becomes."""

import socket
import ssl

import pytest
import requests
from requests import exceptions
from urllib3 import exceptions as low
from urssaf.api.errors import (
    ApiError,
    Misconfigured,
    Refused,
    Unavailable,
    Unreadable,
    Unsure,
    UrssafError,
)

from .samples import (
    M010,
    M020,
    M050,
    M070,
    OPERATIONS,
    READS,
    TOKEN_URL,
    WRITES,
    Operation,
)

HTML = "<html><body>Service indisponible</body></html>"
ERRORS = [
    {"code": "ERR_A", "message": "a", "description": "about a"},
    {"code": "ERR_B", "message": "b"},
]


def raised(operation: Operation, urssaf) -> UrssafError:
    with pytest.raises(UrssafError) as caught:
        operation.call(urssaf)
    return caught.value


def gave_up(reason):
    """The error with which urllib3 gives up for this reason."""
    return low.MaxRetryError(None, "/", reason)


# With these, nothing reached the Urssaf.
NOT_LEFT = {
    "connection refused": exceptions.ConnectionError(
        gave_up(low.NewConnectionError(None, "refused"))
    ),
    "host name unknown": exceptions.ConnectionError(
        gave_up(low.NameResolutionError("host", None, socket.gaierror()))
    ),
    "connection timed out": exceptions.ConnectTimeout(
        gave_up(low.ConnectTimeoutError())
    ),
    "certificate not trusted": exceptions.SSLError(
        gave_up(low.SSLError(ssl.SSLCertVerificationError()))
    ),
}
# With these, the call left and the answer is lost: a write may have been done.
LEFT = {
    "read timeout": exceptions.ReadTimeout(low.ReadTimeoutError(None, "/", "slow")),
    "read timeout in the body": exceptions.ConnectionError(
        low.ReadTimeoutError(None, "/", "slow")
    ),
    "connection aborted": exceptions.ConnectionError(
        low.ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))
    ),
    "body cut": exceptions.ChunkedEncodingError(
        low.ProtocolError(low.IncompleteRead(3, 10))
    ),
    "body garbled": exceptions.ContentDecodingError(low.DecodeError("gzip")),
    "ssl broken in the body": exceptions.SSLError(
        low.SSLError(ssl.SSLError("DECRYPTION_FAILED_OR_BAD_RECORD_MAC"))
    ),
    "no reason given": exceptions.ConnectionError(),
    # What requests and urllib3 choke on is not always one of their own errors.
    "a redirection to nowhere": ValueError("Invalid IPv6 URL"),
    "a number too large": OverflowError("timestamp out of range"),
    "a text of another world": UnicodeEncodeError("latin-1", "\u2013", 0, 1, "no"),
    "an encoding of another world": LookupError("unknown encoding"),
    "a header of another world": low.HeaderParsingError([], None),
    "something else": AttributeError("'NoneType' object has no attribute"),
}


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
@pytest.mark.parametrize("failure", NOT_LEFT)
def test_a_call_that_never_left_is_unavailable(web, urssaf, operation, failure):
    web.add(operation.method, operation.url, body=NOT_LEFT[failure])
    assert type(raised(operation, urssaf)) is Unavailable


@pytest.mark.parametrize("operation", WRITES, ids=str)
@pytest.mark.parametrize("failure", LEFT)
def test_a_write_whose_answer_is_lost_is_unsure(web, urssaf, operation, failure):
    web.add(operation.method, operation.url, body=LEFT[failure])
    assert type(raised(operation, urssaf)) is Unsure
    assert len(web.calls) == 2, "never repeated by itself"


@pytest.mark.parametrize("operation", READS, ids=str)
@pytest.mark.parametrize("failure", LEFT)
def test_a_read_whose_answer_is_lost_is_unavailable(web, urssaf, operation, failure):
    web.add(operation.method, operation.url, body=LEFT[failure])
    assert type(raised(operation, urssaf)) is Unavailable


# The answer, the error that a write raises, the error that a read raises.
ANSWERS = {
    "300": ({"status": 300, "body": HTML}, Unavailable, Unavailable),
    "301": ({"status": 301, "headers": {"Location": "/"}}, Unavailable, Unavailable),
    "302": ({"status": 302, "headers": {"Location": "/"}}, Unavailable, Unavailable),
    "307": ({"status": 307, "headers": {"Location": "/"}}, Unavailable, Unavailable),
    "308": ({"status": 308, "headers": {"Location": "/"}}, Unavailable, Unavailable),
    "400 array": ({"status": 400, "json": ERRORS}, Refused, Refused),
    "400 object": ({"status": 400, "json": ERRORS[0]}, Refused, Refused),
    "400 empty": ({"status": 400, "body": ""}, Refused, Refused),
    "400 empty array": ({"status": 400, "json": []}, Refused, Refused),
    "400 errors in an object": (
        {"status": 400, "json": {"Errors": ERRORS}},
        Refused,
        Refused,
    ),
    "413": ({"status": 413, "body": ""}, Refused, Refused),
    "422": ({"status": 422, "json": ERRORS}, Refused, Refused),
    # A gateway, or a firewall that dislikes a word, speaks for itself.
    "400 HTML": ({"status": 400, "body": HTML}, Unsure, Unreadable),
    "400 text": ({"status": 400, "body": "Bad Request"}, Unsure, Unreadable),
    "400 cut": ({"status": 400, "body": '[{"code": "ERR'}, Unsure, Unreadable),
    "400 a gateway's JSON": (
        {"status": 400, "json": {"status": 400, "error": "Bad Request", "path": "/"}},
        Unsure,
        Unreadable,
    ),
    "413 HTML": ({"status": 413, "body": HTML}, Unsure, Unreadable),
    "422 HTML": ({"status": 422, "body": HTML}, Unsure, Unreadable),
    "403 HTML": ({"status": 403, "body": HTML}, Unsure, Unreadable),
    "403 JSON": (
        {"status": 403, "json": {"error": "forbidden"}},
        Misconfigured,
        Misconfigured,
    ),
    "403": ({"status": 403, "body": ""}, Misconfigured, Misconfigured),
    "404": ({"status": 404, "body": HTML}, Unavailable, Unavailable),
    "405": ({"status": 405, "body": ""}, Unavailable, Unavailable),
    "429": ({"status": 429, "body": ""}, Unavailable, Unavailable),
    "500 errors": ({"status": 500, "json": ERRORS}, Unsure, Unavailable),
    "500 empty": ({"status": 500, "body": ""}, Unsure, Unavailable),
    "502": ({"status": 502, "body": HTML}, Unsure, Unavailable),
    "503 empty": ({"status": 503, "body": ""}, Unsure, Unavailable),
    "503 HTML": ({"status": 503, "body": HTML}, Unsure, Unavailable),
    "504": ({"status": 504, "body": HTML}, Unsure, Unavailable),
    "200 HTML": ({"status": 200, "body": HTML}, Unsure, Unavailable),
    "200 empty": ({"status": 200, "body": ""}, Unsure, Unavailable),
    "200 truncated": ({"status": 200, "body": '[{"numFac'}, Unsure, Unavailable),
    "200 too deep": ({"status": 200, "body": "[" * 100_000}, Unsure, Unavailable),
    "200 null": ({"status": 200, "json": None}, Unsure, Unavailable),
    "200 a string": ({"status": 200, "json": "OK"}, Unsure, Unavailable),
    "200 a number": ({"status": 200, "json": 12}, Unsure, Unavailable),
    "200 a flag": ({"status": 200, "json": True}, Unsure, Unavailable),
    "200 not utf-8": ({"status": 200, "body": b"\xff\xfe\xfa"}, Unsure, Unavailable),
    # These say success, but not the one that the contract promises.
    "201": ({"status": 201, "body": ""}, Unsure, Unavailable),
    "202": ({"status": 202, "body": ""}, Unsure, Unavailable),
    "204": ({"status": 204, "body": ""}, Unsure, Unavailable),
}


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_becomes_the_error_that_says_what_to_do(
    web, urssaf, operation, answer
):
    given, of_write, of_read = ANSWERS[answer]
    web.add(operation.method, operation.url, **given)
    expected = of_write if operation in WRITES else of_read
    if operation is M010 and given["status"] == 503:
        expected = Unavailable  # M010 is safe to repeat
    assert isinstance(raised(operation, urssaf), expected)
    again = operation in READS and given["status"] in (429, 500, 502, 503, 504)
    assert len(web.calls) == 1 + (3 if again else 1)


WRONG_SHAPES = {
    M010: ([], {}, {"idClient": None}, {"idClient": ""}, {"idClient": 12}, ["a"]),
    M020: ([], {}, {"statut": None}, {"statut": "OK"}, {"statutTransmission": []}),
    M050: ({}, {"errors": []}, {"data": []}, {"statut": "10"}, "F-2026-001"),
    M070: (
        [],
        {"infoDemandePaiements": {}},
        {"infoDemandePaiements": "none"},
        {"infoDemandePaiements": [None]},
        {"infoDemandePaiements": [{}]},
        {"infoDemandePaiements": [{"idDemandePaiement": "D-1"}]},
        {"infoDemandePaiements": [{"idDemandePaiement": "D-1", "statut": {}}]},
        {"infoDemandePaiements": [{"statut": {"code": "10"}}]},
    ),
}


@pytest.mark.parametrize(
    "operation, answer",
    [
        pytest.param(operation, shape, id=f"{operation} {shape}")
        for operation in OPERATIONS
        for shape in WRONG_SHAPES[operation]
    ],
)
def test_an_answer_of_a_wrong_shape_is_no_answer(web, urssaf, operation, answer):
    web.add(operation.method, operation.url, json=answer)
    expected = Unsure if operation in WRITES else Unavailable
    assert isinstance(raised(operation, urssaf), expected)


@pytest.mark.parametrize("answer", [[None], ["F-2026-001"], [[]], [12]], ids=str)
def test_an_answer_without_one_readable_item_tells_nothing(web, urssaf, answer):
    web.post(M050.url, json=answer)
    try:
        assert M050.call(urssaf) == {}
    except Unsure:
        pass  # this leaves all of the requests unsure as well


# Contents of a refusal


@pytest.mark.parametrize(
    "answer, expected",
    [
        (ERRORS, [ApiError("ERR_A", "a", "about a"), ApiError("ERR_B", "b")]),
        (ERRORS[1], [ApiError("ERR_B", "b")]),
        ([{"code": "NEVER_SEEN"}], [ApiError("NEVER_SEEN")]),
        ([None, "text", 3, ERRORS[1]], [ApiError("ERR_B", "b")]),
        ([{"code": 42, "message": None}], [ApiError("42")]),
    ],
)
def test_a_refusal_carries_the_errors_as_they_came(web, urssaf, answer, expected):
    web.post(M010.url, status=400, json=answer)
    refused = raised(M010, urssaf)
    assert list(refused.errors) == expected
    assert refused.codes == {error.code for error in expected}
    assert str(refused) == ", ".join(error.code for error in expected)


@pytest.mark.parametrize("body", ["", " \n", "[]", "{}", "null", '""'])
def test_a_refusal_that_says_nothing_still_carries_one_error(web, urssaf, body):
    web.post(M010.url, status=400, body=body)
    refused = raised(M010, urssaf)
    assert len(refused.errors) == 1
    assert "400" in str(refused)


@pytest.mark.parametrize(
    "answer",
    [
        [{"message": "Requête incorrecte", "description": "champ civilite"}],
        {"message": "Requête incorrecte", "description": "champ civilite"},
    ],
)
def test_a_refusal_without_a_code_keeps_its_words(web, urssaf, answer):
    web.post(M010.url, status=400, json=answer)
    assert [error.text for error in raised(M010, urssaf).errors] == ["champ civilite"]


@pytest.mark.parametrize(
    "error, text",
    [
        (ApiError("C", "message", "description"), "description"),
        (ApiError("C", "message"), "message"),
        (ApiError("C"), ""),
    ],
)
def test_the_text_of_an_error_is_the_most_telling_there_is(error, text):
    assert error.text == text


# The token


def test_a_token_is_kept_and_reused_for_every_operation(web, urssaf):
    for operation in OPERATIONS:
        web.add(operation.method, operation.url, json=operation.good)
        operation.call(urssaf)
    urls = [call.request.url for call in web.calls]
    assert urls.count(TOKEN_URL) == 1
    assert len(urls) == 5


def give_tokens(web, *tokens):
    web.remove("POST", TOKEN_URL)
    for token in tokens:
        web.post(TOKEN_URL, json={"access_token": token, "expires_in": 3600})


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_401_gets_a_new_token_and_the_same_call_once_more(web, urssaf, operation):
    give_tokens(web, "revoked", "fresh")
    web.add(operation.method, operation.url, status=401)
    web.add(operation.method, operation.url, json=operation.good)
    operation.call(urssaf)
    first_token, first, second_token, second = (call.request for call in web.calls)
    assert first_token.url == second_token.url == TOKEN_URL
    assert first.headers["Authorization"] == "Bearer revoked"
    assert second.headers["Authorization"] == "Bearer fresh"
    assert (second.method, second.url, second.body) == (
        first.method,
        first.url,
        first.body,
    )
    assert second.headers.get("Content-Type") == first.headers.get("Content-Type")


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_second_401_is_misconfigured_and_there_is_no_third_try(
    web, urssaf, operation
):
    web.add(operation.method, operation.url, status=401)
    assert type(raised(operation, urssaf)) is Misconfigured
    assert len(web.calls) == 4


@pytest.mark.parametrize("operation", WRITES, ids=str)
@pytest.mark.parametrize(
    "status, expected",
    [(500, Unsure), (504, Unsure), (429, Unavailable), (400, Refused)],
)
def test_the_second_try_is_judged_like_a_first(
    web, urssaf, operation, status, expected
):
    web.add(operation.method, operation.url, status=401)
    web.add(operation.method, operation.url, status=status)
    assert type(raised(operation, urssaf)) is expected


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
@pytest.mark.parametrize("status", [400, 401, 403])
def test_wrong_credentials_are_misconfigured(web, urssaf, operation, status):
    web.replace("POST", TOKEN_URL, status=status, json={"error": "invalid_client"})
    assert type(raised(operation, urssaf)) is Misconfigured
    assert len(web.calls) == 1


NO_TOKEN = {
    "400 HTML": {"status": 400, "body": HTML},
    "403 HTML": {"status": 403, "body": HTML},
    "connection refused": {"body": NOT_LEFT["connection refused"]},
    "connection aborted": {"body": LEFT["connection aborted"]},
    "read timeout": {"body": LEFT["read timeout"]},
    "302": {"status": 302, "headers": {"Location": "https://login.example"}},
    "404": {"status": 404},
    "429": {"status": 429},
    "500": {"status": 500, "json": ERRORS},
    "502": {"status": 502, "body": HTML},
    "503": {"status": 503, "body": HTML},
    "HTML": {"body": HTML},
    "empty": {"body": ""},
    "null": {"json": None},
    "array": {"json": []},
    "nothing in it": {"json": {}},
    "null token": {"json": {"access_token": None, "expires_in": 3600}},
    "empty token": {"json": {"access_token": "", "expires_in": 3600}},
    "token no text": {"json": {"access_token": 12, "expires_in": 3600}},
    "token of two lines": {"json": {"access_token": "a\r\nX-Other: b"}},
    "token with a space": {"json": {"access_token": "a b"}},
    "token not latin-1": {"json": {"access_token": "jeton\u2013x"}},
    "token not ASCII": {"json": {"access_token": "clé"}},
    "token half a pair": {"body": '{"access_token": "\\ud800"}'},
    "token with a NUL": {"json": {"access_token": "a\0b"}},
    "token enormous": {"json": {"access_token": "t" * 8193}},
}


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
@pytest.mark.parametrize("failure", NO_TOKEN)
def test_without_a_token_every_operation_is_unavailable_and_never_leaves(
    web, urssaf, operation, failure
):
    web.remove("POST", TOKEN_URL)
    web.post(TOKEN_URL, **NO_TOKEN[failure])
    assert type(raised(operation, urssaf)) is Unavailable
    again = NO_TOKEN[failure].get("status", 0) in (429, 500, 502, 503)
    assert len(web.calls) == (3 if again else 1)
    assert {call.request.url for call in web.calls} == {TOKEN_URL}


def test_a_failure_to_get_a_token_is_not_kept(web, urssaf):
    web.remove("POST", TOKEN_URL)
    web.post(TOKEN_URL, status=404)
    web.post(TOKEN_URL, json={"access_token": "t", "expires_in": 3600})
    web.add(M020.method, M020.url, json=M020.good)
    assert type(raised(M020, urssaf)) is Unavailable
    assert M020.call(urssaf).state == "pending"


def test_the_four_errors_are_told_apart_and_caught_together():
    kinds = (Misconfigured, Unavailable, Unsure, Refused)
    for kind in kinds:
        assert issubclass(kind, UrssafError)
        assert not any(issubclass(kind, other) for other in kinds if other is not kind)
    assert not issubclass(UrssafError, requests.RequestException)
