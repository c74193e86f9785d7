# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What changes meanwhile: the Urssaf's word of its transfer, what customers pay, and where
the payments are booked."""

import ast
from datetime import timedelta

from booking_common import BookingCase

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestBookingMeanwhile(BookingCase):
    def test_a_transfer_that_is_moved_or_does_not_come(self):
        move, today = self.send(), fields.Date.today()
        transfers = self.env["l10n_fr_sap.transfer"]
        shown = ast.literal_eval(
            self.env.ref("l10n_fr_urssaf_sap.action_transfers").domain
        )
        for days in (3, 5):
            self.pay(move, 44, today + timedelta(days=days))
            [transfer] = transfers.search(shown)
            self.assertEqual(transfer.date, today + timedelta(days=days))
            self.assertEqual(
                (transfer.state, transfer.amount_announced), ("announced", 44)
            )
        self.say(move, "110")
        self.refresh(move)
        self.check_money(move, "none", 0)
        self.assertFalse(self.request(move).transfer_id)
        self.assertFalse(transfers.search(shown))

    def test_corrected_again_and_again(self):
        move = self.send(5)
        for amount in (110, 60, 110, 60, 85, 110):
            self.pay(move, amount)
            self.assertEqual(self.balance("411"), 110 - amount)
            self.assertEqual(self.balance("467"), amount)
            self.assertAlmostEqual(self.balance("44571"), -amount / 11, delta=0.011)
            self.check_money(move, "done" if amount == 110 else "check", amount)
            self.assertEqual(len(self.money_activities(move)), amount != 110)
        self.say(move, "110")
        self.refresh(move)
        sums = [self.balance(code) for code in ("411", "467", "44571", "44574")]
        self.assertEqual(sums, [110, 0, 0, -10])
        self.check_money(move, "none", 0)

    def test_lines_of_a_few_cents_at_several_rates(self):
        company = self.env.company.id
        rates = [
            self.env.ref(f"account.{company}_tva_{name}_encaissement")
            for name in ("normale", "normale", "normale", "intermediaire", "reduite")
        ]
        self.env["account.tax"].union(*rates).active = True
        move = self.send(
            invoice_line_ids=[
                Command.create(
                    {
                        "product_id": self.product.id,
                        "quantity": 1,
                        "price_unit": price,
                        "tax_ids": [Command.set(tax.ids)],
                    }
                )
                for price, tax in zip(
                    (0.05, 0.05, 0.05, 12.34, 7.77), rates, strict=True
                )
            ]
        )
        total, vat = move.amount_total, move.amount_tax
        for amount in (3.33, total, 1.01, total):
            self.pay(move, amount)
            self.assertEqual(self.balance("411"), round(total - amount, 2))
            self.assertEqual(
                round(self.balance("44571") + self.balance("44574"), 2), -vat
            )
        self.assertEqual([self.balance("44571"), self.balance("44574")], [-vat, 0])
        self.say(move, "110")
        self.refresh(move)
        self.assertEqual([self.balance("44571"), self.balance("44574")], [0, -vat])

    def pay_in_its_own_transaction(self, move):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({})
        )
        self.press(wizard, "action_create_payments")
        self.env.invalidate_all()

    def test_the_customer_pays_what_was_cancelled(self):
        move = self.send()
        self.pay(move, 44)
        self.say(move, "112")
        self.refresh(move)
        self.pay_in_its_own_transaction(move)
        self.assertEqual(move.amount_residual, 0)
        codes = ("411", "467", "512", "44571", "44574", "707")
        found = [self.balance(code) for code in codes]
        self.assertEqual(found, [0, 0, 44, -4, 0, -40])
        # The Urssaf changes its mind: nobody pays twice without being told.
        self.pay(move, 44)
        self.assertEqual([self.balance(code) for code in codes], found)
        self.check_money(move, "check", 0)
        self.check_told(move, "nothing is open")

    def test_a_part_was_paid_by_hand(self):
        move = self.send(5)
        self.pay_by_hand(move, 20)
        self.pay(move, 110)
        self.check_money(move, "check", 110)
        self.check_told(move, "20.00", "customer's credit")
        self.assertEqual((self.balance("411"), self.balance("467")), (-20, 110))
        self.say(move, "112")
        self.refresh(move)
        self.assertEqual((move.payment_state, move.amount_residual), ("partial", 90))
        self.assertEqual((self.balance("411"), self.balance("467")), (90, 0))

    def test_a_button_says_why_it_cannot_be_booked(self):
        company = self.set_up_payments()
        move = self.send()
        journal, account = (
            company.l10n_fr_sap_journal_id,
            company.l10n_fr_sap_transit_account_id,
        )
        for record, name, word in (
            (journal, "active", "archived"),
            (account, "active", "archived"),
            (account, "reconcile", "reconciliation"),
        ):
            with self.subTest(record=record, name=name):
                record[name] = False
                self.assertIn(word, company.l10n_fr_sap_payments_notice)
                self.pay(move, 44)
                for button in ("action_register_payment", "action_register_anyway"):
                    self.assertIn(word, self.refuse(self.request(move), button))
                self.assertEqual(self.request(move).money_state, "todo")
                record[name] = True
        self.assertFalse(self.entries(move))
        self.press(self.request(move), "action_register_payment")
        self.check_money(move, "done", 44)

    def test_a_button_names_what_is_of_the_other_platform(self):
        ours, other = self.send(), self.send()
        for move in (ours, other):
            self.say(move, "70", 44)
        values = {"state": "paid", "transfer_amount": 44, "transfer_date": self.day}
        requests = self.request(ours) | self.request(other)
        requests.write(values)
        self.request(other).environment = "production"
        listed = self.listed(requests, "action_register_payment")
        self.assertIn("other platform", listed)
        self.assertNotIn(ours.name, listed)
        self.check_money(ours, "done", 44)
        self.check_money(other, "none", 0)

    def test_what_fails_unexpectedly_is_told_to_somebody(self):
        move, other = self.send(), self.send()
        account = self.company_data["default_account_receivable"].copy()
        owed = move.line_ids.filtered("date_maturity")
        owed.account_id = account
        account.active = False
        for each in (move, other):
            self.say(each, "70", 44)
        with self.assertLogs("odoo.addons.l10n_fr_urssaf_sap", "ERROR"):
            self.refresh(move, other)
        self.check_money(other, "done", 44)
        self.check_money(move, "check", 0)
        self.check_told(move, "Unexpected")
        account.active = True
        self.press(self.request(move), "action_register_anyway")
        self.check_money(move, "done", 44)
        self.assertFalse(self.money_activities(move))

    def test_another_currency(self):
        company = self.set_up_payments()
        dollars = self.env.ref("base.USD")
        dollars.active = True
        bank = self.env["account.journal"].create(
            {
                "name": "Dollars",
                "code": "USD",
                "type": "bank",
                "currency_id": dollars.id,
            }
        )
        with self.assertRaisesRegex(ValidationError, "currency"), self.cr.savepoint():
            company.l10n_fr_sap_journal_id = bank
        # It is changed later.
        company.l10n_fr_sap_journal_id.currency_id = dollars
        move = self.send()
        self.pay(move, 44)
        self.assertIn("currency", company.l10n_fr_sap_payments_notice)
        self.assertEqual(self.request(move).money_state, "todo")
        company.l10n_fr_sap_journal_id.currency_id = company.currency_id
        self.work()
        self.check_money(move, "done", 44)

    def test_another_account_is_chosen_half_way(self):
        """What belongs together stays on one account."""
        move, other = self.send(5), self.send()
        self.pay(move, 95)
        company = self.env.company
        company.l10n_fr_sap_transit_account_id = self.env["account.account"].create(
            {
                "code": "467900",
                "name": "Divers",
                "account_type": "asset_current",
                "reconcile": True,
            }
        )
        self.pay(move, 110)
        self.assertEqual((self.balance("4671"), self.balance("4679")), (110, 0))
        self.say(move, "110")
        self.refresh(move)
        self.work()
        self.assertEqual((self.balance("4671"), self.balance("4679")), (0, 0))
        self.pay(other, 44)
        self.assertEqual((self.balance("4671"), self.balance("4679")), (0, 44))
