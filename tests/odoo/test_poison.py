# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta
from unittest.mock import patch

from sap_common import SapCase

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.l10n_fr_urssaf_sap.invoicing import obstacles
from odoo.addons.l10n_fr_urssaf_sap.invoicing.payload import payment_request_of
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api import transport

from simulator.dispatch import Answer

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
ADDON = "odoo.addons.l10n_fr_urssaf_sap"


@tagged("post_install", "-at_install")
class TestPoison(SapCase):
    """One invoice or customer that something chokes on holds up nobody else's."""

    def setUp(self):
        super().setUp()
        self.patch(transport, "BACKOFF", 0)
        self.activate()
        self.moves = self.env["account.move"].concat(
            *(self.create_invoice() for _ in range(12))
        )
        self.poison = self.moves[3]

    def statuses(self, moves=None):
        return set((moves or self.moves).mapped("l10n_fr_sap_status"))

    def choking(self, operation, needle, answer):
        """Where a call says ``needle``, the Urssaf does nothing and gives ``answer``."""

        class Choking:
            def before(self, call):
                return (
                    answer()
                    if call.operation == operation and needle in str(call.body)
                    else None
                )

            def after(self, call, answer):
                return answer

        interceptors = self.app.extensions["dispatcher"].interceptors
        interceptors.append(Choking())
        self.addCleanup(interceptors.clear)

    def answer(self, status, body):
        return lambda: Answer(status, body)

    def page(self, status):
        """What a gateway says in the API's place."""
        headers = {"Content-Type": "text/html"}
        return lambda: Answer(status, None, headers, "<html>Bad Request</html>")

    # What the Urssaf chokes on

    def test_an_invoice_that_the_urssaf_fails_on_goes_alone_and_is_told_of(self):
        error = [{"code": "ERR_TECHNIQUE", "message": "Erreur"}]
        self.check_goes_alone(self.answer(500, error))

    def test_an_invoice_that_a_firewall_dislikes_goes_alone_and_is_told_of(self):
        self.check_goes_alone(self.page(400))

    def test_so_does_one_to_which_it_forbids_the_way(self):
        self.check_goes_alone(self.page(403))

    def check_goes_alone(self, answer):
        self.choking("M050", self.poison.name, answer)
        self.moves.sudo()._l10n_fr_sap_queue()
        self.set_lease(0)
        for _ in range(5):
            self.env["l10n_fr_sap.outage"].sudo().search([]).unlink()
            self.run_cron("ir_cron_send")
        others = self.moves - self.poison
        self.assertEqual(self.statuses(others), {"integrated"})
        self.assertEqual(set(self.urssaf_requests()), set(others.mapped("name")))
        request = self.poison.l10n_fr_sap_request_id
        self.assertEqual((request.state, request.lost_answers), ("to_send", 3))
        self.assertIn("no usable answer", self.poison.message_ids[0].body)
        # Once an hour, and by whoever cannot wait.
        made = len(self.calls("M050"))
        self.run_cron("ir_cron_send")
        self.assertEqual(len(self.calls("M050")), made)
        request.sudo().sent_at -= timedelta(hours=2)
        self.run_cron("ir_cron_send")
        self.assertEqual(len(self.calls("M050")), made + 1)
        self.app.extensions["dispatcher"].interceptors.clear()
        self.run_cron("ir_cron_send")
        request.sudo().sent_at -= timedelta(hours=2)
        self.run_cron("ir_cron_send")
        self.assertEqual((request.state, request.lost_answers), ("integrated", 0))
        self.assertFalse(request.error)

    def test_a_gateway_s_page_refuses_no_invoice(self):
        for status in (400, 403, 413, 422):
            with self.subTest(status):
                moves = self.moves[:2]
                self.moves -= moves
                moves.sudo()._l10n_fr_sap_queue()
                self.choking("M050", "", self.page(status))
                self.run_cron("ir_cron_send")
                self.assertEqual(self.statuses(moves), {"sending"})
                self.app.extensions["dispatcher"].interceptors.pop()
                self.end_lease(moves)
                self.run_cron("ir_cron_send")
                self.assertEqual(self.statuses(moves), {"integrated"})

    def end_lease(self, moves):
        self.env["l10n_fr_sap.outage"].sudo().search([]).unlink()
        for request in moves.sudo().l10n_fr_sap_request_id:
            request.sent_at -= timedelta(days=1)

    def test_an_empty_refusal_blames_one_invoice_of_twelve(self):
        self.choking("M050", self.poison.name, lambda: Answer(400, None, {}, ""))
        self.moves.sudo()._l10n_fr_sap_queue()
        self.run_cron("ir_cron_send")
        self.assertEqual(self.statuses(self.moves - self.poison), {"integrated"})
        request = self.poison.l10n_fr_sap_request_id
        self.assertEqual((request.state, request.error), ("error", "HTTP 400"))

    def test_a_gateway_s_page_blames_no_customer(self):
        other = self.create_particulier("Paul Moreau")
        self.choking("M010", "", self.page(400))
        self.env["l10n_fr_sap.registration"].sudo()._enqueue(other, self.env.company)
        self.run_cron("ir_cron_register")
        self.assertEqual(other.l10n_fr_sap_registration_state, "queued")
        self.app.extensions["dispatcher"].interceptors.clear()
        self.run_cron("ir_cron_register")
        self.assertEqual(other.l10n_fr_sap_registration_state, "pending")

    def test_one_status_of_ten_that_cannot_be_read_costs_no_other_and_no_call(self):
        moves = self.moves[:10]
        self.press(moves, SEND)
        self.control("advance")
        requests = moves.l10n_fr_sap_request_id
        poison = self.poison.l10n_fr_sap_request_id
        for told in ({"statut": None}, {"statut": {"code": True}}, {}):

            def change(answer, told=told):
                infos = answer.body["infoDemandePaiements"]
                for place, info in enumerate(infos):
                    if info["idDemandePaiement"] == poison.urssaf_id:
                        infos[place] = info | told if told else None
                return answer

            with self.subTest(told), self.intercepted("M070", change):
                made = len(self.calls("M070"))
                self.age(requests, hours=2)
                self.run_cron("ir_cron_refresh_requests")
                self.assertEqual(len(self.calls("M070")), made + 1)
                self.assertEqual(
                    self.statuses(moves - self.poison), {"awaiting_validation"}
                )
                self.assertEqual(poison.state, "integrated")
                late = fields.Datetime.now() - timedelta(minutes=1)
                self.assertGreater(min(requests.mapped("refreshed_at")), late)

    def test_a_lost_one_whose_status_cannot_be_read_is_live(self):
        move = self.moves[:1]
        self.app.extensions["faults"].arm("M050", "cut_after")
        self.press(move, SEND)

        def change(answer):
            answer.body["infoDemandePaiements"][0]["statut"] = None
            return answer

        self.set_lease(0)
        with self.intercepted("M070", change):
            self.run_cron("ir_cron_send")
        request = move.l10n_fr_sap_request_id
        self.assertEqual(request.state, "unknown")
        self.assertTrue(request.urssaf_id and move.l10n_fr_sap_live)
        self.age(request, hours=2)
        self.run_cron("ir_cron_refresh_requests")
        self.assertEqual(request.state, "integrated")

    def test_a_refused_one_whose_status_cannot_be_read_is_not_sent_again(self):
        move = self.moves[:1]
        self.press(move, SEND)
        request = move.l10n_fr_sap_request_id
        self.control(f"demandes/{request.urssaf_id}", {"statut": "40"})
        self.press(move, REFRESH)

        def change(answer):
            answer.body["infoDemandePaiements"][0]["statut"] = None
            return answer

        with self.intercepted("M070", change):
            action = self.press(move, SEND)
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        self.assertIn("does not tell", summary.line_ids.message)
        self.assertEqual(request.state, "refused")
        self.assertEqual(len(self.urssaf_requests()), 1)

    def test_a_request_that_a_search_fails_on_is_asked_about_alone(self):
        self.press(self.moves, SEND)
        self.control("advance")
        requests = self.moves.l10n_fr_sap_request_id
        poison = self.poison.l10n_fr_sap_request_id
        error = [{"code": "ERR_TECHNIQUE", "message": "Erreur"}]
        self.choking("M070", poison.urssaf_id, self.answer(500, error))
        self.age(requests, hours=2)
        self.run_cron("ir_cron_refresh_requests")
        self.assertEqual(
            self.statuses(self.moves - self.poison), {"awaiting_validation"}
        )
        self.assertEqual(poison.state, "integrated")
        late = fields.Datetime.now() - timedelta(minutes=1)
        self.assertGreater(min(requests.mapped("refreshed_at")), late)
        self.assertFalse(self.env["l10n_fr_sap.outage"].sudo().search([]))

    def test_a_customer_whose_state_cannot_be_read_is_asked_about_later(self):
        other = self.create_particulier("Paul Moreau")
        self.press(other, "action_l10n_fr_sap_register")
        registrations = (self.partner | other).sudo().l10n_fr_sap_registration_ids
        bad, good = registrations.sorted("id")
        self.choking("M020", bad.urssaf_id, self.answer(200, {"statut": None}))
        registrations.checked_at = fields.Datetime.now() - timedelta(days=2)
        self.control(f"particuliers/{good.urssaf_id}", {"etat": "active"})
        self.run_cron("ir_cron_refresh_registrations")
        self.assertEqual((bad.state, good.state), ("active", "active"))
        late = fields.Datetime.now() - timedelta(minutes=1)
        self.assertGreater(min(registrations.mapped("checked_at")), late)

    def test_a_double_refused_as_a_whole_is_adopted_too(self):
        move = self.moves[:1]
        self.press(move, SEND)
        request = move.l10n_fr_sap_request_id
        known = request.urssaf_id
        request.sudo().write({"state": "to_send", "urssaf_id": False})
        error = [{"code": "ERR_FACTURE_DOUBLON", "message": "Doublon"}]
        self.choking("M050", move.name, self.answer(400, error))
        self.run_cron("ir_cron_send")
        self.assertEqual((request.state, request.urssaf_id), ("integrated", known))

    def test_ten_doubles_are_looked_up_in_one_call(self):
        moves = self.moves[:10]
        self.press(moves, SEND)
        requests = moves.l10n_fr_sap_request_id.sudo()
        requests.write({"state": "to_send", "urssaf_id": False})
        self.run_cron("ir_cron_send")
        self.assertEqual(self.statuses(moves), {"integrated"})
        self.assertEqual(len(self.calls("M070")), 1)

    def test_maintenance_in_the_middle_does_not_prove_that_nothing_was_done(self):
        move = self.moves[:1]
        self.press(self.env.company, "action_l10n_fr_sap_test_connection")
        self.app.extensions["faults"].arm("M050", "503_html", done=True)
        self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "sending")
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            move.button_draft()
        self.set_lease(0)
        self.run_cron("ir_cron_send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        self.assertEqual(list(self.urssaf_requests()), [move.name])

    # What we choke on

    def test_an_invoice_that_another_addon_refuses_is_named(self):
        poison = self.poison

        def refusing(move, *args):
            if move.id == poison.id:
                raise UserError("Not on a Monday")
            return payment_request_of(move, *args)

        self.moves.sudo()._l10n_fr_sap_queue()
        with (
            patch.object(obstacles, "payment_request_of", refusing),
            self.assertLogs(ADDON, "ERROR"),
        ):
            self.run_cron("ir_cron_send")
        self.assertEqual(self.statuses(self.moves - poison), {"integrated"})
        self.assertEqual(poison.l10n_fr_sap_status, "error")

    def test_a_batch_that_breaks_is_done_one_by_one(self):
        requests = type(self.env["l10n_fr_sap.payment.request"])
        set_sending = requests._set_sending
        poison = self.poison

        def breaking(some, *args):
            if poison.l10n_fr_sap_request_id.id in some.ids:
                raise KeyError("broken")
            set_sending(some, *args)

        self.moves.sudo()._l10n_fr_sap_queue()
        with (
            patch.object(requests, "_set_sending", breaking),
            self.assertLogs(ADDON, "ERROR"),
        ):
            self.run_cron("ir_cron_send")
        self.assertEqual(self.statuses(self.moves - poison), {"integrated"})
        self.assertEqual(poison.l10n_fr_sap_status, "error")

    def test_a_status_that_cannot_be_stored_spoils_no_other(self):
        self.press(self.moves, SEND)
        requests = self.moves.l10n_fr_sap_request_id
        for request in requests:
            self.control(
                f"demandes/{request.urssaf_id}", {"statut": "50", "libelle": "Prélevée"}
            )
        self.age(requests, hours=2)
        model, poison = type(requests), self.poison.l10n_fr_sap_request_id
        set_state = model._set_state

        def breaking(some, state, **values):
            if poison.id in some.ids:
                raise KeyError("broken")
            set_state(some, state, **values)

        with (
            patch.object(model, "_set_state", breaking),
            self.assertLogs(ADDON, "ERROR"),
        ):
            self.run_cron("ir_cron_refresh_requests")
        self.assertEqual(self.statuses(self.moves - self.poison), {"debited"})
        late = fields.Datetime.now() - timedelta(minutes=1)
        self.assertGreater(min(requests.mapped("refreshed_at")), late)

    def test_a_label_that_no_database_takes_is_stored_without_it(self):
        self.press(self.moves[:1], SEND)
        request = self.moves[:1].l10n_fr_sap_request_id
        self.control(
            f"demandes/{request.urssaf_id}", {"statut": "999", "libelle": "Pré\0levée"}
        )
        self.age(request, hours=2)
        self.run_cron("ir_cron_refresh_requests")
        self.assertEqual(request.state, "unknown")
        self.assertEqual(request.urssaf_label, "Pré levée")
