# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's money turns: every status that undoes a payment, or may, before it was
booked and after. What is certain moves by itself; the rest is for the accountant."""

from booking_common import BookingCase

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

DEBIT_REFUSED, CANCELLED = "60", ("110", "111", "112", "113")
TO_DECIDE = ("120", "260")
PAID_BACK_BY_US = "270"
AS_TODAY = ("40", "999")
STATUSES = (DEBIT_REFUSED, *CANCELLED, *TO_DECIDE, PAID_BACK_BY_US, *AS_TODAY)
ACCOUNTS = ("411", "467", "44571", "44574")
# The balances of the accounts while 44.00 is open, and once it is paid.
OPEN, PAID = (44, 0, 0, -4), (0, 44, -4, 0)
ADDRESS = "annulations@urssaf.example.com"


class TurningCase(BookingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "account.group_account_invoice"
        cls.accountant = new_test_user(cls.env, "bookkeeper", groups)
        cls.seller = new_test_user(cls.env, "seller", groups)
        cls.accountant.lang = cls.seller.lang = "en_US"
        cls.env.company.l10n_fr_sap_accountant_id = cls.accountant

    def send(self, **values):
        self.before = self.balances()
        return super().send(**{"invoice_user_id": self.seller.id} | values)

    def turn(self, move, status):
        request = self.request(move)
        body = {"statut": status, "libelle": "Nouvelle"}
        self.control(f"demandes/{request.urssaf_id}", body)
        self.refresh(move)
        self.env.invalidate_all()

    def send_paid_and_turned(self, status):
        move = self.send()
        self.pay(move, 44)
        self.turn(move, status)
        return move

    def balances(self):
        return [self.balance(prefix) for prefix in ACCOUNTS]

    def check_balances(self, *expected):
        moved = [
            round(now - before, 2)
            for now, before in zip(self.balances(), self.before, strict=True)
        ]
        self.assertEqual(moved, list(expected))

    def activities(self, move):
        return sorted(
            (activity.activity_type_id.get_external_id().popitem()[1], activity.user_id)
            for activity in move.activity_ids
        )

    def kinds(self, *named):
        """What ``activities`` gives for these, ``(name, user)``."""
        return sorted(
            (f"l10n_fr_urssaf_sap.activity_{name}", user) for name, user in named
        )

    def windows(self, move, model, user=None):
        """Of this model, as a button opens one on the payment request."""
        windows = self.env[model].with_user(user or self.accountant)
        return windows.with_context(active_id=self.request(move).id)

    def take_back(self, move, user=None, **values):
        """As a person does: open the window, type an amount or leave the one proposed,
        press the button."""
        windows = self.windows(move, "l10n_fr_sap.take.back", user)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            windows.with_env(windows.env(cr=cr)).create(values).action_take_back()
        self.env.invalidate_all()

    def undone(self, move):
        """What the payment request says of its entries, and whether it offers to make
        them again."""
        self.env.invalidate_all()
        request = self.request(move)
        return bool(request.changed_by_hand), request.can_register_again


@tagged("post_install", "-at_install")
class TestTurning(TurningCase):
    def check_booked_before(self, status):
        move = self.send_paid_and_turned(status)
        expected = []
        if status in CANCELLED:
            self.check_balances(*OPEN)
            self.assertEqual(move.payment_state, "not_paid")
            self.assertEqual(move.amount_residual, 44)
            self.check_money(move, "none", 0)
            self.assertEqual(len(self.entries(move)), 2)
            expected = [("turned", self.accountant)]
        else:
            self.check_balances(*PAID)
            self.assertEqual((move.payment_state, move.amount_residual), ("paid", 0))
            self.assertEqual(len(self.entries(move)), 1)
            decide = status in (*TO_DECIDE, *AS_TODAY)
            self.check_money(move, "check" if decide else "done", 44)
            self.assertEqual(self.request(move).can_take_back, decide)
            expected += [("money", self.accountant)] * decide
            expected += [("turned", self.accountant)] * (status == DEBIT_REFUSED)
            expected += [("refused", self.seller)] * (status == "40")
        self.assertEqual(self.activities(move), self.kinds(*expected))

    def check_not_booked(self, status):
        move = self.send()
        self.turn(move, status)
        self.check_balances(*OPEN)
        self.assertEqual((move.payment_state, move.amount_residual), ("not_paid", 44))
        self.check_money(move, "none", 0)
        self.assertFalse(self.entries(move))
        self.assertFalse(self.request(move).can_take_back)
        kind = {"40": "refused", "999": None, PAID_BACK_BY_US: None}
        kind = kind.get(status, "turned")
        who = self.seller if kind == "refused" else self.accountant
        self.assertEqual(
            self.activities(move), self.kinds(*([(kind, who)] if kind else ()))
        )

    def test_every_status_after_the_payment_was_booked(self):
        for status in STATUSES:
            with self.subTest(status):
                self.check_booked_before(status)

    def test_every_status_before_anything_was_booked(self):
        for status in STATUSES:
            with self.subTest(status):
                self.check_not_booked(status)

    def test_the_activity_says_what_to_do_and_what_becomes_of_vat(self):
        note = self.send_paid_and_turned("111").activity_ids.note
        for words in ("directly", "44", "taken out of the books", "tax lock date"):
            self.assertIn(words, note)
        unpaid = self.send()
        self.turn(unpaid, "111")
        self.assertIn("directly", unpaid.activity_ids.note)
        self.assertNotIn("taken out", unpaid.activity_ids.note)
        self.assertIn("money back", self.send_paid_and_turned("260").activity_ids.note)

    def test_nobody_keeps_books_that_the_option_leaves_alone(self):
        self.env.company.l10n_fr_sap_register_payments = False
        move = self.send()
        self.turn(move, "120")
        self.assertFalse(move.activity_ids)

    def test_the_option_is_switched_off_after_it_was_booked(self):
        move = self.send()
        self.pay(move, 44)
        self.env.company.l10n_fr_sap_register_payments = False
        self.turn(move, "110")
        self.check_balances(*PAID)
        self.check_money(move, "check", 44)
        self.assertEqual(self.activities(move), self.kinds(("money", self.accountant)))
        self.assertIn("by hand", self.request(move).money_note)
        # Switched on again, the button does what was left.
        self.env.company.l10n_fr_sap_register_payments = True
        self.press(self.request(move), "action_register_payment")
        self.env.invalidate_all()
        self.check_balances(*OPEN)
        self.check_money(move, "none", 0)

    # What the invoice says of it

    def test_the_invoice_says_what_was_cancelled_and_what_to_do(self):
        for status in CANCELLED:
            with self.subTest(status):
                move = self.send_paid_and_turned(status)
                told = move.with_user(self.seller).l10n_fr_sap_error
                for words in (self.request(move).number, "44,00", "next transfer"):
                    self.assertIn(words, told)
        unpaid = self.send()
        self.turn(unpaid, "110")
        self.assertIn("send it again", unpaid.l10n_fr_sap_error)
        self.assertNotIn("taken out", unpaid.l10n_fr_sap_error)

    def test_nothing_is_wrong_any_more_once_it_is_paid_otherwise(self):
        move = self.send_paid_and_turned("112")
        self.assertIn("register that payment", move.l10n_fr_sap_error)
        self.pay_by_hand(move, 44)
        self.assertFalse(move.l10n_fr_sap_error)

    def test_the_invoice_says_whatever_is_wrong(self):
        for status, words in (
            (DEBIT_REFUSED, "has failed"),
            ("260", "leaves to you"),
            ("999", "Ask the Urssaf"),
        ):
            with self.subTest(status):
                move = self.send()
                self.turn(move, status)
                self.assertIn(words, move.l10n_fr_sap_error)
        for status in ("50", "70", "270"):
            with self.subTest(status):
                move = self.send()
                self.turn(move, status)
                self.assertFalse(move.l10n_fr_sap_error)

    def test_a_refresh_that_brings_bad_news_is_no_success(self):
        for status, kind in (("110", "warning"), ("60", "warning"), ("30", "success")):
            with self.subTest(status):
                move = self.send()
                body = {"statut": status, "libelle": "Nouvelle"}
                urssaf_id = self.request(move).urssaf_id
                self.control(f"demandes/{urssaf_id}", body)
                answer = self.press(move, "action_l10n_fr_sap_refresh")
                self.assertEqual(answer["params"]["type"], kind)

    def test_the_transfer_that_is_taken_back_stays_to_be_seen(self):
        move = self.send_paid_and_turned("110")
        transfer = self.request(move).transfer_id
        self.assertTrue(transfer)
        self.press(move, "action_l10n_fr_sap_send")
        self.env.invalidate_all()
        self.assertFalse(self.request(move).transfer_id)
        self.assertEqual(move.l10n_fr_sap_shown_transfer_id, transfer)

    def test_what_the_urssaf_says_next_counts(self):
        move = self.send_paid_and_turned("120")
        self.pay(move, 44)
        self.env.invalidate_all()
        self.check_money(move, "done", 44)
        self.assertFalse(move.activity_ids)
        self.turn(move, "260")
        self.check_money(move, "check", 44)
        self.turn(move, "110")
        self.check_money(move, "none", 0)
        self.check_balances(*OPEN)
        self.assertEqual(self.activities(move), self.kinds(("turned", self.accountant)))
        self.assertEqual(len(self.entries(move)), 2)

    def test_what_somebody_was_to_decide_stays_so_once_it_is_settled(self):
        move = self.send_paid_and_turned("260")
        self.turn(move, "270")
        self.check_money(move, "check", 44)
        self.take_back(move)
        self.check_money(move, "none", 0)
        self.check_balances(*OPEN)


@tagged("post_install", "-at_install")
class TestTakingBack(TurningCase):
    def test_the_urssaf_takes_all_of_it_back(self):
        for status in TO_DECIDE:
            with self.subTest(status):
                move = self.send_paid_and_turned(status)
                windows = self.windows(move, "l10n_fr_sap.take.back")
                self.assertEqual(windows.new().amount, 44)
                self.take_back(move)
                today, customer = fields.Date.today(), self.partner.name
                self.assertEqual(
                    self.items(self.entries(move).sorted("id")[-1:]),
                    [(today, "411100", customer, 44), (today, "467100", "Urssaf", -44)],
                )
                self.check_balances(*OPEN)
                self.assertEqual(move.payment_state, "not_paid")
                self.check_money(move, "none", 0)
                self.assertEqual(
                    self.activities(move), [], move.activity_ids.mapped("note")
                )
                # Once.
                with self.assertRaises(UserError):
                    self.take_back(move)
                self.assertEqual(len(self.entries(move)), 2)

    def test_the_urssaf_takes_a_part_back(self):
        move = self.send_paid_and_turned("260")
        self.take_back(move, amount=11)
        self.check_balances(11, 33, -3, -1)
        self.assertEqual((move.payment_state, move.amount_residual), ("partial", 11))
        self.check_money(move, "done", 33)
        self.refresh(move)
        self.work()
        self.check_balances(11, 33, -3, -1)
        # It cancels the request after all: the rest goes as well.
        self.turn(move, "113")
        self.check_balances(*OPEN)

    def test_never_more_than_was_booked_and_never_what_stays(self):
        move = self.send_paid_and_turned("120")
        for amount in (0, -5, 44.01):
            with self.assertRaises(UserError):
                self.take_back(move, amount=amount)
        paid = self.send()
        self.pay(paid, 44)
        with self.assertRaises(UserError):
            self.take_back(paid, amount=44)
        employee = new_test_user(self.env, "employee", "base.group_user")
        with self.assertRaises(AccessError):
            self.take_back(move, user=employee, amount=44)
        self.check_money(move, "check", 44)
        self.check_money(paid, "done", 44)

    def test_nothing_to_register(self):
        move = self.send_paid_and_turned("120")
        self.press(self.request(move), "action_registered_already")
        self.env.invalidate_all()
        self.check_money(move, "done", 44)
        self.check_balances(*PAID)
        self.assertFalse(move.activity_ids)
        self.refresh(move)
        self.work()
        self.check_money(move, "done", 44)

    def test_what_was_cancelled_by_hand_is_registered_again_on_demand(self):
        move = self.send()
        self.pay(move, 44)
        self.assertEqual(self.undone(move), (False, False))
        entry = self.entries(move)
        entry.button_draft()
        # Still matched with the invoice: a second entry would be one too many.
        self.assertEqual(self.undone(move), (True, False))
        entry.button_cancel()
        self.assertEqual(self.undone(move), (True, True))
        self.assertEqual(move.payment_state, "not_paid")
        self.refresh(move)
        self.work()
        self.assertEqual(self.undone(move), (True, True))
        self.check_balances(*OPEN)
        self.press(self.request(move), "action_register_again")
        self.assertEqual(self.undone(move), (False, False))
        self.check_balances(*PAID)
        self.check_money(move, "done", 44)
        self.assertEqual(move.payment_state, "paid")
        self.press(self.request(move), "action_register_again")
        self.check_balances(*PAID)

    def reverse(self, entry):
        """With Odoo's own button."""
        wizards = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=entry.ids
        )
        values = {"journal_id": entry.journal_id.id, "date": fields.Date.today()}
        action = self.press(wizards.create(values), "reverse_moves")
        reversal = self.env["account.move"].browse(action["res_id"])
        if reversal.state == "draft":
            self.press(reversal, "action_post")
        self.env.invalidate_all()

    def test_what_was_reversed_by_hand(self):
        for again in (True, False):
            with self.subTest(again=again):
                move = self.send()
                self.pay(move, 44)
                transfer = self.request(move).transfer_id
                registered = transfer.amount_registered
                self.reverse(self.entries(move))
                self.check_balances(*OPEN)
                self.assertEqual(self.undone(move), (True, True))
                # The bank has shown nothing of it.
                self.assertEqual(transfer.amount_registered, registered - 44)
                self.assertEqual(transfer.amount_received, 0)
                if again:
                    self.press(self.request(move), "action_register_again")
                    self.check_balances(*PAID)
                    self.assertEqual(self.undone(move), (False, False))
                self.turn(move, "110")
                # It is not taken back twice.
                self.check_balances(*OPEN)
                self.check_money(move, "none" if again else "check", 0 if again else 44)
                transfer.invalidate_recordset()

    def test_a_deleted_entry_and_a_cancelled_correction(self):
        move = self.send()
        self.pay(move, 44)
        entry = self.entries(move)
        entry.button_draft()
        entry.unlink()
        self.assertEqual(self.undone(move), (True, True))
        self.press(self.request(move), "action_register_again")
        self.check_balances(*PAID)
        self.turn(move, "112")
        self.check_balances(*OPEN)
        back = self.entries(move).sorted("id")[-1:]
        back.button_draft()
        back.button_cancel()
        self.assertEqual(self.undone(move), (True, True))
        self.press(self.request(move), "action_register_again")
        self.assertEqual(self.undone(move), (False, False))
        self.check_balances(*OPEN)


