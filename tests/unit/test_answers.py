# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is read from the Urssaf's answers."""

import json
import traceback
from datetime import date, datetime, timezone
from decimal import Decimal

import pytest
from urssaf.api import answers, told_errors
from urssaf.api.answers import Outcome, Registration, RequestInfo, read
from urssaf.api.codes import STATUSES
from urssaf.api.errors import ApiError, Unavailable, Unsure
from urssaf.text import fold

from .samples import SECRET

# M020


def registration(etat=None, code=None, description=None, name="statut"):
    status = {"etat": etat, "code": code, "description": description}
    return answers.registration({"idClient": "C-1", name: status})


@pytest.mark.parametrize("name", ["statut", "statutTransmission"])
@pytest.mark.parametrize(
    "etat, code, state",
    [
        ("OK", "APPAREILLAGE_VALIDE", "active"),
        ("KO", "APPAREILLAGE_EC", "pending"),
        ("INCONNU", "APPAREILLAGE_EC", "pending"),
        ("KO", "APPAREILLAGE_NF", "abandoned"),
        ("KO", "PARTICULIER_BLOQUE", "blocked"),
        ("KO", "MANDAT_ECHU", "mandate_expired"),
        ("KO", "NEVER_SEEN", "error"),
        ("INCONNU", None, "error"),
        (None, None, "error"),
        (None, "APPAREILLAGE_VALIDE", "active"),
        (True, "APPAREILLAGE_VALIDE", "active"),
        # The code says "valid", but the Urssaf does not say OK.
        ("KO", "APPAREILLAGE_VALIDE", "pending"),
        ("OK", None, "active"),
    ],
)
def test_a_registration_has_the_state_that_its_code_means(name, etat, code, state):
    found = registration(etat, code, "ce que dit l'Urssaf", name)
    assert found == Registration(state, code or "", "ce que dit l'Urssaf")


@pytest.mark.parametrize(
    "answer",
    [
        {"statut": None, "statutTransmission": {"code": "APPAREILLAGE_EC"}},
        {"statut": {}, "statutTransmission": {"code": "APPAREILLAGE_EC"}},
        {"statut": {"code": "APPAREILLAGE_EC"}, "statutTransmission": None},
        {"statut": {"statutTransmission": {"etat": "KO", "code": "APPAREILLAGE_EC"}}},
        {"idClient": "C-1", "code": "appareillage ec"},
        {"idClient": "C-1", "statut": "Appareillage-EC"},
    ],
    ids=str,
)
def test_a_registration_is_read_wherever_it_stands(answer):
    assert answers.registration(answer).code == "APPAREILLAGE_EC"
    assert answers.registration(answer).state == "pending"


