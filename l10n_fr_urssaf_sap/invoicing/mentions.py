# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the law wants to be read on an invoice of home services, and Odoo's own document
does not say (Code du travail, D.7233-1): the provider's declaration and mode, the nature
of each service, the time spent, its price with VAT, the days and the worker; and travel,
apart."""

from dataclasses import dataclass
from decimal import Decimal

from odoo.tools import format_date, formatLang, groupby

from ..urssaf.documents.split import NOT_ELIGIBLE
from .payload import charges_of, service_lines

NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Service:
    """Lines of one invoice for the same service at the same price."""

    nature: str
    days: str
    quantity: str
    price: str
    worker: str


@dataclass(frozen=True)
class Mentions:
    """What is to be read: the provider's standing, the period, the services."""

    provider: list[str]
    period: str
    services: list[Service]


def mentions_of(move):
    """The mentions of an invoice of home services to a private customer; None of any
    other document.

    :rtype: Mentions | None
    """
    move = move.sudo()  # a branch's users may not read the parent company
    if move.move_type != "out_invoice" or not move.l10n_fr_sap_particulier:
        return None
    services = _services(move)
    if not services:
        return None
    provider = _provider(move.company_id._l10n_fr_sap_registered_company())
    start, end = move.l10n_fr_sap_date_from, move.l10n_fr_sap_date_to
    return Mentions(provider, _describe_days(move.env, start, end), services)


def hours_text(hours):
    """A duration in words, ``2 h 30``, to the minute.

    :param hours: Decimal, a number of hours
    """
    whole, minutes = divmod(round(hours * 60), 60)
    if not whole:
        return f"{minutes}{NBSP}min"
    return f"{whole}{NBSP}h" + (f"{NBSP}{minutes:02}" if minutes else "")


def _provider(company):
    env = company.env
    number, agrement = (
        company.l10n_fr_sap_nova_number,
        company.l10n_fr_sap_agrement_number,
    )
    modes = dict(company._fields["l10n_fr_sap_mode"]._description_selection(env))
    mode = modes.get(company.l10n_fr_sap_mode)
    found = [
        (number and env._("Declaration %s", number), "declaration_date"),
        (agrement and env._("Agrément %s", agrement), "agrement_date"),
        (mode and env._("Mode: %s", mode), None),
    ]
    return [
        _dated(text, name and company[f"l10n_fr_sap_{name}"], env)
        for text, name in found
        if text
    ]


def _dated(text, day, env):
    if not day:
        return text
    return env._("%(what)s of %(date)s", what=text, date=format_date(env, day))


def _services(move):
    """The lines of services, those of the same service at the same price together."""
    lines, charges = service_lines(move), charges_of(move)[2]
    rows = [
        (_kind_of(line, charge), line, charge)
        for line, charge in zip(lines, charges, strict=True)
        # What is taken off is no service.
        if line.l10n_fr_sap_nature_id and line.quantity > 0 and charge.gross >= 0
    ]
    return [
        _service(kind, [(line, charge) for _kind, line, charge in some])
        for kind, some in groupby(rows, lambda row: row[0])
    ]


def _kind_of(line, charge):
    """What the rows of a service have in common: its nature, the unit (None: time), the
    price of one in words, the worker."""
    timed = charge.hours is not None
    unit = None if timed else line.product_uom_id.name or ""
    per = "h" if timed else unit
    price = charge.gross / (charge.hours or Decimal(str(line.quantity)))
    text = formatLang(line.env, float(price), currency_obj=line.currency_id)
    nature = _describe_nature(line, timed)
    return (
        nature,
        unit,
        f"{text}{NBSP}/{NBSP}{per}" if per else text,
        line.l10n_fr_sap_worker or "",
    )


def _describe_nature(line, timed):
    nature, said = line.l10n_fr_sap_nature_id, (line.name or "").strip().split("\n")[0]
    if nature.code == NOT_ELIGIBLE:
        # Travel, as a rule.
        return line.env._("%s (without tax credit)", said or nature.name)
    # A package or travel: the nature alone does not say what was paid for.
    return nature.name if timed or not said else f"{nature.name} – {said}"


def _service(kind, rows):
    nature, unit, price, worker = kind
    env = rows[0][0].env
    if unit is None:
        quantity = hours_text(sum(charge.hours for _line, charge in rows))
    else:
        number = sum(line.quantity for line, _charge in rows)
        digits = 0 if float(number).is_integer() else 2
        quantity = f"{formatLang(env, number, digits=digits)}{NBSP}{unit}".strip()
    days = (
        _describe_days(env, line.l10n_fr_sap_date_from, line.l10n_fr_sap_date_to)
        for line, _charge in rows
    )
    return Service(
        nature=nature,
        days=", ".join(filter(None, dict.fromkeys(days))),
        quantity=quantity,
        price=price,
        worker=worker,
    )


def _describe_days(env, start, end):
    start, end = start or end, end or start
    if not start:
        return ""
    if start == end:
        return format_date(env, start)
    return env._(
        "%(start)s to %(end)s",
        start=format_date(env, start),
        end=format_date(env, end),
    )
