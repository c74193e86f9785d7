# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What practice brings: other amounts than expected, money that is there already, dates
that are locked, invoices that are none any more."""

from datetime import timedelta

from booking_common import SEND, BookingCase

from odoo import Command, fields
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestBookingCases(BookingCase):
    def without_vat(self):
        self.product.taxes_id = False

    def credit(self, move, net):
        """A credit note, posted and set against the invoice as far as that is open."""
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": move.partner_id.id,
                "invoice_date": move.invoice_date,
                "reversed_entry_id": move.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Avoir",
                            "quantity": 1,
                            "price_unit": net,
                            "tax_ids": [Command.set(self.tax.ids)],
                        }
                    )
                ],
            }
        )
        refund.action_post()
        if move.amount_residual:
            (move | refund).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            ).reconcile()
        return refund

    # When

    def test_nothing_is_booked_before_an_amount_is_known(self):
        move = self.send()
        self.pay(move, None)
        self.assertEqual(move.l10n_fr_sap_status, "paid")
        self.work()
        self.assertFalse(self.entries(move))
        self.check_money(move, "none", 0)
        # The status stays the same: nothing but the amount is new.
        self.pay(move, 44)
        self.check_money(move, "done", 44)

    def test_a_transfer_to_come_waits_for_its_day(self):
        move = self.send()
        tomorrow = fields.Date.today() + timedelta(days=2)
        self.pay(move, 44, tomorrow)
        self.work()
        self.assertFalse(self.entries(move))
        request = self.request(move)
        self.assertEqual(request.money_state, "todo")
        self.assertEqual(request.transfer_id.date, tomorrow)
        self.assertEqual(request.transfer_id.state, "announced")
        self.assertEqual(request.transfer_id.amount_announced, 44)
        self.assertFalse(self.money_activities(move))
        request.transfer_date = fields.Date.today()
        self.work()
        self.assertEqual(self.entries(move).date, fields.Date.today())
        self.check_money(move, "done", 44)

    def test_a_date_that_makes_no_sense_is_looked_at(self):
        for day in ("2019-01-01", fields.Date.today() + timedelta(days=99)):
            with self.subTest(day=day):
                move = self.send()
                self.pay(move, 44, day)
                self.assertFalse(self.entries(move))
                self.check_money(move, "check", 0)
                self.check_told(move, "no sensible date", move.name)
                # The Urssaf corrects it.
                self.pay(move, 44)
                self.check_money(move, "done", 44)
                self.assertFalse(self.money_activities(move))

    def test_scheduled_actions_book_what_they_have_refreshed(self):
        moves = [self.send(quantity) for quantity in (1, 2, 3)]
        for move in moves:
            self.say(move, "70", move.amount_total)
        self.age(self.env["account.move"].union(*moves).l10n_fr_sap_request_ids, 30)
        self.run_cron("ir_cron_refresh_requests")
        # Polling marks, and does not book.
        for move in moves:
            self.assertEqual(self.request(move).money_state, "todo")
        self.assertFalse(self.entries(*moves))
        self.work()
        entry = self.entries(*moves)
        self.assertEqual(len(entry), 1)
        self.assertEqual(self.items(entry)[-1], (self.day, "467100", "Urssaf", 132))
        self.assertEqual([move.payment_state for move in moves], ["paid"] * 3)

    def test_at_most_fifty_requests_are_in_one_entry(self):
        move = self.send()
        self.say(move, "70", 44)
        first = self.request(move)
        requests = first
        for number in range(52):
            other = self.create_invoice(quantity=2)
            values = {"move_id": other.id, "number": other.name}
            requests |= first.copy(values | {"urssaf_id": f"id-{number}"})
        requests.write(
            {
                "state": "paid",
                "transfer_amount": 44,
                "transfer_date": self.day,
                "money_state": "todo",
            }
        )
        self.work()
        entries = requests.entry_line_ids.move_id
        self.assertEqual(sorted(len(each.line_ids) for each in entries), [4, 51])
        self.assertEqual(set(requests.mapped("money_state")), {"done"})
        self.assertEqual(set(requests.move_id.mapped("payment_state")), {"paid"})
        self.assertEqual(requests.transfer_id.amount_registered, 53 * 44)

    # How much

    def test_less_than_expected(self):
        move = self.send(5)
        self.pay(move, 95)
        self.assertEqual(move.payment_state, "partial")
        self.assertAlmostEqual(move.amount_residual, 15, 2)
        vat = sum(
            self.cash_basis(move).line_ids.filtered("tax_line_id").mapped("credit")
        )
        self.assertAlmostEqual(vat, 8.64, 2)
        self.check_money(move, "check", 95)
        self.check_told(move, "95.00", "110.00", move.name)
        # The rest comes later.
        self.pay(move, 110)
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(
            sorted(self.request(move).entry_line_ids.mapped("balance")), [-95, -15]
        )
        self.check_money(move, "done", 110)
        self.assertFalse(self.money_activities(move))

    def test_a_correction_downwards(self):
        move = self.send(5)
        self.pay(move, 110)
        self.pay(move, 60)
        self.assertEqual(move.payment_state, "partial")
        self.assertAlmostEqual(move.amount_residual, 50, 2)
        self.assertEqual(self.balance("411"), 50)
        self.assertEqual(self.balance("467"), 60)
        self.assertEqual(self.balance("44571"), -5.45)
        self.assertEqual(
            sorted(self.request(move).entry_line_ids.mapped("balance")), [-110, 50]
        )
        self.check_money(move, "check", 60)
        self.check_told(move, "60.00", "110.00")

    def test_a_deposit(self):
        self.env.company.l10n_fr_sap_deposits_allowed = True
        self.without_vat()
        for transfer, credit in ((70, 0), (100, 30)):
            with self.subTest(transfer=transfer):
                before = self.balance("411")
                move = self.create_invoice(quantity=5)
                self.pay_by_hand(move, 30)
                self.press(move, SEND)
                self.assertEqual(self.calls("M050")[-1][0]["mntAcompte"], 30)
                request = self.request(move)
                self.assertEqual((request.amount_total, request.amount_due), (100, 70))
                self.pay(move, transfer)
                self.assertEqual(move.payment_state, "paid")
                self.assertEqual(self.balance("411") - before, -credit)
                self.check_money(move, "check" if credit else "done", transfer)
                if credit:
                    self.check_told(move, "100.00", "70.00", "30.00")
                    [line] = request.entry_line_ids
                    self.assertEqual(line.amount_residual, -30)

    def test_two_due_dates(self):
        half = (
            Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}),
            Command.create({"value": "percent", "value_amount": 70, "nb_days": 30}),
        )
        term = self.env["account.payment.term"].create(
            {"name": "30/70", "line_ids": [*half]}
        )
        self.product.list_price = 99.99
        move = self.send(1, invoice_payment_term_id=term.id)
        due = move.line_ids.filtered("date_maturity").mapped("balance")
        self.assertEqual(sorted(due), [33, 76.99])
        self.pay(move, 109.99)
        self.assertEqual(move.payment_state, "paid")
        vat = self.cash_basis(move).line_ids.filtered("tax_line_id").mapped("credit")
        self.assertEqual(sorted(filter(None, vat)), [3, 7])
        self.check_money(move, "done", 109.99)

    # What is there already

    def test_what_was_paid_by_hand_is_not_booked_twice(self):
        move = self.send(5)
        self.pay_by_hand(move, 110)
        self.assertEqual(self.balance("411"), 0)
        self.pay(move, 110)
        self.work()
        self.assertFalse(self.entries(move))
        self.assertEqual(self.balance("467"), 0)
        self.check_money(move, "check", 0)
        self.check_told(move, "nothing is open", move.name)
        self.assertTrue(self.request(move).can_register_anyway)
        return move

    def test_it_was_registered_already(self):
        move = self.test_what_was_paid_by_hand_is_not_booked_twice()
        self.press(self.request(move), "action_registered_already")
        self.check_money(move, "done", 0)
        self.assertFalse(self.money_activities(move))
        for _time in range(3):
            self.refresh(move)
            self.work()
        self.assertFalse(self.entries(move))

    def test_it_is_registered_anyway(self):
        move = self.test_what_was_paid_by_hand_is_not_booked_twice()
        self.press(self.request(move), "action_register_anyway")
        self.assertEqual(self.balance("411"), -110)
        self.assertEqual(self.balance("467"), 110)
        self.check_money(move, "check", 110)
        self.check_told(move, "110.00", "customer's credit")
        self.say(move, "110")
        self.refresh(move)
        self.assertEqual((self.balance("411"), self.balance("467")), (0, 0))
        self.assertEqual(move.payment_state, "paid")

    def test_a_credit_note_before_the_transfer(self):
        move = self.send(5)
        self.credit(move, 25)
        self.assertEqual(move.amount_residual, 82.5)
        self.pay(move, 110)
        # Odoo would call it reversed, beside a credit note.
        self.assertEqual((move.payment_state, move.amount_residual), ("paid", 0))
        self.assertEqual(self.balance("411"), -27.5)
        self.check_money(move, "check", 110)
        self.check_told(move, "27.50", move.name)

    def test_a_credit_note_after_the_transfer(self):
        move = self.send(5)
        self.pay(move, 110)
        refund = self.credit(move, 25)
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(self.balance("411"), -27.5)
        [activity] = self.money_activities(refund)
        self.assertIn(move.name, activity.note)
        # One whose invoice the Urssaf has not paid is nothing to anybody.
        other = self.create_invoice()
        self.assertFalse(self.money_activities(self.credit(other, 5)))

    def test_an_ordinary_reversal_is_still_one(self):
        move = self.create_invoice(partner=self.partner_a)
        self.credit(move, 60)
        self.assertEqual(move.payment_state, "reversed")

    # Invoices that are none any more

    def test_an_invoice_that_cannot_be_settled_is_looked_at(self):
        dollars = self.env.ref("base.USD").id
        for column, value, word in (
            ("state", "draft", "not confirmed"),
            ("state", "cancel", "not confirmed"),
            ("currency_id", dollars, "in euros"),
        ):
            with self.subTest(column=column, value=value):
                move = self.send()
                self.env.flush_all()
                self.env.cr.execute(
                    f"UPDATE account_move SET {column} = %s WHERE id = %s",
                    [value, move.id],
                )
                self.env.invalidate_all()
                self.pay(move, 44)
                self.work()
                self.assertFalse(self.entries(move))
                self.check_money(move, "check", 0)
                self.check_told(move, word, self.request(move).number)

    def test_what_was_changed_by_hand_is_left_to_a_person(self):
        for change in ("button_draft", "button_cancel"):
            with self.subTest(change):
                move = self.send()
                self.pay(move, 44)
                getattr(self.entries(move), change)()
                self.say(move, "110")
                self.refresh(move)
                self.assertEqual(len(self.entries(move)), 1)
                self.check_money(move, "check", 44)
                self.check_told(move, "by hand", move.name)

    # Dates that are locked

    def test_lock_dates(self):
        lock, today = self.month_end, fields.Date.today()
        for name, booked, vat in (
            ("sale_lock_date", lock, lock),
            ("tax_lock_date", lock, today),
            ("fiscalyear_lock_date", today, today),
            ("hard_lock_date", today, today),
        ):
            with self.subTest(name):
                move = self.send()
                with self.cr.savepoint() as savepoint:
                    self.env.company[name] = lock
                    self.pay(move, 44, lock)
                    self.assertEqual(self.entries(move).date, booked)
                    self.assertEqual(set(self.cash_basis(move).mapped("date")), {vat})
                    self.assertEqual(move.payment_state, "paid")
                    self.check_money(move, "done", 44)
                    # The transfer has its own day all the same.
                    self.assertEqual(self.request(move).transfer_id.date, lock)
                    self.env.flush_all()
                    savepoint.rollback()
                self.env.invalidate_all()

    def test_a_journal_of_which_nothing_may_change(self):
        company = self.env.company
        self.press(company, "action_l10n_fr_sap_set_up_payments")
        company.l10n_fr_sap_journal_id.restrict_mode_hash_table = True
        move = self.send(5)
        for status, amount, left in (
            ("70", 95, 15),
            ("70", 110, 0),
            ("70", 60, 50),
            ("110", None, 110),
        ):
            self.say(move, status, amount)
            self.refresh(move)
            self.assertAlmostEqual(move.amount_residual, left, 2)
        self.assertTrue(all(self.entries(move).mapped("inalterable_hash")))
        self.assertEqual((self.balance("467"), self.balance("411")), (0, 110))
