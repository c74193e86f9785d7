# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The financial guarantee that the Urssaf wants: before a deposit leaves, when much was
declared in a year, and before it ends."""

import importlib.util
from datetime import timedelta
from html import unescape
from pathlib import Path

from freezegun import freeze_time
from sap_common import SapCase

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import format_amount

from odoo.addons import l10n_fr_urssaf_sap
from odoo.addons.l10n_fr_urssaf_sap.texts.advice import advice

SEND = "action_l10n_fr_sap_send"
ACTIVITY = "l10n_fr_urssaf_sap.activity_guarantee"
CRON = "ir_cron_guarantee"


class GuaranteeCase(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()

    def euros(self, amount):
        return format_amount(self.env, amount, self.env.company.currency_id)

    def part_paid(self, amount=40, **values):
        move = self.create_invoice(**values)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"amount": amount}).action_create_payments()
        self.assertEqual(move.payment_state, "partial")
        return move


@tagged("post_install", "-at_install")
class TestDepositsAllowed(GuaranteeCase):
    def test_a_deposit_is_named_before_anything_leaves(self):
        self.assertFalse(self.env.company.l10n_fr_sap_deposits_allowed)
        paid, other = self.part_paid(), self.create_invoice()
        self.assertIn(self.euros(40), paid.l10n_fr_sap_to_fix)
        told = self.listed(paid | other, SEND)
        self.assertIn("Deposits May Be Declared", told)
        self.assertIn(paid.name, told)
        # An invoice on which nothing was paid goes.
        self.assertNotIn(other.name, told)
        self.assertEqual(other.l10n_fr_sap_status, "integrated")
        self.assertFalse(paid.l10n_fr_sap_request_id)
        [body] = self.calls("M050")
        self.assertEqual([item["numFactureTiers"] for item in body], [other.name])

    def test_it_goes_where_deposits_may_be_declared(self):
        move = self.part_paid()
        self.env.company.l10n_fr_sap_deposits_allowed = True
        self.env.invalidate_all()
        self.assertFalse(move.l10n_fr_sap_to_fix)
        self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        self.assertEqual(self.calls("M050")[-1][0]["mntAcompte"], 40)

    def test_a_guarantee_that_has_ended_holds_nothing_back(self):
        self.env.company.write(
            {
                "l10n_fr_sap_deposits_allowed": True,
                "l10n_fr_sap_guarantee_end": "2020-01-01",
            }
        )
        move = self.part_paid()
        self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "integrated")

    def test_what_is_paid_directly_has_no_obstacle(self):
        move = self.part_paid()
        move.l10n_fr_sap_avance_immediate = False
        self.assertFalse(move.l10n_fr_sap_to_fix)

    def test_another_obstacle_of_a_deposit_is_named_alone(self):
        move = self.create_invoice()
        credit = move._reverse_moves()
        credit.invoice_line_ids.quantity = 1
        credit.action_post()
        (move | credit).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(len(move.l10n_fr_sap_to_fix.splitlines()), 1)

    def test_a_branch_goes_by_its_parents(self):
        branch = self._create_company(name="Agence", parent_id=self.env.company.id)
        self.cr.precommit.run()  # its chart of accounts
        self.env.user.company_ids |= branch
        branch.l10n_fr_sap_deposits_allowed = True
        move = self.part_paid(company_id=branch.id, journal_id=self.journal(branch).id)
        self.assertIn("Deposits May Be Declared", move.l10n_fr_sap_to_fix)
        self.env.company.l10n_fr_sap_deposits_allowed = True
        self.env.invalidate_all()
        self.assertFalse(move.l10n_fr_sap_to_fix)

    def journal(self, branch):
        return self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "parent_of", branch.id)], limit=1
        )

    def test_whoever_declared_deposits_before_goes_on(self):
        company = self.env.company
        move = self.create_invoice()
        self.press(move, SEND)
        request = move.sudo().l10n_fr_sap_request_id
        for values, allowed in (
            ({}, False),
            ({"amount_due": 40}, True),
            ({"amount_due": 40, "state": "error"}, False),
            ({"amount_due": 0, "state": "paid", "transfer_amount": 108}, False),
            ({"transfer_amount": 68}, True),
        ):
            with self.subTest(values):
                request.write(values)
                company.l10n_fr_sap_deposits_allowed = False
                self.upgrade()
                self.assertEqual(company.l10n_fr_sap_deposits_allowed, allowed)

    def upgrade(self):
        folder = Path(l10n_fr_urssaf_sap.__file__).parent / "migrations/19.0.1.6.0"
        spec = importlib.util.spec_from_file_location(
            "sap_migration", folder / "post-deposits.py"
        )
        migration = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(migration)
        self.env.flush_all()
        migration.migrate(self.env.cr, "19.0.1.5.0")
        self.env.invalidate_all()

    def test_the_urssafs_refusals_point_to_the_settings(self):
        for code in ("ERREUR_GARANTIE_FINANCIERE_NON_CONFORME", "ERR_ACOMPTE_BLOQUE"):
            self.assertIn("Financial Guarantee", advice(self.env, code))


@tagged("post_install", "-at_install")
class TestGuarantee(GuaranteeCase):
    def setUp(self):
        super().setUp()
        self.company = self.env.company
        self.accountant = new_test_user(
            self.env, "accountant", "account.group_account_user", lang="en_US"
        )
        self.company.l10n_fr_sap_accountant_id = self.accountant
        move = self.create_invoice()
        self.press(move, SEND)
        self.request = move.sudo().l10n_fr_sap_request_id
        self.today = fields.Date.today()

    def work(self):
        self.run_cron(CRON)
        self.env.invalidate_all()
        return self.company.partner_id.activity_search([ACTIVITY])

    def test_much_declared_in_a_year_becomes_an_activity_once(self):
        for amount, told in (
            (159999.99, False),
            (160000, True),
            (200000, True),
            (200000.01, True),
        ):
            with self.subTest(amount):
                self.request.amount_total = amount
                self.company.sudo().l10n_fr_sap_guarantee_told = False
                activities = self.work()
                self.assertEqual(len(activities), told)
                notice = self.company.l10n_fr_sap_guarantee_notice
                self.assertEqual("Declared to the Urssaf" in notice, told)
                self.assertIn(self.euros(amount), self.company.l10n_fr_sap_declared)
                if told:
                    self.assertEqual(activities.user_id, self.accountant)
                    note = unescape(activities.note)
                    self.assertIn(self.euros(amount), note)
                    self.assertIn("figure of 2026", note)

    def test_what_somebody_has_seen_to_does_not_come_back(self):
        self.request.amount_total = 170000
        self.work().action_feedback()
        self.request.amount_total = 180000
        self.assertFalse(self.work())
        # Another level is another matter.
        self.request.amount_total = 210000
        self.assertEqual(len(self.work()), 1)
        self.company.l10n_fr_sap_guarantee_end = self.today + timedelta(days=300)
        self.assertFalse(self.work())
        self.assertFalse(self.company.l10n_fr_sap_guarantee_notice)

    def test_what_is_not_declared_this_year_is_not_counted(self):
        self.request.amount_total = 500000
        last_year = self.today.replace(month=1, day=1) - timedelta(days=1)
        for values in (
            {"state": "refused"},
            {"state": "integrated", "environment": "production"},
            {"environment": "test", "sent_at": f"{last_year} 22:59:59"},
        ):
            with self.subTest(values):
                self.request.write(values)
                self.assertFalse(self.work())
        # In Paris the year begins an hour earlier.
        self.request.sent_at = f"{last_year} 23:00:00"
        self.assertTrue(self.work())

    def test_its_end_becomes_an_activity_two_months_before(self):
        for days, told in ((61, False), (60, True), (0, True), (-1, True)):
            with self.subTest(days):
                end = self.today + timedelta(days=days)
                self.company.l10n_fr_sap_guarantee_end = end
                activities = self.work()
                self.assertEqual(len(activities), told)
                if told:
                    self.assertEqual(activities.date_deadline, end)
                    self.assertEqual(activities.user_id, self.accountant)
        self.assertEqual(len(self.work()), 1)

    def test_deposits_want_a_guarantee_from_the_first_euro(self):
        self.company.l10n_fr_sap_deposits_allowed = True
        [activity] = self.work()
        self.assertIn("first euro", activity.note)
        self.company.l10n_fr_sap_guarantee_end = self.today + timedelta(days=300)
        self.assertFalse(self.work())
        self.company.l10n_fr_sap_guarantee_end = False
        # Where the State puts it off, its row is archived.
        self.env.ref("l10n_fr_urssaf_sap.ceiling_guarantee").active = False
        self.assertFalse(self.work())

    def test_the_figure_holds_from_its_year_on(self):
        self.request.write({"amount_total": 500000, "sent_at": "2025-06-01 12:00:00"})
        with freeze_time("2025-06-02"):
            self.env.invalidate_all()
            self.assertFalse(self.company.l10n_fr_sap_guarantee_notice)
            self.assertIn(self.euros(500000), self.company.l10n_fr_sap_declared)

    def test_the_turnover_is_not_for_everybody_who_reads_companies(self):
        names = ["l10n_fr_sap_declared", "l10n_fr_sap_guarantee_notice"]
        for groups, may in (
            ("base.group_portal", False),
            ("base.group_user", False),
            ("account.group_account_readonly", True),
            ("account.group_account_invoice", True),
            ("base.group_system", True),
        ):
            user = new_test_user(self.env, f"reader of {groups}", groups)
            company = self.env.company.with_user(user)
            with self.subTest(groups):
                company.read(["name"])
                self.assertEqual(
                    set(names) & company.fields_get().keys(),
                    set(names) if may else set(),
                )
                if may:
                    self.assertTrue(company.read(names)[0][names[0]])
                    continue
                for name in names:
                    with self.assertRaises(AccessError):
                        company.read([name])
