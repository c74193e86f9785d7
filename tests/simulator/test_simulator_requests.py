# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""M050 and M070, over several calls and several providers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from simulator_client import BASE, DEMANDE, codes_of, item_codes


def numbers_found(answer):
    assert answer.status_code == 200, answer.text
    return [
        info["demandePaiement"]["numFactureTiers"]
        for info in answer.json()["infoDemandePaiements"]
    ]


# M050


def test_an_accepted_request(menage):
    id_client = menage.active_client()
    (output,) = menage.send(menage.demande(id_client)).json()
    assert output.keys() == {
        "idClient",
        "numFactureTiers",
        "idDemandePaiement",
        "statut",
    }
    assert output["idClient"] == id_client
    assert output["statut"] == "10"


def test_one_bad_item_does_not_spoil_the_others(menage):
    id_client = menage.active_client()
    outputs = menage.send(
        menage.demande(id_client, {"numFactureTiers": "A"}),
        menage.demande(id_client, {"numFactureTiers": "B", "mntFactureTTC": 1}),
        "not an object",
        menage.demande("unknown", {"numFactureTiers": "C"}),
        menage.demande(id_client, {"numFactureTiers": "D"}),
    ).json()
    accepted = [output["numFactureTiers"] for output in outputs if "statut" in output]
    assert accepted == ["A", "D"]
    assert item_codes(outputs[2]) == ["ERREUR_VALIDATION"]
    assert item_codes(outputs[3]) == ["ERR_PARTICULIER_INCONNU"]
    stored = [demande["numFactureTiers"] for demande in menage.state()["demandes"]]
    assert stored == ["A", "D"]


def test_a_number_is_taken_for_ever_once_accepted(menage):
    id_client = menage.active_client()
    refused = menage.demande(id_client, {"mntFactureTTC": 1})
    assert "ERR_TOTAL_PRESTATIONS" in item_codes(menage.send(refused).json()[0])
    # After a refusal at once the number is still free.
    good = menage.demande(id_client)
    first, second = menage.send(good, good).json()
    assert first["statut"] == "10"
    assert item_codes(second) == ["ERR_FACTURE_DOUBLON"]
    # After a refusal by the particulier the number stays taken.
    path = f"demandes/{first['idDemandePaiement']}"
    menage.control(path, {"statut": "40", "infoRejet": {"code": "ANNUL_DBL"}})
    assert item_codes(menage.send(good).json()[0]) == ["ERR_FACTURE_DOUBLON"]


def test_a_number_sent_many_times_at_once_is_accepted_once(menage):
    item = menage.demande(menage.active_client())
    authorization = {"Authorization": menage.session.headers["Authorization"]}

    def send(_attempt):
        url = f"{menage.url}{BASE}/demandePaiement"
        return requests.post(url, json=[item], headers=authorization).json()[0]

    with ThreadPoolExecutor(16) as pool:
        outputs = list(pool.map(send, range(64)))
    assert sum("idDemandePaiement" in output for output in outputs) == 1
    assert len(menage.state()["demandes"]) == 1


@pytest.mark.parametrize(
    ("etat", "code"),
    [
        ("pending", "ERR_LIEN_PARTICULIER_PRESTATAIRE"),
        ("abandoned", "ERR_LIEN_PARTICULIER_PRESTATAIRE"),
        ("blocked", "ERR_CMPT_BLOQUE"),
        ("mandate_expired", "ERR_MANDAT_ECHU"),
    ],
)
def test_only_for_an_active_particulier(menage, etat, code):
    id_client = menage.active_client()
    menage.control(f"particuliers/{id_client}", {"etat": etat})
    assert item_codes(menage.send(menage.demande(id_client)).json()[0]) == [code]


