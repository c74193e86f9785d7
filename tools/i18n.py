# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Writes the addon's translation template and brings the French one up to it, with the
spaces that French wants; says what is left to translate."""

import re
import subprocess
import sys
from pathlib import Path

import polib

ADDON = "l10n_fr_urssaf_sap"
TOOLS = Path(__file__).resolve().parent
FOLDER = TOOLS.parent / ADDON / "i18n"
TEMPLATE = FOLDER / f"{ADDON}.pot"
FRENCH = FOLDER / "fr.po"


# French sets a space before : ; ? ! » and after «, at which no line may break. What stands
# in tags and expressions is no French.
MARKUP = re.compile(r"(<[^>]*>|\{\{.*?\}\})", re.DOTALL)
SPACES = re.compile(r" (?=[:;?!»])|(?<=«) ")


def spaced(french):
    """The text with no-break spaces where French wants them."""
    parts = MARKUP.split(french)
    parts[::2] = [SPACES.sub("\N{NO-BREAK SPACE}", part) for part in parts[::2]]
    return "".join(parts)


def exported():
    """What Odoo exports. The stack works in a process of its own, since it may be another
    user's than the files that are written here."""
    command = [sys.executable, TOOLS / "cli.py", "terms"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return polib.pofile(done.stdout.splitlines()[-1])


def main():
    template = exported()
    # The dates of the export would change the files at every run.
    for name in ("POT-Creation-Date", "PO-Revision-Date"):
        template.metadata.pop(name, None)
    template.save(TEMPLATE)
    french = polib.pofile(FRENCH)
    french.merge(template)
    for entry in french.obsolete_entries():
        french.remove(entry)
    for entry in french:
        entry.msgstr = spaced(entry.msgstr)
    french.save()
    if todo := french.untranslated_entries():
        sys.exit("To be translated:\n" + "\n".join(entry.msgid for entry in todo))


if __name__ == "__main__":
    main()
