# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The 48 hours that a customer has to answer: what becomes tacit today, and the message
that reminds them, once."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from sap_common import SapCase

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
CRON = "ir_cron_remind_customers"
REQUESTS = "l10n_fr_sap.payment.request"


class WaitingCase(SapCase):
    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("fr_FR")
        self.activate()
        self.env.company.l10n_fr_sap_remind_customers = True

    def send(self, state="20"):
        move = self.create_invoice()
        self.press(move, SEND)
        request = move.sudo().l10n_fr_sap_request_id
        self.say(request, state)
        self.press(move, REFRESH)
        self.env.invalidate_all()
        return request

    def say(self, request, state):
        self.control(f"demandes/{request.urssaf_id}", {"statut": state})

    def wait(self, requests, hours):
        requests.notified_at = fields.Datetime.now() - timedelta(hours=hours)
        self.env.flush_all()

    def remind(self):
        """Run the scheduled action; gives the messages that there are."""
        self.run_cron(CRON)
        self.env.invalidate_all()
        return self.messages()

    def messages(self):
        return self.env["mail.mail"].sudo().search([("model", "=", REQUESTS)])


@tagged("post_install", "-at_install")
class TestNotified(WaitingCase):
    def test_it_is_noted_when_it_is_first_seen_to_wait(self):
        before = fields.Datetime.now()
        request = self.send("10")
        self.assertFalse(request.notified_at)
        self.assertFalse(request.tacit_at)
        self.say(request, "20")
        self.press(request.move_id, REFRESH)
        self.env.invalidate_all()
        first = request.notified_at
        self.assertGreaterEqual(first, before)
        self.assertEqual(request.tacit_at, first + timedelta(hours=48))
        # Seen again, and seen again after something else: the first time counts.
        self.wait(request, 5)
        for state in ("20", "60", "20"):
            self.say(request, state)
            self.press(request.move_id, REFRESH)
        self.env.invalidate_all()
        self.assertEqual(request.state, "awaiting_validation")
        self.assertLess(request.notified_at, first)

    def test_what_waited_before_is_not_guessed(self):
        request = self.send("20")
        request.notified_at = False
        self.press(request.move_id, REFRESH)
        self.env.invalidate_all()
        self.assertFalse(request.notified_at)
        self.assertFalse(request.tacit_today)

    def test_what_counts_as_accepted_today_by_the_clock_of_paris(self):
        request = self.send("20")
        requests = self.env[REQUESTS].sudo()
        today = [("id", "=", request.id), ("tacit_today", "=", True)]
        # UTC; Paris is an hour ahead in winter and two in summer.
        for now, notified, expected in (
            ("2026-11-18 11:00", "2026-11-15 22:59", False),
            ("2026-11-18 11:00", "2026-11-15 23:00", True),
            ("2026-11-18 11:00", "2026-11-16 22:59", True),
            ("2026-11-18 11:00", "2026-11-16 23:00", False),
            ("2026-11-17 23:30", "2026-11-16 22:59", True),
            ("2026-07-15 11:00", "2026-07-12 22:00", True),
            ("2026-07-15 11:00", "2026-07-13 22:00", False),
        ):
            request.notified_at = datetime.fromisoformat(notified)
            with freeze_time(now):
                self.env.invalidate_all()
                self.assertEqual(request.tacit_today, expected, (now, notified))
                self.assertEqual(bool(requests.search(today)), expected)
        with freeze_time("2026-11-18 11:00"):
            request.notified_at = "2026-11-16 10:00:00"
            request.state = "validated"
            self.assertFalse(request.tacit_today)
            self.assertFalse(requests.search(today))


