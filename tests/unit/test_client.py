# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The operations as they go over the wire, and their good answers."""

import json
from datetime import datetime, timezone
from decimal import Decimal
from urllib.parse import parse_qs

import pytest
from responses.matchers import header_matcher
from urssaf.api.answers import Outcome, Registration
from urssaf.api.client import BATCH_SIZE, PRODUCTION_HOST, TEST_HOST, batches
from urssaf.api.errors import ApiError, Misconfigured, Refused

from . import contract
from .samples import (
    ID,
    ID_CLIENT,
    M010,
    M020,
    M050,
    M070,
    NOTHING,
    OPERATIONS,
    SECRET,
    TOKEN,
    TOKEN_URL,
    particulier,
    payment_request,
    sent,
    service,
)

REFUSAL = {"code": "ERR_DATE_FUTUR", "message": "no", "description": "in the future"}


def accepted(number, id_):
    return {"numFactureTiers": number, "idDemandePaiement": id_, "statut": "10"}


def refused(number):
    return {"numFactureTiers": number, "errors": [REFUSAL]}


def test_the_hosts_are_the_urssafs():
    assert TEST_HOST == "https://api-edi.urssaf.fr"
    assert PRODUCTION_HOST == "https://api.urssaf.fr"


# Every operation


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_operation_is_one_call_with_the_token_and_json(web, urssaf, operation):
    web.add(
        operation.method,
        operation.url,
        json=operation.good,
        match=[header_matcher({"Authorization": f"Bearer {TOKEN}"})],
    )
    operation.call(urssaf)
    token_call, call = web.calls
    assert token_call.request.url == TOKEN_URL
    assert call.request.method == operation.method
    assert call.request.url.partition("?")[0] == operation.url
    if operation.method == "POST":
        assert call.request.headers["Content-Type"] == "application/json"
        assert json.loads(call.request.body)


def test_the_token_is_asked_for_with_a_form_and_nothing_else(web, urssaf):
    urssaf.authenticate()
    (call,) = web.calls
    assert call.request.method == "POST"
    assert parse_qs(call.request.body) == {
        "grant_type": ["client_credentials"],
        "scope": ["homeplus.tiersprestations"],
        "client_id": [ID],
        "client_secret": [SECRET],
    }
    assert call.request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in call.request.headers
    assert SECRET not in call.request.url


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_netrc_file_on_the_server_does_not_replace_the_token(
    web, urssaf, operation, tmp_path, monkeypatch
):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else")
    monkeypatch.setenv("NETRC", str(netrc))
    web.add(operation.method, operation.url, json=operation.good)
    operation.call(urssaf)
    assert "Authorization" not in web.calls[0].request.headers
    assert web.calls[1].request.headers["Authorization"] == f"Bearer {TOKEN}"


# M010 and M020


def test_register_sends_the_whole_file_and_gives_the_id(web, urssaf):
    web.post(M010.url, json={"idClient": ID_CLIENT})
    assert urssaf.register(particulier()) == ID_CLIENT
    assert json.loads(sent(web)) == {
        "civilite": "2",
        "nomNaissance": "Durandeau",
        "nomUsage": "Martinet",
        "prenoms": "Jeanne-Zoe",
        "dateNaissance": "1980-03-29T00:00:00Z",
        "lieuNaissance": {
            "codePaysNaissance": "99100",
            "departementNaissance": "069",
            "communeNaissance": {"codeCommune": "123", "libelleCommune": "Lyon"},
        },
        "numeroTelephonePortable": "0605040302",
        "adresseMail": "jeanne@contact.example",
        "adressePostale": {
            "numeroVoie": "8",
            "lettreVoie": "B",
            "codeTypeVoie": "R",
            "libelleVoie": "du Soleil",
            "complement": "Bâtiment A",
            "lieuDit": "Le Beyssat",
            "libelleCommune": "Lyon 1er Arrondissement",
            "codeCommune": "69381",
            "codePostal": "69001",
            "codePays": "99100",
        },
        "coordonneeBancaire": {
            "bic": "BNPAFRPP",
            "iban": "FR7630006000011234567890189",
            "titulaire": "Mme Jeanne Dùrandeau",
        },
    }
    assert contract.violations(sent(web), contract.PARTICULIER) == []


@pytest.mark.parametrize("name", ["statut", "statutTransmission"])
@pytest.mark.parametrize(
    "status, expected",
    [
        (
            {"etat": "KO", "code": "APPAREILLAGE_EC", "description": "en cours"},
            Registration("pending", "APPAREILLAGE_EC", "en cours"),
        ),
        (
            {
                "etat": "OK",
                "code": "APPAREILLAGE_VALIDE",
                "description": "Demandes acceptées depuis le 15/01/2026 10:30:00.",
            },
            Registration(
                "active",
                "APPAREILLAGE_VALIDE",
                "Demandes acceptées depuis le 15/01/2026 10:30:00.",
                datetime(2026, 1, 15, 9, 30, tzinfo=timezone.utc),
            ),
        ),
    ],
)
def test_registration_reads_both_variants_of_the_answer(
    web, urssaf, name, status, expected
):
    web.get(M020.url, json={"idClient": ID_CLIENT, name: status})
    assert urssaf.registration(ID_CLIENT) == expected


