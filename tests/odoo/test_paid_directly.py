# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The tick *Avance immédiate* of an invoice: off where the customer pays the provider."""

from datetime import date

from sap_common import SapCase

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
TICK = "l10n_fr_sap_avance_immediate"


@tagged("post_install", "-at_install")
class TestPaidDirectly(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()
        self.move = self.create_invoice()

    def document(self):
        content, _type = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", self.move.ids
        )
        return content.decode()

    def ready(self):
        return self.env["account.move"].search([("l10n_fr_sap_ready", "=", True)])

    def test_it_is_on_for_who_has_activated(self):
        self.assertTrue(self.move[TICK])
        waiting = self.create_particulier("Paul Petit")
        for partner in (waiting, self.partner_a):
            self.assertFalse(self.create_invoice(partner=partner)[TICK])
        self.activate(waiting)
        self.assertTrue(self.create_invoice(partner=waiting)[TICK])
        self.assertFalse(self.move._reverse_moves()[TICK])

    def test_off_nothing_is_sent_by_any_road(self):
        self.env.company.l10n_fr_sap_send_on_post = True
        self.move[TICK] = False
        self.assertFalse(self.move[TICK])
        self.assertNotIn(self.move, self.ready())
        self.assertFalse(self.move.l10n_fr_sap_can_send)
        self.assertFalse(self.move.sudo().l10n_fr_sap_to_fix)
        self.assertIn(self.label(TICK), self.listed(self.move, SEND))
        other = self.create_invoice(post=False, **{TICK: False})
        other.action_post()
        self.assertFalse((self.move + other).l10n_fr_sap_request_ids)
        self.assertFalse(self.calls("M050"))

    def test_off_the_document_asks_the_customer_to_pay(self):
        mark = 'name="l10n_fr_sap_collected"'
        self.assertIn(mark, self.document())
        self.move[TICK] = False
        self.assertNotIn(mark, self.document())
        self.move[TICK] = True
        self.assertIn(mark, self.document())

    def test_on_again_it_is_sent(self):
        self.move[TICK] = False
        self.move[TICK] = True
        self.assertIn(self.move, self.ready())
        self.press(self.move, SEND)
        self.assertEqual(self.move.l10n_fr_sap_status, "integrated")

    def test_off_what_waits_is_withdrawn(self):
        self.move.sudo()._l10n_fr_sap_queue()
        self.move[TICK] = False
        self.assertFalse(self.move.l10n_fr_sap_request_ids)
        self.run_cron("ir_cron_send")
        self.assertFalse(self.calls("M050"))

    def test_it_stays_on_for_what_is_at_the_urssaf(self):
        self.press(self.move, SEND)
        for name, value in ((TICK, False), ("l10n_fr_sap_paid_directly", True)):
            with self.subTest(name), self.assertRaises(UserError):
                self.move[name] = value
        self.assertTrue(self.move[TICK])

    def test_one_that_the_customer_refused_can_be_paid_directly(self):
        self.press(self.move, SEND)
        urssaf_id = self.move.l10n_fr_sap_request_id.urssaf_id
        self.control(f"demandes/{urssaf_id}", {"statut": "40"})
        self.press(self.move, REFRESH)
        self.assertTrue(self.move.l10n_fr_sap_can_send_again)
        self.move[TICK] = False
        self.assertFalse(self.move.l10n_fr_sap_can_send_again)
        # Were it to live again, the customer would pay twice: the Urssaf is asked.
        self.assertTrue(self.move.l10n_fr_sap_request_id.check_after)

    def test_the_drafts_of_a_split_keep_it(self):
        draft = self.create_invoice(post=False, **{TICK: False})
        draft.invoice_line_ids.write(
            {
                "l10n_fr_sap_date_from": date(2026, 9, 21),
                "l10n_fr_sap_date_to": date(2026, 10, 10),
            }
        )
        action = self.press(draft, "action_l10n_fr_sap_split_by_month")
        drafts = self.env["account.move"].search(action["domain"])
        self.assertEqual(len(drafts), 2)
        self.assertEqual(drafts.mapped(TICK), [False, False])

    def test_a_duplicate_begins_anew(self):
        self.move[TICK] = False
        self.assertTrue(self.move.copy()[TICK])

    def test_the_form_shows_it_where_it_means_something(self):
        for move, shown in (
            (self.move, True),
            (self.create_invoice(partner=self.partner_a), False),
        ):
            form = Form(move)
            self.assertEqual(not form._get_modifier(TICK, "invisible"), shown)

    def label(self, name):
        return self.env["account.move"].fields_get([name])[name]["string"]
