# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf may answer to a registration, and what becomes of it."""

from datetime import timedelta

from sap_common import CUSTOMER, SapCase

from odoo import fields
from odoo.tests import tagged

from odoo.addons.l10n_fr_urssaf_sap.texts.advice import advice

# M010's, M020's and everybody's codes of the Urssaf's list.
CODES = [
    "ERR_DGFIP_R2P_INCONNU",
    "ERR_DGFIP_IMPOTPART_INCONNU",
    "ERR_ECV_PARTICULIERS_EXISTENT",
    "ERREUR_REFERENCE_PARTICULIER_EXISTANTE_TYPE",
    "ERR_DATE_NAISSANCE_FUTUR",
    "ERR_LIEU_NAISSANCE_OBLIGATOIRE",
    "ERREUR_LIEU_NAISSANCE_DEPT",
    "ERREUR_LIEU_NAISSANCE_DEPT_FORMAT",
    "ERR_LIEU_NAISSANCE_COMN",
    "ERREUR_LIEU_NAISSANCE_PAYS",
    "ERREUR_LIEU_NAISSANCE_OBLIGATOIRE",
    "ERREUR_LIEU_NAISSANCE_INVALIDE",
    "ERR_CONTACT",
    "ERR_CONTACT_ADRESSE_TYPE_VOIE",
    "ERR_CONTACT_ADRESSE_TYPEVOIE",
    "ERR_CONTACT_ADRESSE_LETTRE_VOIE",
    "ERR_CONTACT_ADRESSE_LIBELLEVOIE",
    "ERR_CONTACT_ADRESSE_INFORMATION_SUPPLEMENTAIRE",
    "ERR_CONTACT_ADRESSE_COMMUNE",
    "ERR_COORDONNEES_BANCAIRES",
    "ERR_APPEL_BACB",
    "ERR_COMPTE_BLOQUE",
    "ERR_LIEN_TIERS_PRESTATION_PARTICULIER_EXISTE",
    "ERR_LIEN_TIERS_PRESTATION_PARTICULIER",
    "ERREUR_VALIDATION",
    "ERREUR_TECHNIQUE",
]


