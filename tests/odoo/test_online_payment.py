# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An invoice is paid once: online, or by the Urssaf."""

from datetime import timedelta

from portal_common import Portal
from sap_common import CUSTOMER, SapCase

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user
from odoo.addons.payment import utils as payment_utils

SEND = "action_l10n_fr_sap_send"
COLLECTS = "The Urssaf collects this invoice"
UNDER_WAY = "An online payment by the customer is under way"


@tagged("post_install", "-at_install")
class TestOnlinePayment(Portal, SapCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(
            "account_payment.enable_portal_payment", "True"
        )
        cls.env["res.lang"]._activate_lang("en_US")
        cls.partner.lang = "en_US"
        cls.method = cls.env.ref("payment.payment_method_unknown")
        form = cls.env["ir.ui.view"].create(
            {"name": "Form", "type": "qweb", "arch": "<form action='x' method='post'/>"}
        )
        cls.provider = cls.env["payment.provider"].create(
            {
                "name": "Card",
                "code": "none",
                "state": "test",
                "is_published": True,
                "payment_method_ids": [Command.set(cls.method.ids)],
                "redirect_form_view_id": form.id,
                "allow_tokenization": True,
            }
        )
        cls.method.write({"active": True, "support_tokenization": True})
        journal = cls.company_data["default_journal_bank"]
        cls.line = cls.env["account.payment.method.line"].create(
            {
                "journal_id": journal.id,
                "payment_method_id": cls.env.ref(
                    "account.account_payment_method_manual_in"
                ).id,
                "payment_provider_id": cls.provider.id,
            }
        )
        cls.provider.journal_id = journal

    def setUp(self):
        super().setUp()
        self.activate()

    def sent(self, **values):
        move = self.create_invoice(**values)
        self.press(move, SEND)
        self.assertTrue(move.l10n_fr_sap_live)
        return move

    def customer(self):
        return mail_new_test_user(
            self.env, "jeanne", groups="base.group_portal", partner_id=self.partner.id
        )

    def pay(self, path, user=None, **parameters):
        """Press *Pay* on the page; gives the message of the error, if any."""
        _result, error = self.call_json(
            path,
            user,
            provider_id=self.provider.id,
            payment_method_id=self.method.id,
            token_id=None,
            flow="redirect",
            tokenization_requested=False,
            landing_route="/my",
            **parameters,
        )
        return error and error["data"]["message"]

    def pay_invoice(self, move, user=None, amount=None):
        return self.pay(
            f"/invoice/transaction/{move.id}",
            user,
            amount=amount or move.amount_residual,
            access_token=move._portal_ensure_token(),
        )

    def transaction(self, move, state="draft", **values):
        return self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "amount": move.amount_residual,
                "currency_id": move.currency_id.id,
                "partner_id": move.partner_id.id,
                "invoice_ids": [Command.set(move.ids)],
                "operation": "online_redirect",
                "state": state,
            }
            | values
        )

    def set_state(self, transaction, state):
        """As the provider tells it, which need not be able to do all of them here."""
        self.env.cr.execute(
            "UPDATE payment_transaction SET state = %s WHERE id = %s",
            [state, transaction.id],
        )
        transaction.invalidate_recordset()

    def obstacles(self, move):
        return move.sudo()._l10n_fr_sap_obstacle_text()

    # Paying what the Urssaf collects

    def test_the_route_refuses_a_live_invoice_to_anybody(self):
        sent, free = self.sent(), self.create_invoice()
        for user in (None, self.customer()):
            message = self.pay_invoice(sent, user)
            self.assertIn(COLLECTS, message)
            for word in CUSTOMER.split():
                self.assertNotIn(word, message)
        self.assertIn(COLLECTS, self.pay_invoice(sent, amount=1))
        self.assertFalse(sent.transaction_ids)
        self.assertIsNone(self.pay_invoice(free))
        self.assertEqual(free.transaction_ids.state, "draft")

    def test_what_the_urssaf_cancelled_is_paid_online(self):
        sent = self.sent()
        sent.sudo().l10n_fr_sap_request_id.state = "cancelled_unpaid"
        self.assertIsNone(self.pay_invoice(sent))
        self.assertTrue(sent.transaction_ids)

    def test_an_ordinary_invoice_is_paid_online(self):
        move = self.create_invoice(partner=self.partner_a)
        self.assertIsNone(self.pay_invoice(move))
        self.assertTrue(move.transaction_ids)

    def test_pay_overdue_pays_no_live_invoice(self):
        sent = self.sent(invoice_date_due=self.month_end)
        user = self.customer()
        path = "/invoice/transaction/overdue"
        overdue = {"payment_reference": "BATCH", "amount": sent.amount_residual}
        self.assertIn("no overdue invoice", self.pay(path, user, **overdue))
        free = self.create_invoice(
            invoice_date_due=self.month_end, l10n_fr_sap_avance_immediate=False
        )
        self.assertIsNone(self.pay(path, user, **overdue))
        self.assertEqual(self.env["payment.transaction"].search([]).invoice_ids, free)
        self.assertFalse(sent.transaction_ids)

    def test_a_payment_link_says_that_there_is_nothing_to_pay(self):
        sent, free = self.sent(), self.create_invoice()
        wizards = []
        for move in (sent, free):
            wizard = self.env["payment.link.wizard"].with_context(
                active_model="account.move", active_id=move.id
            )
            wizards.append(wizard.create({}))
        self.assertIn("nothing to be paid", wizards[0].warning_message)
        self.assertFalse(wizards[1].warning_message)
        for move in (sent, free):
            amount = move.amount_residual
            token = payment_utils.generate_access_token(
                move.partner_id.id, amount, move.currency_id.id, env=self.env
            )
            path = "/payment/pay?invoice_id=%s&amount=%s&access_token=%s"
            page = self.browse(path % (move.id, amount, token))
            self.assertEqual("There is nothing to pay." in page, move == sent)
            self.assertEqual("o_payment_form" in page, move == free)

    # Sending what is paid online

    def test_an_online_payment_under_way_keeps_the_invoice(self):
        for state in ("draft", "pending", "authorized", "done"):
            move = self.create_invoice()
            self.assertFalse(self.obstacles(move))
            transaction = self.transaction(move)
            self.set_state(transaction, state)
            self.assertIn(UNDER_WAY, self.obstacles(move), state)
            transaction.state = "cancel"
            self.assertFalse(self.obstacles(move), state)
        self.transaction(move, "pending")
        self.press(move, SEND)
        self.assertFalse(move.l10n_fr_sap_request_ids)
        self.assertEqual(self.calls("M050"), [])

    def test_one_that_was_queued_does_not_leave_while_it_is_paid(self):
        move = self.create_invoice()
        move.sudo()._l10n_fr_sap_queue()
        self.assertIsNone(self.pay_invoice(move))
        self.run_cron("ir_cron_send")
        self.assertEqual(self.calls("M050"), [])
        self.assertEqual(move.l10n_fr_sap_status, "error")
        self.assertIn(UNDER_WAY, move.sudo().l10n_fr_sap_request_id.error)

    def test_a_page_left_long_ago_keeps_nothing(self):
        move = self.create_invoice()
        transaction = self.transaction(move)
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(hours=2), transaction.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self.obstacles(move))

    def test_what_was_booked_is_no_longer_under_way(self):
        move = self.create_invoice()
        self.transaction(move, "done", amount=8)._post_process()
        self.assertEqual(move.payment_state, "partial")
        self.assertNotIn(UNDER_WAY, self.obstacles(move))

    # Paid by both all the same

    def test_a_late_payment_is_booked_and_somebody_is_told(self):
        move = self.create_invoice()
        transaction = self.transaction(move)
        transaction.state = "cancel"
        self.press(move, SEND)
        # The provider had lost it from sight for a while.
        transaction.state = "done"
        transaction._post_process()
        self.assertEqual(transaction.payment_id.amount, 108)
        self.assertIn(move.payment_state, ("paid", "in_payment"))
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        note = move.message_ids.filtered(lambda m: "has paid online" in (m.body or ""))
        self.assertEqual(len(note), 1)
        self.assertIn(transaction.payment_id.name, note.body)
        self.assertIn("Paid online", move.activity_ids.mapped("summary")[0])

    def test_other_payments_tell_nobody(self):
        for move in (
            self.create_invoice(),
            self.create_invoice(partner=self.partner_a),
        ):
            self.transaction(move, "done")._post_process()
            self.assertIn(move.payment_state, ("paid", "in_payment"))
            self.assertFalse(move.activity_ids)
        sent = self.sent()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=sent.ids
        ).create({})._create_payments()
        self.assertFalse(sent.activity_ids)

    def test_charging_a_saved_card_warns(self):
        sent = self.sent()
        token = self.env["payment.token"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "payment_details": "1234",
                "partner_id": self.partner.id,
                "provider_ref": "card",
            }
        )
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=sent.ids)
            .create(
                {"payment_method_line_id": self.line.id, "payment_token_id": token.id}
            )
        )
        self.assertIn("l10n_fr_sap_live", wizard.actionable_errors)
