# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is left to the scheduled action: by Odoo's Send window, or when it is confirmed."""

from odoo.tests import tagged

from .common import SapCase

EDI = "l10n_fr_sap"


@tagged("post_install", "-at_install")
class TestQueue(SapCase):
    # Sent when confirmed: what waits has not left, and is as free as it was

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
