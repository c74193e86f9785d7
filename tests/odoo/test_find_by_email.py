# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers whose id is lost."""

from sap_common import SapCase

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

FIND = "action_l10n_fr_sap_find_by_email"
REGISTER = "action_l10n_fr_sap_register"
TRY = "action_l10n_fr_sap_try_variant"
CONFIRM = "action_l10n_fr_sap_confirm_changes"
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
        self.assertEqual(self.press(self.partner, FIND)["params"]["type"], "success")
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
                self.assertIn("does not answer", self.told())
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
