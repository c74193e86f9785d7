# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import contextlib
import re

from lxml import html
from portal_common import Portal
from sap_common import SapCase

from odoo import Command
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
BLOCK = "//div[@name='l10n_fr_sap_collected']"


@tagged("post_install", "-at_install")
class TestDocument(Portal, SapCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.write({"qr_code": True, "link_qr_code": True})
        cls.offer_payment()
        cls.view = cls.env.ref("l10n_fr_urssaf_sap.report_invoice_document")

    def render(self, move, report="account.report_invoice"):
        content, _type = self.env["ir.actions.report"]._render_qweb_html(
            report, move.ids
        )
        return content.decode()

    def invoice(self, partner=None, **values):
        return self.create_invoice(
            partner, partner_bank_id=self.bank.id, **({"quantity": 3} | values)
        )

    @contextlib.contextmanager
    def without_qr_codes(self):
        self.set_qr_codes(False)
        yield
        self.set_qr_codes(True)

    def set_qr_codes(self, value):
        self.env.company.write({"qr_code": value, "link_qr_code": value})
        self.env.invalidate_all()

    def lines(self, price):
        """One line of ``price`` without tax."""
        return [
            Command.create(
                {
                    "product_id": self.product.id,
                    "quantity": 1,
                    "price_unit": price,
                    "tax_ids": [Command.clear()],
                }
            )
        ]

    def assert_ordinary(self, move):
        self.assertTrue(move.display_qr_code and move.display_link_qr_code)
        # Drawing one takes a library of Odoo's that is not everywhere.
        with self.without_qr_codes():
            page = self.render(move)
        self.assertNotIn("avance immédiate", page)
        self.assertIn("Payment Communication", page)
        self.assertIn(self.bank.acc_number, page)

    def assert_collected(self, move, credit, left):
        """The block, and nothing that invites to pay otherwise."""
        self.assertFalse(move.display_qr_code or move.display_link_qr_code)
        page = self.render(move)
        for invitation in (
            "Payment Communication",
            self.bank.acc_number,
            "Scan this QR Code",
            "PAY IN A FLASH",
            "payment_token",
            "qrcode_image",
        ):
            self.assertNotIn(invitation, page)
        [block] = html.fromstring(page).xpath(BLOCK)
        amounts = [
            re.sub(r"[^\d.]", "", "".join(cell.itertext()))
            for cell in block.xpath(".//td[contains(@class, 'text-end')]")
        ]
        self.assertEqual(amounts, [credit, left])
        return " ".join(" ".join(block.itertext()).split())

    # The document

    def test_the_invoice_of_an_active_particulier_says_who_collects_it(self):
        self.activate()
        move = self.invoice()
        text = self.assert_collected(move, "54.00", "54.00")
        self.assertIn("paid through the avance immédiate", text)
        self.assertIn("Tax credit advanced by the Urssaf (expected)", text)
        self.assertIn("Do not pay us", text)
        self.assertIn("48 hours", text)
        self.assertIn(
            'name="l10n_fr_sap_collected"',
            self.render(move, "account.report_invoice_with_payments"),
        )

    def test_the_block_begins_below_the_totals(self):
        """Odoo lets the totals float: without ``clear`` the block lies across them."""
        self.activate()
        [block] = html.fromstring(self.render(self.invoice())).xpath(BLOCK)
        [floating] = block.xpath("preceding::div[@id='right-elements']")
        self.assertIn("float-end", floating.get("class").split())
        self.assertRegex(block.get("style"), r"\bclear: both;")

    def test_the_odd_cent_is_announced_as_debited(self):
        self.activate()
        for price, credit, left in (
            (237.51, "118.75", "118.76"),
            (0.01, "0.00", "0.01"),
        ):
            move = self.invoice(invoice_line_ids=self.lines(price))
            self.assert_collected(move, credit, left)

    def test_travel_that_gives_no_tax_credit_is_debited_whole(self):
        self.activate()
        lines = [*self.lines(100), *self.lines(8)]
        nature = self.env.ref("l10n_fr_urssaf_sap.nature_270")
        lines[1][2]["l10n_fr_sap_nature_id"] = nature.id
        move = self.invoice(invoice_line_ids=lines)
        self.assert_collected(move, "50.00", "58.00")

    def test_it_stays_while_the_request_lives_and_once_it_is_paid(self):
        self.activate()
        move = self.invoice()
        self.press(move, SEND)
        # The request is what counts now.
        self.partner.sudo().l10n_fr_sap_registration_ids.state = "blocked"
        self.assert_collected(move, "54.00", "54.00")
        for _ in range(4):
            self.control("advance")
            self.press(move, REFRESH)
        self.assertEqual(move.l10n_fr_sap_status, "paid")
        self.assert_collected(move, "54.00", "54.00")

    def test_a_cancelled_request_makes_it_an_ordinary_invoice(self):
        self.activate()
        move = self.invoice()
        self.press(move, SEND)
        request = move.l10n_fr_sap_request_id
        for status, ordinary in (("40", False), ("111", True)):
            self.control(f"demandes/{request.urssaf_id}", {"statut": status})
            self.press(move, REFRESH)
            self.assertEqual(move.l10n_fr_sap_collected, not ordinary)
        self.assert_ordinary(move)

    def test_whatever_is_not_for_the_urssaf_is_an_ordinary_invoice(self):
        self.assert_ordinary(self.invoice())  # Not active.
        self.activate()
        other = self.create_particulier("Paul Moreau", lang="en_US")
        self.assert_ordinary(self.invoice(other))
        self.product.l10n_fr_sap_nature_id = False
        self.assert_ordinary(self.invoice())

    def test_other_documents_of_an_active_particulier(self):
        self.activate()
        draft = self.invoice(post=False)
        self.assert_collected(draft, "54.00", "54.00")
        draft.button_cancel()
        self.set_qr_codes(False)
        refund = self.invoice(move_type="out_refund")
        paid = self.invoice()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=paid.ids
        ).create({}).action_create_payments()
        for move in (draft, refund, paid):
            self.assertFalse(move.l10n_fr_sap_collected)
            self.assertFalse(html.fromstring(self.render(move)).xpath(BLOCK))

    def test_an_ordinary_invoice_is_the_same_to_the_byte(self):
        self.activate()
        move = self.invoice(self.partner_a)
        self.set_qr_codes(False)
        for report in (
            "account.report_invoice",
            "account.report_invoice_with_payments",
        ):
            with_ours = self.render(move, report)
            self.view.active = False
            self.assertEqual(self.render(move, report), with_ours)
            self.view.active = True

    def test_the_customer_reads_it_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        term = self.view._fields["arch_db"].get_trans_terms(self.view.arch_db)[0]
        french = "Réglée par l'avance immédiate."
        self.view.update_field_translations("arch_db", {"fr_FR": {term: french}})
        self.activate()
        self.partner.lang = "fr_FR"
        page = self.render(self.invoice())
        [block] = html.fromstring(page).xpath(BLOCK)
        text = " ".join(block.itertext())
        self.assertIn(french, text)
        self.assertIn("54,00", text)

    # The portal

    def test_the_portal_offers_no_payment_of_what_the_urssaf_collects(self):
        self.activate()
        free = self.create_invoice(l10n_fr_sap_avance_immediate=False)
        self.assertTrue(free._has_to_be_paid())
        self.assertFalse(free._l10n_fr_sap_portal_notice())
        move = self.create_invoice()
        # Before it is sent, too: the document and the e-mail say so already.
        self.assertFalse(move._has_to_be_paid())
        self.assertIn("The Urssaf collects", move._l10n_fr_sap_portal_notice())
        self.press(move, SEND)
        self.assertFalse(move._has_to_be_paid())
        self.assertIn("The Urssaf collects", move._l10n_fr_sap_portal_notice())
        # That of a payment link made before.
        self.assertIn("The Urssaf collects", move._get_online_payment_error())
        move.sudo().l10n_fr_sap_request_id.state = "cancelled_unpaid"
        self.assertTrue(move._has_to_be_paid())
        self.assertIn("no longer collects", move._l10n_fr_sap_portal_notice())
        self.assertNotIn("Urssaf", move._get_online_payment_error())

    def test_what_was_paid_is_not_announced_as_collected(self):
        self.activate()
        move = self.create_invoice()
        self.press(move, SEND)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({}).action_create_payments()
        self.assertFalse(move._l10n_fr_sap_portal_notice())

    def test_the_portal_shows_who_collects_it(self):
        self.activate()
        sent = self.create_invoice()
        free = self.create_invoice(l10n_fr_sap_avance_immediate=False)
        self.press(sent, SEND)
        pages = [self.browse(move.get_portal_url()) for move in (sent, free)]
        for page, collected in zip(pages, (True, False), strict=True):
            self.assertEqual("l10n_fr_sap_notice" in page, collected)
            self.assertEqual("#pay_with" in page, not collected)
        user = mail_new_test_user(
            self.env, "jeanne", groups="base.group_portal", partner_id=self.partner.id
        )
        page = self.browse("/my/invoices", user)
        self.assertIn(sent.name, page)
        self.assertEqual(page.count('title="Pay Now"'), 1)
        self.assertEqual(page.count('name="l10n_fr_sap_status"'), 1)
        # Of the one that is to be paid to us, alone.
        self.assertEqual(page.count("Waiting for Payment"), 1)

    def test_pay_overdue_leaves_out_what_the_urssaf_collects(self):
        self.activate()
        sent, free = (
            self.create_invoice(
                invoice_date_due=self.month_end, l10n_fr_sap_avance_immediate=tick
            )
            for tick in (True, False)
        )
        self.press(sent, SEND)
        user = mail_new_test_user(
            self.env, "jeanne", groups="base.group_portal", partner_id=self.partner.id
        )
        page = self.browse("/my/invoices?filterby=overdue_invoices", user)
        self.assertIn(free.name, page)
        self.assertNotIn(sent.name, page)
