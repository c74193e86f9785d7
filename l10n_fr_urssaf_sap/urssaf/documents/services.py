# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How an invoice's lines, as accounting knows them, become services that M050 takes.

Accounting rounds each line, or all of them together. M050 multiplies quantity and price
and adds the lines up, and both have to be right to the cent (ERR_MNT_PREST_TTC,
ERR_MNT_PREST_HT_TVA, ERR_TOTAL_PRESTATIONS), with two decimals (ERR_FORMAT_VALEUR) and
nothing below zero (ERR_VALEUR_NEGATIVE). Inside this module amounts are whole cents and
hours are whole hundredths, so that no rounding is hidden.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from .payment_request import Discount, Service, Unit

# The most, in cents, that roundings can put between the lines and the total: cash rounding
# puts a euro, the roundings of taxes a cent a line. A larger gap has another cause.
_ROUNDINGS = 100


@dataclass(frozen=True, repr=False)
class Charge:
    """One line of an invoice as the books have it. ``nature`` is its code, "" where the
    line has none. ``gross`` and ``net``, with and without VAT, are in euros with two
    decimals, and negative where the line is a discount. Lines that are taxed alike have
    the same ``taxes``. ``hours`` may have any number of decimals; it is None where the
    unit does not measure time."""

    nature: str
    gross: Decimal
    net: Decimal
    hours: Decimal | None = None
    description: str = ""
    date_from: date | None = None
    date_to: date | None = None
    taxes: str = ""


def services(
    charges: Iterable[Charge], gross: Decimal, net: Decimal
) -> tuple[Service, ...]:
    """The services of a request, in the invoice's order; the ``source`` of each is the
    position of its charge. ``gross`` and ``net`` are the invoice's own totals in euros,
    before any deposit.

    Charges below zero are taken off the others; the differences that roundings leave
    between lines and totals are spread over the lines; hours are split where no single
    price gives the amount.

    Where ``0 < gross``, ``0 <= net <= gross``, the charges sum to both within a euro (or
    a cent a charge), and to nothing negative, the result satisfies every rule on amounts.
    Elsewhere nothing is raised: an amount that could not be put right is left as it is,
    and ``PaymentRequest.problems`` names it (NEGATIVE, NOT_POSITIVE, LINES_DIFFER).
    """
    entries = [
        _Entry(source, charge, _cents(charge.gross), _cents(charge.net))
        for source, charge in enumerate(charges)
    ]
    entries = _fold_discounts(entries)
    _meet_totals(entries, _cents(gross), _cents(net))
    return tuple(service for entry in entries for service in entry.services())


def discounts(charges: Iterable[Charge]) -> tuple[Discount, ...]:
    """The days of the charges below zero, which no service shows."""
    return tuple(
        Discount(charge.date_from, charge.date_to, source)
        for source, charge in enumerate(charges)
        if charge.gross < 0
    )


@dataclass(repr=False)
class _Entry:
    """A charge on its way to a service; ``gross`` and ``net`` are in cents."""

    source: int
    charge: Charge
    gross: int
    net: int
    notes: list[str] = field(default_factory=list)

    @property
    def exempt(self) -> bool:
        return self.charge.gross == self.charge.net

    def services(self) -> list[Service]:
        charge = self.charge
        hours, unit, description = charge.hours, Unit.HOUR, charge.description
        parts = _hours(self.gross, _cents(hours)) if hours else []
        if not parts:
            parts, unit = [(100, self.gross, self.gross)], Unit.FLAT
            description = _with_hours(description, hours) if hours else description
        nets = _shares(self.net, [gross for _, _, gross in parts])
        services = [
            Service(
                nature=charge.nature,
                unit=unit,
                quantity=_decimal(quantity),
                unit_price=_decimal(price),
                gross=_decimal(gross),
                net=_decimal(part),
                description=description,
                date_from=charge.date_from,
                date_to=charge.date_to,
                source=self.source,
            )
            for (quantity, price, gross), part in zip(parts, nets, strict=True)
        ]
        description = " – ".join(filter(None, [description, *self.notes]))
        services[0] = replace(services[0], description=description)
        return services


# Discounts


def _fold_discounts(entries: list[_Entry]) -> list[_Entry]:
    """The entries without the charges below zero, where others can bear these. The first
    that can do so bear them: those of the same nature and taxes, those of the same taxes,
    those of the same nature, or all of them."""
    positive = [entry for entry in entries if entry.gross >= 0]
    left = [entry for entry in entries if entry.gross < 0]
    for likeness in (_nature_and_taxes, _taxes, _nature, _anything):
        alike: dict[object, list[_Entry]] = {}
        for entry in left:
            alike.setdefault(likeness(entry), []).append(entry)
        left = []
        for key, discounts in alike.items():
            own = [entry for entry in positive if likeness(entry) == key]
            if not _fold(discounts, own):
                left += discounts
    positive += left
    return sorted(positive, key=lambda entry: entry.source)


