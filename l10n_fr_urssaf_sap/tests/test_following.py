# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import REFRESH, SEND, SapCase

TOMORROW = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestFollowing(SapCase):
    def test_statuses_are_followed_until_the_money_is_there(self):
        move = self.send()
        seen = []
        for code in ("20", "30", "50"):
            self.set_status(move, code)
            seen.append(move.l10n_fr_sap_status)
        self.assertEqual(seen, ["awaiting_validation", "validated", "debited"])
        day = fields.Date.today()
        transfer = {"mntVirement": 108, "dateVirement": day.isoformat()}
        self.set_status(move, "70", infoVirement=transfer)
        request = move.l10n_fr_sap_request_id
        self.assertEqual((request.state, request.urssaf_label), ("paid", "Payée"))
        self.assertEqual((request.transfer_amount, request.transfer_date), (108, day))

    def test_the_scheduled_action_asks_ten_a_call_and_not_all_the_time(self):
        moves = self.create_invoices(12)
        self.press(moves, SEND)
        self.press(moves, REFRESH)
        for move in moves:
            self.urssaf.set_status(move.name, "20")
        before = len(self.urssaf.bodies("M070"))
        self.run_cron("refresh_requests")
        self.assertEqual(len(self.urssaf.bodies("M070")), before, "asked a moment ago")
        self.run_cron("refresh_requests", after=TOMORROW)
        self.assertEqual(
            moves.mapped("l10n_fr_sap_status"), ["awaiting_validation"] * 12
        )
        self.assertEqual(len(self.urssaf.bodies("M070")) - before, 2)

    def test_what_is_over_is_not_asked_about_any_more(self):
        move = self.send()
        self.set_status(move, "110")
        before = len(self.urssaf.bodies("M070"))
        self.run_cron("refresh_requests", after=timedelta(days=30))
        self.assertEqual(len(self.urssaf.bodies("M070")), before)

    def test_the_customers_reason_is_told_to_who_sold_the_service(self):
        self.move.invoice_user_id = self.env.user
        move = self.send()
        reason = {"code": "REGUL_NB_QTE_FACT", "commentaire": "deux heures, pas trois"}
        self.set_status(move, "40", infoRejet=reason)
        request = move.l10n_fr_sap_request_id
        self.assertEqual(request.state, "refused")
        self.assertEqual(request.rejection_code, reason["code"])
        self.assertEqual(request.rejection_comment, reason["commentaire"])
        self.assertEqual(move.activity_ids.user_id, self.env.user)
        self.assertIn(reason["commentaire"], move.activity_ids.note)

    def test_a_status_that_nobody_knows_is_kept_and_followed_further(self):
        move = self.send()
        request = move.l10n_fr_sap_request_id
        self.set_status(move, "999")
        self.assertEqual(
            (request.state, request.urssaf_code, request.urssaf_label),
            ("unknown", "999", "Un statut nouveau"),
        )
        self.urssaf.set_status(request.number, "50")
        self.run_cron("refresh_requests", after=TOMORROW)
        self.assertEqual(request.state, "debited")

    def test_the_urssaf_is_believed_whatever_it_said_before(self):
        move = self.send()
        for code, state in (("70", "paid"), ("110", "cancelled"), ("50", "debited")):
            self.set_status(move, code)
            self.assertEqual(move.l10n_fr_sap_status, state)

    def test_an_urssaf_out_of_reach_is_asked_again_later(self):
        move = self.send()
        self.urssaf.set_status(move.name, "30")
        self.urssaf.switch_off()
        self.run_cron("refresh_requests", after=TOMORROW)
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        self.urssaf.is_off = False
        self.run_cron("refresh_requests", after=2 * TOMORROW)
        self.assertEqual(move.l10n_fr_sap_status, "validated")
