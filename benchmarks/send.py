# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Sending 1,000 invoices by the scheduled action: ten in a call, and one by one; several
calls in flight, and one."""

from unittest.mock import patch

import scene
import stack
from bench import Figure, costing, environment

from odoo.modules.registry import Registry

from odoo.addons.l10n_fr_urssaf_sap.protocol import sending
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.concurrency import IN_FLIGHT

DATABASE = "bench_send"
INVOICES = 1000
ROUND = 100
SLOW = 0.5  # seconds: what a call to the real Urssaf may well take


def run():
    stack.create_database(DATABASE)
    stack.install(DATABASE)
    registry = Registry(DATABASE)
    with scene.urssaf() as url:
        with environment(registry) as env:
            scene.create_provider(env, url)
            customers = scene.create_customers(env, url, INVOICES)
            ids = scene.create_invoices(env, customers).ids
        rounds = [ids[start : start + ROUND] for start in range(0, INVOICES, ROUND)]
        yield from ten_a_call(registry, url, rounds)
        yield several_in_flight(registry, url, rounds)


def ten_a_call(registry, url, rounds):
    scene.slow_down(url)
    seconds, calls = {1: 0, 10: 0}, {1: 0, 10: 0}
    # In turn: whatever else the machine does meanwhile falls upon both.
    for some in rounds:
        for size in seconds:
            # The rival knows neither batches nor threads.
            in_flight = IN_FLIGHT if size > 1 else 1
            seconds[size] += send(registry, some, size, in_flight)
            calls[size] += scene.take_calls(url, "M050")
    assert calls[1] == INVOICES, calls
    bound = INVOICES / 10
    yield Figure(
        "Sending 1,000 invoices: calls",
        calls[10] / bound,
        "ten invoices a call",
        f"{calls[10]} : {bound:.0f}",
        1,
    )
    yield Figure(
        "Sending 1,000 invoices: time",
        seconds[10] / (bound * scene.LATENCY),
        "the 50 ms of each call alone",
        f"{seconds[10]:.1f} : {bound * scene.LATENCY:.1f} s",
    )
    yield Figure(
        "Sending 1,000 invoices: times faster",
        seconds[1] / seconds[10],
        "one invoice a call",
        f"{seconds[1]:.1f} : {seconds[10]:.1f} s",
        6,
        faster=True,
    )


def several_in_flight(registry, url, rounds):
    scene.slow_down(url, SLOW)
    seconds = {1: 0, IN_FLIGHT: 0}
    for some in rounds:
        for in_flight in seconds:
            seconds[in_flight] += send(registry, some, 10, in_flight)
    return Figure(
        f"Sending 1,000 invoices, {SLOW * 1000:.0f} ms a call: times faster",
        seconds[1] / seconds[IN_FLIGHT],
        "one call in flight",
        f"{seconds[1]:.1f} : {seconds[IN_FLIGHT]:.1f} s",
        3,
        faster=True,
    )


def make_unsent(env, ids):
    """Turn these into invoices that the Urssaf has never heard of."""
    for query in (
        "DELETE FROM l10n_fr_sap_payment_request WHERE move_id = ANY(%s)",
        "UPDATE account_move SET name = 'N' || name WHERE id = ANY(%s)",
        "UPDATE account_move_line SET no_followup = FALSE WHERE move_id = ANY(%s)",
    ):
        env.cr.execute(query, [ids])
    env.invalidate_all()


def send(registry, ids, size, in_flight):
    """Send these invoices, ``size`` in a call and so many calls in flight; gives the
    seconds that it took."""
    with environment(registry) as env:
        name = "l10n_fr_urssaf_sap.calls_in_flight"
        env["ir.config_parameter"].set_param(name, str(in_flight))
        make_unsent(env, ids)
        env["account.move"].browse(ids)._l10n_fr_sap_queue()
    with (
        patch.object(sending, "BATCH_SIZE", size),
        costing() as cost,
        environment(registry) as env,
    ):
        env["l10n_fr_sap.payment.request"]._cron_send()
    with environment(registry) as env:
        requests = env["account.move"].browse(ids).l10n_fr_sap_request_id
        states = set(requests.mapped("state"))
        assert (len(requests), states) == (len(ids), {"integrated"}), states
    return cost.seconds
