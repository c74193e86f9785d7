# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A particulier: folding, problems, and the body that is sent."""

import re
from datetime import date, timedelta

import pytest
from urssaf.api.client import api_date
from urssaf.documents.particulier import (
    BirthPlace,
    Particulier,
    fold_name,
    is_particulier_id,
    split_commune_code,
)
from urssaf.documents.problem import Problem, Rule

from . import contract
from .samples import BIRTH_PLACE, ID_CLIENT, TODAY, particulier


def problems(**changes):
    return particulier(**changes).problems(TODAY)


def test_a_good_file_has_no_problem():
    assert problems() == []


# Each problem once

EVERY_PROBLEM = [
    ({"civility": ""}, "civility", Rule.MISSING),
    ({"civility": "3"}, "civility", Rule.MALFORMED),
    ({"civility": "12"}, "civility", Rule.MALFORMED),
    ({"civility": "Madame"}, "civility", Rule.MALFORMED),
    ({"birth_name": ""}, "birth_name", Rule.MISSING),
    ({"birth_name": "  "}, "birth_name", Rule.MISSING),
    ({"birth_name": "Durand2"}, "birth_name", Rule.MALFORMED),
    ({"birth_name": "-Durand"}, "birth_name", Rule.MALFORMED),
    ({"birth_name": "Durand'"}, "birth_name", Rule.MALFORMED),
    ({"birth_name": "Durand (Mme)"}, "birth_name", Rule.MALFORMED),
    ({"birth_name": "M. Durand"}, "birth_name", Rule.MALFORMED),
    ({"birth_name": "Durand, Martin"}, "birth_name", Rule.MALFORMED),
    ({"birth_name": "Durand_Martin"}, "birth_name", Rule.MALFORMED),
    ({"birth_name": "'"}, "birth_name", Rule.MALFORMED),
    ({"birth_name": "Д"}, "birth_name", Rule.MALFORMED),
    ({"birth_name": "D" * 81}, "birth_name", Rule.TOO_LONG),
    ({"birth_name": "Œ" * 41}, "birth_name", Rule.TOO_LONG),
    ({"usage_name": "Martin 2"}, "usage_name", Rule.MALFORMED),
    ({"usage_name": "M" * 81}, "usage_name", Rule.TOO_LONG),
    ({"first_names": ""}, "first_names", Rule.MISSING),
    ({"first_names": "Jeanne-"}, "first_names", Rule.MALFORMED),
    ({"first_names": "Jeanne 2"}, "first_names", Rule.MALFORMED),
    ({"first_names": "J" * 81}, "first_names", Rule.TOO_LONG),
    ({"birth_date": None}, "birth_date", Rule.MISSING),
    ({"birth_date": TODAY + timedelta(1)}, "birth_date", Rule.FUTURE),
    ({"birth_date": date(9999, 12, 31)}, "birth_date", Rule.FUTURE),
    ({"birth_date": TODAY}, "birth_date", Rule.TODAY),
    ({"birth_date": date(1899, 12, 31)}, "birth_date", Rule.LONG_AGO),
    ({"birth_date": date(184, 3, 29)}, "birth_date", Rule.LONG_AGO),
    ({"country": ""}, "birth_country", Rule.MISSING),
    ({"birth_place": BirthPlace("99100")}, "birth_commune", Rule.MISSING),
    ({"mobile": ""}, "mobile", Rule.MISSING),
    ({"mobile": "01 45 67 89 10"}, "mobile", Rule.NOT_FRENCH_MOBILE),
    ({"email": ""}, "email", Rule.MISSING),
    ({"email": "jeanne"}, "email", Rule.MALFORMED),
    ({"street_number": "8 bis"}, "street_number", Rule.MALFORMED),
    ({"iban": ""}, "iban", Rule.MISSING),
    ({"iban": "FR76 3000 6000 0112 3456 7890 188"}, "iban", Rule.MALFORMED),
    ({"bic": ""}, "bic", Rule.MISSING),
    ({"bic": "BNPAFRPPX"}, "bic", Rule.MALFORMED),
    ({"holder": ""}, "holder", Rule.MISSING),
    ({"holder": "J" * 101}, "holder", Rule.TOO_LONG),
]


@pytest.mark.parametrize("changes, field, rule", EVERY_PROBLEM)
def test_each_problem_is_found_once_and_alone(changes, field, rule):
    assert problems(**changes) == [Problem(field, rule)]


