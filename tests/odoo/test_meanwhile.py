# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whatever changes while a call is under way, there is one request for one service."""

from datetime import timedelta

from meanwhile_common import REFRESH, SEND, MeanwhileCase

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged


@tagged("post_install", "-at_install")
class TestWhatWasSent(MeanwhileCase):
    """A lost answer is compared with what was sent, not with today's data."""

    def test_what_is_sent_is_kept_until_the_urssaf_has_answered(self):
        self.lose_answer()
        request = self.move.sudo().l10n_fr_sap_request_id
        self.assertIn(self.move.name, request.sent_body)
        self.settle()
        self.assertFalse(request.sent_body)
        self.check_one_request(self.move)

    def test_the_customer_s_id_changes_meanwhile(self):
        self.lose_answer()
        registration = self.partner.sudo().l10n_fr_sap_registration_ids
        registration.urssaf_id = "af0be430-908a-11eb-a8b3-0242ac130003"
        self.settle()
        self.assertEqual(self.move.l10n_fr_sap_status, "integrated")
        self.check_one_request(self.move)
        self.assertFalse(self.to_check(self.move))

    def test_the_contact_gets_a_parent_meanwhile(self):
        self.lose_answer()
        parent = self.env["res.partner"].create({"name": "SARL", "is_company": True})
        # As before this was refused.
        self.env.cr.execute(
            "UPDATE account_move SET commercial_partner_id = %s WHERE id = %s",
            [parent.id, self.move.id],
        )
        self.env.invalidate_all()
        self.settle()
        self.check_one_request(self.move)
        self.check_held(self.move)

    def test_a_branch_gets_credentials_meanwhile(self):
        move = self.branch_invoice()
        self.lose_answer(move)
        self.give_access(move.company_id, "other")
        self.check_held(move)
        self.settle()
        self.check_one_request(move)

    def test_days_are_told_as_midnight_of_paris(self):
        self.lose_answer()
        eve = self.move.l10n_fr_sap_date_from - timedelta(days=1)
        last = self.move.l10n_fr_sap_date_to - timedelta(days=1)
        with self.told_otherwise(
            dateDebutEmploi=f"{eve}T23:00:00Z", dateFinEmploi=f"{last}T22:00:00.000Z"
        ):
            self.settle()
        self.check_one_request(self.move)
        self.assertFalse(self.to_check(self.move))

    def test_a_number_that_we_posted_is_live_whatever_differs(self):
        self.lose_answer()
        with self.told_otherwise(mntFactureTTC=1, idClient="another"):
            self.settle()
        self.check_one_request(self.move)
        self.check_held(self.move)
        note = self.to_check(self.move).note
        self.assertIn("the amount", note)
        self.assertIn("the customer", note)
        self.assertNotIn("the period", note)

    def test_a_number_held_before_we_posted_it_is_another_s(self):
        self.press(self.move, SEND)
        request = self.move.sudo().l10n_fr_sap_request_id
        request.write({"state": "to_send", "urssaf_id": False, "sent_at": False})
        with self.told_otherwise(mntFactureTTC=1):
            self.run_cron("ir_cron_send")
        self.assertEqual(request.state, "error")
        self.assertIn("already holds another payment request", request.error)
        self.assertFalse(self.move.l10n_fr_sap_live)