@pytest.mark.parametrize("particulier_id", [ID_CLIENT, "a&b=c d/é"])
def test_registration_asks_for_one_particulier(web, urssaf, particulier_id):
    web.get(M020.url, json=M020.good)
    urssaf.registration(particulier_id)
    query = web.calls[-1].request.url.partition("?")[2]
    assert parse_qs(query) == {"idClient": [particulier_id]}
    assert not sent(web)


def test_an_unknown_particulier_is_a_refusal_with_its_code(web, urssaf):
    web.get(M020.url, status=400, json=[{"code": "ERR_RECHERCHE_PARTICULIER"}])
    with pytest.raises(Refused) as caught:
        urssaf.registration(ID_CLIENT)
    assert caught.value.codes == {"ERR_RECHERCHE_PARTICULIER"}


# M050


WHOLE_REQUEST = {
    "idTiersFacturation": "SAP123456789",
    "idClient": ID_CLIENT,
    "dateNaissanceClient": "1980-03-29T00:00:00Z",
    "numFactureTiers": "F-1",
    "dateFacture": "2026-03-05T00:00:00Z",
    "dateDebutEmploi": "2026-02-01T00:00:00Z",
    "dateFinEmploi": "2026-02-28T00:00:00Z",
    "mntFactureTTC": Decimal("122.5"),
    "mntFactureHT": Decimal("112.27"),
    "inputPrestations": [
        {
            "codeNature": "60",
            "quantite": Decimal("4.5"),
            "unite": "HEURE",
            "mntUnitaireTTC": Decimal(25),
            "mntPrestationTTC": Decimal("112.5"),
            "mntPrestationHT": Decimal("102.27"),
            "mntPrestationTVA": Decimal("10.23"),
            "complement1": "Ménage",
            "complement2": "SAP123456789",
        },
        {
            "codeNature": "70",
            "quantite": Decimal(1),
            "unite": "FORFAIT",
            "mntUnitaireTTC": Decimal(10),
            "mntPrestationTTC": Decimal(10),
            "mntPrestationHT": Decimal(10),
            "mntPrestationTVA": Decimal(0),
            "complement2": "SAP123456789",
        },
    ],
}


def test_send_posts_an_array_of_whole_requests(web, urssaf):
    web.post(M050.url, json=[accepted("F-1", "D-1")])
    services = (
        service("112.50", "102.27", hours=Decimal("4.5"), description="Ménage"),
        service("10.00", "10.00", hours=None, nature="70"),
    )
    urssaf.send([payment_request("F-1", services)])
    assert json.loads(sent(web), parse_float=Decimal) == [WHOLE_REQUEST]
    assert contract.violations(sent(web), contract.PAYMENT_REQUESTS) == []


@pytest.mark.parametrize(
    "amount",
    # Binary fractions cannot hold these amounts exactly, and yet they are sent exactly.
    ["0.01", "0.07", "0.29", "1.10", "2.675", "8.03", "1234567.89", "99999999.99"],
)
def test_amounts_leave_with_the_cents_they_have(web, urssaf, amount):
    web.post(M050.url, json=M050.good)
    gross = Decimal(amount).quantize(Decimal("0.01"))
    urssaf.send([payment_request(services=[service(gross, gross, hours=None)])])
    (item,) = json.loads(sent(web), parse_float=Decimal)
    assert item["mntFactureTTC"] == item["mntFactureHT"] == gross
    assert contract.violations(sent(web), contract.PAYMENT_REQUESTS) == []


def test_send_tells_what_became_of_each_number_in_whatever_order(web, urssaf):
    web.post(
        M050.url, json=[refused("F-3"), accepted("F-1", "D-1"), accepted("F-2", "D-2")]
    )
    outcomes = urssaf.send([payment_request(f"F-{n}") for n in (1, 2, 3)])
    assert outcomes == {
        "F-1": Outcome("F-1", "D-1"),
        "F-2": Outcome("F-2", "D-2"),
        "F-3": Outcome(
            "F-3", errors=(ApiError("ERR_DATE_FUTUR", "no", "in the future"),)
        ),
    }


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([accepted("F-1", "D-1")], id="missing"),
        pytest.param(
            [accepted("F-1", "D-1"), accepted("F-9", "D-9")], id="a stranger instead"
        ),
        pytest.param(
            [accepted("F-1", "D-1"), {"numFactureTiers": "F-2", "statut": "10"}],
            id="neither accepted nor refused",
        ),
        pytest.param(
            [accepted("F-1", "D-1"), accepted("F-2", None)], id="accepted without id"
        ),
        pytest.param(
            [accepted("F-1", "D-1"), {"numFactureTiers": "F-2", "errors": []}],
            id="refused without reason",
        ),
        pytest.param(
            [accepted("F-1", "D-1"), accepted("F-2b", "D-2")], id="not quite its number"
        ),
    ],
)
def test_a_number_whose_fate_is_not_told_is_left_out(web, urssaf, answer):
    web.post(M050.url, json=answer)
    outcomes = urssaf.send([payment_request("F-1"), payment_request("F-2")])
    assert outcomes == {"F-1": Outcome("F-1", "D-1")}


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_outcomes_of_one_number_the_one_with_an_id_counts(web, urssaf, order):
    twice = [accepted("F-1", "D-1"), refused("F-1"), accepted("F-2", "D-2")]
    web.post(M050.url, json=twice[::order])
    outcomes = urssaf.send([payment_request("F-1"), payment_request("F-2")])
    assert {number: each.id for number, each in outcomes.items()} == {
        "F-1": "D-1",
        "F-2": "D-2",
    }


