# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from sap_common import SapCase

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
SENT = "was sent to the Urssaf"


@tagged("post_install", "-at_install")
class TestGuards(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()

    def send(self, **values):
        move = self.create_invoice(**values)
        self.press(move, SEND)
        self.assertTrue(move.l10n_fr_sap_live)
        return move

    def queue(self):
        move = self.create_invoice()
        move.sudo()._l10n_fr_sap_queue()
        self.assertEqual(move.l10n_fr_sap_status, "to_send")
        return move

    def set_status(self, move, code):
        self.control(
            f"demandes/{move.l10n_fr_sap_request_id.urssaf_id}", {"statut": code}
        )
        self.press(move, REFRESH)

    def reversal(self, moves, **values):
        return (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({"journal_id": moves.journal_id.id} | values)
        )

    # Back to draft, cancelled

    def test_a_live_invoice_stays_posted_however_one_tries(self):
        move = self.send()
        biller = mail_new_test_user(
            self.env, "biller", groups="account.group_account_invoice"
        )
        for record in (move, move.with_user(biller), move.sudo()):
            for button in ("button_draft", "button_cancel"):
                with self.assertRaisesRegex(UserError, SENT):
                    getattr(record, button)()
            for state in ("draft", "cancel"):
                with self.assertRaisesRegex(UserError, SENT):
                    record.write({"state": state})
        self.assertEqual(move.state, "posted")

    def test_every_live_status_guards_and_every_dead_one_frees(self):
        move = self.send()
        free = {"refused", "cancelled", "cancelled_unpaid", "cancelled_recovered"}
        free |= {"cancelled_other", "deleted", "to_send", "error"}
        request = move.sudo().l10n_fr_sap_request_id
        for state, _label in request._fields["state"].selection:
            request.state = state
            self.assertEqual(move.l10n_fr_sap_live, state not in free, state)
            self.assertEqual(move.need_cancel_request, state not in free, state)

    def test_odoo_offers_a_request_instead_of_the_way_back_to_draft(self):
        ordinary = self.create_invoice(partner=self.partner_a)
        self.assertFalse(ordinary.need_cancel_request)
        self.assertTrue(ordinary.show_reset_to_draft_button)
        with self.assertRaises(UserError):
            ordinary.button_request_cancel()
        move = self.send()
        self.assertTrue(move.need_cancel_request)
        self.env.invalidate_all()
        self.assertFalse(move.show_reset_to_draft_button)
        message = self.refuse(move, "button_request_cancel")
        self.assertIn("can only be cancelled by the Urssaf", message)
        self.assertIn(f"{move.name} (Integrated)", message)

    def test_what_the_urssaf_cancelled_may_be_cancelled(self):
        move = self.send()
        self.set_status(move, "110")
        self.assertFalse(move.need_cancel_request)
        move.button_cancel()
        self.assertEqual(move.state, "cancel")
        # What was sent is kept.
        self.assertEqual(move.l10n_fr_sap_request_ids.state, "cancelled")

    def test_cancelling_withdraws_what_waits(self):
        for leave in (
            lambda move: move.button_cancel(),
            lambda move: move.button_draft(),
            lambda move: move.write({"state": "cancel"}),
        ):
            move = self.queue()
            leave(move)
            self.assertFalse(move.l10n_fr_sap_request_ids)
            self.assertFalse(move.l10n_fr_sap_request_id)
        self.run_cron("ir_cron_send")
        self.assertEqual(self.calls("M050"), [])

    def test_withdrawing_falls_back_on_the_refused_one(self):
        move = self.send()
        refused = move.l10n_fr_sap_request_id
        self.set_status(move, "40")
        move.sudo()._l10n_fr_sap_queue()
        self.assertEqual(move.l10n_fr_sap_status, "to_send")
        move.button_cancel()
        self.assertEqual(move.l10n_fr_sap_request_ids, refused)
        self.assertEqual(move.l10n_fr_sap_request_id, refused)

    # Edited

    def test_what_was_sent_is_not_edited(self):
        move = self.send()
        line = move.invoice_line_ids
        other = self.create_particulier("Paul Moreau")
        for record, values in (
            (move, {"name": "FAC/AUTRE/1"}),
            (move, {"partner_id": other.id}),
            (move, {"invoice_date": self.month_start}),
            (move.with_context(skip_readonly_check=True), {"partner_id": other.id}),
            (move, {"invoice_line_ids": [Command.update(line.id, {"quantity": 2})]}),
            (move, {"l10n_fr_sap_date_to": self.month_start}),
            (line, {"quantity": 2}),
            (line, {"price_unit": 31}),
            (line, {"discount": 10}),
            (line, {"tax_ids": [Command.clear()]}),
            (line, {"name": "Jardinage"}),
            (line, {"price_total": 1}),
            (line, {"l10n_fr_sap_nature_id": False}),
        ):
            with self.assertRaises(UserError, msg=values):
                record.write(values)
        with self.assertRaises(UserError):
            line.unlink()
        with self.assertRaisesRegex(UserError, SENT):
            line.create({"move_id": move.id, "name": "Plus", "price_unit": 5})
        self.assertEqual(move.amount_total, 108)

    def test_what_is_nothing_to_the_urssaf_is_edited(self):
        move = self.send()
        account = self.company_data["default_account_revenue"].copy()
        line = move.invoice_line_ids
        line.account_id = account
        # The same values change nothing.
        line.write({"quantity": line.quantity, "name": line.name})
        move.write({"ref": "Devis 12", "name": move.name, "narration": "Merci"})
        self.assertEqual((line.account_id, move.ref), (account, "Devis 12"))

    def test_what_waits_is_still_edited(self):
        move = self.queue()
        move.invoice_line_ids.name = "Grand ménage"
        self.run_cron("ir_cron_send")
        [[item]] = self.calls("M050")
        self.assertIn("Grand ménage", item["inputPrestations"][0]["complement1"])

    # Duplicated, reversed

    def assert_fresh(self, move):
        """Nothing of the original's life at the Urssaf."""
        self.assertFalse(move.l10n_fr_sap_request_ids)
        self.assertFalse(move.l10n_fr_sap_request_id)
        self.assertFalse(move.l10n_fr_sap_status)
        self.assertFalse(move.l10n_fr_sap_live)
        self.assertFalse(move.l10n_fr_sap_date_from or move.l10n_fr_sap_date_to)

    def test_a_duplicate_starts_its_own_life(self):
        move = self.send(l10n_fr_sap_date_from=self.month_start + timedelta(days=1))
        copy = move.copy()
        self.assert_fresh(copy)
        self.assertEqual(
            copy.invoice_line_ids.l10n_fr_sap_nature_id,
            move.invoice_line_ids.l10n_fr_sap_nature_id,
        )
        copy.invoice_date = self.month_end
        copy.action_post()
        self.press(copy, SEND)
        self.assertEqual(copy.l10n_fr_sap_request_id.number, copy.name)
        self.assertNotEqual(copy.name, move.name)

    def test_a_credit_note_of_a_live_invoice_is_asked_about(self):
        sent, free = self.send(), self.create_invoice()
        for button in ("refund_moves", "modify_moves"):
            wizard = self.reversal(sent | free)
            self.assertIn(f"{sent.name}: Integrated", wizard.l10n_fr_sap_notice)
            self.assertNotIn(free.name, wizard.l10n_fr_sap_notice)
            message = self.refuse(wizard, button)
            self.assertIn("does not learn of a credit note", message)
            self.assertIn("Make the credit note all the same", message)
            self.assertFalse((sent | free).reversal_move_ids)

    def test_a_confirmed_credit_note_is_made(self):
        move = self.send()
        wizard = self.reversal(move, l10n_fr_sap_confirmed=True)
        wizard.refund_moves()
        refund = move.reversal_move_ids
        self.assert_fresh(refund)
        refund.action_post()
        self.assert_fresh(refund)
        self.assertIn("Not a customer invoice", self.listed(refund, SEND))
        # The request is still the Urssaf's to cancel.
        self.assertEqual(move.l10n_fr_sap_status, "integrated")

    def test_a_confirmed_replacement_is_made(self):
        move = self.send()
        wizard = self.reversal(move, l10n_fr_sap_confirmed=True)
        wizard.modify_moves()
        self.assert_fresh(move.reversal_move_ids)
        self.assert_fresh(wizard.new_move_ids)
        self.assertEqual(wizard.new_move_ids.move_type, "out_invoice")

    def test_a_replacement_is_paid_like_what_it_replaces(self):
        for directly in (True, False):
            move = self.create_invoice()
            move.l10n_fr_sap_avance_immediate = not directly
            wizard = self.reversal(move)
            wizard.modify_moves()
            replacement = wizard.new_move_ids
            self.assertEqual(replacement.l10n_fr_sap_paid_directly, directly)
            self.assertEqual(replacement.l10n_fr_sap_avance_immediate, not directly)
            self.assertFalse(move.reversal_move_ids.l10n_fr_sap_paid_directly)
            self.assertFalse(move.copy().l10n_fr_sap_paid_directly)

    def test_others_are_reversed_without_a_question(self):
        for move in (self.create_invoice(partner=self.partner_a), self.queue()):
            wizard = self.reversal(move)
            self.assertFalse(wizard.l10n_fr_sap_notice)
            wizard.refund_moves()
            self.assertTrue(move.reversal_move_ids)

    def test_the_wizard_shows_the_question(self):
        arch = self.env["account.move.reversal"].get_view(view_type="form")["arch"]
        self.assertIn("l10n_fr_sap_notice", arch)
        self.assertIn("l10n_fr_sap_confirmed", arch)

    # Paid

    def test_registering_a_payment_warns_and_goes_on(self):
        sent, free = self.send(), self.create_invoice()
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=(sent | free).ids)
            .create({"payment_date": fields.Date.today()})
        )
        warning = wizard.actionable_errors["l10n_fr_sap_live"]
        self.assertEqual(warning["level"], "warning")
        self.assertIn(f"{sent.name}: Integrated", warning["message"])
        self.assertNotIn(free.name, warning["message"])
        self.assertEqual(warning["action"]["res_id"], sent.id)
        wizard.action_create_payments()
        self.assertIn(sent.payment_state, ("paid", "in_payment"))

    def test_registering_other_payments_does_not_warn(self):
        moves = self.create_invoice(partner=self.partner_a) | self.queue()
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({})
        )
        self.assertFalse(wizard.actionable_errors)