@tagged("post_install", "-at_install")
class TestRefusals(SapCase):
    def test_every_code_is_shown_with_its_advice(self):
        for code in CODES:
            with self.subTest(code=code):
                self.partner.email = f"{code}@example.com"
                self.press(self.partner, "action_l10n_fr_sap_register")
                self.assertEqual(self.partner.l10n_fr_sap_registration_state, "error")
                self.assertIn(code, self.partner.l10n_fr_sap_last_error)
                self.assertTrue(advice(self.env, code))
                self.assertEqual(
                    self.partner.l10n_fr_sap_advice, advice(self.env, code)
                )
        french = self.partner.with_context(lang="fr_FR")
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner.email = "ERR_DGFIP_R2P_INCONNU@example.com"
        self.press(self.partner, "action_l10n_fr_sap_register")
        self.assertIn("avis d'impôt", french.l10n_fr_sap_advice)

    def test_a_customer_that_the_urssaf_forgot_is_told_with_advice(self):
        self.activate()
        self.control("reset")
        self.press(self.partner, "action_l10n_fr_sap_check_registration")
        self.assertEqual(
            self.partner.l10n_fr_sap_advice,
            advice(self.env, "ERR_RECHERCHE_PARTICULIER"),
        )

    def test_a_code_that_nobody_knows_is_shown_as_it_came(self):
        error = [{"code": "ERR_NOUVEAU", "message": "Du neuf"}]
        with self.intercepted("M010", lambda answer: type(answer)(400, error)):
            self.press(self.partner, "action_l10n_fr_sap_register")
        self.assertEqual(
            self.partner.l10n_fr_sap_last_error, "Du neuf (code ERR_NOUVEAU)"
        )
        self.assertFalse(self.partner.l10n_fr_sap_advice)

    def caught(self, sentence, **values):
        """These values stop the button with ``sentence``, and no call leaves."""
        partner = self.create_particulier("Paul Moreau", phone="06 39 98 00 12")
        for name, value in values.items():
            partner[f"l10n_fr_sap_{name}" if name not in partner else name] = value
        before = len(self.calls())
        message = self.listed(partner, "action_l10n_fr_sap_register")
        self.assertIn(sentence, message)
        self.assertIn(sentence, partner.l10n_fr_sap_missing)
        self.assertEqual(len(self.calls()), before)

    def test_what_can_be_known_is_caught_beforehand(self):
        tomorrow = fields.Date.today() + timedelta(days=1)
        self.caught("Birth Date is in the future", birth_date=tomorrow)
        self.caught("Birth Commune is missing", birth_commune_id=False)
        self.caught("INSEE Code at Birth is missing", birth_code=False)
        for wrong in ("ABCDE", "6938", "É9383"):
            self.caught("INSEE Code at Birth is not valid", birth_code=wrong)
        self.caught("Birth Country is missing", birth_country_id=False)
        self.caught("Birth Name is not valid", birth_name="Moreau 2")
        self.caught("First Names is not valid", first_names="Paul & Ida")
        self.caught("Mobile is not a French mobile", mobile="01 23 45 67 89")
        self.caught("Email is not valid", email="paul+urssaf@example.com")
        self.caught("Zip is missing", zip=False)
        self.caught("Street Type is needed", street_type=False)
        self.caught("Street Name is needed", street_name=False)
        self.caught(
            "Street Name is missing",
            street_number=False,
            street_letter=False,
            street_type=False,
            street_name=False,
        )
        self.caught("Commune of Residence is missing", commune_id=False)
        self.caught(
            "Commune of Residence must be an arrondissement",
            commune_id=self.find_commune("69123"),
        )
        self.caught("Debited Account is missing", bank_id=False)

    def test_an_account_or_a_type_that_cannot_be_is_caught(self):
        bank = self.create_bank(self.partner, "FR7630006000011234567890188")
        self.partner.l10n_fr_sap_bank_id = bank
        message = self.listed(self.partner, "action_l10n_fr_sap_register")
        self.assertIn("Debited Account (IBAN) is not valid", message)
        for name in ("street_type", "street_letter", "civility"):
            with self.assertRaises(ValueError):
                self.partner[f"l10n_fr_sap_{name}"] = "Z"

    def test_a_former_commune_is_no_address(self):
        former = self.env["l10n_fr_sap.commune"].search(
            [("name", "=", "Courcouronnes"), ("kind", "=", "former")]
        )
        self.caught("Commune of Residence no longer exists", commune_id=former)

    def test_a_pair_of_email_and_mobile_belongs_to_one_person(self):
        self.press(self.partner, "action_l10n_fr_sap_register")
        other = self.create_particulier("Paul Martin", email=self.partner.email)
        message = self.listed(other, "action_l10n_fr_sap_register")
        self.assertIn(f"are those of {CUSTOMER}", message)
        self.assertEqual(len(self.calls("M010")), 1)
        # The same person, twice among the contacts, is no other person.
        twin = self.create_particulier(CUSTOMER)
        self.assertFalse(twin.l10n_fr_sap_missing)
        other.l10n_fr_sap_mobile = "07 39 98 00 12"
        self.assertFalse(other.l10n_fr_sap_missing)
        # The point is no wildcard.
        other.write(
            {
                "email": self.partner.email.replace(".", "_", 1),
                "l10n_fr_sap_mobile": "0639980011",
            }
        )
        self.assertFalse(other.l10n_fr_sap_missing)


