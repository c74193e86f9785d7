# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The map of France: the code that a place of birth had on the day of birth."""

import csv
import gzip
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urssaf.api.codes import ARRONDISSEMENT_CITIES
from urssaf.documents.particulier import split_commune_code
from urssaf.documents.problem import is_commune_code
from urssaf.proposals.cog import (
    FRENCH_TERRITORIES,
    INDEPENDENCE,
    BirthCode,
    birth_codes,
    fold_place,
    former_codes,
    names,
    was_french,
)

from .conftest import ADDON

with gzip.open(ADDON / "data" / "communes.csv.gz", "rt", encoding="utf-8") as _text:
    PLACES = list(csv.DictReader(_text, delimiter=";"))
with open(Path(__file__).parents[1] / "births.csv", encoding="utf-8") as _text:
    BIRTHS = list(csv.DictReader(_text, delimiter=";"))

TODAY = {place["code"]: place for place in PLACES if place["kind"] == "commune"}
BY_NAME = defaultdict(list)
for _place in PLACES:
    for _key in {fold_place(name) for name in names(_place["name"], _place["history"])}:
        BY_NAME[_key].append(_place)


def place(name, hint=""):
    """The place that a search should put first: the very name comes before a former one,
    places of today before former ones, the more populous first. ``hint`` is a department
    or the beginning of a postal code."""
    key = fold_place(name)

    def near(place):
        around = TODAY.get(place["parent"], place)
        codes = f"{place['code']} {around['code']} {around['zip_codes']}"
        return any(code.startswith(hint) for code in codes.split())

    return min(
        filter(near, BY_NAME[key]),
        key=lambda place: (
            fold_place(place["name"]) != key,
            place["kind"] == "former",
            -int(place["population"]),
        ),
    )


def codes(place, day):
    day = date.fromisoformat(day)
    return birth_codes(place["code"], place["name"], place["history"], day)


@pytest.mark.parametrize(
    "birth", BIRTHS, ids=lambda b: f"{b['typed']} {b['birth_date']}"
)
def test_the_code_is_the_one_of_the_day(birth):
    found = place(birth["typed"], birth["zip_or_department_hint"])
    (code,) = codes(found, birth["birth_date"])
    assert split_commune_code(code.code) == (birth["department"], birth["commune"])
    assert code.name


def test_a_merger_under_a_new_name_leaves_a_choice_before_it():
    arboys = place("Arboys en Bugey")
    members = [BirthCode("01015", "Arbignieu"), BirthCode("01340", "Saint-Bois")]
    assert codes(arboys, "1980-01-01") == members
    assert codes(arboys, "2015-12-31") == members
    assert codes(arboys, "2016-01-01") == [BirthCode("01015", "Arboys en Bugey")]


def test_a_merger_of_mergers_names_the_communes_of_the_day():
    cherbourg = place("Cherbourg-en-Cotentin")
    # Équeurdreville and Hainneville merged in 1965, Cherbourg and Octeville in 2000.
    assert len(codes(cherbourg, "1964-12-31")) == 7
    assert len(codes(cherbourg, "1965-01-01")) == 6
    assert len(codes(cherbourg, "2000-02-28")) == 5
    assert BirthCode("50129", "Cherbourg") in codes(cherbourg, "2000-02-27")
    assert BirthCode("50129", "Cherbourg-Octeville") in codes(cherbourg, "2000-02-28")


def test_the_choice_has_the_codes_of_the_day():
    assert codes(place("Évry-Courcouronnes"), "1967-12-31") == [
        BirthCode("78228", "Évry"),
        BirthCode("78182", "Courcouronnes"),
    ]
    assert codes(place("Rillieux-la-Pape"), "1967-12-30") == [
        BirthCode("01326", "Rillieux"),
        BirthCode("01132", "Crépieux-la-Pape"),
    ]


def test_a_merger_since_the_end_of_the_history():
    assert codes(place("Oullins-Pierre-Bénite"), "1990-01-01") == [
        BirthCode("69149", "Oullins"),
        BirthCode("69152", "Pierre-Bénite"),
    ]


def test_a_commune_made_out_of_another():
    assert codes(place("Cilaos"), "1965-02-04") == [
        BirthCode("97414", "Saint-Louis"),
        BirthCode("97424", "Cilaos"),
    ]
    assert codes(place("Les Ulis"), "1966-01-01") == [
        BirthCode("78122", "Bures-sur-Yvette"),
        BirthCode("78471", "Orsay"),
        BirthCode("91692", "Les Ulis"),
    ]


def test_a_commune_merged_for_some_years():
    serez = place("Serez")
    assert codes(serez, "1943-11-30") == [BirthCode("27621", "Serez")]
    assert codes(serez, "1945-06-01") == [
        BirthCode("27078", "La Boissière"),
        BirthCode("27621", "Serez"),
    ]
    assert codes(serez, "1947-12-19") == [BirthCode("27621", "Serez")]


