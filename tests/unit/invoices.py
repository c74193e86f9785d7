# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Invoices as accounting makes them, and what the Urssaf demands of what they become.

Neither relies on the library: the books are kept as Odoo keeps them, and the checks are
written from the rules.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from random import Random

from urssaf.documents.services import Charge, services

from . import contract
from .samples import ACTIVE_SINCE, TODAY, payment_request

CENT = Decimal("0.01")
RATES = tuple(map(Decimal, ("0", "0.055", "0.1", "0.2")))
NATURES = ("60", "70", "100")
HALVES = (ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN)
DAY = date(2026, 2, 3)


@dataclass(frozen=True)
class Line:
    """A line as typed. ``unit`` is "hour", "minute", or anything that measures no time."""

    quantity: Decimal
    price: Decimal
    rate: Decimal
    nature: str = "60"
    unit: str = "hour"
    percent: Decimal = Decimal(0)
    description: str = ""

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price * (100 - self.percent) / 100

    @property
    def hours(self) -> Decimal | None:
        return {"hour": self.quantity, "minute": self.quantity / 60}.get(self.unit)


@dataclass(frozen=True)
class Invoice:
    charges: tuple[Charge, ...]
    gross: Decimal
    net: Decimal

    @property
    def possible(self) -> bool:
        """Whether this can be an invoice over services: the total is above zero, and the
        VAT is not below."""
        total = sum(charge.gross for charge in self.charges)
        return self.gross > 0 and 0 <= self.net <= self.gross and total >= 0


