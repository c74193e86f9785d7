# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The figures that the State asks of a provider each quarter, against sums worked out by
hand."""

from datetime import date

from certificate_common import CertificateCase

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))


@tagged("post_install", "-at_install")
class TestNova(CertificateCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.create_particulier("Paul Voisin")
        cls.lessons = cls.create_service("Cours", 40, "nature_100")
        cls.various = cls.create_service("Divers", 10, "nature_270", unit="unit")
        cls.goods = cls.create_service("Terreau", 8, "nature_70", unit="unit")
        cls.goods.l10n_fr_sap_nature_id = False

    def make_quarter(self):
        """Three natures, credit notes and two rates of VAT; net amounts."""
        twenty = self.tax_sale_a
        garden = self.line(1, self.garden, twenty)
        # January: cleaning 10 h 250.00 + 4 h 100.00, of two; gardening 120.00.
        self.invoice("2026-01-10", 10, garden)
        self.invoice("2026-01-20", 4, partner=self.other)
        # February: cleaning 6 h 150.00, less 2 h 50.00; lessons 90 minutes 60.00.
        move = self.invoice("2026-02-10", 6)
        self.credit(move, "2026-02-12", 2)
        minutes = self.line(90, self.lessons, price_unit=40 / 60)
        minutes[2]["product_uom_id"] = self.env.ref("uom.product_uom_minute").id
        self.invoice("2026-02-11", minutes)
        # March: lessons a day of 8 h 320.00; one credited as a whole, of January; other
        # turnover 16.00 + 10.00, and a draft that is nothing.
        day = self.line(1, self.lessons, price_unit=320)
        day[2]["product_uom_id"] = self.env.ref("uom.product_uom_day").id
        self.invoice("2026-03-05", day, self.line(2, self.goods, twenty))
        self.credit(self.invoice("2026-01-25", 1), "2026-03-06", 1)
        self.invoice("2026-03-07", self.line(1, self.various, twenty))
        self.invoice("2026-03-08", 100, post=False)

    def figures(self):
        """``{(month, nature): (customers, hours, net)}``"""
        self.env.flush_all()
        rows = self.env["l10n_fr_sap.nova.report"].search(
            [("company_id", "=", self.env.company.id)]
        )
        return {
            (row.date, row.nature_id.code): (
                row.customers,
                round(row.hours, 2),
                round(row.amount_untaxed, 2),
            )
            for row in rows
        }

    def test_a_quarter(self):
        self.make_quarter()
        self.assertEqual(
            self.figures(),
            {
                (JANUARY, "60"): (2, 15, 375),
                (JANUARY, "70"): (1, 0, 120),
                (FEBRUARY, "60"): (1, 4, 100),
                (FEBRUARY, "100"): (1, 1.5, 60),
                (MARCH, "60"): (0, -1, -25),
                (MARCH, "100"): (1, 8, 320),
                (MARCH, "270"): (1, 0, 10),
                (MARCH, False): (1, 0, 16),
            },
        )

    def test_what_a_company_buys_is_no_home_service(self):
        office = self.env["res.partner"].create({"name": "SARL", "is_company": True})
        desk = self.env["res.partner"].create(
            {"name": "Accueil", "parent_id": office.id}
        )
        unticked = self.env["res.partner"].create({"name": "Luce Petit"})
        self.invoice("2026-01-10", 10, partner=office)
        self.invoice("2026-01-11", 2, partner=desk)
        self.invoice("2026-01-12", 3, partner=office)
        self.invoice("2026-01-13", 3, partner=office, move_type="out_refund")
        self.invoice("2026-01-14", 4, partner=unticked)
        # Somebody is in business under their own name.
        self.other.is_company = True
        self.invoice("2026-01-15", 1, partner=self.other)
        self.assertEqual(
            self.figures(),
            {(JANUARY, "60"): (2, 5, 125), (JANUARY, False): (1, 0, 300)},
        )

    def test_sums_count_each_customer_once(self):
        self.make_quarter()
        self.env.flush_all()
        report = self.env["l10n_fr_sap.nova.report"]
        sums = report._read_group(
            [("company_id", "=", self.env.company.id)],
            ["kind"],
            ["customers:sum", "hours:sum", "amount_untaxed:sum"],
        )
        found = {
            kind: (customers, round(hours, 2), round(net, 2))
            for kind, customers, hours, net in sums
        }
        self.assertEqual(found, {"sap": (2, 27.5, 950), "other": (1, 0, 26)})

    def test_the_sum_is_that_of_the_books(self):
        self.make_quarter()
        self.env.flush_all()
        report = self.env["l10n_fr_sap.nova.report"]
        company = self.env.company
        for months, expected in (((), 976), ([FEBRUARY], 160), ([JANUARY, MARCH], 816)):
            told, booked = report._turnover(company, months)
            self.assertEqual(company.currency_id.compare_amounts(told, booked), 0)
            self.assertEqual(company.currency_id.compare_amounts(told, expected), 0)
        self.assertEqual(report.action_compare()["params"]["type"], "success")
        # Services booked on an account that is no turnover.
        account = self.company_data["default_account_revenue"].copy(
            {"account_type": "income_other", "code": "758999"}
        )
        self.invoice("2026-03-20", self.line(1, account_id=account.id))
        self.env.flush_all()
        told, booked = report._turnover(company)
        self.assertEqual(company.currency_id.compare_amounts(told - booked, 25), 0)
        self.assertEqual(report.action_compare()["params"]["type"], "warning")

    def test_what_leaves_nothing_is_no_turnover(self):
        """VAT on payments goes through the account of income and out again."""
        account = self.company_data["default_account_revenue"]
        self.invoice("2026-01-10", 10)
        before = self.figures()
        entry = self.env["account.move"].create(
            {
                "date": "2026-02-10",
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": balance})
                    for balance in (40, -40, 15, -15)
                ],
            }
        )
        entry.action_post()
        self.assertEqual(self.figures(), before)
        both = self.env["account.move"].create(
            {
                "date": "2026-02-11",
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": -16}),
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_receivable"
                            ].id,
                            "balance": 16,
                            "partner_id": self.partner.id,
                        }
                    ),
                ],
            }
        )
        both.action_post()
        self.assertEqual(
            self.figures(), before | {(FEBRUARY, False): (1, 0, 16)}, "and that is one"
        )

    def test_comparing_from_the_menu(self):
        self.make_quarter()
        self.env.flush_all()
        action = self.env.ref("l10n_fr_urssaf_sap.action_nova_compare")
        menu = self.env.ref("l10n_fr_urssaf_sap.menu_nova_compare")
        self.assertEqual(menu.action, action)
        clerk = new_test_user(self.env, "clerk", "account.group_account_invoice")
        told = action.with_user(clerk).run()
        self.assertEqual(told["params"]["type"], "success")
        employee = new_test_user(self.env, "employee", "base.group_user")
        with self.assertRaises(AccessError):
            action.with_user(employee).run()

    def test_rights(self):
        self.make_quarter()
        self.env.flush_all()
        report = self.env["l10n_fr_sap.nova.report"]
        employee = new_test_user(self.env, "employee", "base.group_user")
        with self.assertRaises(AccessError):
            report.with_user(employee).search([])
        clerk = new_test_user(self.env, "clerk", "account.group_account_invoice")
        self.assertEqual(
            report.with_user(clerk).search([]).company_id, self.env.company
        )
        elsewhere = self.setup_other_company(name="Ailleurs")["company"]
        clerk.write({"company_ids": elsewhere.ids, "company_id": elsewhere.id})
        self.assertFalse(report.with_user(clerk).search([]))
        with self.assertRaises(AccessError):
            report.search([])[:1].with_user(clerk).action_compare()
        with self.assertRaises(AccessError):
            report.search([])[:1].unlink()
