# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.l10n_fr_urssaf_sap.tests.common import SEND, SapCase


@tagged("post_install", "-at_install")
class TestPaymentOrder(SapCase):
    """Nothing that the Urssaf collects is debited a second time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref(
            "account_payment_order.group_account_payment"
        )
        journal = cls.company_data["default_journal_bank"]
        journal.bank_account_id = cls.env["res.partner.bank"].create(
            {
                "acc_number": "FR1420041010050500013M02606",
                "partner_id": cls.env.company.partner_id.id,
            }
        )
        cls.mode = cls.env["account.payment.mode"].create(
            {
                "name": "Direct debit",
                "company_id": cls.env.company.id,
                "bank_account_link": "variable",
                "variable_journal_ids": journal.ids,
                "payment_method_id": cls.env.ref(
                    "account.account_payment_method_manual_in"
                ).id,
            }
        )
        cls.move.payment_mode_id = cls.mode
        cls.other = cls.create_invoice(payment_mode_id=cls.mode.id)
        cls.order = cls.env["account.payment.order"].create(
            {
                "payment_type": "inbound",
                "payment_mode_id": cls.mode.id,
                "journal_id": journal.id,
            }
        )

    def proposed(self):
        """The invoices that the wizard of a debit order proposes."""
        wizard = self.env["account.payment.line.create"].with_context(
            active_model="account.payment.order", active_id=self.order.id
        )
        wizard = wizard.create(
            {
                "date_type": "move",
                "due_on": "<=",
                "filter_date": fields.Date.today(),
                "payment_mode": "any",
                "target_move": "posted",
            }
        )
        wizard.populate()
        return wizard.move_line_ids.move_id

    def test_the_wizard_proposes_what_the_urssaf_does_not_collect(self):
        self.assertLessEqual(self.move + self.other, self.proposed())
        self.send(self.other)
        self.assertIn(self.move, self.proposed())
        self.assertNotIn(self.other, self.proposed())

    def test_one_that_the_urssaf_collects_is_put_into_no_order(self):
        self.send()
        with self.assertRaises(UserError) as caught:
            self.move.create_account_payment_line()
        self.assertIn(self.move.name, str(caught.exception))
        self.assertFalse(self.order.payment_line_ids)

    def test_one_in_an_order_is_not_sent(self):
        self.move.create_account_payment_line()
        said = self.refusal(self.move, SEND)
        self.assertIn(self.order.name, said)
        self.assertFalse(self.move.l10n_fr_sap_status)
        self.order.payment_line_ids.unlink()
        self.send()

    def test_an_order_is_not_confirmed_with_one_that_was_sent_meanwhile(self):
        self.other.create_account_payment_line()
        line = self.order.payment_line_ids
        self.send()
        line.move_line_id = self.move.line_ids.filtered("payment_mode_id")
        with self.assertRaises(UserError) as caught:
            self.order.draft2open()
        self.assertIn(self.move.name, str(caught.exception))
        self.assertEqual(self.order.state, "draft")

    def test_what_the_urssaf_collects_no_longer_is_debited(self):
        self.send()
        self.set_status(self.move, "110")
        self.assertIn(self.move, self.proposed())
        self.move.create_account_payment_line()
        self.order.draft2open()
        self.assertEqual(self.order.state, "open")