@tagged("post_install", "-at_install")
class TestEnvironment(MeanwhileCase):
    """A moment in test frees nothing that is live in production."""

    def setUp(self):
        super().setUp()
        self.go_into_production()
        self.press(self.move, SEND)

    def test_in_test_and_back_nothing_can_change(self):
        self.to("test")
        self.check_held(self.move)
        with self.assertRaises(UserError):
            self.move.invoice_line_ids.quantity = 6
        obstacles = self.move.sudo()._l10n_fr_sap_obstacle_text()
        self.assertIn("Already sent to the Urssaf", obstacles)
        ready = [("l10n_fr_sap_ready", "=", True)]
        self.assertNotIn(self.move, self.env["account.move"].search(ready))
        self.to("production")
        self.check_held(self.move)
        self.check_one_request(self.move)

    def test_leaving_with_open_requests_asks_first(self):
        for values in (
            {"l10n_fr_sap_environment": "test"},
            {"l10n_fr_sap_client_id": "other"},
            {"l10n_fr_sap_client_id": False},
        ):
            with self.assertRaisesRegex(UserError, r"not over yet \(1\)"):
                self.env.company.write(values)
        self.env.company.write({"l10n_fr_sap_environment": "production"})
        settings = self.env["res.config.settings"].with_user(
            self.create_administrator()
        )
        with Form(settings) as form:
            self.assertFalse(form.l10n_fr_sap_leave_notice)
            form.l10n_fr_sap_environment = "test"
            self.assertIn("not over yet: 1.", form.l10n_fr_sap_leave_notice)
            form.l10n_fr_sap_leave_production = True
        form.record.execute()
        self.assertEqual(self.env.company.l10n_fr_sap_environment, "test")

    def test_leaving_with_nothing_open_asks_nothing(self):
        urssaf_id = self.move.l10n_fr_sap_request_id.urssaf_id
        self.control(f"demandes/{urssaf_id}", {"statut": "70"})
        self.press(self.move, REFRESH)
        self.env.company.l10n_fr_sap_environment = "test"
        self.check_held(self.move)

    def test_production_is_shown_before_test(self):
        urssaf_id = self.move.l10n_fr_sap_request_id.urssaf_id
        self.control(f"demandes/{urssaf_id}", {"statut": "40"})
        self.press(self.move, REFRESH)
        self.to("test")
        self.control("reset")
        self.partner.sudo().l10n_fr_sap_registration_ids.unlink()
        self.activate()
        self.press(self.move, SEND)
        production, test = self.move.l10n_fr_sap_request_ids.sorted("id")
        self.assertEqual((production.state, test.state), ("refused", "integrated"))
        self.assertEqual(self.move.l10n_fr_sap_request_id, production)
        self.assertTrue(self.move.l10n_fr_sap_live)

    def test_a_lost_answer_of_production_holds_in_test_too(self):
        move = self.create_invoice()
        self.lose_answer(move)
        self.to("test")
        self.set_lease(0)
        self.run_cron("ir_cron_send")
        self.assertEqual(move.l10n_fr_sap_status, "sending")
        self.check_held(move)
        self.to("production")
        self.run_cron("ir_cron_send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")

    def test_a_branch_s_first_credentials_free_nothing(self):
        move = self.branch_invoice()
        self.press(move, SEND)
        self.give_access(move.company_id, "other")
        self.assertEqual(move.company_id.l10n_fr_sap_environment, "test")
        self.check_held(move)
        # Its parent goes on following it.
        self.control("advance")
        self.age(move.l10n_fr_sap_request_ids, hours=2)
        self.run_cron("ir_cron_refresh_requests")
        self.assertEqual(move.l10n_fr_sap_status, "awaiting_validation")