@pytest.mark.parametrize(
    "changes",
    [
        {"civility": "1"},
        {"birth_name": "D"},
        {"birth_name": "D" * 80},
        {"birth_name": "Œ" * 40},
        {"birth_name": "d'Ornano de-la Tour"},
        {"birth_name": "D--'A"},
        {"usage_name": ""},
        {"usage_name": "M" * 80},
        {"first_names": "Anne Marie-Ève D'Arc Zoé"},
        {"first_names": "Derc'hen"},
        {"first_names": "J" * 80},
        {"birth_date": TODAY - timedelta(1)},
        {"birth_date": date(1900, 1, 1)},
        {"birth_date": date(1904, 2, 29)},
        {"birth_place": BirthPlace("99127")},
        {"birth_place": BirthPlace("99100", "10387", "Troyes")},
        {"birth_place": BirthPlace("99100", "20004", "Ajaccio")},
        {"birth_place": BirthPlace("99100", "2B033", "Bastia")},
        {"birth_place": BirthPlace("99100", "97411", "Saint-Denis")},
        {"birth_place": BirthPlace("99100", "98735", "Papeete")},
        {"holder": "J" * 100},
        {"holder": "M. ou Mme Durand-Martin (indivision n° 3)"},
        {"bic": "bnpafrppxxx"},
        {"bic": "BNPA FR PP"},
    ],
    ids=str,
)
def test_what_the_contract_allows_is_no_problem(changes):
    assert problems(**changes) == []


def test_everything_that_is_missing_is_told_at_once_in_the_order_of_the_form():
    assert [(found.field, found.rule) for found in Particulier().problems(TODAY)] == [
        ("civility", Rule.MISSING),
        ("birth_name", Rule.MISSING),
        ("first_names", Rule.MISSING),
        ("birth_date", Rule.MISSING),
        ("birth_country", Rule.MISSING),
        ("mobile", Rule.MISSING),
        ("email", Rule.MISSING),
        ("zip", Rule.MISSING),
        ("commune", Rule.MISSING),
        ("street_name", Rule.NEEDS_STREET_OR_LOCALITY),
        ("iban", Rule.MISSING),
        ("bic", Rule.MISSING),
        ("holder", Rule.MISSING),
    ]


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_form():
    found = problems(
        holder="J" * 101,
        bic="x",
        iban="x",
        zip="x",
        street_number="x",
        email="x",
        mobile="x",
        birth_place=BirthPlace("99100"),
        birth_date=TODAY + timedelta(1),
        first_names="x-",
        usage_name="x-",
        birth_name="x-",
        civility="x",
    )
    assert [problem.field for problem in found] == [
        *("civility", "birth_name", "usage_name", "first_names"),
        *("birth_date", "birth_commune", "mobile", "email"),
        *("street_number", "zip", "iban", "bic", "holder"),
    ]


def test_problems_never_carry_a_line():
    assert {problem.line for problem in Particulier().problems(TODAY)} == {None}


# Names


@pytest.mark.parametrize(
    "typed, folded",
    [
        ("Durand", "Durand"),
        ("DURAND", "DURAND"),
        ("Élodie", "Elodie"),
        ("E\u0301lodie", "Elodie"),
        ("Zoë Anaïs Gaël", "Zoe Anais Gael"),
        ("François", "Francois"),
        ("Lœtitia", "Loetitia"),
        ("ŒUVRARD", "OEUVRARD"),
        ("Lætitia ÆBI", "Laetitia AEBI"),
        ("L\u2019Hay", "L'Hay"),
        ("L\u02bcHay", "L'Hay"),
        ("Muñoz", "Munoz"),
        ("Łukasz Øster Đặng", "Lukasz Oster Dang"),
        ("Weiß", "Weiss"),
        ("Ÿ", "Y"),
        ("ﬁlip", "filip"),
        ("  Marie \t Claire\n", "Marie Claire"),
        ("Marie\u00a0Claire", "Marie Claire"),
        ("Marie\u202fClaire", "Marie Claire"),
        ("", ""),
        ("   ", ""),
        # It is for the user to fix these.
        ("Durand2", "Durand2"),
        ("M. Durand", "M. Durand"),
    ],
)
def test_a_name_is_folded_as_the_tax_office_holds_it(typed, folded):
    assert fold_name(typed) == folded
    assert fold_name(folded) == folded


@pytest.mark.parametrize("name", ["Yıldız", "Guðrún", "Þór", "Ħamrun", "Ǿrsted"])
def test_a_name_in_latin_letters_that_the_contract_allows_is_no_problem(name):
    assert problems(birth_name=name) == []
    body = particulier(birth_name=name).body()
    assert re.fullmatch(contract.NAME, body["nomNaissance"])


@pytest.mark.parametrize("apostrophe", ["\u00b4", "\u2018", "`"])
def test_no_kind_of_apostrophe_silently_becomes_a_space(apostrophe):
    # It becomes an apostrophe, or it is left in place for the check to find.
    folded = fold_name(f"O{apostrophe}Brien")
    assert folded in ("O'Brien", f"O{apostrophe}Brien")