def test_the_period_starts_no_earlier_than_the_activation(menage):
    id_client = menage.active_client()
    day = {"etat": "active", "activeSince": "2026-10-02"}
    menage.control(f"particuliers/{id_client}", day)
    early = menage.demande(id_client)
    code = "ERR_LIEN_PARTICULIER_PRESTATAIRE"
    assert item_codes(menage.send(early).json()[0]) == [code]
    late = menage.demande(id_client, {"dateDebutEmploi": "2026-10-02T00:00:00Z"})
    assert menage.send(late).json()[0]["statut"] == "10"


#: What tells a day.
DAYS = (
    "dateDebutEmploi",
    "dateFacture",
    "dateVersementAcompte",
)
GOOD_DAYS = {
    "dateDebutEmploi": "2026-11-12T00:00:00Z",
    "dateFacture": "2026-11-12T00:00:00Z",
    "dateFinEmploi": "2026-11-15T00:00:00Z",
    "dateVersementAcompte": "2026-11-12T00:00:00Z",
}


@pytest.mark.parametrize("field", DAYS)
@pytest.mark.parametrize(
    ("day", "since", "refused", "accepted"),
    [
        ("2026-11-09", "2026-11-10T14:32:10", False, False),
        ("2026-11-10", "2026-11-10T14:32:10", False, True),
        ("2026-11-11", "2026-11-10T14:32:10", False, True),
        ("2026-11-10", "2026-11-10T14:32:10", True, False),
        ("2026-11-11", "2026-11-10T14:32:10", True, True),
        # Nothing of this day is before the activation.
        ("2026-11-10", "2026-11-10", True, True),
        ("2026-11-09", "2026-11-10", False, False),
        # In Paris it is the next day already.
        ("2026-11-10", "2026-11-10T23:30:00Z", False, False),
        ("2026-11-11", "2026-11-10T23:30:00Z", False, True),
    ],
)
def test_every_day_is_compared_with_the_moment_of_activation(
    menage, field, day, since, refused, accepted
):
    id_client = menage.active_client()
    activated = {"etat": "active", "activeSince": since}
    menage.control(f"particuliers/{id_client}", activated)
    menage.control("activation-day", {"allowed": not refused})
    days = GOOD_DAYS | {field: f"{day}T00:00:00Z"}
    (output,) = menage.send(menage.demande(id_client, days)).json()
    if accepted:
        assert output["statut"] == "10"
    else:
        assert item_codes(output) == ["ERR_LIEN_PARTICULIER_PRESTATAIRE"]
        assert field.split(".")[-1] in output["errors"][0]["description"]


def test_a_reset_forgets_how_the_day_of_activation_is_taken(menage):
    menage.control("activation-day", {"allowed": False})
    menage.control("reset")
    menage.sign_in()
    id_client = menage.active_client()
    activated = {"etat": "active", "activeSince": "2026-10-01T08:00:00"}
    menage.control(f"particuliers/{id_client}", activated)
    assert menage.accepted(id_client, "A")


def test_ten_requests_a_call(menage):
    id_client = menage.active_client()
    items = [menage.demande(id_client, {"numFactureTiers": f"F{n}"}) for n in range(11)]
    assert codes_of(menage.send(*items)) == ["ERR_NBRE_PREST_MAX"]
    assert menage.state()["demandes"] == []
    assert len(menage.send(*items[:10]).json()) == 10


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b"[" * 100000, b"[NaN]", b"\xff", b"1" * 9999]
)
def test_a_body_that_is_no_list_of_requests(menage, body):
    url = f"{menage.url}{BASE}/demandePaiement"
    assert codes_of(menage.session.post(url, data=body)) == ["ERREUR_VALIDATION"]


