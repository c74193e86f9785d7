# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From an invoice's lines to services: cases worked out by hand, to the cent."""

from datetime import date
from decimal import Decimal

import pytest
from urssaf.documents.payment_request import Unit
from urssaf.documents.problem import Problem, Rule
from urssaf.documents.services import Charge

from .invoices import CENT, Invoice, assert_good, become, problems


def charge(gross, net=None, hours=None, nature="60", description=""):
    hours = None if hours is None else Decimal(hours)
    return Charge(nature, Decimal(gross), Decimal(net or gross), hours, description)


def invoice(*charges, gross=None, net=None):
    """An invoice. Its totals are the sums of its lines, unless they are given."""
    gross = sum(one.gross for one in charges) if gross is None else Decimal(gross)
    net = sum(one.net for one in charges) if net is None else Decimal(net)
    return Invoice(charges, gross, net)


def text(service):
    """The service as "3 h × 70.00 = 210.00 (175.00) Ménage", or "12.00 (10.00) Ménage"."""
    amounts = f"{service.gross} ({service.net})"
    if service.unit is Unit.HOUR:
        quantity = f"{service.quantity.normalize():f}"
        amounts = f"{quantity} h × {service.unit_price} = {amounts}"
    else:
        assert (service.quantity, service.unit_price) == (1, service.gross)
    return f"{amounts} {service.description}".strip()


# One line: its amounts with and without VAT, its hours, the services it becomes


@pytest.mark.parametrize(
    "gross, net, hours, expected",
    [
        # One price gives the amount.
        ("120.00", "100.00", "4", ["4 h × 30.00 = 120.00 (100.00)"]),
        ("112.50", "102.27", "4.5", ["4.5 h × 25.00 = 112.50 (102.27)"]),
        ("43.75", "43.75", "1.75", ["1.75 h × 25.00 = 43.75 (43.75)"]),
        ("31.25", "31.25", "1.25", ["1.25 h × 25.00 = 31.25 (31.25)"]),
        ("33.33", "33.33", "3", ["3 h × 11.11 = 33.33 (33.33)"]),
        ("1234.60", "0.00", "61.73", ["61.73 h × 20.00 = 1234.60 (0.00)"]),
        ("0.01", "0.00", "1", ["1 h × 0.01 = 0.01 (0.00)"]),
        ("0.01", "0.01", "0.01", ["0.01 h × 1.00 = 0.01 (0.01)"]),
        ("0.10", "0.10", "10", ["10 h × 0.01 = 0.10 (0.10)"]),
        # One price gives the amount after rounding: 15.003 and 9.996.
        ("15.00", "15.00", "0.9", ["0.9 h × 16.67 = 15.00 (15.00)"]),
        ("10.00", "10.00", "0.85", ["0.85 h × 11.76 = 10.00 (10.00)"]),
        # No price gives it for whole hours. The first is enDI's: 58.33 € × 5 h at 20 %.
        (
            *("349.98", "291.65", "5"),
            ["3 h × 70.00 = 210.00 (175.00)", "2 h × 69.99 = 139.98 (116.65)"],
        ),
        (
            *("10.00", "8.33", "3"),
            ["1 h × 3.34 = 3.34 (2.78)", "2 h × 3.33 = 6.66 (5.55)"],
        ),
        (
            *("100.00", "100.00", "7.00"),
            ["4 h × 14.29 = 57.16 (57.16)", "3 h × 14.28 = 42.84 (42.84)"],
        ),
        (
            *("10000000.01", "10000000.01", "3"),
            [
                "2 h × 3333333.34 = 6666666.68 (6666666.68)",
                "1 h × 3333333.33 = 3333333.33 (3333333.33)",
            ],
        ),
        (
            *("0.15", "0.15", "10"),
            ["5 h × 0.02 = 0.10 (0.10)", "5 h × 0.01 = 0.05 (0.05)"],
        ),
        (
            *("0.10", "0.09", "3"),
            ["1 h × 0.04 = 0.04 (0.04)", "2 h × 0.03 = 0.06 (0.05)"],
        ),
        # No price gives it: the fraction of an hour comes first. 1.5 h at 25.01 is 37.515.
        (
            *("37.52", "37.52", "1.5"),
            ["0.5 h × 25.02 = 12.51 (12.51)", "1 h × 25.01 = 25.01 (25.01)"],
        ),
        (
            *("31.13", "31.13", "1.25"),
            ["0.25 h × 24.92 = 6.23 (6.23)", "1 h × 24.90 = 24.90 (24.90)"],
        ),
        (
            *("100.00", "0.00", "7.5"),
            [
                "0.5 h × 13.34 = 6.67 (0.00)",
                "2 h × 13.34 = 26.68 (0.00)",
                "5 h × 13.33 = 66.65 (0.00)",
            ],
        ),
        (
            *("0.03", "0.03", "2.5"),
            ["0.5 h × 0.02 = 0.01 (0.01)", "2 h × 0.01 = 0.02 (0.02)"],
        ),
        # Hours with more than two decimals are rounded half up; the amount stays.
        (
            *("50.00", "50.00", "1.333"),
            ["0.33 h × 37.61 = 12.41 (12.41)", "1 h × 37.59 = 37.59 (37.59)"],
        ),
        ("25.00", "25.00", "0.125", ["0.13 h × 192.31 = 25.00 (25.00)"]),
        ("10.00", "10.00", Decimal(20) / 60, ["0.33 h × 30.30 = 10.00 (10.00)"]),
        ("50.00", "50.00", Decimal(100) / 60, ["1.67 h × 29.94 = 50.00 (50.00)"]),
        ("1.00", "1.00", "0.005", ["0.01 h × 100.00 = 1.00 (1.00)"]),
        # Hours that cannot give the amount are written in the description.
        ("1.00", "1.00", "0.0049", ["1.00 (1.00) 0,0049 h"]),
        ("0.01", "0.01", Decimal(20) / 60 / 100, ["0.01 (0.01) 0,0033 h"]),
        ("0.01", "0.01", "10", ["0.01 (0.01) 10 h"]),
        ("0.09", "0.09", "10.0", ["0.09 (0.09) 10 h"]),
        ("0.02", "0.02", "2.5", ["0.02 (0.02) 2,5 h"]),
        ("0.01", "0.01", "1.5", ["0.01 (0.01) 1,5 h"]),
        ("0.00", "0.00", "2.50", ["0.00 (0.00) 2,5 h"]),
        # There are no hours.
        ("120.00", "100.00", None, ["120.00 (100.00)"]),
        ("120.00", "100.00", "0", ["120.00 (100.00)"]),
        ("120.00", "100.00", "0.00", ["120.00 (100.00)"]),
    ],
)
def test_one_line_becomes(gross, net, hours, expected):
    books = invoice(charge(gross, net, hours))
    assert list(map(text, become(books))) == expected
    if books.gross:
        assert_good(books)


