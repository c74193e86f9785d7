# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers whom the tax office does not recognize."""

from sap_common import SapCase

from odoo.tests import tagged

from tools import canaries

REGISTER = "action_l10n_fr_sap_register"
TRY = "action_l10n_fr_sap_try_variant"


@tagged("post_install", "-at_install")
class TestVariants(SapCase):
    def known_to_the_tax_office(self, **names):
        self.control("fisc", {"dateNaissance": str(canaries.BIRTH_DATE)} | names)

    def not_recognized(self, partner=None):
        partner = partner or self.partner
        self.press(partner, REGISTER)
        self.assertEqual(partner.l10n_fr_sap_registration_state, "error")
        self.assertIn("R2P", partner.l10n_fr_sap_last_error)

    def try_until_known(self, partner=None):
        """Click until somebody is recognized; gives what was said at each click."""
        partner, said = partner or self.partner, []
        while partner.l10n_fr_sap_next_change:
            said.append(self.press(partner, TRY)["params"]["message"])
        return said

    def test_swapped_names_are_recognized_and_kept(self):
        self.partner.write(
            {"l10n_fr_sap_birth_name": "Dupont", "l10n_fr_sap_usage_name": "Petit"}
        )
        self.known_to_the_tax_office(nomNaissance="PETIT", nomUsage="DUPONT")
        self.not_recognized()
        self.assertEqual(
            self.partner.l10n_fr_sap_next_change, "Birth Name and Married Name swapped"
        )
        [said] = self.try_until_known()
        self.assertIn("Birth Name and Married Name swapped", said)
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "pending")
        self.assertEqual(self.partner.l10n_fr_sap_birth_name, "Petit")
        self.assertEqual(self.partner.l10n_fr_sap_usage_name, "Dupont")
        self.assertFalse(self.partner.l10n_fr_sap_changes)
        chatter = " ".join(self.partner.message_ids.mapped("body"))
        self.assertIn("recognized with Birth Name and Married Name swapped", chatter)

    def test_each_click_changes_one_thing_and_says_what(self):
        self.partner.write(
            {
                "l10n_fr_sap_birth_name": "Dupont",
                "l10n_fr_sap_usage_name": "Petit",
                "l10n_fr_sap_first_names": "Zoé Marie",
            }
        )
        self.known_to_the_tax_office(prenoms="ZOE-MARIE")
        self.not_recognized()
        said = self.try_until_known()
        self.assertEqual(len(said), 3)
        sent = [
            (body["nomNaissance"], body.get("nomUsage"), body["prenoms"])
            for body in self.calls("M010")
        ]
        self.assertEqual(
            sent,
            [
                ("Dupont", "Petit", "Zoe Marie"),
                ("Petit", "Dupont", "Zoe Marie"),
                ("Dupont", "Petit", "Zoe"),
                ("Dupont", "Petit", "Zoe-Marie"),
            ],
        )
        self.assertEqual(self.partner.l10n_fr_sap_first_names, "Zoé-Marie")
        self.assertEqual(self.partner.l10n_fr_sap_birth_name, "Dupont")
        self.assertIn("not recognized either", said[0])
        self.assertIn("This was kept", said[-1])

    def test_all_first_names_come_from_the_contacts_name(self):
        self.partner.write(
            {
                "name": "Zoé Marie Claire Dupont",
                "l10n_fr_sap_birth_name": "Dupont",
                "l10n_fr_sap_first_names": "Zoé",
            }
        )
        self.known_to_the_tax_office(prenoms="ZOE MARIE CLAIRE")
        self.not_recognized()
        self.try_until_known()
        self.assertEqual(self.partner.l10n_fr_sap_first_names, "Zoé Marie Claire")
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "pending")

    def test_an_overseas_commune_goes_by_its_other_code_from_then_on(self):
        saint_denis = self.find_commune("97411")
        self.partner.l10n_fr_sap_birth_commune_id = saint_denis
        self.known_to_the_tax_office(codeCommune="411")
        self.not_recognized()
        self.try_until_known()
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "pending")
        self.assertEqual(self.partner.l10n_fr_sap_birth_code, "97411")
        path = f"particuliers/{self.partner.l10n_fr_sap_urssaf_id}"
        self.control(path, {"etat": "abandoned"})
        self.press(self.partner, "action_l10n_fr_sap_check_registration")
        self.press(self.partner, REGISTER)
        codes = [
            body["lieuNaissance"]["communeNaissance"]["codeCommune"]
            for body in self.calls("M010")
        ]
        self.assertEqual(codes, ["011", "411", "411"])

    def test_when_nothing_is_left_it_says_what_was_tried(self):
        self.partner.l10n_fr_sap_first_names = "Zoé Marie"
        self.known_to_the_tax_office(nomNaissance="INCONNU")
        self.not_recognized()
        self.try_until_known()
        tried = self.partner.l10n_fr_sap_tried_changes
        self.assertIn("the first of the First Names alone", tried)
        self.assertIn("a hyphen", tried)
        self.assertIn("Nothing is left", self.refuse(self.partner, TRY))
        self.assertEqual(self.partner.l10n_fr_sap_first_names, "Zoé Marie")
        # Whoever corrects something begins anew.
        self.partner.l10n_fr_sap_first_names = "Zoé Anne"
        self.press(self.partner, REGISTER)
        self.assertFalse(self.partner.l10n_fr_sap_tried_changes)
        self.assertTrue(self.partner.l10n_fr_sap_next_change)

    def test_a_lost_answer_is_tried_again_with_the_same_variant(self):
        self.partner.l10n_fr_sap_first_names = "Zoé Marie"
        self.known_to_the_tax_office(prenoms="ZOE")
        self.not_recognized()
        change = self.partner.l10n_fr_sap_next_change
        with self.lost_answers("M010"):
            self.assertIn("no usable answer", self.refuse(self.partner, TRY))
        self.assertEqual(self.partner.l10n_fr_sap_next_change, change)
        self.press(self.partner, TRY)
        [known] = self.urssaf_state()["particuliers"]
        self.assertEqual(self.partner.l10n_fr_sap_urssaf_id, known["idClient"])
        self.assertEqual(self.partner.l10n_fr_sap_first_names, "Zoé")

    def test_no_variant_of_another_refusal_or_of_an_incomplete_file(self):
        self.partner.email = "ERR_COORDONNEES_BANCAIRES@example.com"
        self.partner.l10n_fr_sap_first_names = "Zoé Marie"
        # Nor of somebody who was never registered.
        self.assertIs(self.partner.l10n_fr_sap_next_change, False)
        self.press(self.partner, REGISTER)
        self.assertFalse(self.partner.l10n_fr_sap_next_change)
        self.refuse(self.partner, TRY)
        self.partner.email = "ERR_DGFIP_R2P_INCONNU@example.com"
        self.not_recognized()
        self.partner.l10n_fr_sap_mobile = False
        self.assertIn("Mobile is missing", self.listed(self.partner, TRY))
        self.assertEqual(len(self.calls("M010")), 2)
