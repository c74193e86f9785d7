# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A demande de paiement, as M050 asks for it.

All amounts are in euros, as ``Decimal`` with two decimals.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from ..api.answers import RequestInfo
from ..api.client import api_date
from .problem import Problem, Rule, birth_date_problems

CENT = Decimal("0.01")
# The scheme began in 2022 (ERR_DATE_PAIEMENT_AVANT_EXP).
SCHEME_START = date(2022, 1, 1)
_FAR_AHEAD = timedelta(days=366)  # an invoice beyond has a mistyped year
_DESCRIPTION_LIMIT = 1000  # the contract sets none, and nobody reads more
# The Urssaf's own numbers are far shorter; what cannot be printed may not come back.
_NUMBER = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,100}")
# M050's complement2 is a NOVA number or the SIRET of the worker.
_NOVA_NUMBER = re.compile(r"SAP\d{9}|SIR\d{14}", re.ASCII)


def is_nova_number(number: str) -> bool:
    """Whether M050 takes it as complement2 (ERR_FORMAT_NUMINTERVENANT otherwise)."""
    return bool(_NOVA_NUMBER.fullmatch(number))


class Unit(str, Enum):
    HOUR = "HEURE"
    FLAT = "FORFAIT"


@dataclass(frozen=True, repr=False)
class Service:
    """One line of a request (swagger: InputPrestation). ``gross`` and ``net`` are the
    line's amounts with and without VAT, ``quantity`` has at most two decimals and
    ``unit_price`` is with VAT; ``services.services`` makes them consistent. ``source`` is
    the position (from 0) of the invoice's line that it comes from."""

    nature: str
    unit: Unit
    quantity: Decimal
    unit_price: Decimal
    gross: Decimal
    net: Decimal
    description: str = ""
    date_from: date | None = None
    date_to: date | None = None
    source: int = 0

    def problems(self) -> list[Problem]:
        """What M050 would refuse with ERR_CODE_NATURE, ERR_VALEUR_NEGATIVE,
        ERR_FORMAT_VALEUR, ERR_MNT_PREST_TTC, or ERR_DATE_FIN_AVANT_DATE_DEB because of
        its own dates."""
        problems = []
        if not self.nature:
            problems.append(Problem("nature", Rule.MISSING, self.source))
        numbers = (self.quantity, self.unit_price, self.gross, self.net)
        if min(*numbers, self.gross - self.net) < 0:
            problems.append(Problem("amount", Rule.NEGATIVE, self.source))
        if any(number != number.quantize(CENT) for number in numbers) or (
            abs(self.quantity * self.unit_price - self.gross) >= CENT / 2
        ):
            problems.append(Problem("amount", Rule.MALFORMED, self.source))
        if self.date_from and self.date_to and self.date_to < self.date_from:
            problems.append(Problem("date", Rule.ENDS_BEFORE_START, self.source))
        return problems

    def body(self, nova_number: str) -> dict[str, object]:
        """One item of M050's ``inputPrestations``."""
        body: dict[str, object] = {
            "codeNature": self.nature,
            "quantite": self.quantity,
            "unite": self.unit.value,
            "mntUnitaireTTC": self.unit_price,
            "mntPrestationTTC": self.gross,
            "mntPrestationHT": self.net,
            "mntPrestationTVA": self.gross - self.net,
            "complement2": nova_number,
        }
        if self.description:
            body["complement1"] = self.description[:_DESCRIPTION_LIMIT]
        if self.date_from:
            body["dateDebutEmploi"] = api_date(self.date_from)
        if self.date_to:
            body["dateFinEmploi"] = api_date(self.date_to)
        return body


@dataclass(frozen=True, repr=False)
class Discount:
    """The days of an invoice's line below zero, which M050 does not take
    (ERR_VALEUR_NEGATIVE): ``services.services`` takes it off other lines. ``source`` is
    its position (from 0)."""

    date_from: date | None
    date_to: date | None
    source: int


