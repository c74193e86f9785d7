# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A particulier: what is folded, what is found wrong, what is sent."""

import re
from datetime import date, timedelta

import pytest
from urssaf.documents.particulier import (
    BankAccount,
    BirthPlace,
    Particulier,
    fold_name,
    normalize_mobile,
    split_commune_code,
)
from urssaf.documents.problem import Problem, Rule, api_date

from . import contract
from .growth import check_growth
from .samples import BANK_ACCOUNT, BIRTH_PLACE, TODAY, particulier


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
    ({"first_names": "Jeanne, Zoé"}, "first_names", Rule.MALFORMED),
    ({"first_names": "Jeanne - Zoé"}, "first_names", Rule.MALFORMED),
    ({"first_names": "Jeanne -Zoé"}, "first_names", Rule.MALFORMED),
    ({"first_names": "Jeanne-"}, "first_names", Rule.MALFORMED),
    ({"first_names": "Jeanne 2"}, "first_names", Rule.MALFORMED),
    ({"first_names": "J" * 81}, "first_names", Rule.TOO_LONG),
    ({"birth_date": None}, "birth_date", Rule.MISSING),
    ({"birth_date": TODAY + timedelta(1)}, "birth_date", Rule.FUTURE),
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
        {"birth_date": TODAY},
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
        # Not for us to mend.
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
    # Either an apostrophe, or left in place for the check to find.
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
    assert problems(birth_place=place) == []


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


# Mobile


@pytest.mark.parametrize(
    "typed",
    [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "06/12/34/56/78",
        "06\u00a012\u00a034\u00a056\u00a078",
        "06\u202f12\u202f34\u202f56\u202f78",
        " 0612345678 ",
        "+33612345678",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "+33.6.12.34.56.78",
        "0033612345678",
        "00 33 6 12 34 56 78",
        "0033 (0)6 12 34 56 78",
    ],
)
def test_a_mobile_is_understood_in_every_spelling(typed):
    assert normalize_mobile(typed) == "0612345678"
    assert problems(mobile=typed) == []


@pytest.mark.parametrize("typed", ["07 12 34 56 78", "+33712345678"])
def test_a_mobile_may_begin_with_07(typed):
    assert normalize_mobile(typed) == "0712345678"


@pytest.mark.parametrize(
    "typed",
    [
        "0145678910",
        "+33145678910",
        "0912345678",
        "0800123456",
        "3646",
        "112",
        "061234567",
        "06123456789",
        "+41791234567",
        "+32470123456",
        "+447911123456",
        "+4961234567",
        "06 12 34 56 7O",
        "x",
        "néant",
        "+",
        "6" * 5000,
        "06" + " " * 5000 + "x",
    ],
    ids=lambda typed: typed[:20],
)
def test_what_is_no_french_mobile_is_refused(typed):
    assert normalize_mobile(typed) == ""
    assert problems(mobile=typed) == [Problem("mobile", Rule.NOT_FRENCH_MOBILE)]


@pytest.mark.parametrize("typed", ["06 12 34 OO OO", "06 12 ABC DEF", "06CALLMOI1"])
def test_letters_are_not_dialled_as_digits(typed):
    assert normalize_mobile(typed) == ""


@pytest.mark.parametrize("typed", ["0692 12 34 56", "0690123456", "0639 12 34 56"])
def test_an_overseas_mobile_is_not_given_the_prefix_of_the_mainland(typed):
    # 0692 is Réunion's: +262 692 from abroad, and +33 692 nobody's.
    national = "".join(typed.split())
    assert re.fullmatch(contract.MOBILE, national)
    assert normalize_mobile(typed) in (national, "")


# E-mail


@pytest.mark.parametrize(
    "email",
    [
        "jeanne.durand@contact.fr",
        "JEANNE@CONTACT.FR",
        "j@c.fr",
        "jeanne_durand-martin.1@mail-1.sub.contact.museum",
        "-_-@c.fr",
        "1@2.fr",
    ],
)
def test_an_email_that_the_contract_allows_is_no_problem(email):
    assert re.fullmatch(contract.EMAIL, email)
    assert problems(email=email) == []
    assert particulier(email=email).body()["adresseMail"] == email


@pytest.mark.parametrize(
    "email",
    [
        "jeanne+urssaf@contact.fr",
        "jeanne@contact",
        "jeanne@contact.fr.",
        "jeanne@.fr",
        "@contact.fr",
        "jeanne@@contact.fr",
        "jeanne@contact.f1",
        "jeanne@contact..fr",
        "jeanne@-contact.fr",
        "jeanne@con_tact.fr",
        ".jeanne@contact.fr",
        "jeanne.@contact.fr",
        "jean..ne@contact.fr",
        "jean'ne@contact.fr",
        "jéanne@contact.fr",
        "jeanne@conṱact.fr",
        "jeanne @contact.fr",
        "jeanne@contact.fr\n",
        "Jeanne <jeanne@contact.fr>",
        "a@contact.fr, b@contact.fr",
        "jeanne１@contact.fr",
    ],
)
def test_an_email_that_the_contract_refuses_is_a_problem(email):
    assert problems(email=email) == [Problem("email", Rule.MALFORMED)]


