# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Many at the same invoices at once: nothing is sent twice, nobody waits for the others'
calls, and nobody sees what PostgreSQL says of two who change the same row."""

import random
import time
import traceback
from collections import Counter
from contextlib import closing
from datetime import timedelta
from multiprocessing import SimpleQueue
from threading import Timer

import requests
from stack.cluster import connect
from world import REFRESH, SEND

from odoo.exceptions import UserError, ValidationError

ADDON = "odoo.addons.l10n_fr_urssaf_sap"
INVOICES, SECONDS = 300, 60
SEED = 5
CONNECT, READ = 1, 2  # time-outs
# Longer than a call and all that comes with it: a token, another try.
LEASE = 10
# Nobody waits for a lock longer than so many times the slowest look of the same run. No
# look waits for a lock, so it tells the machine's speed; a call is longer than that.
PATIENCE = 3
CRONS = (
    "ir_cron_send",
    "ir_cron_send",
    "ir_cron_refresh_requests",
    "ir_cron_refresh_registrations",
    "ir_cron_register",
)
FAULTS = (
    ("M050", "cut_before", {}),
    ("M050", "cut_after", {}),
    ("M050", "500", {}),
    ("M050", "500", {"done": True}),
    ("M050", "503_html", {}),
    ("M050", "429", {}),
    ("M050", "delayed", {"seconds": 0.5}),
    ("M050", "delayed", {"seconds": READ + 1}),
    ("M050", "one_missing", {}),
    ("M070", "cut_after", {}),
    ("M070", "500", {}),
    ("M070", "503_html", {}),
    ("M070", "429_retry_after", {}),
    ("M070", "delayed", {"seconds": 0.5}),
    ("TOKEN", "500", {}),
)


def scheduler(world, seed, end, told):
    """Odoo's own, as far as our scheduled actions go."""
    chance, done, troubles = random.Random(seed), Counter(), []
    while time.monotonic() < end:
        name = chance.choice(CRONS)
        try:
            world.run_cron(name)
            done[name] += 1
        except UserError:
            done["runs in the other process"] += 1
        except Exception:  # noqa: BLE001
            troubles.append(traceback.format_exc())
        time.sleep(0.2)
    told.put(("scheduler", done, 0, troubles))


def person(world, moves, seed, end, told):
    chance, done, longest, troubles = random.Random(seed), Counter(), 0, []
    deeds = (
        (SEND, 15, ()),
        (REFRESH, 40, ()),
        ("write", 1, ({"ref": "seen"},)),
        ("read", 1, (["name", "l10n_fr_sap_status", "l10n_fr_sap_to_fix"],)),
    )
    while time.monotonic() < end:
        method, most, arguments = chance.choice(deeds)
        some = chance.sample(moves, chance.randint(1, most))
        started = time.monotonic()
        try:
            world.call("account.move", some, method, *arguments)
            done[method] += 1
        except ValidationError:  # PostgreSQL's, in disguise
            troubles.append(traceback.format_exc())
        except UserError as error:
            done[str(error).splitlines()[0].partition(":")[0][:60]] += 1
        except Exception:  # noqa: BLE001
            troubles.append(traceback.format_exc())
        if method == "read":
            longest = max(longest, time.monotonic() - started)
        time.sleep(chance.uniform(0, 0.3))
    told.put(("person", done, longest, troubles))


def disturb(world, end):
    """Things go wrong at the Urssaf, and on; gives the longest wait for a lock."""
    chance, next_time, longest = random.Random(SEED), 0, (0, "")
    while time.monotonic() < end:
        if time.monotonic() > next_time:
            operation, fault, options = chance.choice(FAULTS)
            body = {"operation": operation, "fault": fault, **options}
            world.control("faults", body)
            if chance.random() < 0.2:
                world.control("advance")
            next_time = time.monotonic() + 0.7
        longest = max(longest, world.lock_wait())
        time.sleep(0.01)
    return longest


