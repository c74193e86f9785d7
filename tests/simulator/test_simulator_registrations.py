# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Tokens, M010 and M020, over several calls and several providers."""

import pytest
import requests
from simulator_client import BASE, codes_of

# Tokens


def test_token_with_credentials_in_the_form_or_as_basic(menage):
    in_form = menage.token(client_id="menage", client_secret="menage-secret")
    assert in_form.status_code == 200
    assert in_form.json().keys() == {
        "access_token",
        "token_type",
        "expires_in",
        "scope",
    }
    assert in_form.json()["expires_in"] == 3600
    as_basic = requests.post(
        f"{menage.url}/api/oauth/v1/token",
        data={
            "grant_type": "client_credentials",
            "scope": "homeplus.tiersprestations",
        },
        auth=menage.credentials,
    )
    assert as_basic.status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "other"}, 400, "invalid_scope"),
    ],
)
def test_token_refused(url, form, status, error):
    right = {
        "grant_type": "client_credentials",
        "scope": "homeplus.tiersprestations",
        "client_id": "menage",
        "client_secret": "menage-secret",
    }
    answer = requests.post(f"{url}/api/oauth/v1/token", data=right | form)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer invented", "Basic eDp5"])
def test_every_operation_wants_a_token(url, header):
    session = requests.Session()
    session.headers["Authorization"] = header
    for method, path in (
        ("POST", "particulier"),
        ("GET", "particulier"),
        ("POST", "demandePaiement"),
        ("POST", "demandePaiement/rechercher"),
    ):
        answer = session.request(method, f"{url}{BASE}/{path}", json={})
        assert answer.status_code == 401, path
    session.close()


def test_a_token_lasts_an_hour(menage, clock):
    clock.forward(seconds=3599)
    assert codes_of(menage.registration("x")) == ["ERR_RECHERCHE_PARTICULIER"]
    clock.forward(seconds=1)
    assert menage.registration("x").status_code == 401
    menage.sign_in()
    assert menage.registration("x").status_code == 400


def test_tokens_can_be_revoked(menage):
    menage.control("tokens/revoke")
    assert menage.registration("x").status_code == 401
    menage.sign_in()
    assert menage.registration("x").status_code == 400


# M010 and M020


def test_the_same_identity_has_the_same_id_everywhere(menage, jardin):
    id_client = menage.register().json()["idClient"]
    again = {
        "nomNaissance": "DURAND L'HERMITE",
        "prenoms": "Eric Antoine Zoe",
        "dateNaissance": "1980-03-29T00:00:00.000Z",
        "lieuNaissance.communeNaissance.libelleCommune": "LYON",
        "adresseMail": "new@example.fr",
    }
    assert menage.register(again).json()["idClient"] == id_client
    assert jardin.register().json()["idClient"] == id_client
    other = {"dateNaissance": "1980-03-30T00:00:00Z", "adresseMail": "b@example.fr"}
    assert menage.register(other).json()["idClient"] != id_client


def test_a_repeated_registration_frees_the_old_contact_data(menage):
    menage.register()
    menage.register({"adresseMail": "new@example.fr"})
    other = {"prenoms": "Anne"}
    assert menage.register(other).status_code == 200


def test_the_pair_email_and_mobile_belongs_to_one_person(menage, jardin):
    menage.register()
    same_pair = {
        "prenoms": "Anne",
        "adresseMail": "ZOE.durand@example.fr",
        "numeroTelephonePortable": "+33605040302",
    }
    refused = codes_of(jardin.register(same_pair))
    assert refused == ["ERREUR_REFERENCE_PARTICULIER_EXISTANTE_TYPE"]
    assert jardin.register(same_pair | {"adresseMail": "a@example.fr"}).ok


@pytest.mark.parametrize(
    ("etat", "shown", "code"),
    [
        ("pending", "KO", "APPAREILLAGE_EC"),
        ("active", "OK", "APPAREILLAGE_VALIDE"),
        ("abandoned", "KO", "APPAREILLAGE_NF"),
        ("blocked", "KO", "PARTICULIER_BLOQUE"),
        ("mandate_expired", "KO", "MANDAT_ECHU"),
    ],
)
def test_state_of_a_registration(menage, etat, shown, code):
    id_client = menage.register().json()["idClient"]
    menage.control(f"particuliers/{id_client}", {"etat": etat})
    answer = menage.registration(id_client).json()
    assert answer["idClient"] == id_client
    assert (answer["statut"]["etat"], answer["statut"]["code"]) == (shown, code)


def test_an_active_registration_says_since_when(menage):
    id_client = menage.active_client()
    since = menage.registration(id_client).json()["statut"]["description"]
    assert "30/09/2026 00:00:00" in since
    for chosen, told in (
        ("2026-11-10", "10/11/2026 00:00:00"),
        ("2026-11-10T14:32", "10/11/2026 14:32:00"),
        ("2026-07-10T14:32:10", "10/07/2026 14:32:10"),
        # It is a moment in Paris, where it is later.
        ("2026-07-10T22:32:10Z", "11/07/2026 00:32:10"),
        ("2026-11-10T14:32:10+00:00", "10/11/2026 15:32:10"),
    ):
        activated = {"etat": "active", "activeSince": chosen}
        menage.control(f"particuliers/{id_client}", activated)
        since = menage.registration(id_client).json()["statut"]["description"]
        assert told in since


