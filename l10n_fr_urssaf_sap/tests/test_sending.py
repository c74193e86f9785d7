# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta
from decimal import Decimal

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import REFRESH, SEND, SapCase

CENT = Decimal("0.01")
TOMORROW = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestSending(SapCase):
    def test_an_invoice_is_sent_once_and_a_second_click_sends_nothing(self):
        move = self.move
        self.assertFalse(move.l10n_fr_sap_status)
        self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        request = move.l10n_fr_sap_request_id
        [(number, known)] = self.urssaf.requests.items()
        self.assertEqual((request.number, number), (move.name, move.name))
        self.assertEqual(request.urssaf_id, known["idDemandePaiement"])
        self.assertEqual(request.amount_total, 108)
        self.assertIn(move.name, self.refusal(move, SEND))
        self.assertEqual(len(self.urssaf.bodies("M050")), 1)
        self.assertEqual(move.l10n_fr_sap_request_ids, request)

    def test_the_urssaf_is_told_what_the_invoice_says(self):
        self.send()
        [[item]] = self.urssaf.bodies("M050")
        self.assertEqual(item["idClient"], self.partner.l10n_fr_sap_urssaf_id)
        self.assertEqual(item["dateNaissanceClient"][:10], "1951-03-08")
        for name, day in (
            ("dateFacture", self.month_end),
            ("dateDebutEmploi", self.month_start),
            ("dateFinEmploi", self.month_end),
        ):
            self.assertEqual(item[name][:10], day.isoformat())
        [line] = item["inputPrestations"]
        self.assertEqual(line["codeNature"], "60")
        self.assertEqual((line["unite"], line["quantite"]), ("HEURE", 3))
        self.assertEqual((line["mntUnitaireTTC"], line["mntPrestationTTC"]), (36, 108))
        self.assertEqual(line["complement2"], "SAP123456782")

    def test_the_amounts_agree_to_the_cent_whatever_the_prices(self):
        reduced = self.create_tax(5.5)
        move = self.create_invoice(post=False, quantity=1.75)
        move.invoice_line_ids.price_unit = 23.45
        line = {"product_id": self.product.id, "quantity": 3, "price_unit": 19.99}
        line["tax_ids"] = [Command.set(reduced.ids)]
        move.invoice_line_ids = [Command.create(line)]
        move.action_post()
        self.press(move, SEND)
        [[item]] = self.urssaf.bodies("M050")
        self.assertEqual(item["mntFactureTTC"], Decimal(f"{move.amount_total:.2f}"))
        self.assertEqual(item["mntFactureHT"], Decimal(f"{move.amount_untaxed:.2f}"))
        lines = item["inputPrestations"]
        for kind in ("TTC", "HT"):
            total = sum(line[f"mntPrestation{kind}"] for line in lines)
            self.assertEqual(total, item[f"mntFacture{kind}"])
        for line in lines:
            gross = line["mntPrestationTTC"]
            self.assertEqual(line["mntPrestationHT"] + line["mntPrestationTVA"], gross)
            price = line["quantite"] * line["mntUnitaireTTC"]
            self.assertLess(abs(price - gross), CENT / 2)
            for amount in (gross, line["quantite"], line["mntUnitaireTTC"]):
                self.assertEqual(amount, round(amount, 2))

    def test_everything_in_the_way_is_named_and_nothing_leaves(self):
        self.env.company.l10n_fr_sap_nova_number = False
        paul = self.create_particulier("Paul Moreau")
        next_month = fields.Date.today() + timedelta(days=60)
        move = self.create_invoice(partner=paul, l10n_fr_sap_date_to=next_month)
        move.invoice_line_ids.l10n_fr_sap_nature_id = False
        message = self.refusal(move, SEND)
        for record, name in (
            (self.env.company, "l10n_fr_sap_nova_number"),
            (move, "l10n_fr_sap_date_to"),
            (move.invoice_line_ids, "l10n_fr_sap_nature_id"),
        ):
            self.assertIn(self.label(record, name), message)
        self.assertIn("Paul Moreau", message)
        self.assertEqual(self.urssaf.calls, [])
        self.assertFalse(move.l10n_fr_sap_request_ids)

    def test_those_that_can_go_do_and_the_others_are_listed(self):
        good = self.create_invoices(2)
        bad = self.create_invoice(partner=self.create_particulier("Paul Moreau"))
        summary = self.summary(self.press(good | bad, SEND))
        self.assertEqual(good.mapped("l10n_fr_sap_status"), ["integrated"] * 2)
        self.assertFalse(bad.l10n_fr_sap_request_ids)
        self.assertEqual(summary.done_count, 2)
        self.assertEqual(summary.line_ids.record_ref, bad)
        self.assertIn("Paul Moreau", summary.line_ids.message)
        self.assertEqual(summary.line_ids.action_open()["res_id"], bad.id)

    def test_nothing_but_a_particuliers_unpaid_invoice_is_sent(self):
        self.register_payment(self.move).action_create_payments()
        others = (
            self.move
            | self.create_invoice(partner=self.partner_a)
            | self.create_invoice(move_type="in_invoice")
            | self.create_invoice(move_type="out_refund")
        )
        message = self.refusal(others, SEND)
        for move in others:
            self.assertIn(move.name, message)
        self.assertEqual(self.urssaf.calls, [])

    def test_one_that_is_refused_does_not_hold_up_the_others_of_its_call(self):
        moves = self.create_invoices(3)
        self.urssaf.refuse(moves[1].name, "ERR_CODE_NATURE")
        summary = self.summary(self.press(moves, SEND))
        self.assertEqual(
            moves.mapped("l10n_fr_sap_status"), ["integrated", "error", "integrated"]
        )
        self.assertEqual(summary.line_ids.record_ref, moves[1])

    def test_a_refused_one_is_fixed_and_sent_again_under_the_same_number(self):
        move = self.move
        self.urssaf.refuse(move.name, "ERR_CODE_NATURE")
        self.press(move, SEND)
        request = move.l10n_fr_sap_request_id
        self.assertEqual(request.state, "error")
        self.assertIn("ERR_CODE_NATURE", request.error)
        self.assertTrue(request.advice)
        self.assertIn("ERR_CODE_NATURE", move.message_ids[0].body)
        # It is free to be corrected.
        move.button_draft()
        move.invoice_line_ids.quantity = 2
        move.action_post()
        self.urssaf.accept(move.name)
        self.press(request, "action_retry")
        self.assertEqual(move.l10n_fr_sap_request_ids, request)
        self.assertEqual((request.state, request.number), ("integrated", move.name))
        self.assertEqual(request.amount_total, 72)
        self.assertFalse(request.error)

    def test_one_that_the_customer_refused_is_sent_again_under_another_number(self):
        move = self.send()
        first = move.l10n_fr_sap_request_id
        self.set_status(move, "40", infoRejet={"code": "REGUL_NB_QTE_FACT"})
        self.assertEqual(first.state, "refused")
        self.press(move, SEND)
        second = move.l10n_fr_sap_request_id
        self.assertEqual(
            (second.number, second.state), (f"{move.name}-2", "integrated")
        )
        self.assertEqual((first.number, first.state), (move.name, "refused"))
        self.assertEqual(move.l10n_fr_sap_request_ids, second | first)

    def test_while_the_urssaf_is_out_of_reach_nothing_changes(self):
        sent, move = self.send(), self.create_invoice()
        self.urssaf.switch_off()
        for record, button in ((move, SEND), (sent, REFRESH)):
            with self.assertRaises(UserError):
                self.press(record, button)
        self.assertFalse(move.l10n_fr_sap_request_ids)
        self.assertEqual(sent.l10n_fr_sap_status, "integrated")
        self.urssaf.is_off = False
        self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_request_id.number, move.name)

    def test_a_branch_sends_with_its_parents_credentials(self):
        company = self.env.company
        branch = self.env["res.company"].create(
            {
                "name": "Agence",
                "parent_id": company.id,
                "country_id": company.country_id.id,
            }
        )
        self.env.user.company_ids |= branch
        receivable = self.partner.property_account_receivable_id
        self.partner.with_company(branch).property_account_receivable_id = receivable
        move = self.send(self.create_invoice(company_id=branch.id))
        self.assertEqual(move.l10n_fr_sap_request_id.company_id, company)
        self.assertEqual(len(self.urssaf.requests), 1)

    # Lost answers

    def send_with(self, misbehave):
        """An invoice that left, nobody knows how far."""
        misbehave("M050")
        self.press(self.move, SEND)
        self.assertEqual(self.move.l10n_fr_sap_status, "sending")
        return self.move

    def run_send_after_the_lease(self):
        self.set_parameters(lease_seconds=0)
        # What a run finds out, the next one may act upon.
        for _run in range(2):
            self.run_cron("send")

    def test_what_arrived_is_looked_up_after_the_lease_and_not_sent_again(self):
        move = self.send_with(self.urssaf.lose)
        self.run_send_after_the_lease()
        request, known = move.l10n_fr_sap_request_id, self.urssaf.requests[move.name]
        self.assertEqual(request.state, "integrated")
        self.assertEqual(request.urssaf_id, known["idDemandePaiement"])
        self.assertEqual(len(self.urssaf.bodies("M050")), 1)

    def test_nobody_touches_it_before_the_lease_is_over(self):
        move = self.send_with(self.urssaf.lose)
        self.run_cron("send")
        self.assertIn(move.name, self.refusal(move, SEND))
        with self.assertRaises(UserError):
            move.button_draft()
        self.assertEqual(move.l10n_fr_sap_status, "sending")
        self.assertEqual(len(self.urssaf.bodies("M050")), 1)

    def test_what_did_not_arrive_is_sent_again_under_the_same_number(self):
        move = self.send_with(self.urssaf.time_out)
        self.run_send_after_the_lease()
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        self.assertEqual(move.l10n_fr_sap_request_id.number, move.name)
        self.assertEqual([*self.urssaf.requests], [move.name])
        self.assertEqual(len(self.urssaf.bodies("M050")), 2)

    def test_a_gateway_that_fails_may_have_let_the_call_through(self):
        move = self.send_with(lambda operation: self.urssaf.answer(operation, 502))
        self.assertIn(move.name, self.refusal(move, SEND))

    def test_a_number_refused_as_sent_already_is_ours_and_taken_over(self):
        move = self.send_with(self.urssaf.lose)
        # The Urssaf does not show it yet, and it is sent a second time.
        self.urssaf.answer("M070", 400, [{"code": "ERR_RECHERCHE_VIDE"}])
        self.run_send_after_the_lease()
        self.assertEqual(len(self.urssaf.bodies("M050")), 2)
        request, known = move.l10n_fr_sap_request_id, self.urssaf.requests[move.name]
        self.assertEqual(request.state, "integrated")
        self.assertEqual(request.urssaf_id, known["idDemandePaiement"])

    def test_a_number_that_stands_for_something_else_is_not_taken_over(self):
        other, move = self.send(self.create_invoice(quantity=5)), self.move
        known = self.urssaf.requests.pop(other.name)
        known["demandePaiement"]["numFactureTiers"] = move.name
        self.urssaf.requests[move.name] = known
        self.press(move, SEND)
        request = move.l10n_fr_sap_request_id
        self.assertEqual((request.state, request.urssaf_id), ("error", False))
        self.assertIn(move.name, request.error)

    # Statuses

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

    def test_ten_are_sent_and_asked_about_in_one_call(self):
        moves = self.create_invoices(12)
        self.press(moves, SEND)
        self.assertEqual(moves.mapped("l10n_fr_sap_status"), ["integrated"] * 12)
        sizes = sorted(len(items) for items in self.urssaf.bodies("M050"))
        self.assertEqual(sizes, [2, 10])
        for move in moves:
            self.urssaf.set_status(move.name, "20")
        self.run_cron("refresh_requests", after=TOMORROW)
        self.assertEqual(
            moves.mapped("l10n_fr_sap_status"), ["awaiting_validation"] * 12
        )
        self.assertEqual(len(self.urssaf.bodies("M070")), 2)

    def test_nobody_is_asked_about_what_was_asked_a_moment_ago(self):
        move = self.send()
        self.set_status(move, "20")
        self.urssaf.set_status(move.name, "30")
        self.run_cron("refresh_requests")
        self.assertEqual(move.l10n_fr_sap_status, "awaiting_validation")
        self.run_cron("refresh_requests", after=TOMORROW)
        self.assertEqual(move.l10n_fr_sap_status, "validated")

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
        # More people see the activity than may read the customer's own words.
        self.assertNotIn(reason["commentaire"], move.activity_ids.note)
        self.assertIn(reason["commentaire"], move.l10n_fr_sap_error)

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