def test_what_is_written_on_a_line_stays_on_each_of_its_services():
    one = charge("10.00", hours="3", description="Ménage")
    assert [text(part) for part in become(invoice(one))] == [
        "1 h × 3.34 = 3.34 (3.34) Ménage",
        "2 h × 3.33 = 6.66 (6.66) Ménage",
    ]
    flat = charge("0.01", hours="3", description="Ménage")
    assert [text(part) for part in become(invoice(flat))] == [
        "0.01 (0.01) Ménage (3 h)"
    ]


def test_services_carry_nature_dates_and_position_of_their_line():
    first, last = date(2026, 2, 3), date(2026, 2, 5)
    charges = (
        charge("-1.00", nature="70"),
        Charge("70", Decimal(11), Decimal(10), Decimal(3), "", first, last),
        charge("30.00", hours="2"),
    )
    parts = become(invoice(*charges))
    assert [
        (part.source, part.nature, part.date_from, part.date_to) for part in parts
    ] == [
        (1, "70", first, last),
        (1, "70", first, last),
        (2, "60", None, None),
    ]


# Several lines

REMISE = "Remise"
ENDI = [charge("47.51", "39.59", 1)] * 2 + [charge("47.50", "39.58", 1)] * 3
INVOICES = {
    "enDI: five lines, the tax rounded once": (
        invoice(*ENDI, gross="237.50", net="197.92"),
        ["1 h × 47.50 = 47.50 (39.59)"] * 2 + ["1 h × 47.50 = 47.50 (39.58)"] * 3,
    ),
    "a discount on its own nature": (
        invoice(
            charge("120.00", "100.00", 4, "60"),
            charge("-12.00", "-10.00", None, "60", REMISE),
            charge("60.00", "50.00", 2, "100"),
        ),
        ["4 h × 27.00 = 108.00 (90.00) Remise", "2 h × 30.00 = 60.00 (50.00)"],
    ),
    "a discount without nature, before what it lowers": (
        invoice(
            charge("-18.00", "-15.00", None, "", REMISE),
            charge("120.00", "100.00", 4, "60", "Ménage"),
            charge("60.00", "50.00", 2, "100", "Cours"),
        ),
        [
            "4 h × 27.00 = 108.00 (90.00) Ménage – Remise",
            "2 h × 27.00 = 54.00 (45.00) Cours",
        ],
    ),
    "a discount of a nature that nothing else has": (
        invoice(charge(60), charge(40), charge(-10, nature="30")),
        ["54.00 (54.00)", "36.00 (36.00)"],
    ),
    "a discount above its nature": (
        invoice(charge(10), charge(90, nature="100"), charge(-20)),
        ["8.00 (8.00)", "72.00 (72.00)"],
    ),
    "a discount that is all of its nature": (
        invoice(
            charge(50, None, 2, "60", "Essai"),
            charge(80, nature="100"),
            charge(-50, description="Offert"),
        ),
        ["0.00 (0.00) Essai (2 h) – Offert", "80.00 (80.00)"],
    ),
    "a discount that leaves a remainder": (
        invoice(*[charge("10.00", "8.33")] * 3, charge("-10.00", "-8.33")),
        ["6.66 (5.55)", "6.67 (5.55)", "6.67 (5.56)"],
    ),
    "a discount that makes the hours' price uneven": (
        invoice(charge(100, None, 3, "60", "A"), charge(-1, description=REMISE)),
        ["3 h × 33.00 = 99.00 (99.00) A – Remise"],
    ),
    "a discount on hours that are split": (
        invoice(charge(99, None, 3, "60", "A"), charge(-1, description=REMISE)),
        ["2 h × 32.67 = 65.34 (65.34) A – Remise", "1 h × 32.66 = 32.66 (32.66) A"],
    ),
    "two discounts on one line, one of them nameless, and one on another": (
        invoice(
            charge(50, description="A"),
            charge(-5, description="B"),
            charge(-5),
            charge(50, nature="70", description="C"),
            charge(-10, nature="70", description="D"),
        ),
        ["40.00 (40.00) A – B", "40.00 (40.00) C – D"],
    ),
    "a discount for each rate of VAT": (
        invoice(
            charge("120.00", "100.00"),
            charge("110.00", "100.00"),
            charge("-12.00", "-10.00", nature=""),
            charge("-11.00", "-10.00", nature=""),
        ),
        ["108.00 (90.00)", "99.00 (90.00)"],
    ),
    "a discount with VAT, also on what has none": (
        invoice(charge("60.00", "50.00"), charge("60.00"), charge("-12.00", "-10.00")),
        ["54.00 (46.00)", "54.00 (54.00)"],
    ),
    "the total's tax a cent below the lines'": (
        invoice(*[charge("10.01", "8.34")] * 3, gross="30.02"),
        ["10.00 (8.34)", "10.01 (8.34)", "10.01 (8.34)"],
    ),
    "the total two cents above, the larger line first": (
        invoice(charge(10), charge(50), gross="60.02", net="60.02"),
        ["10.00 (10.00)", "50.02 (50.02)"],
    ),
    "the total's tax above the lines', the largest of them without VAT": (
        invoice(charge(50), charge("12.00", "10.00"), gross="62.01"),
        ["50.01 (50.01)", "12.00 (9.99)"],
    ),
    "tax on the total alone": (
        invoice(charge(100), gross="100.00", net="99.99"),
        ["100.00 (99.99)"],
    ),
    "the total's net a cent above the lines'": (
        invoice(charge("47.52", "39.60"), charge("12.00", "10.00"), net="49.61"),
        ["47.52 (39.61)", "12.00 (10.00)"],
    ),
    "to five cents, on a line that accounting does not give": (
        invoice(charge("19.98", "16.65", 1), gross="20.00", net="16.67"),
        ["1 h × 20.00 = 20.00 (16.67)"],
    ),
    "to five cents, and no need to split any more": (
        invoice(charge("100.02", None, 5), gross="100.00", net="100.00"),
        ["5 h × 20.00 = 100.00 (100.00)"],
    ),
    "a discount, a free line before what it lowers": (
        invoice(
            charge(0, nature="70"), charge(9), charge(-1, nature="", description="B")
        ),
        ["0.00 (0.00)", "8.00 (8.00) B"],
    ),
    "a discount and a rounding": (
        invoice(charge(30), charge(10), charge(-4, nature=""), gross="36.01", net=36),
        ["27.01 (27.00)", "9.00 (9.00)"],
    ),
    "a free line": (
        invoice(charge("0.00", None, 1, "60", "Essai"), charge(30, None, 1)),
        ["0.00 (0.00) Essai (1 h)", "1 h × 30.00 = 30.00 (30.00)"],
    ),
    "a cent that no line has": (
        invoice(charge("0.00"), charge("0.00"), gross="0.01", net="0.01"),
        ["0.01 (0.01)", "0.00 (0.00)"],
    ),
    "a line without hours between lines with": (
        invoice(charge(30, None, 1), charge("5.50", "5.00"), charge(30, None, 2)),
        [
            "1 h × 30.00 = 30.00 (30.00)",
            "5.50 (5.00)",
            "2 h × 15.00 = 30.00 (30.00)",
        ],
    ),
}