# What the sentence says as in Paris, and the moment in UTC.
MOMENTS = {
    # A day alone begins in UTC, and is the same day in Lisbon and in Athens.
    "15/01/2026": (2026, 1, 15),
    "depuis le 29/02/2024, merci": (2024, 2, 29),
    "(15/01/2026)": (2026, 1, 15),
    "depuis le 03/07/2026.": (2026, 7, 3),
    # Nobody activates at midnight to the second.
    "à compter du 01/02/2026 00:00:00.": (2026, 2, 1),
    "01/07/2026 00:00": (2026, 7, 1),
    "depuis le 03/07/2026 14:32:10": (2026, 7, 3, 12, 32, 10),
    "15/01/2026 08:30": (2026, 1, 15, 7, 30),
    "15/01/2026 23:59:59": (2026, 1, 15, 22, 59, 59),
    "01/07/2026 00:00:01": (2026, 6, 30, 22, 0, 1),
    "01/01/2026 00:30": (2025, 12, 31, 23, 30),
    "le 03/07/2026 à 14:32:10 (Paris)": (2026, 7, 3, 12, 32, 10),
    "le 03/07/2026 à 9h05": (2026, 7, 3, 7, 5),
    "le 03/07/2026, 14 h 32": (2026, 7, 3, 12, 32),
    "le 03/07/2026\u00a0à\u00a014\u00a0h\u00a032": (2026, 7, 3, 12, 32),
    # The clocks change on the last Sundays of March and October.
    "29/03/2026 01:59:59": (2026, 3, 29, 0, 59, 59),
    "29/03/2026 03:00:00": (2026, 3, 29, 1, 0, 0),
    "25/10/2026 01:30:00": (2026, 10, 24, 23, 30, 0),
    "25/10/2026 03:30:00": (2026, 10, 25, 2, 30, 0),
    # What is no hour does not hide the day.
    "15/01/2026 25:00:00": (2026, 1, 15),
    "15/01/2026 12:61": (2026, 1, 15),
    "15/01/2026 1234:56": (2026, 1, 15),
    "15/01/2026, dossier 14:32:10": (2026, 1, 15),
    "activé": None,
    "": None,
    None: None,
    "dossier 115/01/2026": None,
    "dossier 15/01/20261": None,
    # In other spellings.
    "depuis le 3/7/2026 à 9h05": (2026, 7, 3, 7, 5),
    "depuis le 03-07-2026 14:32": (2026, 7, 3, 12, 32),
    "depuis le 03.07.2026": (2026, 7, 3),
    "depuis le 03/07/26": None,
    "depuis le 3 juillet 2026 à 14 heures 32": (2026, 7, 3, 12, 32),
    "depuis le 1er août 2026": (2026, 8, 1),
    "03/07/2026 (14:32:10)": (2026, 7, 3, 12, 32, 10),
    "03/07/2026 - 14 h 32 min 10": (2026, 7, 3, 12, 32, 10),
    "2026-01-15": (2026, 1, 15),
    "2026-07-03 14:32:10": (2026, 7, 3, 12, 32, 10),
    "2026-07-03T14:32:10Z": (2026, 7, 3, 14, 32, 10),
    "2026-07-03T14:32:10.123+02:00": (2026, 7, 3, 12, 32, 10),
    "2026-07-03T10:32:10-0400": (2026, 7, 3, 14, 32, 10),
    "2026-07-02T22:00:00Z": (2026, 7, 3),
    # Of several, it is the day since when.
    "Demande du 01/07/2026, actif depuis le 03/07/2026": (2026, 7, 3),
    "Actif à compter du 03/07/2026, mandat du 01/07/2026": (2026, 7, 3),
    "le 31/02/2026, puis le 03/07/2026": (2026, 7, 3),
    "dossier 12/34/2026 ou 26/13/07": None,
    "le 30 vendémiaire 2026": None,
    "le 03/07/1926": None,
    "06.07.08.09.10": None,
}


@pytest.mark.parametrize("description", MOMENTS)
def test_an_active_registration_tells_since_when(description):
    found = registration("OK", "APPAREILLAGE_VALIDE", description)
    assert found.state == "active"
    moment = MOMENTS[description]
    assert found.active_since == (moment and datetime(*moment, tzinfo=timezone.utc))


@pytest.mark.parametrize("description", ["le 31/02/2026", "dossier 99/99/9999"])
def test_what_only_looks_like_a_day_does_not_hide_that_it_is_active(description):
    found = registration("OK", "APPAREILLAGE_VALIDE", description)
    assert (found.state, found.active_since) == ("active", None)


@pytest.mark.parametrize(
    "code", ["APPAREILLAGE_EC", "APPAREILLAGE_NF", "PARTICULIER_BLOQUE", "MANDAT_ECHU"]
)
def test_the_day_of_one_who_is_not_active_is_no_activation(code):
    assert registration("KO", code, "bloqué le 15/01/2026").active_since is None


# M050


def test_an_outcome_is_accepted_or_refused():
    assert answers.outcomes(
        [
            {"numFactureTiers": "F-1", "idDemandePaiement": "D-1", "statut": "10"},
            {"numFactureTiers": "F-2", "idDemandePaiement": None, "errors": None},
            {
                "numFactureTiers": "F-3",
                "errors": [{"code": "A"}, {"code": "B", "message": "b"}],
            },
            {"numFactureTiers": "F-4", "errors": {"code": "A"}},
        ]
    ) == [
        Outcome("F-1", "D-1"),
        Outcome("F-2"),
        Outcome("F-3", errors=(ApiError("A"), ApiError("B", "b"))),
        Outcome("F-4", errors=(ApiError("A"),)),
    ]
    assert answers.outcomes([]) == []


REFUSED = {
    "beside": {"code": "ERR_A", "message": "a"},
    "with a longer name": {"codeErreur": "ERR_A", "libelle": "a"},
    "in the status": {"statut": {"code": "ERR_A", "libelle": "a"}},
    "as a text": {"errors": ["ERR_A : a"]},
    "as the only text": {"erreur": "ERR_A: a"},
    "as a name": {"errors": {"ERR_A": "a"}},
    "with an id that is none": {"idDemandePaiement": "null", "errors": ["ERR_A: a"]},
}


