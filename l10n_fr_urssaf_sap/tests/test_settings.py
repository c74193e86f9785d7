# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import REFRESH, REGISTER, SEND, TEST_CONNECTION, SapCase
from .fake_urssaf import CLIENT_SECRET

SECRET = "l10n_fr_sap_client_secret"
SWITCH_ON = "action_l10n_fr_sap_switch_on_production"
CRONS = ("send", "register", "refresh_requests", "refresh_registrations")


@tagged("post_install", "-at_install")
class TestSettings(SapCase):
    def setUp(self):
        super().setUp()
        self.company = self.env.company

    def create_accountant(self):
        return mail_new_test_user(
            self.env, "accountant", groups="account.group_account_manager"
        )

    # The connection

    def test_testing_the_connection_proves_it_and_changes_nothing(self):
        action = self.press(self.company, TEST_CONNECTION)
        self.assertEqual(action["params"]["type"], "success")
        operations = [operation for operation, _body in self.urssaf.calls]
        self.assertEqual(operations, ["TOKEN", "M070"])

    def test_it_is_tested_from_the_settings_page_as_well(self):
        settings = self.env["res.config.settings"].create({SECRET: "wrong"})
        with self.assertRaises(UserError):
            self.press(settings, TEST_CONNECTION)
        settings = self.env["res.config.settings"].create({SECRET: CLIENT_SECRET})
        action = self.press(settings, TEST_CONNECTION)
        self.assertEqual(action["params"]["type"], "success")

    def test_wrong_credentials_are_told_apart_from_an_urssaf_out_of_reach(self):
        self.company[SECRET] = "wrong-one"
        wrong = self.refusal(self.company, TEST_CONNECTION)
        self.assertIn("credentials", wrong)
        self.assertNotIn("wrong-one", wrong)
        self.urssaf.switch_off()
        self.assertNotEqual(self.refusal(self.company, TEST_CONNECTION), wrong)

    def test_a_company_without_credentials_is_told_so_and_sends_nothing(self):
        self.company.l10n_fr_sap_client_id = False
        for record, button in ((self.company, TEST_CONNECTION), (self.move, SEND)):
            self.assertIn(self.company.name, self.refusal(record, button))
        self.assertEqual(self.urssaf.calls, [])

    def test_plain_http_to_another_machine_is_refused(self):
        self.set_parameters(url_test="http://urssaf.example.com")
        with self.assertRaises(UserError):
            self.press(self.company, TEST_CONNECTION)

    def test_only_an_administrator_tests_it(self):
        user = self.create_accountant()
        with self.assertRaises(AccessError):
            self.press(self.company, TEST_CONNECTION, user=user)
        self.assertEqual(self.urssaf.calls, [])

    # The client secret

    def test_the_secret_is_never_read_back_even_by_an_administrator(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertNotIn(CLIENT_SECRET, str(self.company.read()))
        self.assertFalse(self.company.read([SECRET])[0][SECRET])
        self.assertEqual(self.company.export_data([SECRET])["datas"], [[""]])
        self.assertNotIn(CLIENT_SECRET, str(self.company.copy_data()))
        settings = self.env["res.config.settings"].create({})
        self.assertNotIn(CLIENT_SECRET, str(settings.read()))

    def test_the_field_that_stores_it_is_closed_to_everybody(self):
        name = "l10n_fr_sap_stored_secret"
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM res_company")
        self.assertNotIn(CLIENT_SECRET, str(self.env.cr.fetchall()))
        self.assertTrue(self.company.sudo()[name])
        self.assertNotIn(name, self.company.fields_get())
        for call in (
            lambda: self.company.read([name]),
            lambda: self.company.search([(name, "=like", "s%")]),
            lambda: self.company.write({name: "x"}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_it_cannot_be_searched_for(self):
        for call in (
            lambda: self.company.search([(SECRET, "=", CLIENT_SECRET)]),
            lambda: self.company.search([(SECRET, "like", "secret")]),
            lambda: self.company.search([], order=SECRET),
        ):
            with self.assertRaises(ValueError):
                call()

    def test_others_do_not_see_the_access_at_all(self):
        company = self.company.with_user(self.create_accountant())
        for name in ("l10n_fr_sap_client_id", "l10n_fr_sap_environment", SECRET):
            with self.assertRaises(AccessError, msg=name):
                company.read([name])
        with self.assertRaises(AccessError):
            company.write({SECRET: "x"})

    def test_an_empty_one_keeps_it_and_it_goes_with_the_client_id(self):
        self.company.write({SECRET: False, "l10n_fr_sap_nova_number": "SAP987654321"})
        self.press(self.company, TEST_CONNECTION)
        self.company.l10n_fr_sap_client_id = False
        self.company.l10n_fr_sap_client_id = "another"
        self.assertIn(self.company.name, self.refusal(self.company, TEST_CONNECTION))

    # Production and copies of its database

    def use_production(self):
        self.company.l10n_fr_sap_environment = "production"
        self.partner.l10n_fr_sap_registration_ids.sudo().environment = "production"
        self.env.invalidate_all()

    def copy_database(self):
        """From here on, everything happens in a copy of this database."""
        self.env["ir.config_parameter"].sudo().set_param("database.uuid", "another")
        self.env.invalidate_all()

    def test_production_is_used_where_it_was_switched_on(self):
        self.use_production()
        move = self.send()
        self.assertEqual(move.l10n_fr_sap_request_id.environment, "production")

    def test_no_button_sends_anything_from_a_copy(self):
        self.use_production()
        sent, move = self.send(), self.create_invoice()
        paul = self.create_particulier("Paul Moreau", phone="06 39 98 00 12")
        self.copy_database()
        calls = len(self.urssaf.calls)
        for record, button in (
            (move, SEND),
            (sent, REFRESH),
            (paul, REGISTER),
            (self.company, TEST_CONNECTION),
        ):
            self.assertIn(self.company.name, self.refusal(record, button))
        self.assertEqual(len(self.urssaf.calls), calls)
        self.assertFalse(move.l10n_fr_sap_request_ids)
        self.assertEqual(paul.l10n_fr_sap_registration_state, "unregistered")

    def test_scheduled_actions_leave_a_copy_alone_and_lose_nothing(self):
        self.use_production()
        sent = self.send()
        self.company.l10n_fr_sap_send_on_post = True
        waiting = self.create_invoice()
        self.urssaf.set_status(sent.name, "30")
        self.copy_database()
        self.assertFalse(self.create_invoice().l10n_fr_sap_request_ids)
        calls = len(self.urssaf.calls)
        for cron in CRONS:
            self.run_cron(cron, after=timedelta(days=30))
        self.assertEqual(len(self.urssaf.calls), calls)
        self.assertEqual(
            (sent | waiting).mapped("l10n_fr_sap_status"), ["integrated", "to_send"]
        )
        self.press(self.company, SWITCH_ON)
        for cron in CRONS:
            self.run_cron(cron, after=timedelta(days=31))
        self.assertEqual(
            (sent | waiting).mapped("l10n_fr_sap_status"), ["validated", "integrated"]
        )

    def test_only_an_administrator_switches_it_on_again(self):
        self.use_production()
        self.copy_database()
        user = self.create_accountant()
        with self.assertRaises(AccessError):
            self.press(self.company, SWITCH_ON, user=user)
        self.assertIn(self.company.name, self.refusal(self.company, TEST_CONNECTION))
        self.press(self.company, SWITCH_ON)
        self.press(self.company, TEST_CONNECTION)

    def test_what_was_sent_in_test_is_no_business_of_production(self):
        move = self.send()
        self.company.l10n_fr_sap_environment = "production"
        self.env.invalidate_all()
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "unregistered")
        calls = len(self.urssaf.calls)
        self.run_cron("refresh_requests", after=timedelta(days=30))
        self.assertEqual(len(self.urssaf.calls), calls)
        self.assertEqual(move.l10n_fr_sap_status, "integrated")

    def test_nothing_leaves_a_neutralized_database(self):
        self.use_production()
        sent = self.send()
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        calls = len(self.urssaf.calls)
        self.assertEqual(self.company.l10n_fr_sap_environment, "test")
        for record, button in ((self.company, TEST_CONNECTION), (sent, REFRESH)):
            self.assertTrue(self.refusal(record, button))
        self.assertEqual(len(self.urssaf.calls), calls)