def test_a_commune_that_was_within_another_for_some_years():
    bihorel = place("Bihorel")
    assert codes(bihorel, "2011-12-31") == [BirthCode("76095", "Bihorel")]
    for day in ("2012-01-01", "2013-12-31"):
        assert codes(bihorel, day) == [
            BirthCode("76108", "Bois-Guillaume-Bihorel"),
            BirthCode("76095", "Bihorel"),
        ]
    assert codes(bihorel, "2014-01-01") == [BirthCode("76095", "Bihorel")]
    # That one had the code of Bois-Guillaume all along.
    bois = [BirthCode("76108", "Bois-Guillaume")]
    assert codes(place("Bois-Guillaume"), "2013-01-01") == bois
    # An associated commune, whose pole changed its name when another one left.
    ousse = place("Ousse")
    assert codes(ousse, "1980-01-01")[0] == BirthCode(
        "64269", "Idron-Lée-Ousse-Sendets"
    )
    assert codes(ousse, "1990-01-01")[0] == BirthCode("64269", "Idron-Ousse-Sendets")
    assert codes(ousse, "2001-03-11") == [BirthCode("64439", "Ousse")]


def test_a_former_commune_is_registered_where_it_was_merged():
    veyziat = place("Veyziat")
    assert codes(veyziat, "2014-12-31") == [BirthCode("01440", "Veyziat")]
    assert codes(veyziat, "2015-01-01") == [BirthCode("01283", "Oyonnax")]
    assert names("Veyziat", veyziat["history"]) == ["Veyziat"]


def test_the_name_is_the_one_of_the_day():
    assert codes(place("Châlons-en-Champagne"), "1970-01-01") == [
        BirthCode("51108", "Châlons-sur-Marne")
    ]


def test_the_earliest_state_stands_for_the_days_before():
    assert codes(place("Bastia"), "1901-01-01") == [BirthCode("20033", "Bastia")]


def test_no_history_is_no_change():
    day = date(1950, 1, 1)
    assert birth_codes("59350", "Lille", "", day) == [BirthCode("59350", "Lille")]
    assert names("Lille", "") == ["Lille"]
    assert former_codes("", "59350") == []


def test_names_and_codes_of_a_place_leave_out_those_of_others():
    history = "1950-01-01=78228 Old|1960-01-01=78228~78001 Other|1968-01-01=91228"
    assert names("New", history) == ["New", "Old"]
    assert former_codes(history, "91228") == ["78228"]
    assert birth_codes("91228", "New", history, date(1959, 12, 31)) == [
        BirthCode("78228", "New"),
        BirthCode("78001", "Other"),
    ]


# The whole map


def test_every_place_is_there_once():
    keys = {(place["code"], place["name"]) for place in PLACES}
    assert len(keys) == len(PLACES)
    kinds = [place["kind"] for place in PLACES]
    assert kinds.count("commune") == 34969
    assert kinds.count("arrondissement") == 45
    assert kinds.count("former") > 4000
    assert TODAY.keys() >= ARRONDISSEMENT_CITIES


def test_every_place_has_a_code_on_every_day():
    for place in PLACES:
        history = place["history"]
        assert is_commune_code(place["code"])
        assert all(map(is_commune_code, former_codes(history, place["code"])))
        untils = [segment[:10] for segment in history.split("|") if segment]
        assert untils == sorted(set(untils)), place
        for until in untils:
            day = min(date.fromisoformat(until), date(2026, 1, 1)) - timedelta(days=1)
            found = birth_codes(place["code"], place["name"], history, day)
            assert found, place
            assert len(found) == len(set(found)), place


def test_today_everything_has_its_own_code():
    for place in PLACES:
        if place["kind"] == "former":
            assert place["parent"] in TODAY, place
        else:
            assert place["parent"] in {"", *ARRONDISSEMENT_CITIES}
            assert codes(place, "2026-01-01") == [
                BirthCode(place["code"], place["name"])
            ]


def test_the_departments_around_paris_were_two():
    for place in PLACES:
        department = place["code"][:2]
        if department in {"91", "92", "93", "94", "95"} and place["name"] != "Les Ulis":
            for code in codes(place, "1967-12-31"):
                assert code.code[:2] in {"75", "78"}, place
            for code in codes(place, "1968-01-01"):
                assert code.code[:2] == department, place


def test_corsica_was_one():
    for place in PLACES:
        if place["code"][:2] in {"2A", "2B"}:
            assert all(c.code[:2] == "20" for c in codes(place, "1975-12-31")), place
            assert all(c.code[:2] != "20" for c in codes(place, "1976-01-01")), place


