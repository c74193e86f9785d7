# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from psycopg2.errors import UniqueViolation
from sap_common import SapCase

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"


@tagged("post_install", "-at_install")
class TestSettle(SapCase):
    """What becomes of calls whose answer was lost."""

    def setUp(self):
        super().setUp()
        self.activate()
        self.move = self.create_invoice()

    def test_an_answer_lost_after_the_work_is_adopted_not_sent_again(self):
        with self.lost_answers("M050"):
            self.press(self.move, SEND)
        self.assertEqual(self.move.l10n_fr_sap_status, "sending")
        # Before the lease is over nobody touches it.
        self.run_cron("ir_cron_send")
        self.assertEqual(self.move.l10n_fr_sap_status, "sending")
        self.set_lease(0)
        self.run_cron("ir_cron_send")
        self.assertEqual(self.move.l10n_fr_sap_status, "integrated")
        self.assertEqual(len(self.calls("M050")), 1)
        self.assertEqual(list(self.urssaf_requests()), [self.move.name])

    def test_a_refresh_by_hand_settles_too(self):
        with self.lost_answers("M050"):
            self.press(self.move, SEND)
        self.set_lease(0)
        self.press(self.move, REFRESH)
        self.assertEqual(self.move.l10n_fr_sap_status, "integrated")

    def test_a_call_that_never_arrived_is_made_again_under_the_same_number(self):
        with self.lost_answers("M050"):
            self.press(self.move, SEND)
        request = self.move.l10n_fr_sap_request_id
        # The Urssaf forgets it: as if the call had been lost on the way.
        self.control("reset")
        self.partner.sudo().l10n_fr_sap_registration_ids.unlink()
        self.activate()
        self.set_lease(0)
        self.run_cron("ir_cron_send")
        self.assertEqual(request.state, "integrated")
        self.assertEqual(list(self.urssaf_requests()), [self.move.name])

    def test_our_own_double_is_adopted(self):
        self.press(self.move, SEND)
        request = self.move.l10n_fr_sap_request_id
        known = request.urssaf_id
        request.sudo().write({"state": "to_send", "urssaf_id": False})
        self.run_cron("ir_cron_send")
        self.assertEqual((request.state, request.urssaf_id), ("integrated", known))

    def test_a_number_used_for_something_else_is_not_adopted(self):
        self.press(self.move, SEND)
        request = self.move.l10n_fr_sap_request_id
        request.sudo().write({"state": "to_send", "urssaf_id": False})
        self.move.l10n_fr_sap_date_from += timedelta(days=1)
        self.run_cron("ir_cron_send")
        self.assertEqual(request.state, "error")
        self.assertIn("already holds another payment request", request.error)

    def test_a_queued_request_is_sent_by_the_scheduled_action_or_withdrawn(self):
        other = self.create_invoice()
        for move in (self.move, other):
            move.sudo()._l10n_fr_sap_queue()
        self.press(other.l10n_fr_sap_request_id, "action_withdraw")
        self.assertFalse(other.l10n_fr_sap_request_id)
        self.run_cron("ir_cron_send")
        self.assertEqual(self.move.l10n_fr_sap_status, "integrated")
        self.assertEqual(list(self.urssaf_requests()), [self.move.name])
        message = self.refuse(self.move.l10n_fr_sap_request_id, "action_withdraw")
        self.assertIn("waits to be sent", message)

    def test_a_queued_invoice_that_became_bad_is_not_sent(self):
        self.move.sudo()._l10n_fr_sap_queue()
        self.move.l10n_fr_sap_date_to = False
        self.run_cron("ir_cron_send")
        request = self.move.l10n_fr_sap_request_id
        self.assertEqual(request.state, "error")
        self.assertIn("Services To is missing", request.error)
        self.assertEqual(self.calls("M050"), [])

    def test_what_happened_to_a_queued_invoice_is_minded(self):
        paid, draft = self.create_invoice(), self.create_invoice()
        for move in (paid, draft):
            move.sudo()._l10n_fr_sap_queue()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=paid.ids
        ).create({}).action_create_payments()
        draft.button_draft()
        self.assertFalse(draft.l10n_fr_sap_request_ids)
        self.run_cron("ir_cron_send")
        self.assertEqual(paid.l10n_fr_sap_status, "error")
        self.assertIn("Paid already", paid.l10n_fr_sap_request_id.error)
        self.assertEqual(self.calls("M050"), [])

    def test_an_invoice_never_sent_can_be_deleted_one_sent_cannot(self):
        unsent = self.create_invoice()
        unsent.sudo()._l10n_fr_sap_queue()
        unsent.button_draft()
        unsent.unlink()
        self.press(self.move, SEND)
        request = self.move.l10n_fr_sap_request_id
        self.control(f"demandes/{request.urssaf_id}", {"statut": "110"})
        self.press(self.move, REFRESH)
        self.move.button_draft()
        with self.assertRaisesRegex(UserError, "please cancel it"):
            self.move.unlink()

    def test_an_urssaf_out_of_reach_leaves_the_queue_as_it_is(self):
        self.move.sudo()._l10n_fr_sap_queue()
        self.switch_off()
        self.run_cron("ir_cron_send")
        self.assertEqual(self.move.l10n_fr_sap_status, "to_send")

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_second_live_request_and_a_number_used_twice(self):
        self.press(self.move, SEND)
        request = self.move.l10n_fr_sap_request_id
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            request.sudo().copy({"number": "another"}).flush_recordset()
        other = self.create_invoice()
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            request.sudo().copy({"move_id": other.id}).flush_recordset()
