# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A commune as somebody types it: what is read in it, and how near a name is."""

import csv
import gzip
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urssaf.proposals.cog import TOWNS_ABROAD, fold_place
from urssaf.proposals.departments import department, words
from urssaf.proposals.nearness import NameIndex, distance, errors, errors_allowed
from urssaf.proposals.typed_place import TypedPlace, read_place

from .conftest import ADDON

with gzip.open(ADDON / "data" / "communes.csv.gz", "rt", encoding="utf-8") as _text:
    NAMES = sorted(
        {fold_place(row["name"]) for row in csv.DictReader(_text, delimiter=";")}
    )


# Readings


@pytest.mark.parametrize(
    "typed, key, code",
    [
        ("Boulogne-Billancourt 75", "BOULOGNE BILLANCOURT", "75"),
        ("Boulogne-Billancourt 075", "BOULOGNE BILLANCOURT", "75"),
        ("75 Boulogne-Billancourt", "BOULOGNE BILLANCOURT", "75"),
        ("Boulogne-Billancourt (Seine)", "BOULOGNE BILLANCOURT", "75"),
        ("Pontoise, Seine-et-Oise", "PONTOISE", "78"),
        ("Pontoise dpt de Seine & Oise", "PONTOISE", "78"),
        ("PONTOISE (S.-et-O.)", "PONTOISE", "78"),
        ("Pontoise S et O", "PONTOISE", "78"),
        ("Bastia (20)", "BASTIA", "20"),
        ("Bastia (Haute-Corse)", "BASTIA", "2B"),
        ("Bastia 02b", "BASTIA", "2B"),
        ("Saint-Martin (971)", "SAINT MARTIN", "971"),
        ("St Denis de la Réunion", "SAINT DENIS", "974"),
        ("St-Denis (Île de la Réunion)", "SAINT DENIS", "974"),
        ("St-Denis Seine St Denis", "SAINT DENIS", "93"),
        ("Bayonne (B.-Pyr.)", "BAYONNE", "64"),
        ("Bayonne, B. Pyr.", "BAYONNE", "64"),
        ("Le Havre S.-Inf.", "LE HAVRE", "76"),
        ("Aix B.-du-R.", "AIX", "13"),
        ("Gap (Htes-Alpes)", "GAP", "05"),
        ("Paris 12ème (Seine)", "PARIS 12", "75"),
        ("Oran (Algérie)", "ORAN", "99"),
        ("dept 69 Lyon", "LYON", "69"),
        ("Givors (69 Rhône)", "GIVORS", "69"),
        ("Lyon, Rhône (69)", "LYON", "69"),
        ("Le Mans (72 - Sarthe)", "LE MANS", "72"),
    ],
)
def test_the_department_is_read(typed, key, code):
    whole, *others = read_place(typed)
    assert whole == TypedPlace(fold_place(typed))
    assert TypedPlace(key, department=code) in others


@pytest.mark.parametrize(
    "typed",
    [
        "Neuilly sur Seine",
        "Bar-sur-Aube",
        "Villeneuve-sur-Lot",
        "Nord",
        "75",
        "Mayenne",
    ],
)
def test_a_name_is_not_torn_apart(typed):
    assert read_place(typed) == [TypedPlace(fold_place(typed))]


@pytest.mark.parametrize(
    "typed",
    ["Cholet (49), France", "Cholet (Maine-et-Loire) France", "CHOLET 49 (FRANCE)"],
)
def test_the_country_is_left_out(typed):
    assert TypedPlace("CHOLET", department="49") in read_place(typed)
    for name in ("Roissy-en-France", "Fort de France", "France"):
        assert read_place(name) == [TypedPlace(fold_place(name))]