# Bank account


@pytest.mark.parametrize(
    "typed, sent",
    [
        ("FR7630006000011234567890189", "FR7630006000011234567890189"),
        ("FR76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
        (" fr76 3000 6000 0112 3456 7890 189 ", "FR7630006000011234567890189"),
        ("FR76-3000-6000-0112-3456-7890-189", "FR7630006000011234567890189"),
        ("FR76\u00a03000\u00a06000 0112 3456 7890 189", "FR7630006000011234567890189"),
        ("FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606"),
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("NL91 ABNA 0417 1643 00", "NL91ABNA0417164300"),
        ("MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"),
    ],
)
def test_an_iban_is_understood_with_its_spaces_and_sent_without(typed, sent):
    assert problems(iban=typed) == []
    assert particulier(iban=typed).body()["coordonneeBancaire"]["iban"] == sent
    assert re.fullmatch(contract.IBAN, sent)


@pytest.mark.parametrize(
    "iban",
    [
        "FR7630006000011234567890188",
        "FR7530006000011234567890189",
        "FR763000600001123456789018",
        "FR76300060000112345678901899",
        "30006000011234567890189",
        "XX7630006000011234567890189",
        # Good ones, that the contract has no room for: 18 to 31 characters, and digits
        # in the middle.
        "NO9386011117947",
        "BE68539007547034",
        "LC55HEMM000100010012001200023015",
        "KZ86125KZT5004100100",
        "FR76",
        "é" * 27,
        "FR76" + "1" * 5000,
        "A" * 5000,
    ],
    ids=lambda iban: iban[:30],
)
def test_an_iban_that_m010_would_refuse_is_a_problem(iban):
    assert problems(iban=iban) == [Problem("iban", Rule.MALFORMED)]


@pytest.mark.parametrize("digits", ["٧٦", "७६"])
def test_an_iban_in_the_digits_of_another_script_does_not_leave_as_it_is(digits):
    found = particulier(iban=f"FR{digits}30006000011234567890189")
    sent = found.body()["coordonneeBancaire"]["iban"]
    assert found.problems(TODAY) or re.fullmatch(contract.IBAN, sent)


@pytest.mark.parametrize(
    "typed, sent",
    [
        ("BNPAFRPP", "BNPAFRPP"),
        ("bnpafrppxxx", "BNPAFRPPXXX"),
        ("BNPA FR PP", "BNPAFRPP"),
        ("BNPAFRPP\n", "BNPAFRPP"),
    ],
)
def test_a_bic_is_sent_without_spaces_in_capitals(typed, sent):
    assert problems(bic=typed) == []
    assert particulier(bic=typed).body()["coordonneeBancaire"]["bic"] == sent


@pytest.mark.parametrize(
    "bic",
    ["BNPAFRP", "BNPAFRPPX", "BNPAFRPPXXXX", "BNP1FRPP", "BNPAFRPé", "B" * 5000],
    ids=lambda bic: bic[:15],
)
def test_a_bic_that_m010_would_refuse_is_a_problem(bic):
    assert problems(bic=bic) == [Problem("bic", Rule.MALFORMED)]


def test_a_bank_account_tells_its_problems_by_itself():
    assert BANK_ACCOUNT.problems() == []
    assert [problem.field for problem in BankAccount().problems()] == [
        *("iban", "bic", "holder")
    ]


# Time

ENDLESS = {
    "letters, then a digit": "a" * 4999 + "1",
    "letters and hyphens": "a-" * 2500,
    "letters and apostrophes": "a'" * 2499 + "1",
    "hyphens": "a" + "-" * 4998 + "1",
    "spaces": "a b " * 1249 + "1",
    "apostrophes and hyphens": "a'-" * 1666 + "1",
    "dots": "a." * 2500,
    "an address in letters": "a@" + "a" * 4998,
    "an address in points": "a@" + "a." * 2498 + "1",
    "an address in hyphens": "a@" + "a-" * 2498 + "1",
    "an address of short labels": "a@" + "a-a." * 1249 + "_",
    "digits": "1" * 5000,
    "combining accents": "e" + "\u0301" * 4999,
}


# A name is not looked into beyond 80 characters.
@pytest.mark.parametrize(
    "sizes", [[10, 20, 40, 80], [625, 1250, 2500, 5000]], ids=["short", "long"]
)
@pytest.mark.parametrize("evil", ENDLESS)
def test_a_value_twice_as_long_costs_at_most_about_twice_as_much(evil, sizes):
    names = (
        "birth_name",
        "usage_name",
        "first_names",
        "email",
        "mobile",
        "iban",
        "bic",
    )
    check_growth(
        lambda value: problems(**dict.fromkeys(names, value)),
        lambda size: ENDLESS[evil][-size:],
        sizes,
    )


def test_only_the_code_of_france_is_in_france():
    assert BIRTH_PLACE.in_france
    assert not BirthPlace("99127").in_france
    assert not BirthPlace().in_france
