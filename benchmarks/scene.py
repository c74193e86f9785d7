# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A provider, its private customers and their invoices, in Odoo and at a stand-in Urssaf:
many of them quickly."""

from contextlib import contextmanager
from datetime import date, timedelta

import requests
import stack

from odoo import Command

from odoo.addons.l10n_fr_urssaf_sap.protocol.access import connect_for_button
from odoo.addons.l10n_fr_urssaf_sap.urssaf.documents.address import Address
from odoo.addons.l10n_fr_urssaf_sap.urssaf.documents.particulier import (
    BankAccount,
    BirthPlace,
    Particulier,
)

MONTH_END = date.today().replace(day=1) - timedelta(days=1)  # noqa: DTZ011


LATENCY = 0.05  # seconds that the stand-in takes for each call, once made slow


@contextmanager
def urssaf():
    """The address of a stand-in in a process of its own."""
    process = stack.start_simulator(name="bench-simulator")
    try:
        yield process.url
    finally:
        process.stop()


def slow_down(url, seconds=LATENCY):
    requests.post(
        f"{url}/control/delay", json={"delay_ms": seconds * 1000}, timeout=60
    ).raise_for_status()


def take_calls(url, operation):
    """How many calls of one operation there were since the last time."""
    calls = requests.get(f"{url}/control/calls/count", timeout=60).json()
    requests.delete(f"{url}/control/calls", timeout=60).raise_for_status()
    return calls.get(operation, 0)


def create_provider(env, url):
    env["ir.config_parameter"].set_param("l10n_fr_urssaf_sap.url_test", url)
    env.ref("base.EUR").active = True
    env.company.write(
        {
            "currency_id": env.ref("base.EUR").id,
            "l10n_fr_sap_client_id": "demo",
            "l10n_fr_sap_client_secret": "demo-secret",
            "l10n_fr_sap_nova_number": "SAP123456782",
        }
    )


def create_customers(env, url, count):
    """Private customers who have activated their account."""
    birth_dates = [date(1950, 1, 1) + timedelta(number) for number in range(count)]
    partners = env["res.partner"].create(
        [
            {
                "name": f"Jeanne Martin {number}",
                "l10n_fr_sap_particulier": True,
                "l10n_fr_sap_birth_date": birth_date,
            }
            for number, birth_date in enumerate(birth_dates)
        ]
    )
    with connect_for_button(env.company) as urssaf, requests.Session() as session:
        ids = []
        for birth_date in birth_dates:
            ids.append(urssaf.register(_person(birth_date)))
            session.post(
                f"{url}/control/particuliers/{ids[-1]}",
                json={"etat": "active"},
                timeout=60,
            ).raise_for_status()
    env["l10n_fr_sap.registration"].create(
        [
            {
                "partner_id": partner.id,
                "company_id": env.company.id,
                "environment": "test",
                "state": "active",
                "urssaf_id": urssaf_id,
            }
            for partner, urssaf_id in zip(partners, ids, strict=True)
        ]
    )
    return partners


def _person(birth_date):
    return Particulier(
        civility="2",
        birth_name="Martin",
        first_names="Jeanne",
        birth_date=birth_date,
        birth_place=BirthPlace("99100", "69123", "Lyon"),
        mobile="06 39 98 00 11",
        email=f"jeanne.{birth_date}@example.com",
        address=Address(
            street_number="12",
            street_type="R",
            street_name="des Lilas",
            commune_code="69383",
            commune_name="Lyon 3e",
            zip="69003",
        ),
        bank_account=BankAccount(
            "FR7630006000011234567890189", "AGRIFRPPXXX", "Jeanne Martin"
        ),
    )


def create_invoices(env, partners):
    """A posted invoice of last month's hours for each of them."""
    product = env["product.product"].create(
        {
            "name": "Ménage",
            "type": "service",
            "uom_id": env.ref("uom.product_uom_hour").id,
            "list_price": 30,
            "l10n_fr_sap_nature_id": env.ref("l10n_fr_urssaf_sap.nature_60").id,
        }
    )
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": MONTH_END,
                "invoice_line_ids": [
                    Command.create({"product_id": product.id, "quantity": quantity})
                    for quantity in (3, 2.5)
                ],
            }
            for partner in partners
        ]
    )
    moves.action_post()
    return moves
