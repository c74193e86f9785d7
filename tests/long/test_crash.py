# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""kill -9 at any moment: nothing is at the Urssaf twice, nothing is lost."""

import random
import time
from collections import Counter

from world import SEND

from odoo.exceptions import UserError

KILLS, INVOICES = 30, 200
# Longer than a call whose process was killed can be under way.
LEASE = 2  # seconds
SEED = 5


def keep_on(world, model, method):
    """A scheduled action, again and again."""
    while True:
        with world.transaction() as env:
            getattr(env[model], method)()


def keep_pressing(world, moves, seed):
    """Somebody sends a few invoices, again and again."""
    moment = random.Random(seed)
    while True:
        try:
            world.call("account.move", moment.sample(moves, 15), SEND)
        except UserError:
            pass  # sent already, or busy


def kill(process, moment):
    """Let it work until that moment, in seconds from now."""
    process.join(moment)
    assert process.is_alive()
    process.kill()
    process.join()
    # PostgreSQL notices, and a call that left arrives.
    time.sleep(0.1)


def test_killed_while_sending_and_refreshing(world, tell):
    world.set_lease(LEASE)
    moves = world.create_invoices(INVOICES)
    moment, times = random.Random(SEED), []
    hit = Counter()
    for number in range(KILLS):
        left = world.unsent()
        if not left:
            break  # the machine was quicker than in the kills before
        # Whatever the machine's speed, the kills are to be spread over most of the work.
        speed = max(INVOICES - left, 10) / max(sum(times), 0.5)
        span = left / (KILLS - number) / speed
        times.append(moment.uniform(0, min(span, 2)))
        lost = world.sending()
        if number % 3 == 2:
            process = world.fork(keep_pressing, world, moves, number)
        else:
            work = ("l10n_fr_sap.payment.request", "_cron_send")
            process = world.fork(keep_on, world, *work)
        kill(process, times[-1])
        lost = world.sending() - lost
        arrived = lost & world.demandes().keys()
        hit["a call" if arrived else "a mark" if lost else "neither"] += 1
    tell("killed after " + " ".join(f"{seconds * 1000:.0f}" for seconds in times))
    tell(f"they hit {dict(hit)}; {world.unsent()} unsent after the last")
    assert len(times) >= KILLS // 2
    assert hit["a call"] >= 3
    time.sleep(LEASE)
    world.settle()
    world.check(moves)
    tell(f"calls: {world.look('calls/count')}")
    kill_while_refreshing(world, moves, tell)


def kill_while_refreshing(world, moves, tell):
    moment = random.Random(SEED)
    for _status in range(4):
        world.control("advance")
        world.age()
        work = ("l10n_fr_sap.payment.request", "_cron_refresh")
        kill(world.fork(keep_on, world, *work), moment.uniform(0.1, 1))
        known = {code for _id, code in world.demandes().values()}
        ours = world.rows(
            "SELECT DISTINCT urssaf_code FROM l10n_fr_sap_payment_request"
            " WHERE move_id = ANY(%s)",
            moves,
        )
        tell(f"killed; at the Urssaf {known}, in Odoo {ours}")
    world.settle()
    world.check(moves)
    assert {code for _id, code in world.demandes().values()} == {"70"}


def test_killed_while_registering(world, tell):
    with world.transaction() as env:
        partners = world.create_customers(env, 40)
        env["l10n_fr_sap.registration"]._enqueue(partners, env.company)
        ids = partners.ids
    left = """
        SELECT count(*) FROM l10n_fr_sap_registration
         WHERE partner_id = ANY(%s) AND state = 'queued'
    """
    moment = random.Random(SEED)
    for _kill in range(6):
        [(count,)] = world.rows(left, ids)
        tell(f"{count} to register")
        assert count
        work = ("l10n_fr_sap.registration", "_cron_register")
        kill(world.fork(keep_on, world, *work), moment.uniform(0.1, 1))
    world.run_cron("ir_cron_register")
    ours = world.rows(
        "SELECT urssaf_id, state FROM l10n_fr_sap_registration"
        " WHERE partner_id = ANY(%s)",
        ids,
    )
    assert len(ours) == len(ids)
    assert {state for _id, state in ours} == {"pending"}
    known = [each["idClient"] for each in world.look("state")["particuliers"]]
    assert sorted(known[-len(ids) :]) == sorted(id_ for id_, _state in ours)
