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
        if state in ("not to be sent", "ready"):
            return move
        self.press(move, SEND)
        code = "70" if state == "paid and booked" else state
        urssaf_id = move.l10n_fr_sap_request_id.urssaf_id
        self.control(f"demandes/{urssaf_id}", {"statut": code})
        self.press(move, REFRESH)
        if state == "paid and booked":
            register = self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=move.ids
            )
            register.create({}).action_create_payments()
        self.env.invalidate_all()
        return move

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
