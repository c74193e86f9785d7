# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf does not learn from here."""

import hashlib

from sap_common import SapCase

from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import file_path

from odoo.addons.l10n_fr_urssaf_sap.registering.told import values_of

from tools import canaries

REGISTER = "action_l10n_fr_sap_register"
CONFIRM = "action_l10n_fr_sap_confirm_changes"


@tagged("post_install", "-at_install")
class TestTold(SapCase):
    def changed(self, partner=None):
        """The fields that the warning names."""
        partner = partner or self.partner
        text = partner.l10n_fr_sap_changes or ""
        return text.partition(". ")[0].partition(": ")[2]

    def test_what_changes_after_the_registration_is_named_until_ticked_off(self):
        self.partner.email = "before@example.com"
        self.assertFalse(self.partner.l10n_fr_sap_changes)
        self.press(self.partner, REGISTER)
        self.assertFalse(self.partner.l10n_fr_sap_changes)
        bank = self.create_bank(self.partner, "FR7630004000310000000007737")
        for name, value, label in (
            ("email", "after@example.com", "Email"),
            ("l10n_fr_sap_mobile", "06 39 98 00 99", "Mobile"),
            ("l10n_fr_sap_bank_id", bank.id, "Debited Account"),
            # The new name becomes the proposal for another.
            ("name", "Jeanne Nouveau", "Name, Married Name"),
            ("l10n_fr_sap_birth_name", "Nouveau", "Birth Name"),
            ("l10n_fr_sap_usage_name", "Ancien", "Married Name"),
            ("l10n_fr_sap_first_names", "Zoé", "First Names"),
        ):
            with self.subTest(name):
                self.partner[name] = value
                self.assertEqual(self.changed(), label)
                self.partner.comment = "Something else"
                self.press(self.partner, "action_l10n_fr_sap_check_registration")
                self.assertEqual(self.changed(), label)
                self.press(self.partner, CONFIRM)
                self.assertFalse(self.partner.l10n_fr_sap_changes)

    def test_it_says_that_the_urssaf_does_not_learn_it_and_what_to_do(self):
        self.activate()
        self.partner.write({"email": "x@example.com", "phone": "06 39 98 00 77"})
        self.assertEqual(self.changed(), "Email, Mobile")
        self.assertIn("does not learn", self.partner.l10n_fr_sap_changes)
        self.assertIn("particulier.urssaf.fr", self.partner.l10n_fr_sap_changes)

    def test_an_account_whose_number_is_changed_counts(self):
        self.activate()
        account = self.partner.l10n_fr_sap_bank_id
        account.acc_number = "FR7630004000310000000007737"
        self.assertEqual(self.changed(), "Debited Account")
        account.acc_number = canaries.IBAN.lower()
        self.assertFalse(self.partner.l10n_fr_sap_changes)

    def test_another_spelling_of_the_same_is_no_change(self):
        self.activate()
        self.partner.write(
            {
                "email": f"Jeanne <{self.partner.email.upper()}>",
                "l10n_fr_sap_mobile": "+33 (0)6.39.98.00.11",
                "name": f" {self.partner.name.upper()}",
            }
        )
        self.assertFalse(self.partner.l10n_fr_sap_changes)

    def test_who_was_taken_over_is_watched_as_well(self):
        self.partner.l10n_fr_sap_urssaf_id = "af0be430-908a-11eb-a8b3-0242ac130003"
        self.assertFalse(self.partner.l10n_fr_sap_changes)
        self.partner.email = "x@example.com"
        self.assertEqual(self.changed(), "Email")

    def test_who_was_registered_before_is_watched_from_the_upgrade_on(self):
        self.activate()
        self.partner.l10n_fr_sap_registration_ids.sudo().told = False
        self.partner.email = "before@example.com"
        self.assertFalse(self.partner.l10n_fr_sap_changes)
        path = file_path("l10n_fr_urssaf_sap/migrations/19.0.1.4.0/post-told.py")
        load_script(path, "post_told").migrate(self.env.cr, "19.0.1.3.0")
        self.assertFalse(self.partner.l10n_fr_sap_changes)
        self.partner.email = "after@example.com"
        self.assertEqual(self.changed(), "Email")

    def test_nothing_personal_is_kept_twice(self):
        self.activate()
        registration = self.partner.l10n_fr_sap_registration_ids
        told = str(registration.sudo().told)
        for text in (self.partner.email, canaries.IBAN, self.partner.name):
            self.assertNotIn(text.lower(), told.lower())

    def unkeyed(self, registration):
        """The digests as they were made before they had a key."""
        return {
            name: hashlib.sha256(f"{registration.id} {value}".encode()).hexdigest()[:16]
            for name, value in values_of(registration.partner_id).items()
        }

    def test_who_guesses_right_cannot_know_it_without_the_server_s_key(self):
        self.activate()
        registration = self.partner.l10n_fr_sap_registration_ids.sudo()
        guessed = set(self.unkeyed(registration).values())
        self.assertTrue(guessed.isdisjoint(registration.told.values()))

    def test_a_copy_of_the_database_with_another_key_warns_of_nothing(self):
        self.activate()
        self.env["ir.config_parameter"].set_param("database.secret", "another")
        self.env.invalidate_all()
        self.assertFalse(self.partner.l10n_fr_sap_changes)
        self.press(self.partner, CONFIRM)
        self.partner.email = "x@example.com"
        self.assertEqual(self.changed(), "Email")

    def test_digests_from_before_the_upgrade_get_the_key(self):
        self.activate()
        other = self.create_particulier("Paul Voisin", phone="06 39 98 00 12")
        self.activate(other)
        registrations = (self.partner | other).l10n_fr_sap_registration_ids.sudo()
        for registration in registrations:
            registration.told = self.unkeyed(registration)
        other.email = "x@example.com"
        path = file_path("l10n_fr_urssaf_sap/migrations/19.0.1.5.0/post-told.py")
        for _again in range(2):
            load_script(path, "post_told").migrate(self.env.cr, "19.0.1.4.0")
            self.env.invalidate_all()
            self.assertFalse(self.partner.l10n_fr_sap_changes)
            self.assertIn("Email", other.l10n_fr_sap_changes)
        self.partner.l10n_fr_sap_mobile = "06 39 98 00 77"
        self.assertEqual(self.changed(), "Mobile")

    def test_one_who_is_to_be_registered_again_is_told_anyway(self):
        self.activate()
        path = f"particuliers/{self.partner.l10n_fr_sap_urssaf_id}"
        self.control(path, {"etat": "abandoned"})
        self.press(self.partner, "action_l10n_fr_sap_check_registration")
        self.partner.email = "x@example.com"
        self.assertFalse(self.partner.l10n_fr_sap_changes)
        self.press(self.partner, REGISTER)
        self.assertFalse(self.partner.l10n_fr_sap_changes)

    def test_the_advice_for_a_contact_tells_of_another_account(self):
        self.partner.email = "ERR_CONTACT@example.com"
        self.press(self.partner, REGISTER)
        advice = self.partner.l10n_fr_sap_advice
        self.assertIn("differ from those of the account", advice)
        self.assertIn("another provider", advice)
