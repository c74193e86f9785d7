# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo tells customers to pay what is overdue (its follow-up), and pays out of batches: not
what the Urssaf collects."""

from meanwhile_common import LEAVE, REFRESH, SEND, MeanwhileCase

from odoo import Command, fields
from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import file_path


@tagged("post_install", "-at_install")
class TestNoFollowup(MeanwhileCase):
    def is_out(self, move=None):
        """Whether the invoice is left out of the follow-up, all its due dates alike."""
        move = move or self.move
        self.env.flush_all()
        self.env.invalidate_all()
        terms = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        [out] = set(terms.mapped("no_followup"))
        self.assertEqual(move.no_followup, out)
        return out

    def told(self, code):
        """The Urssaf says so of the invoice, and somebody looks."""
        urssaf_id = self.move.l10n_fr_sap_request_id.urssaf_id
        self.control(f"demandes/{urssaf_id}", {"statut": code, "libelle": "?"})
        self.press(self.move, REFRESH)

    def test_it_is_left_out_while_the_urssaf_collects(self):
        self.assertFalse(self.is_out())
        self.press(self.move, SEND)
        self.assertTrue(self.is_out())
        for code in ("20", "30", "50", "60", "70", "999"):
            self.told(code)
            self.assertTrue(self.is_out(), code)

    def test_it_comes_back_once_it_is_the_customers_to_pay(self):
        self.press(self.move, SEND)
        for code in ("40", "100", "110", "111", "112", "113", "120", "260", "270"):
            self.told(code)
            self.assertFalse(self.is_out(), code)
            self.told("50")
            self.assertTrue(self.is_out(), code)

    def test_all_due_dates_are_left_out(self):
        day = fields.Date.today()
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value_amount": 50, "nb_days": days})
                    for days in (0, 30)
                ],
            }
        )
        move = self.create_invoice(
            invoice_payment_term_id=term.id, invoice_date_due=day
        )
        self.press(move, SEND)
        self.assertTrue(self.is_out(move))

    def test_what_was_refused_at_once_stays_or_comes_back(self):
        self.app.extensions["faults"].arm("M050", "unknown_error")
        self.press(self.move, SEND)
        self.assertEqual(self.move.l10n_fr_sap_status, "error")
        self.assertFalse(self.is_out())
        self.press(self.move, SEND)
        self.assertTrue(self.is_out())

    def test_a_lost_answer_leaves_it_out_until_somebody_takes_it_back(self):
        request = self.lose_and_wait()
        self.assertTrue(self.is_out())
        self.app.extensions["faults"].clear()
        with self.lagging():
            self.press(request, "action_withdraw")
        self.assertTrue(request.freed_at)
        self.assertFalse(self.is_out())

    def test_who_left_it_out_before_has_left_it_out_for_good(self):
        self.move.no_followup = True
        self.press(self.move, SEND)
        self.told("40")
        self.assertTrue(self.is_out())

    def test_who_takes_it_back_by_hand_is_not_overruled_while_it_stays_there(self):
        self.press(self.move, SEND)
        self.move.no_followup = False
        self.told("30")
        self.assertFalse(self.is_out())
        self.told("40")
        self.told("30")
        self.assertTrue(self.is_out())

    def test_a_copy_and_a_credit_note_are_followed_up(self):
        self.press(self.move, SEND)
        for move in (self.move.copy(), self.move._reverse_moves()):
            self.assertFalse(self.is_out(move))

    def test_what_was_done_in_test_is_nothing_to_production(self):
        self.press(self.move, SEND)
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("l10n_fr_urssaf_sap.url_production", self.urssaf_url)
        company = self.env.company.with_context(**{LEAVE: True})
        company.l10n_fr_sap_environment = "production"
        self.assertFalse(self.is_out())
        company.l10n_fr_sap_environment = "test"
        self.assertTrue(self.is_out())

    def test_somebody_elses_work_on_the_invoice_is_not_waited_for(self):
        """What cannot be written now is written with the next status."""
        self.press(self.move, SEND)
        request = self.move.l10n_fr_sap_request_id.sudo()
        self.assertTrue(request.kept_from_followup)
        request.kept_from_followup = False  # as if it could not be written
        self.move.line_ids.no_followup = False
        self.told("30")
        self.assertTrue(self.is_out())
        self.assertTrue(request.kept_from_followup)

    def test_polling_that_changes_nothing_writes_nothing_there(self):
        self.press(self.move, SEND)
        written = self.move.line_ids.mapped("write_date")
        for code in ("20", "20", "30"):
            self.told(code)
            self.env.invalidate_all()
            self.assertEqual(self.move.line_ids.mapped("write_date"), written)

    # Batches

    def test_an_invoice_that_a_payment_in_draft_is_to_pay_is_named(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "amount": self.move.amount_total,
                "invoice_ids": self.move.ids,
            }
        )
        self.assertEqual(payment.state, "draft")
        said = self.listed(self.move, SEND)
        self.assertIn(f"To be paid by {payment.display_name}", said)
        self.assertEqual(self.calls("M050"), [])
        payment.action_cancel()
        self.press(self.move, SEND)
        self.assertEqual(self.move.l10n_fr_sap_status, "integrated")

    def test_what_was_sent_before_the_upgrade_is_left_out(self):
        self.press(self.move, SEND)
        ordinary = self.create_invoice(partner=self.partner_a)
        refused = self.create_invoice()
        self.press(refused, SEND)
        request = refused.l10n_fr_sap_request_id
        self.control(f"demandes/{request.urssaf_id}", {"statut": "40"})
        self.press(refused, REFRESH)
        requests = (self.move | refused).l10n_fr_sap_request_id.sudo()
        requests.kept_from_followup = False
        self.move.line_ids.no_followup = False
        self.env.flush_all()
        path = file_path("l10n_fr_urssaf_sap/migrations/19.0.1.5.0/post-followup.py")
        load_script(path, "post_followup").migrate(self.env.cr, "19.0.1.4.0")
        self.assertTrue(self.is_out())
        for move in (ordinary, refused):
            self.assertFalse(self.is_out(move))
        self.told("40")
        self.assertFalse(self.is_out())
