# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The morning view: each of the ten figures is count and sum of the list behind it, and the
card of the accounting dashboard says the same, in three queries at most."""

import json
from contextlib import contextmanager
from datetime import datetime, timedelta

from freezegun import freeze_time
from sap_common import SapCase

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import format_date

from odoo.addons.l10n_fr_urssaf_sap.invoicing import states
from odoo.addons.l10n_fr_urssaf_sap.invoicing.morning import BY_KIND
from odoo.addons.l10n_fr_urssaf_sap.invoicing.set_up import set_up

REQUESTS = "l10n_fr_sap.payment.request"
# Noon in Paris, in the middle of a month.
NOW = datetime(2026, 11, 18, 11)  # noqa: DTZ001
TODAY = NOW.date()
OUT = ["to_send", "sending", "error"]
# In which figure a request is that is what its state says, no more.
KINDS = {
    "error": "to_fix",
    "deleted": "to_fix",
    "cancelled": "to_fix",
    "cancelled_recovered": "to_fix",
    "cancelled_other": "to_fix",
    "unknown": "to_fix",
    "refused": "refused",
    "debit_refused": "unpaid",
    "provider_unpaid": "unpaid",
    "cancelled_unpaid": "unpaid",
    "sending": "waiting",
    "integrated": "waiting",
    "aids_computed": "waiting",
    "awaiting_validation": "waiting",
    "validated": "on_its_way",
    "debited": "on_its_way",
    "in_exchange": "on_its_way",
    "closed": "on_its_way",
    "paid": "received",
    # It waits in the queue: the invoice is to be sent.
    "to_send": "to_send",
}
PAID = {"transfer_amount": 20, "transfer_date": TODAY}
# The same states otherwise, and where they are then; None: nowhere.
OTHERS = (
    ("error", {"superseded": True}, None),
    ("refused", {"superseded": True}, None),
    ("cancelled_unpaid", {"superseded": True}, None),
    ("refused", {"environment": "production"}, None),
    ("awaiting_validation", {"environment": "production"}, None),
    ("paid", {"environment": "production"} | PAID, None),
    ("paid", {}, "on_its_way"),
    ("paid", {"transfer_amount": 20}, "on_its_way"),
    ("paid", PAID | {"transfer_date": TODAY + timedelta(1)}, "on_its_way"),
    ("paid", PAID | {"transfer_date": TODAY.replace(day=1)}, "received"),
    ("paid", PAID | {"transfer_date": TODAY.replace(day=1) - timedelta(1)}, None),
    ("paid", PAID | {"money_state": "done"}, "received"),
    ("recovered", PAID | {"money_state": "check"}, "money"),
    ("cancelled", {"money_state": "check"}, "money"),
    ("provider_settled", {"money_state": "done"}, None),
    ("cancelled", {"superseded": True}, None),
)


@tagged("post_install", "-at_install")
class MorningCase(SapCase):
    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(NOW))
        company = self.env.company
        company.l10n_fr_sap_register_payments = True
        set_up(company)
        group = "account.group_account_invoice"
        self.user = new_test_user(self.env, "office", group, lang="en_US")

    def create_invoices(self, count, **values):
        lines = [Command.create({"product_id": self.product.id, "quantity": 1})]
        own = {
            "move_type": "out_invoice",
            "partner_id": self.partner.id,
            "invoice_date": TODAY - timedelta(days=3),
            "invoice_line_ids": lines,
        }
        moves = self.env["account.move"].create([own | values for _n in range(count)])
        moves.action_post()
        return moves

    def create_request(self, move, state, **values):
        own = {
            "move_id": move.id,
            "company_id": self.env.company.id,
            "environment": "test",
            "partner_id": move.partner_id.id,
            "number": f"{move.name}/{state}",
            "state": state,
            "urssaf_id": state not in OUT and f"id-{move.id}",
            "amount_total": move.amount_total,
        }
        request = self.env[REQUESTS].sudo().create(own | values)
        move.sudo().l10n_fr_sap_request_id = request
        return request

    def rows(self, user=None):
        """``{kind: row}`` as the user sees them."""
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["l10n_fr_sap.morning"].with_user(user or self.user).search([])
        return {row.kind: row for row in rows}

    def listed(self, row, button="action_open"):
        action = getattr(row, button)()
        # The web client sends it as JSON.
        domain = json.loads(json.dumps(action["domain"], default=str))
        records = row.env[action["res_model"]]
        return records.with_context(**action["context"]).search(domain)

    def check_lists(self, rows):
        for kind, row in rows.items():
            figure, records = BY_KIND[kind], self.listed(row)
            self.assertEqual(len(records), row.count, kind)
            amounts = figure.amount and sum(records.mapped(figure.amount)) or 0
            self.assertAlmostEqual(amounts, row.amount, 2, kind)
            if row.urgent:
                urgent = self.listed(row, "action_open_urgent")
                self.assertEqual(len(urgent), row.urgent, kind)
                self.assertLess(urgent, records)
            others = self.listed(row, "action_open_not_ready")
            self.assertEqual(len(others), row.not_ready, kind)
            self.assertFalse(others & records)

    def queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return contextmanager(self._patchExecute)([])


class TestMorning(MorningCase):
    def make_requests(self):
        """Sixty requests in all states; ``{kind: requests}``."""
        labels = [state for state, _label in states.STATES]
        plain = labels * 2
        wanted = [
            (state, PAID if state == "paid" else {}, KINDS.get(state))
            for state in plain
        ]
        wanted += OTHERS
        moves = self.create_invoices(len(wanted))
        found = {}
        for number, (move, (state, values, kind)) in enumerate(
            zip(moves, wanted, strict=True)
        ):
            amounts = {"amount_total": 10 + number / 100}
            request = self.create_request(move, state, **amounts | values)
            found.setdefault(kind, self.env[REQUESTS])
            found[kind] |= request
        self.assertEqual(len(wanted), 60)
        return found

    def test_each_figure_is_what_its_list_holds(self):
        self.activate()
        found = self.make_requests()
        # Of two registrations one waits long enough.
        registrations = self.env["l10n_fr_sap.registration"].sudo()
        for number, days in enumerate((6, 8)):
            registrations.create(
                {
                    "partner_id": self.create_particulier(f"Paul Moreau{number}").id,
                    "company_id": self.env.company.id,
                    "environment": "test",
                    "state": "pending",
                    "pending_since": NOW - timedelta(days=days),
                }
            )
        # What is booked and has not come yet.
        company = self.env.company
        self.env["account.move"].create(
            {
                "journal_id": company.l10n_fr_sap_journal_id.id,
                "date": "2026-11-03",
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": balance})
                    for account, balance in (
                        (company.l10n_fr_sap_transit_account_id, 44),
                        (self.company_data["default_account_revenue"], -44),
                    )
                ],
            }
        ).action_post()
        rows = self.rows()
        self.assertEqual(list(rows), list(BY_KIND))
        for kind in set(KINDS.values()) | {"money"}:
            requests = found[kind]
            records = self.listed(rows[kind])
            if kind == "to_send":
                records = records.l10n_fr_sap_request_ids.filtered(
                    lambda each: each.state == "to_send"
                )
            self.assertEqual(records, requests, kind)
        self.check_lists(rows)
        self.assertEqual(rows["not_activated"].count, 1)
        self.assertEqual((rows["bank"].count, rows["bank"].amount), (1, 44))
        day = format_date(self.env, "2026-11-03")
        self.assertIn(day, rows["bank"].note)
        self.assertEqual(rows["received"].amount, 20 * len(found["received"]))

    def test_what_is_settled_is_not_to_be_fixed_any_more(self):
        moves = self.create_invoices(4)
        for move, state in zip(
            moves, ("error", "refused", "cancelled_unpaid", "error"), strict=True
        ):
            self.create_request(move, state)
        rows = self.rows()
        counts = [rows[kind].count for kind in ("to_fix", "refused", "unpaid")]
        self.assertEqual(counts, [2, 1, 1])
        moves[0].l10n_fr_sap_paid_directly = True
        for move in moves[1:3]:
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=move.ids
            ).create({})._create_payments()
        moves[3].button_draft()
        rows = self.rows()
        counts = [rows[kind].count for kind in ("to_fix", "refused", "unpaid")]
        self.assertEqual(counts, [0, 0, 0])

    def test_invoices_are_to_send_until_they_were(self):
        self.activate()
        moves = self.create_invoices(6)
        late = moves[0]
        late.l10n_fr_sap_date_from = late.l10n_fr_sap_date_to = TODAY - timedelta(16)
        moves[1].l10n_fr_sap_date_from = TODAY - timedelta(15)
        moves[1].l10n_fr_sap_date_to = TODAY - timedelta(15)
        self.create_request(moves[2], "integrated")
        self.create_request(moves[3], "refused")
        self.create_request(moves[4], "cancelled")
        # Another platform's refusals are nothing to this one.
        self.create_request(moves[5], "refused", environment="production")
        row = self.rows()["to_send"]
        self.assertEqual(self.listed(row), moves[:2] | moves[5])
        self.assertEqual(self.listed(row, "action_open_urgent"), late)
        self.assertEqual((row.urgent, row.level), (1, "warning"))
        self.assertIn("1 with services older", row.note)

    def test_those_that_cannot_be_sent_yet_are_told_of(self):
        """With the ready ones they are all that nobody has sent."""
        self.activate()
        ready = self.create_invoices(2)
        [blocked] = self.create_invoices(1)
        blocked.payment_state = "blocked"
        draft = self.create_invoices(1)
        draft.button_draft()
        states_of = {}
        for number, state in enumerate(("pending", "blocked", "unregistered")):
            partner = self.create_particulier(f"Paul Moreau{number}")
            if state != "unregistered":
                self.env["l10n_fr_sap.registration"].sudo().create(
                    {
                        "partner_id": partner.id,
                        "company_id": self.env.company.id,
                        "environment": "test",
                        "state": state,
                    }
                )
            states_of[state] = self.create_invoices(1, partner_id=partner.id)
        elsewhere = self.create_particulier("Paul Ailleurs")
        self.env["l10n_fr_sap.registration"].sudo().create(
            {
                "partner_id": elsewhere.id,
                "company_id": self.env.company.id,
                "environment": "production",
                "state": "active",
            }
        )
        other = self.create_invoices(1, partner_id=elsewhere.id)
        # None of these: excluded, paid directly, cancelled, sent, paid, no private one.
        excluded = self.create_particulier("Paul Exclu")
        excluded.l10n_fr_sap_exclusion = "apa"
        self.create_invoices(1, partner_id=excluded.id)
        partner = states_of["pending"].partner_id
        direct, cancelled, sent, refused, paid = self.create_invoices(
            5, partner_id=partner.id
        )
        direct.l10n_fr_sap_paid_directly = True
        cancelled.button_draft()
        cancelled.button_cancel()
        self.create_request(sent, "integrated")
        self.create_request(refused, "refused")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=paid.ids
        ).create({})._create_payments()
        self.create_invoices(1, partner_id=self.env.company.partner_id.id)
        rows = self.rows()
        self.check_lists(rows)
        row = rows["to_send"]
        self.assertEqual(self.listed(row), ready)
        expected = blocked | draft | other
        expected = expected.union(*states_of.values())
        self.assertEqual(self.listed(row, "action_open_not_ready"), expected)
        self.assertEqual(row.not_ready_note, "6 cannot be sent yet")
        self.assertEqual(
            self.card(self.user)["to_send"]["not_ready"], row.not_ready_note
        )
        self.assertFalse(
            any(rows[kind].not_ready_note for kind in set(rows) - {"to_send"})
        )

    def test_a_company_of_another_environment_sees_that_one(self):
        moves = self.create_invoices(2)
        for move, environment in zip(moves, ("test", "production"), strict=True):
            self.create_request(move, "refused", environment=environment)
        self.assertEqual(self.listed(self.rows()["refused"]).move_id, moves[0])
        self.env.company.l10n_fr_sap_environment = "production"
        self.assertEqual(self.listed(self.rows()["refused"]).move_id, moves[1])

    def test_companies_and_branches(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        self.cr.precommit.run()  # loads the branch's chart
        self.env.user.company_ids |= branch
        move = self.create_invoices(1)
        self.create_request(move, "refused")
        row = self.rows()["refused"]
        self.assertEqual((row.count, row.company_id), (1, self.env.company))
        # Whoever works for the branch alone sees its own, of which there is none.
        user = new_test_user(
            self.env,
            "branch",
            "account.group_account_invoice",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        rows = self.rows(user)
        self.assertEqual(list(rows), list(BY_KIND))
        self.assertEqual(rows["refused"].count, 0)
        self.check_lists(rows)
        # Another company sees nothing of it, nor may it open the row.
        other = self.env["res.company"].create({"name": "Other"})
        user = new_test_user(
            self.env,
            "neighbour",
            "account.group_account_invoice",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertEqual(self.rows(user)["refused"].count, 0)
        self.assertFalse(row.with_user(user).exists())

    def test_whose_requests_a_branch_and_its_parent_see(self):
        """Whichever way the record rule takes."""
        parent = self.env.company
        first, second = self.env["res.company"].create(
            [{"name": name, "parent_id": parent.id} for name in ("First", "Second")]
        )
        self.cr.precommit.run()  # loads the branches' charts
        family = parent | first | second
        self.env.user.company_ids |= family
        # Odoo lets a branch's entries stand in its parent's journal.
        moves = self.create_invoices(3)
        for move, company in zip(moves, family, strict=True):
            self.create_request(move, "refused")
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE account_move SET company_id = %s WHERE id = %s",
                (company.id, move.id),
            )
        self.env.invalidate_all()
        requests = moves.l10n_fr_sap_request_ids
        self.assertEqual(requests.company_id, parent)
        user = new_test_user(self.env, "some", "account.group_account_invoice")
        user.company_ids = family
        for companies in (
            parent,
            first,
            second,
            parent | first,
            first | second,
            family,
        ):
            seen = self.env[REQUESTS].with_user(user)
            seen = seen.with_context(allowed_company_ids=companies.ids)
            found = seen.search([("id", "in", requests.ids)])
            self.assertEqual(found.move_id.sudo().company_id, companies)
        # One more, which the user does not work for: the rest stays as it was.
        self.env["res.company"].create({"name": "Third", "parent_id": parent.id})
        found = self.env[REQUESTS].with_user(user)
        found = found.with_context(allowed_company_ids=family.ids)
        self.assertEqual(found.search([("id", "in", requests.ids)]), requests)

    def card(self, user):
        journal = self.env.company.l10n_fr_sap_journal_id.with_user(user)
        return json.loads(journal.kanban_dashboard).get("l10n_fr_sap_figures")

    def test_the_card_says_the_same(self):
        self.activate()
        self.make_requests()
        rows = self.rows()
        card = self.card(self.user)
        self.assertEqual(list(card), list(BY_KIND))
        for kind, row in rows.items():
            self.assertEqual(card[kind]["count"], row.count, kind)
            self.assertEqual(bool(card[kind]["amount"]), row.has_amount, kind)
        journal = self.env.company.l10n_fr_sap_journal_id.with_user(self.user)
        action = journal.with_context(
            l10n_fr_sap_kind="refused"
        ).action_l10n_fr_sap_figure()
        self.assertEqual(action["domain"], rows["refused"].action_open()["domain"])
        # No other card shows them.
        others = self.env["account.journal"].with_user(self.user).search([]) - journal
        for other in others:
            data = json.loads(other.kanban_dashboard)
            self.assertNotIn("l10n_fr_sap_figures", data)

    def test_the_card_takes_three_queries(self):
        self.create_request(self.create_invoices(1), "refused")
        # The web client says in which language.
        journals = self.env["account.journal"].with_context(lang="en_US")
        journals = journals.with_user(self.user).search([])
        made = []
        for shown in (False, True):
            self.env.company.l10n_fr_sap_journal_id = (
                shown and journals.filtered(lambda each: each.type == "general")[:1]
            )
            self.env.invalidate_all()
            journals.mapped("kanban_dashboard")  # Odoo's own caches
            with self.queries() as queries:
                self.assertEqual(
                    "l10n_fr_sap_figures"
                    in "".join(journals.mapped("kanban_dashboard")),
                    shown,
                )
            made.append(queries)
        without, shown = made
        ours = [query for query in shown if query not in without]
        self.assertLessEqual(len(shown) - len(without), 3, ours)

    def test_who_may_not_sees_nothing(self):
        move = self.create_invoices(1)
        self.create_request(move, "refused")
        row = self.rows()["refused"]
        auditor = new_test_user(
            self.env, "auditor", "base.group_user,account.group_account_readonly"
        )
        self.assertIsNone(self.card(auditor))
        for call in (
            row.with_user(auditor).action_open,
            row.with_user(auditor).action_open_urgent,
            row.with_user(auditor).action_open_not_ready,
            lambda: row.with_user(auditor).search([]),
            self.env.company.l10n_fr_sap_journal_id.with_user(
                auditor
            ).action_l10n_fr_sap_figure,
        ):
            with self.assertRaises(AccessError):
                call()
        # Whoever may not read invoices is not told how many there are.
        clerk = new_test_user(self.env, "clerk", "l10n_fr_urssaf_sap.group_user")
        rows = self.rows(clerk)
        self.assertEqual(
            set(BY_KIND) - set(rows), {"to_fix", "refused", "unpaid", "to_send", "bank"}
        )
        self.check_lists(rows)

    def test_the_boards_of_payment_requests_open(self):
        moves = self.create_invoices(3)
        notified = fields.Datetime.to_datetime("2026-11-16 23:30:00")
        waiting = self.create_request(
            moves[0], "awaiting_validation", notified_at=notified, sent_at=NOW
        )
        paid = self.create_request(moves[1], "paid", sent_at=NOW, **PAID)
        self.create_request(moves[2], "validated", sent_at=NOW)
        requests = self.env[REQUESTS].with_user(self.user)
        views = requests.get_views(
            [(False, kind) for kind in ("kanban", "pivot", "graph", "calendar")]
        )
        self.assertEqual(len(views["views"]), 4)
        sums = ["amount_total:sum", "currency_id:array_agg_distinct"]
        [group] = requests.formatted_read_group([("id", "=", paid.id)], [], sums)
        euro = self.env.ref("base.EUR")
        self.assertEqual(group["currency_id:array_agg_distinct"], euro.ids)
        described = requests.fields_get(["amount_total"], ["aggregator"])
        self.assertEqual(described["amount_total"]["aggregator"], "sum")
        # In Paris it is the 19th by then.
        tacit = TODAY + timedelta(days=1)
        self.assertEqual(waiting.agenda_date, tacit)
        self.assertEqual(paid.agenda_date, TODAY)
        for first, last, found in (
            (TODAY, TODAY, paid),
            (tacit, tacit, waiting),
            (TODAY, tacit, paid | waiting),
            (tacit + timedelta(1), tacit + timedelta(9), requests),
        ):
            domain = [
                ("agenda_date", "<=", str(last)),
                ("agenda_date", ">=", str(first)),
                ("move_id", "in", moves.ids),
            ]
            self.assertEqual(requests.search(domain), found)
        same = [("agenda_date", "=", TODAY), ("move_id", "in", moves.ids)]
        self.assertEqual(requests.search(same), paid)
