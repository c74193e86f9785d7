# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.l10n_fr_urssaf_sap.tests.common import SapCase


@tagged("post_install", "-at_install")
class TestCreditControl(SapCase):
    """Nobody is reminded of what the Urssaf collects."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref(
            "account_credit_control.group_account_credit_control_manager"
        )
        account = cls.move.line_ids.account_id.filtered(
            lambda account: account.account_type == "asset_receivable"
        )
        cls.policy = cls.env.ref("account_credit_control.credit_control_3_time")
        cls.policy.write(
            {
                "account_ids": [Command.set(account.ids)],
                "company_id": cls.env.company.id,
            }
        )
        cls.env.company.credit_policy_id = cls.policy
        cls.other = cls.create_invoice()
        cls.today = fields.Date.today()

    def run_dunning(self, months):
        """Gives the reminders that a run makes, some months from now."""
        run = self.env["credit.control.run"].create(
            {
                "date": self.today + relativedelta(months=months),
                "policy_ids": [Command.set(self.policy.ids)],
                "company_id": self.env.company.id,
            }
        )
        run.with_context(lang="en_US").generate_credit_lines()
        return run.line_ids

    def test_what_the_urssaf_collects_is_in_no_run(self):
        self.send()
        invoices = self.run_dunning(6).invoice_id
        self.assertIn(self.other, invoices)
        self.assertNotIn(self.move, invoices)

    def test_a_reminder_that_has_not_left_is_ignored_once_it_is_sent(self):
        reminders = self.run_dunning(6)
        mine = reminders.filtered(lambda line: line.invoice_id == self.move)
        self.assertEqual(mine.state, "draft")
        self.send()
        self.assertEqual(mine.state, "ignored")
        others = reminders.filtered(lambda line: line.invoice_id == self.other)
        self.assertEqual(others.state, "draft")

    def test_what_the_urssaf_collects_no_longer_is_reminded_of(self):
        self.send()
        self.set_status(self.move, "110")
        self.assertIn(self.move, self.run_dunning(6).invoice_id)
