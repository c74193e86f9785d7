# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Communes as they are really typed: with errors, abbreviations, and the department that
stands on an identity card. tests/communes_typed.csv is written by hand, tools/misspelt.py
writes tests/communes_misspelt.csv; the labels are older than the search they judge."""

import csv
import statistics
import time
from datetime import date
from pathlib import Path

from odoo.tests import TransactionCase, tagged

TABLES = ("communes_typed.csv", "communes_misspelt.csv")
HIT_RATE = 0.90
MILLISECONDS = 50
TODAY = [("kind", "!=", "former")]  # as the commune of an address asks


@tagged("post_install", "-at_install")
class TestTypedCommunes(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.communes = cls.env["l10n_fr_sap.commune"]
        cls.typed = []
        for table in TABLES:
            with (Path(__file__).parents[1] / table).open(encoding="utf-8") as file:
                cls.typed += csv.DictReader(file, delimiter=";")

    def found(self, row):
        """What the first hit comes to: codes on the day of birth, or today's code."""
        address = row["use"] == "address"
        domain = TODAY if address else []
        first = self.communes.name_search(row["typed"], domain=domain, limit=1)
        if not first:
            return ""
        commune = self.communes.browse(first[0][0])
        if address:
            return commune.code
        day = date.fromisoformat(row["birth_date"])
        return " ".join(birth.code for birth in commune._birth_codes(day))

    def first_hits(self):
        wrong, milliseconds = [], []
        for row in self.typed:
            self.env.invalidate_all()
            start = time.perf_counter()
            found = self.found(row)
            milliseconds.append((time.perf_counter() - start) * 1000)
            if found != row["code"]:
                wrong.append(f"{row['typed']} ({row['use']}): {found}, {row['code']}")
        rate = 1 - len(wrong) / len(self.typed)
        median = statistics.median(milliseconds)
        return rate, median, "\n".join(wrong)

    def test_the_first_hit_is_the_one_that_was_meant(self):
        self.assertGreaterEqual(len(self.typed), 300)
        rate, median, wrong = self.first_hits()
        self.assertGreaterEqual(rate, HIT_RATE, wrong)
        self.assertLessEqual(median, MILLISECONDS)
