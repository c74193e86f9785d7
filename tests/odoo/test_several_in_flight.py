# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Several calls in flight: what goes wrong with one of them costs the others nothing."""

from unittest.mock import patch

from psycopg2.errors import SerializationFailure
from sap_common import SapCase

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.l10n_fr_urssaf_sap.protocol.sending import Sending
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api import transport

from simulator.dispatch import Answer

SEND = "action_l10n_fr_sap_send"
CRON = "ir_cron_send"


@tagged("post_install", "-at_install")
class TestSeveralInFlight(SapCase):
    def setUp(self):
        super().setUp()
        self.patch(transport, "BACKOFF", 0)
        self.activate()

    def create_invoices(self, count, queued=True):
        moves = self.env["account.move"].concat(
            *(self.create_invoice() for _number in range(count))
        )
        if queued:
            moves.sudo()._l10n_fr_sap_queue()
        return moves

    def count(self, moves):
        statuses = moves.mapped("l10n_fr_sap_status")
        return {status: statuses.count(status) for status in set(statuses)}

    def test_many_leave_in_calls_of_ten(self):
        moves = self.create_invoices(35)
        self.run_cron(CRON)
        self.assertEqual(self.count(moves), {"integrated": 35})
        self.assertEqual(sorted(map(len, self.calls("M050"))), [5, 10, 10, 10])

    @mute_logger("odoo.addons.l10n_fr_urssaf_sap.protocol.sending")
    def test_a_double_that_cannot_be_taken_over_costs_no_other_answer(self):
        double, others = self.create_invoice(), self.create_invoices(35)
        self.press(double, SEND)
        request = double.l10n_fr_sap_request_id.sudo()
        request.write({"state": "to_send", "urssaf_id": False})
        poison = ValueError("broken")
        with patch.object(type(request), "_set_taken_over", side_effect=poison):
            self.run_cron(CRON)
        self.assertEqual(self.count(others), {"integrated": 35})
        self.assertEqual(request.state, "sending")

    def test_an_answer_that_meets_somebody_elses_write_waits_alone(self):
        moves = self.create_invoices(35)
        record, seen = Sending._record, []

        def busy_at_first(sending, batch, result):
            seen.append(batch)
            if len(seen) == 1:
                raise SerializationFailure("somebody was quicker")
            return record(sending, batch, result)

        with patch.object(Sending, "_record", busy_at_first):
            self.run_cron(CRON)
        self.assertEqual(self.count(moves), {"integrated": 25, "sending": 10})
        self.env["ir.config_parameter"].set_param("l10n_fr_urssaf_sap.lease_seconds", 0)
        self.run_cron(CRON)
        self.assertEqual(self.count(moves), {"integrated": 35})
        self.assertEqual(len(self.urssaf_requests()), 35)
        self.assertEqual(len(self.calls("M050")), 4, "it was taken over")

    def test_what_is_locked_elsewhere_does_not_keep_the_scheduled_action_busy(self):
        moves = self.create_invoices(3)
        busy = moves[1].l10n_fr_sap_request_id
        requests, crons = type(busy), type(self.env["ir.cron"])
        try_lock, commit = requests.try_lock_for_update, crons._commit_progress
        left = []

        def locked(records, **options):
            return try_lock(records - busy.with_env(records.env), **options)

        def committed(cron, processed=0, *, remaining=None, **options):
            left.append(left[-1] - processed if remaining is None else remaining)
            return commit(cron, processed, remaining=remaining, **options)

        with (
            patch.object(requests, "try_lock_for_update", locked),
            patch.object(crons, "_commit_progress", committed),
        ):
            self.run_cron(CRON)
        self.assertEqual(self.count(moves), {"integrated": 2, "to_send": 1})
        self.assertEqual((left[0], left[-1], min(left)), (3, 0, 0), left)

    def test_a_button_says_what_has_not_left(self):
        moves = self.create_invoices(12, queued=False)
        busy = SerializationFailure("somebody was quicker")
        with patch.object(Sending, "_prepare", side_effect=busy):
            action = self.press(moves, SEND)
        self.assertEqual(self.count(moves), {"integrated": 10, False: 2})
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        self.assertEqual((summary.done_count, len(summary.line_ids)), (10, 2))

    def test_a_call_refused_as_a_whole_is_made_again_one_by_one(self):
        moves = self.create_invoices(12)
        poison = moves[3]

        dispatcher = self.app.extensions["dispatcher"]

        class Choking:
            def before(self, call):
                wrong = call.operation == "M050" and poison.name in str(call.body)
                error = [{"code": "ERREUR_VALIDATION", "message": "Erreur"}]
                return Answer(400, error) if wrong else None

            def after(self, call, answer):
                return answer

        dispatcher.interceptors.append(Choking())
        self.addCleanup(dispatcher.interceptors.clear)
        self.run_cron(CRON)
        self.assertEqual(self.count(moves), {"integrated": 11, "error": 1})
        self.assertEqual(poison.l10n_fr_sap_status, "error")

    def test_a_customer_who_is_queued_again_may_have_activated_meanwhile(self):
        registration = self.partner.l10n_fr_sap_registration_id.sudo()
        registration.state = "abandoned"
        registration._set_queued()
        self.press(self.partner, "action_l10n_fr_sap_check_registration")
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "active")
