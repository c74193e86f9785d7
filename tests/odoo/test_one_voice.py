# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The e-mail, the document and the portal of one invoice, read side by side whatever became
of it: all three say the same, and none asks for money that another does not."""

from lxml import html
from portal_common import Portal
from send_window_common import SendWindowCase

from odoo.tests import tagged
from odoo.tools import html2plaintext

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
# By the state: what all three say, and whether they ask for money. Where the invoice goes
# its ordinary way, they announce the share that is expected and the 48 hours.
EXPECTED = ("avance immédiate", "54.00", "48 hours")
STATES = {
    "not to be sent": ((), True),
    "ready": (EXPECTED, False),
    "10": (EXPECTED, False),
    "20": (EXPECTED, False),
    # Not at the Urssaf yet: it waits, its answer was lost, it was refused there.
    "queued": (EXPECTED, False),
    "sending": (EXPECTED, False),
    "error": (EXPECTED, False),
    # The customer has paid some of it ahead, or it was credited.
    "partly paid": (("avance immédiate", "54.00", "34.00", "48 hours"), False),
    "credited": ((), False),
    "30": (EXPECTED, False),
    "40": (("You have refused", "do not pay anything to us", "48 hours"), False),
    "50": (EXPECTED, False),
    "60": (("has failed", "do not pay anything for now"), False),
    "70": (("already",), False),
    "paid and booked": ((), False),
    "110": (("no longer collects", "to be paid to us directly"), True),
    "111": (("no longer collects", "to be paid to us directly"), True),
    "260": (("has failed", "to be paid to us directly"), True),
}
DUE = ("Amount Due 108", "Due Date", "Overdue", "Left to Pay")
NOTHING_TO_PAY = ("Do not pay us", "nothing to pay", "do not pay anything")


def words_of(content):
    return " ".join(html.fromstring(content).text_content().split())


@tagged("post_install", "-at_install")
class TestOneVoice(Portal, SendWindowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.offer_payment()
        cls.env.company.write({"qr_code": False, "link_qr_code": False})

    def bring_to(self, state):
        """A fresh invoice, overdue, in one of the states above."""
        move = self.create_invoice(
            partner_bank_id=self.bank.id,
            invoice_date_due=self.month_end,
            l10n_fr_sap_avance_immediate=state != "not to be sent",
        )
        getattr(self, f"bring_to_{state.replace(' ', '_')}", self.tell)(move, state)
        self.env.invalidate_all()
        return move

    def bring_to_ready(self, _move, _state):
        pass

    bring_to_not_to_be_sent = bring_to_ready

    def bring_to_queued(self, move, _state):
        move.sudo()._l10n_fr_sap_schedule_sending()

    def bring_to_sending(self, move, _state):
        with self.lost_answers("M050"), self.lost_answers("M070"):
            self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "sending")

    def bring_to_error(self, move, _state):
        move.invoice_line_ids.name = "ERR_ACOMPTE_BLOQUE"
        self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "error")

    def bring_to_partly_paid(self, move, _state):
        self.pay(move, amount=20)

    def bring_to_credited(self, move, _state):
        self.tell(move, "10")
        reversals = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        reversal = reversals.create(
            {"journal_id": move.journal_id.id, "l10n_fr_sap_confirmed": True}
        )
        reversal.refund_moves()
        move.reversal_move_ids.action_post()
        self.assertEqual(move.payment_state, "reversed")

    def bring_to_paid_and_booked(self, move, _state):
        self.tell(move, "70")
        self.pay(move)

    def tell(self, move, code):
        """It is sent, and the Urssaf says so of it."""
        if not move.l10n_fr_sap_live:
            self.press(move, SEND)
        urssaf_id = move.l10n_fr_sap_request_id.urssaf_id
        said = {"statut": code, "libelle": "Nouvelle"}
        self.control(f"demandes/{urssaf_id}", said)
        self.press(move, REFRESH)

    def pay(self, move, **values):
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        register.create(values).action_create_payments()

    def document(self, move):
        content, _type = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice_with_payments", move.ids
        )
        return words_of(content)

    def send_e_mails(self, moves):
        self.env["account.move.send"]._generate_and_send_invoices(
            moves, sending_methods=["email"], extra_edis=set()
        )

    def e_mail(self, move):
        """What the customer gets, Odoo's heading included."""
        message = move.message_ids.filtered("notified_partner_ids")[0]
        context = move._notify_by_email_prepare_rendering_context(message)
        heading = [str(line) for line in context["subtitles"]]
        return " ".join([*heading, *html2plaintext(message.body).split()])

    def check(self, state, move, e_mail):
        said, asks = STATES[state]
        page = self.browse(move.get_portal_url())
        # The portal has the document below.
        portal, document = words_of(page), self.document(move)
        for place, text in (
            ("portal", portal),
            ("document", document),
            ("e-mail", e_mail),
        ):
            with self.subTest(state=state, place=place):
                for words in said:
                    self.assertIn(words, text)
                for words in NOTHING_TO_PAY if asks else DUE:
                    self.assertNotIn(words, text)
        with self.subTest(state=state):
            self.assertEqual("o_portal_sidebar_timeago" in page, asks)
            self.assertEqual("#pay_with" in page, asks)
            self.assertEqual("Payment Communication" in document, asks)
            for text in (document, e_mail):
                self.assertEqual(self.bank.acc_number in text, asks)
            for text in (portal, document, e_mail):
                self.assertEqual("48 hours" in text, "48 hours" in said)

    def test_each_state_is_told_the_same_everywhere(self):
        for state in STATES:
            move = self.bring_to(state)
            self.send_e_mails(move)
            self.check(state, move, self.e_mail(move))

    def test_so_it_is_where_many_are_sent_at_once(self):
        moves = {state: self.bring_to(state) for state in STATES}
        self.send_e_mails(self.env["account.move"].concat(*moves.values()))
        for state, move in moves.items():
            self.check(state, move, self.e_mail(move))

    # A PDF that was made before

    def downloaded(self, move):
        """The PDF that the customer gets in the portal."""
        url = move.get_portal_url(report_type="pdf", download=True)
        return words_of(self.browse(url))

    def attached(self, move):
        """The PDF of the last e-mail."""
        message = move.message_ids.filtered("notified_partner_ids")[0]
        [document] = message.attachment_ids
        return words_of(document.raw)

    def check_documents(self, move, asks):
        self.env.invalidate_all()
        downloaded = self.downloaded(move)
        self.send_e_mails(move)
        for text in (downloaded, self.attached(move)):
            self.assertEqual("Payment Communication" in text, asks)
            self.assertLessEqual("Do not pay us" in text, not asks)

    def test_a_pdf_made_before_says_who_is_to_be_paid_now(self):
        for code in ("40", "60", "110", "260", "999", "10"):
            with self.subTest(code=code):
                move = self.bring_to("ready")
                self.send_e_mails(move)
                self.assertIn("Do not pay us", self.attached(move))
                self.tell(move, code)
                self.check_documents(move, asks=code in ("110", "260"))
                said = move._l10n_fr_sap_customer_notice() or "Do not pay us"
                self.assertIn(said, self.attached(move))
        # The debit that had failed came in after all.
        move = self.bring_to("60")
        self.send_e_mails(move)
        self.tell(move, "50")
        self.check_documents(move, asks=False)
        self.assertIn("Do not pay us", self.attached(move))

    def test_so_it_does_where_the_office_has_changed_its_mind(self):
        move = self.bring_to("not to be sent")
        self.send_e_mails(move)
        self.assertIn("Payment Communication", self.attached(move))
        for collected in (True, False):
            move.l10n_fr_sap_avance_immediate = collected
            self.check_documents(move, asks=not collected)
        # What was sent is kept.
        documents = self.env["ir.attachment"].search(
            [
                ("res_model", "=", move._name),
                ("res_id", "=", move.id),
                ("mimetype", "=", "application/pdf"),
                ("res_field", "=", False),
            ]
        )
        self.assertGreaterEqual(len(documents), 2)

    def test_so_does_the_window(self):
        move = self.bring_to("ready")
        self.send_e_mails(move)
        move.l10n_fr_sap_avance_immediate = False
        window = self.open_window(move)
        window.action_send_and_print()
        self.assertIn("Payment Communication", self.attached(move))

    def test_what_says_the_same_stays_as_it_was_made(self):
        for state in ("50", "paid and booked", "not to be sent"):
            move = self.bring_to(state)
            self.send_e_mails(move)
            document = move.invoice_pdf_report_id
            self.downloaded(move)
            self.send_e_mails(move)
            if state == "not to be sent":
                # Nothing is due any more.
                move.l10n_fr_sap_avance_immediate = True
                self.pay(move)
                self.send_e_mails(move)
            self.assertTrue(document)
            self.assertEqual(move.invoice_pdf_report_id, document)