@tagged("post_install", "-at_install")
class TestFollowUp(SapCase):
    def setUp(self):
        super().setUp()
        self.press(self.partner, "action_l10n_fr_sap_register")
        self.registration = self.partner.l10n_fr_sap_registration_id.sudo()

    def pass_days(self, days, since_check):
        now = fields.Datetime.now()
        self.registration.pending_since = now - timedelta(days=days)
        self.registration.checked_at = now - since_check
        before = len(self.calls("M020"))
        self.run_cron("ir_cron_refresh_registrations")
        return len(self.calls("M020")) - before

    def test_it_asks_often_on_the_first_days_and_rarely_later(self):
        hours, days = timedelta(hours=2), timedelta(days=2)
        self.assertEqual(self.pass_days(1, timedelta(minutes=30)), 0)
        self.assertEqual(self.pass_days(1, hours), 1)
        self.assertEqual(self.pass_days(5, hours), 0)
        self.assertEqual(self.pass_days(5, days), 1)
        self.assertEqual(self.pass_days(40, days), 0)
        self.assertEqual(self.pass_days(40, timedelta(days=8)), 1)

    def test_somebody_reminds_the_customer_after_seven_days_once(self):
        self.partner.user_id = self.env.user
        self.pass_days(6, timedelta(minutes=1))
        self.assertFalse(self.partner.activity_ids)
        self.pass_days(8, timedelta(minutes=1))
        [activity] = self.partner.activity_ids
        self.assertEqual(activity.user_id, self.partner.user_id)
        self.assertIn("remind the customer", activity.summary)
        activity.unlink()
        self.pass_days(9, timedelta(minutes=1))
        self.assertFalse(self.partner.activity_ids)

    def test_the_reminder_goes_when_the_customer_activates(self):
        self.pass_days(8, timedelta(minutes=1))
        self.assertTrue(self.partner.activity_ids)
        self.control("advance")
        self.pass_days(8, timedelta(days=2))
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "active")
        self.assertFalse(self.partner.activity_ids)

    def test_a_customer_who_never_activated_is_registered_again(self):
        path = f"particuliers/{self.partner.l10n_fr_sap_urssaf_id}"
        self.control(path, {"etat": "abandoned"})
        self.pass_days(12, timedelta(days=2))
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "abandoned")
        self.assertTrue(self.partner.l10n_fr_sap_advice)
        self.press(self.partner, "action_l10n_fr_sap_register")
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "pending")

    def test_a_refused_second_attempt_stays_told(self):
        path = f"particuliers/{self.partner.l10n_fr_sap_urssaf_id}"
        self.control(path, {"etat": "abandoned"})
        self.pass_days(12, timedelta(days=2))
        self.partner.email = "ERR_DGFIP_R2P_INCONNU@example.com"
        self.press(self.partner, "action_l10n_fr_sap_register")
        self.registration.checked_at -= timedelta(days=2)
        self.run_cron("ir_cron_refresh_registrations")
        self.assertEqual(self.registration.state, "error")
        self.assertIn("R2P", self.registration.last_error)

    def test_the_explanation_is_for_those_who_wait(self):
        self.control("advance")
        self.press(self.partner, "action_l10n_fr_sap_check_registration")
        message = self.refuse(self.partner, "action_l10n_fr_sap_remind")
        self.assertIn("None of these customers is waiting", message)

    def test_an_email_explains_the_activation_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.company.name = "Les Mains Vertes"
        action = self.press(self.partner, "action_l10n_fr_sap_remind")
        composer = self.env["mail.compose.message"].with_context(**action["context"])
        mail = composer.create({})
        self.assertIn("Activez votre avance immédiate", mail.subject)
        self.assertIn("48 heures", mail.body)
        self.assertIn("Les Mains Vertes", mail.subject)
        mail._action_send_mail()
        sent = self.partner.message_ids[0]
        self.assertIn("particulier.urssaf.fr", sent.body)
        self.assertEqual(sent.partner_ids, self.partner)