def test_lyon_grew():
    """29 communes were moved to Rhône on the last day of 1967, and one more in 1971."""
    grown = [place for place in PLACES if "69270" <= place["code"] <= "69299"]
    places = {
        place["code"]: place for place in grown if "~" not in place["history"][:11]
    }
    assert len(places) == 30
    for code, place in places.items():
        assert codes(place, "1967-12-30")[0].code[:2] in {"01", "38"}, place
        day = "1971-04-01" if code == "69299" else "1967-12-31"
        assert codes(place, day)[0].code == code


def test_the_arrondissements():
    found = [place for place in PLACES if place["kind"] == "arrondissement"]
    assert {place["parent"] for place in found} == ARRONDISSEMENT_CITIES
    assert {fold_place(place["name"]) for place in found} == {
        *(f"PARIS {number}" for number in range(1, 21)),
        *(f"LYON {number}" for number in range(1, 10)),
        *(f"MARSEILLE {number}" for number in range(1, 17)),
    }


# Folding


@pytest.mark.parametrize(
    "typed, key",
    [
        ("Saint-Étienne", "SAINT ETIENNE"),
        ("st etienne", "SAINT ETIENNE"),
        ("Ste. Menehould", "SAINTE MENEHOULD"),
        ("Les Stes-Maries", "LES SAINTES MARIES"),
        ("L’Haÿ-les-Roses", "L HAY LES ROSES"),
        ("Le  Havre", "LE HAVRE"),
        ("Œting", "OETING"),
        ("Châlons s/Marne", "CHALONS SUR MARNE"),
        ("Chalons/Marne", "CHALONS SUR MARNE"),
        ("Vitry s Seine", "VITRY SUR SEINE"),
        ("Fontenay s/s Bois", "FONTENAY SOUS BOIS"),
        ("Aulnay s/s/Bois", "AULNAY SOUS BOIS"),
        ("Aulnay-ss-Bois", "AULNAY SOUS BOIS"),
        ("Pontoise S. et O.", "PONTOISE S ET O"),
        ("Villeneuve-lez-Avignon", "VILLENEUVE LES AVIGNON"),
        ("Castelnau-le-Lez", "CASTELNAU LE LEZ"),
        ("Bx", "BORDEAUX"),
        ("Les Bx de Provence", "LES BAUX DE PROVENCE"),
        ("Clermont-Fd", "CLERMONT FERRAND"),
        ("ND de Bondeville", "NOTRE DAME DE BONDEVILLE"),
        ("Rochelle (La)", "LA ROCHELLE"),
        ("HAVRE LE", "LE HAVRE"),
        ("Poizat-Lalleyriat", "POIZAT LALLEYRIAT"),
        ("Stains", "STAINS"),
        ("Lyon 3", "LYON 3"),
        ("Lyon 3e", "LYON 3"),
        ("LYON 03", "LYON 3"),
        ("Lyon 3ème arrondissement", "LYON 3"),
        ("Lyon 3e Arrondissement", "LYON 3"),
        ("Lyon (3e)", "LYON 3"),
        ("Lyon-3", "LYON 3"),
        ("Paris 1er", "PARIS 1"),
        ("Paris 16 ème ardt", "PARIS 16"),
        ("Paris XIXe", "PARIS 19"),
        ("16e arrondissement de Paris", "PARIS 16"),
        ("Marseile 8eme", "MARSEILE 8"),
        ("Marseille IV", "MARSEILLE 4"),
        ("LYON CEDEX 03", "LYON 3"),
        ("Paris 8 cedex 08", "PARIS 8"),
        ("PARIS CEDEX", "PARIS"),
        ("Marseille Cedex 20", "MARSEILLE"),
        ("Paris 21", "PARIS 21"),
        ("Évry Cedex", "EVRY"),
        ("GRENOBLE CEDEX 9", "GRENOBLE"),
        ("Lyons-la-Forêt", "LYONS LA FORET"),
        ("", ""),
    ],
)
def test_spellings_of_a_place_are_one(typed, key):
    assert fold_place(typed) == key


@given(st.text() | st.sampled_from(PLACES).map(lambda place: place["name"]))
def test_folding_twice_changes_nothing(name):
    once = fold_place(name)
    assert fold_place(once) == once


# Countries that were French


def test_independence_ends_french_rule():
    assert was_french("DZ", date(1962, 7, 2))
    assert not was_french("DZ", date(1962, 7, 3))
    assert was_french("DJ", date(1977, 6, 26))
    assert not was_french("BE", date(1950, 1, 1))
    assert not FRENCH_TERRITORIES & INDEPENDENCE.keys()
    assert not was_french("RE", date(1950, 1, 1))
