# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a test book keeps: every call word for word, in test only, without secrets."""

import json
from urllib.parse import quote

import pytest
import requests
from urssaf.api.client import PRODUCTION_HOST
from urssaf.api.errors import Misconfigured, Refused, Unavailable, Unsure
from urssaf.api.recording import RecordingClient

from .samples import (
    API,
    HOST,
    ID,
    ID_CLIENT,
    M050,
    PARTICULIER,
    SECRET,
    TOKEN,
    TOKEN_URL,
    payment_request,
)

REGISTER = f"{API}/particulier"
HARD_SECRET = 'a"b/c é+%\\'


@pytest.fixture
def kept():
    return []


@pytest.fixture
def recording(web, kept):
    web.post(TOKEN_URL, json={"access_token": TOKEN, "expires_in": 3600})
    with RecordingClient(HOST, ID, SECRET, on_exchange=kept.append) as client:
        yield client


def test_a_call_is_kept_word_for_word(web, recording, kept):
    answer = json.dumps({"idClient": ID_CLIENT, "libellé": "é"}, ensure_ascii=False)
    web.post(REGISTER, body=answer.encode())
    recording.register(PARTICULIER)
    token, call = kept
    assert (call.operation, call.method, call.url) == ("M010", "POST", REGISTER)
    assert json.loads(call.request) == PARTICULIER.body()
    assert call.request.encode() == web.calls[-1].request.body
    assert (call.http_status, call.answer) == (200, answer)
    assert (token.operation, token.url) == ("TOKEN", TOKEN_URL)


def test_a_question_is_in_its_address(web, recording, kept):
    web.get(REGISTER, json={"statut": {"etat": "OK", "code": "APPAREILLAGE_VALIDE"}})
    recording.registration(ID_CLIENT)
    assert kept[-1].url == f"{REGISTER}?idClient={ID_CLIENT}"
    assert kept[-1].request == ""


def test_it_asks_for_a_token_of_its_own_which_is_shown_without_it(recording, kept):
    recording.authenticate()
    [call] = kept
    assert "grant_type=client_credentials" in call.request
    assert ID in call.request
    assert json.loads(call.answer) == {"access_token": "***", "expires_in": 3600}


@pytest.mark.parametrize("secret", [SECRET, HARD_SECRET])
def test_neither_secret_nor_token_is_kept_whoever_repeats_them(web, kept, secret):
    forms = (secret, json.dumps(secret), quote(secret), quote(secret, safe=""))
    echo = " ".join((*forms, TOKEN))
    web.post(TOKEN_URL, json={"access_token": TOKEN, "expires_in": 3600, "x": secret})
    web.post(REGISTER, json=[{"code": "ERR_A", "description": echo}], status=400)
    with (
        RecordingClient(HOST, ID, secret, on_exchange=kept.append) as client,
        pytest.raises(Refused),
    ):
        client.register(PARTICULIER)
    told = " ".join(f"{call.url} {call.request} {call.answer}" for call in kept)
    assert "ERR_A" in told
    assert TOKEN not in told
    for form in forms:
        assert form.strip('"') not in told


def test_a_token_answer_that_is_no_json_is_hidden(web, kept):
    web.post(TOKEN_URL, body=f"token={TOKEN}")
    with (
        RecordingClient(HOST, ID, SECRET, on_exchange=kept.append) as client,
        pytest.raises(Unavailable),
    ):
        client.authenticate()
    assert TOKEN not in kept[0].answer


def test_a_call_without_an_answer_is_kept_too(web, recording, kept):
    web.post(M050.url, body=requests.ReadTimeout())
    with pytest.raises(Unsure):
        recording.send([payment_request()])
    assert (kept[-1].operation, kept[-1].http_status) == ("M050", None)
    assert json.loads(kept[-1].request)[0]["numFactureTiers"]


def test_a_client_without_such_an_ear_hears_of_no_raw_exchange(web, urssaf, kept):
    """The copy for another thread is an ordinary client."""
    with RecordingClient(HOST, ID, SECRET, on_exchange=kept.append) as client:
        copy = client.for_thread()
        assert type(copy) is type(urssaf)
        copy.close()


@pytest.mark.parametrize(
    "host",
    [
        PRODUCTION_HOST,
        f"{PRODUCTION_HOST}/",
        f"{PRODUCTION_HOST}:443",
        PRODUCTION_HOST.upper(),
        f"{PRODUCTION_HOST}.",
        PRODUCTION_HOST.replace("https://", "https://user@"),
    ],
)
def test_production_is_never_recorded(host, kept):
    with pytest.raises(Misconfigured):
        RecordingClient(host, ID, SECRET, on_exchange=kept.append)
