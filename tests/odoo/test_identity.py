# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers who lost the Urssaf's e-mail or cannot use the avance immédiate, and what of
theirs is cleaned rather than refused."""

from sap_common import SapCase

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from tools import canaries

FIND = "action_l10n_fr_sap_find_by_email"
REGISTER = "action_l10n_fr_sap_register"


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
        self.assertEqual(
            self.press(self.partner, REGISTER)["params"]["type"], "success"
        )

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
