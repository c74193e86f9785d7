# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a customer has paid for home services in a year, for the tax certificate that is due
to every one of them before 31 March (Code du travail, D.7233-3 and D.7233-4).

An invoice belongs to the year of the settlement that brought it to zero, with all of its
eligible amount. One that was paid by other means than the law allows, as cash, does not
count. Credit notes set against it reduce it; one that is paid out reduces the year of that.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from odoo import models
from odoo.fields import Domain

from ..urssaf.documents.payment_request import CENT
from ..urssaf.documents.services import services
from ..urssaf.documents.split import NOT_ELIGIBLE, expected_split
from .payload import charges_of, down_payments, euros, service_lines
from .settlements import (
    AID,
    CESU,
    CREDIT,
    EXCLUDED,
    INVOICES,
    URSSAF,
    paying_request,
    refunds_of,
    settled_on,
    settlements_of,
)

WITHOUT_CREDIT = ("", NOT_ELIGIBLE)  # natures; "" of lines that have none
_ZERO = Decimal(0)
# Invoices that may be read to find out whether a year has anything to certify.
_LOOKED_AT = 100


@dataclass(frozen=True)
class Item:
    """Services of one kind on an invoice, after credit notes. ``amount`` is in euros with
    VAT, ``price`` what an hour costs; both ``hours`` and ``price`` are None where the
    services are sold as a package. ``worker`` is who did them, as the line says."""

    nature: str
    date_from: date
    date_to: date
    amount: Decimal
    hours: Decimal | None = None
    price: Decimal | None = None
    worker: str = ""

    def negated(self):
        return replace(self, amount=-self.amount, hours=self.hours and -self.hours)


@dataclass(frozen=True)
class Counted:
    """What an invoice, or a credit note that was paid out, adds to the year; in euros with
    VAT. ``transferred`` is what came through the Urssaf, ``advanced`` the tax credit in
    it; ``cesu`` and ``aids`` were paid with prefunded vouchers and by third parties. In the
    Urssaf's ``test`` environment nobody pays anything."""

    move: models.BaseModel
    day: date
    items: tuple[Item, ...]
    advanced: Decimal = _ZERO
    transferred: Decimal = _ZERO
    cesu: Decimal = _ZERO
    aids: Decimal = _ZERO
    test: bool = False

    @property
    def total(self):
        return sum((item.amount for item in self.items), _ZERO)


@dataclass
class YearFigures:
    """A customer's year; amounts are in euros with VAT. ``not_counted`` are the invoices
    that were paid by means that are not eligible."""

    counted: list[Counted] = field(default_factory=list)
    not_counted: list[models.BaseModel] = field(default_factory=list)

    def _sum(self, name):
        return sum((getattr(each, name) for each in self.counted), _ZERO)

    @property
    def total(self):
        return self._sum("total")

    @property
    def advanced(self):
        return self._sum("advanced")

    @property
    def transferred(self):
        return self._sum("transferred")

    @property
    def cesu(self):
        return self._sum("cesu")

    @property
    def aids(self):
        return self._sum("aids")

    @property
    def paid(self):
        """What the customer bore: without the tax credit advanced, aids and prefunded
        vouchers."""
        return self.total - self.advanced - self.cesu - self.aids

    @property
    def debited(self):
        """What of it the Urssaf debited; the rest was paid to the provider."""
        return self.transferred - self.advanced

    @property
    def direct(self):
        return self.paid - self.debited

    @property
    def test(self):
        return any(each.test for each in self.counted)

    @property
    def items(self):
        return [item for each in self.counted for item in each.items]


def year_figures(company, year, partners=None):
    """The year of these customers of a company known to the Urssaf and of its branches; of
    all of its private customers where none are given.

    :return: ``{partner: YearFigures}`` of those for whom there is something to tell
    :rtype: dict[ResPartner, YearFigures]
    """
    moves = company.env["account.move"].sudo()
    found = defaultdict(YearFigures)
    for move in moves.search(
        year_domain(company, year, partners), order="invoice_date, id"
    ):
        partner = move.l10n_fr_sap_particulier_id
        if move.move_type in INVOICES:
            _count_invoice(move, year, found[partner])
        else:
            _count_refunds(move, year, found[partner])
    return {
        partner: figures
        for partner, figures in found.items()
        if figures.counted or figures.not_counted
    }


