# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The period of an invoice, and one invoice a month."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from sap_common import SapCase

from odoo import Command
from odoo.tests import tagged

SEND = "action_l10n_fr_sap_send"
SPLIT = "action_l10n_fr_sap_split_by_month"


@tagged("post_install", "-at_install")
class TestMonths(SapCase):
    def setUp(self):
        super().setUp()
        self.before = self.month_start - timedelta(days=1)

    def line(self, start, end, **values):
        return Command.create(
            {
                "product_id": self.product.id,
                "quantity": 3,
                "l10n_fr_sap_date_from": start,
                "l10n_fr_sap_date_to": end,
            }
            | values
        )

    def test_the_period_is_the_lines_own(self):
        first, last = self.month_start + timedelta(days=2), self.month_end
        move = self.create_invoice(
            invoice_line_ids=[self.line(first, first), self.line(last, last)]
        )
        self.assertEqual(
            (move.l10n_fr_sap_date_from, move.l10n_fr_sap_date_to), (first, last)
        )
        move.button_draft()
        self.assertFalse(move.l10n_fr_sap_date_from)

    def test_a_discount_of_another_month_is_named_with_its_line(self):
        """Cleaning of last month, and 25 € off for the month before."""
        self.activate(since=self.month_start - relativedelta(months=3))
        cleaning = self.line(self.month_start, self.month_start, price_unit=25)
        other = self.before - timedelta(days=5)
        for start, end, named in (
            (other, other, True),
            (other, False, True),
            (False, other, True),
            (other, self.month_start, True),
            (self.month_end, self.month_end + timedelta(days=1), True),
            # These are taken off as ever.
            (False, False, False),
            (self.month_start, self.month_start, False),
            (self.month_end, self.month_end, False),
        ):
            with self.subTest(start=start, end=end):
                discount = self.line(
                    start, end, name="régul. juin", quantity=1, price_unit=-25
                )
                move = self.create_invoice(invoice_line_ids=[cleaning, discount])
                # A discount is no day of service.
                self.assertEqual(move.l10n_fr_sap_date_from, self.month_start)
                self.assertEqual(move.l10n_fr_sap_date_to, self.month_start)
                if named:
                    self.assertEqual(
                        move.l10n_fr_sap_to_fix,
                        "Line “régul. juin”: Services From is in another month than the"
                        " services it is taken off",
                    )
                    self.assertIn("régul. juin", self.listed(move, SEND))
                    self.assertFalse(move.l10n_fr_sap_status)
                else:
                    self.assertFalse(move.l10n_fr_sap_to_fix)
                    self.press(move, SEND)
                    self.assertEqual(move.l10n_fr_sap_status, "integrated")

    def test_a_discount_of_another_month_does_not_move_services_without_dates(self):
        other = self.before - timedelta(days=5)
        cleaning = self.line(False, False, quantity=4, price_unit=25)
        discount = self.line(other, other, quantity=1, price_unit=-25, name="régul.")
        move = self.create_invoice(invoice_line_ids=[cleaning, discount])
        self.assertEqual(move.l10n_fr_sap_date_from, self.month_start)
        self.assertIn("Line “régul.”", move.l10n_fr_sap_to_fix)
        # Nor is there anything to split.
        draft = self.create_invoice(post=False, invoice_line_ids=[cleaning, discount])
        self.assertFalse(draft.l10n_fr_sap_can_split_by_month)

    def test_a_discount_from_before_the_activation_is_named(self):
        self.activate(since=self.month_start + timedelta(days=9))
        day = self.month_start + timedelta(days=15)
        cleaning = self.line(day, day, price_unit=25)
        early = self.month_start + timedelta(days=1)
        discount = self.line(early, early, quantity=1, price_unit=-25, name="régul.")
        move = self.create_invoice(invoice_line_ids=[cleaning, discount])
        self.assertEqual(
            move.l10n_fr_sap_to_fix,
            "Line “régul.”: Services From is earlier than the customer's activation",
        )

    def test_lines_go_to_the_invoice_of_their_month(self):
        move = self.create_invoice(
            post=False,
            invoice_line_ids=[
                self.line(self.before, self.before, discount=10),
                self.line(self.month_end, self.month_end, price_unit=19.99),
            ],
        )
        self.assertTrue(move.l10n_fr_sap_can_split_by_month)
        account = self.env["account.analytic.account"].create(
            {
                "name": "Lyon",
                "plan_id": self.env["account.analytic.plan"].create({"name": "P"}).id,
            }
        )
        move.invoice_line_ids[1].analytic_distribution = {str(account.id): 100}
        ledger = move.invoice_line_ids[1].account_id
        total = move.amount_total
        action = self.press(move, SPLIT)
        drafts = self.env["account.move"].search(action["domain"])
        self.assertEqual(len(drafts), 2)
        other = drafts - move
        self.assertEqual(sum(drafts.mapped("amount_total")), total)
        self.assertEqual(other.invoice_line_ids.price_unit, 19.99)
        self.assertEqual(other.invoice_line_ids.account_id, ledger)
        self.assertEqual(other.invoice_line_ids.tax_ids, self.product.taxes_id)
        self.assertEqual(
            other.invoice_line_ids.analytic_distribution, {str(account.id): 100}
        )
        self.assertFalse(move.l10n_fr_sap_can_split_by_month)
        drafts.action_post()
        self.assertEqual(other.l10n_fr_sap_date_from, self.month_end)
        self.assertEqual(move.l10n_fr_sap_date_to, self.before)

    def test_a_line_over_two_months_is_shared_out_by_days_to_the_cent(self):
        for quantity, price in ((7, 33.33), (10, 24.99), (4.5, 29.95), (1, 100)):
            with self.subTest(quantity=quantity, price=price):
                start = self.month_start - relativedelta(days=10)
                move = self.create_invoice(
                    post=False,
                    invoice_line_ids=[
                        self.line(
                            start,
                            self.month_start + timedelta(days=9),
                            quantity=quantity,
                            price_unit=price,
                        )
                    ],
                )
                total = move.amount_total
                action = self.press(move, SPLIT)
                drafts = self.env["account.move"].search(action["domain"])
                self.assertAlmostEqual(sum(drafts.mapped("amount_total")), total, 2)
                lines = drafts.invoice_line_ids
                self.assertAlmostEqual(sum(lines.mapped("quantity")), quantity, 6)
                for line in lines:
                    self.assertEqual(
                        line.l10n_fr_sap_date_from.month, line.l10n_fr_sap_date_to.month
                    )
                    # Half of the days each, give or take what the cent asks for.
                    self.assertAlmostEqual(line.quantity, quantity / 2, delta=0.51)

    def test_nothing_to_split_is_said(self):
        move = self.create_invoice(post=False)
        self.assertFalse(move.l10n_fr_sap_can_split_by_month)
        self.assertIn("nothing to split", self.refuse(move, SPLIT))
        move.action_post()
        self.assertIn("Only a draft", self.refuse(move, SPLIT))