@tagged("post_install", "-at_install")
class TestAskingToCancel(TurningCase):
    def ask(self, move, **values):
        values = {"reason": "ANNUL_ERR_MNT"} | values
        return self.windows(move, "l10n_fr_sap.ask.cancel").create(values)

    def test_the_message_is_french_and_says_all_that_the_urssaf_needs(self):
        self.env.company.l10n_fr_sap_cancel_email = ADDRESS
        move = self.send()
        request = self.request(move)
        self.assertTrue(request.can_ask_cancel)
        window = self.ask(move)
        self.assertEqual(window.recipient, ADDRESS)
        self.assertIn(move.name, window.subject)
        customer_id = self.partner.l10n_fr_sap_urssaf_id
        for words in (
            move.name,
            request.urssaf_id,
            "44,00",
            f"{move.invoice_date:%d/%m/%Y}",
            customer_id,
            "Montant erroné",
        ):
            self.assertIn(words, str(window.body).replace("\xa0", " "))
        window.action_send()
        mail = self.env["mail.mail"].search([("email_to", "=", ADDRESS)])
        self.assertEqual(mail.subject, window.subject)
        self.assertIn(customer_id, mail.body_html)
        self.assertTrue(request.cancel_asked_at)
        # More people read the chatter.
        told = move.message_ids[0].body
        self.assertIn(request.number, told)
        self.assertNotIn(customer_id, told)
        self.assertEqual(request.state, "integrated")

    def test_there_is_no_address_but_the_one_that_somebody_gives(self):
        move = self.send()
        window = self.ask(move)
        self.assertFalse(window.recipient)
        with self.assertRaises(UserError):
            window.action_send()
        window.recipient = ADDRESS
        window.action_send()
        self.assertTrue(self.request(move).cancel_asked_at)

    def test_the_invoice_opens_the_message(self):
        move = self.send()
        self.assertTrue(move.l10n_fr_sap_can_ask_cancel)
        action = self.press(move, "action_l10n_fr_sap_ask_cancel", self.seller)
        self.assertEqual(action["context"]["active_id"], self.request(move).id)
        with self.assertRaises(UserError) as caught:
            move.button_request_cancel()
        self.assertIn("Ask the Urssaf to Cancel", str(caught.exception))
        nobody = new_test_user(self.env, "nobody", "base.group_user")
        with self.assertRaises(AccessError):
            move.with_user(nobody).action_l10n_fr_sap_ask_cancel()

    def test_only_what_the_urssaf_holds_can_be_cancelled(self):
        move = self.send()
        self.turn(move, "110")
        self.assertFalse(self.request(move).can_ask_cancel)
        with self.assertRaises(UserError):
            self.ask(move, recipient=ADDRESS).action_send()
        self.assertFalse(self.request(move).cancel_asked_at)