def paid_years(company, years, partners=None):
    """Those of these years in which one of these customers, or any, has paid for eligible
    services: as far as the last invoices show.

    :rtype: list[int]
    """
    moves = company.env["account.move"].sudo()
    found = []
    for year in years:
        domain = year_domain(company, year, partners)
        domain &= Domain("move_type", "in", INVOICES)
        figures = YearFigures()
        for move in moves.search(domain, order="invoice_date DESC", limit=_LOOKED_AT):
            _count_invoice(move, year, figures)
            if figures.counted:
                found.append(year)
                break
    return found


def companies_of(company):
    """A company known to the Urssaf, and the branches that go by it."""
    branches = company.sudo().search([("id", "child_of", company.id)])
    return branches.filtered(
        lambda branch: branch._l10n_fr_sap_registered_company() == company
    )


def year_domain(company, year, partners):
    """All that may count in the year: a matching is dated no earlier than what settles."""
    start, end = date(year, 1, 1), date(year, 12, 31)
    if partners is None:
        customers = Domain(
            "l10n_fr_sap_particulier_id.l10n_fr_sap_particulier", "=", True
        )
    else:
        customers = Domain("l10n_fr_sap_particulier_id", "in", partners.ids)
    matched = Domain.OR(
        Domain(f"line_ids.matched_{side}_ids.max_date", ">=", start)
        for side in ("credit", "debit")
    )
    paid = Domain("l10n_fr_sap_request_ids.transfer_date", ">=", start)
    return (
        Domain("company_id", "in", companies_of(company).ids)
        & Domain("state", "=", "posted")
        & Domain("move_type", "in", (*INVOICES, "out_refund"))
        & Domain("currency_id", "=", company.currency_id.id)
        & Domain("invoice_date", "<=", end)
        & (matched | paid)
        & customers
    )


def _count_invoice(move, year, figures):
    settlements = settlements_of(move)
    day = settled_on(move, settlements)
    if not day or day.year != year or _is_down_payment(move):
        return
    credited = sum(each.amount for each in settlements if each.means == CREDIT)
    items = eligible_items(move, settlements)
    gross, _net, _charges = charges_of(move)
    if not items or gross <= credited:
        return
    for deposit in down_payments(move):
        settlements += settlements_of(deposit)
    if any(each.means == EXCLUDED for each in settlements):
        figures.not_counted.append(move)
        return
    eligible = sum(item.amount for item in items)
    figures.counted.append(
        Counted(
            move,
            day,
            items,
            **_shares(move, settlements, eligible / (gross - credited)),
        )
    )


def _shares(move, settlements, eligible):
    """Who paid how much of the ``eligible`` part of an invoice (between 0 and 1)."""

    def share(*means):
        paid = sum(each.amount for each in settlements if each.means in means)
        return (eligible * paid).quantize(CENT)

    shares = {"cesu": share(CESU), "aids": share(AID)}
    request = paying_request(move, settlements)
    if request:
        advanced, _debited = expected_split(_sent(move))
        transferred = share(URSSAF)
        if not transferred:
            # Somebody has registered the transfer by hand, as any other payment.
            paid = sum(each.amount for each in settlements if each.means != CREDIT)
            amount = euros(move.currency_id, request.transfer_amount) or paid
            transferred = (eligible * min(amount, paid)).quantize(CENT)
        shares |= {
            "advanced": advanced,
            "transferred": transferred,
            "test": request.environment == "test",
        }
    return shares


def _sent(move):
    """The eligible amount of an invoice as the Urssaf has it: without credit notes."""
    return sum((item.amount for item in _items(move)), _ZERO)


