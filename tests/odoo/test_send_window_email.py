# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The e-mail that leaves Odoo's Send window with an invoice."""

from unittest.mock import patch

from send_window_common import SendWindowCase

from odoo.tests import tagged
from odoo.tools import html2plaintext

SEND = "action_l10n_fr_sap_send"
OUR_TEMPLATE = "l10n_fr_urssaf_sap.mail_template_invoice"


@tagged("post_install", "-at_install")
class TestSendWindowEmail(SendWindowCase):
    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("en_US")
        (self.partner | self.other).lang = "en_US"

    def written(self, move):
        """The text of the last e-mail to its customer."""
        message = move.message_ids.filtered("notified_partner_ids")[0]
        self.assertEqual(message.notified_partner_ids, move.partner_id)
        return " ".join(html2plaintext(message.body).split())

    def assert_ours(self, text, amount="54.00"):
        """Odoo's e-mail asks to pay at once, and names our account."""
        self.assertIn("avance immédiate de crédit d'impôt", text)
        self.assertIn("you have nothing to pay to us", text)
        self.assertEqual(text.count(amount), 2, text)
        self.assertIn("48 hours", text)
        for invitation in ("earliest convenience", "communication"):
            self.assertNotIn(invitation, text)

    def assert_odoos(self, text):
        self.assertIn("Please remit payment at your earliest convenience", text)
        self.assertNotIn("avance immédiate", text)

    def test_the_e_mail_of_what_the_urssaf_collects_asks_for_nothing(self):
        move = self.create_invoice()
        window = self.open_window(move)
        self.assertEqual(window.template_id, self.env.ref(OUR_TEMPLATE))
        window.action_send_and_print()
        text = self.written(move)
        self.assert_ours(text)
        self.assertIn(f"invoice *{move.name}* of *108.00", text)
        self.assertIn("avance immédiate", move.message_ids[0].subject or "")

    def test_the_e_mail_of_any_other_invoice_is_odoos(self):
        inactive = self.create_invoice(partner=self.other)
        bakery = self.env["res.partner"].create(
            {"name": "Boulangerie", "email": "bakery@example.com", "lang": "en_US"}
        )
        ordinary = self.create_invoice(partner=bakery)
        for move in (inactive, ordinary):
            self.send(move)
            self.assert_odoos(self.written(move))
        refund = self.create_invoice(move_type="out_refund")
        self.assertEqual(
            self.open_window(refund).template_id,
            self.env.ref("account.email_template_edi_credit_note"),
        )

    def test_several_have_each_their_own_e_mail(self):
        ours, theirs = self.create_invoice(), self.create_invoice(partner=self.other)
        self.send(ours | theirs)
        self.assert_ours(self.written(ours))
        self.assert_odoos(self.written(theirs))
        # Sent again while the Urssaf has it, and by whatever else sends invoices.
        self.run_cron("ir_cron_send")
        self.assertEqual(ours.l10n_fr_sap_status, "integrated")
        before = ours.message_ids
        self.env["account.move.send"]._generate_and_send_invoices(ours | theirs)
        self.assertTrue(ours.message_ids - before)
        self.assert_ours(self.written(ours))
        self.assert_odoos(self.written(theirs))

    def test_the_customer_reads_the_e_mail_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner.lang = "fr_FR"
        self.env["ir.module.module"]._load_module_terms(
            ["l10n_fr_urssaf_sap"], ["fr_FR"], overwrite=True
        )
        move = self.create_invoice()
        self.send(move)
        text = self.written(move)
        self.assertIn("vous n'avez rien à nous payer", text)
        self.assertIn("Reste à votre charge", text)
        self.assertIn(
            "54,00\N{NO-BREAK SPACE}€", html2plaintext(move.message_ids[0].body)
        )
        self.assertNotIn("meilleurs délais", text)

    def test_a_paid_one_says_so(self):
        move = self.create_invoice()
        self.press(move, SEND)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({}).action_create_payments()
        self.send(move)
        text = self.written(move)
        self.assertIn("already paid", text)
        self.assertNotIn("48 hours", text)

    def test_a_template_chosen_on_purpose_stays(self):
        chosen = self.env["mail.template"].create(
            {
                "name": "Ours",
                "model_id": self.env.ref("account.model_account_move").id,
                "use_default_to": True,
                "body_html": "<p>Chosen on purpose</p>",
            }
        )
        move, other = self.create_invoice(), self.create_invoice()
        window = self.open_window(move)
        window.template_id = chosen
        window.action_send_and_print()
        self.assertEqual(self.written(move), "Chosen on purpose")
        # The default of another addon, for instance.
        with patch.object(type(move), "_get_mail_template", lambda _move: chosen):
            self.send(other)
        self.assertEqual(self.written(other), "Chosen on purpose")

    def test_without_our_template_the_e_mail_is_odoos(self):
        self.env.ref(OUR_TEMPLATE).unlink()
        move = self.create_invoice()
        self.send(move)
        self.assert_odoos(self.written(move))
