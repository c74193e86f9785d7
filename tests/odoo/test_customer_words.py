# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a customer reads in the portal, on the document and by e-mail, and whether they are
invited to pay us, whatever became of the payment request."""

import re

from lxml import html
from portal_common import Portal
from send_window_common import SendWindowCase

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext

from odoo.addons.l10n_fr_urssaf_sap.invoicing.online import check_payable
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.codes import STATUSES

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
NOTICE = "//div[@name='l10n_fr_sap_notice']"
BLOCK = "//div[@name='l10n_fr_sap_collected']"

COLLECTED = "The Urssaf collects this invoice"
FAILED = "has failed. Please do not pay anything for now"
NOT_CLEAR = "is with the Urssaf (avance immédiate). Please do not pay anything for now"
LEFT = "what it could not debit is to be paid to us directly"
CANCELLED = "The Urssaf no longer collects this invoice"
# By the code: the words, and whether a payment is offered.
WORDS = {
    **dict.fromkeys(("10", "15", "20", "30", "50", "70", "80"), (COLLECTED, False)),
    "60": (FAILED, False),
    "90": (NOT_CLEAR, False),
    "999": (NOT_CLEAR, False),
    **dict.fromkeys(("120", "260", "270"), (LEFT, True)),
    **dict.fromkeys(("100", "110", "111", "112", "113"), (CANCELLED, True)),
}
FRENCH = {
    "60": "a échoué. Ne réglez rien pour le moment",
    "999": "Ne réglez rien pour le moment",
    "260": "la part qu'elle n'a pas pu prélever est à nous régler directement",
    "111": "L'Urssaf n'encaisse plus cette facture",
}


def text_of(nodes):
    return " ".join("".join(node.text_content() for node in nodes).split())


@tagged("post_install", "-at_install")
class TestCustomerWords(Portal, SendWindowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.offer_payment()

    def setUp(self):
        super().setUp()
        self.move = self.create_invoice(
            partner_bank_id=self.bank.id, invoice_date_due=self.month_end
        )
        self.press(self.move, SEND)

    def tell(self, code):
        """The Urssaf says so, and Odoo hears it."""
        request = self.move.l10n_fr_sap_request_id
        self.control(
            f"demandes/{request.urssaf_id}", {"statut": code, "libelle": "Nouvelle"}
        )
        self.press(self.move, REFRESH)
        self.env.invalidate_all()
        self.assertEqual(request.urssaf_code, code)

    def portal(self):
        """The page as text and as a tree."""
        page = self.browse(self.move.get_portal_url())
        return page, html.fromstring(page)

    def document(self):
        content, _type = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", self.move.ids
        )
        return html.fromstring(content)

    def e_mail(self):
        """The last e-mail, as it leaves. (The Send window would send the invoice to the
        Urssaf again where it may go.)"""
        self.env["account.move.send"]._generate_and_send_invoices(
            self.move, sending_methods=["email"], extra_edis=set()
        )
        message = self.move.message_ids.filtered("notified_partner_ids")[0]
        self.assertEqual(message.notified_partner_ids, self.move.partner_id)
        return message

    def test_every_status_has_its_words(self):
        # What the customer refused is fixed and sent again: see the document's test.
        codes = {status.code for status in STATUSES} - {"40"}
        self.assertEqual(codes | {"999"}, WORDS.keys())

    def test_the_portal_says_who_is_to_be_paid(self):
        for code, (words, offered) in WORDS.items():
            with self.subTest(code=code):
                self.tell(code)
                page, tree = self.portal()
                self.assertIn(words, text_of(tree.xpath(NOTICE)))
                self.assertEqual("#pay_with" in page, offered)

    def test_the_document_says_who_is_to_be_paid(self):
        for code, (words, offered) in WORDS.items():
            with self.subTest(code=code):
                self.tell(code)
                page = self.document()
                ordinary = words == COLLECTED
                self.assertEqual(bool(page.xpath(BLOCK)), ordinary)
                self.assertIn("" if ordinary else words, text_of(page.xpath(NOTICE)))
                text = text_of([page])
                for invitation in ("Payment Communication", self.bank.acc_number):
                    self.assertEqual(invitation in text, offered, invitation)
                self.assertEqual("Do not pay us" in text, ordinary)

    def test_the_e_mail_says_who_is_to_be_paid(self):
        for code, (words, offered) in WORDS.items():
            with self.subTest(code=code):
                self.tell(code)
                text = " ".join(html2plaintext(self.e_mail().body).split())
                ordinary = words == COLLECTED
                self.assertIn("nothing to pay to us" if ordinary else words, text)
                self.assertEqual("nothing to pay" in text, ordinary)
                self.assertEqual(self.bank.acc_number in text, offered)
                self.assertEqual("avance immédiate de crédit" in text, ordinary)

    def test_the_customer_may_pay_where_payment_is_offered(self):
        for code, (words, offered) in WORDS.items():
            with self.subTest(code=code):
                self.tell(code)
                self.assertEqual(self.move._has_to_be_paid(), offered)
                link = self.move._get_default_payment_link_values()
                self.assertEqual(link["amount"], 108 if offered else 0)
                self.assertNotIn("Urssaf" if offered else "nobody", self.errors())
                if offered:
                    check_payable(self.move)
                    continue
                self.assertIn(words, self.errors())
                with self.assertRaisesRegex(UserError, re.escape(words)):
                    check_payable(self.move)

    def errors(self):
        return self.move._get_online_payment_error()

    def test_the_urssafs_request_guards_the_invoice_though_the_customer_pays(self):
        self.tell("260")
        self.assertTrue(self.move.l10n_fr_sap_live)
        with self.assertRaisesRegex(UserError, "sent to the Urssaf"):
            self.move.button_draft()
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.move.ids
        )
        wizard = wizard.create({})
        self.assertNotIn("l10n_fr_sap_live", wizard.actionable_errors or {})
        wizard.action_create_payments()
        self.assertFalse(self.move.activity_ids)
        # Whoever has paid is not told to.
        self.assertFalse(self.move._l10n_fr_sap_portal_notice())
        self.assertFalse(self.document().xpath(NOTICE))

    def test_one_that_lives_again_is_not_to_be_paid(self):
        for code in ("111", "260"):
            self.tell(code)
            self.assertTrue(self.move._has_to_be_paid())
            self.tell("50")
            self.assertFalse(self.move._has_to_be_paid())
            self.assertTrue(self.document().xpath(BLOCK))

    def test_one_sent_again_is_collected_by_the_new_request(self):
        self.tell("111")
        self.press(self.move, SEND)
        self.env.invalidate_all()
        self.assertEqual(len(self.move.l10n_fr_sap_request_ids), 2)
        self.assertFalse(self.move._has_to_be_paid())
        self.assertTrue(self.document().xpath(BLOCK))

    def test_what_was_tried_in_test_is_nothing_to_the_customer(self):
        self.tell("111")
        self.env.company.sudo().l10n_fr_sap_environment = "production"
        self.env.invalidate_all()
        self.assertFalse(self.move._l10n_fr_sap_portal_notice())
        self.assertFalse(self.document().xpath(NOTICE))

    def test_the_customer_reads_it_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner.lang = "fr_FR"
        for code, words in FRENCH.items():
            with self.subTest(code=code):
                self.tell(code)
                notice = text_of(self.document().xpath(NOTICE))
                self.assertIn(words, notice)
                message = self.e_mail()
                self.assertIn(words, " ".join(html2plaintext(message.body).split()))
                self.assertIn("facture", message.subject)
                portal = self.move.with_context(lang="fr_FR")
                self.assertIn(words, portal._l10n_fr_sap_portal_notice())