@pytest.mark.parametrize(
    "senseless",
    [
        [accepted("F-1", "D-1"), accepted("F-1", "D-9")],
        [accepted("F-1", "D-1"), accepted("F-3", "D-1")],
        [accepted("F-1", "D-1"), accepted("F-9", "D-1")],
    ],
)
def test_ids_that_contradict_each_other_tell_nothing(web, urssaf, senseless):
    web.post(M050.url, json=[*senseless, accepted("F-2", "D-2")])
    outcomes = urssaf.send([payment_request(f"F-{n}") for n in (1, 2, 3)])
    assert [each.id for each in outcomes.values()] == ["D-2"]


@pytest.mark.parametrize(
    "nobodys", [{"errors": [REFUSAL]}, {"numFactureTiers": None, "errors": [REFUSAL]}]
)
def test_an_item_without_number_does_not_spoil_the_others(web, urssaf, nobodys):
    # If it did, a batch with one such item would be sent again for ever.
    web.post(M050.url, json=[accepted("F-1", "D-1"), nobodys, refused("F-3")])
    outcomes = urssaf.send([payment_request(f"F-{n}") for n in (1, 2, 3)])
    assert outcomes.keys() == {"F-1", "F-3"}


def test_a_refusal_without_a_code_is_a_refusal_all_the_same(web, urssaf):
    web.post(
        M050.url,
        json=[
            {"numFactureTiers": "F-2026-001", "errors": [{"message": "number unfit"}]}
        ],
    )
    outcomes = M050.call(urssaf)
    assert [error.text for error in outcomes["F-2026-001"].errors] == ["number unfit"]


@pytest.mark.parametrize("count", [0, 11, 25])
def test_send_takes_one_to_ten_requests_and_says_so_before_any_call(web, urssaf, count):
    with pytest.raises(ValueError, match="10"):
        urssaf.send([payment_request(f"F-{n}") for n in range(count)])
    assert len(web.calls) == 0


def test_send_takes_ten_requests_in_one_call(web, urssaf):
    numbers = [f"F-{n}" for n in range(10)]
    web.post(M050.url, json=[accepted(number, f"D-{number}") for number in numbers])
    outcomes = urssaf.send([payment_request(number) for number in numbers])
    assert list(outcomes) == numbers
    assert len(web.calls) == 2
    assert contract.violations(sent(web), contract.PAYMENT_REQUESTS) == []


# ping and authenticate


def test_ping_gets_a_new_token_and_proves_it_on_a_search(web, urssaf):
    web.post(M070.url, status=400, json=[NOTHING])
    urssaf.authenticate()
    urssaf.ping()
    assert [call.request.url for call in web.calls] == [TOKEN_URL, TOKEN_URL, M070.url]
    assert contract.violations(sent(web), contract.SEARCH) == []
    assert json.loads(sent(web))["dateDebut"] > "2900"


def test_ping_tells_credentials_that_no_longer_work_from_a_kept_token(web, urssaf):
    urssaf.authenticate()
    web.replace("POST", TOKEN_URL, status=401)
    with pytest.raises(Misconfigured):
        urssaf.ping()


def test_ping_tells_an_api_that_refuses_a_good_token(web, urssaf):
    web.post(M070.url, status=403)
    with pytest.raises(Misconfigured):
        urssaf.ping()


def test_authenticate_asks_once_and_calls_no_operation(web, urssaf):
    urssaf.authenticate()
    urssaf.authenticate()
    assert [call.request.url for call in web.calls] == [TOKEN_URL]


# batches


@pytest.mark.parametrize(
    "count, sizes",
    [(0, []), (1, [1]), (10, [10]), (11, [10, 1]), (20, [10, 10]), (25, [10, 10, 5])],
)
def test_batches_hold_ten_and_keep_the_order(count, sizes):
    found = list(batches(iter(range(count))))
    assert [len(batch) for batch in found] == sizes
    assert [item for batch in found for item in batch] == list(range(count))
    assert BATCH_SIZE == 10