def test_codes_are_read():
    assert read_place("2a004") == [TypedPlace("", "2A004", "2A")]
    assert read_place("69003 Lyon") == [TypedPlace("LYON", "69003", "69")]
    assert read_place("97400 St Denis") == [TypedPlace("SAINT DENIS", "97400", "974")]
    shown = "Évry (91228, today Évry-Courcouronnes)"
    assert read_place(shown) == [TypedPlace("EVRY", "91228", "91")]


def test_every_department_has_a_name():
    with gzip.open(ADDON / "data" / "communes.csv.gz", "rt", encoding="utf-8") as text:
        places = [row["code"] for row in csv.DictReader(text, delimiter=";")]
    for code in {code[:3] if code[:2] in {"97", "98"} else code[:2] for code in places}:
        if code not in {"984", "989"}:  # where nobody is born
            assert department([code]) == code
            assert any(department(words(name)) == code for name in _department_names())


@cache
def _department_names():
    from urssaf.proposals.departments import _NAMES

    lines = (line.split(" ", 1)[1] for line in _NAMES.strip().splitlines())
    return [name for names in lines for name in names.split(", ")]


@given(st.text())
def test_any_text_can_be_read(text):
    assert read_place(text)


# Nearness


@pytest.mark.parametrize(
    "one, other, count",
    [
        ("NANTES", "NANTES", 0),
        ("NANTESS", "NANTES", 1),
        ("NATNES", "NANTES", 1),
        ("NATES", "NANTES", 1),
        ("NSNTES", "NANTES", 1),
        ("NTANSE", "NANTES", 3),
        ("", "NAN", 3),
        ("NANTES", "RENNES", 3),
        ("BREST", "NANTES", None),
        ("NANTES", "NANTERRE", 3),
    ],
)
def test_letters_are_counted(one, other, count):
    assert distance(one, other, 3) == count
    assert distance(other, one, 3) == count


@given(st.text("ABC", max_size=7), st.text("ABC", max_size=7), st.integers(0, 4))
def test_the_distance_is_that_of_the_plain_method(one, other, limit):
    plain = _plain_distance(one, other)
    assert distance(one, other, limit) == (plain if plain <= limit else None)


def _plain_distance(one, other):
    if not one or not other:
        return len(one) + len(other)
    costs = [
        _plain_distance(one[1:], other) + 1,
        _plain_distance(one, other[1:]) + 1,
        _plain_distance(one[1:], other[1:]) + (one[0] != other[0]),
    ]
    if len(one) > 1 and one[1::-1] == other[:2]:
        costs.append(_plain_distance(one[2:], other[2:]) + 1)
    return min(costs)


def test_the_nearest_of_several_names_counts():
    assert errors("EVRI", "|EVRY PETIT BOURG|EVRY|") == 1
    assert errors("L HAY LES ROSES", "|LHAY LES ROSES|") == 0
    assert errors("CHALON SAONE", "|CHALON SUR SAONE|") == 0.5
    assert errors("PARIS 1", "|PARIS 11|") is None
    assert errors("PO", "|PAU|") is None


PLACES = [(number, f"|{name}|") for number, name in enumerate(NAMES[::40])]
INDEX = NameIndex(PLACES)


@given(st.sampled_from(PLACES), st.data())
def test_the_index_finds_what_comparing_with_all_would(place, data):
    """However the name is damaged."""
    key = place[1].strip("|")
    for _error in range(data.draw(st.integers(0, errors_allowed(key)))):
        at = data.draw(st.integers(0, max(len(key) - 1, 0)))
        letter = data.draw(st.sampled_from(["", "A", "E", "Z", key[at : at + 1] * 2]))
        key = key[:at] + letter + key[at + 1 :]
    near = INDEX.near(key)
    for number, names in PLACES:
        if errors(key, names) is not None:
            assert number in near, (key, names)


def test_towns_abroad_are_folded_and_no_communes():
    assert {fold_place(town) for town in TOWNS_ABROAD} == TOWNS_ABROAD
    assert not TOWNS_ABROAD & {*NAMES}