def _nature_and_taxes(entry: _Entry) -> object:
    return entry.charge.nature, entry.charge.taxes


def _taxes(entry: _Entry) -> object:
    return entry.charge.taxes


def _nature(entry: _Entry) -> object:
    return entry.charge.nature


def _anything(_entry: _Entry) -> object:
    return None


def _fold(discounts: list[_Entry], bearers: list[_Entry]) -> bool:
    """Lower the bearers by the discounts, in proportion; False where the discounts come
    to more than the bearers."""
    # The discounts are taken together, so that discounts of 10 %, one for each rate of
    # VAT, are 10 % of each bearer.
    gross = sum(entry.gross for entry in discounts)
    net = sum(entry.net for entry in discounts)
    if gross + sum(entry.gross for entry in bearers) < 0:
        return False
    parts = _shares(gross, [entry.gross for entry in bearers])
    nets = _shares(net, [max(entry.net, 0) for entry in bearers])
    for entry, part, net_part in zip(bearers, parts, nets, strict=True):
        entry.gross += part
        entry.net += net_part
    first = next(entry for entry, part in zip(bearers, parts, strict=True) if part)
    first.notes += [entry.charge.description for entry in discounts]
    return True


# Totals


def _meet_totals(entries: list[_Entry], gross: int, net: int) -> None:
    """Make the entries sum to both totals, each with its net between 0 and its gross.
    They stay as they are where that is impossible, or where the gap is no rounding."""
    missing = gross - sum(entry.gross for entry in entries)
    missing_net = net - sum(entry.net for entry in entries)
    roundings = max(_ROUNDINGS, len(entries))
    if (
        not 0 <= net <= gross
        or min((entry.gross for entry in entries), default=-1) < 0
        or max(abs(missing), abs(missing_net)) > roundings
    ):
        return
    parts = _shares(missing, [entry.gross for entry in entries])
    for entry, part in zip(entries, parts, strict=True):
        entry.gross += part
    _meet_net(entries, net)


def _meet_net(entries: list[_Entry], net: int) -> None:
    for entry in entries:
        # An entry without VAT stays without it, also when its gross has changed.
        bounded = min(max(entry.net, 0), entry.gross)
        entry.net = entry.gross if entry.exempt else bounded
    missing = net - sum(entry.net for entry in entries)
    room = [entry.gross - entry.net for entry in entries]
    if missing < 0:
        room = [0 if entry.exempt else entry.net for entry in entries]
        if sum(room) < -missing:
            room = [entry.net for entry in entries]
    for entry, part in zip(entries, _shares(missing, room), strict=True):
        entry.net += part


# Hours


def _hours(gross: int, hundredths: int) -> list[tuple[int, int, int]]:
    """Lines that give ``gross`` cents for so many hundredths of an hour, each of them as
    (hundredths, cents an hour, cents). There are none where an hour would cost less than
    a cent."""
    if min(gross, hundredths) <= 0:
        return []
    price = _rounded(100 * gross, hundredths)
    # At exactly half a cent the Urssaf may round the other way.
    if abs(price * hundredths - 100 * gross) < 50:
        return [(hundredths, price, gross)]
    whole, fraction = divmod(hundredths, 100)
    if gross < whole + bool(fraction):
        return []
    lines = []
    if fraction:
        # For less than an hour, the nearest price is less than half a cent off in all.
        amount = max(_rounded(gross * fraction, hundredths), 1)
        lines.append((fraction, _rounded(100 * amount, fraction), amount))
        gross -= amount
    price, dearer = divmod(gross, whole)
    if dearer:
        lines.append((100 * dearer, price + 1, dearer * (price + 1)))
    lines.append((100 * (whole - dearer), price, (whole - dearer) * price))
    return lines


def _with_hours(description: str, hours: Decimal) -> str:
    number = hours.quantize(Decimal("0.0001")).normalize()
    text = f"{number:f} h".replace(".", ",")
    return f"{description} ({text})" if description else text


# Cents


def _shares(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` in proportion to ``weights``, or in equal parts where all of them are 0.
    The cents left over go to the largest remainders. No share exceeds its weight where
    the total does not exceed the sum of the weights."""
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    sign = -1 if total < 0 else 1
    pairs = [divmod(sign * total * weight, whole) for weight in weights]
    shares = [share for share, _ in pairs]
    by_remainder = sorted(range(len(pairs)), key=lambda at: -pairs[at][1])
    for at in by_remainder[: sign * total - sum(shares)]:
        shares[at] += 1
    return [sign * share for share in shares]


def _rounded(dividend: int, divisor: int) -> int:
    """The quotient of two numbers above zero, rounded half up."""
    return (2 * dividend + divisor) // (2 * divisor)


def _cents(number: Decimal) -> int:
    return int((100 * number).to_integral_value(ROUND_HALF_UP))


def _decimal(hundredths: int) -> Decimal:
    return Decimal(hundredths).scaleb(-2)
