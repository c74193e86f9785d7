# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The days of a payment request, and those of its lines, beside the customer's activation;
and the lines below zero, which are taken off the others."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from urssaf.documents.payment_request import Discount
from urssaf.documents.problem import Problem, Rule
from urssaf.documents.services import Charge, discounts, services

from .samples import ACTIVE_SINCE, TODAY, payment_request, service

FEB_28, MAR_1 = date(2026, 2, 28), date(2026, 3, 1)
BEFORE = ACTIVE_SINCE - timedelta(1)


def problems(**changes):
    return payment_request(**changes).problems(TODAY, ACTIVE_SINCE)


@pytest.mark.parametrize("field", ["invoice_date", "date_from", "deposit_date"])
def test_every_day_before_the_activation_is_named(field):
    changes = {"deposit": Decimal(10), "deposit_date": TODAY, "date_to": ACTIVE_SINCE}
    changes["date_from"] = ACTIVE_SINCE
    found = problems(**changes | {field: BEFORE})
    assert found == [Problem(field, Rule.BEFORE_ACTIVATION)]
    assert problems(**changes | {field: ACTIVE_SINCE}) == []


def test_an_invoice_from_before_the_scheme_is_not_blamed_for_the_activation():
    found = problems(invoice_date=date(2021, 12, 31))
    assert found == [Problem("invoice_date", Rule.TOO_EARLY)]


@pytest.mark.parametrize(
    "date_from, date_to", [(BEFORE, None), (None, BEFORE), (BEFORE, ACTIVE_SINCE)]
)
@pytest.mark.parametrize("start", [BEFORE, ACTIVE_SINCE])
def test_a_line_from_before_the_activation_is_named(start, date_from, date_to):
    dated = replace(service(), date_from=date_from, date_to=date_to, source=2)
    taken_off = Discount(date_from, date_to, 4)
    found = problems(
        services=[service(), dated],
        discounts=(taken_off,),
        date_from=start,
        date_to=date(2026, 1, 31),
    )
    period = [Problem("date_from", Rule.BEFORE_ACTIVATION)] if start == BEFORE else []
    lines = [Problem("date", Rule.BEFORE_ACTIVATION, line) for line in (2, 4)]
    assert found == period + lines


WARNED = {
    "invoice_date": {"invoice_date": ACTIVE_SINCE},
    "date_from": {"date_from": ACTIVE_SINCE},
    "deposit_date": {"deposit": Decimal(10), "deposit_date": ACTIVE_SINCE},
}


@pytest.mark.parametrize("field", WARNED)
def test_every_day_of_the_activation_is_warned_of(field):
    request = payment_request(**WARNED[field])
    assert request.warnings(ACTIVE_SINCE) == [Problem(field, Rule.ON_ACTIVATION)]
    for other in (ACTIVE_SINCE - timedelta(1), ACTIVE_SINCE + timedelta(1), None):
        assert request.warnings(other) == []


def test_a_line_of_the_day_of_activation_is_warned_of_once():
    day = {"date_from": ACTIVE_SINCE, "date_to": ACTIVE_SINCE}
    dated = replace(service(), **day, source=2)
    request = payment_request(
        services=[service(), dated, dated], discounts=(Discount(**day, source=4),)
    )
    lines = [Problem("date", Rule.ON_ACTIVATION, line) for line in (2, 4)]
    assert request.warnings(ACTIVE_SINCE) == lines


def test_no_deposit_was_paid_on_any_day():
    assert payment_request(deposit_date=ACTIVE_SINCE).warnings(ACTIVE_SINCE) == []


# The days of a discount

DISCOUNTS = {
    "none": (None, None, None),
    "a day of the period": (FEB_28, FEB_28, None),
    "later in the month": (date(2026, 2, 27), FEB_28, None),
    "earlier in the month": (date(2026, 2, 1), None, None),
    "the month before": (date(2026, 1, 31), date(2026, 1, 31), Rule.OTHER_MONTH),
    "the month after": (MAR_1, MAR_1, Rule.OTHER_MONTH),
    "only an end, in the month before": (None, date(2026, 1, 31), Rule.OTHER_MONTH),
    "from the month before": (date(2026, 1, 31), date(2026, 2, 3), Rule.OTHER_MONTH),
    "until the month after": (FEB_28, MAR_1, Rule.OTHER_MONTH),
    "the month of another year": (date(2027, 2, 10), None, Rule.OTHER_MONTH),
    "before the activation": (date(2026, 1, 10), None, Rule.BEFORE_ACTIVATION),
}


@pytest.mark.parametrize("dates", DISCOUNTS)
def test_a_discount_is_of_the_services_month(dates):
    date_from, date_to, rule = DISCOUNTS[dates]
    found = problems(
        discounts=(Discount(date_from, date_to, 5),),
        date_from=date(2026, 2, 3),
        date_to=date(2026, 2, 20),
    )
    assert found == ([Problem("date", rule, 5)] if rule else [])


def test_without_a_good_period_no_discount_is_blamed():
    other = (Discount(MAR_1, MAR_1, 5),)
    for date_from, date_to in ((None, FEB_28), (FEB_28, None), (FEB_28, BEFORE)):
        found = problems(discounts=other, date_from=date_from, date_to=date_to)
        assert [problem.line for problem in found] == [None]


def test_a_discount_that_could_not_be_taken_off_is_named_as_the_line_it_is():
    charges = [
        Charge("60", Decimal(10), Decimal(10)),
        Charge("60", Decimal(-20), Decimal(-20), date_from=date(2026, 1, 31)),
    ]
    found = problems(
        services=services(charges, Decimal(-10), Decimal(-10)),
        discounts=discounts(charges),
    )
    assert [(each.rule, each.line) for each in found] == [
        (Rule.NEGATIVE, 1),
        (Rule.OUTSIDE_PERIOD, 1),
        (Rule.NOT_POSITIVE, None),
    ]


def test_discounts_are_the_charges_below_zero():
    days = {"date_from": FEB_28, "date_to": MAR_1}
    charges = [
        Charge("60", Decimal(10), Decimal(10)),
        Charge("60", Decimal(-5), Decimal(-4), **days),
        Charge("60", Decimal(0), Decimal(0), **days),
        Charge("", Decimal(-1), Decimal(-1)),
    ]
    assert discounts(charges) == (
        Discount(FEB_28, MAR_1, 1),
        Discount(None, None, 3),
    )
