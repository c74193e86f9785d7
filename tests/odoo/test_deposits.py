# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A payment of which the Urssaf was told as a deposit, and that the books do not show any
more: somebody is told, once, and nothing is blocked."""

from meanwhile_common import SEND, MeanwhileCase

from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestDeposits(MeanwhileCase):
    def setUp(self):
        super().setUp()
        self.env.company.l10n_fr_sap_deposits_allowed = True

    def pay(self, move, amount):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"amount": amount})
        )
        return wizard._create_payments()

    def notes(self, move):
        return self.to_check(move).mapped("note")

    def check_told(self, move, times=1):
        notes = self.notes(move)
        self.assertEqual(len(notes), times, notes)
        for note in notes:
            self.assertIn(move.l10n_fr_sap_request_id.number, note)

    def test_each_road_that_undoes_it(self):
        for name, undo in {
            "unreconciled": lambda _payment: self.move.line_ids.remove_move_reconcile(),
            "of the payment": lambda payment: (
                payment.move_id.line_ids.remove_move_reconcile()
            ),
            "deleted": lambda payment: (payment.action_draft(), payment.unlink()),
            "cancelled": lambda payment: payment.action_cancel(),
            "one match": lambda payment: self.move.js_remove_outstanding_partial(
                payment.move_id.line_ids.matched_debit_ids.id
            ),
        }.items():
            with self.subTest(name):
                self.move = self.create_invoice()
                payment = self.pay(self.move, 30)
                self.press(self.move, SEND)
                self.env.invalidate_all()
                self.assertEqual(self.calls("M050")[-1][0]["mntAcompte"], 30)
                self.check_told(self.move, 0)
                undo(payment)
                self.assertEqual(self.move.amount_residual, self.move.amount_total)
                self.check_told(self.move)

    def test_two_payments_undone_at_once_are_one_matter(self):
        self.pay(self.move, 20)
        self.pay(self.move, 10)
        self.press(self.move, SEND)
        self.env.invalidate_all()
        self.move.line_ids.remove_move_reconcile()
        self.check_told(self.move)

    def test_what_is_paid_later_or_not_sent_is_no_deposit(self):
        self.pay(self.move, 30).action_cancel()
        self.press(self.move, SEND)
        self.env.invalidate_all()
        later = self.pay(self.move, 30)
        self.env.cr.execute(
            "UPDATE account_partial_reconcile SET create_date = now() + interval '1 day'"
            " WHERE id IN %s",
            [tuple(later.move_id.line_ids.matched_debit_ids.ids)],
        )
        self.env.invalidate_all()
        later.action_cancel()
        self.check_told(self.move, 0)

    def test_one_that_the_customer_refused_is_told_of_no_more(self):
        payment = self.pay(self.move, 30)
        self.press(self.move, SEND)
        self.env.invalidate_all()
        self.move.sudo().l10n_fr_sap_request_id.state = "refused"
        payment.action_cancel()
        self.check_told(self.move, 0)

    def test_whoever_undoes_it_need_not_deal_with_the_urssaf(self):
        payment = self.pay(self.move, 30)
        self.press(self.move, SEND)
        self.env.invalidate_all()
        groups = "account.group_account_user,account.group_account_invoice"
        accountant = new_test_user(self.env, "accountant", groups)
        payment.with_user(accountant).action_cancel()
        self.check_told(self.move)