def test_an_abandoned_registration_starts_again_a_blocked_one_does_not(menage):
    id_client = menage.register().json()["idClient"]
    menage.control(f"particuliers/{id_client}", {"etat": "abandoned"})
    assert menage.register().status_code == 200
    assert menage.state()["particuliers"][0]["etat"] == "pending"
    menage.control(f"particuliers/{id_client}", {"etat": "blocked"})
    assert codes_of(menage.register()) == ["ERR_COMPTE_BLOQUE"]


# A search by e-mail

ZOE = {
    "nomNaissance": "Durand-L'Hermite",
    "nomUsage": None,
    "prenoms": "Éric-Antoine Zoé",
}


def test_an_email_finds_whom_the_provider_registered(menage):
    id_client = menage.register().json()["idClient"]
    by_id = menage.registration(id_client).json()
    for query in (
        {"adresseMail": "Zoe.Durand@example.fr"},
        {"adresseMail": "zoe.durand@example.fr", "idClient": id_client},
    ):
        assert menage.search_particulier(**query).json() == by_id | ZOE


def test_an_email_finds_nobody_else(menage, jardin):
    id_client = menage.register().json()["idClient"]
    for provider, query in (
        (jardin, {"adresseMail": "zoe.durand@example.fr"}),
        (menage, {"adresseMail": "zoe@example.fr"}),
        (menage, {"adresseMail": "zoe.durand@example.fr", "idClient": "x"}),
        (menage, {"adresseMail": "z%", "idClient": id_client}),
    ):
        answer = provider.search_particulier(**query)
        assert codes_of(answer) == ["ERR_RECHERCHE_PARTICULIER"]


def test_two_people_with_one_email_are_a_list(menage):
    menage.register()
    other = {"prenoms": "Paul", "numeroTelephonePortable": "0605040399"}
    menage.register(other)
    found = menage.search_particulier(adresseMail="zoe.durand@example.fr").json()
    assert [one["prenoms"] for one in found] == ["Éric-Antoine Zoé", "Paul"]


def test_a_search_by_email_may_be_refused(menage):
    id_client = menage.register().json()["idClient"]
    menage.control("email-search", {"allowed": False})
    answer = menage.search_particulier(adresseMail="zoe.durand@example.fr")
    assert codes_of(answer) == ["ERREUR_VALIDATION"]
    assert menage.registration(id_client).status_code == 200
    wrong = menage.session.post(f"{menage.url}/control/email-search", json={})
    assert wrong.status_code == 400


# The tax office


@pytest.mark.parametrize(
    ("known", "right"),
    [
        ({"nomNaissance": "MARTIN"}, {"nomNaissance": "Martin"}),
        ({"prenoms": "éric"}, {"prenoms": "Éric"}),
        ({"prenoms": "Éric Antoine Zoé"}, {"prenoms": "Éric Antoine Zoé"}),
        ({"nomUsage": "Petit"}, {"nomUsage": "PETIT"}),
    ],
)
def test_the_tax_office_may_know_somebody_otherwise(menage, known, right):
    menage.control("fisc", {"dateNaissance": "1980-03-29"} | known)
    assert codes_of(menage.register()) == ["ERR_DGFIP_R2P_INCONNU"]
    assert menage.register(right).status_code == 200
    elder = {"dateNaissance": "1950-03-29T00:00:00Z"}
    elder["numeroTelephonePortable"] = "0605040399"
    assert menage.register(elder).status_code == 200
    menage.control("reset")
    menage.sign_in()
    assert menage.register().status_code == 200


def test_the_tax_office_may_know_an_overseas_commune_otherwise(menage):
    place = {
        "codePaysNaissance": "99100",
        "departementNaissance": "974",
        "communeNaissance": {"codeCommune": "011", "libelleCommune": "Saint-Denis"},
    }
    menage.control("fisc", {"dateNaissance": "1980-03-29", "codeCommune": "411"})
    born_there = {"lieuNaissance": place}
    assert codes_of(menage.register(born_there)) == ["ERR_DGFIP_R2P_INCONNU"]
    place["communeNaissance"]["codeCommune"] = "411"
    assert menage.register(born_there).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"dateNaissance": "1980-03-29"},
        {"dateNaissance": "hier", "prenoms": "Zoé"},
        {"dateNaissance": 7, "prenoms": "Zoé"},
        {"dateNaissance": "1980-03-29", "prenoms": 7},
        {"dateNaissance": "1980-03-29", "adresseMail": "x"},
        {"prenoms": "Zoé"},
    ],
)
def test_a_senseless_tax_file_is_refused(menage, body):
    answer = menage.session.post(f"{menage.url}/control/fisc", json=body)
    assert answer.status_code == 400
