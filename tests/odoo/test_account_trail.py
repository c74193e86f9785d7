# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The chatter keeps every change of a bank account, for those who may see the account."""

import contextlib

from sap_common import SapCase

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tools.discuss import Store

from tools import canaries

OTHER_IBAN = "FR76 1680 6008 2100 0000 0001 174"
MARK = "l10n_fr_sap_particulier"


@tagged("post_install", "-at_install")
class TestAccountTrail(SapCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env, login="accountant", groups="account.group_account_invoice"
        )
        cls.employee = new_test_user(
            cls.env,
            login="employee",
            groups="base.group_user,base.group_partner_manager",
        )
        # Odoo's test classes switch its tracking off.
        contacts = cls.env["res.partner"].with_context(
            tracking_disable=False, mail_notrack=False
        )
        cls.vendor = contacts.create({"name": "Fournisseur"})

    def settle(self):
        """Odoo writes what it tracks at the end of a transaction."""
        self.env.flush_all()
        self.cr.precommit.run()
        self.env.invalidate_all()

    def change_account(self, partner):
        """Another account, which is then archived."""
        bank = partner.bank_ids or self.create_bank(partner, canaries.IBAN)
        bank.acc_number = OTHER_IBAN
        self.settle()
        partner.l10n_fr_sap_bank_id = False
        bank.unlink()
        self.settle()

    def shown(self, partner, user):
        """All that the chatter of a contact shows to a user, as its client gets it."""
        messages = self.env["mail.message"].with_user(user)
        found = messages._message_fetch(None, thread=partner.with_user(user))
        return str(Store().add(found["messages"]).get_result())

    def found(self, partner, user, text):
        messages = self.env["mail.message"].with_user(user)
        thread = partner.with_user(user)
        found = messages._message_fetch(None, thread=thread, search_term=text)
        return len(found["messages"])

    def check_trail(self, partner):
        """Whole for an accountant, with its middle hidden for an employee."""
        told = self.shown(partner, self.accountant).replace(" ", "")
        for number in (canaries.IBAN, OTHER_IBAN.replace(" ", "")):
            self.assertIn(number, told)
        told = self.shown(partner, self.employee)
        self.assertIn("FR76 **** 174", told)
        self.assertIn("FR76 **** 482", told)
        for number in ("0190", "1680"):
            self.assertNotIn(number, told)
        for text in ("1680 6008", "FR76", "174"):
            self.assertTrue(self.found(partner, self.accountant, text), text)
        self.assertFalse(self.found(partner, self.employee, "1680 6008"))
        self.assertFalse(self.found(partner, self.employee, canaries.IBAN))

    def test_a_private_customer_s_is_whole_for_those_who_may_see_it(self):
        self.change_account(self.partner)
        self.check_trail(self.partner)

    def test_a_vendor_s_is_everybody_s_as_odoo_has_it(self):
        self.change_account(self.vendor)
        told = self.shown(self.vendor, self.employee).replace(" ", "")
        self.assertIn(OTHER_IBAN.replace(" ", ""), told)
        self.assertIn(canaries.IBAN, told)

    def test_ticking_a_vendor_hides_what_was_told_before_and_loses_nothing(self):
        self.change_account(self.vendor)
        self.vendor.with_user(self.employee).write({MARK: True})
        self.settle()
        self.check_trail(self.vendor)
        bodies = self.vendor.message_ids.mapped("body")
        self.assertFalse([body for body in bodies if "1680" in str(body)])

    def test_an_audit_that_must_not_change_does_not_keep_it_in_sight(self):
        self.env.company.restrictive_audit_trail = True
        self.create_invoice(partner=self.vendor)
        self.change_account(self.vendor)
        self.vendor.write({MARK: True})
        self.settle()
        self.check_trail(self.vendor)

    def test_a_merged_contact_brings_its_trail_along(self):
        self.change_account(self.vendor)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.partner | self.vendor).ids, self.partner)
        self.settle()
        told = self.shown(self.partner, self.employee)
        self.assertNotIn("1680", told)
        self.assertIn("174", told)

    def test_the_tick_itself_is_tracked(self):
        self.settle()  # Odoo tracks nothing before a new contact is committed
        label = self.label(MARK)
        self.vendor.with_user(self.employee).write({MARK: True})
        self.settle()
        self.assertIn(label, self.shown(self.vendor, self.employee))
        values = self.vendor.message_ids.sudo().tracking_value_ids
        [tracked] = values.filtered(lambda value: value.field_id.name == MARK)
        self.assertEqual(tracked.mail_message_id.author_id, self.employee.partner_id)

    def test_an_administrator_without_invoicing_does_not_read_what_is_stored(self):
        self.change_account(self.partner)
        administrator = new_test_user(
            self.env, login="administrator", groups="base.group_system"
        )
        for user, expected in ((administrator, False), (self.root(), True)):
            values = self.env["mail.tracking.value"].with_user(user)
            found = values.search([("mail_message_id.res_id", "=", self.partner.id)])
            told = str(found.mapped("old_value_char")).replace(" ", "")
            self.assertEqual(canaries.IBAN in told, expected)

    def root(self):
        groups = "base.group_system,account.group_account_invoice"
        return new_test_user(self.env, login="root", groups=groups)

    def test_an_auditor_s_search_tells_nothing_either(self):
        self.change_account(self.partner)
        auditor = new_test_user(
            self.env,
            login="auditor",
            groups="base.group_user,account.group_account_readonly",
        )
        messages = self.env["mail.message"].with_user(auditor)
        for text in ("1680 6008", canaries.IBAN):
            preview = [("account_audit_log_preview", "ilike", text)]
            with contextlib.suppress(AccessError):
                self.assertFalse(messages.search(preview), text)

    def test_nothing_of_it_leaves_by_e_mail(self):
        bank = self.partner.bank_ids
        bank.acc_number = OTHER_IBAN
        self.settle()
        values = self.partner.message_ids.sudo().tracking_value_ids
        number = values.filtered(lambda value: value.field_id.name == "acc_number")
        self.assertTrue(number)
        self.assertFalse(number._filter_free_field_access())

    def test_an_ordinary_contact_costs_no_query_more(self):
        field = self.env["res.partner"]._fields[MARK]

        def count():
            self.settle()
            partner = self.vendor.create({"name": "Ordinaire"})
            self.settle()
            before = self.cr.sql_log_count
            partner.write({"name": "Autre", "email": "autre@example.com"})
            self.settle()
            return self.cr.sql_log_count - before

        count()
        tracked = count()
        self.patch(field, "tracking", None)
        self.env.registry.clear_cache()
        count()
        self.assertEqual(count(), tracked)

    def label(self, name):
        return self.env["res.partner"].fields_get([name])[name]["string"]
