# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf holds stays what the books say; everything else is left alone."""

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SEND, SapCase


@tagged("post_install", "-at_install")
class TestGuards(SapCase):
    def reversal(self, move, **values):
        return (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id} | values)
        )

    def test_a_live_invoice_goes_neither_back_to_draft_nor_is_it_cancelled(self):
        move = self.send()
        for record in (move, move.sudo()):
            for leave in (
                record.button_draft,
                record.button_cancel,
                lambda record=record: record.write({"state": "draft"}),
                lambda record=record: record.write({"state": "cancel"}),
            ):
                with self.assertRaisesRegex(UserError, move.name):
                    leave()
        self.assertEqual(move.state, "posted")
        self.assertTrue(move.need_cancel_request)
        self.assertFalse(move.show_reset_to_draft_button)

    def test_what_was_sent_is_not_edited(self):
        move = self.send()
        line = move.invoice_line_ids
        for record, values in (
            (move, {"name": "FAC/AUTRE/1"}),
            (move, {"partner_id": self.partner_a.id}),
            (move, {"invoice_line_ids": [Command.update(line.id, {"quantity": 2})]}),
            (move, {"l10n_fr_sap_date_to": self.month_start}),
            (line, {"price_unit": 31}),
            (line, {"tax_ids": [Command.clear()]}),
            (line, {"name": "Jardinage"}),
        ):
            with self.assertRaises(UserError, msg=values):
                record.write(values)
        self.assertEqual((move.amount_total, line.name), (108, "Ménage"))
        # What is nothing to the Urssaf is free.
        move.ref = "Devis 12"
        self.assertEqual(move.ref, "Devis 12")

    def test_what_the_urssaf_cancelled_is_free_again(self):
        move = self.send()
        self.set_status(move, "110")
        self.assertFalse(move.need_cancel_request)
        move.button_draft()
        move.button_cancel()
        self.assertEqual(move.state, "cancel")
        self.assertEqual(move.l10n_fr_sap_request_ids.state, "cancelled")

    def test_what_was_ever_sent_cannot_be_deleted(self):
        move, free = self.send(), self.create_invoice()
        self.set_status(move, "110")
        (free | move).button_draft()
        free.unlink()
        with self.assertRaisesRegex(UserError, "Urssaf"):
            move.unlink()
        self.assertEqual((free | move).exists(), move)

    def test_a_credit_note_of_a_live_invoice_is_asked_about(self):
        move = self.send()
        with self.assertRaisesRegex(UserError, move.name):
            self.reversal(move).refund_moves()
        self.assertFalse(move.reversal_move_ids)
        self.reversal(move, l10n_fr_sap_confirmed=True).refund_moves()
        refund = move.reversal_move_ids
        self.assertTrue(refund)
        self.assertFalse(refund.l10n_fr_sap_request_ids or refund.l10n_fr_sap_status)
        self.assertEqual(move.l10n_fr_sap_status, "integrated")

    def test_registering_a_payment_of_a_live_invoice_warns(self):
        move, free = self.send(), self.create_invoice()
        wizard = self.register_payment(move | free)
        [warning] = wizard.actionable_errors.values()
        self.assertEqual(warning["level"], "warning")
        self.assertIn(move.name, warning["message"])
        self.assertNotIn(free.name, warning["message"])

    def test_a_duplicate_begins_a_life_of_its_own(self):
        move = self.send()
        copy = move.copy()
        self.assertFalse(copy.l10n_fr_sap_request_ids or copy.l10n_fr_sap_request_id)
        self.assertFalse(copy.l10n_fr_sap_date_from or copy.l10n_fr_sap_date_to)
        copy.invoice_date = self.month_end
        copy.action_post()
        self.press(copy, SEND)
        self.assertEqual(copy.l10n_fr_sap_request_id.number, copy.name)
        self.assertEqual(len(self.urssaf.requests), 2)

    @mute_logger("odoo.sql_db")
    def test_the_database_itself_refuses_a_second_request(self):
        request = self.send().l10n_fr_sap_request_id.sudo()
        other = self.create_invoice()
        for values in ({"number": "another"}, {"move_id": other.id}):
            with self.assertRaises(UniqueViolation), self.cr.savepoint():
                request.copy(values).flush_recordset()

    # Ordinary invoices

    def test_the_life_of_an_ordinary_invoice_is_what_it_always_was(self):
        self.env.company.l10n_fr_sap_send_on_post = True
        for move in (
            self.create_invoice(partner=self.partner_a),
            self.init_invoice("in_invoice", amounts=[100], post=True),
        ):
            self.assertFalse(move.l10n_fr_sap_date_from or move.l10n_fr_sap_date_to)
            self.assertFalse(move.l10n_fr_sap_request_ids or move.l10n_fr_sap_status)
            self.assertFalse(move.need_cancel_request)
            self.assertTrue(move.show_reset_to_draft_button)
            move.button_draft()
            move.invoice_line_ids[0].price_unit = 50
            move.action_post()
            wizard = self.register_payment(move)
            self.assertFalse(wizard.actionable_errors)
            wizard.action_create_payments()
            self.assertIn(move.payment_state, ("paid", "in_payment"))
        for cron in ("send", "refresh_requests"):
            self.run_cron(cron)
        self.assertEqual(self.urssaf.calls, [])

    def test_an_ordinary_contact_has_nothing_of_the_urssaf(self):
        contact = self.env["res.partner"].create(
            {"name": "Ada Petit", "street": "3 rue Haute", "phone": "06 39 98 00 12"}
        )
        for name in ("birth_name", "first_names", "mobile", "street_name"):
            self.assertFalse(contact[f"l10n_fr_sap_{name}"])
        self.assertFalse(contact.l10n_fr_sap_particulier)
        contact.unlink()
        self.assertFalse(contact.exists())
