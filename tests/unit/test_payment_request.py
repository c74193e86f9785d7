# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A payment request: problems, and the body that is sent."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from urssaf.api.answers import RequestInfo
from urssaf.documents.payment_request import (
    SCHEME_START,
    Service,
    Unit,
    differences,
)
from urssaf.documents.problem import Problem, Rule

from .samples import ACTIVE_SINCE, ID_CLIENT, TODAY, payment_request, service

CENT = Decimal("0.01")


def problems(today=TODAY, active_since=ACTIVE_SINCE, **changes):
    return payment_request(**changes).problems(today, active_since)


def flat(gross, net):
    """A service of exactly these amounts, consistent or not."""
    gross, net = Decimal(gross), Decimal(net)
    return Service("60", Unit.FLAT, Decimal(1), gross, gross, net)


def test_a_good_request_has_no_problem():
    assert problems() == []


# Each problem once


@pytest.mark.parametrize(
    "changes, field, rule",
    [
        ({"nova_number": ""}, "nova_number", Rule.MISSING),
        ({"nova_number": "123456789"}, "nova_number", Rule.MALFORMED),
        ({"nova_number": "SAP12345678"}, "nova_number", Rule.MALFORMED),
        ({"nova_number": "SAP1234567890"}, "nova_number", Rule.MALFORMED),
        ({"nova_number": "SIR123456789"}, "nova_number", Rule.MALFORMED),
        ({"nova_number": "SAP12345678901234"}, "nova_number", Rule.MALFORMED),
        ({"nova_number": "sap123456789"}, "nova_number", Rule.MALFORMED),
        ({"nova_number": "SAP 123456789"}, "nova_number", Rule.MALFORMED),
        ({"nova_number": "SAP12345678９"}, "nova_number", Rule.MALFORMED),
        ({"nova_number": "SAP123456789\n"}, "nova_number", Rule.MALFORMED),
        ({"particulier_id": ""}, "particulier_id", Rule.MISSING),
        ({"active_since": None}, "particulier_id", Rule.MISSING),
        ({"particulier_id": "", "active_since": None}, "particulier_id", Rule.MISSING),
        ({"birth_date": None}, "birth_date", Rule.MISSING),
        ({"number": ""}, "number", Rule.MISSING),
        ({"date_from": None}, "date_from", Rule.MISSING),
        ({"date_to": None}, "date_to", Rule.MISSING),
        ({"services": []}, "services", Rule.NO_SERVICES),
        ({"gross": Decimal("120.01")}, "amount_total", Rule.LINES_DIFFER),
        ({"gross": Decimal("119.99")}, "amount_total", Rule.LINES_DIFFER),
        ({"net": Decimal("99.99")}, "amount_total", Rule.LINES_DIFFER),
    ],
    ids=str,
)
def test_each_problem_is_found_once_and_alone(changes, field, rule):
    assert problems(**changes) == [Problem(field, rule)]


@pytest.mark.parametrize(
    "changes",
    [
        {"nova_number": "SAP000000000"},
        {"nova_number": "SIR12345678901234"},
        {"number": "FAC/2026/02/0001-2"},
        {"services": [service(), service("0.00", "0.00", hours=None)]},
        {"services": [service("12.00", "12.00")]},
        {"services": [service()] * 12},
    ],
    ids=str,
)
def test_what_the_urssaf_accepts_is_no_problem(changes):
    assert problems(**changes) == []


# The period

