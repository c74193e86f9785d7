# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where a customer was born, typed and found."""

from datetime import date

from sap_common import SapCase

from odoo.tests import Form, tagged


@tagged("post_install", "-at_install")
class TestBirthPlace(SapCase):
    def born(self, day, code, **values):
        self.partner.write(
            {
                "l10n_fr_sap_birth_date": day,
                "l10n_fr_sap_birth_commune_id": self.find_commune(code).id,
            }
            | values
        )
        return self.partner.l10n_fr_sap_birth_code

    def test_the_code_is_the_one_of_that_day(self):
        self.assertEqual(self.born("1967-12-31", "92012"), "75012")
        self.assertEqual(self.born("1968-01-01", "92012"), "92012")
        self.assertEqual(self.born("1975-12-31", "2A004"), "20004")

    def test_a_merger_offers_the_communes_of_then(self):
        self.assertFalse(self.born("1966-05-05", "91228"))
        choices = self.partner.l10n_fr_sap_birth_choice_ids
        self.assertEqual(choices.mapped("name"), ["Courcouronnes", "Évry"])
        self.assertEqual(
            self.partner.l10n_fr_sap_missing,
            "Birth Commune: Évry-Courcouronnes was several communes then, or within"
            " another, please choose (Évry 78228, Courcouronnes 78182)",
        )
        with Form(self.partner) as form:
            form.l10n_fr_sap_birth_choice_id = choices[0]
            self.assertEqual(form.l10n_fr_sap_birth_code, "78182")
            self.assertFalse(form.l10n_fr_sap_missing)
        self.assertEqual(self.partner.l10n_fr_sap_birth_commune_id, choices[0])
        place = self.partner._l10n_fr_sap_particulier().birth_place
        self.assertEqual(place.commune_name, "Courcouronnes")

    def test_a_commune_within_another_then_is_offered_beside_it(self):
        for day, code, pole in (
            ("2013-05-05", "76095", "Bois-Guillaume-Bihorel"),
            ("1980-05-05", "64007", "Val-du-Gave-d'Aspe"),
        ):
            commune = self.find_commune(code)
            self.assertFalse(self.born(day, code))
            choices = self.partner.l10n_fr_sap_birth_choice_ids
            self.assertIn(commune, choices)
            self.assertIn(pole, choices.mapped("name"))
            self.assertIn(code, self.partner.l10n_fr_sap_missing)
            with Form(self.partner) as form:
                form.l10n_fr_sap_birth_choice_id = commune
            self.assertEqual(self.partner.l10n_fr_sap_birth_code, code)
            self.assertFalse(self.partner.l10n_fr_sap_missing)

    def test_the_commune_around_it_may_be_chosen(self):
        self.born("2013-05-05", "76095")
        choices = self.partner.l10n_fr_sap_birth_choice_ids
        with Form(self.partner) as form:
            form.l10n_fr_sap_birth_choice_id = choices - self.find_commune("76095")
        place = self.partner._l10n_fr_sap_particulier().birth_place
        self.assertEqual(place.commune_code, "76108")
        self.assertEqual(place.commune_name, "Bois-Guillaume-Bihorel")

    def test_the_code_may_be_overruled(self):
        self.born("1966-05-05", "91228", l10n_fr_sap_birth_code="78228")
        self.assertFalse(self.partner.l10n_fr_sap_missing)
        place = self.partner._l10n_fr_sap_particulier().birth_place
        self.assertEqual((place.commune_code, place.commune_name), ("78228", "Évry"))
        self.partner.l10n_fr_sap_birth_code = "75 12"
        self.assertIn(
            "INSEE Code at Birth is not valid", self.partner.l10n_fr_sap_missing
        )

    def test_overseas_is_france(self):
        self.born(
            "1980-01-01",
            "97411",
            l10n_fr_sap_birth_country_id=self.env.ref("base.re").id,
        )
        place = self.partner._l10n_fr_sap_particulier().birth_place
        self.assertEqual(
            place.body(),
            {
                "codePaysNaissance": "99100",
                "departementNaissance": "974",
                "communeNaissance": {
                    "codeCommune": "011",
                    "libelleCommune": "Saint-Denis",
                },
            },
        )

    def test_a_former_territory_is_to_be_checked(self):
        self.partner.l10n_fr_sap_birth_country_id = self.env.ref("base.dz")
        self.partner.l10n_fr_sap_birth_commune_id = False
        self.partner.l10n_fr_sap_birth_date = date(1958, 3, 1)
        self.assertIn("Algeria was French", self.partner.l10n_fr_sap_birth_note)
        self.assertFalse(self.partner.l10n_fr_sap_missing)
        self.partner.l10n_fr_sap_birth_date = date(1970, 3, 1)
        self.assertFalse(self.partner.l10n_fr_sap_birth_note)
