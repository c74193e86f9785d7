# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The control API: what a test can look at and move on."""

import pytest


def status_of(provider, id_demande):
    """statut code, infoRejet and infoVirement, as M070 and the control API say."""
    answer = provider.search(idDemandePaiements=[id_demande])
    (info,) = answer.json()["infoDemandePaiements"]
    (row,) = (
        demande
        for demande in provider.state()["demandes"]
        if demande["idDemandePaiement"] == id_demande
    )
    assert row["statut"] == info["statut"]
    assert row["infoRejet"] == info.get("infoRejet")
    assert row["infoVirement"] == info.get("infoVirement")
    return info["statut"]["code"], row["infoRejet"], row["infoVirement"]


def test_state(menage):
    id_client = menage.active_client()
    id_demande = menage.accepted(id_client, "A")
    assert menage.state() == {
        "particuliers": [
            {
                "idClient": id_client,
                "provider": "menage",
                "nomNaissance": "Durand-L'Hermite",
                "prenoms": "Éric-Antoine Zoé",
                "etat": "active",
                "activeSince": "2026-09-30",
            }
        ],
        "demandes": [
            {
                "idDemandePaiement": id_demande,
                "provider": "menage",
                "numFactureTiers": "A",
                "idClient": id_client,
                "mntFactureTTC": 120.09,
                "statut": {"code": "10", "libelle": "Intégrée"},
                "infoRejet": None,
                "infoVirement": None,
            }
        ],
    }


def test_advance_to_the_transfer(menage):
    id_client = menage.register().json()["idClient"]
    assert menage.control("advance") == {"particuliers": 1, "demandes": 0}
    id_demande = menage.accepted(id_client, "A")
    seen = []
    for _step in range(4):
        assert menage.control("advance") == {"particuliers": 0, "demandes": 1}
        seen.append(status_of(menage, id_demande))
    scheduled = {"mntVirement": None, "dateVirement": "2026-11-20T00:00:00Z"}
    # The invoice is of 120.09, with a deposit of 10.50.
    paid = {"mntVirement": 109.59, "dateVirement": "2026-11-16T00:00:00Z"}
    assert seen == [
        ("20", None, None),
        ("30", None, None),
        ("50", None, scheduled),
        ("70", None, paid),
    ]
    assert menage.control("advance") == {"particuliers": 0, "demandes": 0}


def test_advance_only_some(menage):
    id_client = menage.active_client()
    first, second = (menage.accepted(id_client, number) for number in "AB")
    moved = menage.control("advance", {"idDemandePaiements": [second]})
    assert moved == {"particuliers": 0, "demandes": 1}
    assert status_of(menage, first)[0] == "10"
    assert status_of(menage, second)[0] == "20"


def test_refusal_transfer_and_unknown_status(menage):
    id_demande = menage.accepted(menage.active_client(), "A")
    path = f"demandes/{id_demande}"
    rejection = {"code": "CONTEST_AUTRE", "commentaire": "pas venu"}
    menage.control(path, {"statut": "40", "infoRejet": rejection})
    assert status_of(menage, id_demande) == ("40", rejection, None)
    transfer = {"mntVirement": 1.5, "dateVirement": "2026-12-01T00:00:00Z"}
    menage.control(path, {"statut": "70", "infoVirement": transfer})
    assert status_of(menage, id_demande) == ("70", None, transfer)
    # A request cancelled after the transfer still shows the transfer.
    menage.control(path, {"statut": "110"})
    assert status_of(menage, id_demande) == ("110", None, transfer)
    menage.control(path, {"statut": "999", "libelle": "Nouveau"})
    (row,) = menage.state()["demandes"]
    assert row["statut"] == {"code": "999", "libelle": "Nouveau"}


def test_all_in_one_status_change_at_once(menage):
    id_client = menage.active_client()
    ids = [menage.accepted(id_client, number) for number in "ABC"]
    menage.control(f"demandes/{ids[0]}", {"statut": "20"})
    count = f"{menage.url}/control/demandes/count"
    assert menage.session.get(count).json() == {"10": 2, "20": 1}
    change = {"from": "10", "statut": "70"}
    assert menage.control("demandes/status", change) == {"demandes": 2}
    assert menage.control("demandes/status", change) == {"demandes": 0}
    assert menage.session.get(count).json() == {"20": 1, "70": 2}
    paid = {"mntVirement": 109.59, "dateVirement": "2026-11-16T00:00:00Z"}
    assert status_of(menage, ids[1]) == ("70", None, paid)
    assert status_of(menage, ids[0]) == ("20", None, None)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("demandes/nothing", {"statut": "30"}, 404),
        ("demandes/{demande}", {"statut": "999"}, 400),
        ("demandes/{demande}", {"statut": 30}, 400),
        ("demandes/{demande}", {"statut": "40", "infoRejet": "x"}, 400),
        ("demandes/status", {"statut": "30"}, 400),
        ("demandes/status", {"from": "10", "statut": "999"}, 400),
        ("particuliers/nothing", {"etat": "active"}, 404),
        ("particuliers/{client}", {"etat": "happy"}, 400),
        ("particuliers/{client}", {"etat": "active", "activeSince": "x"}, 400),
        ("particuliers/{client}", {"etat": "active", "provider": "jardin"}, 404),
        ("particuliers/{client}", {"etat": "active", "activeSince": 20261001}, 400),
        (
            "particuliers/{client}",
            {"etat": "active", "activeSince": "2026-10-01T25:00:00"},
            400,
        ),
        ("activation-day", {"allowed": "yes"}, 400),
        ("activation-day", {}, 400),
        ("advance", {"idDemandePaiements": ["nothing"]}, 404),
        ("advance", {"idDemandePaiements": "nothing"}, 400),
        ("advance", ["nothing"], 400),
    ],
)
def test_what_makes_no_sense_is_refused(menage, path, body, status):
    id_client = menage.active_client()
    id_demande = menage.accepted(id_client, "A")
    before = menage.state()
    path = path.format(client=id_client, demande=id_demande)
    answer = menage.session.post(f"{menage.url}/control/{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert menage.state() == before


def test_reset_empties_everything(menage):
    menage.accepted(menage.active_client(), "A")
    menage.control("reset")
    assert menage.state() == {"particuliers": [], "demandes": []}
    assert menage.calls() == []
    assert menage.registration("x").status_code == 401
