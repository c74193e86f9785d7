# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What an integrator does in the first ten minutes."""

import re

import canaries
import pytest
from playwright.sync_api import expect

PENDING, ACTIVE = "En attente d'activation", "Compte activé"
REGISTRATION, STATUS = "l10n_fr_sap_registration_state", "l10n_fr_sap_status"
UNREACHABLE = "L'Urssaf est injoignable pour le moment."


@pytest.fixture
def stand_in(camille, urssaf):
    """The stand-in's page, in a second tab."""
    page = camille.page.context.new_page()
    page.goto(urssaf.url)
    return page


def advance(stand_in):
    stand_in.locator("[data-action=advance]").click()
    stand_in.wait_for_load_state()


def test_the_whole_journey(camille, stand_in, urssaf):
    camille.open_particulier("Jeanne Martin")
    camille.picture("01-a-contact-ready-to-register")
    camille.press("Inscrire auprès de l'Urssaf")
    camille.expect_field(REGISTRATION, PENDING)
    camille.picture("02-registered")

    stand_in.reload()
    row = stand_in.locator("tr", has_text="Durand")
    row.locator("[data-action=activate]").click()
    stand_in.wait_for_load_state()
    stand_in.screenshot(
        path=camille.screenshots / "03-the-stand-in.png", full_page=True
    )

    camille.press("Actualiser l'inscription")
    camille.expect_field(REGISTRATION, ACTIVE)
    camille.picture("04-active")

    camille.press("Demandes de paiement")
    camille.page.wait_for_selector(".o_list_view .o_data_row")
    assert camille.page.locator(".o_data_row").count() == 2
    camille.page.locator(".o_data_row td[name=name]").first.click()
    camille.page.wait_for_selector(".o_form_view")
    number = camille.field("name").inner_text()
    camille.picture("05-an-invoice-ready-to-send")
    camille.press("Envoyer à l'Urssaf")
    camille.expect_field(STATUS, "Intégrée")
    assert urssaf.demandes()[number]["statut"]["libelle"] == "Intégrée"
    # There is nothing left to click a second time.
    expect(camille.button("Envoyer à l'Urssaf")).to_have_count(0)

    for status in ("En attente de validation", "Validée", "Prélevée", "Payée"):
        advance(stand_in)
        camille.press("Actualiser le statut")
        camille.expect_field(STATUS, status)
    camille.picture("06-paid")
    stand_in.reload()
    row = stand_in.locator("tr", has_text=number)
    assert "Payée" in row.inner_text()


def test_an_ordinary_contact_needs_three_more_values(camille, urssaf):
    """Name, street, postal code, city, phone, e-mail and IBAN are all that is known."""
    camille.page.goto(f"{camille.url}/odoo/action-account.res_partner_action_customer")
    camille.page.locator(".o_data_row td", has_text="Nathalie Perrin").first.click()
    camille.page.locator(".o_notebook a[name=l10n_fr_sap]").click()
    camille.field("l10n_fr_sap_particulier").locator("input").click()
    missing = camille.field("l10n_fr_sap_missing")
    expect(missing).to_have_text(
        re.compile(
            r"^\s*Civilité\s: à renseigner\s*Date de naissance\s: à renseigner"
            r"\s*Commune de naissance\s: à renseigner\s*$"
        )
    )
    camille.picture("12-what-is-still-missing")
    camille.choose("l10n_fr_sap_civility", "Madame")
    camille.fill("l10n_fr_sap_birth_date", f"{canaries.BIRTH_DATE:%d/%m/%Y}")
    assert camille.pick("l10n_fr_sap_birth_commune_id", "boulogne bill") == (
        "Boulogne-Billancourt (92012)"
    )
    expect(camille.field("l10n_fr_sap_birth_code").locator("input")).to_have_value(
        "75012"
    )
    expect(missing).to_have_count(0)
    camille.picture("13-complete")
    camille.press("Inscrire auprès de l'Urssaf")
    camille.expect_field(REGISTRATION, PENDING)
    body = urssaf.calls("M010")[-1]
    assert body["lieuNaissance"]["departementNaissance"] == "075"
    assert body["adressePostale"]["libelleVoie"] == "du Général-de-Gaulle"


