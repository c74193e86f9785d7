# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From the first steps to a test book in the hand: made, downloaded, and nothing left."""

import io
import json
import re
import zipfile

import canaries
import pytest
import requests
import stack
from conftest import DATABASE
from playwright.sync_api import expect
from pypdf import PdfReader
from test_journey import open_settings

NAME = "Essai"
# What the test book says and nothing else in the demo does.
EMAIL = "essais@example.com"
UNMASKED = (EMAIL, "0639980099", "FR7630006000011234567890189")


@pytest.fixture
def admin(log_in):
    return log_in("admin")


def test_a_test_book_from_start_to_zip(admin, urssaf):
    admin.page.goto(f"{admin.url}/odoo/action-l10n_fr_urssaf_sap.action_first_steps")
    card = admin.page.locator(".o_kanban_record", has_text="3. Cahier de tests")
    expect(card.locator(".badge:visible")).to_have_text("À faire")
    admin.picture("30-first-steps")

    with admin.page.expect_response(re.compile("/call_button/")):
        card.get_by_role("button", name="Faire le cahier de tests").click()
    window = admin.page.locator(".modal-content")
    window.locator(".o_data_row").first.wait_for()
    admin.fill("email", EMAIL)
    admin.picture("31-a-test-book")
    admin.press("Commencer")
    waiting = window.locator(".o_data_row", has_text="M020")
    expect(waiting).to_contain_text("Le compte n'est pas encore activé.")
    admin.picture("32-waiting-for-the-activation")

    [known] = [
        each
        for each in urssaf.get("state")["particuliers"]
        if each["nomNaissance"] == NAME
    ]
    requests.post(
        f"{urssaf.url}/control/particuliers/{known['idClient']}",
        json={"etat": "active"},
        timeout=10,
    ).raise_for_status()
    admin.press("Continuer")
    expect(window.locator(".badge", has_text="Terminé")).to_have_count(5)
    admin.picture("33-complete")
    kept = ["l10n_fr_sap_test_book", "l10n_fr_sap_test_book_step"]
    assert sorted(found_in_database(EMAIL)) == kept

    files = downloaded(admin)
    expect(window).to_have_count(0)
    judge(files, urssaf)
    # Nothing that was said is left.
    for text in UNMASKED:
        assert found_in_database(text) == []
    admin.page.reload()
    expect(card.locator(".badge:visible")).to_have_text("Terminé")
    admin.picture("34-the-test-book-is-done")

    open_settings(admin)
    steps = admin.page.locator("#l10n_fr_sap_first_steps")
    steps.scroll_into_view_if_needed()
    expect(steps.locator(".o_data_row")).to_have_count(5)
    admin.picture("35-in-the-settings")


def downloaded(admin):
    """The files of the ZIP that the button gives, in a tab of its own."""
    found = []

    def keep(file):
        found.append(file)

    # Playwright wants a function, and its path only later.
    admin.page.on("download", keep)
    admin.page.context.on("page", lambda tab: tab.on("download", keep))
    admin.press("Télécharger le cahier de tests")
    for _second in range(60):
        if found:
            break
        admin.page.wait_for_timeout(1000)
    archive = zipfile.ZipFile(found[0].path())
    return {name: archive.read(name).decode("latin-1") for name in archive.namelist()}


def judge(files, urssaf):
    operations = ("TOKEN", "M010", "M020", "M050", "M070")
    kinds = {"TOKEN": ("txt", "json"), "M020": ("txt", "json")}
    wanted = {
        f"echanges/{number}-{operation}-{what}.{kind}"
        for number, operation in enumerate(operations, 1)
        for what, kind in zip(
            ("requete", "reponse"),
            kinds.get(operation, ("json", "json")),
            strict=True,
        )
    }
    assert set(files) == wanted | {"cahier-de-tests.pdf"}
    sent = json.loads(files["echanges/2-M010-requete.json"].encode("latin-1"))
    assert sent == urssaf.calls("M010")[-1]
    pdf = files.pop("cahier-de-tests.pdf").encode("latin-1")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    number = urssaf.calls("M050")[-1][0]["numFactureTiers"]
    # What reads a PDF does not know the fonts of the headings.
    for shown in (NAME, number):
        assert shown in "".join(text.split())
    for content in (*files.values(), text):
        for secret in ("demo-secret", canaries.TOKEN_PREFIX):
            assert secret not in content


def found_in_database(text):
    """The tables of the whole database that hold it."""
    tables = stack.sql(
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
        database=DATABASE,
    )
    return [
        table
        for (table,) in tables
        if stack.sql(
            f'SELECT 1 FROM "{table}" t WHERE t::text LIKE %s LIMIT 1',
            f"%{text}%",
            database=DATABASE,
        )
    ]