@dataclass(frozen=True, repr=False)
class PaymentRequest:
    """An invoice as M050 asks for it. ``particulier_id`` is the Urssaf's idClient,
    ``number`` the numFactureTiers (unique for ever), ``nova_number`` the company's own
    number (``SAP`` + 9 digits, or ``SIR`` + SIRET). ``gross`` and ``net`` are the amounts
    of all services, of which the ``deposit`` was paid on ``deposit_date``. ``discounts``
    are the lines that were taken off the services."""

    nova_number: str
    particulier_id: str
    birth_date: date | None
    number: str
    invoice_date: date | None
    date_from: date | None
    date_to: date | None
    gross: Decimal
    net: Decimal
    services: tuple[Service, ...]
    deposit: Decimal = Decimal(0)
    deposit_date: date | None = None
    discounts: tuple[Discount, ...] = ()

    def problems(self, today: date, active_since: date | None) -> list[Problem]:
        """What M050 would refuse. ``active_since`` is the day, in Paris, on which the
        particulier activated, None where they have not yet."""
        return [
            *self._identity_problems(today, active_since),
            *self._period_problems(today, active_since),
            *self._service_problems(active_since),
            *self._amount_problems(),
            *self._deposit_problems(today, active_since),
        ]

    def warnings(self, active_since: date | None) -> list[Problem]:
        """What M050 may refuse: any day that is that of the activation. It is a moment
        for the Urssaf (ERR_LIEN_PARTICULIER_PRESTATAIRE), and practice does not agree on
        what is left of its day."""
        days = [
            ("invoice_date", self.invoice_date, None),
            ("date_from", self.date_from, None),
            *(
                ("date", day, line.source)
                for line in self._lines
                for day in _days(line)
            ),
            ("deposit_date", self.deposit and self.deposit_date, None),
        ]
        return list(
            dict.fromkeys(
                Problem(name, Rule.ON_ACTIVATION, line)
                for name, day, line in days
                if day and day == active_since
            )
        )

    @property
    def _lines(self) -> tuple[Service | Discount, ...]:
        """Whatever may have days of its own, in the invoice's order."""
        lines = {service.source for service in self.services}
        # Where a discount could not be taken off, it is among the services.
        taken_off = (each for each in self.discounts if each.source not in lines)
        return tuple(sorted((*self.services, *taken_off), key=lambda line: line.source))

    def _identity_problems(
        self, today: date, active_since: date | None
    ) -> Iterator[Problem]:
        if not self.nova_number:
            yield Problem("nova_number", Rule.MISSING)
        elif not is_nova_number(self.nova_number):
            yield Problem("nova_number", Rule.MALFORMED)
        if not self.particulier_id or not active_since:
            yield Problem("particulier_id", Rule.MISSING)
        if not self.number:
            yield Problem("number", Rule.MISSING)
        elif not _NUMBER.fullmatch(self.number):
            yield Problem("number", Rule.MALFORMED)
        yield from birth_date_problems(self.birth_date, today)
        if not self.invoice_date:
            yield Problem("invoice_date", Rule.MISSING)
        elif self.invoice_date > today + _FAR_AHEAD:
            yield Problem("invoice_date", Rule.FUTURE)
        else:
            yield from _early("invoice_date", self.invoice_date, active_since)

    def _period_problems(
        self, today: date, active_since: date | None
    ) -> Iterator[Problem]:
        for name in ("date_from", "date_to"):
            if not getattr(self, name):
                yield Problem(name, Rule.MISSING)
        if not (self.date_from and self.date_to):
            return
        if self.date_to < self.date_from:
            yield Problem("date_to", Rule.ENDS_BEFORE_START)
        elif _month(self.date_from) != _month(self.date_to):
            yield Problem("date_to", Rule.TWO_MONTHS)
        if self.date_to > today:
            yield Problem("date_to", Rule.FUTURE)
        yield from _early("date_from", self.date_from, active_since)

    def _service_problems(self, active_since: date | None) -> Iterable[Problem]:
        problems: list[Problem] = []
        for line in self._lines:
            if isinstance(line, Service):
                problems += line.problems()
            if rule := self._broken_by_days(line, active_since):
                problems.append(Problem("date", rule, line.source))
        # One line of the invoice may have become several services with the same problem.
        return dict.fromkeys(problems)

    def _broken_by_days(
        self, line: Service | Discount, active_since: date | None
    ) -> Rule | None:
        """The rule that the days of a line break, if any."""
        days, start, end = _days(line), self.date_from, self.date_to
        if active_since and any(day < active_since for day in days):
            return Rule.BEFORE_ACTIVATION
        if not (start and end and start <= end):
            return None  # _period_problems names this already
        if isinstance(line, Discount):
            # Given with the services, or some day later.
            months = {_month(start), _month(end)}
            return None if months.issuperset(map(_month, days)) else Rule.OTHER_MONTH
        if any(not start <= day <= end for day in days):
            return Rule.OUTSIDE_PERIOD
        return None

    def _amount_problems(self) -> Iterator[Problem]:
        if not self.services:
            yield Problem("services", Rule.NO_SERVICES)
            return
        if self.gross <= 0:
            yield Problem("amount_total", Rule.NOT_POSITIVE)
        if (self.gross, self.net) != (
            sum(service.gross for service in self.services),
            sum(service.net for service in self.services),
        ):
            yield Problem("amount_total", Rule.LINES_DIFFER)

    def _deposit_problems(
        self, today: date, active_since: date | None
    ) -> Iterator[Problem]:
        if not self.deposit:
            return
        if self.deposit < 0:
            yield Problem("deposit", Rule.NEGATIVE)
        elif self.deposit * 2 > self.gross:
            yield Problem("deposit", Rule.ABOVE_HALF)
        if self.deposit != self.deposit.quantize(CENT):
            yield Problem("deposit", Rule.MALFORMED)
        if not self.deposit_date:
            yield Problem("deposit_date", Rule.MISSING)
        elif self.deposit_date > today:
            yield Problem("deposit_date", Rule.FUTURE)
        else:
            yield from _early("deposit_date", self.deposit_date, active_since)

    def body(self) -> dict[str, object]:
        """One item of M050's array (swagger: InputDemandePaiement)."""
        services = [service.body(self.nova_number) for service in self.services]
        body: dict[str, object] = {
            # The schema demands it and the Urssaf does not use it yet.
            "idTiersFacturation": self.nova_number,
            "idClient": self.particulier_id,
            "dateNaissanceClient": api_date(self.birth_date),
            "numFactureTiers": self.number,
            "dateFacture": api_date(self.invoice_date),
            "dateDebutEmploi": api_date(self.date_from),
            "dateFinEmploi": api_date(self.date_to),
            "mntFactureTTC": self.gross,
            "mntFactureHT": self.net,
            "inputPrestations": services,
        }
        if self.deposit > 0:
            body["mntAcompte"] = self.deposit
            body["dateVersementAcompte"] = api_date(self.deposit_date)
        return body

    def text(self) -> str:
        """The body as JSON to be kept, amounts as text to the cent."""
        return json.dumps(self.body(), default=str, ensure_ascii=False)


def _early(name: str, day: date, active_since: date | None) -> Iterator[Problem]:
    if day < SCHEME_START:
        yield Problem(name, Rule.TOO_EARLY)
    elif active_since and day < active_since:
        yield Problem(name, Rule.BEFORE_ACTIVATION)


def _days(line: Service | Discount) -> list[date]:
    return [day for day in (line.date_from, line.date_to) if day]


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def differences(sent: Mapping[str, Any], info: RequestInfo) -> set[str] | None:
    """What the Urssaf has otherwise (M070) than ``sent``, a body of M050: any of
    "particulier", "period" and "amount". None where its answer tells none of them, so
    that nobody knows whether it is the same request.
    """
    pairs = (
        ("particulier", info.particulier_id, sent["idClient"]),
        ("period", info.date_from, date.fromisoformat(sent["dateDebutEmploi"][:10])),
        ("period", info.date_to, date.fromisoformat(sent["dateFinEmploi"][:10])),
        ("amount", info.gross, Decimal(sent["mntFactureTTC"])),
    )
    told = [pair for pair in pairs if pair[1] not in ("", None)]
    if not told:
        return None
    return {name for name, theirs, ours in told if theirs != ours}
