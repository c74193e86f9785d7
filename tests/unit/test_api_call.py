# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the record of a call shows: everything but what is personal or secret."""

import json
import logging
import re
from dataclasses import fields
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import requests
import responses
from hypothesis import given
from hypothesis import strategies as st
from urssaf.api.access_token import TokenStore
from urssaf.api.api_call import HIDDEN, describe_call, masked
from urssaf.api.client import UrssafClient
from urssaf.api.errors import UrssafError

from .samples import (
    HOST,
    ID,
    ID_CLIENT,
    M010,
    M020,
    M050,
    M070,
    OPERATIONS,
    PARTICULIER,
    SECRET,
    TOKEN,
    TOKEN_URL,
    GivenToken,
    payment_request,
    private_parts,
    service,
)

CANARY = "Zyxwane d'Oïseau <z@y.example>"


@pytest.fixture
def records(web):
    """The record of every call of ``urssaf``."""
    return []


@pytest.fixture
def urssaf(web, records):
    with UrssafClient(HOST, ID, SECRET, GivenToken(), records.append) as client:
        yield client


def attempt(call, urssaf):
    try:
        call(urssaf)
    except UrssafError:
        pass


def text(record) -> str:
    """All that a log could show of a call."""
    return " ".join(str(getattr(record, field.name)) for field in fields(record))


def leaves(value, path=()):
    """Every leaf of a JSON value, with its path."""
    if isinstance(value, dict | list) and value:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from leaves(item, (*path, key))
    else:
        yield path, value


def planted(value, path, canary):
    """A copy of ``value`` with ``canary`` as one of its leaves."""
    copy = json.loads(json.dumps(value, default=float))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = canary
    return copy


REQUEST = payment_request(
    services=[service(description="Cours", date_from=date(2026, 2, 3))],
    deposit=Decimal("50.00"),
    deposit_date=date(2026, 2, 2),
)
ERROR = {"code": "ERR_A", "message": "un nom", "description": "une phrase"}
FOUND = {
    "idDemandePaiement": "D-1",
    "demandePaiement": REQUEST.body(),
    "statut": {"code": "40", "libelle": "Refusée"},
    "infoRejet": {"code": "CONTEST_AUTRE", "commentaire": "jamais venue"},
    "infoVirement": {"mntVirement": 120.5, "dateVirement": "2026-03-09T00:00:00Z"},
}
BODIES = {
    "M010": PARTICULIER.body(),
    "M010 answer": {"idClient": ID_CLIENT},
    "M020 answer": {
        "idClient": ID_CLIENT,
        "statut": {"etat": "OK", "code": "APPAREILLAGE_VALIDE", "description": "…"},
    },
    "M050": [REQUEST.body()],
    "M050 answer": [
        {"numFactureTiers": "F-1", "idClient": ID_CLIENT, "errors": [ERROR]},
        {"numFactureTiers": "F-2", "idDemandePaiement": "D-2", "statut": "10"},
    ],
    "M070": {
        "idDemandePaiements": ["D-1"],
        "numFactureTiers": ["F-1"],
        "dateDebut": "2026-03-01T00:00:00Z",
    },
    "M070 answer": {"infoDemandePaiements": [FOUND], "errors": [ERROR]},
    "errors": [ERROR],
    "TOKEN": {"client_id": ID, "client_secret": SECRET, "scope": "a.b"},
    "TOKEN answer": {"access_token": TOKEN, "expires_in": 3600, "scope": "a.b"},
}
SPOTS = [
    pytest.param(body, path, id=f"{name} {'.'.join(map(str, path))}")
    for name, body in BODIES.items()
    for path, _leaf in leaves(body)
]


@pytest.mark.parametrize("body, path", SPOTS)
@pytest.mark.parametrize("canary", [CANARY, "Zyxwane\nd", "z@y.example", [CANARY]])
def test_a_canary_planted_anywhere_stays_hidden(body, path, canary):
    shown = json.dumps(masked(planted(body, path, canary)), ensure_ascii=False)
    assert not re.search("zyx|ïseau|z@y", shown, re.IGNORECASE)


def test_a_particulier_shows_its_structure_and_no_value():
    shown, sent = [*leaves(masked(BODIES["M010"]))], [*leaves(BODIES["M010"])]
    assert [path for path, _leaf in shown] == [path for path, _leaf in sent]
    assert {leaf for _path, leaf in shown} == {HIDDEN}


def test_what_an_administrator_looks_for_is_shown():
    (sent,) = masked([REQUEST.body()])
    assert {key: value for key, value in sent.items() if value != HIDDEN} | {
        "inputPrestations": []
    } == {
        "idClient": ID_CLIENT,
        "numFactureTiers": "F-2026-001",
        "dateFacture": "2026-03-05T00:00:00Z",
        "dateDebutEmploi": "2026-02-01T00:00:00Z",
        "dateFinEmploi": "2026-02-28T00:00:00Z",
        "mntFactureTTC": 120.0,
        "mntFactureHT": 100.0,
        "mntAcompte": 50.0,
        "dateVersementAcompte": "2026-02-02T00:00:00Z",
        "inputPrestations": [],
    }
    (line,) = sent["inputPrestations"]
    assert {key for key, value in line.items() if value == HIDDEN} == {
        "complement1",
        "complement2",
    }
    found = masked(FOUND)
    assert found["statut"] == FOUND["statut"]
    assert found["infoVirement"] == FOUND["infoVirement"]
    assert found["infoRejet"] == {"code": "CONTEST_AUTRE", "commentaire": HIDDEN}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_of_unknown_json_only_the_structure_is_kept(value):
    assert all(leaf in (HIDDEN, None, [], {}) for _path, leaf in leaves(masked(value)))