@pytest.mark.parametrize("where", REFUSED)
def test_a_refusal_is_read_wherever_it_stands(where):
    good = {"numFactureTiers": "F-1", "idDemandePaiement": "D-1"}
    bad = {"numFactureTiers": "F-2", **REFUSED[where]}
    for answer in ([good, bad], {"demandes": [good], "erreurs": [bad]}):
        accepted, refused = answers.outcomes(answer)
        assert accepted == Outcome("F-1", "D-1")
        assert (refused.number, refused.id) == ("F-2", "")
        assert [error.code for error in refused.errors] == ["ERR_A"]
        assert "a" in refused.errors[0].message


def test_an_outcome_may_have_its_number_in_what_was_sent():
    told = {"idDemandePaiement": "D-1", "demandePaiement": {"numFactureTiers": "F-1"}}
    assert answers.outcomes([told]) == [Outcome("F-1", "D-1")]


def test_json_within_a_text_of_json_is_read():
    told = json.dumps(json.dumps([{"mntVirement": 88.5}])).encode()
    assert answers.parse(told) == [{"mntVirement": Decimal("88.5")}]
    assert answers.parse(b'"texte"') == "texte"
    with pytest.raises(ValueError, match="Expecting"):
        answers.parse(b'"[texte"')


@pytest.mark.parametrize("id_", [123, ["D-1"]], ids=str)
def test_an_accepted_request_never_has_an_id_that_is_no_text(id_):
    try:
        (outcome,) = answers.outcomes(
            [{"numFactureTiers": "F-1", "idDemandePaiement": id_}]
        )
    except (TypeError, ValueError):
        return
    assert isinstance(outcome.id, str)


# M070


WHOLE_RESULT = {
    "idDemandePaiement": "D-1",
    "demandePaiement": {
        "numFactureTiers": "F-1",
        "idClient": "C-1",
        "mntFactureTTC": Decimal("120.10"),
        "dateDebutEmploi": "2026-02-01T00:00:00Z",
        "dateFinEmploi": "2026-02-28T00:00:00.000Z",
    },
    "statut": {"code": "40", "libelle": "Refusée"},
    "infoRejet": {"code": "CONTEST_AUTRE", "commentaire": "non"},
    "infoVirement": {
        "mntVirement": Decimal("120.10"),
        "dateVirement": "2026-03-05T00:00:00+00:00",
    },
}


def test_a_result_of_a_search_is_read_whole():
    answer = {"infoDemandePaiements": [WHOLE_RESULT], "errors": []}
    results, errors = answers.found(answer)
    assert errors == []
    assert results == [
        RequestInfo(
            id="D-1",
            number="F-1",
            particulier_id="C-1",
            gross=Decimal("120.10"),
            date_from=date(2026, 2, 1),
            date_to=date(2026, 2, 28),
            code="40",
            label="Refusée",
            rejection_code="CONTEST_AUTRE",
            rejection_comment="non",
            transfer_amount=Decimal("120.10"),
            transfer_date=date(2026, 3, 5),
        )
    ]


@pytest.mark.parametrize(
    "told, day",
    [
        ("2026-02-01T00:00:00Z", date(2026, 2, 1)),
        ("2026-02-01", date(2026, 2, 1)),
        ("2026-02-01T00:00:00", date(2026, 2, 1)),
        ("2026-02-01T00:00:00+01:00", date(2026, 2, 1)),
        # Midnight in Paris, in winter and in summer, as the hour of London.
        ("2026-01-31T23:00:00Z", date(2026, 2, 1)),
        ("2026-01-31T23:00:00.000Z", date(2026, 2, 1)),
        ("2026-01-31T23:00:00.000+0000", date(2026, 2, 1)),
        ("2026-07-31T22:00:00+00:00", date(2026, 8, 1)),
        ("2026-07-31T22:00Z", date(2026, 8, 1)),
        ("2026-02-01T12:30:00Z", date(2026, 2, 1)),
        ("2026-02-01T00:00:00[Europe/Paris]", date(2026, 2, 1)),
        ("2026-01-31 23:00:00+00", date(2026, 2, 1)),
        ("2026-1-31", date(2026, 1, 31)),
        ("dimanche 1er février 2026", date(2026, 2, 1)),
        ("Sun, 01 Feb 2026 00:00:00 GMT", date(2026, 2, 1)),
        ("le 01/02/2026 à 00:00", date(2026, 2, 1)),
        (20260201, date(2026, 2, 1)),
        ([2026, 2, 1], date(2026, 2, 1)),
        ([2026, 2, 1, 0, 0], date(2026, 2, 1)),
    ],
)
def test_a_day_is_the_one_of_paris(told, day):
    sent = {"dateDebutEmploi": told, "dateFinEmploi": told}
    result = info(demandePaiement=sent, infoVirement={"dateVirement": told})
    assert {result.date_from, result.date_to, result.transfer_date} == {day}


