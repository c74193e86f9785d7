# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whatever people type, a document without a problem conforms to the contract.

That the library allows what the contract allows is checked case by case, in the tests of
each field.
"""

import json
import string
from datetime import date
from decimal import ROUND_DOWN, Decimal

import pytest
import responses
from hypothesis import given, settings
from hypothesis import strategies as st
from urssaf.api.client import UrssafClient
from urssaf.api.codes import STREET_LETTERS, STREET_TYPES
from urssaf.documents.address import Address
from urssaf.documents.particulier import (
    BankAccount,
    BirthPlace,
    Particulier,
    split_commune_code,
)
from urssaf.documents.services import Charge
from urssaf.documents.services import services as services_of

from . import contract
from .samples import (
    HOST,
    ID,
    M050,
    PARTICULIER,
    SECRET,
    TODAY,
    GivenToken,
    particulier,
    payment_request,
)

LETTERS = string.ascii_letters + "éèêëàâçîïôöùûüÿñŒœÆæøłßÉÇ"
TYPED = LETTERS + "  --''’.,0189"


def words(alphabet=LETTERS, **size):
    return st.text(alphabet, **size)


def conforms(person):
    return contract.violations(json.dumps(person.body()), contract.PARTICULIER)


# Good values of every kind have no problem and conform

LETTER = st.sampled_from(LETTERS)
WORD = words(min_size=1, max_size=6)
NAMES = LETTER | st.builds(
    "{}{}{}".format, LETTER, words(LETTERS + "' -", max_size=35), LETTER
)
FIRST_NAMES = st.builds(
    "{}{}{}{} {}".format, WORD, st.sampled_from(["", "-", "'", "--"]), WORD, WORD, WORD
)
DIGITS = "0123456789"


def digits(count):
    return words(DIGITS, min_size=count, max_size=count)


SHORT = {"min_size": 1, "max_size": 38}
DEPARTMENTS = st.integers(1, 95).map("{:02d}".format) | st.sampled_from(["2A", "2B"])
COMMUNES = st.one_of(
    st.builds(str.__add__, DEPARTMENTS, digits(3)),
    st.builds(
        str.__add__,
        st.sampled_from(["971", "973", "974", "975", "976", "986", "987", "988"]),
        digits(2),
    ),
)
LABELS = words(LETTERS + "' -", min_size=1, max_size=50)
STREETS = st.fixed_dictionaries(
    {
        "street_type": st.sampled_from(sorted(STREET_TYPES)),
        "street_name": words(TYPED, min_size=1, max_size=28),
    },
    optional={
        "street_number": st.integers(1, 9999).map(str),
        "street_letter": st.sampled_from(sorted(STREET_LETTERS)),
        "complement": words(TYPED, **SHORT),
        "locality": words(TYPED, **SHORT),
    },
)
NO_STREET = st.fixed_dictionaries(
    {"locality": words(TYPED, **SHORT)}, optional={"complement": words(TYPED, **SHORT)}
)
ADDRESSES = st.builds(
    lambda town, pieces: Address(**town, **pieces),
    st.fixed_dictionaries(
        {
            "zip": digits(5),
            "commune_code": COMMUNES,
            "commune_name": LABELS,
        }
    ),
    STREETS | NO_STREET,
)
BIRTH_PLACES = st.one_of(
    st.builds(BirthPlace, st.just("99100"), COMMUNES, words(min_size=1)),
    st.builds(BirthPlace, st.integers(99101, 99999).map(str)),
)


def french_iban(number: int) -> str:
    bban = f"{number:023d}"
    check = 98 - int(f"{bban}152700") % 97
    return f"FR{check:02d}{bban}"


ACCOUNTS = st.builds(
    BankAccount,
    st.integers(0, 10**23 - 1).map(french_iban),
    st.builds(
        "{}{}{}{}".format,
        words(string.ascii_uppercase, min_size=4, max_size=4),
        st.sampled_from(["FR", "DE", "MC"]),
        digits(2),
        st.sampled_from(["", "XXX", "1A2"]),
    ),
    words(TYPED, min_size=1, max_size=100),
)
MOBILES = st.builds(
    lambda prefix, pairs, gap: gap.join([prefix, *pairs]),
    st.sampled_from(["06", "07", "+33 6", "+33 7", "0033 6"]),
    st.tuples(digits(2), digits(2), digits(2), digits(2)),
    st.sampled_from(["", " ", ".", "-"]),
)
LABEL = words(string.ascii_letters + DIGITS, min_size=1, max_size=8)
BOX = words(string.ascii_letters + DIGITS + "-_", min_size=1, max_size=8)
EMAILS = st.builds(
    lambda box, domain, dash, top: f"{'.'.join(box)}@{dash.join(domain)}.{top}",
    st.lists(BOX, min_size=1, max_size=3),
    st.lists(LABEL, min_size=1, max_size=3),
    st.sampled_from("-."),
    words(string.ascii_letters, min_size=1, max_size=6),
)
PARTICULIERS = st.builds(
    Particulier,
    civility=st.sampled_from("12"),
    birth_name=NAMES,
    usage_name=st.just("") | NAMES,
    first_names=FIRST_NAMES,
    birth_date=st.dates(date(1900, 1, 1), TODAY),
    birth_place=BIRTH_PLACES,
    mobile=MOBILES,
    email=EMAILS,
    address=ADDRESSES,
    bank_account=ACCOUNTS,
)


@given(PARTICULIERS)
def test_a_good_particulier_has_no_problem_and_conforms(person):
    assert person.problems(TODAY) == []
    assert conforms(person) == []


# Any text in one field of a good file is a problem or conforms

ODD = st.text(max_size=120)
ANY = {
    "civility": ODD | words("12", max_size=2),
    "birth_name": ODD | words(TYPED, max_size=90),
    "usage_name": ODD | words(TYPED, max_size=90),
    "first_names": ODD | words(TYPED, max_size=90),
    "mobile": ODD | words(DIGITS + "+0067 ().O", max_size=16),
    "email": ODD | words("ab1-_.@+é", max_size=14).map(lambda text: text + "@c.fr"),
    "zip": ODD | words("0123456789²AB", max_size=6),
    "commune_code": ODD | words("0123456789²ABab", min_size=5, max_size=5),
    "commune_name": words(TYPED, min_size=1, max_size=60) | ODD,
    "street_number": ODD | words("0123456789²", max_size=22),
    "street_letter": ODD | words("BTQCbA", max_size=2),
    "street_type": ODD | words(string.ascii_uppercase, max_size=4),
    "street_name": ODD | words(TYPED, max_size=32),
    "complement": ODD | words(TYPED, max_size=45),
    "locality": ODD | words(TYPED, max_size=45),
    "iban": ODD
    | st.builds(
        lambda number, at, char: (
            french_iban(number)[:at] + char + french_iban(number)[at + 1 :]
        ),
        st.integers(0, 10**23 - 1),
        st.integers(0, 26),
        st.characters(),
    ),
    "bic": ODD | words("ABX1é- ", min_size=8, max_size=11),
    "holder": ODD,
}
PLACE = {
    "country": ODD | words(DIGITS, min_size=4, max_size=6),
    "code": ODD | words("0129ABab", min_size=5, max_size=5),
    "label": words(TYPED, min_size=1, max_size=60) | ODD,
}


@pytest.mark.parametrize("field", ANY)
@settings(max_examples=60)
@given(data=st.data())
def test_any_text_in_one_field_is_a_problem_or_conforms(field, data):
    person = particulier(**{field: data.draw(ANY[field], field)})
    if not person.problems(TODAY):
        assert conforms(person) == []


@pytest.mark.parametrize("field", PLACE)
@settings(max_examples=60)
@given(data=st.data())
def test_any_birth_place_is_a_problem_or_conforms(field, data):
    pieces = {"country": "99100", "code": "69123", "label": "Lyon"}
    pieces[field] = data.draw(PLACE[field], field)
    person = particulier(birth_place=BirthPlace(*pieces.values()))
    if not person.problems(TODAY):
        assert conforms(person) == []


def test_the_sample_conforms_and_the_contract_can_refuse():
    assert conforms(PARTICULIER) == []
    assert conforms(particulier(civility="3"))
    assert conforms(particulier(birth_place=BirthPlace("99100", "6912", "Lyon")))
    assert conforms(particulier(email="a+b@c.fr"))


@given(NAMES)
def test_no_name_that_the_contract_allows_is_a_problem(name):
    assert particulier(birth_name=name, usage_name=name).problems(TODAY) == []


@given(EMAILS)
def test_no_email_that_the_contract_allows_is_a_problem(email):
    assert particulier(email=email).problems(TODAY) == []


@given(COMMUNES)
def test_every_commune_code_gives_three_and_three_characters(code):
    department, commune = split_commune_code(code)
    assert (len(department), len(commune)) == (3, 3)
    assert code in (
        department[1:] + commune,
        department + commune[1:],
    )


# Requests, as the bytes that are sent

AMOUNTS = st.integers(1, 99_999_999).map(lambda cents: Decimal(cents) / 100)


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            lambda gross, share, hours, text: Charge(
                "60",
                gross,
                (gross * share / 100).quantize(Decimal("0.01")),
                hours,
                text,
                date(2026, 2, 3),
            ),
            AMOUNTS,
            st.integers(0, 100),
            st.none() | st.integers(1, 20_000).map(lambda n: Decimal(n) / 100),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([0, 1, 50]),
)
def test_every_request_leaves_as_the_contract_wants_it(charges, percent):
    gross = sum(charge.gross for charge in charges)
    net = sum(charge.net for charge in charges)
    request = payment_request(
        services=services_of(charges, gross, net),
        deposit=(gross * percent / 100).quantize(Decimal("0.01"), ROUND_DOWN),
        deposit_date=TODAY,
    )
    assert request.problems(TODAY, date(2026, 1, 1)) == []
    with responses.RequestsMock() as web:
        web.post(M050.url, json=M050.good)
        with UrssafClient(HOST, ID, SECRET, GivenToken()) as urssaf:
            urssaf.send([request])
        body = web.calls[0].request.body
    assert contract.violations(body, contract.PAYMENT_REQUESTS) == []
    (item,) = json.loads(body, parse_float=Decimal)
    assert item["mntFactureTTC"] == request.gross == gross
    assert item.get("mntAcompte", 0) == request.deposit
    assert sum(line["mntPrestationTTC"] for line in item["inputPrestations"]) == (
        request.gross
    )
