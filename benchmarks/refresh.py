# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Following many payment requests at once, against the least that it could take and against
a client that asks about one at a time."""

import ctypes
import statistics
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import requests
import scene
import stack
from bench import Figure, costing, environment

from odoo import fields
from odoo.modules.registry import Registry
from odoo.tools import SQL

from odoo.addons.l10n_fr_urssaf_sap.protocol.access import connect_for_button
from odoo.addons.l10n_fr_urssaf_sap.protocol.parameters import calls_in_flight
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.client import batches

DATABASE = "bench_refresh"
REQUESTS = 10_000
NAIVE = 200
# Of linux/prctl.h.
PR_SET_DUMPABLE = 4
MODEL = "l10n_fr_sap.payment.request"
WHAT = f"Refreshing {REQUESTS:,} requests that all change"


def prepare(env, url):
    """Requests that are integrated on both sides, each for an invoice of its own."""
    scene.create_provider(env, url)
    partner = scene.create_customers(env, url, 1)
    move = scene.create_invoices(env, partner)
    moves = copies(env, move, REQUESTS)
    names = [f"BENCH/{number:05}" for number in range(REQUESTS)]
    payment_request = move._l10n_fr_sap_payment_request()
    with connect_for_button(env.company) as urssaf:
        ids = {}
        for some in batches(names):
            items = [replace(payment_request, number=name) for name in some]
            ids |= {name: outcome.id for name, outcome in urssaf.send(items).items()}
    env[MODEL].create(
        [
            {
                "move_id": move_id,
                "company_id": env.company.id,
                "environment": "test",
                "partner_id": partner.id,
                "number": name,
                "urssaf_id": ids[name],
                "state": "integrated",
                "amount_total": move.amount_total,
                "refreshed_at": fields.Datetime.now() - timedelta(days=1),
                "kept_from_followup": True,
            }
            for move_id, name in zip(moves, names, strict=True)
        ]
    )


def copies(env, move, count):
    """The ids of ``count`` rows like this invoice's: all that a refresh may look at."""
    env.flush_all()
    names = {"id", "name", "sequence_number", "payment_reference"}
    columns = SQL(", ").join(
        SQL.identifier(name)
        for name, field in move._fields.items()
        if field.store and field.column_type and name not in names
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO account_move (name, %(columns)s)
            SELECT 'BENCH/' || number, %(columns)s
            FROM account_move, generate_series(1, %(count)s) AS number
            WHERE id = %(id)s RETURNING id
            """,
            columns=columns,
            count=count,
            id=move.id,
        )
    )
    return [move_id for (move_id,) in env.cr.fetchall()]


def peak_memory():
    """This process's highest use of memory since ``forget_peak``, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def forget_peak():
    # A process that gave root up may not write there, unless it is made dumpable again.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1)
    Path("/proc/self/clear_refs").write_text("5")


def naive(env, url):
    """The seconds that one call takes that asks about one request, with no connection
    kept, and writes what it learns."""
    with connect_for_button(env.company) as urssaf:
        token = urssaf._token()
    costs = []
    for request in env[MODEL].search([], limit=NAIVE):
        start = time.perf_counter()
        answer = requests.post(
            f"{url}/atp/v1/tiersPrestations/demandePaiement/rechercher",
            json={"idDemandePaiements": [request.urssaf_id]},
            headers={"Authorization": f"Bearer {token}"},
            timeout=40,
        ).json()
        status = answer["infoDemandePaiements"][0]["statut"]
        request.write(
            {"urssaf_code": status["code"], "urssaf_label": status["libelle"]}
        )
        env.cr.commit()
        costs.append(time.perf_counter() - start)
    return statistics.mean(costs)


def move(url, old, new):
    """All requests with one status at the Urssaf get another."""
    requests.post(
        f"{url}/control/demandes/status", json={"from": old, "statut": new}, timeout=60
    ).raise_for_status()


def refresh(registry):
    """The Cost of following them all, which are due."""
    with environment(registry) as env:
        env.cr.execute(
            "UPDATE l10n_fr_sap_payment_request"
            " SET check_after = %(past)s, refreshed_at = %(past)s",
            {"past": fields.Datetime.now() - timedelta(days=1)},
        )
    with costing() as cost, environment(registry) as env:
        env[MODEL]._cron_refresh()
    return cost


def run():
    stack.create_database(DATABASE)
    stack.install(DATABASE)
    registry = Registry(DATABASE)
    with scene.urssaf() as url:
        with environment(registry) as env:
            prepare(env, url)
            in_flight = calls_in_flight(env)
        scene.slow_down(url)
        move(url, "10", "20")
        scene.take_calls(url, "M070")
        forget_peak()
        before = peak_memory()
        cost = refresh(registry)
        memory = peak_memory() - before
        calls = scene.take_calls(url, "M070")
        with environment(registry) as env:
            moved = env[MODEL].search_count([("state", "=", "awaiting_validation")])
            assert moved == REQUESTS, moved
            rival = naive(env, url) * REQUESTS
        scene.slow_down(url, 0)
        move(url, "20", "50")
        refresh(registry)
        with environment(registry) as env:
            env.company.l10n_fr_sap_register_payments = True
        move(url, "50", "70")
        paid = refresh(registry)
        again = refresh(registry)
    bound = REQUESTS / 10 * scene.LATENCY / in_flight
    yield Figure(
        f"{WHAT}: calls",
        calls / (REQUESTS / 10),
        "ten requests a call",
        f"{calls} : {REQUESTS // 10}",
        1,
    )
    yield Figure(
        f"{WHAT}: time",
        cost.seconds / bound,
        f"the 50 ms of each call alone, {in_flight} in flight",
        f"{cost.seconds:.1f} : {bound:.1f} s",
        1.3,
    )
    yield Figure(
        f"{WHAT}: queries",
        cost.queries / (REQUESTS / 10),
        "one for ten requests",
        f"{cost.queries} : {REQUESTS // 10}",
        8,
    )
    yield Figure(
        f"Refreshing {REQUESTS:,} requests that were just paid: queries",
        paid.queries / REQUESTS,
        "one a request; their payments are to be registered",
        f"{paid.queries} : {REQUESTS}",
        0.1,
    )
    yield Figure(
        f"Refreshing {REQUESTS:,} paid requests with nothing new: queries",
        again.queries / REQUESTS,
        "one a request",
        f"{again.queries} : {REQUESTS}",
        0.08,
    )
    yield Figure(
        f"{WHAT}: times faster",
        rival / cost.seconds,
        f"one request a call and no connection kept ({NAIVE} of them, extrapolated)",
        f"{rival:.0f} : {cost.seconds:.1f} s",
        faster=True,
    )
    yield Figure(
        f"{WHAT}: memory more at its peak",
        memory / before,
        "the process before",
        f"{memory:.0f} : {before:.0f} MB",
    )