def _count_refunds(credit_note, year, figures):
    origin = credit_note.reversed_entry_id
    if origin and any(each.means == EXCLUDED for each in settlements_of(origin)):
        return  # it never counted
    total = euros(credit_note.currency_id, credit_note.amount_total)
    for refund in refunds_of(credit_note):
        if refund.day.year == year and total:
            share = refund.amount / total
            items = tuple(item.negated() for item in _items(credit_note, share=share))
            if items:
                figures.counted.append(Counted(credit_note, refund.day, items))


def _is_down_payment(move):
    """Whether it only asks for money ahead: its services are on the final invoice."""
    lines = service_lines(move)
    # The field is of Odoo's Sales, which may not be installed.
    return "is_downpayment" in lines._fields and all(lines.mapped("is_downpayment"))


# Services


def eligible_items(move, settlements):
    """The eligible services of an invoice, after the credit notes among its settlements.

    :rtype: tuple[Item, ...]
    """
    return _items(move, [each for each in settlements if each.means == CREDIT])


def _items(move, credits_=(), share=Decimal(1)):
    """The eligible services of an invoice, after the credit notes set against it.

    Discounts and credits are taken off the services as they are for the Urssaf: see the
    module ``services`` of the library.

    :param credits_: the Settlements by credit notes
    :param share: how much of each amount
    """
    lines = service_lines(move)
    gross, net, charges = charges_of(move)
    taken = []
    for credit in credits_:
        credited_net, credited = _credited(credit.record, credit.amount)
        net -= credited_net
        taken += credited
    gross -= sum(credit.amount for credit in credits_)
    charges = [_scaled(charge, share) for charge in charges]
    amounts = defaultdict(Decimal)
    for service in services(
        [*charges, *taken], (gross * share).quantize(CENT), (net * share).quantize(CENT)
    ):
        amounts[service.source] += service.gross
    worked = _worked(charges, taken)
    found = [
        _item(line, charge, amounts[source], worked.get(charge.nature, Decimal(1)))
        for source, (line, charge) in enumerate(zip(lines, charges, strict=True))
        if charge.nature not in WITHOUT_CREDIT
    ]
    return tuple(item for item in found if item.amount)


def _item(line, charge, amount, worked):
    move = line.move_id
    hours = charge.hours if charge.hours and charge.hours > 0 else None
    first = charge.date_from or move.l10n_fr_sap_date_from or move.invoice_date
    last = charge.date_to or move.l10n_fr_sap_date_to or first
    return Item(
        nature=charge.nature,
        date_from=first,
        date_to=last,
        amount=amount,
        hours=hours and hours * worked,
        price=hours and _price(charge),
        worker=line.l10n_fr_sap_worker or "",
    )


def _scaled(charge, share):
    return replace(
        charge,
        gross=(charge.gross * share).quantize(CENT),
        net=(charge.net * share).quantize(CENT),
        hours=charge.hours and charge.hours * share,
    )


def _credited(credit_note, amount):
    """What a credit note takes off an invoice where ``amount`` of it is set against that
    one: the net amount, and its charges, below zero."""
    gross, net, charges = charges_of(credit_note)
    taken = [_scaled(charge, -amount / gross) for charge in charges]
    return (net * amount / gross).quantize(CENT), taken


def _worked(charges, taken):
    """How much of each nature's hours are left, between 0 and 1. Hours credited at a price
    at which they were invoiced were not worked; of any other credit, the hours follow the
    amount. A discount changes no hours, unless it is itself in hours below zero."""
    left = {}
    for nature in {charge.nature for charge in charges}:
        own = [charge for charge in charges if charge.nature == nature]
        hours = sum(charge.hours for charge in own if charge.hours and charge.hours > 0)
        gross = sum(charge.gross for charge in own if charge.gross > 0)
        if not hours or not gross:
            continue
        off = -sum(charge.hours for charge in own if charge.hours and charge.hours < 0)
        prices = {_price(charge) for charge in own if charge.hours}
        for charge in taken:
            if charge.nature != nature:
                continue
            same = charge.hours and _price(charge) in prices
            off += -charge.hours if same else hours * -charge.gross / gross
        left[nature] = max(1 - off / hours, _ZERO)
    return left


def _price(charge):
    return (charge.gross / charge.hours).quantize(CENT)
