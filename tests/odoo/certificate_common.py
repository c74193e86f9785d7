# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A year of invoices, and the ways in which they are settled."""

import io

from pypdf import PdfReader
from sap_common import SapCase

from odoo import Command
from odoo.fields import Date


class CertificateCase(SapCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax_10 = cls.tax_sale_a.copy({"name": "10 %", "amount": 10})
        cls.bank = cls.company_data["default_journal_bank"]
        cls.cash = cls.company_data["default_journal_cash"]
        cls.garden = cls.create_service("Tonte", 120, "nature_70", unit="unit")
        cls.cleaning = cls.create_service("Ménage", 25, "nature_60")

    @classmethod
    def create_service(cls, name, price, nature, unit="hour"):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "uom_id": cls.env.ref(f"uom.product_uom_{unit}").id,
                "list_price": price,
                "l10n_fr_sap_nature_id": cls.env.ref(f"l10n_fr_urssaf_sap.{nature}").id,
            }
        )

    def line(self, hours, product=None, tax=None, **values):
        return Command.create(
            {
                "product_id": (product or self.cleaning).id,
                "quantity": hours,
                "tax_ids": [Command.set((self.tax_10 if tax is None else tax).ids)],
            }
            | values
        )

    def invoice(self, day, *lines, partner=None, move_type="out_invoice", **values):
        """Posted; each of the lines is a Command, or hours of cleaning at 27.50 € with
        VAT."""
        return self.create_invoice(
            partner,
            move_type=move_type,
            invoice_date=day,
            invoice_line_ids=[
                each if isinstance(each, tuple) else self.line(each) for each in lines
            ],
            **values,
        )

    def pay(self, move, day, amount=None, journal=None):
        values = {"payment_date": day, "journal_id": (journal or self.bank).id}
        if amount:
            values["amount"] = amount
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        return wizard.create(values)._create_payments()

    def credit(self, move, day, *lines):
        """A credit note, set against the invoice."""
        refund = self.invoice(
            day, *lines, move_type="out_refund", reversed_entry_id=move.id
        )
        self.match(move, refund)
        return refund

    def match(self, *moves):
        items = self.env["account.move.line"].union(*(each.line_ids for each in moves))
        items.filtered(
            lambda item: (
                item.account_id.account_type == "asset_receivable"
                and not item.reconciled
            )
        ).reconcile()

    def request(self, move, state="paid", day=None, amount=0, **values):
        """The invoice's payment request, as the Urssaf tells of it."""
        request = (
            self.env["l10n_fr_sap.payment.request"]
            .sudo()
            .create(
                {
                    "move_id": move.id,
                    "company_id": move.company_id.id,
                    "environment": "test",
                    "partner_id": move.partner_id.id,
                    "number": move.name,
                    "urssaf_id": f"id-{move.id}",
                    "amount_total": move.amount_total,
                    "state": state,
                    "transfer_date": day,
                    "transfer_amount": amount,
                }
                | values
            )
        )
        move.sudo()._l10n_fr_sap_show_current()
        return request

    def certify(self, partner=None, year=2026, user=None):
        """Press the button; gives the latest version."""
        partner = partner or self.partner
        partner.with_user(user or self.env.user).action_l10n_fr_sap_certificate(year)
        return self.certificates(partner, year)[:1]

    def certificates(self, partner=None, year=2026):
        return self.env["l10n_fr_sap.certificate"].search(
            [("partner_id", "=", (partner or self.partner).id), ("year", "=", year)],
            order="version desc",
        )

    def text(self, certificate):
        """The PDF's text, with every space an ordinary one."""
        reader = PdfReader(io.BytesIO(certificate.attachment_id.raw))
        return " ".join(" ".join(page.extract_text() for page in reader.pages).split())

    def check_amounts(self, certificate, total, advanced, paid):
        currency = certificate.currency_id
        for name, amount in (
            ("amount_total", total),
            ("amount_advanced", advanced),
            ("amount_paid", paid),
        ):
            self.assertEqual(
                currency.compare_amounts(certificate[name], amount), 0, name
            )

    def make_year(self, partner=None):
        """The seven invoices of the year 2026 whose sums are known; gives them by their
        number in the list."""

        def invoice(day, *lines):
            return self.invoice(Date.to_date(day), *lines, partner=partner)

        moves = {
            1: invoice("2026-02-10", 10),
            2: invoice(
                "2026-03-12",
                self.line(1, self.garden, self.tax_sale_a, price_unit=100),
            ),
            3: invoice("2025-12-31", 4),
            4: invoice("2026-04-20", 2),
            5: invoice("2026-12-20", 2),
            6: invoice("2026-05-20", 2),
            7: invoice("2026-05-30", 4),
        }
        self.request(moves[1], day="2026-03-05")
        self.pay(moves[2], "2026-04-10")
        self.pay(moves[3], "2025-12-20", 30)
        self.request(moves[3], day="2026-01-08", amount=80)
        self.credit(moves[4], "2026-04-28", 1)
        self.pay(moves[4], "2026-05-02")
        self.request(moves[5], day="2027-01-05")
        self.pay(moves[6], "2026-06-02", journal=self.cash)
        self.request(moves[7], "cancelled_recovered", day="2026-06-15")
        self.pay(moves[7], "2026-07-20")
        return moves
