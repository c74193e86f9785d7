# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A payment request: what is found wrong, what is sent, and the cents."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from urssaf.payment_request import SCHEME_START, Service, Unit
from urssaf.problem import Problem, Rule

from .samples import ACTIVE_SINCE, ID_CLIENT, TODAY, payment_request, service

CENT = Decimal("0.01")


def problems(today=TODAY, active_since=ACTIVE_SINCE, **changes):
    return payment_request(**changes).problems(today, active_since)


def test_a_good_request_has_no_problem():
    assert problems() == []


# Each problem once


@pytest.mark.parametrize(
    "changes, field, rule",
    [
        ({"provider": ""}, "provider", Rule.MISSING),
        ({"provider": "123456789"}, "provider", Rule.MALFORMED),
        ({"provider": "SAP12345678"}, "provider", Rule.MALFORMED),
        ({"provider": "SAP1234567890"}, "provider", Rule.MALFORMED),
        ({"provider": "SIR123456789"}, "provider", Rule.MALFORMED),
        ({"provider": "SAP12345678901234"}, "provider", Rule.MALFORMED),
        ({"provider": "sap123456789"}, "provider", Rule.MALFORMED),
        ({"provider": "SAP 123456789"}, "provider", Rule.MALFORMED),
        ({"provider": "SAP12345678９"}, "provider", Rule.MALFORMED),
        ({"provider": "SAP123456789\n"}, "provider", Rule.MALFORMED),
        ({"client_id": ""}, "client_id", Rule.MISSING),
        ({"active_since": None}, "client_id", Rule.MISSING),
        ({"client_id": "", "active_since": None}, "client_id", Rule.MISSING),
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
        {"provider": "SAP000000000"},
        {"provider": "SIR12345678901234"},
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


# Amounts


def test_a_problem_of_a_service_names_its_line():
    services = [
        service(),
        service(nature=""),
        service("-12.00", "-10.00"),
        service("12.00", "13.00", nature=""),
    ]
    assert problems(services=services) == [
        Problem("nature", Rule.MISSING, 1),
        Problem("amount", Rule.NEGATIVE, 2),
        Problem("nature", Rule.MISSING, 3),
        Problem("amount", Rule.NEGATIVE, 3),
    ]


@pytest.mark.parametrize(
    "gross, net",
    [("-0.01", "0.00"), ("10.00", "-0.01"), ("10.00", "10.01"), ("-10.00", "-10.00")],
)
@pytest.mark.parametrize("hours", [None, Decimal(2), Decimal(-2), Decimal("1.333")])
def test_nothing_negative_passes(gross, net, hours):
    found = service(gross, net, hours=hours).problems(4)
    assert found == [Problem("amount", Rule.NEGATIVE, 4)]


@pytest.mark.parametrize("gross", ["0.00", "-12.00"])
def test_an_invoice_over_nothing_or_less_is_a_problem(gross):
    services = [service(gross, gross, hours=None)]
    assert Problem("amount_total", Rule.NOT_POSITIVE) in problems(services=services)


@pytest.mark.parametrize(
    "services",
    [
        pytest.param([service("10.005", "10.00", hours=None)], id="gross"),
        pytest.param([service("10.00", "8.333", hours=None)], id="net"),
        pytest.param([replace(service(), unit_price=Decimal("29.999"))], id="price"),
        pytest.param([replace(service(), quantity=Decimal("4.001"))], id="quantity"),
        pytest.param(
            [service("5.005", "5.005", hours=None)] * 2, id="lines, not their sum"
        ),
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
    # ERR_MNT_PREST_TTC, for who does not go through Service.of
    assert problems(services=[replace(service(), **changes)]) != []


def test_everything_that_is_wrong_is_told_at_once():
    found = problems(
        provider="",
        client_id="",
        birth_date=None,
        date_from=MAR_1,
        date_to=date(2026, 4, 1),
        services=[service(nature="")],
        gross=Decimal(1),
    )
    assert [(problem.field, problem.rule, problem.line) for problem in found] == [
        ("provider", Rule.MISSING, None),
        ("client_id", Rule.MISSING, None),
        ("birth_date", Rule.MISSING, None),
        ("date_to", Rule.TWO_MONTHS, None),
        ("date_to", Rule.FUTURE, None),
        ("nature", Rule.MISSING, 0),
        ("amount_total", Rule.LINES_DIFFER, None),
    ]


# Service.of


@pytest.mark.parametrize(
    "gross, hours, price",
    [
        ("120.00", "4", "30.00"),
        ("112.50", "4.5", "25.00"),
        ("43.75", "1.75", "25.00"),
        ("0.01", "1", "0.01"),
        ("31.25", "1.25", "25.00"),
        ("33.33", "3", "11.11"),
        ("15.00", "0.9", "16.67"),  # 15.003
        ("10.00", "0.85", "11.76"),  # 9.996
        ("1234.60", "61.73", "20.00"),
    ],
)
def test_hours_that_give_the_amount_are_sent_as_hours(gross, hours, price):
    of = service(gross, gross, hours=Decimal(hours), description="Ménage")
    assert (of.unit, of.quantity, of.unit_price) == (
        Unit.HOUR,
        Decimal(hours),
        Decimal(price),
    )
    assert of.description == "Ménage"


@pytest.mark.parametrize(
    "gross, hours, told",
    [
        ("10.00", "3", "3 h"),
        ("100.00", "7.00", "7 h"),
        ("50.00", "1.333", "1,333 h"),
        ("25.00", "0.125", "0,125 h"),
        ("20.00", "30.0", "30 h"),
        ("0.01", "10", "10 h"),
        ("0.00", "2.50", "2,5 h"),
    ],
)
def test_hours_that_do_not_are_told_beside_a_flat_rate(gross, hours, told):
    bare = service(gross, gross, hours=Decimal(hours))
    assert (bare.unit, bare.quantity, bare.unit_price) == (
        Unit.FLAT,
        Decimal(1),
        Decimal(gross),
    )
    assert bare.description == told
    named = service(gross, gross, hours=Decimal(hours), description="Ménage")
    assert named.description == f"Ménage ({told})"


@pytest.mark.parametrize("minutes", [7, 20, 100])
def test_hours_are_told_as_a_person_would_write_them(minutes):
    # Hours from minutes have no end of decimals.
    flat = service("9.99", "9.99", hours=Decimal(minutes) / 60)
    assert flat.unit is Unit.FLAT
    assert len(flat.description) <= len("1,6667 h")
    told = Decimal(flat.description.removesuffix(" h").replace(",", "."))
    assert abs(told - Decimal(minutes) / 60) <= CENT


@pytest.mark.parametrize("hours", [None, Decimal(0), Decimal("0.00")])
def test_no_hours_are_a_flat_rate_that_tells_none(hours):
    flat = service("120.00", "100.00", hours=hours, description="Jardin")
    assert (flat.unit, flat.quantity, flat.unit_price) == (
        Unit.FLAT,
        Decimal(1),
        Decimal("120.00"),
    )
    assert flat.description == "Jardin"


def cents(lowest, highest):
    return st.integers(lowest, highest).map(lambda n: Decimal(n) / 100)


HOURS = st.one_of(
    st.none(),
    st.integers(1, 800).map(lambda quarters: Decimal(quarters) / 4),
    cents(1, 20_000),
    st.integers(1, 12_000).map(lambda minutes: Decimal(minutes) / 60),
    st.decimals("0.0001", 200, places=4),
)


@st.composite
def lines(draw):
    gross = draw(st.one_of(cents(0, 20_000), cents(0, 1_000_000)))
    net = Decimal(draw(st.integers(0, int(gross * 100)))) / 100
    return {"gross": gross, "net": net, "hours": draw(HOURS)}


def at_most_two_decimals(value):
    return value == value.quantize(CENT)


@given(lines())
@example({"gross": Decimal("31.13"), "net": Decimal("31.13"), "hours": Decimal("1.25")})
@example({"gross": Decimal("10.00"), "net": Decimal("8.33"), "hours": Decimal(3)})
@example({"gross": Decimal("0.01"), "net": Decimal("0.00"), "hours": Decimal("0.01")})
def test_a_line_of_any_amount_and_hours_adds_up_to_the_cent(line):
    of = Service.of("60", **line)
    body = of.body("SAP123456789")
    quantity, price = body["quantite"], body["mntUnitaireTTC"]
    gross, net = body["mntPrestationTTC"], body["mntPrestationHT"]
    assert (gross, net) == (line["gross"], line["net"])
    assert (quantity * price).quantize(CENT, ROUND_HALF_UP) == gross
    assert net + body["mntPrestationTVA"] == gross
    amounts = (quantity, price, gross, net, body["mntPrestationTVA"])
    assert all(map(at_most_two_decimals, amounts))
    assert min(amounts) >= 0
    assert quantity > 0
    assert of.problems(0) == []
    if of.unit is Unit.HOUR:
        assert quantity == line["hours"]
        assert body["unite"] == "HEURE"
        assert "complement1" not in body
    else:
        assert (quantity, price) == (1, gross)
        assert body["unite"] == "FORFAIT"
        assert body.get("complement1", "").endswith(" h") == bool(line["hours"])


@given(lines())
@example({"gross": Decimal("37.52"), "net": Decimal("37.52"), "hours": Decimal("1.5")})
def test_no_line_depends_on_how_the_server_rounds_half_a_cent(line):
    # 1.5 h at 25.01 are 37.515: 37.52 for one program, 37.51 for another.
    of = Service.of("60", **line)
    assert abs(of.quantity * of.unit_price - of.gross) < CENT / 2
    product = (of.quantity * of.unit_price).quantize(CENT, ROUND_HALF_EVEN)
    assert product == of.gross


@given(st.lists(lines(), min_size=1, max_size=8))
def test_a_request_of_such_lines_has_no_problem_but_that_it_may_be_free(given_lines):
    services = [Service.of("60", **line) for line in given_lines]
    found = problems(services=services)
    total = sum(line["gross"] for line in given_lines)
    free = [] if total else [Problem("amount_total", Rule.NOT_POSITIVE)]
    assert found == free


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
