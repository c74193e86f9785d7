# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whatever somebody types, and however much of it: reading it costs nothing."""

import time

import pytest
from urssaf.documents.address import LINE_LIMIT, Address
from urssaf.documents.particulier import (
    clean_particulier_id,
    fold_name,
    is_particulier_id,
    normalize_mobile,
)
from urssaf.documents.payment_request import is_nova_number
from urssaf.documents.problem import Problem, Rule
from urssaf.documents.typed import clean_email, clean_line
from urssaf.proposals.bank import bic_of
from urssaf.proposals.cog import fold_place
from urssaf.proposals.names import guess_names
from urssaf.proposals.street import Street, parse_street
from urssaf.text import TYPED_LIMIT

from .samples import TODAY, particulier, payment_request, service

PATTERNS = [
    *(
        "a",
        "a ",
        "1 ",
        "rue ",
        "1,",
        "a,",
        "12 rue x\n",
        "( ",
        "(a) ",
        "((",
        "a-",
        "- ",
    ),
    *(
        "bat c ",
        "appt 4 ",
        "é",
        "ǆ",
        "ﷺ",
        "a.",
        "M. ",
        "et ",
        "d'",
        "de ",
        "69003 Lyon ",
    ),
    *("n° ", "+33 ", "06 ", "@", "a@", "FR76", "0", "/", "S /", "PARIS ", " CEDEX 1"),
    *("\0", "\u0301", "a\u0301", "a.a", "a-a.", "٣", "²"),
]
READERS = {
    "street": parse_street,
    "both lines": lambda text: parse_street(text, text),
    "names": guess_names,
    "place": fold_place,
    "mobile": normalize_mobile,
    "name": fold_name,
    "bank": bic_of,
    "email": clean_email,
    "line": clean_line,
    "id": is_particulier_id,
    "copied id": clean_particulier_id,
    "NOVA number": is_nova_number,
    "particulier": lambda text: [
        particulier(**{name: text}).problems(TODAY)
        for name in (
            *("civility", "birth_name", "usage_name", "first_names", "mobile", "email"),
            *("iban", "bic", "holder", "street_name", "street_number", "complement"),
            *("street_type", "street_letter", "locality", "zip", "commune_code"),
        )
    ],
    "request": lambda text: [
        payment_request(**{name: text}).problems(TODAY, TODAY)
        for name in ("number", "nova_number", "particulier_id")
    ],
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("pattern", PATTERNS, ids=ascii)
def test_a_megabyte_costs_no_more_than_a_moment(reader, pattern):
    text = pattern * (1_000_000 // len(pattern))
    start = time.process_time()
    READERS[reader](text)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("rest", ["", ", 69003 Lyon", " " * 1000, "x" * 1000])
def test_the_beginning_of_a_long_line_is_read_as_ever(rest):
    street = parse_street(f"12 rue des Lilas, {rest}"[:TYPED_LIMIT] + "," * 10_000)
    assert (street.number, street.type, street.name) == ("12", "R", "des Lilas")
    assert len(street.complement) <= LINE_LIMIT
    assert parse_street("\n" * 10_000) == Street()


@pytest.mark.parametrize(
    "name",
    ["birth_name", "usage_name", "first_names", "email", "holder"],
)
def test_what_is_too_long_is_said_to_be(name):
    problems = particulier(**{name: "a" * 10_000}).problems(TODAY)
    assert problems == [Problem(name, Rule.TOO_LONG)]


def test_an_address_that_is_too_long_is_said_to_be():
    address = Address("69003", "69383", "Lyon", locality="a" * 10_000)
    assert address.problems() == [Problem("locality", Rule.TOO_LONG)]


@pytest.mark.parametrize("number", ["F" * 101, "F\t1", "F\n1", "F\x001", "F\x851"])
def test_a_number_that_would_not_come_back_is_named(number):
    problems = payment_request(number=number).problems(TODAY, TODAY.replace(day=1))
    assert Problem("number", Rule.MALFORMED) in problems


@pytest.mark.parametrize(
    "number", ["F" * 100, "FAC/2026/00001", "F 2026 1", "Réf. n° 1"]
)
def test_any_other_number_is_none(number):
    problems = payment_request(number=number).problems(TODAY, TODAY.replace(day=1))
    assert "number" not in {problem.field for problem in problems}


def test_a_description_is_sent_as_far_as_anybody_reads_it():
    body = service(description="é" * 1_000_000).body("SAP123456789")
    assert body["complement1"] == "é" * 1000
