# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CHECK, IBAN, REGISTER, SapCase

# More than a person waits for.
NAMES = ("Ada", "Anne", "Bea", "Carl", "Dora", "Eva", "Guy", "Ida", "Jan", "Kim")


@tagged("post_install", "-at_install")
class TestRegistering(SapCase):
    def setUp(self):
        super().setUp()
        self.paul = self.create_particulier("Paul Moreau", phone="06 39 98 00 12")

    def state(self):
        return self.paul.l10n_fr_sap_registration_state

    def test_a_complete_contact_is_registered_and_its_id_is_kept(self):
        self.assertEqual(self.state(), "unregistered")
        self.press(self.paul, REGISTER)
        self.assertEqual(self.state(), "pending")
        id_client = self.paul.l10n_fr_sap_urssaf_id
        self.assertEqual(self.urssaf.particuliers[id_client]["state"], "pending")

    def test_the_urssaf_is_told_what_the_contact_says(self):
        self.press(self.paul, REGISTER)
        [body] = self.urssaf.bodies("M010")
        self.assertEqual((body["nomNaissance"], body["prenoms"]), ("Moreau", "Paul"))
        self.assertEqual(body["dateNaissance"][:10], "1951-03-08")
        place = body["lieuNaissance"]
        self.assertEqual(place["departementNaissance"], "033")
        self.assertEqual(place["communeNaissance"]["codeCommune"], "063")
        self.assertEqual(body["numeroTelephonePortable"], "0639980012")
        self.assertEqual(body["coordonneeBancaire"]["iban"], IBAN)
        address = body["adressePostale"]
        self.assertEqual(address["libelleVoie"], "des Lilas")
        self.assertEqual(address["codePostal"], "33000")

    def test_nothing_leaves_while_fields_are_missing_and_each_of_them_is_named(self):
        missing = (
            "l10n_fr_sap_birth_date",
            "l10n_fr_sap_mobile",
            "l10n_fr_sap_bank_id",
        )
        self.paul.write(dict.fromkeys(missing, False))
        message = self.refusal(self.paul, REGISTER)
        for name in missing:
            self.assertIn(self.label(self.paul, name), message)
        self.assertIn("Paul Moreau", message)
        self.assertEqual(self.urssaf.calls, [])
        self.assertEqual(self.state(), "unregistered")

    def test_a_contact_that_is_no_particulier_is_not_registered(self):
        self.assertIn(self.partner_a.name, self.refusal(self.partner_a, REGISTER))
        self.assertEqual(self.urssaf.calls, [])

    def test_what_the_urssaf_refuses_is_shown_with_advice_until_it_is_fixed(self):
        self.urssaf.refuse("M010", "ERR_DGFIP_R2P_INCONNU")
        self.press(self.paul, REGISTER)
        self.assertEqual(self.state(), "error")
        self.assertFalse(self.paul.l10n_fr_sap_urssaf_id)
        self.assertIn("ERR_DGFIP_R2P_INCONNU", self.paul.l10n_fr_sap_last_error)
        self.assertTrue(self.paul.l10n_fr_sap_advice)
        self.urssaf.accept("M010")
        self.press(self.paul, REGISTER)
        self.assertEqual(self.state(), "pending")
        self.assertFalse(self.paul.l10n_fr_sap_last_error)
        self.assertFalse(self.paul.l10n_fr_sap_advice)

    def test_those_that_can_go_do_and_the_others_are_listed(self):
        other = self.create_particulier("Zoe Petit", l10n_fr_sap_birth_date=False)
        summary = self.summary(self.press(self.paul | other, REGISTER))
        self.assertEqual(self.state(), "pending")
        self.assertEqual(other.l10n_fr_sap_registration_state, "unregistered")
        self.assertEqual(summary.done_count, 1)
        self.assertEqual(summary.line_ids.record_ref, other)
        self.assertIn(
            self.label(other, "l10n_fr_sap_birth_date"), summary.line_ids.message
        )
        self.assertEqual(summary.line_ids.action_open()["res_id"], other.id)

    def test_a_lost_answer_is_asked_for_again_and_gives_the_same_id(self):
        self.urssaf.lose("M010")
        self.press(self.paul, REGISTER)
        self.assertEqual(self.state(), "error")
        self.press(self.paul, REGISTER)
        self.assertEqual(self.state(), "pending")
        ids = [*self.urssaf.particuliers]
        self.assertEqual(ids, [self.partner.l10n_fr_sap_urssaf_id, ids[1]])
        self.assertEqual(self.paul.l10n_fr_sap_urssaf_id, ids[1])

    def test_while_the_urssaf_is_out_of_reach_nothing_changes(self):
        self.urssaf.switch_off()
        with self.assertRaises(UserError):
            self.press(self.paul, REGISTER)
        self.assertEqual(self.state(), "unregistered")
        self.urssaf.is_off = False
        self.press(self.paul, REGISTER)
        self.urssaf.switch_off()
        with self.assertRaises(UserError):
            self.press(self.paul, CHECK)
        self.assertEqual(self.state(), "pending")

    def test_a_check_follows_the_customer(self):
        self.press(self.paul, REGISTER)
        id_client = self.paul.l10n_fr_sap_urssaf_id
        for state, since in (("active", self.month_start), ("blocked", None)):
            self.urssaf.know(id_client, state, since)
            self.press(self.paul, CHECK)
            self.assertEqual(self.state(), state)
            since = since and fields.Datetime.to_datetime(since) or False
            self.assertEqual(self.paul.l10n_fr_sap_active_since, since)

    def test_the_scheduled_action_finds_out_who_has_activated(self):
        self.press(self.paul, REGISTER)
        self.urssaf.know(self.paul.l10n_fr_sap_urssaf_id, "active", self.month_start)
        self.run_cron("refresh_registrations", after=timedelta(days=2))
        self.assertEqual(self.state(), "active")
        since = fields.Datetime.to_datetime(self.month_start)
        self.assertEqual(self.paul.l10n_fr_sap_active_since, since)

    def test_an_active_customer_is_not_registered_again(self):
        self.assertIn(self.partner.name, self.refusal(self.partner, REGISTER))
        self.assertEqual(self.urssaf.calls, [])

    def test_the_id_of_a_customer_registered_elsewhere_is_typed_and_checked(self):
        id_client = "af0be430-908a-11eb-a8b3-0242ac130003"
        self.urssaf.know(id_client, "active", self.month_start)
        self.paul.l10n_fr_sap_urssaf_id = id_client
        self.run_cron("refresh_registrations", after=timedelta(minutes=5))
        self.assertEqual(self.state(), "active")
        self.assertEqual(self.urssaf.bodies("M010"), [])

    def test_a_registered_contact_cannot_be_deleted(self):
        self.press(self.paul, REGISTER)
        with self.assertRaisesRegex(UserError, f"no. {self.paul.id}"):
            self.paul.unlink()
        nobody = self.create_particulier("Zoe Petit")
        nobody.unlink()
        self.assertFalse(nobody.exists())

    def test_each_company_has_its_own_registration(self):
        self.press(self.paul, REGISTER)
        self.assertEqual(self.state(), "pending")
        other = self.env["res.company"].create({"name": "Jardins"})
        elsewhere = self.paul.with_company(other)
        self.assertEqual(elsewhere.l10n_fr_sap_registration_state, "unregistered")
        self.assertFalse(elsewhere.l10n_fr_sap_urssaf_id)

    def test_more_than_ten_are_left_to_the_scheduled_action_which_tells_the_end(self):
        customers = self.paul.concat(
            *(
                self.create_particulier(f"{name} Petit", phone=f"06 39 98 01 {number}")
                for number, name in enumerate(NAMES, 10)
            )
        )
        self.press(customers, REGISTER)
        self.assertEqual(self.urssaf.calls, [])
        self.assertEqual(
            set(customers.mapped("l10n_fr_sap_registration_state")), {"queued"}
        )
        # Something is wrong with one of them by the time that its turn comes.
        self.paul.l10n_fr_sap_birth_date = False
        self.run_cron("register")
        states = customers.mapped("l10n_fr_sap_registration_state")
        self.assertEqual(states, ["error", *["pending"] * len(NAMES)])
        [message] = self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("partner_ids", "in", self.env.user.partner_id.ids),
            ]
        )
        self.assertIn("Paul Moreau", message.body)