FEB_28, MAR_1 = date(2026, 2, 28), date(2026, 3, 1)
PERIODS = {
    "a whole month": (date(2026, 2, 1), FEB_28, []),
    "one day": (FEB_28, FEB_28, []),
    "today": (TODAY, TODAY, []),
    "until today": (MAR_1, TODAY, []),
    "until tomorrow": (MAR_1, TODAY + timedelta(1), [("date_to", Rule.FUTURE)]),
    "all in the future": (
        date(2026, 5, 1),
        date(2026, 5, 31),
        [("date_to", Rule.FUTURE)],
    ),
    "two months": (FEB_28, MAR_1, [("date_to", Rule.TWO_MONTHS)]),
    "the same month of two years": (
        date(2025, 2, 1),
        FEB_28,
        [("date_to", Rule.TWO_MONTHS), ("date_from", Rule.BEFORE_ACTIVATION)],
    ),
    "December to January": (
        date(2025, 12, 31),
        date(2026, 1, 1),
        [("date_to", Rule.TWO_MONTHS), ("date_from", Rule.BEFORE_ACTIVATION)],
    ),
    "two months, one to come": (
        MAR_1,
        date(2026, 4, 1),
        [("date_to", Rule.TWO_MONTHS), ("date_to", Rule.FUTURE)],
    ),
    "backwards": (FEB_28, date(2026, 2, 27), [("date_to", Rule.ENDS_BEFORE_START)]),
    "backwards over two months": (
        MAR_1,
        FEB_28,
        [("date_to", Rule.ENDS_BEFORE_START)],
    ),
    "from the day of activation": (ACTIVE_SINCE, date(2026, 1, 31), []),
    "from the day before": (
        ACTIVE_SINCE - timedelta(1),
        date(2026, 1, 31),
        [("date_from", Rule.BEFORE_ACTIVATION)],
    ),
    "before the scheme": (
        date(2021, 12, 31),
        date(2021, 12, 31),
        [("date_from", Rule.TOO_EARLY)],
    ),
    "the scheme's first day": (
        SCHEME_START,
        SCHEME_START,
        [("date_from", Rule.BEFORE_ACTIVATION)],
    ),
    "none": (None, None, [("date_from", Rule.MISSING), ("date_to", Rule.MISSING)]),
    "only an end, to come": (
        None,
        TODAY + timedelta(1),
        [("date_from", Rule.MISSING)],
    ),
}


@pytest.mark.parametrize("period", PERIODS)
def test_the_period_is_done_in_one_month_and_after_the_activation(period):
    date_from, date_to, expected = PERIODS[period]
    found = problems(date_from=date_from, date_to=date_to)
    assert [(problem.field, problem.rule) for problem in found] == expected


def test_a_february_of_29_days_is_one_month():
    found = problems(
        date_from=date(2024, 2, 1),
        date_to=date(2024, 2, 29),
        active_since=date(2024, 1, 1),
    )
    assert found == []


def test_active_since_the_first_day_of_the_scheme_is_early_enough():
    found = problems(
        date_from=SCHEME_START, date_to=SCHEME_START, active_since=SCHEME_START
    )
    assert found == []
    assert SCHEME_START == date(2022, 1, 1)


# The dates of a line

DATES = {
    "none": (None, None, None),
    "the whole period": (date(2026, 2, 1), FEB_28, None),
    "a day in it": (FEB_28, FEB_28, None),
    "only a start": (date(2026, 2, 1), None, None),
    "only an end": (None, FEB_28, None),
    "from the day before": (date(2026, 1, 31), FEB_28, Rule.OUTSIDE_PERIOD),
    "until the day after": (FEB_28, MAR_1, Rule.OUTSIDE_PERIOD),
    "only a start, late": (MAR_1, None, Rule.OUTSIDE_PERIOD),
    "only an end, early": (None, date(2026, 1, 31), Rule.OUTSIDE_PERIOD),
    "backwards": (FEB_28, date(2026, 2, 27), Rule.ENDS_BEFORE_START),
}


@pytest.mark.parametrize("dates", DATES)
def test_the_dates_of_a_line_lie_in_order_within_the_period(dates):
    date_from, date_to, rule = DATES[dates]
    dated = replace(service(), date_from=date_from, date_to=date_to, source=5)
    expected = [Problem("date", rule, 5)] if rule else []
    assert problems(services=[service(), dated]) == expected