@pytest.mark.parametrize("name", INVOICES)
def test_an_invoice_becomes(name):
    books, expected = INVOICES[name]
    assert list(map(text, become(books))) == expected
    assert_good(books)


# Impossible invoices, which have problems and raise nothing

NEGATIVE, DIFFER, NOT_POSITIVE = (
    ("amount", Rule.NEGATIVE),
    ("amount_total", Rule.LINES_DIFFER),
    ("amount_total", Rule.NOT_POSITIVE),
)
IMPOSSIBLE = {
    "no line": (invoice(gross=10, net=10), [("services", Rule.NO_SERVICES, None)]),
    "discounts of all there is": (invoice(charge(10), charge(-10)), [NOT_POSITIVE]),
    "discounts of more": (
        invoice(charge(10), charge(-20)),
        [(*NEGATIVE, 1), NOT_POSITIVE],
    ),
    "discounts of more, before a line without nature": (
        invoice(charge(-20), charge(10, nature="")),
        [(*NEGATIVE, 0), ("nature", Rule.MISSING, 1), NOT_POSITIVE],
    ),
    "nothing but a discount": (invoice(charge(-5)), [(*NEGATIVE, 0), NOT_POSITIVE]),
    "net above gross": (invoice(charge(10), charge(10, 11)), [(*NEGATIVE, 1)]),
    "a discount with VAT on what has none": (
        invoice(charge(100), charge(-12, -10)),
        [(*NEGATIVE, 0)],
    ),
    "nothing to pay": (invoice(charge(10), gross=0, net=0), [NOT_POSITIVE, DIFFER]),
    "below zero": (invoice(charge(10), gross=-1, net=-1), [NOT_POSITIVE, DIFFER]),
    "net below zero": (invoice(charge("1.00"), net="-0.01"), [DIFFER]),
    "all of it net, and more": (invoice(charge("1.00"), net="1.01"), [DIFFER]),
    "no rounding, too little": (invoice(charge(12), gross="10.99", net=10), [DIFFER]),
    "no rounding, too much": (invoice(charge(12), gross="13.01", net=12), [DIFFER]),
    "no rounding, net": (invoice(charge(12, 10), net="11.01"), [DIFFER]),
    "not in cents": (invoice(charge("10.005"), charge("0.001")), [DIFFER]),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_is_a_problem(name):
    books, expected = IMPOSSIBLE[name]
    assert problems(books) == [Problem(*problem) for problem in expected]


@pytest.mark.parametrize("lines, most", [(1, "1.00"), (100, "1.00"), (150, "1.50")])
def test_roundings_are_a_euro_or_a_cent_a_line_at_most(lines, most):
    charges, total = [charge(2)] * lines, 2 * lines
    for missing in (Decimal(most), -Decimal(most)):
        assert_good(invoice(*charges, gross=total + missing, net=total + missing))
        beyond = missing + CENT.copy_sign(missing)
        refused = invoice(*charges, gross=total + beyond, net=total + beyond)
        assert problems(refused) == [Problem("amount_total", Rule.LINES_DIFFER)]
