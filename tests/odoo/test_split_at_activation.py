# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What was done before the customer's activation is paid directly, the rest is sent."""

from datetime import datetime, time, timedelta

from sap_common import SapCase

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

SPLIT = "action_l10n_fr_sap_split_at_activation"
BY_MONTH = "action_l10n_fr_sap_split_by_month"
SEND = "action_l10n_fr_sap_send"


@tagged("post_install", "-at_install")
class TestSplitAtActivation(SapCase):
    """The customer activated on the 10th."""

    def setUp(self):
        super().setUp()
        self.activate(since=datetime.combine(self.on(10), time(14, 32, 10)))

    def on(self, day):
        return self.month_start.replace(day=day)

    def draft(self, *lines, **values):
        """Of lines of three hours each: a day, or the first and the last one, or none;
        perhaps with other values."""
        commands = []
        for line in lines:
            days, more = line if isinstance(line, tuple) else (line, {})
            start, end = days if isinstance(days, list) else (days, days)
            commands.append(
                {
                    "product_id": self.product.id,
                    "quantity": 3,
                    "l10n_fr_sap_date_from": start and self.on(start),
                    "l10n_fr_sap_date_to": end and self.on(end),
                }
                | more
            )
        return self.create_invoice(
            post=False,
            invoice_line_ids=[Command.create(values) for values in commands],
            **values,
        )

    def split(self, move, user=None):
        """The draft of what is from before, and that of the rest."""
        total = move.amount_total
        action = self.press(move, SPLIT, user=user)
        drafts = self.env["account.move"].search(action["domain"])
        self.assertIn(move, drafts)
        self.assertAlmostEqual(sum(drafts.mapped("amount_total")), total, 2)
        return move, drafts - move

    def days(self, move):
        return [
            (line.l10n_fr_sap_date_from.day, line.l10n_fr_sap_date_to.day)
            for line in move.invoice_line_ids
        ]

    def test_two_visits_are_paid_directly_and_two_are_sent(self):
        move = self.draft(2, 9, 16, 23)
        self.assertTrue(move.l10n_fr_sap_can_split_at_activation)
        self.assertFalse(move.l10n_fr_sap_can_split_by_month)
        before, rest = self.split(move)
        self.assertEqual(self.days(before), [(2, 2), (9, 9)])
        self.assertEqual(self.days(rest), [(16, 16), (23, 23)])
        self.assertEqual(before.amount_total, rest.amount_total)
        self.assertFalse(before.l10n_fr_sap_avance_immediate)
        self.assertTrue(rest.l10n_fr_sap_avance_immediate)
        for draft in (before, rest):
            self.assertFalse(draft.l10n_fr_sap_can_split_at_activation)
        (before | rest).action_post()
        self.assertEqual(rest.l10n_fr_sap_date_from, self.on(16))
        said = self.listed(before | rest, SEND)
        self.assertIn(f"{before.display_name}: Avance immédiate is switched off", said)
        self.assertEqual(rest.l10n_fr_sap_status, "integrated")
        self.assertEqual(list(self.urssaf_requests()), [rest.name])
        # The document of the first one asks for its money.
        self.assertFalse(before.l10n_fr_sap_collected)
        self.assertTrue(rest.l10n_fr_sap_collected)

    def test_several_are_split_at_once_or_none(self):
        moves = self.draft(2, 16) | self.draft(9, 23)
        action = self.press(moves, SPLIT)
        drafts = self.env["account.move"].search(action["domain"])
        self.assertEqual(len(drafts), 4)
        self.assertEqual(
            sorted(self.days(draft) for draft in drafts),
            [[(day, day)] for day in (2, 9, 16, 23)],
        )
        for draft in drafts:
            wanted = draft not in moves
            self.assertEqual(draft.l10n_fr_sap_avance_immediate, wanted)
        good, bad = self.draft(2, 16), self.draft(16, 23)
        self.refuse(good | bad, SPLIT)
        self.assertEqual(len(good.invoice_line_ids), 2)

    def test_the_obstacle_leads_to_the_button_where_it_helps(self):
        move = self.draft(2, 9, 16, 23)
        move.action_post()
        hint = "“Split at the Activation”"
        self.assertEqual(move.l10n_fr_sap_to_fix.count(hint), 1)
        self.assertFalse(move.l10n_fr_sap_can_split_at_activation)
        action = self.press(move, SEND)
        [line] = self.env["l10n_fr_sap.summary"].browse(action["res_id"]).line_ids
        self.assertIn(hint, line.message)
        self.assertEqual(line.action_open()["res_id"], move.id)
        move.button_draft()
        self.assertTrue(move.l10n_fr_sap_can_split_at_activation)
        self.assertIn(hint, self.listed(move, SEND))
        early = self.draft(2, 9)
        early.action_post()
        self.assertIn("earlier than", early.l10n_fr_sap_to_fix)
        self.assertNotIn(hint, early.l10n_fr_sap_to_fix)

    def test_the_day_itself_can_be_sent(self):
        before, rest = self.split(self.draft(9, 10))
        self.assertEqual((self.days(before), self.days(rest)), ([(9, 9)], [(10, 10)]))

    def test_a_line_over_the_activation_is_shared_out_by_days_to_the_cent(self):
        for quantity, price in ((7, 33.33), (10, 24.99), (4.5, 29.95), (1, 100)):
            with self.subTest(quantity=quantity, price=price):
                values = {"quantity": quantity, "price_unit": price}
                before, rest = self.split(self.draft(([5, 14], values)))
                self.assertEqual(self.days(before), [(5, 9)])
                self.assertEqual(self.days(rest), [(10, 14)])
                lines = (before | rest).invoice_line_ids
                self.assertAlmostEqual(sum(lines.mapped("quantity")), quantity, 6)
                for line in lines:
                    self.assertAlmostEqual(line.quantity, quantity / 2, delta=0.51)

    def test_a_line_without_dates_goes_over_the_period_of_the_invoice(self):
        move = self.draft(
            (None, {"quantity": 20}),
            l10n_fr_sap_date_from=self.on(1),
            l10n_fr_sap_date_to=self.on(20),
        )
        self.assertTrue(move.l10n_fr_sap_can_split_at_activation)
        before, rest = self.split(move)
        self.assertEqual((self.days(before), self.days(rest)), ([(1, 9)], [(10, 20)]))
        self.assertAlmostEqual(before.invoice_line_ids.quantity, 9, 2)
        self.assertAlmostEqual(rest.invoice_line_ids.quantity, 11, 2)

    def test_a_discount_without_dates_stays_on_the_first(self):
        discount = (None, {"quantity": 1, "price_unit": -5})
        before, rest = self.split(self.draft(2, 16, discount))
        self.assertEqual(len(before.invoice_line_ids), 2)
        self.assertEqual(self.days(rest), [(16, 16)])
        dated = (16, {"quantity": 1, "price_unit": -5})
        before, rest = self.split(self.draft(2, 16, dated))
        self.assertEqual(self.days(rest), [(16, 16), (16, 16)])
        rest.action_post()
        self.press(rest, SEND)
        self.assertEqual(rest.l10n_fr_sap_status, "integrated")

    def test_it_is_offered_only_where_it_helps(self):
        discount = {"quantity": 1, "price_unit": -5}
        over_period = {
            "l10n_fr_sap_date_from": self.on(1),
            "l10n_fr_sap_date_to": self.on(28),
        }
        for name, move, helps in (
            ("all before", self.draft(2, 9), False),
            ("all after", self.draft(16, 23), False),
            ("from the day itself on", self.draft(10, 16), False),
            ("no dates", self.draft(None), False),
            ("a discount before", self.draft((2, discount), 16), False),
            ("the lines know better", self.draft(16, 23, **over_period), False),
            ("the period", self.draft(None, **over_period), True),
            ("one line over it", self.draft([9, 10]), True),
        ):
            with self.subTest(name):
                self.assertEqual(move.l10n_fr_sap_can_split_at_activation, helps)
                if not helps:
                    before = move.read(["invoice_line_ids", "amount_total"])
                    self.refuse(move, SPLIT)
                    after = move.read(["invoice_line_ids", "amount_total"])
                    self.assertEqual(after, before)

    def test_whoever_has_not_activated_has_nothing_to_split(self):
        other = self.create_particulier("Paul Moreau")
        move = self.draft(2, 16, partner=other)
        self.assertFalse(move.l10n_fr_sap_can_split_at_activation)
        self.assertIn("has not activated", self.refuse(move, SPLIT))
        ordinary = self.draft(2, 16, partner=self.partner_a)
        self.assertFalse(ordinary.l10n_fr_sap_can_split_at_activation)
        self.refuse(ordinary, SPLIT)
        # Where the Urssaf tells no day, nothing is known to be from before.
        self.partner.l10n_fr_sap_registration_ids.sudo().active_since = False
        self.assertFalse(self.draft(2, 16).l10n_fr_sap_can_split_at_activation)

    def test_it_is_for_drafts_and_for_those_who_may_write_them(self):
        move = self.draft(2, 16)
        employee = mail_new_test_user(self.env, "employee", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.press(move, SPLIT, user=employee)
        accountant = mail_new_test_user(
            self.env, "invoicer", groups="account.group_account_invoice"
        )
        self.split(move, accountant)
        posted = self.draft(2, 16)
        posted.action_post()
        self.assertIn("Only a draft", self.refuse(posted, SPLIT))

    def test_both_splits_in_turn(self):
        start = self.month_start - timedelta(days=3)
        over = {"l10n_fr_sap_date_from": start, "l10n_fr_sap_date_to": start}
        move = self.draft((2, over), 2, 16)
        self.assertTrue(move.l10n_fr_sap_can_split_by_month)
        self.assertTrue(move.l10n_fr_sap_can_split_at_activation)
        total = move.amount_total
        action = self.press(move, BY_MONTH)
        drafts = self.env["account.move"].search(action["domain"])
        [other] = drafts - move
        before, rest = self.split(other)
        self.assertEqual((self.days(before), self.days(rest)), ([(2, 2)], [(16, 16)]))
        self.assertEqual(sum((drafts | rest).mapped("amount_total")), total)
