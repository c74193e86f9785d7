# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The ceilings of the tax credit: what a customer has spent in the year is named before an
invoice leaves, and never holds it back."""

from datetime import timedelta

from certificate_common import CertificateCase

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import format_amount, mute_logger

SEND = "action_l10n_fr_sap_send"
# By the nature's code: the ceiling that is shipped.
CEILINGS = {"60": 12000, "70": 5000, "80": 500, "160": 3000}


@tagged("post_install", "-at_install")
class TestCeilings(CertificateCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packages = {
            code: cls.create_service(f"Forfait {code}", 1, f"nature_{code}", "unit")
            for code in (*CEILINGS, "270")
        }
        cls.today = fields.Date.today()
        cls.user = new_test_user(
            cls.env, "clerk", "account.group_account_invoice", lang="en_US"
        )

    def setUp(self):
        super().setUp()
        self.activate()

    def package(self, amount, code="60", **values):
        """A line of an invoice, without VAT."""
        no_tax = self.env["account.tax"]
        return self.line(1, self.packages[code], no_tax, price_unit=amount, **values)

    def bill(self, amount, code="60", day=None, **values):
        return self.invoice(day or self.month_end, self.package(amount, code), **values)

    def spend(self, amount, code="60", day=None, journal=None):
        """Paid directly, and so on the year's certificate."""
        move = self.bill(amount, code, day=day)
        self.pay(move, day or self.today, journal=journal)
        return move

    def warning(self, *args, **values):
        move = self.bill(*args, **values)
        text = move.l10n_fr_sap_warning
        self.assertFalse(move.l10n_fr_sap_to_fix)
        move.button_draft()
        return text

    def euros(self, amount):
        return format_amount(self.env, amount, self.env.company.currency_id)

    def check_thresholds(self, ceiling, code="60", words=()):
        """Just under and just at 80 % and 100 %."""
        for amount, said in (
            (ceiling * 0.8 - 0.01, ()),
            (ceiling * 0.8, ("that give a tax credit", *words)),
            (ceiling - 0.01, ("that give a tax credit", *words)),
            (ceiling, ("are used up", *words)),
            (ceiling + 0.01, ("are used up", *words)),
        ):
            with self.subTest(ceiling=ceiling, code=code, amount=amount):
                warning = self.warning(amount, code)
                self.assertEqual(bool(warning), bool(said), warning)
                for word in (*said, *(said and map(self.euros, (amount, ceiling)))):
                    self.assertIn(word, warning)
                self.assertEqual("are used up" in (warning or ""), amount >= ceiling)

    def test_each_ceiling_warns_at_its_thresholds(self):
        for code, ceiling in CEILINGS.items():
            self.check_thresholds(ceiling, code, ("ceiling of 2025", "not known here"))

    def test_a_household_may_have_a_ceiling_of_its_own(self):
        self.partner.l10n_fr_sap_ceiling = 15000
        self.check_thresholds(15000, words=("the household's own ceiling",))
        # It changes nothing for the small ones.
        self.check_thresholds(500, "80", ("ceiling of 2025",))
        with self.assertRaises(ValidationError):
            self.partner.l10n_fr_sap_ceiling = -1

    def test_what_was_paid_what_is_under_way_and_this_one_are_counted(self):
        self.spend(3000)
        sent = self.bill(2500)
        self.press(sent, SEND)
        self.assertEqual(sent.l10n_fr_sap_status, "integrated")
        queued = self.bill(1000)
        queued.sudo()._l10n_fr_sap_queue()
        # What the Urssaf has paid is on the certificate, booked or not.
        self.request(self.bill(1500), day=self.today)
        self.request(self.bill(500))  # no date yet
        self.assertFalse(self.warning(1099.99))
        self.assertIn(self.euros(9600), self.warning(1100))
        self.assertIn(self.euros(12000), self.warning(3500))

    def test_what_gives_no_tax_credit_this_year_is_not_counted(self):
        last_year = self.today.replace(year=self.today.year - 1, day=1)
        self.spend(9000, journal=self.cash)
        self.spend(9000, day=last_year)
        self.spend(9000, "270")
        self.request(self.bill(9000), "refused")
        self.request(self.bill(9000), "cancelled_recovered", day=self.today)
        self.request(self.bill(9000), environment="production").state = "cancelled"
        self.bill(9000)  # not sent
        self.credit(paid := self.spend(9000), self.today, self.package(9000))
        self.assertEqual(paid.payment_state, "paid")
        other = self.create_particulier("Paul Moreau")
        self.pay(self.bill(9000, partner=other), self.today)
        # The credit note is set against nothing: what it credits was paid.
        self.assertFalse(self.warning(599.99))
        self.assertIn(self.euros(9600), self.warning(600))

    def test_travel_counts_for_nothing(self):
        move = self.invoice(
            self.month_end, self.package(9599.99), self.package(5000, "270")
        )
        self.assertFalse(move.l10n_fr_sap_warning)

    def test_all_ceilings_of_an_invoice_are_named_and_no_others(self):
        self.spend(500, "80")
        warning = self.warning(4000, "70")
        self.assertIn("Gardening in", warning)
        self.assertNotIn("Small repairs", warning)
        self.assertNotIn("Home services", warning)
        lines = self.warning(9100, "70").splitlines()
        self.assertEqual(len(lines), 2, lines)

    def test_several_together_are_counted_together(self):
        first, second, third = (self.bill(4000) for _number in range(3))
        for move in (first, second, third):
            self.assertFalse(move.l10n_fr_sap_warning)
        action = self.press(first | second | third, SEND)
        summary = self.summary_of(action)
        self.assertEqual(summary.done_count, 3)
        self.assertFalse(summary.line_ids)
        self.assertIn(self.euros(12000), summary.warning)
        self.assertIn(third.name, summary.warning)
        self.assertNotIn(first.name, summary.warning)
        for move in (first, second, third):
            self.assertEqual(move.l10n_fr_sap_status, "integrated")

    def summary_of(self, action):
        return self.env["l10n_fr_sap.summary"].browse(action["res_id"])

    def test_nothing_is_held_back(self):
        self.spend(20000)
        move = self.bill(600, "80")
        self.assertIn("used up", move.l10n_fr_sap_warning)
        self.assertFalse(move.l10n_fr_sap_to_fix)
        self.assertTrue(move.l10n_fr_sap_ready)
        # Its form has said it.
        self.assertDone(self.press(move, SEND))
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        self.assertFalse(move.l10n_fr_sap_warning)

    def test_odoos_send_window_says_it(self):
        move = self.bill(12000)
        action = move.action_send_and_print()
        window = self.env[action["res_model"]].with_context(**action["context"])
        window = window.create({})
        self.assertTrue(window.extra_edi_checkboxes["l10n_fr_sap"]["checked"])
        [alert] = [
            alert
            for name, alert in window.alerts.items()
            if name.startswith("l10n_fr_sap")
        ]
        self.assertEqual(alert["level"], "warning")
        self.assertIn("used up", alert["message"])
        self.assertEqual(alert["action"]["res_id"], self.partner.id)

    # One job

    def jobs(self, hours, start=None, end=None, code="80", unit="hour", **values):
        product = self.create_service("Étagère", 30, f"nature_{code}", unit)
        days = {"l10n_fr_sap_date_from": start, "l10n_fr_sap_date_to": end or start}
        move = self.invoice(self.month_end, self.line(hours, product, **days), **values)
        return move.l10n_fr_sap_warning

    def test_an_odd_job_takes_two_hours_at_most(self):
        day, next_day = self.month_start, self.month_start + timedelta(days=1)
        self.assertFalse(self.jobs(2, day))
        warning = self.jobs(2.02, day)
        self.assertIn("2 h 01", warning.replace("\N{NO-BREAK SPACE}", " "))
        self.assertIn("rule of 2025", warning)
        self.assertTrue(self.jobs(150, day, unit="minute"))
        # Several jobs perhaps, another service, a package.
        self.assertFalse(self.jobs(3, day, next_day))
        self.assertFalse(self.jobs(3))
        self.assertFalse(self.jobs(3, day, code="60"))
        self.assertFalse(self.jobs(3, day, unit="unit"))
        # The invoice is of one day.
        period = {"l10n_fr_sap_date_from": day, "l10n_fr_sap_date_to": day}
        self.assertTrue(self.jobs(3, **period))

    # Rows

    def test_a_newer_row_takes_the_place_of_an_older_one(self):
        gardening = self.env.ref("l10n_fr_urssaf_sap.ceiling_gardening")
        year = self.today.year
        newer = gardening.copy({"year": year, "amount": 1000, "warn_percent": 50})
        later = gardening.copy({"year": year + 1, "amount": 10})
        self.assertFalse(self.warning(499.99, "70"))
        self.assertIn(f"ceiling of {year}", self.warning(500, "70"))
        (newer | later).active = False
        self.assertFalse(self.warning(3999.99, "70"))
        # One ceiling for several natures together.
        gardening.nature_ids |= self.env.ref("l10n_fr_urssaf_sap.nature_80")
        self.spend(100, "80")
        self.assertIn(self.euros(4000), self.warning(3900, "70"))

    def test_each_row_has_a_source_and_managers_keep_them(self):
        rows = self.env["l10n_fr_sap.ceiling"].search([])
        self.assertGreaterEqual(len(rows), 6)
        for row in rows:
            self.assertTrue(row.source and row.url.startswith("https://"), row.name)
        known = self.env["ir.model.data"].search(
            [("model", "=", rows._name), ("module", "=", "l10n_fr_urssaf_sap")]
        )
        self.assertTrue(all(known.mapped("noupdate")))
        self.assertTrue(rows.with_user(self.user).read(["amount"]))
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            rows.with_user(self.user).write({"amount": 1})
        manager = new_test_user(self.env, "manager", "account.group_account_manager")
        rows[0].with_user(manager).amount = 1

    def test_a_ceiling_of_a_household_is_for_urssaf_users(self):
        self.partner.l10n_fr_sap_ceiling = 20000
        employee = new_test_user(self.env, "employee", "base.group_user")
        with self.assertRaises(AccessError):
            self.partner.with_user(employee).read(["l10n_fr_sap_ceiling"])

    # Cost

    def test_who_is_far_from_every_ceiling_costs_few_queries(self):
        counts = []
        for number in range(3):
            for _number in range(number * 4):
                self.spend(10)
            move = self.bill(10)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertFalse(move.l10n_fr_sap_warning)
            counts.append(self.env.cr.sql_log_count - before)
        _cold, few, many = counts
        self.assertEqual(few, many)

    # Where it is said

    def test_a_draft_says_it_while_it_is_typed(self):
        self.spend(9000)
        move = self.create_invoice(invoice_line_ids=[self.package(100)], post=False)
        self.assertFalse(move.l10n_fr_sap_warning)
        with Form(move) as form:
            self.assertFalse(form.l10n_fr_sap_warning)
            with form.invoice_line_ids.edit(0) as line:
                line.price_unit = 600
            self.assertIn(self.euros(9600), form.l10n_fr_sap_warning)
        self.assertIn(self.euros(9600), move.l10n_fr_sap_warning)
