# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import re
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader

import odoo.addons.l10n_fr_urssaf_sap

MODULE = "l10n_fr_urssaf_sap"
I18N = Path(odoo.addons.l10n_fr_urssaf_sap.__file__).parent / "i18n"

PLAIN_SPACE = re.compile(r"\w[ \t]+[:;?!»]|«(?!\N{NO-BREAK SPACE})")
MARKUP = re.compile(r"<[^>]*>|\{\{.*?\}\}", re.DOTALL)


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    def test_french_is_complete(self):
        reader = TranslationModuleReader(self.env.cr, modules=[MODULE], lang="fr_FR")
        terms = {row[4] for row in reader}
        self.assertGreater(len(terms), 200)
        french = {
            entry.msgid: entry.msgstr
            for entry in polib.pofile(I18N / "fr.po")
            if not entry.obsolete and not entry.fuzzy
        }
        template = {entry.msgid for entry in polib.pofile(I18N / f"{MODULE}.pot")}
        self.assertEqual({term for term in terms if not french.get(term)}, set())
        # "make i18n" writes both anew.
        self.assertEqual(template, terms)
        self.assertEqual(set(french), terms)

    def test_no_line_breaks_before_a_colon(self):
        """Customers read it in the document, in the portal and by e-mail."""
        wrong = {
            entry.msgstr
            for entry in polib.pofile(I18N / "fr.po")
            # What stands in tags and expressions is no French.
            if PLAIN_SPACE.search(MARKUP.sub("", entry.msgstr))
        }
        self.assertEqual(wrong, set(), "“make i18n” sets these spaces")