@tagged("post_install", "-at_install")
class TestMany(SapCase):
    def setUp(self):
        super().setUp()
        self.partners = self.env["res.partner"].concat(
            *(
                self.create_particulier(
                    f"{name} Moreau",
                    phone=f"06 39 98 01 {number:02}",
                    email=f"moreau{number}@example.com",
                )
                for number, name in enumerate(
                    [
                        "Ada",
                        "Ali",
                        "Anne",
                        "Bea",
                        "Carl",
                        "Dora",
                        "Eva",
                        "Guy",
                        "Ida",
                        "Jan",
                        "Kim",
                        "Lou",
                    ]
                )
            )
        )

    def register(self, partners=None, **kwargs):
        return self.press(
            partners or self.partners, "action_l10n_fr_sap_register", **kwargs
        )

    def states(self):
        return self.partners.mapped("l10n_fr_sap_registration_state")

    def told(self):
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("partner_ids", "in", self.env.user.partner_id.ids),
            ]
        )

    def test_more_than_ten_go_on_in_the_background(self):
        self.partners[3].email = "ERR_DGFIP_R2P_INCONNU@example.com"
        bad = self.create_particulier("Zoe Moreau", l10n_fr_sap_birth_date=False)
        action = self.register(self.partners | bad)
        self.assertEqual(self.calls("M010"), [])
        self.assertEqual(set(self.states()), {"queued"})
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        self.assertEqual((summary.queued_count, summary.done_count), (12, 0))
        self.assertEqual(summary.line_ids.record_ref, bad)
        self.run_cron("ir_cron_register")
        self.assertEqual(len(self.calls("M010")), 12)
        self.assertEqual(self.states().count("pending"), 11)
        self.assertEqual(self.partners[3].l10n_fr_sap_registration_state, "error")
        [message] = self.told()
        self.assertIn("11 customers registered", message.body)
        self.assertIn("1 to fix", message.body)
        self.assertIn("Bea Moreau", message.body)
        self.run_cron("ir_cron_register")
        self.assertEqual(len(self.told()), 1)
        self.assertEqual(len(self.calls("M010")), 12)

    def test_all_of_them_good_needs_no_dialog(self):
        action = self.register()
        self.assertIn("12 records are being processed", action["params"]["message"])

    def test_an_urssaf_out_of_reach_leaves_the_queue_as_it_is(self):
        self.register()
        self.switch_off()
        self.run_cron("ir_cron_register")
        self.assertEqual(set(self.states()), {"queued"})
        self.assertFalse(self.told())
        self.set_url(self.urssaf_url)
        self.run_cron("ir_cron_register")
        self.assertEqual(set(self.states()), {"pending"})
        self.assertEqual(len(self.told()), 1)

    def test_one_that_became_bad_meanwhile_is_told_and_loses_nothing(self):
        self.register()
        self.partners[0].l10n_fr_sap_birth_date = False
        self.run_cron("ir_cron_register")
        self.assertEqual(self.states().count("pending"), 11)
        self.assertEqual(
            self.partners[0].l10n_fr_sap_last_error, "Birth Date is missing"
        )
        # What somebody was born with is nothing for the chatter.
        self.assertNotIn("Birth", self.partners[0].message_ids[0].body)
        self.assertEqual(self.partners[0].l10n_fr_sap_first_names, "Ada")

    def test_without_credentials_nobody_waits_in_the_queue(self):
        self.env.company.sudo().l10n_fr_sap_stored_secret = False
        self.assertIn(
            "has no Urssaf credentials",
            self.refuse(self.partners, "action_l10n_fr_sap_register"),
        )
        self.assertEqual(set(self.states()), {"unregistered"})

    def test_a_change_of_environment_ends_the_wait(self):
        self.register()
        self.env.company.l10n_fr_sap_environment = "production"
        self.run_cron("ir_cron_register")
        registrations = self.partners.l10n_fr_sap_registration_ids
        self.assertEqual(set(registrations.mapped("state")), {"error"})
        self.assertEqual(len(self.told()), 1)
        self.assertEqual(self.calls("M010"), [])

    def test_one_that_breaks_does_not_stop_the_others(self):
        registrations = type(self.env["l10n_fr_sap.registration"])
        ours = registrations._register_partner

        def breaks(model, partner, company, urssaf):
            if partner == self.partners[2]:
                raise ZeroDivisionError
            return ours(model, partner, company, urssaf)

        self.patch(registrations, "_register_partner", breaks)
        self.register()
        with self.assertLogs("odoo.addons.l10n_fr_urssaf_sap", "ERROR"):
            self.run_cron("ir_cron_register")
        self.assertEqual(self.states().count("pending"), 11)
        self.assertIn("Unexpected error", self.partners[2].l10n_fr_sap_last_error)
        self.assertEqual(len(self.told()), 1)

    def test_one_in_the_queue_may_be_registered_by_hand(self):
        self.register()
        self.register(self.partners[0])
        self.assertEqual(self.states().count("pending"), 1)
        self.run_cron("ir_cron_register")
        self.assertEqual(len(self.calls("M010")), 12)

    def test_answers_lost_on_the_way_are_nobodys_fault_and_repeated_safely(self):
        self.register()
        with self.lost_answers("M010"):
            self.run_cron("ir_cron_register")
        self.assertEqual(set(self.states()), {"queued"})
        self.assertFalse(self.told())
        self.run_cron("ir_cron_register")
        self.assertEqual(set(self.states()), {"pending"})
        self.assertEqual(len(self.urssaf_state()["particuliers"]), 12)
