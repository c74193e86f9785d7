# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Nothing that may reach a log holds a secret or anything personal."""

import logging
import traceback
from decimal import Decimal

import pytest
import requests
from urllib3.exceptions import MaxRetryError
from urssaf.api.access_token import TokenStore
from urssaf.api.answers import RequestInfo
from urssaf.api.client import UrssafClient
from urssaf.api.errors import UrssafError
from urssaf.documents.services import Charge

from .samples import (
    ADDRESS,
    BANK_ACCOUNT,
    BIRTH_PLACE,
    HOST,
    ID,
    M050,
    OPERATIONS,
    PARTICULIER,
    PRIVATE,
    SECRET,
    TOKEN,
    TOKEN_URL,
    payment_request,
    private_parts,
    service,
)

ECHO = " ".join(PRIVATE)  # as if a server or a library repeated all that it got
LEAKING = {
    "connection": {"body": requests.ConnectionError(ECHO)},
    "gave up": {"body": requests.ConnectionError(MaxRetryError(None, ECHO))},
    "time-out": {"body": requests.ReadTimeout(ECHO)},
    "bad header": {"body": requests.exceptions.InvalidHeader(ECHO)},
    "200 HTML": {"body": ECHO},
    "200 string": {"json": ECHO},
    "200 list": {"json": [ECHO]},
    "200 wrong amounts": {
        "json": {
            "infoDemandePaiements": [
                {
                    "idDemandePaiement": ECHO,
                    "demandePaiement": {"mntFactureTTC": ECHO},
                    "statut": {"code": ECHO},
                }
            ],
            "statut": {"etat": "OK", "description": f"{ECHO} 99/99/2026"},
            "idClient": [ECHO],
        }
    },
    "302": {"status": 302, "headers": {"Location": f"https://x.example/{TOKEN}"}},
    "400 HTML": {"status": 400, "body": ECHO},
    "400 errors": {
        "status": 400,
        "json": [{"code": "ERR_A", "message": ECHO, "description": ECHO}],
    },
    "400 no code": {"status": 400, "json": [{"message": ECHO, "description": ECHO}]},
    "401": {"status": 401, "body": ECHO},
    "403": {"status": 403, "body": ECHO},
    "404": {"status": 404, "body": ECHO},
    "500": {"status": 500, "json": [{"code": "ERR_A", "description": ECHO}]},
    "502": {"status": 502, "body": ECHO},
    "503": {"status": 503, "body": ECHO},
}


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.DEBUG, logger="urssaf")
    return caplog


def written(call, urssaf, log) -> str:
    """All that the library logs, and a caller who logs the failure."""
    try:
        call(urssaf)
    except UrssafError as error:
        lines = [str(error), repr(error), *traceback.format_exception(error)]
    else:
        lines = []
    records = [record for record in log.records if record.name.startswith("urssaf")]
    assert records, "the library keeps a log"
    return "\n".join([*lines, *(record.getMessage() for record in records)])


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
@pytest.mark.parametrize("failure", LEAKING)
def test_a_failing_call_tells_nothing_private(web, urssaf, log, operation, failure):
    web.add(operation.method, operation.url, **LEAKING[failure])
    assert private_parts(written(operation.call, urssaf, log)) == []


@pytest.mark.parametrize("failure", LEAKING)
def test_a_failing_token_request_tells_nothing_private(web, urssaf, log, failure):
    web.remove("POST", TOKEN_URL)
    web.post(TOKEN_URL, **LEAKING[failure])
    assert private_parts(written(UrssafClient.authenticate, urssaf, log)) == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_good_call_is_logged_with_its_status_and_nothing_private(
    web, urssaf, log, operation
):
    web.add(operation.method, operation.url, json=operation.good)
    text = written(operation.call, urssaf, log)
    assert private_parts(text) == []
    assert operation.name in text
    assert "200" in text


@pytest.mark.parametrize("failure", LEAKING)
def test_a_failing_call_is_logged_too(web, urssaf, log, failure):
    web.add(M050.method, M050.url, **LEAKING[failure])
    written(M050.call, urssaf, log)
    assert "M050" in log.records[-1].getMessage()


@pytest.mark.parametrize("host", [f"http://{SECRET}@urssaf.example", f"x:{SECRET}"])
def test_a_host_that_is_not_allowed_is_not_repeated(host):
    with pytest.raises(UrssafError) as caught:
        UrssafClient(host, ID, SECRET)
    assert private_parts(f"{caught.value} {caught.value!r}") == []


WORDS = "Mme Durandeau n'était pas là"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(PARTICULIER, id="Particulier"),
        pytest.param(BIRTH_PLACE, id="BirthPlace"),
        pytest.param(BANK_ACCOUNT, id="BankAccount"),
        pytest.param(ADDRESS, id="Address"),
        pytest.param(payment_request(), id="PaymentRequest"),
        pytest.param(service(description=f"Cours de {WORDS}"), id="Service"),
        pytest.param(
            Charge("60", Decimal(1), Decimal(1), description=WORDS), id="Charge"
        ),
        pytest.param(
            RequestInfo(
                *("D-1", "F-1", "C-1", None, None, None, "40", "Refusée"),
                rejection_comment=WORDS,
            ),
            id="RequestInfo",
        ),
    ],
)
def test_the_repr_of_a_value_object_shows_nobody(value):
    assert private_parts(f"{value!r} {value} {[value]}") == []


def test_the_repr_of_a_problem_shows_the_rule_and_not_the_value():
    particulier_problems = [*PARTICULIER.problems(PARTICULIER.birth_date)]
    request = payment_request(
        birth_date=None, particulier_id="", nova_number="SAPnumber"
    )
    problems = [*particulier_problems, *request.problems(request.date_to, None)]
    assert problems
    assert private_parts(repr(problems)) == []
    assert "SAPnumber" not in repr(problems)


def test_the_repr_of_a_client_and_of_its_tokens_shows_no_secret(web):
    web.post(TOKEN_URL, json={"access_token": TOKEN, "expires_in": 3600})
    tokens = TokenStore()
    with UrssafClient(HOST, ID, SECRET, tokens) as urssaf:
        urssaf.authenticate()
        assert private_parts(f"{urssaf!r} {tokens!r}") == []