@tagged("post_install", "-at_install")
class TestNumbers(MeanwhileCase):
    def test_what_waits_to_be_sent_keeps_its_number(self):
        self.move.sudo()._l10n_fr_sap_queue()
        for values in ({"name": "NEW/2026/1"}, {"name": "/"}):
            with self.assertRaisesRegex(UserError, "under this number"):
                self.move.write(values)
        resequence = self.env["account.resequence.wizard"].with_context(
            active_model="account.move", active_ids=self.move.ids
        )
        with self.assertRaisesRegex(UserError, "under this number"):
            resequence.create({"first_name": "FAC/2026/00777"}).resequence()
        self.press(self.move.l10n_fr_sap_request_id, "action_withdraw")
        self.move.name = "NEW/2026/1"
        self.press(self.move, SEND)
        self.check_one_request(self.move)

    def test_the_number_is_taken_at_the_moment_of_sending(self):
        """Whoever changes it behind Odoo's back."""
        self.move.sudo()._l10n_fr_sap_queue()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET name = 'NEW/2026/1' WHERE id = %s", [self.move.id]
        )
        self.env.invalidate_all()
        self.run_cron("ir_cron_send")
        request = self.move.l10n_fr_sap_request_id
        self.assertEqual((request.state, request.number), ("integrated", "NEW/2026/1"))
        self.check_one_request(self.move)

    def test_refused_invoices_may_all_be_numbered_anew(self):
        moves = self.move | self.create_invoice() | self.create_invoice()
        self.app.extensions["faults"].arm("M050", "unknown_error")
        self.press(moves, SEND)
        self.assertEqual(set(moves.mapped("l10n_fr_sap_status")), {"error"})
        names = moves.mapped("name")
        wanted = [*names[1:], names[0]]
        for names in ([f"{name}-" for name in wanted], wanted):
            for move, name in zip(moves, names, strict=True):
                move.name = name
        self.press(moves, SEND)
        self.assertEqual(moves.l10n_fr_sap_request_id.mapped("number"), wanted)
        self.assertEqual(set(moves.mapped("l10n_fr_sap_status")), {"integrated"})
        self.assertEqual(sorted(self.urssaf_requests()), sorted(wanted))

    def test_a_refused_one_goes_under_its_new_number(self):
        move = self.create_invoice()
        self.app.extensions["faults"].arm("M050", "unknown_error")
        self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "error")
        move.name = "NEW/2026/2"
        self.press(move, SEND)
        self.check_one_request(move)

    def test_one_whose_answer_was_lost_keeps_its_number(self):
        self.lose_and_wait()
        self.check_held(self.move, "may be at the Urssaf")

    def test_two_companies_with_one_access_share_the_numbers(self):
        self.press(self.move, SEND)
        other = self.create_sister("test")
        move = self.invoice_of(other)
        move.name = self.move.name
        text = move.sudo()._l10n_fr_sap_obstacle_text()
        self.assertIn("already sent to the Urssaf for another invoice", text)
        # Even if it had come so far, before the database refused it.
        request = self.env["l10n_fr_sap.payment.request"].sudo()
        request = request.create(
            {
                "move_id": move.id,
                "company_id": other.id,
                "environment": "test",
                "partner_id": self.partner.id,
                "number": move.name,
                "access": False,
                "amount_total": move.amount_total,
            }
        )
        request.write({"state": "sending", "sent_at": fields.Datetime.now()})
        self.settle()
        self.assertEqual((request.state, request.urssaf_id), ("error", False))
        self.check_one_request(self.move)


