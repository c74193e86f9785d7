# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Several processes book the same payments at once, and one of them is killed: each payment
is in the books once."""

import time
from datetime import timedelta

from test_crash import keep_on
from world import MONTH_END

INVOICES, DAYS, PROCESSES = 300, 4, 3
BOOK = ("l10n_fr_sap.payment.request", "_cron_register_payments")
PATIENCE = 420  # seconds


def create_paid_requests(world):
    """So many invoices that the Urssaf has paid, on a few days."""
    ids = world.create_invoices(INVOICES, queued=0)
    with world.transaction() as env:
        env.company.l10n_fr_sap_register_payments = True
        requests = env["l10n_fr_sap.payment.request"].create(
            [
                {
                    "move_id": move.id,
                    "company_id": move.company_id.id,
                    "environment": "test",
                    "partner_id": move.partner_id.id,
                    "number": move.name,
                    "urssaf_id": f"booked-{move.id}",
                    "state": "paid",
                    "amount_total": move.amount_total,
                    "amount_due": move.amount_total,
                    "transfer_amount": move.amount_total,
                    "transfer_date": MONTH_END - timedelta(days=number % DAYS),
                    "money_state": "todo",
                }
                for number, move in enumerate(env["account.move"].browse(ids))
            ]
        )
        for request in requests:
            request.move_id.l10n_fr_sap_request_id = request
        return requests.ids


def count(world, requests, state):
    [(number,)] = world.rows(
        "SELECT count(*) FROM l10n_fr_sap_payment_request"
        " WHERE id = ANY(%s) AND money_state = %s",
        requests,
        state,
    )
    return number


def test_booked_by_several_processes_one_of_which_is_killed(world, tell):
    requests = create_paid_requests(world)
    processes = [world.fork(keep_on, world, *BOOK) for _number in range(PROCESSES)]
    try:
        end, victim = time.monotonic() + PATIENCE, processes.pop()
        while not count(world, requests, "done") and time.monotonic() < end:
            time.sleep(0.2)
        # In the middle of some entry or other.
        time.sleep(0.3)
        assert victim.is_alive()
        victim.kill()
        victim.join()
        done = count(world, requests, "done")
        while count(world, requests, "todo") and time.monotonic() < end:
            time.sleep(0.5)
    finally:
        for process in processes:
            process.kill()
            process.join()
    tell(f"killed when {done} of {INVOICES} were booked")
    assert done < INVOICES
    world.run_cron("ir_cron_register_payments")
    check(world, requests)


def check(world, requests):
    assert count(world, requests, "done") == len(requests)
    booked = world.rows(
        """
        SELECT request.id, count(line.id), sum(line.credit - line.debit),
               max(request.booked_amount), max(request.transfer_amount)
        FROM l10n_fr_sap_payment_request AS request
        JOIN account_move_line AS line ON line.l10n_fr_sap_request_id = request.id
        WHERE request.id = ANY(%s) AND line.parent_state = 'posted'
        GROUP BY request.id
        """,
        requests,
    )
    assert len(booked) == len(requests)
    for _id, lines, credit, amount, transferred in booked:
        assert (lines, credit, amount) == (1, transferred, transferred)
    [(transit, credits)] = world.rows(
        """
        SELECT sum(line.balance) FILTER (WHERE line.l10n_fr_sap_request_id IS NULL),
               -sum(line.balance) FILTER (WHERE line.l10n_fr_sap_request_id = ANY(%s))
        FROM account_move_line AS line
        JOIN account_move AS entry ON entry.id = line.move_id
        WHERE entry.l10n_fr_sap_transfer_id IS NOT NULL AND entry.state = 'posted'
        """,
        requests,
    )
    assert transit == credits == sum(row[4] for row in booked)
    paid = world.rows(
        "SELECT DISTINCT move.payment_state FROM account_move AS move"
        " JOIN l10n_fr_sap_payment_request AS request ON request.move_id = move.id"
        " WHERE request.id = ANY(%s)",
        requests,
    )
    assert paid == [("paid",)]
