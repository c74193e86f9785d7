# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A database without French, or with another French than that of France: what is for French
readers is written all the same."""

from datetime import timedelta

from certificate_common import CertificateCase

from odoo import fields
from odoo.tests import tagged

from odoo.addons.l10n_fr_urssaf_sap.texts.french import FRENCH, french_of

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
REGISTER = "action_l10n_fr_sap_register"


@tagged("post_install", "-at_install")
class TestWithoutFrench(CertificateCase):
    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("en_US")
        for name in ("res.users", "res.partner"):
            everybody = self.env[name].with_context(active_test=False)
            everybody.search([("lang", "like", "fr_")]).lang = "en_US"
        languages = self.env["res.lang"].with_context(active_test=False)
        languages.search([("code", "like", "fr_")]).active = False
        self.assertIsNone(french_of(self.env))

    def waiting_request(self):
        """One that waits for its customer, who has some hours left."""
        self.env.company.l10n_fr_sap_remind_customers = True
        self.activate()
        move = self.create_invoice()
        self.press(move, SEND)
        request = move.sudo().l10n_fr_sap_request_id
        self.control(f"demandes/{request.urssaf_id}", {"statut": "20"})
        self.press(move, REFRESH)
        self.env.invalidate_all()
        request.notified_at = fields.Datetime.now() - timedelta(hours=37)
        self.env.flush_all()
        return request

    def test_which_french_there_is(self):
        for code, found in (("fr_CH", "fr_CH"), ("fr_BE", "fr_BE"), (FRENCH, FRENCH)):
            self.env["res.lang"]._activate_lang(code)
            self.assertEqual(french_of(self.env), found)

    def test_the_certificate_is_made_and_sent(self):
        self.pay(self.invoice("2025-03-01", 2), "2025-03-10")
        self.partner.action_l10n_fr_sap_certificate(2025)
        certificate = self.partner.l10n_fr_sap_certificate_ids
        self.assertEqual(certificate.amount_total, 55)
        self.assertTrue(certificate.attachment_id)
        certificate.action_send()
        self.assertEqual(certificate.state, "sent")

    def test_the_customer_is_reminded_of_what_waits(self):
        request = self.waiting_request()
        self.run_cron("ir_cron_remind_customers")
        self.env.invalidate_all()
        self.assertTrue(request.customer_reminded_at)
        mails = self.env["mail.mail"].sudo()
        [message] = mails.search([("model", "=", request._name)])
        self.assertIn(request.move_id.name, message.body_html)
        self.assertIn("This is a test", message.body_html)

    def test_the_customer_is_reminded_of_the_activation(self):
        self.press(self.partner, REGISTER)
        self.env.invalidate_all()
        action = self.partner.action_l10n_fr_sap_remind()
        composers = self.env["mail.compose.message"]
        composer = composers.with_context(**action["context"]).create({})
        self.assertIn("Activate your avance immédiate", composer.subject)
        composer._action_send_mail()
        self.assertIn(
            "within seven days", self.partner.message_ids[0].body.replace("\n", " ")
        )

    def test_the_urssaf_is_asked_to_cancel(self):
        request = self.waiting_request()
        windows = self.env["l10n_fr_sap.ask.cancel"].with_context(active_id=request.id)
        reason = windows._selection_reason()[0][0]
        window = windows.create({"reason": reason})
        self.assertIn(request.number, window.subject)
        self.assertIn(request.number, window.body)

    def test_the_test_book_is_printed(self):
        administrator = self.create_administrator()
        books = self.env["l10n_fr_sap.test.book"].with_user(administrator)
        book = books.browse(books._open()["res_id"])
        self.assertTrue(book._pdf().startswith(b"%PDF"))