@pytest.mark.parametrize(
    "birth_name, usage_name, sent",
    [
        ("Durand", "", None),
        ("Durand", "  ", None),
        ("Durand", "Durand", None),
        ("Durand", "DURAND", None),
        ("DURÂND", " durand ", None),
        ("Durand", "Durànd", None),
        ("Durand", "Martin", "Martin"),
        ("Durand", "Durand-Martin", "Durand-Martin"),
        ("Durand", "Lefèvre", "Lefevre"),
    ],
)
def test_the_usage_name_is_sent_only_where_it_differs(birth_name, usage_name, sent):
    body = particulier(birth_name=birth_name, usage_name=usage_name).body()
    assert body.get("nomUsage") == sent
    assert ("nomUsage" in body) == (sent is not None)


def test_a_blank_usage_name_is_none():
    assert problems(usage_name=" ") == []


# Birth


@pytest.mark.parametrize(
    "code, department, commune",
    [
        ("69123", "069", "123"),
        ("01004", "001", "004"),
        ("75012", "075", "012"),
        ("2A004", "02A", "004"),
        ("2B033", "02B", "033"),
        ("20004", "020", "004"),
        ("95018", "095", "018"),
        ("96001", "096", "001"),
        ("97411", "974", "011"),
        ("97105", "971", "005"),
        ("97502", "975", "002"),
        ("97611", "976", "011"),
        ("98735", "987", "035"),
        ("98818", "988", "018"),
    ],
)
def test_a_commune_code_is_split_as_m010_wants_it(code, department, commune):
    assert split_commune_code(code) == (department, commune)
    assert BirthPlace("99100", code, "Commune").body() == {
        "codePaysNaissance": "99100",
        "departementNaissance": department,
        "communeNaissance": {"codeCommune": commune, "libelleCommune": "Commune"},
    }


@pytest.mark.parametrize("commune", ["", "69123"])
def test_a_birth_abroad_names_the_country_alone(commune):
    place = BirthPlace("99127", commune, "Lyon" if commune else "")
    assert place.body() == {"codePaysNaissance": "99127"}
    # The country or the commune is wrong, and nobody here knows which.
    wrong = [Problem("birth_commune", Rule.ONLY_IN_FRANCE)] if commune else []
    assert problems(birth_place=place) == wrong
    place = BirthPlace("99127", commune)
    wrong = [Problem("birth_code", Rule.ONLY_IN_FRANCE)] if commune else []
    assert problems(birth_place=place) == wrong


def test_the_label_of_a_birth_commune_is_cut_at_its_limit():
    long = "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson-sur-l'Eau"
    body = BirthPlace("99100", "51513", long).body()
    assert body["communeNaissance"]["libelleCommune"] == long[:50]


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(BirthPlace("99100", "69123", ""), id="no label"),
        pytest.param(BirthPlace("99100", "6912", "Lyon"), id="code too short"),
        pytest.param(BirthPlace("99100", "691234", "Lyon"), id="code too long"),
        pytest.param(BirthPlace("99100", "Lyon0", "Lyon"), id="code no code"),
        pytest.param(BirthPlace("FR", "69123", "Lyon"), id="country no code"),
        pytest.param(BirthPlace("991000"), id="country too long"),
    ],
)
def test_a_birth_place_that_m010_would_refuse_is_a_problem(place):
    assert problems(birth_place=place) != []


@pytest.mark.parametrize("missing", [date(1, 1, 1), date(85, 1, 2), date(999, 12, 31)])
def test_a_mistyped_year_still_gives_a_date(missing):
    assert api_date(missing) == f"{missing.isoformat()}T00:00:00Z"


@pytest.mark.parametrize(
    "day, sent",
    [
        (date(1980, 3, 29), "1980-03-29T00:00:00Z"),
        (date(2024, 2, 29), "2024-02-29T00:00:00Z"),
        (date(2999, 1, 1), "2999-01-01T00:00:00Z"),
    ],
)
def test_a_day_is_sent_as_midnight_utc(day, sent):
    assert api_date(day) == sent


def test_no_birth_code_is_missing_before_the_day_is_known():
    place = BirthPlace("99100", "", "Troyes")
    assert problems(birth_place=place) == [Problem("birth_code", Rule.MISSING)]
    assert problems(birth_place=place, birth_date=None) == [
        Problem("birth_date", Rule.MISSING)
    ]


def test_a_document_without_one_of_its_dates_has_no_body():
    with pytest.raises(ValueError, match="date"):
        particulier(birth_date=None).body()


@pytest.mark.parametrize(
    "value, valid",
    [
        (ID_CLIENT, True),
        (ID_CLIENT.upper(), False),
        (ID_CLIENT[:-1], False),
        (f" {ID_CLIENT}", False),
        (ID_CLIENT.replace("-", ""), False),
        ("", False),
    ],
)
def test_a_particulier_s_id_is_a_uuid(value, valid):
    assert is_particulier_id(value) is valid


def test_only_the_code_of_france_is_in_france():
    assert BIRTH_PLACE.in_france
    assert not BirthPlace("99127").in_france
    assert not BirthPlace().in_france
