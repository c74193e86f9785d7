# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sap_common import SapCase

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.codes import STATUSES
from odoo.addons.mail.tests.common import mail_new_test_user

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"


@tagged("post_install", "-at_install")
class TestSend(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()

    def test_an_invoice_is_sent_once(self):
        move = self.create_invoice()
        self.assertFalse(move.l10n_fr_sap_status)
        self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        request = move.l10n_fr_sap_request_id
        self.assertEqual(request.number, move.name)
        self.assertEqual(request.amount_total, 108)
        self.assertEqual(
            request.urssaf_id, self.urssaf_requests()[move.name]["idDemandePaiement"]
        )
        [[item]] = self.calls("M050")
        self.assertEqual(item["mntFactureTTC"], 108)
        [line] = item["inputPrestations"]
        self.assertEqual(
            (line["unite"], line["quantite"], line["mntUnitaireTTC"]), ("HEURE", 3, 36)
        )
        # The second click sends nothing.
        self.assertIn("Already sent", self.listed(move, SEND))
        self.assertEqual(len(self.calls("M050")), 1)

    def test_the_period_is_proposed_from_the_invoice_date(self):
        move = self.create_invoice(post=False, invoice_date=self.month_start)
        self.assertFalse(move.l10n_fr_sap_date_to)
        move.invoice_date = self.month_end
        move.action_post()
        period = (move.l10n_fr_sap_date_from, move.l10n_fr_sap_date_to)
        self.assertEqual(period, (self.month_start, self.month_end))
        # A proposal follows the date, what somebody typed stays.
        move.button_draft()
        move.invoice_date = self.month_end - timedelta(days=1)
        typed = self.month_start + timedelta(days=3)
        move.l10n_fr_sap_date_from = typed
        move.action_post()
        period = (move.l10n_fr_sap_date_from, move.l10n_fr_sap_date_to)
        self.assertEqual(period, (typed, self.month_end - timedelta(days=1)))
        move.button_draft()
        self.assertEqual(move.l10n_fr_sap_date_from, typed)
        self.assertFalse(move.copy().l10n_fr_sap_date_from)
        ordinary = self.create_invoice(partner=self.partner_a)
        self.assertFalse(ordinary.l10n_fr_sap_date_from)

    def test_minutes_and_days_are_sent_in_hours(self):
        for unit, quantity, hours in (("minute", 90, 1.5), ("day", 1.25, 10)):
            move = self.create_invoice(
                invoice_line_ids=[
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "quantity": quantity,
                            "product_uom_id": self.env.ref(
                                f"uom.product_uom_{unit}"
                            ).id,
                            "price_unit": 1.2,
                        }
                    )
                ]
            )
            (service,) = move._l10n_fr_sap_payment_request().services
            self.assertEqual((service.unit, float(service.quantity)), ("HEURE", hours))

    def test_all_problems_are_named_and_no_call_leaves(self):
        self.product.l10n_fr_sap_nature_id = False
        self.env.company.l10n_fr_sap_nova_number = False
        first = self.create_invoice(l10n_fr_sap_date_to=fields.Date.today())
        second = self.create_invoice(partner=self.create_particulier("Paul Moreau"))
        draft = self.create_invoice(post=False)
        message = self.listed(first | second | draft, SEND)
        for expected in (
            first.name,
            "NOVA Number is missing",
            "Services To is not in the same month",
            "Line “Ménage”: Nature of Home Service is missing",
            second.name,
            "Paul Moreau is not registered with the Urssaf",
            "Not confirmed",
        ):
            self.assertIn(expected, message)
        self.assertEqual(self.calls("M050"), [])
        self.assertFalse((first | second | draft).l10n_fr_sap_request_ids)

    def test_what_is_no_invoice_of_a_particulier_is_refused(self):
        bill = self.init_invoice("in_invoice", amounts=[100], post=True)
        ordinary = self.create_invoice(partner=self.partner_a)
        message = self.listed(bill | ordinary, SEND)
        self.assertIn("Not a customer invoice", message)
        self.assertIn("not marked as a private customer", message)

    def test_services_before_the_activation_are_refused(self):
        move = self.create_invoice(
            l10n_fr_sap_date_from=self.month_start - timedelta(days=5),
            l10n_fr_sap_date_to=self.month_start - timedelta(days=1),
        )
        self.assertIn("earlier than the customer's activation", self.listed(move, SEND))

    def test_a_paid_invoice_is_not_sent(self):
        move = self.create_invoice()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"amount": 108}).action_create_payments()
        self.assertIn("Paid already", self.listed(move, SEND))

    def test_good_ones_go_and_bad_ones_are_listed(self):
        good = self.create_invoice() | self.create_invoice(quantity=2)
        bad = self.create_invoice(partner=self.create_particulier("Paul Moreau"))
        action = self.press(good | bad, SEND)
        self.assertEqual(good.mapped("l10n_fr_sap_status"), ["integrated"] * 2)
        self.assertFalse(bad.l10n_fr_sap_status)
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        self.assertEqual(summary.done_count, 2)
        self.assertEqual(summary.line_ids.record_ref, bad)
        self.assertEqual(len(self.calls("M050")), 1)

    def test_more_than_ten_take_several_calls(self):
        moves = self.env["account.move"].concat(
            *(self.create_invoice() for _ in range(12))
        )
        self.press(moves, SEND)
        self.assertEqual(moves.mapped("l10n_fr_sap_status"), ["integrated"] * 12)
        self.assertEqual([len(items) for items in self.calls("M050")], [10, 2])
        self.assertEqual(set(self.urssaf_requests()), set(moves.mapped("name")))

    def test_without_an_urssaf_nothing_changes(self):
        sent, move = self.create_invoice(), self.create_invoice()
        self.press(sent, SEND)
        # Once with a token at hand, once without.
        for button in (SEND, "action_l10n_fr_sap_send"):
            self.switch_off()
            self.assertIn("cannot be reached", self.refuse(move, button))
            self.assertFalse(move.l10n_fr_sap_request_ids)
            self.assertFalse(move.l10n_fr_sap_request_id)
            self.control("tokens/revoke")
        self.assertIn("cannot be reached", self.refuse(sent, REFRESH))
        self.assertEqual(sent.l10n_fr_sap_status, "integrated")

    def test_a_call_that_fails_with_a_token_at_hand_changes_nothing(self):
        move = self.create_invoice()
        self.press(self.env.company, "action_l10n_fr_sap_test_connection")
        with self.intercepted("M050", lambda answer: type(answer)(429, "too many")):
            self.assertIn("cannot be reached", self.refuse(move, SEND))
        self.assertFalse(move.l10n_fr_sap_request_ids)

    def test_a_refusal_by_the_urssaf_is_kept_and_sent_again_under_the_same_number(self):
        move = self.create_invoice()
        move.invoice_line_ids.name = "ERR_ACOMPTE_BLOQUE"
        self.assertIs(self.press(move, SEND), True)
        request = move.l10n_fr_sap_request_id
        self.assertEqual(request.state, "error")
        self.assertIn("ERR_ACOMPTE_BLOQUE", request.error)
        self.assertIn("ERR_ACOMPTE_BLOQUE", move.message_ids[0].body)
        # Out of reach: it stays what it was.
        self.switch_off()
        self.refuse(move, SEND)
        self.assertEqual(request.state, "error")
        self.assertIn("ERR_ACOMPTE_BLOQUE", request.error)
        self.set_url(self.urssaf_url)
        move.invoice_line_ids.name = "Ménage"
        self.press(request, "action_retry")
        self.assertEqual(move.l10n_fr_sap_request_ids, request)
        self.assertEqual((request.state, request.number), ("integrated", move.name))
        self.assertFalse(request.error)

    def test_a_request_that_the_client_refused_is_sent_again_under_a_new_number(self):
        move = self.create_invoice()
        self.press(move, SEND)
        first = move.l10n_fr_sap_request_id
        self.control(
            f"demandes/{first.urssaf_id}",
            {
                "statut": "40",
                "infoRejet": {"code": "REGUL_NB_QTE_FACT", "commentaire": "2 heures"},
            },
        )
        self.press(move, REFRESH)
        self.assertEqual(first.state, "refused")
        self.assertEqual(first.rejection_comment, "2 heures")
        note = move.message_ids[0].body
        self.assertIn("Wrong number of hours or quantity", note)
        self.assertNotIn("2 heures", note, "the customer's own words")
        # A new one that could not leave has not replaced it.
        self.switch_off()
        self.refuse(move, SEND)
        self.assertEqual(
            (move.l10n_fr_sap_request_id, first.superseded), (first, False)
        )
        self.set_url(self.urssaf_url)
        self.press(move, SEND)
        second = move.l10n_fr_sap_request_id
        self.assertEqual(second.number, f"{move.name}-2")
        self.assertEqual((first.state, second.state), ("refused", "integrated"))

    def test_statuses_are_followed_until_paid(self):
        move = self.create_invoice()
        self.press(move, SEND)
        seen = []
        for _ in range(4):
            self.control("advance")
            self.press(move, REFRESH)
            seen.append(move.l10n_fr_sap_status)
        self.assertEqual(seen, ["awaiting_validation", "validated", "debited", "paid"])
        request = move.l10n_fr_sap_request_id
        self.assertEqual(request.transfer_amount, 108)
        # The Urssaf lives in France, where a day begins earlier.
        today = datetime.now(ZoneInfo("Europe/Paris")).date()
        self.assertEqual(request.transfer_date, today)
        self.assertEqual(request.urssaf_label, "Payée")

    def test_a_status_that_nobody_knows_is_kept_as_it_came(self):
        move = self.create_invoice()
        self.press(move, SEND)
        request = move.l10n_fr_sap_request_id
        self.control(
            f"demandes/{request.urssaf_id}", {"statut": "999", "libelle": "Nouvelle"}
        )
        self.press(move, REFRESH)
        self.assertEqual(
            (request.state, request.urssaf_code, request.urssaf_label),
            ("unknown", "999", "Nouvelle"),
        )
        self.control(f"demandes/{request.urssaf_id}", {"statut": "50"})
        self.run_cron("ir_cron_refresh_requests")
        self.assertEqual(request.state, "unknown", "asked a moment ago")
        self.age(request, hours=2)
        self.run_cron("ir_cron_refresh_requests")
        self.assertEqual(request.state, "debited")

    def test_every_status_of_the_urssaf_has_its_state(self):
        states = dict(
            self.env["l10n_fr_sap.payment.request"]._fields["state"].selection
        )
        self.assertEqual({status.key for status in STATUSES} - set(states), set())

    def test_nothing_to_refresh_is_said(self):
        self.assertIn("Nothing was sent", self.refuse(self.create_invoice(), REFRESH))

    def test_a_sent_invoice_does_not_go_back_to_draft(self):
        move = self.create_invoice()
        self.press(move, SEND)
        with self.assertRaisesRegex(UserError, "was sent to the Urssaf"):
            move.button_draft()
        self.control(
            f"demandes/{move.l10n_fr_sap_request_id.urssaf_id}", {"statut": "110"}
        )
        self.press(move, REFRESH)
        move.button_draft()
        self.assertEqual(move.state, "draft")

    def test_what_was_sent_is_guarded_whatever_the_invoice_points_to(self):
        move = self.create_invoice()
        self.press(move, SEND)
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            move.l10n_fr_sap_date_from = self.month_end
        move.sudo().l10n_fr_sap_request_id = False
        with self.assertRaisesRegex(UserError, "was sent to the Urssaf"):
            move.button_draft()
        self.assertIn("Already sent", self.listed(move, SEND))

    def test_a_corrected_invoice_is_sent_as_it_is_now(self):
        move = self.create_invoice()
        move.invoice_line_ids.name = "ERR_ACOMPTE_BLOQUE"
        self.press(move, SEND)
        move.button_draft()
        move.invoice_line_ids.write({"name": "Ménage", "quantity": 2})
        move.name = "FAC/CORRIGEE/1"
        move.action_post()
        self.press(move, SEND)
        request = move.l10n_fr_sap_request_ids
        self.assertEqual(
            (request.state, request.number, request.amount_total),
            ("integrated", "FAC/CORRIGEE/1", 72),
        )
        self.assertEqual(list(self.urssaf_requests()), ["FAC/CORRIGEE/1"])

    def test_a_request_that_comes_to_life_again_is_believed(self):
        move = self.create_invoice()
        self.press(move, SEND)
        first = move.l10n_fr_sap_request_id
        path = f"demandes/{first.urssaf_id}"
        self.control(path, {"statut": "40", "infoRejet": {"code": "CONTEST_AUTRE"}})
        self.press(move, REFRESH)
        self.press(move, SEND)
        self.control(path, {"statut": "50"})
        self.press(first, "action_refresh")
        self.assertEqual(first.state, "debited")
        self.assertEqual(move.l10n_fr_sap_request_id.state, "integrated")

    def test_an_urssaf_lost_on_the_way_keeps_what_was_done(self):
        moves = self.env["account.move"].concat(
            *(self.create_invoice() for _ in range(12))
        )
        with self.dies_after_one("M050"):
            action = self.press(moves, SEND)
        states = moves.mapped("l10n_fr_sap_status")
        self.assertEqual((states.count("integrated"), states.count(False)), (10, 2))
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        self.assertEqual((summary.done_count, len(summary.line_ids)), (10, 2))
        self.assertIn("cannot be reached", summary.line_ids[0].message)

    def test_two_invoices_with_one_number_are_told_apart(self):
        journal = self.company_data["default_journal_sale"]
        other = journal.copy({"code": "AUTRE"})
        first = self.create_invoice(journal_id=journal.id)
        second = self.create_invoice(journal_id=other.id)
        second.name = first.name
        self.press(first, SEND)
        self.assertIn("for another invoice", self.listed(second, SEND))

    def test_a_test_request_does_not_count_in_production(self):
        move = self.create_invoice()
        self.press(move, SEND)
        self.env.company.l10n_fr_sap_environment = "production"
        self.env["ir.config_parameter"].set_param(
            "l10n_fr_urssaf_sap.url_production", self.urssaf_url
        )
        self.assertIn("not registered with the Urssaf", self.listed(move, SEND))
        self.control("reset")
        self.activate()
        self.press(move, SEND)
        self.assertEqual(
            move.l10n_fr_sap_request_ids.mapped("environment"), ["production", "test"]
        )
        self.assertEqual(move.l10n_fr_sap_request_id.number, move.name)

    def test_one_urssaf_is_not_asked_about_what_the_other_holds(self):
        move = self.create_invoice()
        with self.lost_answers("M050"):
            self.press(move, SEND)
        request = move.l10n_fr_sap_request_id
        self.env["ir.config_parameter"].set_param("l10n_fr_urssaf_sap.lease_seconds", 0)
        self.env.company.l10n_fr_sap_environment = "production"
        self.env["ir.config_parameter"].set_param(
            "l10n_fr_urssaf_sap.url_production", self.urssaf_url
        )
        for records, button in (
            (move, REFRESH),
            (request, "action_refresh"),
            (request, "action_withdraw"),
        ):
            self.assertIn("other platform", self.refuse(records, button))
        self.run_cron("ir_cron_send")
        self.assertEqual((request.state, request.environment), ("sending", "test"))
        self.assertEqual(self.calls("M070"), [])
        self.env.company.l10n_fr_sap_environment = "test"
        self.press(move, REFRESH)
        self.assertEqual(request.state, "integrated")

    def test_a_branch_that_lost_its_credentials_does_not_send_elsewhere(self):
        branch = self._create_company(name="Agence", parent_id=self.env.company.id)
        self.env.user.company_ids |= branch
        branch.write(
            {
                "l10n_fr_sap_client_id": "other",
                "l10n_fr_sap_client_secret": "other-secret",
                "l10n_fr_sap_nova_number": "SAP123456782",
            }
        )
        move = self.create_invoice(company_id=branch.id)
        move.sudo()._l10n_fr_sap_queue()
        branch.l10n_fr_sap_client_id = False
        self.run_cron("ir_cron_send")
        self.assertEqual(move.l10n_fr_sap_status, "to_send")
        self.assertEqual(self.calls("M050"), [])

    def test_nothing_selected_is_no_error(self):
        nothing = self.env["account.move"]
        self.press(nothing, SEND)
        self.press(nothing, REFRESH)
        self.assertEqual(self.calls("M050", "M070"), [])

    def test_employees_without_the_group_do_not_send(self):
        move = self.create_invoice()
        user = mail_new_test_user(self.env, "employee", groups="base.group_user")
        for button in (SEND, REFRESH):
            with self.assertRaises(AccessError):
                self.press(move, button, user=user)
        self.assertEqual(self.calls("M050"), [])

    def test_a_branch_sends_with_its_parents_credentials(self):
        branch = self._create_company(name="Agence", parent_id=self.env.company.id)
        self.env.user.company_ids |= branch
        move = self.create_invoice(company_id=branch.id)
        self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        request = move.l10n_fr_sap_request_id
        self.assertEqual(request.company_id, self.env.company)
        # A sister branch's invoices are none of its users' business.
        sister = self._create_company(name="Autre", parent_id=self.env.company.id)
        user = mail_new_test_user(
            self.env,
            "sister",
            groups="account.group_account_invoice",
            company_id=sister.id,
            company_ids=[Command.set(sister.ids)],
        )
        self.assertFalse(request.with_user(user).search([]))
