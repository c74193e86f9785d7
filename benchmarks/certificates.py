# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""500 customers' tax certificates by the scheduled action, against their PDFs alone."""

import time
from datetime import date

import scene
import stack
from bench import Figure, costing, environment
from refresh import forget_peak, peak_memory

from odoo import Command
from odoo.modules.registry import Registry

DATABASE = "bench_certificates"
CUSTOMERS, INVOICES = 500, 4
PRINTED, FIRST = 20, 100
YEAR = 2025
MODEL = "l10n_fr_sap.certificate"
WHAT = f"Making {CUSTOMERS} tax certificates"


def run():
    stack.create_database(DATABASE)
    stack.install(DATABASE)
    registry = Registry(DATABASE)
    with environment(registry) as env:
        ids = prepare(env).ids
    forget_peak()
    before, seconds, peaks = peak_memory(), 0, []
    for some in (ids[:FIRST], ids[FIRST:]):
        with environment(registry) as env:
            env[MODEL]._queue(env["res.partner"].browse(some), env.company, YEAR)
        # With garbage collected as it is in a server: not inside `costing`.
        start = time.perf_counter()
        with environment(registry) as env:
            env[MODEL]._cron_make()
        seconds += time.perf_counter() - start
        peaks.append(peak_memory() - before)
    first, memory = peaks
    with environment(registry) as env:
        made = env[MODEL].search([("state", "=", "to_send")])
        assert len(made) == CUSTOMERS, len(made)
        with costing() as printing:
            for certificate in made[:PRINTED]:
                certificate._pdf()
    alone = printing.seconds / PRINTED * CUSTOMERS
    yield Figure(
        f"{WHAT}: time",
        seconds / alone,
        "the PDFs alone",
        f"{seconds:.0f} : {alone:.0f} s",
        1.3,
    )
    yield Figure(
        f"{WHAT}: memory more at its peak",
        memory / before,
        "the process before",
        f"{memory:.0f} : {before:.0f} MB",
    )
    yield Figure(
        f"{WHAT}: memory at its peak",
        (before + memory) / (before + first),
        f"the first {FIRST}",
        f"{before + memory:.0f} : {before + first:.0f} MB",
        1.1,
    )


def prepare(env):
    """Customers with invoices that one entry in the bank's journal has paid."""
    env.ref("base.EUR").active = True
    env.company.currency_id = env.ref("base.EUR")
    partners = env["res.partner"].create(
        [
            {"name": f"Jeanne Martin {number}", "l10n_fr_sap_particulier": True}
            for number in range(CUSTOMERS)
        ]
    )
    moves = scene.create_invoices(env, partners.browse(partners.ids * INVOICES))
    moves.button_draft()
    # Their numbers are of another year.
    moves.name = False
    moves.invoice_date = date(YEAR, 3, 31)
    moves.action_post()
    items = moves.line_ids.filtered(
        lambda item: item.account_id.account_type == "asset_receivable"
    )
    journal = env["account.journal"].search([("type", "=", "bank")], limit=1)
    paid = env["account.move"].create(
        {
            "journal_id": journal.id,
            "date": date(YEAR, 4, 15),
            "line_ids": [
                *(
                    Command.create(
                        {
                            "account_id": item.account_id.id,
                            "partner_id": item.partner_id.id,
                            "credit": item.debit,
                        }
                    )
                    for item in items
                ),
                Command.create(
                    {
                        "account_id": journal.default_account_id.id,
                        "debit": sum(items.mapped("debit")),
                    }
                ),
            ],
        }
    )
    paid.action_post()
    credits_ = paid.line_ids.filtered("credit").sorted("id")
    plan = [item | credit for item, credit in zip(items, credits_, strict=True)]
    items._reconcile_plan(plan)
    return partners
