# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's lists, as its public documents have them."""

import re

import pytest
from urssaf.api.codes import (
    ALREADY_SENT,
    NO_RESULT,
    STATUS_BY_CODE,
    STATUS_BY_KEY,
    STATUSES,
    STREET_LETTERS,
    STREET_TYPES,
    UNKNOWN_PARTICULIER,
)


@pytest.mark.parametrize(
    "code, key, label, moves, dead",
    [
        ("10", "integrated", "Intégrée", True, False),
        ("15", "aids_computed", "Aides calculées", True, False),
        ("20", "awaiting_validation", "En attente de validation", True, False),
        ("30", "validated", "Validée", True, False),
        ("40", "refused", "Refusée", False, True),
        ("50", "debited", "Prélevée", True, False),
        ("60", "debit_refused", "En refus de prélèvement", True, False),
        ("70", "paid", "Payée", True, False),
        ("80", "in_exchange", "En attente d'échanges", True, False),
        ("90", "closed", "Clôturée", True, False),
        ("100", "deleted", "Supprimée", False, True),
        ("110", "cancelled", "Annulée", False, True),
        ("111", "cancelled_unpaid", "Annulée après impayé", False, True),
        ("112", "cancelled_recovered", "Annulée après recouvrement", False, True),
        ("113", "cancelled_other", "Annulée pour raison spécifique", False, True),
        ("120", "recovered", "Recouvrée", False, False),
        ("260", "provider_unpaid", "Impayé prestataire", True, False),
        ("270", "provider_settled", "Régularisé prestataire", False, False),
    ],
)
def test_a_status_is_what_the_urssaf_says(code, key, label, moves, dead):
    status = STATUS_BY_CODE[code]
    assert (status.key, status.label) == (key, label)
    assert (status.moves, status.dead) == (moves, dead)
    assert STATUS_BY_KEY[key] is status


def test_there_is_no_other_status_and_none_twice():
    assert len(STATUSES) == len(STATUS_BY_CODE) == len(STATUS_BY_KEY) == 18


def test_a_dead_request_moves_no_more():
    assert not [status for status in STATUSES if status.dead and status.moves]


def test_no_status_takes_a_name_of_the_addons_own():
    own = {"to_send", "sending", "error", "unknown"}
    assert not own & STATUS_BY_KEY.keys()


def test_the_street_letters_are_the_four_of_the_contract():
    assert STREET_LETTERS == {
        "B": "bis",
        "T": "ter",
        "Q": "quater",
        "C": "quinquies",
    }


def test_the_street_types_are_those_of_the_documentation():
    assert " ".join(sorted(STREET_TYPES)) == (
        "ALL AV BAT BD C CAN CHE CHS CI CL COG FG HAM IMB IMP LOT MAI MTE PAR PAS "
        "PAV PL POR Q QU R RAM RES RTE RUL SEN SQ VO"
    )
    assert len(set(STREET_TYPES.values())) == len(STREET_TYPES) == 33


@pytest.mark.parametrize(
    "code, label",
    [
        ("BD", "Boulevard"),
        ("C", "Cours"),
        ("CHE", "Chemin"),
        ("CHS", "Chaussée"),
        ("CI", "Cité"),
        ("IMP", "Impasse"),
        ("LOT", "Lotissement"),
        ("PAS", "Passage"),
        ("PL", "Place"),
        ("Q", "Quai"),
        ("QU", "Quartier"),
        ("R", "Rue"),
        ("RTE", "Route"),
        ("VO", "Voie"),
    ],
)
def test_a_street_type_has_its_own_label(code, label):
    assert STREET_TYPES[code] == label


def test_a_street_type_fits_the_contract():
    assert all(re.fullmatch("[0-9A-Za-z]{1,4}", code) for code in STREET_TYPES)


def test_the_codes_that_the_library_and_its_callers_act_on():
    assert NO_RESULT == "ERR_RECHERCHE_VIDE"
    assert ALREADY_SENT == "ERR_FACTURE_DOUBLON"
    assert UNKNOWN_PARTICULIER == "ERR_RECHERCHE_PARTICULIER"
