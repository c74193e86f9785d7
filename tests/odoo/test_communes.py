# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The map of France, searched as people type."""

import csv
from datetime import date
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from odoo.addons.l10n_fr_urssaf_sap.urssaf.documents.particulier import (
    split_commune_code,
)

BIRTHS = Path(__file__).parents[1] / "births.csv"


@tagged("post_install", "-at_install")
class TestCommunes(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.communes = cls.env["l10n_fr_sap.commune"]

    def first(self, typed):
        [(found, _name)] = self.communes.name_search(typed, limit=1)
        return self.communes.browse(found)

    def test_the_whole_map_is_there(self):
        kinds = dict(self.communes._read_group([], ["kind"], ["__count"]))
        self.assertGreater(kinds["commune"], 34_900)
        self.assertEqual(kinds["arrondissement"], 45)
        self.assertGreater(kinds["former"], 4_000)
        self.assertFalse(
            self.communes.search([("kind", "!=", "commune"), ("parent_id", "=", False)])
        )

    def test_the_best_match_comes_first(self):
        for typed, code in (
            ("saint denis 93", "93066"),
            ("93200 ST DENIS", "93066"),
            ("Saint-Denis 974", "97411"),
            ("97400 St-Denis", "97411"),
            ("97411", "97411"),
            ("69383", "69383"),
            ("69003", "69383"),
            ("lyon 3", "69383"),
            ("LYON 03", "69383"),
            ("Lyon 3ème", "69383"),
            ("Lyon", "69123"),
            ("paris", "75056"),
            ("l hay les roses", "94038"),
            ("L'Haÿ-les-Roses", "94038"),
            ("ste foy les lyon", "69202"),
            ("chalons sur marne", "51108"),
            ("Villeurbanne (69266)", "69266"),
            ("villeur", "69266"),
            ("2a004", "2A004"),
            ("y", "80829"),
            ("mar", "13055"),
            ("saint", "42218"),
            ("lyon 69003", "69383"),
        ):
            with self.subTest(typed=typed):
                self.assertEqual(self.first(typed).code, code)

    def test_a_former_commune_is_found_by_its_name_and_says_where_it_is_today(self):
        former = self.first("Courcouronnes")
        self.assertEqual((former.code, former.kind), ("91182", "former"))
        self.assertEqual(
            former.display_name, "Courcouronnes (91182, today Évry-Courcouronnes)"
        )
        self.assertEqual(self.first(former.display_name), former)

    def test_nothing_is_found_for_nothing_known(self):
        for typed in ("xyzzy", "99999", "% _", "'"):
            found = self.communes.name_search(typed, limit=5)
            self.assertEqual(found, [] if typed not in ("% _", "'") else found)

    def test_the_import_finds_exact_names_only(self):
        for typed in ("Lyon", "Lyon (69123)", "69123"):
            found = self.communes.name_search(typed, operator="=")
            self.assertEqual(found[0][0], self.first("Lyon").id)
        self.assertEqual(self.communes.name_search("Lyo", operator="="), [])

    def test_a_search_over_rpc_does_not_crash(self):
        for operator, value in (
            ("=", 5),
            ("=", True),
            ("in", ["Lyon", 3]),
            ("not ilike", "lyon"),
            ("!=", "Lyon"),
            ("ilike", False),
        ):
            self.communes.search([("display_name", operator, value)], limit=1)

    def test_a_search_takes_few_queries(self):
        """The search, what it found, and the communes of today that former ones are in;
        one more where few begin so and it may be an error. test_communes_typed.py measures
        the time."""
        self.communes._name_index()
        names = self.communes.search([], limit=50, order="population desc")
        for name in names.mapped("name"):
            for typed in (name, name[:4], name.lower(), name[:2]):
                self.env.invalidate_all()
                count = 3 if typed.lower() == name.lower() else 4
                with self.subTest(typed=typed), self.assertQueryCount(count):
                    self.assertTrue(self.communes.name_search(typed, limit=8))

    def test_a_search_with_errors_takes_some_more(self):
        """Former communes of that name, how near is near, the names near it, and which of
        them are in the domain."""
        self.communes._name_index()
        for typed in ("Vileurbanne", "Roeun", "Boulogne Bilancourt 75", "Courcourones"):
            self.env.invalidate_all()
            with self.subTest(typed=typed), self.assertQueryCount(7):
                found = self.communes.name_search(typed, [("kind", "!=", "former")])
                self.assertTrue(found)

    def test_loading_again_changes_nothing_that_was_chosen(self):
        partner = self.env["res.partner"].create({"name": "Jeanne Martin"})
        partner.l10n_fr_sap_birth_commune_id = chosen = self.first("Villeurbanne")
        self.env.flush_all()
        before = self.communes.search_count([])
        self.env.cr.execute(
            "UPDATE l10n_fr_sap_commune SET population = 1, zip_codes = 'old'"
            " WHERE id = %s",
            [chosen.id],
        )
        with self.assertQueryCount(9):  # in bulk, not one by one
            self.communes._load()
        self.assertEqual(self.communes.search_count([]), before)
        self.assertEqual(partner.l10n_fr_sap_birth_commune_id, chosen)
        self.assertEqual(chosen.zip_codes, "69100")

    def test_an_address_tells_its_commune(self):
        for zip_code, city, code in (
            ("69003", "Lyon", "69383"),
            ("69003", "LYON 3", "69383"),
            ("69421", "LYON CEDEX 03", "69383"),
            ("75116", "Paris", "75116"),
            ("92100", "Boulogne Billancourt", "92012"),
            ("92100", "boulogne", "92012"),
            ("97400", "ST DENIS", "97411"),
            ("20000", "Ajaccio", "2A004"),
            ("01100", "Veyziat", "01283"),
            ("67000", "STRASBOURG", "67482"),
            ("69100", "", "69266"),
            ("98714", "Papeete", "98735"),
            ("92100", "Bolougne", "92012"),
            ("01300", "Beley", "01034"),
            ("59500", "Douai", "59178"),
        ):
            with self.subTest(zip=zip_code, city=city):
                found = self.communes._of_address(zip_code, city)
                self.assertEqual(found.code, code)

    def test_an_address_that_does_not_tell_leaves_the_choice(self):
        for zip_code, city in (("", ""), ("01300", "Nulle Part"), ("99999", "Lyon")):
            self.assertFalse(self.communes._of_address(zip_code, city))


@tagged("post_install", "-at_install")
class TestBirths(TransactionCase):
    def test_every_birth_gets_the_code_of_that_day(self):
        """From what a person types to what the Urssaf is sent."""
        with BIRTHS.open(encoding="utf-8") as file:
            births = list(csv.DictReader(file, delimiter=";"))
        self.assertGreaterEqual(len(births), 60)
        communes, wrong = self.env["l10n_fr_sap.commune"], []
        france = self.env.ref("base.fr")
        partner = self.env["res.partner"].create(
            {"name": "Jeanne Martin", "l10n_fr_sap_particulier": True}
        )
        self.assertEqual(partner.l10n_fr_sap_birth_country_id, france)
        for birth in births:
            typed = f"{birth['typed']} {birth['zip_or_department_hint']}".strip()
            found = communes.name_search(typed, limit=1)
            partner.write(
                {
                    "l10n_fr_sap_birth_date": date.fromisoformat(birth["birth_date"]),
                    "l10n_fr_sap_birth_commune_id": found and found[0][0],
                }
            )
            place = partner._l10n_fr_sap_particulier().birth_place
            codes = split_commune_code(place.commune_code)
            if codes != (birth["department"], birth["commune"]):
                wrong.append((birth, found, codes))
        self.assertFalse(wrong, "\n".join(map(str, wrong)))