def test_every_mistake_is_named_in_one_message_and_no_call_leaves(camille, urssaf):
    before = len(urssaf.get("calls"))
    camille.open_particulier("Mathis Roux")
    camille.press("Inscrire auprès de l'Urssaf")
    camille.picture("07-mistakes-to-fix")
    message = camille.dialog()
    message = message.replace("\N{NO-BREAK SPACE}", " ")
    assert "Date de naissance : à renseigner" in message
    assert "Compte à prélever (IBAN) : non valide" in message
    assert len(urssaf.get("calls")) == before


def test_a_selection_is_sent_and_what_cannot_go_is_listed(camille, urssaf):
    camille.open_list("action_invoices")
    camille.select("FAC/2026/00001", "FAC/2026/00002", "FAC/2026/00017")
    camille.press("Envoyer à l'Urssaf")
    dialog = camille.page.locator(".o_form_view")
    expect(dialog).to_contain_text(
        "Mathis Roux\u00a0: pas encore inscrit(e) auprès de l'Urssaf"
    )
    expect(dialog).to_contain_text("FAC/2026/00017")
    camille.picture("08-summary")
    assert {"FAC/2026/00001", "FAC/2026/00002"} <= set(urssaf.demandes())
    assert "FAC/2026/00017" not in urssaf.demandes()
    # The link leads to the invoice to fix.
    camille.press("Ouvrir")
    camille.page.wait_for_selector(".o_form_view .o_form_sheet")
    camille.expect_field("name", "FAC/2026/00017")
    camille.open_list("action_invoices")
    row = camille.page.locator(".o_data_row", has_text="FAC/2026/00001")
    assert "Intégrée" in row.inner_text()
    camille.picture("09-invoices-by-status")


def test_the_settings_page_tests_the_connection(log_in):
    admin = log_in("admin")
    open_settings(admin)
    admin.press("Tester la connexion")
    notification = admin.page.locator(".o_notification")
    notification.wait_for()
    told = notification.inner_text()
    told = told.replace("\N{NO-BREAK SPACE}", " ")
    assert "qui n'est pas l'Urssaf elle-même (environnement : Test)." in told
    admin.page.locator("#l10n_fr_sap_access").scroll_into_view_if_needed()
    admin.picture("10-settings")


def open_settings(admin):
    admin.page.goto(f"{admin.url}/odoo/settings#account")
    admin.page.locator(".settings_tab .tab[data-key=account]").click()
    admin.page.locator("#l10n_fr_sap_access").wait_for()


def test_without_an_urssaf_every_button_says_so_and_nothing_changes(
    camille, log_in, urssaf
):
    camille.open_list("action_invoices")
    camille.select("FAC/2026/00003")
    camille.press("Envoyer à l'Urssaf")
    before = urssaf.demandes()
    urssaf.stop()
    try:
        camille.open_particulier("Karim Benali")
        camille.press("Inscrire auprès de l'Urssaf")
        assert UNREACHABLE in camille.dialog()
        camille.expect_field(REGISTRATION, "Non inscrit")
        camille.open_particulier("Lucie Petit")
        camille.press("Actualiser l'inscription")
        assert UNREACHABLE in camille.dialog()
        camille.expect_field(REGISTRATION, PENDING)
        camille.open_record("action_invoices", "FAC/2026/00004")
        camille.press("Envoyer à l'Urssaf")
        assert UNREACHABLE in camille.dialog()
        assert camille.page.locator(f".o_field_widget[name={STATUS}]").count() == 0
        camille.open_record("action_invoices", "FAC/2026/00003")
        camille.press("Actualiser le statut")
        camille.picture("11-out-of-reach")
        assert UNREACHABLE in camille.dialog()
        camille.expect_field(STATUS, "Intégrée")
        admin = log_in("admin")
        open_settings(admin)
        admin.press("Tester la connexion")
        assert UNREACHABLE in admin.dialog()
    finally:
        urssaf.start()
    assert urssaf.demandes() == before
