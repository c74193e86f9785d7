# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Requests of which nobody knows, and whose company has lost the access that they were sent
with: every button says what to do, and nothing is freed but by somebody who says why."""

from datetime import timedelta

from meanwhile_common import LEAVE, REFRESH, SEND, MeanwhileCase

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

MINUTES = timedelta(minutes=5)
FIELDS = "Client ID and its Client Secret"


@tagged("post_install", "-at_install")
class TestOutOfReach(MeanwhileCase):
    def clear(self):
        self.app.extensions["faults"].clear()

    def take_access_away(self):
        company = self.env.company.with_context(**{LEAVE: True})
        company.l10n_fr_sap_client_id = False

    def other_access(self):
        self.give_access(self.env.company, "other")
        self.partner.sudo().l10n_fr_sap_registration_ids.unlink()
        self.activate()

    def lose_on_the_way(self):
        """The Urssaf did not get it, and nobody knows."""
        self.app.extensions["faults"].arm("M050", "503_html")
        self.press(self.move, SEND)
        self.clear()
        request = self.move.l10n_fr_sap_request_id
        self.assertEqual(request.state, "sending")
        self.set_lease(0)
        return request

    def withdraw_unanswered(self, request, user=None):
        request = request.with_user(user or self.env.user)
        action = request.action_withdraw_unanswered()
        window = (
            self.env[action["res_model"]]
            .with_user(request.env.user)
            .with_context(**action["context"])
            .create({"reason": "The Urssaf's letter of today"})
        )
        self.press(window, "action_withdraw", user=request.env.user)
        self.env.invalidate_all()

    def numbers_at_urssaf(self):
        return [each["numFactureTiers"] for each in self.urssaf_state()["demandes"]]

    # What the buttons say

    def test_refresh_says_why_and_what_to_do(self):
        request = self.lose_on_the_way()
        for lose in (self.other_access, self.take_access_away):
            lose()
            for records, button in ((self.move, REFRESH), (request, "action_refresh")):
                said = self.refuse(records, button)
                self.assertIn(FIELDS, said)
                self.assertIn(request.number, said)
            self.run_cron("ir_cron_send")
            self.assertEqual(request.state, "sending")
        self.give_access(self.env.company, "test")
        self.press(self.move, REFRESH)
        self.assertEqual(request.state, "to_send")

    def test_each_button_without_a_client_id(self):
        waiting = self.lose_and_wait()
        self.clear()
        sent = self.create_invoice()
        self.press(sent, SEND)
        never_sent = self.create_invoice()
        never_sent.sudo()._l10n_fr_sap_queue()
        self.take_access_away()
        for records, button in (
            (waiting, "action_withdraw"),
            (waiting, "action_refresh"),
            (self.move, REFRESH),
            (self.move, SEND),
            (sent, REFRESH),
            (self.create_particulier("Paul Moreau"), "action_l10n_fr_sap_register"),
            (self.partner, "action_l10n_fr_sap_check_registration"),
        ):
            with self.subTest(f"{records} {button}"):
                self.assertIn("Client ID", self.said(records, button))
        request = never_sent.l10n_fr_sap_request_id
        self.press(request, "action_withdraw")
        self.env.invalidate_all()
        self.assertFalse(request.exists())
        never_sent.button_draft()
        self.assertTrue(waiting.can_refresh and waiting.can_withdraw)
        self.give_access(self.env.company, "test")
        self.press(waiting, "action_refresh")
        self.assertEqual(waiting.state, "integrated")

    def said(self, records, button):
        """What a button says, as an error or in its dialog."""
        try:
            action = self.press(records, button)
        except UserError as error:
            return str(error)
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        return " ".join(summary.line_ids.mapped("message"))

    def test_some_never_sent_and_some_perhaps_there(self):
        waiting = self.lose_and_wait()
        self.clear()
        other = self.create_invoice()
        other.sudo()._l10n_fr_sap_queue()
        never_sent = other.l10n_fr_sap_request_id
        self.take_access_away()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            both = (waiting | never_sent).with_env(self.env(cr=cr))
            with self.assertRaisesRegex(UserError, FIELDS):
                both.action_withdraw()
        self.env.invalidate_all()
        self.assertEqual((waiting | never_sent).exists(), waiting)

    def test_one_that_waits_is_found_by_refreshing(self):
        request = self.lose_and_wait()
        self.press(request, "action_refresh")
        self.assertEqual(request.state, "integrated")

    # Withdrawn without an answer

    def test_withdrawn_knowingly_and_sent_anew(self):
        for lose in (self.lose_on_the_way, self.lose_and_wait):
            with self.subTest(lose.__name__):
                self.give_access(self.env.company, "test")
                self.control("reset")
                self.partner.sudo().l10n_fr_sap_registration_ids.unlink()
                self.activate()
                self.set_lease(300)
                self.move = self.create_invoice()
                request = lose()
                self.clear()
                self.assertFalse(request.can_withdraw_unanswered)
                self.other_access()
                request.invalidate_recordset()
                self.assertTrue(request.can_withdraw_unanswered)
                self.withdraw_unanswered(request)
                self.assertEqual(request.state, "error")
                self.assertFalse(self.move.l10n_fr_sap_live)
                notes = " ".join(map(str, self.move.message_ids.mapped("body")))
                self.assertIn(
                    "The Urssaf's letter of today", notes.replace("&#39;", "'")
                )
                self.press(self.move, SEND)
                self.env.invalidate_all()
                new = self.move.l10n_fr_sap_request_id
                self.assertNotEqual(new, request)
                self.assertEqual(
                    (new.state, new.sudo().access), ("integrated", "other")
                )
                # What was sent first is looked for once its access is back.
                before = self.to_check(self.move)
                request.sudo().freed_at -= timedelta(days=2)
                self.give_access(self.env.company, "test")
                self.run_cron("ir_cron_send")
                self.env.invalidate_all()
                there = lose == self.lose_and_wait
                self.assertEqual(request.state == "integrated", there)
                self.assertEqual(bool(self.to_check(self.move) - before), there)

    def test_withdrawn_knowingly_it_is_looked_at_less_and_less(self):
        request = self.lose_on_the_way().sudo()
        self.other_access()
        self.withdraw_unanswered(request)
        now = fields.Datetime.now()
        for age, interval in ((2, 1), (29, 1), (31, 30), (390, 30)):
            request.freed_at = now - timedelta(days=age)
            self.assertLess(request.check_after or now, now + timedelta(days=1))
            request.check_after = now - timedelta(hours=1)
            calls = len(self.calls())
            self.run_cron("ir_cron_send")
            self.env.invalidate_all()
            self.assertAlmostEqual(
                request.check_after, now + timedelta(days=interval), delta=MINUTES
            )
            self.assertEqual(len(self.calls()), calls)
        request.freed_at = now - timedelta(days=400)
        request.check_after = now - timedelta(hours=1)
        self.run_cron("ir_cron_send")
        self.env.invalidate_all()
        self.assertFalse(request.check_after)

    def test_withdrawn_knowingly_and_put_off_its_access_comes_back(self):
        request = self.lose_and_wait().sudo()
        self.clear()
        self.other_access()
        self.withdraw_unanswered(request)
        request.freed_at = fields.Datetime.now() - timedelta(days=2)
        self.run_cron("ir_cron_send")
        self.env.invalidate_all()
        self.assertGreater(request.check_after, fields.Datetime.now())
        self.give_access(self.env.company, "test")
        self.run_cron("ir_cron_send")
        self.env.invalidate_all()
        self.assertEqual(request.state, "integrated")

    def test_withdrawn_knowingly_and_its_access_comes_back(self):
        """The invoice goes under the same number: the Urssaf says whether it holds it."""
        request = self.lose_and_wait()
        self.clear()
        self.other_access()
        self.withdraw_unanswered(request)
        self.app.extensions["faults"].arm("M050", "unknown_error")
        self.press(self.move, SEND)  # refused, with the other access
        self.env.invalidate_all()
        self.assertEqual(len(self.move.l10n_fr_sap_request_ids), 2)
        self.give_access(self.env.company, "test")
        self.partner.sudo().l10n_fr_sap_registration_ids.unlink()
        self.activate()
        self.press(self.move, SEND)
        self.env.invalidate_all()
        self.assertEqual(self.numbers_at_urssaf(), [self.move.name])
        self.assertEqual(self.move.l10n_fr_sap_request_id, request)
        self.assertEqual(request.state, "integrated")

    def test_withdrawn_knowingly_and_the_next_cannot_leave_at_first(self):
        request = self.lose_on_the_way()
        self.other_access()
        self.withdraw_unanswered(request)
        self.app.extensions["faults"].arm("M050", "429", times=99)
        self.refuse(self.move, SEND)
        self.clear()
        self.press(self.move, SEND)
        self.env.invalidate_all()
        self.assertEqual(self.move.l10n_fr_sap_status, "integrated")
        self.assertEqual(self.numbers_at_urssaf(), [self.move.name])

    def test_withdrawn_knowingly_and_the_next_is_lost_too(self):
        """What may be at the Urssaf under one access is not sent again under the other."""
        request = self.lose_and_wait()
        self.clear()
        self.other_access()
        self.withdraw_unanswered(request)
        self.set_lease(300)
        second = self.lose_and_wait()
        self.clear()
        self.assertNotEqual(second, request)
        self.give_access(self.env.company, "test")
        self.partner.sudo().l10n_fr_sap_registration_ids.unlink()
        self.activate()
        self.assertIn("another Client ID", self.said(self.move, SEND))
        self.assertEqual(second.state, "to_send")

    def test_nobody_else_and_nothing_else_is_withdrawn_unanswered(self):
        request = self.lose_on_the_way()
        self.other_access()
        clerk = new_test_user(self.env, "clerk", "account.group_account_invoice")
        with self.assertRaises(AccessError):
            self.withdraw_unanswered(request, clerk)
        self.set_lease(300)
        with self.assertRaises(UserError):  # a call may be under way
            self.withdraw_unanswered(request)
        self.set_lease(0)
        self.give_access(self.env.company, "test")
        with self.assertRaisesRegex(UserError, "refresh"):
            self.withdraw_unanswered(request)
        self.press(self.move, REFRESH)
        self.other_access()
        sent = self.create_invoice()
        self.press(sent, SEND)
        self.take_access_away()
        with self.assertRaisesRegex(UserError, "refresh"):
            self.withdraw_unanswered(sent.l10n_fr_sap_request_id)
