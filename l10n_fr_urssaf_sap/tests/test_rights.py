# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import CHECK, REFRESH, REGISTER, SEND, SapCase

REQUEST, REGISTRATION = "l10n_fr_sap.payment.request", "l10n_fr_sap.registration"


@tagged("post_install", "-at_install")
class TestRights(SapCase):
    def create_user(self, groups, company=None):
        company = company or self.env.company
        return mail_new_test_user(
            self.env,
            "somebody",
            groups=groups,
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def assert_may_do_nothing(self, user):
        """Not one button works, and the Urssaf does not hear of it."""
        move, sent = self.create_invoice(), self.send()
        paul = self.create_particulier("Paul Moreau")
        calls = len(self.urssaf.calls)
        for record, button in (
            (paul, REGISTER),
            (self.partner, CHECK),
            (move, SEND),
            (sent, REFRESH),
            (sent.l10n_fr_sap_request_id, "action_refresh"),
            (sent.l10n_fr_sap_request_id, "action_withdraw"),
        ):
            with self.assertRaises(AccessError, msg=button):
                self.press(record, button, user=user)
        self.assertEqual(len(self.urssaf.calls), calls)
        self.assertFalse(move.l10n_fr_sap_request_ids)

    def assert_sees_nothing_personal(self, user):
        partner = self.partner.with_user(user)
        for name in (
            "birth_date",
            "birth_commune_id",
            "mobile",
            "bank_id",
            "urssaf_id",
        ):
            with self.assertRaises(AccessError, msg=name):
                partner.read([f"l10n_fr_sap_{name}"])
        with self.assertRaises(AccessError):
            self.env[REGISTRATION].with_user(user).search([])

    def test_an_invoicing_user_registers_sends_and_follows(self):
        user = self.create_user("account.group_account_invoice")
        paul = self.create_particulier("Paul Moreau", phone="06 39 98 00 12")
        self.assertFalse(paul.with_user(user).has_access("write"))
        self.press(paul, REGISTER, user=user)
        self.assertEqual(paul.with_user(user).l10n_fr_sap_registration_state, "pending")
        self.press(self.move, SEND, user=user)
        self.urssaf.set_status(self.move.name, "30")
        self.press(self.move, REFRESH, user=user)
        self.assertEqual(self.move.with_user(user).l10n_fr_sap_status, "validated")

    def test_another_employee_neither_acts_nor_sees_personal_data(self):
        user = self.create_user("base.group_user,base.group_partner_manager")
        self.assert_may_do_nothing(user)
        self.assert_sees_nothing_personal(user)

    def test_bank_accounts_of_particuliers_are_hidden_from_other_employees(self):
        user = self.create_user("base.group_user,base.group_partner_manager")
        ordinary = self.env["res.partner.bank"].create(
            {
                "acc_number": "FR7630004000310000000005506",
                "partner_id": self.partner_a.id,
            }
        )
        accounts = self.env["res.partner.bank"].with_user(user)
        self.assertEqual(accounts.search([("id", "=", ordinary.id)]), ordinary)
        own = self.partner.bank_ids
        self.assertTrue(own)
        self.assertFalse(accounts.search([("id", "in", own.ids)]))
        with self.assertRaises(AccessError):
            own.with_user(user).read(["acc_number"])
        # Nor are they uncovered by taking the mark off.
        with self.assertRaises(AccessError):
            self.partner.with_user(user).l10n_fr_sap_particulier = False

    def test_a_portal_user_neither_acts_nor_sees_anything(self):
        user = self.create_user("base.group_portal")
        self.assert_may_do_nothing(user)
        self.assert_sees_nothing_personal(user)
        with self.assertRaises(AccessError):
            self.env[REQUEST].with_user(user).search([])
        with self.assertRaises(AccessError):
            user.partner_id.with_user(user).read(["l10n_fr_sap_birth_date"])

    def test_an_auditor_reads_payment_requests_and_does_nothing(self):
        user = self.create_user("base.group_user,account.group_account_readonly")
        self.assert_may_do_nothing(user)
        self.assert_sees_nothing_personal(user)
        request = self.env[REQUEST].with_user(user).search([])
        self.assertEqual((request.move_id, request.state), (self.move, "integrated"))

    def test_another_companys_invoicing_user_sees_and_does_nothing_here(self):
        company = self.env["res.company"].create({"name": "Jardins"})
        user = self.create_user("account.group_account_invoice", company)
        sent = self.send()
        request = sent.l10n_fr_sap_request_id
        self.assertFalse(self.env[REQUEST].with_user(user).search([]))
        self.assertFalse(self.env[REGISTRATION].with_user(user).search([]))
        partner = self.partner.with_user(user).with_company(company)
        self.assertFalse(partner.l10n_fr_sap_urssaf_id)
        for record, button in (
            (self.create_invoice(), SEND),
            (sent, REFRESH),
            (request, "action_refresh"),
        ):
            with self.assertRaises(AccessError, msg=button):
                self.press(record, button, user=user)

    def test_nobody_writes_what_the_urssaf_has_said(self):
        user = self.create_user("account.group_account_manager,base.group_system")
        request = self.send().l10n_fr_sap_request_id
        for record in (request, self.partner.l10n_fr_sap_registration_ids):
            record = record.with_user(user)
            for call in (
                lambda record=record: record.write({"state": "error"}),
                record.copy,
                record.unlink,
            ):
                with self.assertRaises(AccessError):
                    call()
