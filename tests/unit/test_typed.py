# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From what a person types about a particulier to the body that is sent."""

import csv
import gzip
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from urssaf.documents.address import FRANCE, Address
from urssaf.documents.particulier import BankAccount, BirthPlace, Particulier
from urssaf.proposals.bank import bic_of
from urssaf.proposals.cog import birth_codes
from urssaf.proposals.names import guess_names
from urssaf.proposals.street import parse_street

from . import contract

# The examples of the other files measure the coverage: tracing these would take minutes.
pytestmark = pytest.mark.no_cover
ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)
with gzip.open(
    ROOT / "l10n_fr_urssaf_sap" / "data" / "communes.csv.gz", "rt", encoding="utf-8"
) as file:
    PLACES = list(csv.DictReader(file, delimiter=";"))
TODAYS = [place for place in PLACES if place["zip_codes"]]
with (ROOT / "tests" / "addresses.csv").open(encoding="utf-8") as file:
    STREETS = [
        (row["street"], row["street2"]) for row in csv.DictReader(file, delimiter=";")
    ]

# These are made once, because a strategy over the whole map takes a while to make.
ANY_PLACE, ANY_HOME = st.sampled_from(PLACES), st.sampled_from(TODAYS)
ANY_STREET = st.sampled_from(STREETS)
FIRST = st.sampled_from(
    [
        "Jeanne",
        "Jean-Pierre",
        "Zoë",
        "Maëlys",
        "François",
        "Anne Sophie",
        "Œdipe",
        "Mary-Ann",
        "Ève",
        "Loïc",
    ]
)
LAST = st.sampled_from(
    [
        "Martin",
        "de La Tour",
        "D'Artagnan",
        "Lefèvre-Cœur",
        "N’Guyen",
        "Müller",
        "LE GOFF",
        "Ñuñez",
        "Dupont–Durand",
        "Agnès",
        "Łukasz",
        "O'Brien",
        "Straße",
        "van den Berg",
    ]
)
NAMES = st.builds("{} {}".format, FIRST, LAST) | st.builds("{} {}".format, LAST, FIRST)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
IBANS = st.sampled_from(
    [
        "FR76 3000 6000 0112 3456 7890 189",
        "FR7630004000310000000007737",
        "fr14-2004-1010-0505-0001-3M02-606",
        "DE89 3704 0044 0532 0130 00",
    ]
)
PHONES = st.sampled_from(
    [
        "06 39 98 00 11",
        "+33639980011",
        "0033 7 67 12 00 22",
        "07.67.12.00.22",
        "0692 12 34 56",
    ]
)
EMAILS = st.sampled_from(
    [
        "jeanne.martin@example.com",
        "j_m-1@sub.example.fr",
        "a+b@example.com",
        "é@x.fr",
        "@",
    ]
)


@st.composite
def typed(draw):
    """What an office knows of somebody, as typed; any of it may be missing or odd."""
    home = draw(ANY_HOME)
    return {
        "civility": draw(st.sampled_from("12")),
        "name": draw(NAMES),
        "first_names": draw(st.just("") | FIRST),
        "birth_name": draw(st.just("") | LAST),
        "usage_name": draw(st.just("") | LAST),
        "birth_date": draw(st.dates(date(1920, 1, 1), date(2008, 1, 1))),
        "country": draw(st.sampled_from(["99100", "99100", "99100", "99352", "99131"])),
        "birth_place": draw(ANY_PLACE),
        "phone": draw(PHONES),
        "email": draw(EMAILS),
        "street": draw(ANY_STREET | st.tuples(TEXT, TEXT)),
        "home": home,
        "zip": home["zip_codes"].split()[0],
        "iban": draw(IBANS),
        "bic": draw(st.just("") | st.just("BNPAFRPPXXX")),
    }


def particulier(known):
    """A particulier as the addon makes one: it proposes what is not typed."""
    guess = guess_names(known["name"])
    street = parse_street(*known["street"])
    place = known["birth_place"]
    codes = birth_codes(
        place["code"], place["name"], place["history"], known["birth_date"] or TODAY
    )
    place = (codes[0].code if len(codes) == 1 else "", codes[0].name)
    return Particulier(
        civility=known["civility"],
        birth_name=known["birth_name"] or guess.last_name,
        usage_name=known["usage_name"],
        first_names=known["first_names"] or guess.first_names,
        birth_date=known["birth_date"],
        birth_place=BirthPlace(
            known["country"], *(place if known["country"] == FRANCE else ())
        ),
        mobile=known["phone"],
        email=known["email"],
        address=Address(
            zip=known["zip"],
            commune_code=known["home"]["code"],
            commune_name=known["home"]["name"],
            street_number=street.number,
            street_letter=street.letter,
            street_type=street.type,
            street_name=street.name,
            complement=street.complement,
            locality=street.locality,
        ),
        bank_account=BankAccount(
            known["iban"], known["bic"] or bic_of(known["iban"]), known["name"]
        ),
    )


@settings(max_examples=2000)
@given(typed())
def test_what_looks_complete_conforms_to_the_contract(known):
    person = particulier(known)
    if not person.problems(TODAY):
        assert (
            contract.violations(json.dumps(person.body()), contract.PARTICULIER) == []
        )


# The field that is left empty, and the fields that the message names then.
MISSING = {
    "civility": {"civility"},
    "name": {"birth_name", "first_names", "holder"},
    "birth_date": {"birth_date"},
    "country": {"birth_country"},
    "phone": {"mobile"},
    "email": {"email"},
    "zip": {"zip"},
    "iban": {"iban"},
}


@settings(max_examples=500)
@given(typed(), st.sampled_from(sorted(MISSING)))
def test_what_is_incomplete_is_stopped_with_a_message(known, name):
    known[name] = None if name == "birth_date" else ""
    problems = {problem.field for problem in particulier(known).problems(TODAY)}
    assert problems & MISSING[name]


def test_most_of_what_people_type_is_complete():
    """Many of the examples of the tests above are complete."""
    complete = []

    @settings(max_examples=300, database=None)
    @given(typed())
    def collect(known):
        complete.append(not particulier(known).problems(TODAY))

    collect()
    assert sum(complete) > len(complete) / 4
