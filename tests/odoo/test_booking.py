# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf pays comes into the books, once, and goes out of them again where it
takes it back."""

from booking_common import BookingCase

from odoo import fields
from odoo.tests import tagged

CANCELLED = ("110", "111", "112", "113")


@tagged("post_install", "-at_install")
class TestBooking(BookingCase):
    def test_a_transfer_settles_the_invoice(self):
        move = self.send()
        self.pay(move, 44)
        entry = self.entries(move)
        customer = self.partner.name
        self.assertEqual(
            self.items(entry),
            [(self.day, "411100", customer, -44), (self.day, "467100", "Urssaf", 44)],
        )
        self.assertEqual(entry.company_id, self.env.company)
        self.assertEqual(entry.journal_id.code, "URS")
        self.assertEqual(entry.state, "posted")
        self.assertEqual((move.payment_state, move.amount_residual), ("paid", 0))
        # VAT on payments is due from the day of the transfer on.
        self.assertEqual(
            self.items(self.cash_basis(move)),
            [
                (self.day, "445710", customer, -4),
                (self.day, "445740", customer, 4),
                (self.day, "707000", customer, -40),
                (self.day, "707000", customer, 40),
            ],
        )
        self.assertEqual(self.balance("411"), 0)
        self.check_money(move, "done", 44)
        transfer = self.request(move).transfer_id
        self.assertEqual(transfer, entry.l10n_fr_sap_transfer_id)
        self.assertEqual(
            (transfer.date, transfer.company_id, transfer.environment, transfer.state),
            (self.day, self.env.company, "test", "to_receive"),
        )
        self.assertEqual(transfer.amount_announced, 44)
        self.assertEqual(transfer.amount_registered, 44)
        self.assertEqual(transfer.amount_received, 0)
        self.assertFalse(self.money_activities(move))

    def test_what_is_cancelled_is_taken_out_again(self):
        for status in CANCELLED:
            with self.subTest(status):
                move = self.send()
                self.pay(move, 44)
                before = self.balance("467"), self.balance("411")
                self.say(move, status)
                self.refresh(move)
                today = fields.Date.today()
                back = self.entries(move).filtered_domain([("date", "=", today)])
                customer = self.partner.name
                self.assertEqual(
                    self.items(back),
                    [(today, "411100", customer, 44), (today, "467100", "Urssaf", -44)],
                )
                self.assertEqual(self.balance("467"), before[0] - 44)
                self.assertEqual(self.balance("411"), before[1] + 44)
                self.assertEqual(move.payment_state, "not_paid")
                self.assertEqual(move.amount_residual, 44)
                self.assertEqual(
                    self.balance("4457"), -4 * (1 + CANCELLED.index(status))
                )
                self.check_money(move, "none", 0)
                # Ours are matched with each other.
                self.assertEqual(
                    self.request(move).entry_line_ids.mapped("reconciled"), [True] * 2
                )