def keep_books(lines, included=False, globally=False, cash="") -> Invoice:
    """The invoice over these lines. ``included`` says that prices include the taxes,
    ``globally`` that taxes are rounded for all lines together. ``cash`` says where the
    difference goes when the total is rounded to five cents: into a line of its own
    ("line"), into the tax ("tax"), or nowhere ("": the total is not rounded)."""
    charges, raw_net, raw_taxes = [], Decimal(0), defaultdict(Decimal)
    for line in lines:
        net = line.amount / (1 + line.rate) if included else line.amount
        tax = net * line.rate
        gross = cents(net + tax) if included else cents(net) + cents(tax)
        raw_net += net
        raw_taxes[line.rate] += tax
        booked = (gross, gross - cents(tax), line.hours, line.description, DAY)
        charges.append(Charge(line.nature, *booked))
    if globally:
        net, tax = cents(raw_net), sum(map(cents, raw_taxes.values()))
    else:
        net = sum(charge.net for charge in charges)
        tax = sum(charge.gross - charge.net for charge in charges)
    rounding = (20 * (net + tax)).quantize(1, ROUND_HALF_UP) / 20 - (net + tax)
    net += rounding if cash == "line" else 0
    tax += rounding if cash == "tax" else 0
    return Invoice(tuple(charges), net + tax, net)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def random_invoice(random: Random, lines: int) -> Invoice:
    """An invoice of so many lines, of which a fifth at most are discounts."""
    given = [_random_line(random) for _ in range(lines - lines // 5)]
    for _ in range(random.choice([0, 0, lines // 5])):
        bearer = random.choice(given[: lines - lines // 5])
        share = Decimal(random.choice([1, 5, 10, 33, 100])) / 100
        amount = min((-share * bearer.amount).quantize(CENT, ROUND_UP), -CENT)
        nature = random.choice([bearer.nature, "", random.choice(NATURES)])
        rate = random.choice([bearer.rate, bearer.rate, random.choice(RATES)])
        discount = Line(Decimal(1), amount, rate, nature, "unit", description="Remise")
        given.insert(random.randint(0, len(given)), discount)
        if random.random() < 0.5:
            break
    included, globally = random.random() < 0.5, random.random() < 0.5
    return keep_books(given, included, globally, random.choice(["", "line", "tax"]))


def _random_line(random):
    quantity = random.choice(
        [
            lambda: Decimal(random.randint(1, 12)),
            lambda: Decimal(random.randint(1, 100)) / 4,
            lambda: Decimal(random.randint(1, 20_000)) / 100,
            lambda: Decimal(random.randint(1, 50_000)) / 1000,
        ]
    )()
    price = random.choice(
        [
            lambda: Decimal(random.randint(15, 80)),
            lambda: Decimal(random.randint(0, 10_000)) / 100,
            lambda: Decimal(random.randint(1, 10**8)) / 10**6,
            lambda: cents(Decimal(random.randint(1, 9)) / 100 / quantity) or CENT,
            lambda: cents(Decimal(random.randint(1, 10**9)) / 100 / quantity),
        ]
    )()
    unit = random.choice(["hour", "hour", "hour", "minute", "unit"])
    percent = Decimal(random.choice([0, 0, 0, 10, 50, 100, Decimal("33.33")]))
    return Line(
        60 * quantity if unit == "minute" and random.random() < 0.5 else quantity,
        price,
        random.choice(RATES),
        random.choice(NATURES),
        unit,
        percent,
        random.choice(["", "Ménage"]),
    )


# The services they become


def become(invoice: Invoice):
    return services(invoice.charges, invoice.gross, invoice.net)


def problems(invoice: Invoice):
    return request_for(invoice).problems(TODAY, ACTIVE_SINCE)


def request_for(invoice: Invoice):
    return payment_request(
        services=become(invoice), gross=invoice.gross, net=invoice.net
    )


def assert_good(invoice: Invoice) -> None:
    """Neither the library nor the check nor the contract finds anything wrong."""
    request = request_for(invoice)
    assert request.problems(TODAY, ACTIVE_SINCE) == []
    body = request.body()
    check(invoice, request.services, body)
    wire = json.dumps([body], default=float)
    assert contract.violations(wire, contract.PAYMENT_REQUESTS) == []


# The rules of the Urssaf


def check(invoice: Invoice, services, body: dict) -> None:
    """The body keeps every rule. ``services`` say which charge each line is from."""
    lines = body["inputPrestations"]
    for line in lines:
        _check_line(line)
    assert sum(line["mntPrestationTTC"] for line in lines) == invoice.gross
    assert sum(line["mntPrestationHT"] for line in lines) == invoice.net
    assert (body["mntFactureTTC"], body["mntFactureHT"]) == (invoice.gross, invoice.net)
    by_source = defaultdict(list)
    for service, line in zip(services, lines, strict=True):
        by_source[service.source].append(line)
    charges = dict(enumerate(invoice.charges))
    kept = [source for source, charge in charges.items() if charge.gross >= 0]
    assert [service.source for service in services] == sorted(
        service.source for service in services
    )
    assert list(by_source) == kept
    for source, own in by_source.items():
        _check_unit(charges[source], own)
        assert {line["codeNature"] for line in own} == {charges[source].nature}
        assert all(
            line.get("complement1", "").startswith(charges[source].description)
            for line in own
        )
    _check_books(invoice, by_source)


def _check_line(line):
    quantity, price = line["quantite"], line["mntUnitaireTTC"]
    gross, net, vat = (line[f"mntPrestation{name}"] for name in ("TTC", "HT", "TVA"))
    for number in (quantity, price, gross, net, vat):
        assert number >= 0
        assert number * 100 % 1 == 0
    assert net + vat == gross
    assert quantity > 0
    # Nobody knows which way the server rounds half a cent.
    assert {(quantity * price).quantize(CENT, half) for half in HALVES} == {gross}


def _check_unit(charge, lines):
    units = {line["unite"] for line in lines}
    assert len(units) == 1
    gross = sum(line["mntPrestationTTC"] for line in lines)
    hours = (charge.hours or Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    if units == {"FORFAIT"}:
        (line,) = lines
        assert (line["quantite"], line["mntUnitaireTTC"]) == (1, gross)
        # There are hours, unless they or their price would be zero.
        assert hours <= 0 or gross < hours.quantize(1, ROUND_UP) * CENT
        assert (" h" in line.get("complement1", "")) == bool(charge.hours)
        return
    assert sum(line["quantite"] for line in lines) == hours
    if len(lines) > 1:
        _check_split(lines, gross, hours)


def _check_split(lines, gross, hours):
    for rounding in (ROUND_DOWN, ROUND_UP):
        # If one price gave the amount, it would be one of the two beside the exact one.
        price = (gross / hours).quantize(CENT, rounding)
        assert price == 0 or abs(price * hours - gross) >= CENT / 2
    parts = [line for line in lines if line["quantite"] % 1]
    wholes = [line for line in lines if not line["quantite"] % 1]
    assert lines == parts + wholes
    assert len(parts) <= 1
    assert len(wholes) <= 2
    if len(wholes) == 2:
        assert wholes[0]["mntUnitaireTTC"] - wholes[1]["mntUnitaireTTC"] == CENT
    for part in parts:
        assert part["quantite"] < 1
        share = gross * part["quantite"] / hours
        assert abs(part["mntPrestationTTC"] - max(share, CENT)) <= CENT / 2


def _check_books(invoice, by_source):
    """No charge changes by more than the roundings, except down by the discounts."""
    missing = abs(invoice.gross - sum(charge.gross for charge in invoice.charges))
    net = abs(invoice.net - sum(charge.net for charge in invoice.charges))
    ordinary = all(0 <= charge.net <= charge.gross for charge in invoice.charges)
    for source, lines in by_source.items():
        charge = invoice.charges[source]
        gross = sum(line["mntPrestationTTC"] for line in lines)
        assert gross <= charge.gross + missing
        if ordinary:
            assert gross >= charge.gross - missing
            moved = abs(sum(line["mntPrestationHT"] for line in lines) - charge.net)
            assert moved <= 2 * missing + net