def info(**changes):
    minimal = {"idDemandePaiement": "D-1", "statut": {"code": "10"}}
    answer = {"infoDemandePaiements": [minimal | changes]}
    ((found,), _errors) = answers.found(answer)
    return found


@pytest.mark.parametrize("nothing", [{}, None])
def test_a_result_may_tell_no_more_than_its_status(nothing):
    found = info(demandePaiement=nothing, infoRejet=nothing, infoVirement=nothing)
    assert found == info()
    assert found == RequestInfo("D-1", "", "", None, None, None, "10", "")


@pytest.mark.parametrize(
    "result",
    [
        # What is promised in one place stands in another.
        {"idDemandePaiement": "D-1", "numFactureTiers": "F-1", "code": 70},
        {"demandePaiement": {"numFactureTiers": "F-1", "idDemandePaiement": "D-1"}},
        {"demandePaiement": {"numFactureTiers": "F-1", "id_demande_paiement": "D-1"}},
        {"infoDemandePaiement": {"idDemandePaiement": "D-1", "numFactureTiers": "F-1"}},
    ],
    ids=str,
)
def test_a_result_is_read_wherever_its_parts_stand(result):
    inner = result.get("infoDemandePaiement") or result.get("demandePaiement", result)
    outer = result.get("infoDemandePaiement", result)
    outer |= {"mntVirement": "88,00", "dateVirement": "05/03/2026"}
    if "code" not in result:
        inner["statut"] = "Payée"
    ((found,), _errors) = answers.found({"infoDemandePaiements": [result]})
    assert (found.id, found.number, found.key) == ("D-1", "F-1", "paid")
    assert found.transfer_amount == Decimal("88.00")
    assert found.transfer_date == date(2026, 3, 5)


def test_its_own_status_counts_before_one_that_was_sent():
    found = info(statut=None, Statut="70", demandePaiement={"statut": "10"})
    assert found.key == "paid"


def test_wrappers_without_end_are_no_error_of_ours():
    deep = "70"
    for _level in range(200):
        deep = {"statut": deep}
    assert info(statut=deep).key == "unknown"
    with pytest.raises(Unsure):
        read(answers.registration, {"idClient": "C-1", "statut": deep}, Unsure)


@pytest.mark.parametrize(
    "told, code, comment",
    [
        ("Pas d'accord", "", "Pas d'accord"),
        ([{"code": 1, "commentaire": "non"}], "1", "non"),
        ({"codeRejet": "AUTRE", "commentaireRejet": "non"}, "AUTRE", "non"),
    ],
    ids=str,
)
def test_a_rejection_is_read_in_other_shapes(told, code, comment):
    found = info(infoRejet=told)
    assert (found.rejection_code, found.rejection_comment) == (code, comment)


def test_a_transfer_that_is_only_scheduled_has_a_day_and_no_amount():
    found = info(infoVirement={"mntVirement": None, "dateVirement": "2026-03-05"})
    assert (found.transfer_amount, found.transfer_date) == (None, date(2026, 3, 5))


