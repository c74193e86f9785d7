# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The particulier's file: what is proposed, what is missing, what is imported."""

from datetime import date

from sap_common import SapCase

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.l10n_fr_urssaf_sap.registering.import_template import (
    _column,
    import_template,
)
from odoo.addons.mail.tests.common import mail_new_test_user

from tools import canaries

URSSAF_ID = "af0be430-908a-11eb-a8b3-0242ac130003"


@tagged("post_install", "-at_install")
class TestProposals(SapCase):
    def create_contact(self, **values):
        partner = self.env["res.partner"].create(
            {
                "name": "Nathalie Perrin",
                "email": "nathalie.perrin@example.com",
                "phone": "+33 6 39 98 00 77",
                "street": "Résidence Les Pins, 24 bd du Général-de-Gaulle",
                "zip": "92100",
                "city": "Boulogne Billancourt",
                "bank_ids": [
                    Command.create({"acc_number": "FR7630004000310000000007737"})
                ],
            }
            | values
        )
        partner.l10n_fr_sap_particulier = True
        return partner

    def test_an_ordinary_contact_lacks_three_values(self):
        partner = self.create_contact()
        self.assertEqual(
            partner.l10n_fr_sap_missing.splitlines(),
            [
                "Title is missing",
                "Birth Date is missing",
                "Birth Commune is missing",
            ],
        )
        partner.write(
            {
                "l10n_fr_sap_civility": "2",
                "l10n_fr_sap_birth_date": "1961-04-12",
                "l10n_fr_sap_birth_commune_id": self.find_commune("92012").id,
            }
        )
        self.assertFalse(partner.l10n_fr_sap_missing)
        self.press(partner, "action_l10n_fr_sap_register")
        [body] = self.calls("M010")
        self.assertEqual(
            body,
            {
                "civilite": "2",
                "nomNaissance": "Perrin",
                "prenoms": "Nathalie",
                "dateNaissance": "1961-04-12T00:00:00Z",
                "lieuNaissance": {
                    "codePaysNaissance": "99100",
                    "departementNaissance": "075",
                    "communeNaissance": {
                        "codeCommune": "012",
                        "libelleCommune": "Boulogne-Billancourt",
                    },
                },
                "numeroTelephonePortable": "0639980077",
                "adresseMail": "nathalie.perrin@example.com",
                "adressePostale": {
                    "numeroVoie": "24",
                    "codeTypeVoie": "BD",
                    "libelleVoie": "du Général-de-Gaulle",
                    "complement": "Résidence Les Pins",
                    "codePostal": "92100",
                    "codeCommune": "92012",
                    "libelleCommune": "Boulogne-Billancourt",
                    "codePays": "99100",
                },
                "coordonneeBancaire": {
                    "bic": "BNPAFRPP",
                    "iban": "FR7630004000310000000007737",
                    "titulaire": "Nathalie Perrin",
                },
            },
        )

    def test_what_is_missing_is_shown_while_typing(self):
        with Form(self.env["res.partner"]) as form:
            form.name = "Mme Jeanne MARTIN"
            form.l10n_fr_sap_particulier = True
            self.assertEqual(form.l10n_fr_sap_birth_name, "MARTIN")
            self.assertEqual(form.l10n_fr_sap_first_names, "Jeanne")
            self.assertEqual(form.l10n_fr_sap_civility, "2")
            self.assertIn("Birth Date is missing", form.l10n_fr_sap_missing)
            form.l10n_fr_sap_birth_date = "1984-03-29"
            self.assertNotIn("Birth Date", form.l10n_fr_sap_missing)
            form.l10n_fr_sap_first_names = "Jeanne Marie"
            form.name = "Mme Jeanne MARTINET"
            self.assertEqual(form.l10n_fr_sap_first_names, "Jeanne Marie")
            form.street = "12 bis rue des Lilas"
            self.assertEqual(form.l10n_fr_sap_street_letter, "B")
            form.zip = "69003"
            form.city = "Lyon"
            self.assertEqual(form.l10n_fr_sap_commune_id.code, "69383")

    def test_ticking_the_box_shows_the_same(self):
        partner = self.create_contact()
        partner.l10n_fr_sap_particulier = False
        with Form(partner) as form:
            form.l10n_fr_sap_particulier = True
            self.assertEqual(
                form.l10n_fr_sap_missing.splitlines(),
                [
                    "Title is missing",
                    "Birth Date is missing",
                    "Birth Commune is missing",
                ],
            )

    def test_writing_the_same_once_more_keeps_what_was_overruled(self):
        typed = {
            "l10n_fr_sap_street_name": "des Beaux Lilas",
            "l10n_fr_sap_mobile": "0711223344",
            "l10n_fr_sap_commune_id": self.find_commune("69387").id,
            "l10n_fr_sap_birth_code": "75999",
        }
        self.partner.write(typed)
        same = {
            name: self.partner[name]
            for name in ("street", "street2", "zip", "city", "phone")
        }
        self.partner.write(
            same
            | {
                "l10n_fr_sap_birth_date": canaries.BIRTH_DATE,
                "l10n_fr_sap_birth_commune_id": self.commune.id,
            }
        )
        self.partner.l10n_fr_sap_particulier = False
        self.partner.l10n_fr_sap_particulier = True
        for name, value in typed.items():
            kept = self.partner[name]
            self.assertEqual(kept.id if name.endswith("_id") else kept, value)

    def test_a_mobile_follows_the_phone_that_it_came_from(self):
        self.partner.phone = "07 39 98 00 12"
        self.assertEqual(self.partner.l10n_fr_sap_mobile, "0739980012")
        with Form(self.partner) as form:
            form.phone = "07 39 98 00 13"
            self.assertEqual(form.l10n_fr_sap_mobile, "0739980013")
        self.partner.l10n_fr_sap_mobile = "0611223344"
        self.partner.phone = "07 39 98 00 14"
        self.assertEqual(self.partner.l10n_fr_sap_mobile, "0611223344")

    def test_an_account_that_was_deleted_is_not_debited(self):
        old = self.partner.l10n_fr_sap_bank_id
        new = self.create_bank(self.partner, "FR7630004000310000000005506")
        old.unlink()
        self.assertIn(self.partner.l10n_fr_sap_bank_id, new)
        new.active = False
        self.assertIn("Debited Account", self.partner.l10n_fr_sap_missing)

    def test_a_name_that_the_contact_bears_is_no_usage_name(self):
        partner = self.create_contact(name="Jean Pierre Dupont")
        partner.l10n_fr_sap_birth_name = "Pierre Dupont"
        self.assertFalse(partner.l10n_fr_sap_usage_name)

    def test_another_birth_name_makes_the_contacts_own_the_usage_name(self):
        self.assertFalse(self.partner.l10n_fr_sap_usage_name)
        self.partner.l10n_fr_sap_birth_name = "Durand"
        self.assertEqual(self.partner.l10n_fr_sap_usage_name, canaries.BIRTH_NAME)

    def test_what_was_typed_stays_when_the_contact_is_renamed(self):
        self.partner.write(
            {"l10n_fr_sap_birth_name": "Durand", "l10n_fr_sap_first_names": "Jeanne M"}
        )
        self.partner.name = "Jeanne Martin-Dupont"
        self.assertEqual(self.partner.l10n_fr_sap_birth_name, "Durand")
        self.assertEqual(self.partner.l10n_fr_sap_first_names, "Jeanne M")

    def test_the_pieces_follow_the_address_and_may_be_overruled(self):
        self.partner.l10n_fr_sap_street_name = "des Beaux Lilas"
        self.assertEqual(self.partner.l10n_fr_sap_street_number, "12")
        self.partner.write({"street": "3 av. Foch", "zip": "01100", "city": "Veyziat"})
        self.assertEqual(
            (
                self.partner.l10n_fr_sap_street_number,
                self.partner.l10n_fr_sap_street_letter,
                self.partner.l10n_fr_sap_street_type,
                self.partner.l10n_fr_sap_street_name,
                self.partner.l10n_fr_sap_commune_id.code,
            ),
            ("3", False, "AV", "Foch", "01283"),
        )

    def test_the_page_says_which_words_of_the_address_are_not_sent(self):
        self.partner.street = (
            "Résidence Universitaire des Hautes Vignes, 12 rue de la Très Longue Histoire"
            " des Bâtisseurs et Compagnons"
        )
        self.assertFalse(self.partner.l10n_fr_sap_address_note)
        self.partner.street2 = "Ancienne Manufacture Royale de Porcelaine"
        self.assertIn("Porcelaine", self.partner.l10n_fr_sap_address_note)
        self.partner.l10n_fr_sap_street_number = "14"
        self.assertIn("Porcelaine", self.partner.l10n_fr_sap_address_note)
        self.partner.l10n_fr_sap_complement = "Rés Univ, Manufacture de Porcelaine"
        self.assertFalse(self.partner.l10n_fr_sap_address_note)
        self.partner.street2 = False
        self.assertFalse(self.partner.l10n_fr_sap_address_note)

    def test_contacts_that_are_no_particuliers_are_left_alone(self):
        for name in ("birth_name", "street_name", "mobile", "commune_id", "bank_id"):
            self.assertFalse(self.partner_a[f"l10n_fr_sap_{name}"])

    def test_a_landline_is_no_mobile(self):
        partner = self.create_contact(phone="04 78 00 00 00")
        self.assertFalse(partner.l10n_fr_sap_mobile)
        partner.l10n_fr_sap_mobile = "06 39 98 00 78"
        partner.phone = "04 78 00 00 01"
        self.assertEqual(partner.l10n_fr_sap_mobile, "06 39 98 00 78")

    def test_a_bank_that_was_entered_wins_over_the_ibans(self):
        partner = self.create_contact()
        self.assertEqual(partner.l10n_fr_sap_bic, "BNPAFRPP")
        partner.l10n_fr_sap_bank_id.bank_id = self.env["res.bank"].create(
            {"name": "Banque", "bic": "AGRIFRPPXXX"}
        )
        self.assertEqual(partner.l10n_fr_sap_bic, "AGRIFRPPXXX")


