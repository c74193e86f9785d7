# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from lxml import html
from sap_common import SapCase

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.l10n_fr_urssaf_sap.texts.messages import refusal_markup
from odoo.addons.mail.tests.common import mail_new_test_user

from tools import canaries


@tagged("post_install", "-at_install")
class TestRegistration(SapCase):
    def register(self, partner=None, user=None):
        return self.press(
            partner or self.partner, "action_l10n_fr_sap_register", user=user
        )

    def test_register_keeps_the_urssaf_id_and_waits_for_the_activation(self):
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "unregistered")
        self.register()
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "pending")
        self.assertTrue(self.partner.l10n_fr_sap_urssaf_id)
        [body] = self.calls("M010")
        self.assertEqual(body["nomNaissance"], canaries.BIRTH_NAME)
        self.assertNotIn("nomUsage", body)
        self.assertEqual(
            body["lieuNaissance"],
            {
                "codePaysNaissance": "99100",
                "departementNaissance": "069",
                "communeNaissance": {
                    "codeCommune": "383",
                    "libelleCommune": "Lyon 3e Arrondissement",
                },
            },
        )
        self.assertIn("Waiting for activation", self.partner.message_ids[0].body)

    def test_every_problem_is_named_at_once_and_no_call_leaves(self):
        bank = self.create_bank(self.partner, "FR7630006000011234567890188")
        self.partner.write(
            {"l10n_fr_sap_birth_date": False, "l10n_fr_sap_bank_id": bank.id}
        )
        message = self.listed(self.partner, "action_l10n_fr_sap_register")
        self.assertIn("Birth Date is missing", message)
        self.assertIn("Debited Account (IBAN) is not valid", message)
        self.assertEqual(self.calls(), [])
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "unregistered")

    def test_a_contact_that_is_no_particulier_is_not_registered(self):
        message = self.listed(self.partner_a, "action_l10n_fr_sap_register")
        self.assertIn(self.partner_a.name, message)
        self.assertEqual(self.calls(), [])

    def test_those_that_can_go_do_and_the_others_are_listed(self):
        mendable = self.create_particulier("Paul Moreau", l10n_fr_sap_mobile=False)
        action = self.register(self.partner | mendable)
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "pending")
        self.assertEqual(mendable.l10n_fr_sap_registration_state, "unregistered")
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        self.assertEqual(summary.done_count, 1)
        self.assertEqual(summary.line_ids.record_ref, mendable)
        self.assertEqual(summary.line_ids.message, "Mobile is missing")
        self.assertEqual(summary.line_ids.action_open()["res_id"], mendable.id)

    def test_a_birth_abroad_sends_the_country_alone(self):
        self.partner.l10n_fr_sap_birth_country_id = self.env.ref("base.dz")
        self.partner.l10n_fr_sap_birth_commune_id = False
        self.register()
        [body] = self.calls("M010")
        self.assertEqual(body["lieuNaissance"], {"codePaysNaissance": "99352"})

    def test_a_refusal_is_kept_and_mending_it_clears_it(self):
        self.partner.email = "ERR_DGFIP_R2P_INCONNU@example.com"
        self.assertIs(self.register(), True)
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "error")
        self.assertIn("ERR_DGFIP_R2P_INCONNU", self.partner.l10n_fr_sap_last_error)
        self.assertIn("ERR_DGFIP_R2P_INCONNU", self.partner.message_ids[0].body)
        # The form: the cause, what to do about it, and the code small at the end.
        shown = html.fragments_fromstring(self.partner.l10n_fr_sap_refusal)
        self.assertEqual(
            [part[0].tag for part in shown if len(part)], ["strong", "small"]
        )
        cause, *todo, code = (part.text_content() for part in shown)
        self.assertTrue(cause)
        self.assertNotIn("ERR_", "".join([cause, *todo]))
        self.assertIn("press “Try a Variant”", "".join(todo))
        self.assertEqual(code, "ERR_DGFIP_R2P_INCONNU")
        self.partner.email = "jeanne.martin@example.com"
        self.register()
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "pending")
        self.assertFalse(self.partner.l10n_fr_sap_last_error)
        self.assertFalse(self.partner.l10n_fr_sap_refusal)

    def test_the_urssafs_sentences_are_shown_as_text(self):
        for error, causes, codes in (
            (
                "Inconnu (code ERR_A)\nBloqué (code ERR_B)",
                ["Inconnu", "Bloqué"],
                "ERR_A, ERR_B",
            ),
            ("ERR_A", [], "ERR_A"),
            ("<b>Non</b> (code ?)", ["<b>Non</b>"], "?"),
            ("Birth Date is missing", ["Birth Date is missing"], None),
        ):
            with self.subTest(error):
                shown = html.fragments_fromstring(refusal_markup(error, ""))
                texts = [part.text_content() for part in shown]
                self.assertEqual(texts, causes + ([codes] if codes else []))

    def test_a_lost_answer_says_try_again_and_again_gives_the_same_id(self):
        with self.lost_answers("M010"):
            self.register()
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "error")
        self.assertIn("register again", self.partner.l10n_fr_sap_last_error)
        self.register()
        [known] = self.urssaf_state()["particuliers"]
        self.assertEqual(self.partner.l10n_fr_sap_urssaf_id, known["idClient"])
        self.assertEqual(len(self.partner.l10n_fr_sap_registration_ids), 1)

    def test_without_an_urssaf_every_button_says_so_and_nothing_changes(self):
        sentence = "The Urssaf cannot be reached"
        self.switch_off()
        message = self.refuse(self.partner, "action_l10n_fr_sap_register")
        self.assertIn(sentence, message)
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "unregistered")
        self.set_url(self.urssaf_url)
        self.register()
        self.switch_off()
        message = self.refuse(self.partner, "action_l10n_fr_sap_check_registration")
        self.assertIn(sentence, message)
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "pending")

    def test_a_check_follows_the_client(self):
        self.activate()
        self.assertEqual(self.partner.l10n_fr_sap_active_since, self.active_since)
        path = f"particuliers/{self.partner.l10n_fr_sap_urssaf_id}"
        for state in ("abandoned", "blocked", "mandate_expired", "pending"):
            self.control(path, {"etat": state})
            self.press(self.partner, "action_l10n_fr_sap_check_registration")
            self.assertEqual(self.partner.l10n_fr_sap_registration_state, state)

    def test_a_registered_customer_is_not_registered_again(self):
        self.activate()
        message = self.listed(self.partner, "action_l10n_fr_sap_register")
        self.assertIn("Already registered (Active)", message)
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "active")
        self.assertEqual(len(self.calls("M010")), 1)

    def test_a_check_that_fails_says_nothing_about_the_customer(self):
        self.activate()
        error = [{"code": "ERREUR_TECHNIQUE", "message": "Panne"}]
        with self.intercepted("M020", lambda answer: type(answer)(400, error)):
            self.press(self.partner, "action_l10n_fr_sap_check_registration")
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "active")
        self.assertIn("Panne", self.partner.l10n_fr_sap_last_error)
        # But one that the Urssaf no longer knows is to be registered again.
        self.control("reset")
        self.press(self.partner, "action_l10n_fr_sap_check_registration")
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "error")
        self.assertIn("ERR_RECHERCHE_PARTICULIER", self.partner.l10n_fr_sap_last_error)

    def test_a_code_that_nobody_knows_is_shown_as_it_came(self):
        self.register()
        status = {"etat": "KO", "code": "NOUVEAU_CODE"}
        answer_with = {"idClient": "x", "statut": status}
        with self.intercepted("M020", lambda answer: type(answer)(200, answer_with)):
            self.press(self.partner, "action_l10n_fr_sap_check_registration")
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "error")
        self.assertIn("NOUVEAU_CODE", self.partner.l10n_fr_sap_last_error)

    def test_a_company_or_its_contact_is_no_private_customer(self):
        child = self.create_particulier("Paul Moreau", parent_id=self.partner_a.id)
        self.partner_a.is_company = True
        message = self.listed(child, "action_l10n_fr_sap_register")
        self.assertIn("not a private customer", message)

    def test_somebody_elses_account_is_refused(self):
        other = self.create_particulier(
            "Paul Moreau", l10n_fr_sap_bank_id=self.partner.l10n_fr_sap_bank_id.id
        )
        message = self.listed(other, "action_l10n_fr_sap_register")
        self.assertIn("Debited Account is somebody else's", message)

    def test_an_urssaf_lost_on_the_way_keeps_what_was_done(self):
        other = self.create_particulier("Paul Moreau")
        third = self.create_particulier("Karim Benali")
        with self.dies_after_one("M010") as answered:
            action = self.register(self.partner | other | third)
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "pending")
        self.assertEqual(other.l10n_fr_sap_registration_state, "unregistered")
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        self.assertEqual([line.record_ref for line in summary.line_ids], [other, third])
        self.assertIn("cannot be reached", summary.line_ids[0].message)
        # Nobody waits for the same dead Urssaf again.
        self.assertEqual(answered.count(200), 2)

    def test_nobody_selected_is_no_error(self):
        nobody = self.env["res.partner"]
        for button in ("register", "check_registration"):
            self.press(nobody, f"action_l10n_fr_sap_{button}")
        self.assertEqual(self.calls(), [])

    def test_a_registration_belongs_to_its_environment(self):
        self.activate()
        self.env.company.l10n_fr_sap_environment = "production"
        self.env["ir.config_parameter"].set_param(
            "l10n_fr_urssaf_sap.url_production", self.urssaf_url
        )
        self.env.invalidate_all()
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "unregistered")
        self.age(self.partner.l10n_fr_sap_registration_ids, hours=48)
        before = len(self.calls("M020"))
        self.run_cron("ir_cron_refresh_registrations")
        self.assertEqual(len(self.calls("M020")), before)
        self.register()
        self.assertEqual(
            self.partner.l10n_fr_sap_registration_ids.mapped("environment"),
            ["production", "test"],
        )

    def test_a_registered_contact_is_archived_not_deleted(self):
        self.register()
        with self.assertRaisesRegex(UserError, "archive"):
            self.partner.unlink()
        other = self.create_particulier("Paul Moreau")
        other.unlink()
        self.assertFalse(other.exists())

    def test_checking_somebody_unregistered_says_to_register_first(self):
        message = self.refuse(self.partner, "action_l10n_fr_sap_check_registration")
        self.assertIn("register first", message)

    def test_the_scheduled_action_follows_pending_registrations(self):
        self.register()
        self.control("advance")
        self.run_cron("ir_cron_refresh_registrations")
        self.assertEqual(self.calls("M020"), [], "checked a moment ago")
        self.age(self.partner.l10n_fr_sap_registration_id, hours=2)
        self.run_cron("ir_cron_refresh_registrations")
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "active")
        # An active one is asked about once a day at most.
        self.age(self.partner.l10n_fr_sap_registration_id, hours=2)
        self.run_cron("ir_cron_refresh_registrations")
        self.assertEqual(len(self.calls("M020")), 1)
        self.age(self.partner.l10n_fr_sap_registration_id, hours=25)
        self.run_cron("ir_cron_refresh_registrations")
        self.assertEqual(len(self.calls("M020")), 2)

    def test_one_company_without_credentials_does_not_stop_the_others(self):
        self.register()
        first = self.partner.l10n_fr_sap_registration_ids
        self.age(first, hours=2)
        other = self.setup_other_company()["company"]
        first.sudo().copy(
            {"company_id": other.id, "urssaf_id": first.urssaf_id, "state": "pending"}
        )
        self.age(first, hours=2)
        self.control("advance")
        self.run_cron("ir_cron_refresh_registrations")
        self.assertEqual(first.state, "active")
        # Nor is anybody asked again and again meanwhile.
        self.assertEqual(len(self.calls("M020")), 1)

    def test_each_company_has_its_own_registration(self):
        self.register()
        other = self.setup_other_company()["company"]
        elsewhere = self.partner.with_company(other)
        self.assertEqual(elsewhere.l10n_fr_sap_registration_state, "unregistered")
        self.assertFalse(elsewhere.l10n_fr_sap_urssaf_id)
        states = "l10n_fr_sap_registration_state"
        own = [("id", "=", self.partner.id)]
        partners = self.env["res.partner"]
        self.assertTrue(partners.search([*own, (states, "=", "pending")]))
        self.assertFalse(partners.search([*own, (states, "=", "unregistered")]))
        self.assertTrue(partners.search([*own, (states, "!=", "unregistered")]))
        partners = partners.with_company(other)
        self.assertTrue(partners.search([*own, (states, "=", "unregistered")]))
        self.assertFalse(partners.search([*own, (states, "=", "pending")]))

    def test_a_branch_uses_its_parents_registration(self):
        branch = self.env["res.company"].create(
            {"name": "Agence", "parent_id": self.env.company.id}
        )
        self.env.user.company_ids |= branch
        self.register(self.partner.with_company(branch))
        registration = self.partner.l10n_fr_sap_registration_ids
        self.assertEqual(registration.company_id, self.env.company)
        self.assertEqual(
            self.partner.with_company(branch).l10n_fr_sap_registration_state, "pending"
        )


