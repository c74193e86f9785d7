# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Booking what the Urssaf has paid of many payment requests: how many queries a request."""

from datetime import date

import scene
import stack
from bench import Figure, costing, environment

from odoo import Command, fields
from odoo.modules.registry import Registry

DATABASE = "bench_booking"
PAYMENTS = 1_000
URL = "http://127.0.0.1:1"  # nothing is asked
MODEL = "l10n_fr_sap.payment.request"
# By what VAT is due on: taxes of the French chart of accounts, and the bound.
CASES = {
    "without VAT on payments": ("tva_intermediaire", 7),
    "with VAT on payments": ("tva_intermediaire_encaissement", 65),
}


def prepare(env, tax):
    """Posted invoices of one tax, each with a request that the Urssaf has paid and that
    waits to be booked."""
    scene.create_provider(env, URL)
    env.company.l10n_fr_sap_register_payments = True
    tax = env.ref(f"account.{env.company.id}_{tax}")
    tax.active = True
    partner = env["res.partner"].create({"name": "Jeanne Martin"})
    lines = [
        Command.create(
            {
                "name": "Ménage",
                "quantity": 2,
                "price_unit": 20,
                "tax_ids": [Command.set(tax.ids)],
            }
        )
    ]
    values = {
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": scene.MONTH_END,
        "invoice_line_ids": lines,
    }
    moves = env["account.move"].create([values] * PAYMENTS)
    moves.action_post()
    env[MODEL].create(
        [
            {
                "move_id": move.id,
                "company_id": env.company.id,
                "environment": "test",
                "partner_id": partner.id,
                "number": move.name,
                "urssaf_id": move.name,
                "state": "paid",
                "amount_total": move.amount_total,
                "amount_due": move.amount_total,
                "transfer_amount": move.amount_total,
                "transfer_date": date.today(),  # noqa: DTZ011
                "money_state": "todo",
                "refreshed_at": fields.Datetime.now(),
            }
            for move in moves
        ]
    )


def run():
    for case, (tax, bound) in CASES.items():
        stack.create_database(DATABASE)
        stack.install(DATABASE)
        registry = Registry.new(DATABASE)
        with environment(registry) as env:
            prepare(env, tax)
        with costing() as cost, environment(registry) as env:
            env[MODEL]._cron_register_payments()
        with environment(registry) as env:
            done = env[MODEL].search_count([("money_state", "=", "done")])
            assert done == PAYMENTS, done
        yield Figure(
            f"Booking {PAYMENTS:,} payments, {case}: queries",
            cost.queries / PAYMENTS,
            "one query a payment",
            f"{cost.queries} : {PAYMENTS}",
            bound,
        )