@tagged("post_install", "-at_install")
class TestImport(SapCase):
    def load(self, content, **changes):
        """What Odoo's own import makes of the ready file, some values changed."""
        wizard = self.env["base_import.import"].create(
            {
                "res_model": "res.partner",
                "file": content,
                "file_name": "particuliers.xlsx",
                "file_type": "application/vnd.openxmlformats-officedocument"
                ".spreadsheetml.sheet",
            }
        )
        options = {"has_headers": True, "quoting": '"', "separator": ","}
        preview = wizard.parse_preview(options)
        self.assertFalse(preview.get("error"))
        columns = preview["headers"]
        matched = [
            "/".join(preview["matches"].get(column, []))
            for column in range(len(columns))
        ]
        self.assertTrue(all(matched), matched)
        result = wizard.execute_import(matched, columns, preview["options"])
        self.assertFalse(result["messages"])
        return self.env["res.partner"].browse(result["ids"])

    def test_the_ready_file_is_imported_as_it_is(self):
        templates = self.env["res.partner"].get_import_templates()
        self.assertIn(
            "Private customers for the Urssaf", [t["label"] for t in templates]
        )
        partner = self.load(import_template(self.env["res.partner"]))
        self.assertFalse(partner.l10n_fr_sap_missing)
        self.assertEqual(partner.l10n_fr_sap_birth_code, "42218")
        self.assertEqual(partner.l10n_fr_sap_consent_date, date(2026, 1, 15))
        self.assertEqual(partner.l10n_fr_sap_consent_uid, self.env.user)
        self.assertEqual(partner.l10n_fr_sap_registration_state, "unregistered")
        self.press(partner, "action_l10n_fr_sap_register")
        self.assertEqual(partner.l10n_fr_sap_registration_state, "pending")

    def test_the_file_speaks_the_users_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        partners = self.env["res.partner"].with_context(lang="fr_FR")
        label, value = _column(partners, "l10n_fr_sap_civility", "2")
        self.assertEqual((label, value), ("Civilité", "Madame"))

    def test_an_id_from_another_software_comes_along_and_m020_tells_the_rest(self):
        self.activate()
        known = self.partner.l10n_fr_sap_urssaf_id
        with self.assertRaisesRegex(
            UserError, f"is the one of contact no. {self.partner.id}"
        ):
            self.create_particulier("Paul Moreau", l10n_fr_sap_urssaf_id=known)
        self.partner.l10n_fr_sap_registration_ids.sudo().unlink()
        other = self.create_particulier("Paul Moreau", l10n_fr_sap_urssaf_id=known)
        self.assertEqual(other.l10n_fr_sap_registration_state, "pending")
        self.run_cron("ir_cron_refresh_registrations")
        self.assertEqual(other.l10n_fr_sap_registration_state, "active")
        self.assertEqual(other.l10n_fr_sap_active_since, self.active_since)
        # What the Urssaf gave is not overwritten by hand, nor is anything else an id.
        for partner, wrong in ((other, URSSAF_ID), (self.create_contact(), "12345")):
            with self.assertRaisesRegex(UserError, "cannot be entered"):
                partner.l10n_fr_sap_urssaf_id = wrong
        other.l10n_fr_sap_urssaf_id = known.upper()

    def test_a_mistyped_id_can_be_corrected(self):
        self.activate()
        known = self.partner.l10n_fr_sap_urssaf_id
        self.partner.l10n_fr_sap_registration_ids.sudo().unlink()
        self.partner.l10n_fr_sap_urssaf_id = URSSAF_ID
        self.press(self.partner, "action_l10n_fr_sap_check_registration")
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "error")
        self.partner.l10n_fr_sap_urssaf_id = known
        self.press(self.partner, "action_l10n_fr_sap_check_registration")
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "active")

    def test_an_empty_cell_is_filled_in(self):
        partner = (
            self.env["res.partner"]
            .with_context(import_file=True)
            .create(
                {
                    "name": "Anne Noël",
                    "l10n_fr_sap_particulier": True,
                    "l10n_fr_sap_birth_name": False,
                    "l10n_fr_sap_first_names": False,
                    "l10n_fr_sap_birth_country_id": False,
                }
            )
        )
        self.assertEqual(partner.l10n_fr_sap_birth_name, "Noël")
        self.assertEqual(partner.l10n_fr_sap_first_names, "Anne")
        self.assertEqual(partner.l10n_fr_sap_birth_country_id.code, "FR")

    def create_contact(self):
        return self.create_particulier("Karim Benali")