@tagged("post_install", "-at_install")
class TestReminder(WaitingCase):
    def test_a_customer_is_reminded_once_between_36_and_48_hours(self):
        request = self.send()
        for hours, count in ((35.9, 0), (36.1, 1), (40, 1)):
            self.wait(request, hours)
            self.assertEqual(len(self.remind()), count, hours)
        message = self.messages()
        self.assertEqual(message.recipient_ids, self.partner)
        self.assertTrue(request.customer_reminded_at)
        self.assertIn(
            f"reminded of payment request {request.number}",
            "".join(request.move_id.message_ids.mapped("body")),
        )

    def test_nobody_is_reminded_when_the_hours_are_over(self):
        request = self.send()
        self.wait(request, 48.1)
        self.assertFalse(self.remind())
        self.assertFalse(request.customer_reminded_at)

    def test_the_message_is_french_and_says_what_and_until_when(self):
        request = self.send()
        self.wait(request, 37)
        message = self.remind()
        for text in (
            request.move_id.name,
            "particulier.urssaf.fr",
            "sans réponse de votre part",
            "Ceci est un test",
        ):
            self.assertIn(text.lower(), message.body_html.lower())
        french = request.with_context(lang="fr_FR")
        self.assertIn(french._tacit_day(), message.body_html)
        self.assertNotIn("Jeanne", message.body_html)

    def test_in_production_it_is_no_test(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("l10n_fr_urssaf_sap.url_production", self.urssaf_url)
        request = self.send()
        # What was sent in test is not asked about any more.
        self.env.company.l10n_fr_sap_environment = "production"
        self.wait(request, 37)
        self.assertFalse(self.remind())
        request.environment = "production"
        message = self.remind()
        self.assertEqual(len(message), 1)
        self.assertNotIn("Ceci est un test", message.body_html)

    def test_not_who_has_answered_meanwhile(self):
        for state in ("30", "40", "50", "110"):
            request = self.send()
            self.wait(request, 37)
            # Odoo does not know it yet.
            self.say(request, state)
            self.assertEqual(request.state, "awaiting_validation")
            self.assertFalse(self.remind())
            self.assertNotEqual(request.state, "awaiting_validation")

    def test_nobody_is_reminded_of_what_is_to_be_cancelled(self):
        request = self.send()
        self.wait(request, 37)
        request.cancel_asked_at = fields.Datetime.now()
        self.assertFalse(self.remind())
        request.cancel_asked_at = False
        self.assertEqual(len(self.remind()), 1)

    def test_nobody_is_reminded_while_the_urssaf_does_not_answer(self):
        request = self.send()
        self.wait(request, 37)
        self.switch_off()
        with mute_logger("odoo.addons.l10n_fr_urssaf_sap.protocol.jobs"):
            self.assertFalse(self.remind())
        self.set_url(self.urssaf_url)
        self.env["l10n_fr_sap.outage"].sudo().search([]).unlink()
        self.assertEqual(len(self.remind()), 1)

    def test_a_company_that_does_not_want_it_costs_nothing(self):
        request = self.send()
        self.wait(request, 37)
        self.env.company.l10n_fr_sap_remind_customers = False
        before = len(self.calls())
        self.assertFalse(self.remind())
        self.assertEqual(len(self.calls()), before)
        with contextmanager(self._patchExecute)([]) as queries:
            self.run_cron(CRON)
        asked = " ".join(map(str, queries))
        self.assertIn('"l10n_fr_sap_remind_customers"', asked)
        self.assertNotIn('FROM "l10n_fr_sap_payment_request"', asked)

    def test_it_is_off_in_every_company_there_is(self):
        company = self.env["res.company"].create({"name": "New"})
        self.assertFalse(company.l10n_fr_sap_remind_customers)
        columns = "SELECT column_default FROM information_schema.columns"
        self.cr.execute(f"{columns} WHERE column_name = 'l10n_fr_sap_remind_customers'")
        self.assertEqual(self.cr.fetchall(), [(None,)])

    def test_nobody_without_an_address(self):
        request = self.send()
        self.partner.email = False
        self.wait(request, 37)
        self.assertFalse(self.remind())

    def test_a_crash_before_the_commit_leaves_neither_message_nor_mark(self):
        requests = self.send() | self.send()
        self.wait(requests, 37)
        model = type(self.env[REQUESTS])
        remind = model._remind_customers

        def crash(some):
            remind(some)
            some.env.flush_all()
            raise RuntimeError

        with (
            patch.object(model, "_remind_customers", crash),
            mute_logger("odoo.addons.l10n_fr_urssaf_sap.protocol.transactions"),
        ):
            self.assertFalse(self.remind())
        self.assertEqual(requests.mapped("customer_reminded_at"), [False, False])
        self.assertEqual(len(self.remind()), 2)
        self.assertEqual(len(self.remind()), 2)

    def test_one_that_fails_does_not_stop_the_others(self):
        first, second = self.send(), self.send()
        self.wait(first | second, 37)
        model = type(self.env[REQUESTS])
        remind = model._remind_customers

        def fail(some):
            if first.id in some.ids:
                raise RuntimeError
            return remind(some)

        with (
            patch.object(model, "_remind_customers", fail),
            mute_logger("odoo.addons.l10n_fr_urssaf_sap.protocol.transactions"),
        ):
            self.assertEqual(self.remind().mapped("res_id"), second.ids)