def test_crowd(world, tell, monkeypatch):
    pause = (timedelta(seconds=1),) * 2
    always = ((timedelta(days=365), timedelta(microseconds=1)),)
    for name, value in (
        ("urssaf.api.transport.CONNECT_TIMEOUT", CONNECT),
        ("urssaf.api.transport.READ_TIMEOUT", READ),
        ("invoicing.states.PACES", always),
        ("invoicing.states.PACES_ONCE_PAID", always),
        ("models.outage._PAUSE", pause),
        ("invoicing.states._LOST_AGAIN", timedelta(0)),
    ):
        monkeypatch.setattr(f"{ADDON}.{name}", value)
    world.set_lease(LEASE)
    deadlocks = world.deadlocks()
    moves = world.create_invoices(INVOICES, queued=INVOICES // 2)
    told, end = SimpleQueue(), time.monotonic() + SECONDS
    crowd = [world.fork(scheduler, world, seed, end, told) for seed in (1, 2)]
    crowd += [world.fork(person, world, moves, seed, end, told) for seed in (3, 4, 5)]
    longest = disturb(world, end)
    troubles, looks = [], []
    for _process in crowd:
        who, done, slowest, found = told.get()
        tell(f"{who}: {dict(done)}, slowest look {slowest:.2f} s")
        troubles += found
        looks.append(slowest)
    for process in crowd:
        process.join()
        assert process.exitcode == 0
    wait, query = longest
    tell(
        f"longest wait for a lock: {wait * 1000:.0f} ms {' '.join(query.split())[:120]}"
    )
    requests.delete(f"{world.url}/control/faults", timeout=10)
    tell(f"{world.unsent()} unsent, {len(world.demandes())} at the Urssaf")
    if left := world.never_sent(moves):
        world.call("account.move", left, SEND)
    world.settle()
    world.check(moves)
    tell(f"calls: {world.look('calls/count')}")
    assert troubles == []
    assert wait < PATIENCE * max(looks)
    assert world.deadlocks() == deadlocks


def test_nobody_waits_for_another_s_call(world, tell):
    moves = world.create_invoices(12)
    body = {"operation": "M050", "fault": "delayed", "seconds": 20}
    world.control("faults", body)
    sender = world.fork(world.call, "account.move", moves[:10], SEND)
    while len(world.sending()) < 10:
        time.sleep(0.01)
    time.sleep(0.5)
    [(request,)] = world.rows(
        "SELECT id FROM l10n_fr_sap_payment_request WHERE move_id = %s", moves[0]
    )
    look = (["name", "l10n_fr_sap_status", "l10n_fr_sap_to_fix"],)
    for model, ids, method, *arguments in (
        ("account.move", moves[:10], "write", {"ref": "seen"}),
        ("account.move", moves[:10], "read", *look),
        ("account.move", moves[:10], SEND),
        ("account.move", moves[:10], REFRESH),
        ("account.move", moves[10:], SEND),
        ("account.move", moves[:10], "copy"),
        ("account.move", moves[:1], "button_draft"),
        ("l10n_fr_sap.payment.request", [request], "action_withdraw"),
        ("res.partner", world.partners, "write", {"comment": "seen"}),
    ):
        started = time.monotonic()
        try:
            world.call(model, ids, method, *arguments)
            said = ""
        except UserError as error:
            said = str(error).splitlines()[0]
        tell(f"{model} {method}: {time.monotonic() - started:.2f} s {said}")
        assert sender.is_alive(), "it waited until the call was over"
    world.run_cron("ir_cron_send")
    assert len(world.sending()) == 10
    sender.join()
    assert sender.exitcode == 0
    world.settle()
    world.check(moves)


def test_nobody_waits_for_what_is_about_to_be_sent(world):
    """It says "to send" still, and the scheduled action is at it."""
    moves = world.create_invoices(2)
    with closing(connect(world.database)) as other, other.cursor() as cursor:
        cursor.execute(
            "SELECT FROM l10n_fr_sap_payment_request WHERE move_id = %s"
            " FOR NO KEY UPDATE",
            [moves[0]],
        )
        # Whoever waits for this lock is not left waiting for ever.
        release = Timer(60, other.rollback)
        release.start()
        summary = world.call("account.move", moves, SEND)
        assert release.is_alive(), "it waited until the lock was free"
        release.cancel()
    [(said,)] = world.rows(
        "SELECT message FROM l10n_fr_sap_summary_line WHERE summary_id = %s",
        summary["res_id"],
    )
    assert "Somebody else is working on it" in said
    assert len(world.demandes()) == 1
    world.settle()
    world.check(moves)