@tagged("post_install", "-at_install")
class TestPrivacy(SapCase):
    def test_a_consent_is_recorded_and_its_absence_never_blocks(self):
        self.press(self.partner, "action_l10n_fr_sap_register")
        self.assertFalse(self.partner.l10n_fr_sap_consent_date)
        user = mail_new_test_user(
            self.env,
            "invoicing",
            groups="account.group_account_invoice,base.group_partner_manager",
            company_id=self.env.company.id,
        )
        self.partner.with_user(user).l10n_fr_sap_consent_date = "2026-01-15"
        registration = self.partner.l10n_fr_sap_registration_id
        self.assertEqual(registration.consent_uid, user)
        self.assertEqual(registration.state, "pending")
        self.partner.l10n_fr_sap_consent_date = False
        self.assertFalse(registration.consent_uid)

    def test_nobody_else_records_a_consent_or_an_id(self):
        user = mail_new_test_user(
            self.env, "contacts", groups="base.group_user,base.group_partner_manager"
        )
        partner = self.partner.with_user(user)
        for values in (
            {"l10n_fr_sap_consent_date": "2026-01-15"},
            {"l10n_fr_sap_urssaf_id": URSSAF_ID},
            {"l10n_fr_sap_birth_name": "Durand"},
        ):
            with self.assertRaises(AccessError):
                partner.write(values)
        partner.write({"name": "Jeanne Durand", "phone": "07 39 98 00 12"})
        self.assertEqual(self.partner.l10n_fr_sap_mobile, "0739980012")

    def test_the_portal_reads_none_of_it(self):
        user = mail_new_test_user(self.env, "portal", groups="base.group_portal")
        self.partner.parent_id = user.partner_id.commercial_partner_id
        for name in ("birth_date", "urssaf_id", "bank_id", "missing", "consent_date"):
            with self.assertRaises(AccessError):
                user.partner_id.with_user(user).read([f"l10n_fr_sap_{name}"])
        for model in ("l10n_fr_sap.registration", "l10n_fr_sap.commune"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(user).search([])

    def test_two_registered_contacts_are_not_merged(self):
        other = self.create_particulier("Paul Moreau", phone="06 39 98 00 12")
        wizard = self.env["base.partner.merge.automatic.wizard"]
        self.press(self.partner | other, "action_l10n_fr_sap_register")
        with self.assertRaisesRegex(UserError, "cannot be merged"):
            wizard._merge((self.partner | other).ids, self.partner)
        third = self.create_particulier("Karim Benali")
        third.l10n_fr_sap_consent_date = "2026-01-15"
        wizard._merge((self.partner | third).ids, self.partner)
        self.assertFalse(third.exists())
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "pending")
        self.assertTrue(self.partner.l10n_fr_sap_consent_date)

    def test_a_merge_keeps_the_particuliers_file(self):
        self.partner.l10n_fr_sap_first_names = "Jeanne Marie Louise"
        self.partner.l10n_fr_sap_birth_name = "Durand"
        self.press(self.partner, "action_l10n_fr_sap_register")
        plain = self.env["res.partner"].create({"name": "J. Martin"})
        account = self.partner.l10n_fr_sap_bank_id
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.partner | plain).ids, plain)
        self.assertFalse(self.partner.exists())
        self.assertEqual(plain.l10n_fr_sap_first_names, "Jeanne Marie Louise")
        self.assertEqual(plain.l10n_fr_sap_birth_name, "Durand")
        self.assertEqual(plain.l10n_fr_sap_bank_id, account)
        self.assertEqual(plain.l10n_fr_sap_registration_state, "pending")

    def test_an_ordinary_contact_gets_no_registration(self):
        before = self.env["l10n_fr_sap.registration"].search_count([])
        with Form(self.env["res.partner"]) as form:
            form.name = "Plain SARL"
        self.assertEqual(self.env["l10n_fr_sap.registration"].search_count([]), before)
