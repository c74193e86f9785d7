# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from freezegun import freeze_time
from sap_common import SapCase

from odoo import fields
from odoo.tests import tagged

from odoo.addons.l10n_fr_urssaf_sap.urssaf.api import transport
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.errors import Unavailable

TEST, SEND = "action_l10n_fr_sap_test_connection", "action_l10n_fr_sap_send"


@tagged("post_install", "-at_install")
class TestOutage(SapCase):
    """An Urssaf that does not answer is left alone for a while, and comes back."""

    def setUp(self):
        super().setUp()
        self.patch(transport, "BACKOFF", 0)
        self.activate()
        self.move = self.create_invoice()
        self.move.sudo()._l10n_fr_sap_queue()
        self.outages = self.env["l10n_fr_sap.outage"].sudo()

    def attempts(self):
        """How often the Urssaf was asked for anything, whatever it answered."""
        self.run_cron("ir_cron_send")
        calls = self.app.extensions["store"].calls_by_operation()
        self.app.extensions["store"].clear_calls()
        return sum(calls.values())

    def let_pauses_end(self):
        self.outages.search([]).until = fields.Datetime.now() - timedelta(seconds=1)

    def test_left_alone_after_two_failures_and_found_again(self):
        self.let_nobody_in()
        self.assertGreater(self.attempts(), 0)
        self.assertGreater(self.attempts(), 0, "one failure may be an accident")
        self.assertEqual(self.attempts(), 0)
        self.assertEqual(self.move.l10n_fr_sap_status, "to_send")
        self.let_pauses_end()
        self.app.extensions["faults"].clear()
        self.assertGreater(self.attempts(), 0)
        self.assertEqual(self.move.l10n_fr_sap_status, "integrated")
        self.assertFalse(self.outages.search([]))

    def let_nobody_in(self):
        for operation in ("TOKEN", "M050", "M070"):
            self.app.extensions["faults"].arm(operation, "429", times=None)

    def test_the_scheduled_action_comes_back_by_itself(self):
        self.let_nobody_in()
        cron = self.env.ref("l10n_fr_urssaf_sap.ir_cron_send")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        for _ in range(2):
            self.run_cron("ir_cron_send")
        new = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers
        until = self.outages.search([]).until
        late = [moment - until for moment in new.mapped("call_at")]
        self.assertTrue(
            any(timedelta(0) <= each <= timedelta(minutes=1) for each in late), late
        )

    def test_a_run_that_can_settle_nothing_does_not_start_itself_again_at_once(self):
        request = self.move.l10n_fr_sap_request_id.sudo()
        request.write(
            {
                "state": "sending",
                "sent_at": fields.Datetime.now() - timedelta(hours=1),
            }
        )
        self.switch_off()
        triggers = self.env["ir.cron.trigger"].search([])
        for _ in range(3):
            self.run_cron("ir_cron_send")
        new = self.env["ir.cron.trigger"].search([]) - triggers
        self.assertTrue(new)
        self.assertGreaterEqual(min(new.mapped("call_at")), fields.Datetime.now())
        self.assertEqual(len(new), len(set(new.mapped("call_at"))))

    def test_the_pause_doubles_up_to_an_hour(self):
        now = fields.Datetime.now()
        with freeze_time(now):
            pauses = [
                (self.outages._note("https://urssaf.example", Unavailable()) - now)
                for _ in range(8)
            ]
        minutes = [pause / timedelta(minutes=1) for pause in pauses]
        self.assertEqual(minutes, [1, 2, 4, 8, 16, 32, 60, 60])

    def test_the_urssaf_is_left_alone_for_as_long_as_it_asks(self):
        now = fields.Datetime.now()
        with freeze_time(now):
            error = Unavailable(retry_after=600)
            until = self.outages._note("https://urssaf.example", error)
            self.assertEqual(until, now + timedelta(minutes=10))
            error = Unavailable(retry_after=1_000_000)
            until = self.outages._note("https://urssaf.example", error)
            self.assertEqual(until, now + timedelta(hours=1))

    def test_the_settings_page_says_it_and_a_button_tries_at_once(self):
        company = self.env.company.sudo()
        self.assertFalse(company.l10n_fr_sap_outage)
        self.let_nobody_in()
        for _ in range(2):
            self.run_cron("ir_cron_send")
        company.invalidate_recordset()
        settings = self.env["res.config.settings"].sudo().create({})
        self.assertIn("has not answered since", settings.l10n_fr_sap_outage)
        self.assertIn("cannot be reached", self.refuse(company, TEST))
        self.app.extensions["faults"].clear()
        self.press(company, TEST)
        company.invalidate_recordset()
        self.assertFalse(company.l10n_fr_sap_outage)
        self.press(self.move, SEND)
        self.assertEqual(self.move.l10n_fr_sap_status, "integrated")

    def test_bad_credentials_of_one_company_do_not_stop_another(self):
        other = self.env["res.company"].create(
            {
                "name": "Jardins",
                "l10n_fr_sap_client_id": "other",
                "l10n_fr_sap_client_secret": "wrong",
            }
        )
        request = self.move.l10n_fr_sap_request_id.sudo()
        bad = request.copy(
            {"company_id": other.id, "move_id": self.create_invoice().id}
        )
        with self.assertLogs("odoo.addons.l10n_fr_urssaf_sap", "WARNING") as logged:
            self.run_cron("ir_cron_send")
        self.assertEqual(len(logged.output), 1)
        self.assertEqual((bad.state, request.state), ("to_send", "integrated"))
        self.assertFalse(self.outages.search([]))
