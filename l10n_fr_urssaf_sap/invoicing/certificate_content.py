# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a tax certificate says, as texts in French: it is for the French tax office,
whatever language Odoo or the customer speak. As such it is kept, so that the next version
can tell what differs."""

from collections import defaultdict
from decimal import Decimal

from ..texts.french import french_of
from .mentions import NBSP, hours_text

_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_LABELS = {
    "total": "Montant total des prestations",
    "advanced": "Crédit d'impôt avancé",
    "cesu": "Payé en CESU préfinancé",
    "aids": "Aides versées par des tiers",
    "paid": "Montant effectivement acquitté",
    "debited": "Prélevé par l'Urssaf",
    "direct": "Réglé directement",
    "transferred": "Réglé par l'avance immédiate",
}
_NOTHING = "néant"
_TEST = (
    f"TEST{NBSP}– sans valeur{NBSP}: l'Urssaf a payé dans son environnement de test."
)


def content_of(company, partner, figures):
    """What is printed for this customer of this company, without year, version and date.

    :param figures: the YearFigures
    :rtype: dict[str, object], of texts, and lists of dictionaries of texts
    """
    # What is not said leaves certificates as they are that were made before it could be.
    test = {"test": _TEST} if figures.test else {}
    return test | {
        "company": _company(company),
        "customer": _customer(partner, figures),
        "amounts": {name: euros_text(getattr(figures, name)) for name in _LABELS},
        # What is zero as well as not said at all needs no line.
        "has": {name: str(bool(getattr(figures, name))) for name in _LABELS},
        "services": _services(company.env, figures.items),
        "months": _months(company.env, figures.items),
        "invoices": [
            {
                "number": each.move.name,
                "date": day_text(each.day),
                "amount": euros_text(each.total),
            }
            for each in sorted(figures.counted, key=lambda one: (one.day, one.move.id))
        ],
        "not_counted": [
            {
                "number": move.name,
                "date": day_text(move.invoice_date),
                "amount": euros_text(Decimal(f"{move.amount_total:.2f}")),
            }
            for move in figures.not_counted
        ],
    }


def differences(before, after):
    """What the second of two contents says otherwise than the first, a line each."""
    before, after = _flat(before), _flat(after)
    return [
        f"{label}{NBSP}: {before.get(label, _NOTHING)} → {after.get(label, _NOTHING)}"
        for label in {**before, **after}
        if before.get(label) != after.get(label)
    ]


def euros_text(amount):
    number = f"{amount:,.2f}".replace(",", NBSP).replace(".", ",")
    return f"{number}{NBSP}€"


def day_text(day):
    return f"{day:%d/%m/%Y}" if day else ""


def _company(company):
    partner = company.partner_id
    return {
        "name": company.name or "",
        "address": _address(partner),
        "siret": company.company_registry or "",
        "declaration": _dated(
            company.l10n_fr_sap_nova_number, company.l10n_fr_sap_declaration_date
        ),
        "agrement": _dated(
            company.l10n_fr_sap_agrement_number, company.l10n_fr_sap_agrement_date
        ),
        "signatory": company.l10n_fr_sap_signatory or "",
    }


def _dated(number, day):
    number = number or ""
    return f"{number} du {day_text(day)}" if number and day else number


def _customer(partner, figures):
    account = partner.l10n_fr_sap_bank_id.sanitized_acc_number or ""
    debited = figures.transferred and account
    return {
        "name": partner.name or "",
        "address": _address(partner),
        "account": f"••••{NBSP}{account[-4:]}" if debited else "",
    }


def _address(partner):
    text = partner._display_address(without_company=True)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _natures(env):
    natures = env["l10n_fr_sap.nature"].sudo().with_context(active_test=False)
    found = natures.with_context(lang=french_of(env)).search([])
    return {nature.code: (place, nature.name) for place, nature in enumerate(found)}


def _services(env, items):
    """The year's services, a line for each nature, hourly or as a package."""
    natures, groups = _natures(env), defaultdict(list)
    for item in items:
        groups[natures[item.nature], item.hours is None].append(item)
    return [
        {"nature": nature, "hours": _hours(some), "amount": _amount(some)}
        for ((_place, nature), _package), some in sorted(
            groups.items(), key=lambda pair: pair[0]
        )
    ]


def _months(env, items):
    """The services month by month: a line for each nature, price and worker."""
    natures, groups = _natures(env), defaultdict(list)
    for item in items:
        key = (
            (item.date_from.year, item.date_from.month),
            natures[item.nature],
            item.worker,
            item.price or Decimal(0),
        )
        groups[key].append(item)
    return [
        {
            "month": f"{_MONTHS[month - 1]} {year}",
            "dates": _dates(some),
            "nature": nature,
            "worker": worker,
            "price": f"{euros_text(price)}/h" if price else "forfait",
            "hours": _hours(some),
            "amount": _amount(some),
        }
        for ((year, month), (_place, nature), worker, price), some in sorted(
            groups.items(), key=lambda pair: pair[0]
        )
    ]


def _dates(items):
    days = sorted({(item.date_from, item.date_to) for item in items})
    return ", ".join(
        day_text(first)
        if first == last
        else f"{day_text(first)}{NBSP}–{NBSP}{day_text(last)}"
        for first, last in days
    )


def _hours(items):
    hours = [item.hours for item in items if item.hours is not None]
    return hours_text(sum(hours)) if hours else ""


def _amount(items):
    return euros_text(sum(item.amount for item in items))


def _flat(content):
    """A content as ``{label: text}``, in the order of the page."""
    company, customer = content["company"], content["customer"]
    flat = {
        "Prestataire": _joined(company.values()),
        "Bénéficiaire": _joined(customer.values()),
    }
    if "test" in content:
        flat["Environnement"] = content["test"]
    flat |= {label: content["amounts"][name] for name, label in _LABELS.items()}
    for service in content["services"]:
        label = f"{service['nature']}{'' if service['hours'] else ' (forfait)'}"
        flat[label] = _joined([service["hours"], service["amount"]])
    for row in content["months"]:
        parts = (row["nature"], row["month"], row["price"], row["worker"])
        flat[_joined(parts)] = _joined([row["dates"], row["hours"], row["amount"]])
    for kind, name in (("Facture", "invoices"), ("Facture non retenue", "not_counted")):
        for row in content[name]:
            flat[f"{kind} {row['number']}"] = f"{row['amount']} ({row['date']})"
    return flat


def _joined(parts):
    return ", ".join(part.replace("\n", ", ") for part in parts if part)
