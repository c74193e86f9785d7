# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An invoice in Odoo's own hands: confirmed, sent by e-mail, edited, cancelled, paid."""

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CHECK, REGISTER, SEND, SapCase

EDI = "l10n_fr_sap"


@tagged("post_install", "-at_install")
class TestInvoices(SapCase):
    chart_template = "fr"

    def test_from_the_contact_to_the_money(self):
        paul = self.create_particulier("Paul Moreau", phone="06 39 98 00 12")
        self.press(paul, REGISTER)
        self.urssaf.know(paul.l10n_fr_sap_urssaf_id, "active", self.month_start)
        self.press(paul, CHECK)
        taxes = self.env.company.account_sale_tax_id
        self.assertEqual(taxes.amount, 20)
        self.product.taxes_id = [Command.set(taxes.ids)]
        move = self.create_invoice(partner=paul)
        self.press(move, SEND)
        [[item]] = self.urssaf.bodies("M050")
        self.assertEqual((item["mntFactureTTC"], item["mntFactureHT"]), (108, 90))
        for code in ("20", "30", "50", "70"):
            self.set_status(move, code)
        self.assertEqual(move.l10n_fr_sap_status, "paid")

    # The queue

    def queue(self):
        self.env.company.l10n_fr_sap_send_on_post = True
        move = self.create_invoice()
        self.assertEqual(move.l10n_fr_sap_status, "to_send")
        return move

    def test_a_company_may_have_its_invoices_sent_when_they_are_confirmed(self):
        move = self.queue()
        ordinary = self.create_invoice(partner=self.partner_a)
        self.assertFalse(ordinary.l10n_fr_sap_request_ids)
        self.assertEqual(self.urssaf.calls, [])
        self.run_cron("send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        self.assertEqual([*self.urssaf.requests], [move.name])

    def test_confirming_never_fails_because_of_the_urssaf(self):
        self.env.company.l10n_fr_sap_send_on_post = True
        move = self.create_invoice(post=False)
        move.invoice_line_ids.l10n_fr_sap_nature_id = False
        move.action_post()
        self.assertEqual(move.state, "posted")
        self.assertFalse(move.l10n_fr_sap_request_ids)

    def test_it_can_be_withdrawn_until_it_leaves(self):
        move, other = self.queue(), self.queue()
        self.press(move.l10n_fr_sap_request_id, "action_withdraw")
        self.assertFalse(move.l10n_fr_sap_request_id)
        self.run_cron("send")
        self.assertEqual([*self.urssaf.requests], [other.name])
        self.assertTrue(self.refusal(other.l10n_fr_sap_request_id, "action_withdraw"))
        self.assertEqual(other.l10n_fr_sap_status, "integrated")

    def test_it_goes_back_to_draft_and_is_forgotten(self):
        for button in ("button_draft", "button_cancel"):
            move = self.queue()
            getattr(move, button)()
            self.assertFalse(move.l10n_fr_sap_request_ids)
        self.run_cron("send")
        self.assertEqual(self.urssaf.bodies("M050"), [])

    def test_it_is_looked_at_once_more_before_it_leaves(self):
        move = self.queue()
        move.l10n_fr_sap_date_to = False
        self.run_cron("send")
        request = move.l10n_fr_sap_request_id
        self.assertEqual(request.state, "error")
        self.assertIn(self.label(move, "l10n_fr_sap_date_to"), request.error)
        self.assertEqual(self.urssaf.bodies("M050"), [])

    # Odoo's Send window

    def open_window(self, move):
        action = move.action_send_and_print()
        return (
            self.env[action["res_model"]].with_context(**action["context"]).create({})
        )

    def checkbox(self, move):
        return (self.open_window(move).extra_edi_checkboxes or {}).get(EDI)

    def alerts(self, window):
        return [
            alert for key, alert in (window.alerts or {}).items() if key.startswith(EDI)
        ]

    def is_emailed(self, move):
        return move.partner_id in move.message_ids.notified_partner_ids

    def test_an_invoice_that_can_go_is_ticked(self):
        window = self.open_window(self.move)
        self.assertTrue(window.extra_edi_checkboxes[EDI]["checked"])
        self.assertEqual(self.alerts(window), [])

    def test_one_that_cannot_is_e_mailed_alone_and_the_window_says_why(self):
        paul = self.create_particulier("Paul Moreau")
        window = self.open_window(self.create_invoice(partner=paul))
        self.assertFalse(window.extra_edi_checkboxes[EDI]["checked"])
        [alert] = self.alerts(window)
        self.assertEqual(alert["level"], "warning")
        self.assertIn("Paul Moreau", alert["message"])
        self.assertEqual(alert["action"]["res_id"], paul.id)
        window.action_send_and_print()
        self.assertTrue(self.is_emailed(window.move_id))
        self.assertFalse(window.move_id.l10n_fr_sap_request_ids)

    def test_nothing_is_offered_where_there_is_nothing_to_send(self):
        ordinary = self.create_invoice(partner=self.partner_a)
        for move in (ordinary, self.send()):
            self.assertIsNone(self.checkbox(move))
            self.assertEqual(self.alerts(self.open_window(move)), [])
        self.env.company.l10n_fr_sap_client_id = False
        self.assertIsNone(self.checkbox(self.create_invoice()))

    def test_sending_e_mails_it_and_leaves_the_urssaf_to_the_scheduled_action(self):
        move = self.move
        self.open_window(move).action_send_and_print()
        self.assertTrue(self.is_emailed(move))
        self.assertTrue(move.invoice_pdf_report_id)
        self.assertEqual(move.l10n_fr_sap_status, "to_send")
        self.assertEqual(self.urssaf.calls, [])
        self.run_cron("send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")

    # Guards of what the Urssaf holds

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
            self.create_invoice(partner=self.partner_a, move_type="in_invoice"),
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
