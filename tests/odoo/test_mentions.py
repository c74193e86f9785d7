# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the law wants to be read on an invoice of home services (Code du travail,
D.7233-1)."""

from datetime import date

from lxml import html
from sap_common import SapCase

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

BLOCK = "//div[@name='l10n_fr_sap_mentions']"
STANDING = {
    "l10n_fr_sap_declaration_date": date(2024, 3, 12),
    "l10n_fr_sap_agrement_number": "SAP654321",
    "l10n_fr_sap_agrement_date": date(2025, 1, 2),
    "l10n_fr_sap_mode": "prestataire",
}


@tagged("post_install", "-at_install")
class TestMentions(SapCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.partner.lang = "fr_FR"

    def line(self, quantity=1, unit=None, nature=None, **values):
        """One line at 30.00 and 20% VAT: 36.00 a unit."""
        if unit:
            values["product_uom_id"] = self.env.ref(f"uom.product_uom_{unit}").id
        if nature:
            nature = self.env.ref(f"l10n_fr_urssaf_sap.nature_{nature}")
            values["l10n_fr_sap_nature_id"] = nature.id
        values |= {"product_id": self.product.id, "quantity": quantity}
        return Command.create(values)

    def invoice(self, *lines, **values):
        return self.create_invoice(invoice_line_ids=list(lines), **values)

    def block(self, move):
        """What the document says, the spaces made plain; None where it has no block."""
        content, _type = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", move.ids
        )
        blocks = html.fromstring(content).xpath(BLOCK)
        return blocks[0] if blocks else None

    def text(self, move):
        return plain(self.block(move))

    def rows(self, move):
        return [
            [plain(cell) for cell in row] for row in self.block(move).xpath(".//tr[td]")
        ]

    def test_the_provider_is_named_by_number_and_date(self):
        self.env.company.write(STANDING)
        text = self.text(self.create_invoice())
        for words in (
            "Services à la personne",
            "Déclaration n° SAP123456782 du 12/03/2024",
            "Agrément n° SAP654321 du 02/01/2025",
            "Mode : Prestataire",
        ):
            self.assertIn(words, text)

    def test_what_is_not_known_is_left_out(self):
        text = self.text(self.create_invoice())
        self.assertIn("Déclaration n° SAP123456782", text)
        for words in ("SAP123456782 du", "Agrément", "Mode", "Intervenant", "False"):
            self.assertNotIn(words, text)
        self.env.company.l10n_fr_sap_nova_number = False
        self.assertNotIn("Déclaration", self.text(self.create_invoice()))

    def test_a_branch_shows_its_parents(self):
        self.env.company.write(STANDING)
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        self.env.cr.precommit.run()  # its chart
        move = self.create_invoice(company_id=branch.id)
        self.assertIn("Déclaration n° SAP123456782 du 12/03/2024", self.text(move))

    def test_time_is_told_in_hours_and_its_price_with_vat(self):
        for quantity, unit, price, told in (
            (2.5, "hour", 30, "2 h 30"),
            (1.33, "hour", 30, "1 h 20"),
            (12, "hour", 30, "12 h"),
            (45, "minute", 0.5, "45 min"),
            (90, "minute", 0.5, "1 h 30"),
            (1, "day", 240, "8 h"),
        ):
            with self.subTest(quantity=quantity, unit=unit):
                move = self.invoice(self.line(quantity, unit, price_unit=price))
                row = ["Ménage et repassage", told, "36,00 € / h"]
                self.assertEqual(self.rows(move), [row])

    def test_a_discount_makes_the_hour_cheaper(self):
        move = self.invoice(self.line(2, discount=50))
        self.assertEqual(self.rows(move)[0][1:], ["2 h", "18,00 € / h"])

    def test_a_package_shows_its_unit_and_what_it_is(self):
        move = self.invoice(
            self.line(2, "unit", nature=70, name="Forfait tonte\nHaie comprise")
        )
        unit = self.env.ref("uom.product_uom_unit").with_context(lang="fr_FR").name
        row = ["Jardinage – Forfait tonte", f"2 {unit}", f"36,00 € / {unit}"]
        self.assertEqual(self.rows(move), [row])

    def test_travel_is_told_apart(self):
        move = self.invoice(
            self.line(2),
            self.line(1, "unit", nature=270, name="Frais de déplacement"),
        )
        names = [row[0] for row in self.rows(move)]
        self.assertEqual(
            names, ["Ménage et repassage", "Frais de déplacement (sans crédit d'impôt)"]
        )

    def test_the_period_stands_above_and_the_days_beside(self):
        start, end = date(2026, 10, 1), date(2026, 10, 31)
        days = [date(2026, 10, day) for day in (2, 9)]
        move = self.invoice(
            *(
                self.line(2, l10n_fr_sap_date_from=day, l10n_fr_sap_date_to=day)
                for day in days
            ),
            self.line(
                1,
                nature=70,
                l10n_fr_sap_date_from=date(2026, 10, 12),
                l10n_fr_sap_date_to=date(2026, 10, 14),
            ),
            invoice_date=end,
            l10n_fr_sap_date_from=start,
            l10n_fr_sap_date_to=end,
        )
        self.assertIn(
            "Période des prestations : du 01/10/2026 au 31/10/2026", self.text(move)
        )
        price = "36,00 € / h"
        self.assertEqual(
            self.rows(move),
            [
                # Visits at one price are one row.
                ["Ménage et repassage", "02/10/2026, 09/10/2026", "4 h", price],
                ["Jardinage", "du 12/10/2026 au 14/10/2026", "1 h", price],
            ],
        )

    def test_what_differs_is_not_put_together(self):
        move = self.invoice(
            self.line(1),
            self.line(2),
            self.line(1, price_unit=40),
            self.line(1, l10n_fr_sap_worker="12 – Lou"),
        )
        self.assertEqual(
            [row[1:] for row in self.rows(move)],
            [
                ["3 h", "36,00 € / h", ""],
                ["1 h", "48,00 € / h", ""],
                ["1 h", "36,00 € / h", "12 – Lou"],
            ],
        )

    def test_what_is_taken_off_or_is_no_service_has_no_row(self):
        move = self.invoice(
            self.line(2),
            self.line(1, price_unit=-10),
            self.line(1, l10n_fr_sap_nature_id=False),
            Command.create({"display_type": "line_note", "name": "Merci"}),
        )
        self.assertEqual(len(self.rows(move)), 1)

    def test_other_documents_have_none(self):
        goods = self.invoice(self.line(1, l10n_fr_sap_nature_id=False))
        for move in (
            goods,
            self.create_invoice(self.partner_a),
            self.create_invoice(move_type="out_refund"),
        ):
            self.assertIsNone(self.block(move))
        self.assertIsNotNone(self.block(self.create_invoice(post=False)))

    # The worker

    def test_the_companys_worker_is_proposed_for_services(self):
        self.env.company.l10n_fr_sap_worker = "1 – Camille"
        other = Command.create({"name": "Savon", "quantity": 1, "price_unit": 5})
        move = self.invoice(
            self.line(1), self.line(1, l10n_fr_sap_worker="12 – Lou"), other
        )
        workers = move.invoice_line_ids.mapped("l10n_fr_sap_worker")
        self.assertEqual(workers, ["1 – Camille", "12 – Lou", False])
        self.assertEqual(
            move.copy().invoice_line_ids.mapped("l10n_fr_sap_worker"), workers
        )
        # What was typed stays, whatever else changes.
        draft = self.invoice(self.line(1, l10n_fr_sap_worker="12 – Lou"), post=False)
        draft.invoice_line_ids.l10n_fr_sap_nature_id = self.env.ref(
            "l10n_fr_urssaf_sap.nature_70"
        )
        self.assertEqual(draft.invoice_line_ids.l10n_fr_sap_worker, "12 – Lou")

    def test_the_worker_of_a_live_invoice_stays(self):
        self.activate()
        move = self.create_invoice()
        self.press(move, "action_l10n_fr_sap_send")
        with self.assertRaises(UserError):
            move.invoice_line_ids.l10n_fr_sap_worker = "12 – Lou"

    def test_it_is_entered_in_the_settings(self):
        user = self.create_administrator()
        with Form(self.env["res.config.settings"].with_user(user)) as form:
            for name in ("agrement_number", "agrement_date", "mode", "worker"):
                self.assertFalse(form[f"l10n_fr_sap_{name}"])
            for name, value in STANDING.items():
                form[name] = value
        form.record.execute()
        for name, value in STANDING.items():
            self.assertEqual(self.env.company[name], value)


def plain(node):
    return " ".join(node.text_content().split())
