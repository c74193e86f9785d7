# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The nature of a line that was typed without a product: what its label says comes before
what is usual, and what nobody has chosen is said on the invoice."""

from typed_common import TypedCase

from odoo import Command
from odoo.tests import Form, tagged

NATURE, TO_CHECK = "l10n_fr_sap_nature_id", "l10n_fr_sap_natures_to_check"
WARNING = "l10n_fr_sap_warning"


@tagged("post_install", "-at_install")
class TestProposedNature(TypedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hour = cls.env.ref("uom.product_uom_hour")
        cls.create_invoice()  # of three hours of cleaning

    def typed(self, *labels, **values):
        """A draft of an active customer with a line for each label."""
        lines = [{"name": label, "price_unit": 50} | values for label in labels]
        return self.create_invoice(
            post=False, invoice_line_ids=[Command.create(line) for line in lines]
        )

    def form(self):
        moves = self.env["account.move"].with_user(self.user)
        form = Form(moves.with_context(default_move_type="out_invoice"))
        form.partner_id = self.partner
        return form

    def test_what_the_label_says_comes_before_what_is_usual(self):
        labels = {
            "Taille de haie": "70",
            "Cours de piano": "100",
            "Petit bricolage": "80",
            "Dépannage informatique": "160",
            "Garde d'enfant": "90",
            "Ménage": "60",
            "Ménage et tonte": "60",
            "Travaux": "60",
        }
        move = self.typed(*labels)
        found = {line.name: line[NATURE].code for line in move.invoice_line_ids}
        self.assertEqual(found, labels)

    def test_a_label_may_be_the_nature_s_own_name(self):
        self.garden.name = "Entretien des extérieurs"
        move = self.typed("Entretien des extérieurs, octobre")
        self.assertEqual(move.invoice_line_ids[NATURE], self.garden)
        self.garden.active = False
        move = self.typed("Taille de haie")
        self.assertEqual(move.invoice_line_ids[NATURE], self.cleaning)

    def test_it_follows_the_label_while_the_form_is_typed(self):
        form = self.form()
        with form.invoice_line_ids.new() as line:
            line.price_unit = 50
            self.assertEqual(line[NATURE], self.cleaning)
            line.name = "Taille de haie"
            self.assertEqual(line[NATURE], self.garden)
        self.assertIn("Nature proposed: Gardening (“Taille de haie”)", form[WARNING])
        with form.invoice_line_ids.edit(0) as line:
            line[NATURE] = self.nature("80")
            line.name = "Taille de haie et tonte"
            self.assertEqual(line[NATURE], self.nature("80"))
        self.assertNotIn("Nature proposed", form[WARNING])
        self.assertIn("Nature: Small repairs, for “Taille de haie", form[WARNING])
        with form.invoice_line_ids.edit(0) as line:
            line[NATURE] = self.garden
        move = form.save()
        self.assertEqual(move.invoice_line_ids[NATURE], self.garden)

    def test_what_was_proposed_is_said_and_keeps_nothing(self):
        self.activate()
        move = self.typed("Travaux", product_uom_id=self.hour.id)
        said = "Nature proposed: Cleaning and ironing (“Travaux”). Please check it."
        self.assertEqual(move[WARNING], said)
        self.assertTrue(move[TO_CHECK])
        self.assertFalse(move.l10n_fr_sap_to_fix)
        move.action_post()
        self.assertEqual(move[WARNING], said)
        self.assertDone(self.press(move, "action_l10n_fr_sap_send"))
        self.env.invalidate_all()
        self.assertFalse(move[WARNING])

    def test_what_somebody_chose_is_not_said(self):
        unit = {"product_uom_id": self.hour.id}
        given = self.typed("Travaux", **{NATURE: self.cleaning.id}, **unit)
        chosen = self.typed("Travaux", **unit)
        chosen.invoice_line_ids[NATURE] = self.garden
        confirmed = self.typed("Travaux", **unit)
        confirmed.invoice_line_ids.write({NATURE: self.cleaning.id})
        for move in (given, chosen, confirmed, self.create_invoice(post=False)):
            self.assertFalse(move[WARNING])
            self.assertFalse(move.copy()[WARNING])
        # A copy is as little confirmed as its original.
        self.assertTrue(self.typed("Travaux", **unit).copy()[TO_CHECK])

    def test_another_label_on_what_was_chosen_is_said(self):
        unit = {"product_uom_id": self.hour.id}
        move = self.typed("Ménage", **{NATURE: self.cleaning.id}, **unit)
        self.assertFalse(move[WARNING])
        move.invoice_line_ids.name = "Taille de haie"
        said = "Nature: Cleaning and ironing, for “Taille de haie”? Please check it."
        self.assertEqual(move[WARNING], said)

    def test_the_window_proposes_and_confirms(self):
        move = self.typed("Travaux", "Taille de haie", product_uom_id=self.hour.id)
        move.invoice_line_ids[1][NATURE] = False
        action = move.with_user(self.user).action_l10n_fr_sap_complete()
        env = self.env(user=self.user, context=action["context"])
        window = env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(
            list(window.line_ids.mapped(NATURE[12:])), [self.cleaning, self.garden]
        )
        window.action_apply()
        self.assertEqual(
            list(move.invoice_line_ids.mapped(NATURE)), [self.cleaning, self.garden]
        )
        self.assertFalse(move[WARNING])

    def test_a_product_that_says_nothing_is_proposed_in_the_window(self):
        plain = self.env["product.product"].create({"name": "Forfait jardin"})
        move = self.typed("Octobre", product_id=plain.id)
        self.assertFalse(move.invoice_line_ids[NATURE])
        window = self.env["l10n_fr_sap.completion"].browse(
            move.action_l10n_fr_sap_complete()["res_id"]
        )
        self.assertEqual(window.line_ids.nature_id, self.garden)

    def test_hours_that_are_missing_are_said(self):
        package = self.hour.copy({"name": "Forfait", "relative_uom_id": False})
        unit = self.env.ref("uom.product_uom_unit")
        for nature, uom, said in (
            ("60", unit, True),
            ("70", unit, True),
            ("60", self.hour, False),
            ("60", self.env.ref("uom.product_uom_minute"), False),
            ("60", package, False),
            ("130", unit, False),  # meals are not counted in hours
            ("270", unit, False),
        ):
            with self.subTest(nature=nature, uom=uom.name):
                chosen = {NATURE: self.nature(nature).id, "product_uom_id": uom.id}
                move = self.typed("Prestation", **chosen)
                self.assertEqual("Hours are missing" in (move[WARNING] or ""), said)
                self.assertFalse(move[TO_CHECK])
        create = self.env["product.product"].create
        plain = create({"name": "Divers"})
        said = {NATURE: self.cleaning.id, "product_id": plain.id}
        self.assertIn("Hours are missing", self.typed("Octobre", **said)[WARNING])
        package = create({"name": "Forfait", NATURE: self.cleaning.id})
        self.assertFalse(self.typed("Octobre", product_id=package.id)[WARNING])
        discount = {"price_unit": -5, NATURE: self.cleaning.id}
        move = self.typed("Remise", **discount, product_uom_id=unit.id)
        self.assertFalse(move[WARNING])

    def test_nothing_is_said_of_other_invoices(self):
        ordinary = self.create_invoice(
            self.partner_a,
            post=False,
            invoice_line_ids=[Command.create({"name": "Haie", "price_unit": 5})],
        )
        direct = self.typed("Travaux")
        direct.l10n_fr_sap_paid_directly = True
        for move in (ordinary, direct):
            self.assertFalse(move[WARNING])
