# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Writes the addon's translation template and brings the French one up to it; says what
is left to translate."""

import sys

import polib
import stack

FOLDER = stack.ROOT / stack.ADDON / "i18n"
TEMPLATE = FOLDER / f"{stack.ADDON}.pot"
FRENCH = FOLDER / "fr.po"


def main():
    database = stack.create_database("i18n")
    stack.install(database)
    stack.run_odoo(
        "i18n", "i18n", "export", "-d", database, "-o", str(TEMPLATE), stack.ADDON
    )
    stack.drop_database(database)
    template = polib.pofile(TEMPLATE)
    # The dates of the export would change the files at every run.
    for name in ("POT-Creation-Date", "PO-Revision-Date"):
        template.metadata.pop(name, None)
    template.save()
    french = polib.pofile(FRENCH)
    french.merge(template)
    for entry in french.obsolete_entries():
        french.remove(entry)
    french.save()
    if todo := french.untranslated_entries():
        sys.exit("To be translated:\n" + "\n".join(entry.msgid for entry in todo))


if __name__ == "__main__":
    main()