# Calls


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_call_is_described_with_its_ids_and_duration(web, urssaf, records, operation):
    web.add(operation.method, operation.url, json=operation.good)
    operation.call(urssaf)
    (one,) = records
    assert one.operation == operation.name
    assert (one.http_status, one.outcome) == (200, "")
    assert (one.error_codes, one.failed) == ((), False)
    assert 0 <= one.duration_ms < 5000
    age = datetime.now(timezone.utc) - one.started_at
    assert timedelta(0) <= age < timedelta(seconds=10)
    assert (
        one.ids
        == {
            "M010": (ID_CLIENT,),
            "M020": (ID_CLIENT,),
            "M050": (ID_CLIENT, "F-2026-001", "D-1"),
            "M070": ("F-2026-001",),
        }[operation.name]
    )
    assert private_parts(text(one)) == []


def test_the_callers_reference_is_an_id_and_is_not_sent(web, urssaf, records):
    web.add(M010.method, M010.url, json=[ERROR], status=400)
    attempt(lambda urssaf: urssaf.register(PARTICULIER, "res.partner,7"), urssaf)
    assert records[0].ids == ("res.partner,7",)
    assert b"res.partner" not in web.calls[-1].request.body


@pytest.mark.parametrize(
    "answer, codes",
    [
        ({"status": 400, "json": [ERROR, {"code": "ERR_B"}]}, ("ERR_A", "ERR_B")),
        ({"status": 400, "json": ERROR}, ("ERR_A",)),
        ({"status": 500, "json": [{"code": CANARY}]}, ()),
        ({"json": [{"numFactureTiers": "F-2026-001", "errors": [ERROR]}]}, ("ERR_A",)),
        ({"json": {"errors": [ERROR], "infoDemandePaiements": []}}, ("ERR_A",)),
        ({"status": 503, "body": CANARY}, ()),
    ],
)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_failed_call_is_told_with_its_codes(
    web, urssaf, records, operation, answer, codes
):
    web.add(operation.method, operation.url, **answer)
    attempt(operation.call, urssaf)
    (one,) = records
    assert one.error_codes == codes
    assert one.failed
    assert one.http_status == answer.get("status", 200)
    assert CANARY not in text(one)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_call_without_an_answer_is_described(web, urssaf, records, operation):
    web.add(operation.method, operation.url, body=requests.ReadTimeout(CANARY))
    attempt(operation.call, urssaf)
    (one,) = records
    assert (one.http_status, one.outcome) == (None, "ReadTimeout")
    assert (one.answer, one.failed) == (None, True)
    assert "ReadTimeout" in str(one)
    assert CANARY not in text(one)


@pytest.mark.parametrize(
    "answer, kept",
    [
        ({"body": CANARY, "content_type": "text/html; charset=utf-8"}, "text/html, "),
        ({"body": CANARY, "content_type": CANARY}, "***, "),
        ({"body": "{", "content_type": "application/json"}, "application/json, 1 "),
        ({"body": "[" * 99_999, "content_type": "text/plain"}, "text/plain, 99999 "),
    ],
)
def test_an_answer_that_is_not_json_is_not_kept(answer, kept):
    with responses.RequestsMock() as web:
        web.get(HOST, **answer)
        response = requests.get(HOST, timeout=1)
    now = datetime.now(timezone.utc)
    record = describe_call("M020", now, 1, {}, response)
    assert record.answer.startswith(kept)
    assert record.answer.endswith(" bytes")
    assert "Zyxwane" not in text(record)


def test_a_token_is_described_without_the_secret_and_the_token(web, records):
    web.post(TOKEN_URL, json={"access_token": TOKEN, "expires_in": 3600})
    web.add(M070.method, M070.url, status=401)
    web.add(M070.method, M070.url, json=M070.good)
    with UrssafClient(HOST, ID, SECRET, TokenStore(), records.append) as urssaf:
        M070.call(urssaf)
    assert [(one.operation, one.http_status) for one in records] == [
        ("TOKEN", 200),
        ("M070", 401),
        ("TOKEN", 200),
        ("M070", 200),
    ]
    first = records[0]
    assert first.request == {
        "grant_type": "client_credentials",
        "scope": "homeplus.tiersprestations",
        "client_id": HIDDEN,
        "client_secret": HIDDEN,
    }
    assert first.answer == {"access_token": HIDDEN, "expires_in": 3600}
    assert private_parts(text(first)) == []


def test_the_log_has_one_line_a_call_with_what_helps(web, urssaf, caplog):
    caplog.set_level(logging.INFO, logger="urssaf")
    web.add(M050.method, M050.url, json=[{"numFactureTiers": "F-1", "errors": [ERROR]}])
    attempt(M050.call, urssaf)
    (line,) = [record.getMessage() for record in caplog.records]
    line = re.sub(r"\d+ ms", "5 ms", line)
    assert line == (
        "Urssaf M050: HTTP 200 in 5 ms; errors: ERR_A;"
        f" ids: {ID_CLIENT}, F-2026-001, F-1"
    )


def test_without_a_listener_nothing_changes(web):
    web.add(M020.method, M020.url, json=M020.good)
    with UrssafClient(HOST, ID, SECRET, GivenToken()) as urssaf:
        assert M020.call(urssaf).state == "pending"