@pytest.mark.parametrize("path", ["particulier", "demandePaiement/rechercher"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null"])
def test_a_body_that_is_no_object(menage, path, body):
    url = f"{menage.url}{BASE}/{path}"
    assert codes_of(menage.session.post(url, data=body)) == ["ERREUR_VALIDATION"]


# M070


def test_search_gives_back_what_was_sent(menage):
    id_client = menage.active_client()
    id_demande = menage.accepted(id_client, "A")
    (info,) = menage.search(numFactureTiers=["A"]).json()["infoDemandePaiements"]
    sent = DEMANDE | {"idClient": id_client, "numFactureTiers": "A"}
    assert info == {
        "idDemandePaiement": id_demande,
        "demandePaiement": sent,
        "statut": {"code": "10", "libelle": "Intégrée"},
    }


def test_ids_win_over_numbers_and_numbers_over_dates(menage):
    id_client = menage.active_client()
    first = menage.accepted(id_client, "A")
    menage.accepted(id_client, "B")
    menage.accepted(id_client, "C", {"dateFacture": "2026-11-05T00:00:00Z"})
    dates = {"dateDebut": "2026-11-03T00:00:00Z", "dateFin": "2026-11-05T00:00:00Z"}
    assert numbers_found(menage.search(**dates)) == ["C"]
    assert numbers_found(menage.search(dateFin="2026-11-04T00:00:00Z")) == ["A", "B"]
    assert numbers_found(menage.search(numFactureTiers=["B"], **dates)) == ["B"]
    everything = {"numFactureTiers": ["B"], "idDemandePaiements": [first], **dates}
    assert numbers_found(menage.search(**everything)) == ["A"]


def test_search_refused(menage):
    id_client = menage.active_client()
    ids = [menage.accepted(id_client, f"F{number}") for number in range(11)]
    too_many = ["ERR_NBRE_MAX_RESULTAT"]
    assert codes_of(menage.search(idDemandePaiements=ids)) == too_many
    assert codes_of(menage.search(numFactureTiers=["x"] * 11)) == too_many
    assert codes_of(menage.search(dateDebut="2026-11-02T00:00:00Z")) == too_many
    assert len(numbers_found(menage.search(idDemandePaiements=ids[:10]))) == 10
    nothing = ["ERR_CRITERE_RECHERCHE_VIDE"]
    assert codes_of(menage.search()) == nothing
    assert codes_of(menage.search(idDemandePaiements=[])) == nothing
    assert codes_of(menage.search(numFactureTiers=["x"])) == ["ERR_RECHERCHE_VIDE"]
    invalid = ["ERREUR_VALIDATION"]
    assert codes_of(menage.search(numFactureTiers="F1")) == invalid
    assert codes_of(menage.search(idDemandePaiements=[1])) == invalid
    assert codes_of(menage.search(dateDebut="2026-11-02")) == invalid
    assert codes_of(menage.search(idFacture=["F1"])) == invalid


# Providers


def test_a_provider_sees_only_what_is_its_own(menage, jardin):
    id_client = menage.active_client()
    id_demande = menage.accepted(id_client, "A")
    unknown = ["ERR_RECHERCHE_PARTICULIER"]
    assert codes_of(jardin.registration(id_client)) == unknown
    for criteria in (
        {"idDemandePaiements": [id_demande]},
        {"numFactureTiers": ["A"]},
        {"dateDebut": "2026-01-01T00:00:00Z"},
    ):
        assert codes_of(jardin.search(**criteria)) == ["ERR_RECHERCHE_VIDE"]
    (output,) = jardin.send(jardin.demande(id_client)).json()
    assert item_codes(output) == ["ERR_LIEN_PARTICULIER_PRESTATAIRE"]


def test_registrations_and_numbers_are_per_provider(menage, jardin):
    id_client = menage.active_client()
    menage.accepted(id_client, "A")
    assert jardin.register().json()["idClient"] == id_client
    state = jardin.registration(id_client).json()["statut"]["code"]
    assert state == "APPAREILLAGE_EC"
    only_jardin = {"etat": "active", "provider": "jardin"}
    jardin.control(f"particuliers/{id_client}", only_jardin)
    assert jardin.accepted(id_client, "A")
    assert [demande["provider"] for demande in menage.state()["demandes"]] == [
        "menage",
        "jardin",
    ]
