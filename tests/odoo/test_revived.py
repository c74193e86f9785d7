# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What comes to life again, or may be at the Urssaf though nobody knows: never two requests
for one service, none that is forgotten."""

import runpy
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from meanwhile_common import REFRESH, SEND, MeanwhileCase

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.l10n_fr_urssaf_sap.protocol import sending
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api import transport

from tools import canaries

MIGRATION = str(
    Path(__file__).parents[2]
    / "l10n_fr_urssaf_sap/migrations/19.0.1.3.0/post-migration.py"
)


@tagged("post_install", "-at_install")
class TestRevived(MeanwhileCase):
    def setUp(self):
        super().setUp()
        self.patch(transport, "BACKOFF", 0)

    # Helpers

    def held(self):
        return self.urssaf_state()["demandes"]

    def clear(self):
        self.app.extensions["faults"].clear()

    def attempt(self, records, button):
        """Press without undoing what was committed before a UserError."""
        try:
            return self.press(records, button)
        except UserError as error:
            return f"refused: {error}"
        finally:
            self.env.invalidate_all()

    def other_access(self):
        """An administrator types another client id; the customer is registered anew."""
        self.give_access(self.env.company, "other")
        self.partner.sudo().l10n_fr_sap_registration_ids.unlink()
        self.activate()

    def migrate(self, step):
        runpy.run_path(MIGRATION)[step](self.env.cr)
        self.env.invalidate_all()

    def take_back(self):
        """Its answer is lost, and it is withdrawn before the Urssaf tells of it."""
        request = self.lose_and_wait()
        with self.lagging():
            self.press(request, "action_withdraw")
        self.env.invalidate_all()
        return request

    def take_back_and_change(self):
        request = self.take_back()
        self.clear()
        self.move.button_draft()
        self.move.invoice_line_ids.quantity = 6
        self.move.action_post()
        return request

    def days_pass(self, requests, days=2):
        for request in requests.sudo():
            if request.sent_at:
                request.sent_at -= timedelta(days=days)
            if request.refreshed_at:
                request.refreshed_at -= timedelta(days=days)
            if request.freed_at:
                request.freed_at -= timedelta(days=days)
        for _round in range(2):
            self.run_cron("ir_cron_send")
            self.run_cron("ir_cron_refresh_requests")
        self.env.invalidate_all()

    def send_and_refuse(self):
        self.press(self.move, SEND)
        urssaf_id = self.move.l10n_fr_sap_request_id.urssaf_id
        self.control(f"demandes/{urssaf_id}", {"statut": "40"})
        self.press(self.move, REFRESH)
        return urssaf_id

    # Two live requests

    def test_another_access_while_it_waits_after_a_lost_answer(self):
        self.go_into_production()
        self.lose_and_wait()
        self.clear()
        self.other_access()
        self.run_cron("ir_cron_send")
        self.assertEqual(
            [each["numFactureTiers"] for each in self.held()], [self.move.name]
        )

    def test_withdrawn_by_asking_with_another_access(self):
        request = self.lose_and_wait()
        self.clear()
        self.other_access()
        self.attempt(request, "action_withdraw")
        self.assertTrue(self.move.l10n_fr_sap_live, "freed")

    def test_refused_then_cancelled_in_odoo_then_alive(self):
        urssaf_id = self.send_and_refuse()
        self.move.button_draft()
        self.move.button_cancel()
        new = self.create_invoice()
        self.press(new, SEND)
        self.control(f"demandes/{urssaf_id}", {"statut": "50"})
        self.days_pass(self.move.l10n_fr_sap_request_ids)
        self.assertEqual(self.move.l10n_fr_sap_status, "debited")

    def test_sent_again_though_the_earlier_could_not_be_asked(self):
        for fault in ("500_empty", "400_empty"):
            with self.subTest(fault):
                self.move = self.create_invoice()
                before = len(self.held())
                urssaf_id = self.send_and_refuse()
                self.control(f"demandes/{urssaf_id}", {"statut": "50"})
                self.app.extensions["faults"].arm("M070", fault, times=99)
                said = self.attempt(self.move, SEND)
                self.clear()
                self.assertEqual(len(self.held()) - before, 1, f"{fault}: {said}")

    # A lost one

    def test_an_obstacle_after_a_lost_answer(self):
        request = self.lose_and_wait()
        self.clear()
        registration = self.partner.sudo().l10n_fr_sap_registration_ids
        registration.state = "blocked"
        self.run_cron("ir_cron_send")
        registration.state = "active"
        for _day in range(3):
            self.days_pass(request)
        refreshed = self.attempt(self.move, REFRESH)
        self.assertEqual(
            (request.state, len(self.held())), ("integrated", 1), refreshed
        )

    def test_a_moment_in_test_after_a_lost_answer(self):
        self.go_into_production()
        request = self.lose_and_wait()
        request.sudo().queued_uid = self.env.uid  # one of a hundred
        self.clear()
        self.to("test")
        self.run_cron("ir_cron_send")
        self.to("production")
        for _day in range(3):
            self.days_pass(request)
        self.assertEqual(request.state, "integrated")

    def test_a_withdrawn_one_that_could_not_be_sent_again(self):
        request = self.take_back()
        self.assertTrue(request.freed_at)
        said = self.attempt(self.move, SEND)  # still 429
        self.assertEqual(request.state, "error")
        self.clear()
        for _day in range(3):
            self.days_pass(request)
        self.assertEqual((request.freed_at, request.state), (False, "integrated"), said)

    # Books

    def test_a_foreign_number_and_an_urssaf_that_lags(self):
        self.press(self.move, SEND)
        request = self.move.sudo().l10n_fr_sap_request_id
        request.write({"state": "to_send", "urssaf_id": False, "sent_at": False})
        self.set_lease(0)
        with self.lagging():
            self.run_cron("ir_cron_send")
            self.run_cron("ir_cron_send")
        with self.told_otherwise(mntFactureTTC=1, idClient="another"):
            self.run_cron("ir_cron_send")
        self.env.invalidate_all()
        self.assertEqual(request.state, "error")

    def test_a_draft_that_comes_to_life(self):
        request = self.take_back()
        self.clear()
        self.move.button_draft()
        self.days_pass(request)
        self.assertEqual(request.state, "integrated")
        self.assertTrue(self.move.l10n_fr_sap_live)
        with self.assertRaises(UserError), self.cr.savepoint():
            self.move.invoice_line_ids.quantity = 6
            self.move.action_post()

    def test_one_changed_before_it_comes_to_life_is_told_of(self):
        request = self.take_back_and_change()
        self.days_pass(request)
        self.assertEqual(request.state, "integrated")
        notes = " ".join(map(str, self.to_check(self.move).mapped("note")))
        self.assertIn("amount", notes)

    # Personal data

    def test_the_body_in_the_server_s_log(self):
        other = self.create_invoice()
        self.press(other, SEND)
        self.move.sudo()._l10n_fr_sap_queue()
        self.env.flush_all()
        # Another company with the same access, in a transaction that this one cannot see.
        self.env.cr.execute(
            "UPDATE l10n_fr_sap_payment_request SET number = 'X/1' WHERE id = %s",
            [other.l10n_fr_sap_request_id.id],
        )
        self.env.cr.execute(
            "UPDATE account_move SET name = 'X/1' WHERE id = %s", [self.move.id]
        )
        self.env.invalidate_all()
        with (
            patch.object(sending, "number_holders", lambda _preparations: {}),
            self.assertLogs("odoo", "WARNING") as logs,
        ):
            self.run_cron("ir_cron_send")
        text = "\n".join(logs.output)
        birth = str(canaries.BIRTH_DATE)
        self.assertNotIn(birth, text)

    def test_a_refusal_after_a_lost_answer_frees_unasked(self):
        request = self.lose_and_wait()
        self.clear()
        self.app.extensions["faults"].arm("M050", "unknown_error")
        self.run_cron("ir_cron_send")  # M070 would tell of it by now
        self.env.invalidate_all()
        self.assertEqual(request.state, "error")
        try:
            self.move.button_draft()
            self.move.button_cancel()
        except UserError:
            return
        new = self.create_invoice()
        self.press(new, SEND)
        self.assertEqual(
            [each["numFactureTiers"] for each in self.held()], [self.move.name]
        )

    def test_another_access_holds_another_s_request_under_its_number(self):
        self.lose_answer()
        self.other_access()
        theirs = self.invoice_of(self.create_sister("other"))
        theirs.name = self.move.name
        self.press(theirs, SEND)
        self.env.invalidate_all()
        text = theirs.sudo()._l10n_fr_sap_obstacle_text()
        self.assertEqual(theirs.l10n_fr_sap_status, "integrated", text)
        self.settle()
        self.env.invalidate_all()
        self.assertTrue(self.move.l10n_fr_sap_live, self.move.l10n_fr_sap_status)

    def test_refused_under_another_access_and_alive_there(self):
        urssaf_id = self.send_and_refuse()
        self.other_access()
        self.control(f"demandes/{urssaf_id}", {"statut": "50"})
        said = self.attempt(self.move, SEND)
        self.assertEqual(len(self.held()), 1, said)

    def test_migration_leaves_the_live_one_without_access(self):
        """In 1.2.0 two companies with one access may have such a pair (within a company,
        its index forbade it; the statement makes no difference between the two)."""
        refused = self.move
        self.app.extensions["faults"].arm("M050", "unknown_error")
        self.press(refused, SEND)
        live = self.create_invoice()
        self.press(live, SEND)
        requests = (refused | live).sudo().l10n_fr_sap_request_ids
        live_request = live.sudo().l10n_fr_sap_request_id
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE l10n_fr_sap_payment_request SET access = NULL, number = %s"
            " WHERE id IN %s",
            [live_request.number, tuple(requests.ids)],
        )
        self.assertEqual(set(requests.mapped("state")), {"error", "integrated"})
        self.migrate("_keep_access")
        self.assertEqual(live_request.access, "test")

    def test_a_refused_one_in_draft_comes_to_life_and_is_changed(self):
        urssaf_id = self.send_and_refuse()
        self.move.button_draft()
        self.control(f"demandes/{urssaf_id}", {"statut": "50"})
        self.press(self.move, REFRESH)
        self.env.invalidate_all()
        self.assertTrue(self.move.l10n_fr_sap_live)
        with self.assertRaises(UserError), self.cr.savepoint():
            self.move.invoice_line_ids.quantity = 6
            self.move.action_post()

    def test_withdrawn_late_is_watched_for_some_time_still(self):
        """The 30 days count from the sending, not from the withdrawal."""
        request = self.lose_and_wait()
        registration = self.partner.sudo().l10n_fr_sap_registration_ids
        registration.state = "blocked"
        self.run_cron("ir_cron_send")
        self.assertEqual(request.state, "error")
        request.sudo().sent_at -= timedelta(days=40)
        with self.lagging():
            self.press(request, "action_withdraw")
            self.env.invalidate_all()
            self.assertTrue(request.freed_at)
            self.run_cron("ir_cron_send")
        self.days_pass(request)
        self.assertEqual(request.state, "integrated")

    def test_a_lost_production_one_and_the_company_leaves_unasked(self):
        self.go_into_production()
        self.lose_and_wait()
        with self.assertRaisesRegex(UserError, "not over yet"), self.cr.savepoint():
            self.env.company.l10n_fr_sap_environment = "test"

    def test_the_queued_next_one_of_a_request_that_lives_again(self):
        urssaf_id = self.send_and_refuse()
        first = self.move.l10n_fr_sap_request_id
        self.move.sudo()._l10n_fr_sap_queue()
        self.control(f"demandes/{urssaf_id}", {"statut": "50"})
        self.run_cron("ir_cron_send")
        self.env.invalidate_all()
        self.control(f"demandes/{urssaf_id}", {"statut": "70"})
        self.days_pass(first)
        self.assertEqual(first.state, "paid")
        second = self.move.l10n_fr_sap_request_ids - first
        said = [
            self.attempt(self.move, REFRESH),
            self.attempt(second, "action_withdraw"),
            self.attempt(self.move, "button_draft"),
            self.listed(self.move, SEND),
        ]
        self.assertEqual(self.move.l10n_fr_sap_status, "paid", said)

    def test_a_lost_one_of_version_1_2_is_withdrawn_unasked(self):
        request = self.lose_and_wait()
        # 1.2.0: _set_lost, then a 429: _set_to_send took sent_at away.
        request.sudo().write({"sent_at": False, "sent_body": False, "access": False})
        self.env.flush_all()
        self.clear()
        self.migrate("_keep_lost")
        self.attempt(request, "action_withdraw")
        self.assertEqual(len(self.held()), 1)
        self.assertTrue(self.move.l10n_fr_sap_live, self.move.l10n_fr_sap_request_ids)

    def test_one_changed_before_it_goes_again_is_stuck_with_other_books(self):
        """Withdrawn, changed, sent again under its number: the Urssaf has what was sent
        first."""
        request = self.take_back_and_change()
        self.press(self.move, SEND)
        self.env.invalidate_all()
        self.assertEqual(len(self.held()), 1)
        self.assertEqual(request.state, "integrated")
        notes = " ".join(map(str, self.to_check(self.move).mapped("note")))
        self.assertIn("the amount", notes)  # told of: holds
        gross = self.urssaf_requests()[request.number]["mntFactureTTC"]
        self.assertEqual(float(gross), request.amount_total)
