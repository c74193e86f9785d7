# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The pieces of M010 that are read from address lines as people type them: a table of real
ones (tests/addresses.csv), and any other line."""

import csv
import json
from dataclasses import astuple, fields
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from urssaf.api.codes import STREET_TYPES
from urssaf.documents.address import Address
from urssaf.proposals.street import Street, parse_street
from urssaf.proposals.street_words import TYPES, fold_word

from . import contract
from .growth import check_growth

with (Path(__file__).parents[1] / "addresses.csv").open(encoding="utf-8") as file:
    TABLE = [
        (row["street"], row["street2"], Street(**dict(list(row.items())[2:])))
        for row in csv.DictReader(file, delimiter=";")
    ]
ENOUGH = 0.95
POSTAL_ADDRESS = contract.PARTICULIER["properties"]["adressePostale"]


def check(*lines):
    """The pieces; the contract and the library's own checks allow them."""
    found = parse_street(*lines)
    address = Address(
        zip="69003",
        commune_code="69383",
        commune_name="Lyon 3e Arrondissement",
        **{f"street_{name}": getattr(found, name) for name in ("number", "letter")},
        **{f"street_{name}": getattr(found, name) for name in ("type", "name")},
        complement=found.complement,
        locality=found.locality,
    )
    assert contract.violations(json.dumps(address.body()), POSTAL_ADDRESS) == []
    if found == Street():
        assert not any(char.isalnum() for line in lines for char in line)
    else:
        assert address.problems() == []
    assert parse_street(*lines) == found
    return found


# The table


def test_nearly_all_of_the_table_is_read_as_it_should_be():
    misses = [
        f"{street} / {street2}\n  expected {astuple(expected)}\n  found    {astuple(found)}"
        for street, street2, expected in TABLE
        if (found := parse_street(street, street2)) != expected
    ]
    assert len(TABLE) >= 200
    assert len(misses) <= (1 - ENOUGH) * len(TABLE), "\n".join(misses)


@pytest.mark.parametrize("street, street2, expected", TABLE)
def test_every_row_keeps_the_contract(street, street2, expected):
    check(street, street2)


def test_every_type_of_the_urssaf_is_read_by_its_name():
    for code, label in STREET_TYPES.items():
        found = parse_street(f"12 {label.upper()} DES LILAS")
        assert found == Street(number="12", type=code, name="DES LILAS")


def test_every_spelling_leads_to_a_type_of_the_urssaf():
    assert set(TYPES.values()) == set(STREET_TYPES)
    assert all(word == fold_word(word) for word in TYPES)


def test_the_pieces_are_not_shown():
    assert "Lilas" not in repr(parse_street("12 rue des Lilas"))


# Limits

LONG = "rue de la Très Longue Histoire des Bâtisseurs et des Compagnons du Devoir"


def test_a_long_name_keeps_its_last_words_and_is_whole_in_a_free_complement():
    assert check(f"12 {LONG}") == Street(
        number="12",
        type="R",
        name="Bâtisseurs Compagnons Devoir",
        complement="rue Très Longue Histoire Bâtisseurs",
    )


@pytest.mark.parametrize("unit", ["Appt n° 4", "Bât no 4", "Esc. N° 4"])
def test_a_unit_keeps_its_number(unit):
    found = check(f"{unit} 12 rue Foch")
    assert found == Street(number="12", type="R", name="Foch", complement=unit)


def test_a_long_name_goes_whole_into_the_locality_beside_a_complement():
    found = check(f"12 {LONG}", "Bât C")
    assert found.name == "Bâtisseurs Compagnons Devoir"
    assert found.complement == "Bât C"
    assert found.locality == "rue Très Longue Histoire Bâtisseurs"


def test_a_long_complement_flows_over_into_a_free_locality():
    found = check(
        "12 rue Foch", "Maison des Associations Culturelles, Porte Monumentale"
    )
    assert found.complement == "Maison Associations Culturelles"
    assert found.locality == "Porte Monumentale"


def test_a_long_locality_flows_over_into_a_free_complement():
    found = check("Les Hautes Terres Blanches de Saint-Barthélemy-le-Plain")
    assert found.locality == "Hautes Terres Blanches"
    assert found.complement == "St-Barthélemy-Plain"


@pytest.mark.parametrize("number", ["0", "000", "9" * 21])
def test_a_number_that_m010_does_not_take_is_kept_beside_the_street(number):
    assert check(f"{number} rue Foch") == Street(
        type="R", name="Foch", complement=f"N° {number}"
    )


