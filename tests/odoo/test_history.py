# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf paid before the company had it booked is history: somebody registered it
by hand. And what is booked carries what e-reporting asks for."""

import importlib.util
from pathlib import Path

from booking_common import BookingCase
from lxml import etree

from odoo import Command
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons import l10n_fr_urssaf_sap


@tagged("post_install", "-at_install")
class TestHistory(BookingCase):
    def setUp(self):
        super().setUp()
        self.env.company.l10n_fr_sap_register_payments = False
        self.moves = self.send() | self.send(quantity=1)
        self.pay(self.moves[0], 44)
        self.pay(self.moves[1], 22)

    def listed(self):
        """What the filter *Paid, Not Registered* shows."""
        view = self.env.ref("l10n_fr_urssaf_sap.view_payment_request_search")
        domain = etree.fromstring(view.arch).find(
            ".//filter[@name='paid_not_registered']"
        )
        requests = self.env["l10n_fr_sap.payment.request"]
        found = requests.search(safe_eval(domain.get("domain")))
        return found.move_id & self.moves

    def switch_on(self):
        self.env.company.l10n_fr_sap_register_payments = True

    def poll(self):
        self.age(self.moves.l10n_fr_sap_request_ids, hours=48)
        self.run_cron("ir_cron_refresh_requests")
        self.refresh(*self.moves)
        self.work()
        self.env.invalidate_all()

    def check_nothing_booked(self):
        self.assertFalse(self.entries(*self.moves))
        for move in self.moves:
            self.check_money(move, "none", 0)
            self.assertEqual(move.payment_state, "not_paid")

    def test_switching_the_option_on_books_no_history(self):
        self.switch_on()
        self.poll()
        self.check_nothing_booked()
        self.assertEqual(self.listed(), self.moves)

    def test_the_list_offers_what_was_not_registered(self):
        self.switch_on()
        first, second = self.moves
        self.press(first.l10n_fr_sap_request_ids, "action_register_payment")
        self.press(second.l10n_fr_sap_request_ids, "action_registered_already")
        self.env.invalidate_all()
        self.assertFalse(self.listed())
        self.assertEqual(first.payment_state, "paid")
        self.check_money(first, "done", 44)
        self.poll()
        self.check_money(second, "done", 0)
        self.assertEqual(second.payment_state, "not_paid")
        self.assertEqual(len(self.entries(*self.moves)), 1)

    def test_an_upgrade_books_nothing(self):
        self.switch_on()
        path = Path(l10n_fr_urssaf_sap.__file__).parent / "migrations/19.0.1.5.0"
        spec = importlib.util.spec_from_file_location(
            "sap_migration", path / "post-migration.py"
        )
        migration = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(migration)
        migration.migrate(self.env.cr, "19.0.1.4.0")
        self.poll()
        self.check_nothing_booked()


@tagged("post_install", "-at_install")
class TestReporting(BookingCase):
    """Collections of private customers (B2C): day, amount and VAT rate."""

    def collected(self, move):
        """``{(rate, tags, account): balance}`` of what the cash-basis entries say."""
        found = {}
        for line in self.cash_basis(move).line_ids.filtered("tax_tag_ids"):
            tax = line.tax_line_id or line.tax_ids
            tags = " ".join(sorted(line.tax_tag_ids.mapped("name")))
            key = (tax.amount, tags, line.account_id.code)
            found[key] = round(found.get(key, 0) + line.balance, 2)
        return found

    def send_two_rates(self):
        company = self.env.company.id
        normal = self.env.ref(f"account.{company}_tva_normale_encaissement")
        lines = [
            Command.create(
                {
                    "product_id": self.product.id,
                    "quantity": 1,
                    "price_unit": price,
                    "tax_ids": [Command.set(tax.ids)],
                }
            )
            for price, tax in ((100, self.tax), (50, normal))
        ]
        return self.send(invoice_line_ids=lines)

    def test_what_is_booked_carries_day_amount_and_rate(self):
        move = self.send_two_rates()
        self.pay(move, 170)
        entries = self.cash_basis(move)
        self.assertEqual(set(entries.mapped("date")), {self.day})
        self.assertEqual(
            self.collected(move),
            {
                (10, "9B_base A1", "707000"): -100,
                (10, "9B_taxe", "445710"): -10,
                (20, "08_base A1", "707000"): -50,
                (20, "08_taxe", "445710"): -10,
            },
        )
        [entry] = self.entries(move)
        self.assertEqual(entry.date, self.day)
        self.assertEqual(entry.amount_total, 170)

    def test_a_part_carries_its_part(self):
        move = self.send_two_rates()
        self.pay(move, 85)
        self.assertEqual(
            self.collected(move),
            {
                (10, "9B_base A1", "707000"): -50,
                (10, "9B_taxe", "445710"): -5,
                (20, "08_base A1", "707000"): -25,
                (20, "08_taxe", "445710"): -5,
            },
        )

    def test_what_is_taken_back_is_collected_no_more(self):
        move = self.send_two_rates()
        self.pay(move, 170)
        collected = self.collected(move)
        self.say(move, "112")
        self.refresh(move)
        self.env.invalidate_all()
        after = self.collected(move)
        self.assertEqual(set(after.values()), {0})
        self.assertEqual(set(after), set(collected))
        self.assertEqual(move.amount_residual, 170)
