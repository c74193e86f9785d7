# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The morning's figures on the card of the Urssaf's journal, with many payment requests in
the database."""

import scene
import stack
from bench import Figure, costing, environment, medians
from refresh import copies

from odoo.modules.registry import Registry
from odoo.tools import SQL

from odoo.addons.l10n_fr_urssaf_sap.invoicing.set_up import set_up

DATABASE = "bench_morning"
URL = "http://127.0.0.1:1"  # nothing is asked
REQUESTS = 100_000
TIMES = 20
SECONDS = 0.15
# Of a hundred requests, one each is in these states; the others are paid, and so are their
# invoices.
OPEN = ("awaiting_validation", "validated", "debited", "refused", "error", "integrated")


def prepare(env):
    """So many invoices, each with a request, over three years: most are paid."""
    scene.create_provider(env, URL)
    env.company.l10n_fr_sap_register_payments = True
    set_up(env.company)
    partner = env["res.partner"].create(
        {"name": "Jeanne Martin", "l10n_fr_sap_particulier": True}
    )
    env["l10n_fr_sap.registration"].create(
        {
            "partner_id": partner.id,
            "company_id": env.company.id,
            "environment": "test",
            "state": "active",
            "urssaf_id": "id",
        }
    )
    move = scene.create_invoices(env, partner)
    moves = copies(env, move, REQUESTS)
    env.cr.execute(
        SQL(
            """
            INSERT INTO l10n_fr_sap_payment_request (
                move_id, company_id, environment, partner_id, number, urssaf_id, state,
                amount_total, transfer_amount, transfer_date, money_state, notified_at,
                sent_at
            )
            SELECT id, %(company)s, 'test', %(partner)s, 'BENCH/' || id, 'id-' || id,
                CASE WHEN id %% 100 < 6 THEN (%(open)s)[1 + id %% 6] ELSE 'paid' END,
                60, CASE WHEN id %% 100 < 6 THEN 0 ELSE 60 END,
                CASE WHEN id %% 100 < 6 THEN NULL ELSE current_date - (id %% 1000) END,
                CASE id %% 1000 WHEN 7 THEN 'check' ELSE 'done' END,
                CASE WHEN id %% 100 < 6 THEN now() END, now()
            FROM unnest(%(moves)s) AS id
            """,
            company=env.company.id,
            partner=partner.id,
            open=list(OPEN),
            moves=moves,
        )
    )
    env.cr.execute(
        "UPDATE account_move SET payment_state = 'paid' WHERE id IN"
        " (SELECT move_id FROM l10n_fr_sap_payment_request WHERE state = 'paid')"
    )
    return env.ref("base.user_admin").id


def costs(registry, user):
    """What the card costs an accountant, in a fresh request each."""
    for _turn in range(TIMES):
        with environment(registry, user, lang="en_US") as env:
            journal = env.company.l10n_fr_sap_journal_id
            with costing() as cost:
                told = journal.kanban_dashboard
            assert "l10n_fr_sap_figures" in told
        yield cost


def run():
    stack.create_database(DATABASE)
    stack.install(DATABASE)
    registry = Registry(DATABASE)
    with environment(registry) as env:
        user = prepare(env)
    # As the database does by itself after a while.
    stack.sql("VACUUM ANALYZE", database=DATABASE)
    # The first ones fill Odoo's own caches.
    cost = medians(list(costs(registry, user))[2:])
    yield Figure(
        f"The morning's card, {REQUESTS:,} requests in the database: time",
        cost.seconds / SECONDS,
        "what a person does not notice",
        f"{cost.seconds * 1000:.0f} : {SECONDS * 1000:.0f} ms",
        1,
    )