def test_a_number_of_twenty_digits_is_taken():
    assert check(f"{'9' * 20} rue Foch").number == "9" * 20


@pytest.mark.parametrize("empty", ["", "  ", "\n\n", " , ; - ", "…", "\u200b", "'’'"])
def test_nothing_comes_of_nothing(empty):
    assert check(empty) == check("", empty) == check(empty, empty) == Street()


@pytest.mark.parametrize(
    "line, name",
    [
        ("12 rue de l’Église", "de l’Église"),
        ("12 rue de l'E\u0301glise", "de l'Église"),
        ("12\u00a0rue\u202fdu\tPort", "du Port"),
        ("12 rue du Port\r\n", "du Port"),
        ("１２ rue du Port", "du Port"),
        ("⑫ rue du Port", "du Port"),
    ],
)
def test_spelling_is_kept_and_spaces_are_set_right(line, name):
    assert check(line) == Street(number="12", type="R", name=name)


# Any line

TYPED_WORDS = """
    12 12B 3bis bis ter T à et 1-3 0 99999999999999999999999 n° N°12 rue r. RUE av.Foch
    avenue place Q. C cours Grande Petite Grand'Rue esplanade villa résidence Rés. Bât bât.
    C2 appt esc étage 2e lieu-dit Lieu dit LD hameau quartier BP CS 20012 PK 18,5 chez c/o
    69003 Lyon CEDEX France de du la l' d' des Le Saint-Jean Général Jean-Baptiste Lilas
    Kirchgasse RN 7 D906 N85 rond point , ; ( ) - / . — • ' ’ °
"""
WORDS = st.sampled_from(
    [*TYPED_WORDS.split(), "\n", "12,rue", "x" * 45, "é" * 29, "-" * 40, "a'" * 30]
)
LINES = st.one_of(
    st.text(max_size=60),
    st.lists(WORDS, max_size=14).map(" ".join),
    st.lists(WORDS, max_size=60).map(" ".join),
    st.text("aé'’-,. 0\n", max_size=500),
)


@given(LINES, LINES)
def test_whatever_comes_the_contract_is_kept(street, street2):
    check(street, street2)


PLAIN_WORDS = st.text("bcfghjkmnpvwxz", min_size=3, max_size=8).filter(
    lambda word: word not in TYPES
)
NUMBERS = st.from_regex("[1-9][0-9]{0,3}", fullmatch=True)
SHORT_LINES = st.lists(st.one_of(PLAIN_WORDS, NUMBERS, WORDS), max_size=7).map(" ".join)


@given(SHORT_LINES, SHORT_LINES)
def test_no_number_and_no_name_of_a_short_address_is_lost(street, street2):
    typed = f"{street} {street2}"
    assume(len(typed) <= 28 and "69003" not in typed and "20012" not in typed)
    kept = " ".join(astuple(check(street, street2)))
    for word in typed.split():
        plain = word.islower() and set(word) <= set("bcfghjkmnpvwxz") and len(word) > 2
        if (plain and word not in TYPES) or (word.isdigit() and word.isascii()):
            assert word in kept


ENDLESS = (
    *("1", "1 ", "12 bis ", "rue ", "a'", "69003 ", "12 rue X, ", "12, ", "terter"),
    *("-'", "Saint-", "Bât C ", "av.", "Rés 12, ", "é", " ", "Grande rue ", "et "),
    *("1-", "x; ", "12; ", "12; x; ", "rue du 1; ", "rue d'x-", "lieu-dit ", " -"),
)


@pytest.mark.parametrize("evil", ENDLESS)
@pytest.mark.parametrize("start, end", [("", ""), ("bat ", "&"), ("12 rue ", "1")])
def test_a_line_twice_as_long_costs_about_twice_as_much(start, evil, end):
    def line(size):
        return f"{start}{evil * (size // len(evil))}{end}"

    check_growth(lambda text: parse_street(text, text), line, [200, 400, 800, 1600])


@pytest.mark.parametrize("evil", ENDLESS)
def test_no_line_is_too_long_to_be_read(evil):
    line = evil * (2000 // len(evil))
    check(line, line)


def test_the_pieces_are_those_of_an_address():
    names = {field.name for field in fields(Address)}
    assert {"complement", "locality"} < names
    assert all(
        f"street_{name}" in names for name in ("number", "letter", "type", "name")
    )