@tagged("post_install", "-at_install")
class TestRights(SapCase):
    def new_user(self, login, groups):
        return mail_new_test_user(
            self.env, login, groups=groups, company_id=self.env.company.id
        )

    def test_an_invoicing_user_registers_without_the_right_to_write_contacts(self):
        user = self.new_user("invoicing", "account.group_account_invoice")
        self.assertFalse(self.partner.with_user(user).has_access("write"))
        self.press(self.partner, "action_l10n_fr_sap_register", user=user)
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "pending")

    def test_other_employees_neither_register_nor_see_personal_data(self):
        user = self.new_user("employee", "base.group_user,base.group_partner_manager")
        with self.assertRaises(AccessError):
            self.press(self.partner, "action_l10n_fr_sap_register", user=user)
        with self.assertRaises(AccessError):
            self.press(self.partner, "action_l10n_fr_sap_check_registration", user=user)
        self.assertEqual(self.calls(), [])
        partner = self.partner.with_user(user)
        with self.assertRaises(AccessError):
            partner.read(["l10n_fr_sap_birth_date"])
        self.assertFalse(
            self.env["res.partner.bank"]
            .with_user(user)
            .search([("partner_id", "=", partner.id)])
        )
        other = self.create_bank(self.partner_a, "FR7630004000310000000005506")
        self.assertTrue(
            self.env["res.partner.bank"].with_user(user).search([("id", "=", other.id)])
        )
        with self.assertRaises(AccessError):
            self.env["l10n_fr_sap.registration"].with_user(user).search([])

    def test_a_contact_can_be_duplicated_without_the_group_and_without_the_data(self):
        user = self.new_user("contacts", "base.group_user,base.group_partner_manager")
        copy = self.partner.with_user(user).copy().sudo()
        self.assertFalse(copy.l10n_fr_sap_birth_date)
        self.assertFalse(copy.l10n_fr_sap_bank_id)

    def test_the_mark_that_hides_accounts_is_taken_off_by_urssaf_users_only(self):
        user = self.new_user("contacts", "base.group_user,base.group_partner_manager")
        for nothing in (False, 0, None, ""):
            with self.assertRaises(AccessError):
                self.partner.with_user(user).write({"l10n_fr_sap_particulier": nothing})
        self.partner.with_user(user).name = "Jeanne Durand"
        self.partner.l10n_fr_sap_particulier = False

    def test_the_secret_is_for_administrators(self):
        user = self.new_user("accountant", "account.group_account_manager")
        company = self.env.company.with_user(user)
        for name in ("l10n_fr_sap_client_id", "l10n_fr_sap_client_secret"):
            with self.assertRaises(AccessError):
                company.read([name])