@pytest.mark.parametrize(
    "date_from, date_to",
    [(None, FEB_28), (FEB_28, None), (FEB_28, date(2026, 2, 1))],
)
def test_without_a_good_period_no_line_is_blamed(date_from, date_to):
    dated = replace(service(), date_from=date(2026, 2, 3))
    found = problems(services=[dated], date_from=date_from, date_to=date_to)
    assert [problem.line for problem in found] == [None]


# The deposit

DEPOSITS = {
    "none": ("0.00", None, []),
    "none, at a date": ("0.00", TODAY + timedelta(1), []),
    "a cent": ("0.01", TODAY, []),
    "half": ("60.00", date(2026, 2, 2), []),
    "on the day of activation": ("60.00", ACTIVE_SINCE, []),
    "the day before": (
        *("60.00", ACTIVE_SINCE - timedelta(1)),
        [("deposit_date", Rule.BEFORE_ACTIVATION)],
    ),
    "none, before the activation": ("0.00", date(2026, 1, 2), []),
    "more": ("60.01", TODAY, [("deposit", Rule.ABOVE_HALF)]),
    "below zero": ("-0.01", TODAY, [("deposit", Rule.NEGATIVE)]),
    "half a cent": ("0.005", TODAY, [("deposit", Rule.MALFORMED)]),
    "no date": ("10.00", None, [("deposit_date", Rule.MISSING)]),
    "tomorrow": ("10.00", TODAY + timedelta(1), [("deposit_date", Rule.FUTURE)]),
    "another century": (
        *("10.00", date(1926, 3, 1)),
        [("deposit_date", Rule.TOO_EARLY)],
    ),
    "all of it, some day": (
        "120.00",
        None,
        [("deposit", Rule.ABOVE_HALF), ("deposit_date", Rule.MISSING)],
    ),
}


@pytest.mark.parametrize("deposit", DEPOSITS)
def test_a_deposit_is_half_at_most_and_has_a_date(deposit):
    # ERR_MONTANT_ACOMPTE, ERR_VALEUR_NEGATIVE, ERR_FORMAT_VALEUR
    amount, day, expected = DEPOSITS[deposit]
    found = problems(deposit=Decimal(amount), deposit_date=day)
    assert [(problem.field, problem.rule) for problem in found] == expected


# Amounts


def test_a_problem_of_a_service_names_its_line():
    services = [
        service(),
        replace(service(nature=""), source=1),
        replace(service("-12.00", "-10.00"), source=3),
        replace(service("12.00", "13.00", nature=""), source=4),
    ]
    assert problems(services=services) == [
        Problem("nature", Rule.MISSING, 1),
        Problem("amount", Rule.NEGATIVE, 3),
        Problem("nature", Rule.MISSING, 4),
        Problem("amount", Rule.NEGATIVE, 4),
    ]


def test_a_line_that_became_several_services_is_named_once():
    without = replace(service(nature=""), source=2)
    assert problems(services=[without, without]) == [Problem("nature", Rule.MISSING, 2)]


@pytest.mark.parametrize(
    "gross, net",
    [("-0.01", "0.00"), ("10.00", "-0.01"), ("10.00", "10.01"), ("-10.00", "-10.00")],
)
@pytest.mark.parametrize("hours", [None, Decimal(2), Decimal(-2), Decimal("1.333")])
def test_nothing_negative_passes(gross, net, hours):
    found = replace(service(gross, net, hours=hours), source=4).problems()
    assert found == [Problem("amount", Rule.NEGATIVE, 4)]


@pytest.mark.parametrize("gross", ["0.00", "-12.00"])
def test_an_invoice_over_nothing_or_less_is_a_problem(gross):
    services = [service(gross, gross, hours=None)]
    assert Problem("amount_total", Rule.NOT_POSITIVE) in problems(services=services)


