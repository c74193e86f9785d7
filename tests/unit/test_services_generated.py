# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From an invoice's lines to services: no rule is broken, whatever the invoice."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from urssaf.documents.problem import Rule
from urssaf.documents.services import Charge

from .invoices import (
    NATURES,
    RATES,
    Invoice,
    Line,
    assert_good,
    keep_books,
    problems,
    random_invoice,
)

# The examples of the other files measure the coverage: tracing these would take minutes.
pytestmark = pytest.mark.no_cover
# How many invoices there are of each number of lines.
SIZES = dict.fromkeys((1, 2, 3), 3_000) | dict.fromkeys((4, 5, 6, 8), 2_000)
SIZES |= {10: 1_500, 15: 750, 20: 500, 30: 500}
AMOUNT_RULES = {Rule.NEGATIVE, Rule.NOT_POSITIVE, Rule.LINES_DIFFER, Rule.NO_SERVICES}


def test_they_are_twenty_thousand():
    assert sum(SIZES.values()) >= 20_000


@pytest.mark.parametrize("size", SIZES)
def test_generated_invoices_satisfy_every_rule(size):
    random, good, refused = Random(size), 0, 0
    while good < SIZES[size]:
        invoice = random_invoice(random, size)
        if invoice.possible:
            assert_good(invoice)
            good += 1
        else:
            assert {problem.rule for problem in problems(invoice)} & AMOUNT_RULES
            refused += 1
    # These are free of charge, or have a discount with VAT on services without VAT.
    assert refused < good / 4


# Invoices as people type them


def decimals(lowest, highest, places):
    unit = 10**places
    scaled = st.integers(int(lowest * unit), int(highest * unit))
    return scaled.map(lambda number: Decimal(number).scaleb(-places))


LINES = st.builds(
    Line,
    quantity=decimals(0.001, 200, 3) | st.integers(1, 12).map(Decimal),
    price=decimals(0, 100, 6) | decimals(0, 100, 2) | decimals(0, 0.05, 2),
    rate=st.sampled_from(RATES),
    nature=st.sampled_from(NATURES),
    unit=st.sampled_from(["hour", "minute", "unit"]),
    percent=decimals(0, 100, 2) | st.just(Decimal(0)),
    description=st.sampled_from(["", "Ménage"]),
)
DISCOUNTS = st.builds(
    Line,
    quantity=st.just(Decimal(1)),
    price=decimals(-20, -0.01, 2),
    rate=st.sampled_from(RATES),
    nature=st.sampled_from([*NATURES, "", "30"]),
    unit=st.just("unit"),
)


INVOICES = st.builds(
    keep_books,
    st.builds(
        list.__add__,
        st.lists(LINES, min_size=1, max_size=5),
        st.lists(DISCOUNTS, max_size=2),
    ).flatmap(st.permutations),
    included=st.booleans(),
    globally=st.booleans(),
    cash=st.sampled_from(["", "line", "tax"]),
)


@settings(max_examples=1_500)
@given(INVOICES)
def test_what_people_type_satisfies_every_rule(invoice):
    assume(invoice.possible)
    assert_good(invoice)


# Anything that accounting could give, sensible or not

CENTS = st.integers(-2_000, 10_000) | st.integers(-3, 9) | st.integers(0, 10**10)
CHARGES = st.builds(
    lambda nature, gross, net, hours: Charge(
        nature,
        Decimal(gross).scaleb(-2),
        Decimal(gross * net // 100 if isinstance(net, int) else net[0]).scaleb(-2),
        hours,
    ),
    st.sampled_from(["60", "60", "70"]),
    CENTS,
    st.integers(0, 100) | st.tuples(CENTS),
    st.none() | decimals(-1, 60, 4) | decimals(0, 500, 2),
)
OFF = st.sampled_from([0, 0, 0, 1, -1, 3, -3, 99, -100, 101]) | CENTS


@settings(max_examples=2_000)
@given(st.lists(CHARGES, max_size=6), OFF, OFF)
def test_all_that_is_promised_and_nothing_raised(charges, off, net_off):
    total = sum((charge.gross for charge in charges), Decimal(0))
    gross = total + Decimal(off).scaleb(-2)
    net = sum((charge.net for charge in charges), Decimal(0))
    net += Decimal(net_off).scaleb(-2)
    invoice = Invoice(tuple(charges), gross, net)
    promised = charges and invoice.possible and max(abs(off), abs(net_off)) <= 100
    found = {problem.rule for problem in problems(invoice)}
    assert not (found and promised)
    assert found <= AMOUNT_RULES
    if not found:
        assert_good(invoice)
