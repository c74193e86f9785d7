# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A copied database leaves production alone."""

import contextlib
import logging
import socket

from sap_common import SapCase

from odoo.exceptions import AccessError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import Form, tagged

from odoo.addons.mail.tests.common import mail_new_test_user

SEND, REGISTER = "action_l10n_fr_sap_send", "action_l10n_fr_sap_register"
TEST = "action_l10n_fr_sap_test_connection"
SWITCH_ON = "action_l10n_fr_sap_switch_on_production"
CRONS = ("send", "register", "refresh_requests", "refresh_registrations")
COPY = "This database is a copy"
ADDON = "odoo.addons.l10n_fr_urssaf_sap"


class SafetyCase(SapCase):
    def setUp(self):
        super().setUp()
        self.administrator = self.create_administrator()
        self.company = self.env.company.with_user(self.administrator)

    def parameter(self, name, value):
        self.env["ir.config_parameter"].sudo().set_param(name, value)
        self.env.invalidate_all()

    def switch_on(self):
        self.parameter("l10n_fr_urssaf_sap.url_production", self.urssaf_url)
        self.company.l10n_fr_sap_environment = "production"

    def copied(self, how):
        """What a copy of the database finds."""
        if how == "uuid":
            self.parameter("database.uuid", "00000000-another")
        else:
            database = f"other_{self.company.sudo().l10n_fr_sap_production_database}"
            self.company.sudo().l10n_fr_sap_production_database = database

    @contextlib.contextmanager
    def nothing_leaves(self):
        """Whatever is sent to production would arrive here, a token call too."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.setblocking(False)
            self.parameter(
                "l10n_fr_urssaf_sap.url_production",
                f"http://127.0.0.1:{server.getsockname()[1]}",
            )
            yield
            with self.assertRaises(BlockingIOError):
                server.accept()


@tagged("post_install", "-at_install")
class TestCopy(SafetyCase):
    def test_production_works_where_it_was_switched_on(self):
        self.switch_on()
        self.assertFalse(self.company.l10n_fr_sap_is_copy)
        self.press(self.company, TEST, user=self.administrator)
        self.assertEqual(len(self.calls("M070")), 1)

    def test_a_copy_does_nothing_until_it_is_switched_on_again(self):
        for how in ("name", "uuid"):
            with self.subTest(how):
                self.switch_on()
                self.copied(how)
                self.assertTrue(self.company.l10n_fr_sap_is_copy)
                with self.nothing_leaves():
                    message = self.refuse(self.company, TEST, self.administrator)
                    self.assertIn(COPY, message)
                    self.assertIn(self.company.name, message)
                self.press(self.company, SWITCH_ON, user=self.administrator)
                self.switch_on()
                self.press(self.company, TEST, user=self.administrator)

    def test_the_test_platform_is_not_tied(self):
        self.switch_on()
        self.copied("uuid")
        self.company.l10n_fr_sap_environment = "test"
        self.press(self.company, TEST, user=self.administrator)

    def test_from_test_to_production_switches_on(self):
        self.switch_on()
        self.copied("uuid")
        self.company.l10n_fr_sap_environment = "test"
        self.company.l10n_fr_sap_environment = "production"
        self.assertFalse(self.company.l10n_fr_sap_is_copy)

    def test_a_company_created_in_production_is_switched_on(self):
        company = self.env["res.company"].create(
            {"name": "Autre", "l10n_fr_sap_environment": "production"}
        )
        self.assertFalse(company.l10n_fr_sap_is_copy)
        self.assertTrue(company.sudo().l10n_fr_sap_production_database)

    def test_writing_in_a_copy_does_not_switch_on(self):
        self.switch_on()
        self.copied("uuid")
        self.company.write(
            {
                "l10n_fr_sap_environment": "production",
                "l10n_fr_sap_nova_number": "SAP987654321",
                "l10n_fr_sap_client_secret": "new",
            }
        )
        self.assertTrue(self.company.l10n_fr_sap_is_copy)
        settings = self.env["res.config.settings"].with_user(self.administrator)
        with Form(settings) as form:
            self.assertEqual(form.l10n_fr_sap_environment, "production")
            form.l10n_fr_sap_nova_number = "SAP123456782"
        form.record.execute()
        self.assertEqual(self.company.l10n_fr_sap_nova_number, "SAP123456782")
        self.assertTrue(self.company.l10n_fr_sap_is_copy)

    def test_the_settings_page_switches_on(self):
        self.switch_on()
        self.copied("name")
        settings = self.env["res.config.settings"].create({})
        self.assertTrue(settings.l10n_fr_sap_is_copy)
        self.press(settings, SWITCH_ON, user=self.administrator)
        self.assertFalse(self.company.l10n_fr_sap_is_copy)

    def test_only_an_administrator_switches_on(self):
        self.switch_on()
        self.copied("name")
        user = mail_new_test_user(
            self.env, "boss", groups="account.group_account_manager"
        )
        with self.assertRaises(AccessError):
            self.press(self.company, SWITCH_ON, user=user)
        self.assertTrue(self.company.l10n_fr_sap_is_copy)

    def test_the_tie_cannot_be_forged(self):
        name = "l10n_fr_sap_production_database"
        with self.assertRaises(AccessError):
            self.company.write({name: self.company._l10n_fr_sap_database()})
        with self.assertRaises(AccessError):
            self.company.read([name])

    def test_buttons_say_why_and_change_nothing(self):
        self.switch_on()
        self.activate()
        move = self.create_invoice()
        other = self.create_particulier("Paul Moreau")
        self.copied("uuid")
        with self.nothing_leaves():
            self.assertIn(COPY, self.refuse(move, SEND))
            self.assertIn(COPY, self.refuse(other, REGISTER))
            with self.assertRaisesRegex(Exception, COPY):
                move.sudo()._l10n_fr_sap_schedule_sending()
        self.assertFalse(move.l10n_fr_sap_request_ids)
        self.assertFalse(other.l10n_fr_sap_registration_ids)

    def test_invoices_are_neither_offered_nor_sent_when_confirmed(self):
        self.switch_on()
        self.activate()
        self.company.l10n_fr_sap_send_on_post = True
        offered = self.env["account.move.send"]._l10n_fr_sap_is_offered
        self.assertEqual(self.create_invoice().l10n_fr_sap_status, "to_send")
        self.copied("uuid")
        move = self.create_invoice()
        self.assertFalse(move.l10n_fr_sap_status)
        self.assertFalse(offered(move))
        self.press(self.company, SWITCH_ON, user=self.administrator)
        self.assertTrue(offered(move))

    def test_scheduled_actions_skip_a_copy_and_lose_nothing(self):
        self.switch_on()
        self.activate()
        sent, waiting, unsure = (self.create_invoice() for _number in range(3))
        self.press(sent, SEND)
        (waiting | unsure).sudo()._l10n_fr_sap_schedule_sending()
        unsure.sudo().l10n_fr_sap_request_id.write(
            {"state": "sending", "sent_at": "2026-01-01 00:00:00"}
        )
        others = [self.create_particulier(f"Paul M{number}") for number in "abc"]
        self.env["l10n_fr_sap.registration"].sudo()._enqueue(others, self.env.company)
        records = (
            (sent | waiting | unsure).l10n_fr_sap_request_ids,
            self.partner.l10n_fr_sap_registration_ids.concat(
                *(other.l10n_fr_sap_registration_ids for other in others)
            ),
        )
        for some in records:
            self.age(some, 100)
        before = [some.sudo().read() for some in records]
        self.copied("uuid")
        with self.nothing_leaves(), self.assertLogs(ADDON, logging.INFO) as logs:
            for name in CRONS:
                self.run_cron(f"ir_cron_{name}")
        self.env.invalidate_all()
        self.assertEqual([some.sudo().read() for some in records], before)
        # One line at each run, and no warning.
        self.assertEqual({log.levelno for log in logs.records}, {logging.INFO})
        told = [log.getMessage() for log in logs.records if COPY in log.getMessage()]
        self.assertEqual(len(told), len(CRONS))
        # Switched on again, all goes on where it stopped.
        self.press(self.company, SWITCH_ON, user=self.administrator)
        self.parameter("l10n_fr_urssaf_sap.url_production", self.urssaf_url)
        for name in CRONS:
            self.run_cron(f"ir_cron_{name}")
        self.assertEqual(
            set(self.urssaf_requests()), {sent.name, waiting.name, unsure.name}
        )
        self.assertEqual(records[1].mapped("state"), ["active", *["pending"] * 3])

    def test_a_branch_of_a_copy_does_nothing_either(self):
        self.switch_on()
        branch = self._create_company(name="Agence", parent_id=self.env.company.id)
        self.copied("name")
        with self.nothing_leaves():
            message = self.refuse(branch, TEST)
        self.assertIn(COPY, message)
        self.assertIn(self.company.name, message)

    def test_production_over_plain_http_is_refused(self):
        self.switch_on()
        self.parameter("l10n_fr_urssaf_sap.url_production", "http://urssaf.example.com")
        self.assertIn("check the credentials", self.refuse(self.company, TEST))
        self.assertIn("check the credentials", self.refuse(self.partner, REGISTER))


@tagged("post_install", "-at_install")
class TestNeutralize(SafetyCase):
    def test_nothing_can_leave_a_neutralized_database(self):
        self.activate()
        move = self.create_invoice()
        book = self.env["l10n_fr_sap.test.book"].create({})
        steps = book.step_ids
        self.switch_on()
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        self.assertFalse(book.exists() or steps.exists())
        self.assertEqual(self.company.l10n_fr_sap_environment, "test")
        self.assertFalse(self.company.l10n_fr_sap_client_id)
        self.assertFalse(self.company.l10n_fr_sap_has_secret)
        self.assertFalse(self.company.sudo().l10n_fr_sap_production_database)
        get_param = self.env["ir.config_parameter"].sudo().get_param
        for environment in ("test", "production"):
            self.assertFalse(get_param(f"l10n_fr_urssaf_sap.url_{environment}"))
        with self.nothing_leaves():
            for records, button in (
                (self.company, TEST),
                (move, SEND),
                (self.partner, "action_l10n_fr_sap_check_registration"),
            ):
                self.assertIn("no Urssaf credentials", self.refuse(records, button))
            self.company.l10n_fr_sap_environment = "production"
            self.assertIn("no Urssaf credentials", self.refuse(self.company, TEST))
