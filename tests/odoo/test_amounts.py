# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Everything an invoice can hold, to the cent."""

import random
from datetime import timedelta
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from sap_common import SapCase

from odoo import Command
from odoo.tests import tagged

CENT = Decimal("0.01")
INVOICES = 300


@tagged("post_install", "-at_install")
class TestAmounts(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()

    def item(self, move):
        """What the Urssaf gets for this invoice, amounts as Decimal."""
        self.assertFalse(move.l10n_fr_sap_to_fix)
        return move.sudo()._l10n_fr_sap_payment_request().body()

    def product_line(self, **values):
        return Command.create({"product_id": self.product.id, "quantity": 1} | values)

    def test_an_amount_that_no_price_gives_is_split_into_hours(self):
        move = self.create_invoice(
            invoice_line_ids=[self.product_line(quantity=5, price_unit=58.33)]
        )
        lines = self.item(move)["inputPrestations"]
        self.assertEqual(
            [(line["quantite"], line["mntUnitaireTTC"]) for line in lines],
            [(3, Decimal("70.00")), (2, Decimal("69.99"))],
        )
        self.press(move, "action_l10n_fr_sap_send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")

    def test_a_discount_line_is_folded_into_the_services(self):
        move = self.create_invoice(
            invoice_line_ids=[
                self.product_line(quantity=4),
                self.product_line(price_unit=100),
                Command.create(
                    {
                        "name": "Remise",
                        "price_unit": -22,
                        "tax_ids": [Command.set(self.tax_sale_a.ids)],
                    }
                ),
            ]
        )
        lines = self.item(move)["inputPrestations"]
        self.assertEqual(
            sum(line["mntPrestationTTC"] for line in lines), Decimal("237.6")
        )
        self.assertIn("Remise", lines[0]["complement1"])

    def test_sections_and_notes_go_along_as_text(self):
        move = self.create_invoice(
            invoice_line_ids=[
                Command.create({"display_type": "line_section", "name": "Semaine 1"}),
                self.product_line(),
                Command.create(
                    {"display_type": "line_note", "name": "Vitres comprises"}
                ),
            ]
        )
        [line] = self.item(move)["inputPrestations"]
        self.assertEqual(line["complement1"], "Semaine 1 – Ménage – Vitres comprises")

    def test_sections_and_notes_go_by_their_place(self):
        move = self.create_invoice(
            post=False,
            invoice_line_ids=[
                self.product_line(name="A", sequence=10),
                self.product_line(name="B", sequence=20),
                Command.create(
                    {"display_type": "line_section", "name": "Lundi", "sequence": 5}
                ),
                Command.create(
                    {"display_type": "line_section", "name": "Mardi", "sequence": 15}
                ),
                Command.create(
                    {"display_type": "line_note", "name": "note", "sequence": 12}
                ),
            ],
        )
        move.action_post()
        lines = self.item(move)["inputPrestations"]
        self.assertEqual(
            [line["complement1"] for line in lines], ["Lundi – A – note", "Mardi – B"]
        )

    def test_a_discount_lowers_what_is_taxed_alike(self):
        exempt = self.env["account.tax"].create({"name": "0", "amount": 0})
        taxed = [Command.set(self.tax_sale_a.ids)]
        move = self.create_invoice(
            invoice_line_ids=[
                self.product_line(quantity=2, tax_ids=[Command.set(exempt.ids)]),
                self.product_line(quantity=2, tax_ids=taxed),
                Command.create({"name": "Remise", "price_unit": -20, "tax_ids": taxed}),
            ]
        )
        first, second = self.item(move)["inputPrestations"]
        self.assertEqual(first["mntPrestationTTC"], 60)
        self.assertEqual(second["mntPrestationTTC"], 48)

    def test_dates_of_the_lines_go_along_and_stay_within_the_period(self):
        move = self.create_invoice(
            invoice_line_ids=[
                self.product_line(
                    l10n_fr_sap_date_from=self.month_start,
                    l10n_fr_sap_date_to=self.month_end,
                )
            ]
        )
        [line] = self.item(move)["inputPrestations"]
        self.assertEqual(line["dateDebutEmploi"], f"{self.month_start}T00:00:00Z")
        move.l10n_fr_sap_date_from = self.month_start + timedelta(days=3)
        self.assertIn("Line “Ménage”: Services From", move.l10n_fr_sap_to_fix)

    def pay(self, move, amount):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"amount": amount, "payment_date": self.month_end})
        )
        wizard.action_create_payments()

    def test_what_was_paid_ahead_is_the_deposit(self):
        self.env.company.l10n_fr_sap_deposits_allowed = True
        move = self.create_invoice()
        self.pay(move, 40)
        item = self.item(move)
        self.assertEqual(item["mntFactureTTC"], 108)
        self.assertEqual(item["mntAcompte"], 40)
        self.assertEqual(item["dateVersementAcompte"], f"{self.month_end}T00:00:00Z")
        self.press(move, "action_l10n_fr_sap_send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")

    def test_a_deposit_above_half_is_refused(self):
        move = self.create_invoice()
        self.pay(move, 60)
        self.assertIn("Deposit", move.l10n_fr_sap_to_fix)
        self.assertIn("Deposit", self.listed(move, "action_l10n_fr_sap_send"))

    def test_a_credit_note_is_no_deposit(self):
        move = self.create_invoice()
        credit = move._reverse_moves()
        credit.invoice_line_ids.quantity = 1
        credit.action_post()
        (move | credit).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(move.payment_state, "partial")
        self.assertIn("credit note", move.l10n_fr_sap_to_fix)

    def generated(self, rng):
        """An invoice of any kind: prices, quantities, discounts, taxes and roundings."""
        taxes = self.taxes[rng.randrange(len(self.taxes))]
        units = [self.env.ref(f"uom.product_uom_{u}") for u in ("hour", "unit", "day")]
        lines = [
            self.product_line(
                quantity=rng.choice(
                    [1, 0.5, 2, 7.25, 0.333, 12, round(rng.uniform(0.01, 40), 3)]
                ),
                price_unit=rng.choice(
                    [25, 0.01, 24.99, 58.33, round(rng.uniform(0.5, 120), 6)]
                ),
                discount=rng.choice([0, 0, 0, 10, 33.33]),
                product_uom_id=rng.choice(units).id,
                tax_ids=[Command.set(taxes.ids)],
            )
            for _line in range(rng.randint(1, 6))
        ]
        if rng.random() < 0.2:
            lines.append(
                Command.create(
                    {
                        "name": "Remise",
                        "price_unit": -round(rng.uniform(0.01, 3), 2),
                        "tax_ids": [Command.set(taxes.ids)],
                    }
                )
            )
        return {"invoice_line_ids": lines}

    def test_three_hundred_invoices_of_any_kind(self):
        rng = random.Random(20261123)
        self.taxes = [
            self.env["account.tax"].create(
                {
                    "name": f"{rate} {included}",
                    "amount": rate,
                    "price_include_override": included,
                }
            )
            for rate in (0, 5.5, 10, 20)
            for included in ("tax_included", "tax_excluded")
        ]
        checked = 0
        for number in range(INVOICES):
            rounding = ("round_per_line", "round_globally")[number % 2]
            self.env.company.tax_calculation_rounding_method = rounding
            move = self.create_invoice(post=False, **self.generated(rng))
            if move.amount_total <= 0:
                continue
            move.action_post()
            self.check(move)
            checked += 1
        print(f"{checked} invoices checked")
        self.assertGreater(checked, INVOICES * 0.9)

    def check(self, move):
        item = self.item(move)
        lines = item["inputPrestations"]
        self.assertEqual(item["mntFactureTTC"], Decimal(f"{move.amount_total:.2f}"))
        self.assertEqual(item["mntFactureHT"], Decimal(f"{move.amount_untaxed:.2f}"))
        for total, name in (("mntFactureTTC", "TTC"), ("mntFactureHT", "HT")):
            self.assertEqual(
                item[total], sum(line[f"mntPrestation{name}"] for line in lines)
            )
        for line in lines:
            gross, net, vat = (line[f"mntPrestation{n}"] for n in ("TTC", "HT", "TVA"))
            self.assertEqual(net + vat, gross)
            self.assertGreaterEqual(min(net, vat, line["mntUnitaireTTC"]), 0)
            for mode in (ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN):
                product = line["quantite"] * line["mntUnitaireTTC"]
                self.assertEqual(product.quantize(CENT, mode), gross)