@pytest.mark.parametrize(
    "value, amount",
    [
        (0, "0"),
        (2000, "2000"),
        (Decimal("0.10"), "0.10"),
        ("2000", "2000"),
        ("0.10", "0.10"),
        (Decimal("-5.5"), "-5.5"),
        ("1 234,56 €", "1234.56"),
        ("1.234,56 EUR", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1'234'567.80", "1234567.80"),
        ("EUR 88", "88"),
        ("88,5 euros", "88.5"),
    ],
)
def test_amounts_are_exact(value, amount):
    assert str(info(demandePaiement={"mntFactureTTC": value}).gross) == amount


@pytest.mark.parametrize(
    "status",
    [
        *(None, {}, [], "", True, {"code": None}, {"code": ""}, {"code": True}),
        *({"code": "1\0"}, {"code": "9" * 65}, {"code": ["10"]}, {"code": {}}),
        *({"code": Decimal("1e999999999")}, {"code": Decimal("1.5")}, {"libelle": "?"}),
    ],
    ids=ascii,
)
def test_a_result_whose_status_cannot_be_read_is_one_all_the_same(status):
    found = info(statut=status, demandePaiement={"numFactureTiers": "F-1"})
    assert (found.id, found.number, found.code) == ("D-1", "F-1", "")
    assert found.key == "unknown"


@pytest.mark.parametrize(
    "status",
    [
        *("10", 10, "10 ", Decimal("10.0"), {"CODE": "10"}, [{"code": 10}]),
        *("10.0", "10 - Intégrée", "10 : INTEGREE", "10 Intégrée"),
        *({"codeStatut": "10"}, {"statut": {"code": 10}}),
    ],
    ids=str,
)
@pytest.mark.parametrize("within", [False, True])
def test_a_code_is_read_however_it_is_written(status, within):
    status = (
        {"code": status} if within and not isinstance(status, (dict, list)) else status
    )
    assert info(statut=status).key == "integrated"


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status.code)
def test_a_label_alone_tells_the_code(status):
    label = status.label.upper()
    constant = fold(label).replace(" ", "_").replace("'", "_")
    for told in (
        *(label, constant, {"libelle": label}, {"libelleStatut": label}),
        {"code": None, "libelle": f" {label} "},
    ):
        assert info(statut=told).code == status.code


@pytest.mark.parametrize(
    "id_", [None, "", "D\n1", "D-\ud800", "D" * 201, True, ["D-1"], {}], ids=ascii
)
def test_a_result_without_its_id_is_none_but_its_number_may_be_known(id_):
    found = info(idDemandePaiement=id_, demandePaiement={"numFactureTiers": "F-1"})
    assert (found.id, found.number, found.code) == ("", "F-1", "10")


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status.code)
def test_a_known_status_has_a_key(status):
    assert info(statut={"code": status.code}).key == status.key


@pytest.mark.parametrize("code", ["16", "999", "010", "x"])
def test_a_status_that_nobody_knows_is_unknown_with_its_code_and_label(code):
    found = info(statut={"code": code, "libelle": "Autre"})
    assert (found.key, found.code, found.label) == ("unknown", code, "Autre")


# Errors


@pytest.mark.parametrize(
    "answer", [None, "", "no", 3, [], {}, [[]], [None], [{}], {"code": ""}], ids=str
)
def test_what_names_no_error_is_none(answer):
    assert told_errors.api_errors(answer) == []


@pytest.mark.parametrize(
    "raised", [AttributeError, KeyError, TypeError, ValueError, ArithmeticError]
)
@pytest.mark.parametrize("otherwise", [Unsure, Unavailable])
def test_an_unreadable_answer_becomes_the_error_that_fits(raised, otherwise):
    def reader(answer):
        raise raised(answer)

    with pytest.raises(otherwise) as caught:
        read(reader, SECRET, otherwise)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_mistake_of_ours_is_not_taken_for_a_strange_answer():
    def reader(answer):
        raise AssertionError

    with pytest.raises(AssertionError):
        read(reader, {}, Unsure)


# The token


@pytest.mark.parametrize(
    "answer, expected",
    [
        ({"access_token": "t", "expires_in": 3599}, ("t", 3599)),
        ({"access_token": "t", "expires_in": "3599"}, ("t", 3599)),
        ({"access_token": "t", "expires_in": Decimal("3599.0")}, ("t", 3599)),
        ({"access_token": "t", "expires_in": None}, ("t", 3600)),
        ({"access_token": "t", "expires_in": 30}, ("t", 60)),
        ({"access_token": "t", "expires_in": 10**30}, ("t", 86400)),
        ({"access_token": "t", "scope": "s", "token_type": "Bearer"}, ("t", 3600)),
    ],
    ids=str,
)
def test_a_token_comes_with_its_life(answer, expected):
    assert answers.token(answer) == expected
