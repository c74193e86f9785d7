# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from sap_common import SapCase

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

TEST = "action_l10n_fr_sap_test_connection"


@tagged("post_install", "-at_install")
class TestSettings(SapCase):
    def test_the_connection_test_asks_for_a_token_and_searches_the_far_future(self):
        action = self.press(self.env.company, TEST)
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(
            self.calls("M070"),
            [{"dateDebut": "2999-01-01T00:00:00Z", "dateFin": "2999-01-01T00:00:00Z"}],
        )

    def test_the_connection_test_names_the_host_that_is_not_the_urssafs(self):
        company, parameters = self.env.company, self.env["ir.config_parameter"].sudo()
        parameters.set_param("l10n_fr_urssaf_sap.url_production", self.urssaf_url)
        for environment, label in (("test", "Test"), ("production", "Production")):
            company.l10n_fr_sap_environment = environment
            message = self.press(company, TEST)["params"]["message"]
            self.assertIn(
                f"{self.urssaf_url} answers, which is not the Urssaf", message
            )
            self.assertIn(f"environment: {label}", message)

    def test_the_settings_page_saves_and_tests(self):
        settings = self.env["res.config.settings"].create(
            {
                "l10n_fr_sap_client_id": "other",
                "l10n_fr_sap_client_secret": "other-secret",
            }
        )
        action = self.press(settings, TEST)
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(self.env.company.l10n_fr_sap_client_id, "other")

    def test_wrong_credentials_are_told_apart_from_a_dead_urssaf(self):
        self.env.company.l10n_fr_sap_client_secret = "wrong"
        message = self.refuse(self.env.company, TEST)
        self.assertIn("check the credentials", message)
        self.assertNotIn("wrong", message)
        self.switch_off()
        self.assertIn("cannot be reached", self.refuse(self.env.company, TEST))

    def test_missing_credentials_say_where_to_fill_them_in(self):
        self.env.company.sudo().l10n_fr_sap_stored_secret = False
        message = self.refuse(self.env.company, TEST)
        self.assertIn("Invoicing settings", message)
        self.assertIn(self.env.company.name, message)

    def test_plain_http_to_another_machine_is_refused(self):
        self.set_url("http://urssaf.example.com")
        self.assertIn("check the credentials", self.refuse(self.env.company, TEST))

    def test_only_an_administrator_tests(self):
        user = mail_new_test_user(
            self.env, "boss", groups="account.group_account_manager"
        )
        with self.assertRaises(AccessError):
            self.press(self.env.company, TEST, user=user)

    def test_the_nova_number_is_checked(self):
        self.env.company.l10n_fr_sap_nova_number = "SIR12345678901234"
        for wrong in ("SAP12345678", "123456789", "SIR123456789"):
            with self.assertRaises(ValidationError):
                self.env.company.l10n_fr_sap_nova_number = wrong