@tagged("post_install", "-at_install")
class TestOddCases(MeanwhileCase):
    def test_an_invoice_that_is_being_sent_cannot_be_deleted(self):
        self.lose_answer()
        with self.assertRaisesRegex(UserError, "cannot be (deleted|changed)"):
            self.move.with_context(force_delete=True).unlink()

    def test_an_urssaf_that_lags_behind_loses_and_doubles_nothing(self):
        self.lose_answer()
        with self.lagging():
            self.settle()
            self.run_cron("ir_cron_send")
        # Sent again under its number, which the Urssaf turns out to hold.
        self.run_cron("ir_cron_send")
        self.check_one_request(self.move)

    def test_withdrawing_asks_the_urssaf_once_more(self):
        request = self.lose_and_wait()
        self.assertTrue(request.can_withdraw)
        # Odoo's assertRaises would undo what the button commits before it raises.
        try:
            self.press(request, "action_withdraw")
        except UserError as error:
            message = str(error)
        self.assertIn("Not withdrawn", message)
        self.env.invalidate_all()
        self.check_one_request(self.move)

    def test_one_withdrawn_that_turns_up_all_the_same_is_told_of(self):
        request = self.lose_and_wait()
        with self.lagging():
            self.press(request, "action_withdraw")
        self.assertFalse(self.move.l10n_fr_sap_live)
        self.assertIn("Withdrawn", request.error)
        self.move.button_draft()
        self.move.button_cancel()
        request.sudo().freed_at -= timedelta(days=2)
        self.age(request, hours=25)
        self.run_cron("ir_cron_send")
        self.assertEqual(request.state, "integrated")
        self.assertTrue(self.move.l10n_fr_sap_live)
        self.assertIn("is at the Urssaf again", self.to_check(self.move).note)

    def test_one_withdrawn_goes_again_under_the_same_number(self):
        request = self.lose_and_wait()
        with self.lagging():
            self.press(request, "action_withdraw")
        self.app.extensions["faults"].clear()
        self.press(self.move, SEND)
        self.assertEqual(self.move.l10n_fr_sap_request_ids, request)
        self.check_one_request(self.move)

    def test_a_refused_one_that_lives_again_is_not_sent_a_second_time(self):
        self.press(self.move, SEND)
        urssaf_id = self.move.l10n_fr_sap_request_id.urssaf_id
        self.control(f"demandes/{urssaf_id}", {"statut": "40"})
        self.press(self.move, REFRESH)
        self.control(f"demandes/{urssaf_id}", {"statut": "50"})
        self.press(self.move, SEND)
        self.check_one_request(self.move)
        self.assertEqual(self.move.l10n_fr_sap_status, "debited")

    def test_nor_by_the_scheduled_action(self):
        self.press(self.move, SEND)
        urssaf_id = self.move.l10n_fr_sap_request_id.urssaf_id
        self.control(f"demandes/{urssaf_id}", {"statut": "40"})
        self.press(self.move, REFRESH)
        self.move.sudo()._l10n_fr_sap_queue()
        self.control(f"demandes/{urssaf_id}", {"statut": "50"})
        self.run_cron("ir_cron_send")
        self.check_one_request(self.move)
        self.assertEqual(self.move.l10n_fr_sap_status, "debited")

    def test_one_that_lives_again_after_the_next_was_sent_is_told_of(self):
        self.press(self.move, SEND)
        first = self.move.l10n_fr_sap_request_id
        self.control(f"demandes/{first.urssaf_id}", {"statut": "40"})
        self.press(self.move, REFRESH)
        self.press(self.move, SEND)
        self.assertEqual(len(self.urssaf_requests()), 2)
        self.control(f"demandes/{first.urssaf_id}", {"statut": "50"})
        first.sudo().sent_at -= timedelta(days=2)
        self.age(first, hours=25)
        self.run_cron("ir_cron_refresh_requests")
        self.assertEqual(first.state, "debited")
        self.assertIn("is at the Urssaf again", self.to_check(self.move).note)
        # It is not watched for ever.
        first.sudo().write({"state": "refused", "sent_at": "2026-01-01 00:00:00"})
        self.assertFalse(first.check_after)

    def test_one_id_for_two_numbers_is_believed_of_neither(self):
        other = self.create_invoice()

        def same_id(answer):
            for output in answer.body:
                output["idDemandePaiement"] = "same"
            return answer

        with self.intercepted("M050", same_id):
            self.press(self.move | other, SEND)
        states = set((self.move | other).mapped("l10n_fr_sap_status"))
        self.assertEqual(states, {"sending"})
        self.settle()
        held = self.urssaf_requests()
        for move in self.move | other:
            urssaf_id = move.l10n_fr_sap_request_id.urssaf_id
            self.assertEqual(urssaf_id, held[move.name]["idDemandePaiement"])

    def test_the_id_of_an_earlier_request_is_not_believed(self):
        self.press(self.move, SEND)
        known = self.move.l10n_fr_sap_request_id.urssaf_id
        other = self.create_invoice()

        def same_id(answer):
            for output in answer.body:
                output["idDemandePaiement"] = known
            return answer

        with self.intercepted("M050", same_id):
            self.press(other, SEND)
        self.assertEqual(other.l10n_fr_sap_status, "sending")
        self.settle()
        self.assertEqual(other.l10n_fr_sap_status, "integrated")
        self.assertNotEqual(other.l10n_fr_sap_request_id.urssaf_id, known)

    def test_an_answer_that_names_a_number_twice(self):
        def twice(answer):
            error = {"code": "ERR_TECHNIQUE", "message": "Erreur"}
            [output] = answer.body
            refused = {"numFactureTiers": output["numFactureTiers"], "errors": [error]}
            answer.body.append(refused)
            return answer

        with self.intercepted("M050", twice):
            self.press(self.move, SEND)
        self.check_one_request(self.move)