@pytest.mark.parametrize(
    "services",
    [
        pytest.param([flat("10.005", "10.00")], id="gross"),
        pytest.param([flat("10.00", "8.333")], id="net"),
        pytest.param([replace(service(), unit_price=Decimal("29.999"))], id="price"),
        pytest.param([replace(service(), quantity=Decimal("4.001"))], id="quantity"),
        pytest.param([flat("5.005", "5.005")] * 2, id="lines, not their sum"),
    ],
)
def test_more_than_two_decimals_are_a_problem(services):
    # ERR_FORMAT_VALEUR
    assert problems(services=services) != []


@pytest.mark.parametrize(
    "changes",
    [{"quantity": Decimal(3)}, {"unit_price": Decimal("29.99")}, {"unit_price": CENT}],
    ids=str,
)
def test_a_line_whose_product_is_not_its_amount_is_a_problem(changes):
    # ERR_MNT_PREST_TTC: services() makes none, but its caller may
    assert problems(services=[replace(service(), **changes)]) != []


def test_everything_that_is_wrong_is_told_at_once():
    found = problems(
        nova_number="",
        particulier_id="",
        birth_date=None,
        date_from=MAR_1,
        date_to=date(2026, 4, 1),
        services=[service(nature="")],
        gross=Decimal(1),
    )
    assert [(problem.field, problem.rule, problem.line) for problem in found] == [
        ("nova_number", Rule.MISSING, None),
        ("particulier_id", Rule.MISSING, None),
        ("birth_date", Rule.MISSING, None),
        ("date_to", Rule.TWO_MONTHS, None),
        ("date_to", Rule.FUTURE, None),
        ("nature", Rule.MISSING, 0),
        ("amount_total", Rule.LINES_DIFFER, None),
    ]


# The body


def test_a_flat_rate_as_it_is_sent():
    flat = service("55.00", "50.00", hours=None, nature="70")
    assert flat.body("SAP123456789") == {
        "codeNature": "70",
        "quantite": Decimal(1),
        "unite": "FORFAIT",
        "mntUnitaireTTC": Decimal("55.00"),
        "mntPrestationTTC": Decimal("55.00"),
        "mntPrestationHT": Decimal("50.00"),
        "mntPrestationTVA": Decimal("5.00"),
        "complement2": "SAP123456789",
    }


def test_hours_as_they_are_sent():
    hours = service("45.00", "40.91", hours=Decimal("1.5"), description="Repassage")
    assert hours.body("SIR12345678901234") == {
        "codeNature": "60",
        "quantite": Decimal("1.5"),
        "unite": "HEURE",
        "mntUnitaireTTC": Decimal("30.00"),
        "mntPrestationTTC": Decimal("45.00"),
        "mntPrestationHT": Decimal("40.91"),
        "mntPrestationTVA": Decimal("4.09"),
        "complement1": "Repassage",
        "complement2": "SIR12345678901234",
    }


def test_a_request_as_it_is_sent():
    services = (service(), service("10.00", "10.00", hours=None))
    body = payment_request(services=services).body()
    assert body.pop("inputPrestations") == [
        one.body("SAP123456789") for one in services
    ]
    assert body == {
        "idTiersFacturation": "SAP123456789",
        "idClient": ID_CLIENT,
        "dateNaissanceClient": "1980-03-29T00:00:00Z",
        "numFactureTiers": "F-2026-001",
        "dateFacture": "2026-03-05T00:00:00Z",
        "dateDebutEmploi": "2026-02-01T00:00:00Z",
        "dateFinEmploi": "2026-02-28T00:00:00Z",
        "mntFactureTTC": Decimal("130.00"),
        "mntFactureHT": Decimal("110.00"),
    }


