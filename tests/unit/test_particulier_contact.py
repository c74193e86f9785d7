# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A particulier's mobile, e-mail and bank account; and what a long value costs."""

import re

import pytest
from urssaf.documents.particulier import BankAccount, normalize_mobile
from urssaf.documents.problem import Problem, Rule

from . import contract
from .growth import check_growth
from .samples import BANK_ACCOUNT, TODAY, particulier


def problems(**changes):
    return particulier(**changes).problems(TODAY)


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
    # 0692 belongs to Réunion: it is +262 692 from abroad, and +33 692 reaches nobody.
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
        # These are valid, but the contract demands 18 to 31 characters, with digits in
        # the middle.
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


# A name of more than 80 characters is not matched with a pattern.
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
