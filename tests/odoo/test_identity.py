# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers whose id is lost, whom the tax office does not recognize, or who cannot use
the avance immédiate; and what the Urssaf does not learn from here."""

import hashlib

from sap_common import SapCase

from odoo.exceptions import AccessError, UserError
from odoo.modules.migration import load_script
from odoo.tests import Form, tagged
from odoo.tools import file_path

from odoo.addons.l10n_fr_urssaf_sap.registering.told import values_of
from odoo.addons.mail.tests.common import mail_new_test_user

from tools import canaries

FIND, REGISTER = "action_l10n_fr_sap_find_by_email", "action_l10n_fr_sap_register"
TRY, CONFIRM = "action_l10n_fr_sap_try_variant", "action_l10n_fr_sap_confirm_changes"
EXISTS = "ERR_LIEN_TIERS_PRESTATION_PARTICULIER_EXISTE"


@tagged("post_install", "-at_install")
class TestFindByEmail(SapCase):
    def lose(self, partner=None):
        """The Urssaf has registered the customer, and Odoo does not know."""
        partner = partner or self.partner
        self.press(partner, REGISTER)
        urssaf_id = partner.l10n_fr_sap_urssaf_id
        self.assertTrue(urssaf_id)
        partner.l10n_fr_sap_registration_ids.sudo().unlink()
        self.assertFalse(partner.l10n_fr_sap_urssaf_id)
        return urssaf_id

    def told(self, partner=None):
        """What the message says when a single one is not found."""
        action = self.press(partner or self.partner, FIND)
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(action["params"]["type"], "warning")
        return action["params"]["message"]

    def state(self, partner=None):
        return (partner or self.partner).l10n_fr_sap_registration_state

    def test_a_lost_id_is_found_with_the_state_that_belongs_to_it(self):
        urssaf_id = self.lose()
        self.control(f"particuliers/{urssaf_id}", {"etat": "active"})
        self.assertTrue(self.partner.l10n_fr_sap_can_find)
        self.assertIs(self.press(self.partner, FIND), True)
        self.assertEqual(self.partner.l10n_fr_sap_urssaf_id, urssaf_id)
        self.assertEqual(self.state(), "active")
        self.assertTrue(self.partner.l10n_fr_sap_active_since)
        self.assertFalse(self.partner.l10n_fr_sap_can_find)
        self.assertEqual(
            self.calls("M020"),
            [{"adresseMail": self.partner.email}, {"idClient": urssaf_id}],
        )

    def test_a_lost_answer_and_a_link_that_exists_are_found(self):
        with self.lost_answers("M010"):
            self.press(self.partner, REGISTER)
        self.assertEqual(self.state(), "error")
        self.press(self.partner, FIND)
        self.assertEqual(self.state(), "pending")
        self.assertFalse(self.partner.l10n_fr_sap_last_error)
        urssaf_id = self.lose()
        email, self.partner.email = self.partner.email, f"{EXISTS}@example.com"
        self.press(self.partner, REGISTER)
        self.assertIn("Find by Email", self.partner.l10n_fr_sap_advice)
        self.partner.email = email
        self.press(self.partner, FIND)
        self.assertEqual(self.partner.l10n_fr_sap_urssaf_id, urssaf_id)

    def test_an_email_as_it_was_pasted_finds_too(self):
        urssaf_id = self.lose()
        self.partner.email = f"Jeanne <{self.partner.email.upper()}>"
        self.press(self.partner, FIND)
        self.assertEqual(self.partner.l10n_fr_sap_urssaf_id, urssaf_id)

    def test_somebody_else_with_this_email_is_not_taken(self):
        self.lose()
        for values in (
            {"l10n_fr_sap_birth_name": "Voisin"},
            {"l10n_fr_sap_first_names": "Paul"},
            {"l10n_fr_sap_usage_name": False, "l10n_fr_sap_first_names": "Ma"},
        ):
            other = self.create_particulier(
                "Paul Voisin",
                email=self.partner.email,
                l10n_fr_sap_first_names=self.partner.l10n_fr_sap_first_names,
                l10n_fr_sap_birth_name=self.partner.l10n_fr_sap_birth_name,
            )
            other.write(values)
            told = self.told(other)
            self.assertIn("not under these names", told)
            self.assertIn("Enter the Urssaf ID", told)
            self.assertFalse(other.l10n_fr_sap_urssaf_id)
            self.assertEqual(self.state(other), "unregistered")

    def test_of_a_couple_with_one_email_each_is_found(self):
        husband = self.create_particulier(
            "Paul Voisin", email=self.partner.email, phone="06 39 98 00 12"
        )
        ids = [self.lose(partner) for partner in (self.partner, husband)]
        self.press(self.partner | husband, FIND)
        for partner, urssaf_id in zip((self.partner, husband), ids, strict=True):
            self.assertEqual(partner.l10n_fr_sap_urssaf_id, urssaf_id)

    def test_two_ids_for_one_name_are_nobodys(self):
        self.lose()

        def twice(answer):
            if isinstance(answer.body, dict) and "nomNaissance" in answer.body:
                other = "af0be430-908a-11eb-a8b3-0242ac130003"
                answer.body = [answer.body, answer.body | {"idClient": other}]
            return answer

        with self.intercepted("M020", twice):
            told = self.told()
        self.assertIn("several customers", told)
        self.assertFalse(self.partner.l10n_fr_sap_urssaf_id)

    def test_what_is_no_id_is_not_entered(self):
        self.lose()

        def spoil(answer):
            answer.body["idClient"] = "x'; --"
            return answer

        with self.intercepted("M020", spoil):
            self.told()
        self.assertFalse(self.partner.l10n_fr_sap_urssaf_id)

    def test_an_id_of_another_contact_is_not_taken(self):
        urssaf_id = self.lose()
        twin = self.create_particulier(
            "Paul Voisin",
            email=self.partner.email,
            l10n_fr_sap_first_names=self.partner.l10n_fr_sap_first_names,
            l10n_fr_sap_birth_name=self.partner.l10n_fr_sap_birth_name,
            l10n_fr_sap_birth_date="1960-01-01",
        )
        twin.l10n_fr_sap_urssaf_id = urssaf_id
        told = self.told()
        self.assertIn(f"contact no. {twin.id}", told)
        self.assertFalse(self.partner.l10n_fr_sap_urssaf_id)

    def test_where_nobody_is_found_or_searched_the_advice_is_todays(self):
        told = self.told()
        self.assertIn("knows no customer of yours", told)
        self.assertIn("ask the Urssaf", told)
        self.lose()
        for status in (404, 405, 501):

            def unknown_call(answer, status=status):
                return type(answer)(status, "<html>")

            with self.intercepted("M020", unknown_call):
                self.assertIn("does not answer", self.listed(self.partner, FIND))
        self.control("email-search", {"allowed": False})
        told = self.told()
        self.assertIn("does not answer searches", told)
        self.assertIn("ask the Urssaf", told)
        for body in ("<html>", "[", "{}"):

            def spoil(answer, body=body):
                answer.text = body
                return answer

            with self.intercepted("M020", spoil):
                self.assertIn("does not answer", self.told())
        self.assertFalse(self.partner.l10n_fr_sap_registration_ids)

    def test_of_several_those_not_found_are_listed(self):
        urssaf_id = self.lose()
        other = self.create_particulier("Paul Voisin")
        said = self.listed(self.partner | other, FIND)
        self.assertIn("Paul Voisin: The Urssaf knows no customer of yours", said)
        self.assertNotIn(self.partner.name, said)
        self.assertEqual(self.partner.l10n_fr_sap_urssaf_id, urssaf_id)

    def test_more_than_a_person_waits_for_are_refused(self):
        others = self.partner.concat(
            *(self.create_particulier(f"Paul Voisin{number}") for number in range(11))
        )
        others.l10n_fr_sap_birth_name = "Voisin"
        self.assertIn("at most 10", self.refuse(others, FIND))
        self.assertEqual(self.calls(), [])
        self.assertEqual(self.listed(others[:10], FIND).count("no customer"), 10)

    def test_nothing_leaves_without_names_and_an_email(self):
        self.partner.write({"email": False, "l10n_fr_sap_birth_name": False})
        told = self.listed(self.partner, FIND)
        self.assertIn("Birth Name is missing", told)
        self.assertIn("Email is missing", told)
        self.assertNotIn("Birth Commune", told)
        told = self.listed(self.partner_a, FIND)
        self.assertIn("Not marked as a private customer", told)
        self.assertEqual(self.calls(), [])

    def test_who_is_registered_is_not_searched_for(self):
        self.press(self.partner, REGISTER)
        self.assertIn("Already registered", self.listed(self.partner, FIND))
        self.assertEqual(self.calls("M020"), [])

    def test_an_urssaf_that_is_away_is_said_so(self):
        self.switch_off()
        self.assertIn("cannot be reached", self.refuse(self.partner, FIND))

    def test_it_is_for_urssaf_users(self):
        employee = mail_new_test_user(
            self.env, "employee", "base.group_user,base.group_partner_manager"
        )
        for button in (FIND, TRY, CONFIRM):
            with self.assertRaises(AccessError):
                self.press(self.partner, button, user=employee)
        self.assertEqual(self.calls(), [])


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


@tagged("post_install", "-at_install")
class TestLostEmail(SapCase):
    def test_the_contact_shows_where_to_ask_and_what_to_write(self):
        self.assertFalse(self.partner.l10n_fr_sap_lost_email)
        self.press(self.partner, REGISTER)
        help_, message = (
            self.partner.l10n_fr_sap_lost_email,
            self.partner.l10n_fr_sap_message,
        )
        self.assertIn("www.particulier.urssaf.fr", help_)
        self.assertIn(self.partner.email, help_)
        for text in (
            self.partner.email,
            self.partner.l10n_fr_sap_urssaf_id,
            self.env.company.name,
            "SAP123456782",
        ):
            self.assertIn(text, message)
        self.activate()
        self.assertFalse(self.partner.l10n_fr_sap_lost_email)
        self.assertFalse(self.partner.l10n_fr_sap_message)

    def test_the_message_is_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.press(self.partner, REGISTER)
        message = self.partner.l10n_fr_sap_message
        self.assertIn("e-mail d'activation", message)
        self.assertIn("Bonjour", message)

    def test_the_reminder_shows_both_and_no_id(self):
        self.press(self.partner, REGISTER)
        registration = self.partner.l10n_fr_sap_registration_ids.sudo()
        registration._remind()
        [activity] = self.partner.activity_ids
        self.assertIn("Send Activation Reminder", activity.note)
        self.assertIn("www.particulier.urssaf.fr", activity.note)
        self.assertIn("SAP123456782", activity.note)
        self.assertNotIn("idClient", activity.note)


@tagged("post_install", "-at_install")
class TestExcluded(SapCase):
    def test_nothing_leaves_for_who_is_excluded(self):
        for exclusion in ("apa", "pch", "cesu"):
            self.partner.l10n_fr_sap_exclusion = exclusion
            self.assertIn("Not entitled", self.partner.l10n_fr_sap_missing)
            for button in (REGISTER, FIND):
                self.assertIn("Not entitled", self.listed(self.partner, button))
        self.assertEqual(self.calls(), [])
        self.partner.l10n_fr_sap_exclusion = False
        self.assertIs(self.press(self.partner, REGISTER), True)

    def test_no_invoice_of_theirs_is_sent_or_says_that_it_is(self):
        self.activate()
        move = self.create_invoice()
        self.assertTrue(move.l10n_fr_sap_collected)
        self.assertTrue(move.l10n_fr_sap_ready)
        self.partner.l10n_fr_sap_exclusion = "pch"
        self.env.invalidate_all()
        self.assertFalse(move.l10n_fr_sap_collected)
        self.assertFalse(move.l10n_fr_sap_ready)
        said = self.listed(move, "action_l10n_fr_sap_send")
        self.assertIn("Not entitled", said)
        self.assertEqual(self.calls("M050"), [])
        self.partner.l10n_fr_sap_exclusion = False
        self.press(move, "action_l10n_fr_sap_send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")

    def test_the_chatter_of_an_invoice_does_not_say_why(self):
        self.activate()
        self.env.company.l10n_fr_sap_send_on_post = True
        self.partner.l10n_fr_sap_exclusion = "apa"
        move = self.create_invoice()
        said = " ".join(move.message_ids.mapped("body"))
        self.assertNotIn("APA", said)
        self.assertFalse(move.l10n_fr_sap_request_ids)

    def test_what_waits_is_not_sent_either(self):
        self.activate()
        move = self.create_invoice()
        move.sudo()._l10n_fr_sap_queue()
        self.partner.l10n_fr_sap_exclusion = "cesu"
        self.run_cron("ir_cron_send")
        self.assertEqual(self.calls("M050"), [])
        self.assertEqual(move.l10n_fr_sap_status, "error")

    def test_it_is_for_urssaf_users_alone(self):
        employee = mail_new_test_user(
            self.env, "employee", "base.group_user,base.group_partner_manager"
        )
        self.partner.l10n_fr_sap_exclusion = "apa"
        with self.assertRaises(AccessError):
            self.partner.with_user(employee).read(["l10n_fr_sap_exclusion"])
        self.assertFalse(self.partner.copy().l10n_fr_sap_exclusion)


@tagged("post_install", "-at_install")
class TestTyped(SapCase):
    def test_a_form_filled_in_by_pasting_is_registered(self):
        self.partner.bank_ids.unlink()
        self.create_bank(self.partner, f"IBAN : {canaries.IBAN.lower()}")
        with Form(self.partner) as form:
            form.email = "Jeanne <mailto:jeanne.martin@example.com>"
            form.l10n_fr_sap_mobile = "00 33 (0)6.39.98.00.11"
            form.l10n_fr_sap_birth_name = "\u00a0D’Ornano\u200b – Martin"
            form.l10n_fr_sap_first_names = "Anne‑Marie, Zoé"
            form.zip = "69\u00a0003"
        self.assertFalse(self.partner.l10n_fr_sap_missing)
        self.press(self.partner, REGISTER)
        [body] = self.calls("M010")
        self.assertEqual(body["adresseMail"], "jeanne.martin@example.com")
        self.assertEqual(body["numeroTelephonePortable"], "0639980011")
        self.assertEqual(body["nomNaissance"], "D'Ornano - Martin")
        self.assertEqual(body["prenoms"], "Anne-Marie Zoe")
        self.assertEqual(body["coordonneeBancaire"]["iban"], canaries.IBAN)
        self.assertEqual(body["adressePostale"]["codePostal"], "69003")

    def test_the_pair_of_another_person_is_recognised_in_any_spelling(self):
        self.press(self.partner, REGISTER)
        other = self.create_particulier(
            "Paul Voisin", email=f"<{self.partner.email.upper()}>"
        )
        self.assertIn("another pair", self.listed(other, REGISTER))

    def test_an_id_and_a_nova_number_are_entered_as_they_were_copied(self):
        urssaf_id = "af0be430-908a-11eb-a8b3-0242ac130003"
        self.partner.l10n_fr_sap_urssaf_id = f'\u200b"{urssaf_id.upper()}" '
        self.assertEqual(self.partner.l10n_fr_sap_urssaf_id, urssaf_id)
        company = self.env.company
        company.l10n_fr_sap_nova_number = " sap 123\u00a0456 782"
        self.assertEqual(company.l10n_fr_sap_nova_number, "SAP123456782")
        with self.assertRaises(UserError):
            company.l10n_fr_sap_nova_number = "SAP 123"
