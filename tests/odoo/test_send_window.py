# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from unittest.mock import patch

from send_window_common import SendWindowCase

from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.mail.tests.common import mail_new_test_user

EDI = "l10n_fr_sap"
SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"


@tagged("post_install", "-at_install")
class TestSendWindow(SendWindowCase):
    # What is there

    def register_only(self, *names):
        """Invoices of customers who have not activated."""
        return self.env["account.move"].concat(
            *(
                self.create_invoice(partner=self.create_particulier(name))
                for name in names
            )
        )

    # What is found

    def checkbox(self, move, user=None):
        return (self.open_window(move, user).extra_edi_checkboxes or {}).get(EDI)

    def alerts(self, window):
        return [
            alert for key, alert in (window.alerts or {}).items() if key.startswith(EDI)
        ]

    def emails(self, moves):
        """Those whose customer was written to."""
        return moves.filtered(
            lambda move: move.message_ids.filtered("notified_partner_ids").filtered(
                lambda message: move.partner_id in message.notified_partner_ids
            )
        )

    def triggers(self):
        return self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.env.ref("l10n_fr_urssaf_sap.ir_cron_send").id)]
        )

    # What is offered

    def test_a_ready_invoice_is_offered_and_ticked(self):
        window = self.open_window(self.create_invoice())
        checkbox = window.extra_edi_checkboxes[EDI]
        self.assertEqual(checkbox["label"], "Avance immédiate (Urssaf)")
        self.assertTrue(checkbox["checked"])
        self.assertEqual(self.alerts(window), [])

    def test_one_that_cannot_go_is_offered_but_not_ticked(self):
        checkbox = self.checkbox(self.create_invoice(partner=self.other))
        self.assertEqual((checkbox["checked"], checkbox["readonly"]), (False, True))

    def test_the_window_as_the_web_client_fills_it(self):
        action = self.create_invoice().action_send_and_print()
        model = self.env[action["res_model"]].with_context(**action["context"])
        window = Form(model)
        self.assertTrue(window.extra_edi_checkboxes[EDI]["checked"])
        move = self.create_invoice(partner=self.other)
        window = Form(model.with_context(active_ids=move.ids))
        self.assertFalse(window.extra_edi_checkboxes[EDI]["checked"])
        self.assertIn("not registered", window.alerts[f"{EDI}_0"]["message"])

    def test_one_whose_payment_is_blocked_says_so_wherever_it_is_offered(self):
        move = self.create_invoice()
        self.assertTrue(move.l10n_fr_sap_ready)
        move.action_toggle_block_payment()
        self.assertEqual(move.payment_state, "blocked")
        move.invalidate_recordset()
        window = self.open_window(move)
        self.assertFalse(window.extra_edi_checkboxes[EDI]["checked"])
        self.assertTrue(move.l10n_fr_sap_can_send)
        self.assertFalse(move.l10n_fr_sap_ready)
        alerts = " ".join(alert["message"] for alert in window.alerts.values())
        for text in (
            alerts,
            move.l10n_fr_sap_to_fix,
            self.listed(move, "action_l10n_fr_sap_send"),
        ):
            self.assertIn("Its payment is blocked in Odoo", text)
            self.assertNotIn("Paid already", text)
        move.action_toggle_block_payment()
        self.press(move, "action_l10n_fr_sap_send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")

    def test_nothing_else_is_offered(self):
        ordinary = self.create_invoice(partner=self.partner_a)
        refund = self.create_invoice(move_type="out_refund")
        paid = self.create_invoice()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=paid.ids
        ).create({}).action_create_payments()
        sent = self.create_invoice()
        self.press(sent, SEND)
        for move in (ordinary, refund, paid, sent):
            window = self.open_window(move)
            self.assertNotIn(EDI, window.extra_edi_checkboxes or {}, move.name)
            self.assertEqual(self.alerts(window), [])

    def test_a_company_without_credentials_offers_nothing(self):
        move = self.create_invoice()
        self.env.company.l10n_fr_sap_client_id = False
        self.assertIsNone(self.checkbox(move))
        self.send(move)
        self.assertFalse(move.l10n_fr_sap_request_ids)

    def test_a_user_without_the_group_is_offered_nothing(self):
        user = mail_new_test_user(
            self.env, "invoicer", groups="account.group_account_invoice"
        )
        moves = self.create_invoice() | self.create_invoice()
        self.assertTrue(self.checkbox(moves[0], user)["checked"])
        invoicing = self.env.ref("account.group_account_invoice")
        group = self.env.ref("l10n_fr_urssaf_sap.group_user")
        invoicing.implied_ids -= group
        user.group_ids -= group
        self.env.ref("base.user_root").group_ids |= group
        self.assertIsNone(self.checkbox(moves[0], user))
        # Nor does the scheduled action, which may do everything, on that user's behalf.
        self.open_window(moves, user).action_send_and_print()
        self.run_odoos_cron()
        self.assertFalse(moves.l10n_fr_sap_request_ids)
        self.assertEqual(self.emails(moves), moves)

    # What is said

    def test_the_alert_of_one_invoice_says_what_to_fix_and_where(self):
        move = self.create_invoice(partner=self.other)
        move.invoice_line_ids.l10n_fr_sap_nature_id = False
        inactive, nature = self.alerts(self.open_window(move))
        self.assertEqual({inactive["level"], nature["level"]}, {"warning"})
        self.assertIn("Paul Moreau is not registered", inactive["message"])
        self.assertEqual(inactive["action_text"], "Open Paul Moreau")
        self.assertEqual(
            (inactive["action"]["res_model"], inactive["action"]["res_id"]),
            ("res.partner", self.other.id),
        )
        self.assertIn("Line “Ménage”", nature["message"])
        self.assertEqual(nature["action"]["res_id"], move.id)

    def test_several_invoices_have_one_alert_for_each_kind_of_defect(self):
        inactive = self.register_only("Paul Roux", "Nina Blanc")
        dateless = self.create_invoice() | self.create_invoice()
        dateless.l10n_fr_sap_date_from = False
        good = self.create_invoice()
        window = self.open_window(inactive | dateless | good)
        self.assertEqual(window.summary_data[EDI]["count"], 1)
        customers, dates = self.alerts(window)
        self.assertEqual(customers["level"], "warning")
        for move in inactive:
            self.assertIn(
                f"{move.partner_id.name} is not registered with the Urssaf: please open"
                f" the contact and press “Register with Urssaf” ({move.name})",
                customers["message"],
            )
        self.assertEqual(customers["action"]["res_model"], "res.partner")
        self.assertEqual(
            customers["action"]["domain"], [["id", "in", inactive.partner_id.ids]]
        )
        self.assertEqual(
            dates["message"].count(f"({', '.join(dateless.mapped('name'))})"), 1
        )
        self.assertEqual(dates["action"]["domain"], [["id", "in", dateless.ids]])

    def test_a_great_many_are_counted_rather_than_named(self):
        moves = self.register_only(*(f"Paul Roux{number}" for number in range(12)))
        [alert] = self.alerts(self.open_window(moves))
        self.assertEqual(alert["message"].count("is not registered"), 10)
        self.assertIn("and 2 more", alert["message"])
        paid = self.env["account.move"].concat(
            *(self.create_invoice() for _ in range(7))
        )
        paid.l10n_fr_sap_date_from = False
        [alert] = self.alerts(self.open_window(paid))
        self.assertIn(f"{paid[4].name}, …)", alert["message"])

    def test_a_second_request_is_announced(self):
        move = self.create_invoice()
        self.press(move, SEND)
        self.control(
            f"demandes/{move.l10n_fr_sap_request_id.urssaf_id}", {"statut": "40"}
        )
        self.press(move, REFRESH)
        window = self.open_window(move)
        [alert] = self.alerts(window)
        self.assertEqual(alert["level"], "info")
        self.assertIn(move.name, alert["message"])
        window.extra_edi_checkboxes = {EDI: {"checked": False}}
        self.assertEqual(self.alerts(window), [])
        self.send(move)
        self.run_cron("ir_cron_send")
        self.assertEqual(move.l10n_fr_sap_request_id.number, f"{move.name}-2")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")

    # What is done

    def test_one_is_queued_with_its_document_and_leaves_with_the_scheduled_action(self):
        move = self.create_invoice()
        before = self.triggers()
        self.send(move)
        self.assertEqual(move.l10n_fr_sap_status, "to_send")
        self.assertTrue(move.invoice_pdf_report_id)
        self.assertEqual(self.emails(move), move)
        self.assertTrue(self.triggers() - before)
        self.assertEqual(self.calls("M050"), [])
        self.run_cron("ir_cron_send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        self.assertEqual(list(self.urssaf_requests()), [move.name])

    def test_a_document_that_exists_is_sent_as_it_is(self):
        move = self.create_invoice()
        window = self.open_window(move)
        window.extra_edi_checkboxes = {EDI: {"checked": False}}
        window.action_send_and_print()
        document = move.invoice_pdf_report_id
        self.assertFalse(move.l10n_fr_sap_request_ids)
        self.send(move)
        self.assertEqual(move.l10n_fr_sap_status, "to_send")
        self.assertEqual(move.invoice_pdf_report_id, document)

    def test_without_the_e_mail_the_request_is_queued_all_the_same(self):
        move = self.create_invoice()
        window = self.open_window(move)
        window.sending_method_checkboxes = {"email": {"checked": False}}
        window.action_send_and_print()
        self.assertEqual(move.l10n_fr_sap_status, "to_send")
        self.assertFalse(self.emails(move))

    def test_one_that_cannot_go_is_e_mailed_all_the_same(self):
        move = self.create_invoice(partner=self.other)
        notes = move.message_ids
        self.send(move)
        self.assertFalse(move.l10n_fr_sap_request_ids)
        self.assertEqual(self.emails(move), move)
        self.assertEqual(len(move.message_ids - notes), 1, "the alert has said why")

    def test_one_that_cannot_go_any_more_says_so_in_its_chatter(self):
        move = self.create_invoice()
        window = self.open_window(move)
        move.l10n_fr_sap_date_from = False
        window.action_send_and_print()
        self.assertFalse(move.l10n_fr_sap_request_ids)
        self.assertEqual(self.emails(move), move)
        [note] = move.message_ids.filtered(
            lambda message: "Not sent to the Urssaf" in (message.body or "")
        )
        self.assertIn("Services From is missing", note.body)
        self.assertTrue(note.subtype_id.internal)

    def test_several_good_and_bad_are_e_mailed_and_the_good_ones_queued(self):
        good = self.create_invoice() | self.create_invoice()
        bad = self.register_only("Paul Roux", "Nina Blanc")
        ordinary = self.create_invoice(
            partner=self.env["res.partner"].create(
                {"name": "Boulangerie", "email": "boulangerie@example.com"}
            )
        )
        # Ready when the button is pressed, no longer when its turn comes.
        late = self.create_invoice()
        moves = good | bad | ordinary | late
        self.open_window(moves).action_send_and_print()
        self.assertFalse(moves.l10n_fr_sap_request_ids)
        late.l10n_fr_sap_date_from = False
        self.run_odoos_cron()
        self.assertEqual(good.mapped("l10n_fr_sap_status"), ["to_send"] * 2)
        self.assertFalse((moves - good).l10n_fr_sap_request_ids)
        self.assertEqual(self.emails(moves), moves)
        self.assertTrue(all(move.invoice_pdf_report_id for move in moves))
        for move in moves:
            said = "Not sent to the Urssaf" in "".join(move.message_ids.mapped("body"))
            self.assertEqual(said, move in bad | late)
        self.run_cron("ir_cron_send")
        self.assertEqual(good.mapped("l10n_fr_sap_status"), ["integrated"] * 2)
        self.assertEqual(set(self.urssaf_requests()), set(good.mapped("name")))

    def test_other_addons_that_send_invoices_queue_them_as_well(self):
        good, bad = self.create_invoice(), self.create_invoice(partner=self.other)
        self.env["account.move.send"]._generate_and_send_invoices(good | bad)
        self.assertEqual(good.l10n_fr_sap_status, "to_send")
        self.assertFalse(bad.l10n_fr_sap_request_ids)
        self.assertEqual(self.emails(good | bad), good | bad)

    def test_a_document_that_fails_is_not_announced_to_the_urssaf(self):
        move = self.create_invoice()

        def fail(_self, _invoice, data):
            data["error"] = {"error_title": "no document"}

        send = self.env["account.move.send"]
        with patch.object(
            type(send), "_hook_invoice_document_before_pdf_report_render", fail
        ):
            send._generate_and_send_invoices(move, allow_raising=False)
        self.assertFalse(move.l10n_fr_sap_request_ids)

    def test_an_e_mail_that_fails_does_not_keep_the_request_back(self):
        move = self.create_invoice()

        with patch.object(
            IrMail_Server, "_connect__", side_effect=OSError("no server")
        ):
            self.send(move)
        [notification] = move.message_ids.notification_ids
        self.assertEqual(notification.notification_status, "exception")
        self.assertEqual(move.l10n_fr_sap_status, "to_send")

    def test_a_customer_without_an_e_mail_address_goes_to_the_urssaf_only(self):
        moves = self.create_invoice() | self.create_invoice()
        self.partner.email = False
        self.send(moves)
        self.assertFalse(self.emails(moves))
        self.assertEqual(moves.mapped("l10n_fr_sap_status"), ["to_send"] * 2)

    def test_a_queue_that_fails_does_not_keep_the_e_mail_back(self):
        def collide(moves):
            moves.env.cr.execute("SELECT 1 / 0")

        def break_down(_moves):
            raise ValueError("bug")

        logger = "odoo.addons.l10n_fr_urssaf_sap.invoicing.queue"
        for failure in (collide, break_down):
            move = self.create_invoice()
            with (
                patch.object(type(move), "_l10n_fr_sap_queue", failure),
                mute_logger(logger, "odoo.sql_db"),
            ):
                self.send(move)
            self.assertFalse(move.l10n_fr_sap_request_ids)
            self.assertEqual(self.emails(move), move)
            self.assertIn(
                "Somebody else is working on it",
                "".join(move.message_ids.mapped("body")),
            )

    def test_two_with_one_number_are_not_both_queued(self):
        journal = self.company_data["default_journal_sale"]
        other = journal.copy({"code": "AUTRE"})
        first = self.create_invoice(journal_id=journal.id)
        second = self.create_invoice(journal_id=other.id)
        second.name = first.name
        self.send(first | second)
        self.assertEqual(
            (first | second).mapped("l10n_fr_sap_status").count("to_send"), 1
        )
        self.assertEqual(self.emails(first | second), first | second)

    def test_a_branch_queues_for_its_parent(self):
        branch = self._create_company(name="Agence", parent_id=self.env.company.id)
        self.env.user.company_ids |= branch
        moves = self.create_invoice(company_id=branch.id) | self.create_invoice()
        self.assertTrue(self.checkbox(moves[0])["checked"])
        self.send(moves)
        self.assertEqual(
            moves.l10n_fr_sap_request_ids.mapped("company_id"), self.env.company
        )
        self.assertEqual(moves.mapped("l10n_fr_sap_status"), ["to_send"] * 2)
