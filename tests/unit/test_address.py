# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A postal address, as M010 takes it."""

import pytest
from urssaf.documents.address import FRANCE, Address
from urssaf.documents.problem import Problem, Rule

from .samples import ADDRESS, TODAY, particulier

TOWN = {"zip": "69001", "commune_code": "69381", "commune_name": "Lyon 1er"}


def address(**pieces):
    return Address(**TOWN | pieces)


@pytest.mark.parametrize(
    "pieces",
    [
        {"street_type": "R", "street_name": "du Soleil"},
        {"street_type": "R", "street_name": "du Soleil", "street_number": "8"},
        {
            "street_type": "CHE",
            "street_name": "du Lac",
            "street_number": "8",
            "street_letter": "C",
        },
        {"complement": "Bâtiment A"},
        {"locality": "Le Beyssat"},
        {"locality": "Le Beyssat", "complement": "Bâtiment A"},
        {"street_type": "R", "street_name": "a" * 28},
        {"complement": "a" * 38},
        {"locality": "a" * 38},
        {"locality": "x", "commune_name": "a" * 50},
        {"street_type": "R", "street_name": "x", "street_number": "9" * 20},
        {"street_type": "R", "street_name": "x", "street_number": "007"},
        {"locality": "x", "commune_code": "2A004", "zip": "20000"},
        {"locality": "x", "commune_code": "97411", "zip": "97400"},
    ],
    ids=str,
)
def test_an_address_that_m010_takes_has_no_problem(pieces):
    assert address(**pieces).problems() == []


STREET = {"street_type": "R", "street_name": "du Soleil"}


@pytest.mark.parametrize(
    "pieces, field, rule",
    [
        ({**STREET, "zip": ""}, "zip", Rule.MISSING),
        ({**STREET, "zip": "6900"}, "zip", Rule.MALFORMED),
        ({**STREET, "zip": "690011"}, "zip", Rule.MALFORMED),
        ({**STREET, "zip": "F-690"}, "zip", Rule.MALFORMED),
        ({**STREET, "zip": "6900 "}, "zip", Rule.MALFORMED),
        ({**STREET, "zip": "6900１"}, "zip", Rule.MALFORMED),
        ({**STREET, "zip": "6900²"}, "zip", Rule.MALFORMED),
        ({**STREET, "commune_code": ""}, "commune", Rule.MISSING),
        ({**STREET, "commune_name": "a" * 51}, "commune_name", Rule.TOO_LONG),
        ({**STREET, "street_number": "0"}, "street_number", Rule.MALFORMED),
        ({**STREET, "street_number": "8 bis"}, "street_number", Rule.MALFORMED),
        ({**STREET, "street_number": "8-10"}, "street_number", Rule.MALFORMED),
        ({**STREET, "street_number": "-8"}, "street_number", Rule.MALFORMED),
        ({**STREET, "street_number": "８"}, "street_number", Rule.MALFORMED),
        ({**STREET, "street_number": "²"}, "street_number", Rule.MALFORMED),
        ({**STREET, "street_number": "1" * 21}, "street_number", Rule.TOO_LONG),
        ({**STREET, "street_letter": "A"}, "street_letter", Rule.MALFORMED),
        ({**STREET, "street_letter": "b"}, "street_letter", Rule.MALFORMED),
        ({**STREET, "street_letter": "bis"}, "street_letter", Rule.MALFORMED),
        ({**STREET, "street_type": "rue"}, "street_type", Rule.MALFORMED),
        ({**STREET, "street_type": "RU"}, "street_type", Rule.MALFORMED),
        ({**STREET, "street_name": "a" * 29}, "street_name", Rule.TOO_LONG),
        ({**STREET, "complement": "a" * 39}, "complement", Rule.TOO_LONG),
        ({**STREET, "locality": "a" * 39}, "locality", Rule.TOO_LONG),
        ({"street_type": "R"}, "street_name", Rule.NEEDS_STREET_NAME),
        ({"street_name": "du Soleil"}, "street_type", Rule.NEEDS_STREET_TYPE),
        ({"street_number": "8"}, "street_name", Rule.NEEDS_STREET_NAME),
        ({"street_letter": "B"}, "street_name", Rule.NEEDS_STREET_NAME),
        (
            {"street_number": "8", "complement": "Bâtiment A"},
            "street_name",
            Rule.NEEDS_STREET_NAME,
        ),
        (
            {"street_type": "R", "locality": "Le Beyssat"},
            "street_name",
            Rule.NEEDS_STREET_NAME,
        ),
        (
            {"street_name": "du Soleil", "locality": "Le Beyssat"},
            "street_type",
            Rule.NEEDS_STREET_TYPE,
        ),
        ({}, "street_name", Rule.NEEDS_STREET_OR_LOCALITY),
    ],
)
def test_each_problem_of_an_address_is_found_once_and_alone(pieces, field, rule):
    assert address(**pieces).problems() == [Problem(field, rule)]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param({**STREET, "commune_name": ""}, id="no label"),
        pytest.param({**STREET, "commune_code": "6938"}, id="code too short"),
        pytest.param({**STREET, "commune_code": "693811"}, id="code too long"),
        pytest.param({**STREET, "commune_code": "Lyon1"}, id="code no code"),
    ],
)
def test_an_address_that_the_contract_refuses_is_a_problem(pieces):
    assert address(**pieces).problems() != []


def test_an_empty_address_tells_all_that_is_missing():
    assert Address().problems() == [
        Problem("zip", Rule.MISSING),
        Problem("commune", Rule.MISSING),
        Problem("street_name", Rule.NEEDS_STREET_OR_LOCALITY),
    ]


def test_all_problems_of_an_address_are_told_at_once():
    found = address(
        zip="x",
        street_number="x",
        street_letter="x",
        street_type="x",
        street_name="a" * 29,
        complement="a" * 39,
        locality="a" * 39,
    ).problems()
    assert {(problem.field, problem.rule) for problem in found} == {
        ("zip", Rule.MALFORMED),
        ("street_number", Rule.MALFORMED),
        ("street_letter", Rule.MALFORMED),
        ("street_type", Rule.MALFORMED),
        ("street_name", Rule.TOO_LONG),
        ("complement", Rule.TOO_LONG),
        ("locality", Rule.TOO_LONG),
    }
    assert len(found) == 7


def test_the_problems_of_an_address_are_those_of_its_particulier():
    wrong = address(street_number="8")
    assert particulier(address=wrong).problems(TODAY) == wrong.problems()


@pytest.mark.parametrize(
    "piece, name",
    [
        ("street_number", "numeroVoie"),
        ("street_letter", "lettreVoie"),
        ("street_type", "codeTypeVoie"),
        ("street_name", "libelleVoie"),
        ("complement", "complement"),
        ("locality", "lieuDit"),
    ],
)
def test_a_piece_goes_under_its_own_name_and_is_left_out_when_absent(piece, name):
    town = {
        "codePostal": "69001",
        "codeCommune": "69381",
        "libelleCommune": "Lyon 1er",
        "codePays": "99100",
    }
    assert address(**{piece: "é 1"}).body() == town | {name: "é 1"}
    assert address().body() == town


def test_an_address_is_always_in_france():
    assert ADDRESS.body()["codePays"] == FRANCE == "99100"