def test_the_dates_of_a_line_are_sent_where_it_has_them():
    dated = replace(service(), date_from=date(2026, 2, 3), date_to=FEB_28)
    without = service().body("SAP123456789")
    assert dated.body("SAP123456789") == without | {
        "dateDebutEmploi": "2026-02-03T00:00:00Z",
        "dateFinEmploi": "2026-02-28T00:00:00Z",
    }
    alone = replace(dated, date_to=None).body("SAP123456789")
    assert alone.keys() - without.keys() == {"dateDebutEmploi"}


def test_a_deposit_as_it_is_sent_leaves_the_totals_as_they_are():
    without = payment_request().body()
    day = date(2026, 1, 31)
    deposit = payment_request(deposit=Decimal("60.00"), deposit_date=day)
    assert deposit.body() == without | {
        "mntAcompte": Decimal("60.00"),
        "dateVersementAcompte": "2026-01-31T00:00:00Z",
    }
    assert payment_request(deposit_date=day).body() == without


# The request that the Urssaf has under the same number

NOT_SAID = {"particulier_id": "", "gross": None, "date_from": None, "date_to": None}
OURS = {
    "particulier_id": ID_CLIENT,
    "gross": Decimal("120.0"),
    "date_from": date(2026, 2, 1),
    "date_to": date(2026, 2, 28),
}


def info(**values):
    return RequestInfo(
        id="D-1", number="F-2026-001", code="10", label="", **NOT_SAID | values
    )


def kept(**values):
    """A body as it is kept: written as JSON and read again."""
    return json.loads(payment_request(**values).text())


@pytest.mark.parametrize("name", OURS)
def test_a_request_is_ours_where_what_the_urssaf_says_of_it_is_the_same(name):
    assert differences(kept(), info(**OURS)) == set()
    assert differences(kept(), info(**{name: OURS[name]})) == set()
    assert differences(kept(), info(**OURS | {name: NOT_SAID[name]})) == set()


@pytest.mark.parametrize(
    "name, other, difference",
    [
        ("particulier_id", "another", "particulier"),
        ("gross", Decimal("120.01"), "amount"),
        ("date_from", date(2026, 2, 2), "period"),
        ("date_to", date(2026, 2, 27), "period"),
    ],
)
def test_another_value_is_told(name, other, difference):
    assert differences(kept(), info(**OURS | {name: other})) == {difference}


def test_all_that_differs_is_told():
    other = {"particulier_id": "another", "gross": Decimal(1), "date_to": date.max}
    told = differences(kept(), info(**other))
    assert told == {"particulier", "period", "amount"}


def test_a_request_of_which_the_urssaf_says_nothing_may_be_any():
    assert differences(kept(), info()) is None


def test_a_body_is_kept_to_the_cent():
    body = kept(gross=Decimal("120.10"), net=Decimal("100.10"))
    assert (body["mntFactureTTC"], body["mntFactureHT"]) == ("120.10", "100.10")
    assert body["numFactureTiers"] == payment_request().number


@pytest.mark.parametrize(
    "name, day, rule",
    [
        ("invoice_date", None, Rule.MISSING),
        ("invoice_date", date(2021, 12, 31), Rule.TOO_EARLY),
        ("invoice_date", date(26, 3, 5), Rule.TOO_EARLY),
        ("invoice_date", TODAY + timedelta(367), Rule.FUTURE),
        ("invoice_date", date(9999, 12, 31), Rule.FUTURE),
        ("invoice_date", date(2022, 1, 1), None),
        ("invoice_date", TODAY + timedelta(366), None),
        ("birth_date", TODAY + timedelta(1), Rule.FUTURE),
        ("birth_date", TODAY, Rule.TODAY),
        ("birth_date", date(1899, 12, 31), Rule.LONG_AGO),
        ("birth_date", date(1900, 1, 1), None),
    ],
)
def test_a_day_of_another_century_is_named(name, day, rule):
    found = payment_request(**{name: day}).problems(TODAY, SCHEME_START)
    assert found == ([Problem(name, rule)] if rule else [])
