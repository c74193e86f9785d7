# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every press answers, also where nothing could be done; and an office looks at its lists
on a telephone."""

import pytest
from playwright.sync_api import expect
from test_journey import open_settings
from test_transfers import another_invoice

STATUS = "l10n_fr_sap_status"
NOT_REGISTERED, LIKE_IT = "/00017", "FAC/2026/00017"
PHONE = {"width": 390, "height": 844}


def wait_for_toast(page, text):
    page.page.locator(".o_notification", has_text=text).first.wait_for()


def test_when_all_selected_are_wrong_the_summary_leads_to_each_and_back(camille):
    other = another_invoice(camille, LIKE_IT)
    camille.open_list("action_invoices")
    camille.select(NOT_REGISTERED, other)
    camille.press("Envoyer à l'Urssaf")
    summary = camille.page.locator(".o_form_view")
    for number in (NOT_REGISTERED, other):
        row = summary.locator(".o_data_row", has_text=number)
        expect(row).to_contain_text("pas encore inscrit")
        expect(row.locator("button", has_text="Inscrire")).to_have_count(1)
        # What registering would meet is told here already.
        expect(row).to_contain_text("à renseigner")
    camille.picture("27-all-of-them-wrong")
    row.get_by_role("button", name="Ouvrir").click()
    camille.expect_field("name", other)
    camille.picture("28-one-of-them")
    camille.page.go_back()
    expect(row).to_contain_text("pas encore inscrit")
    row.get_by_role("button", name="Client").click()
    camille.page.wait_for_selector(".o_notebook")
    camille.page.go_back()
    expect(row).to_contain_text("pas encore inscrit")
    # What is missing on the contact is said where it is to be registered from.
    row.locator("button", has_text="Inscrire").click()
    expect(camille.page.locator(".modal-content")).to_contain_text("donné son accord")
    camille.page.locator(".modal-content .btn-primary").click()
    # The question closes while the answer opens.
    window = camille.page.locator(".modal-content", has_text="à renseigner")
    expect(window).to_have_count(1)
    camille.picture("29-what-the-contact-lacks")
    camille.dialog()


def test_sent_and_refreshed_say_so_and_become_history(camille, urssaf):
    number = another_invoice(camille)
    camille.open_record("action_invoices", number)
    highlighted = camille.page.locator(".o_statusbar_buttons .btn-primary:visible")
    expect(highlighted).to_have_text(["Envoyer à l'Urssaf"])
    camille.picture("30-one-button-stands-out")
    camille.press("Envoyer à l'Urssaf")
    wait_for_toast(camille, "L'Urssaf a bien reçu")
    camille.expect_field(STATUS, "Intégrée")
    expect(camille.page.locator(".o-mail-Message").first).to_contain_text("bien reçu")
    camille.press("Actualiser le statut")
    wait_for_toast(camille, "Rien de nouveau")
    camille.picture("31-sent")
    camille.page.locator("button[name=action_l10n_fr_sap_open_request]").click()
    rows = camille.page.locator(".o_field_widget[name=event_ids] .o_data_row")
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("Camille")
    camille.picture("32-history")


def test_what_was_typed_is_saved_and_tested(log_in):
    admin = log_in("admin")
    open_settings(admin)
    secret = admin.page.locator("#l10n_fr_sap_access input[type=password]:visible")
    secret.fill("demo-secret")
    admin.press("Tester la connexion")
    wait_for_toast(admin, "n'est pas l'Urssaf elle-même")
    admin.picture("33-settings-saved-and-tested")


LISTS = {
    "action_invoices": "account.move",
    "action_particuliers": "res.partner",
    "action_registrations": "l10n_fr_sap.registration",
    "action_payment_requests": "l10n_fr_sap.payment.request",
}


@pytest.mark.parametrize("action", LISTS)
def test_on_a_telephone(camille, action):
    camille.page.set_viewport_size(PHONE)
    camille.page.goto(f"{camille.url}/odoo/action-l10n_fr_urssaf_sap.{action}")
    record = camille.page.locator(".o_kanban_record:not(.o_kanban_ghost), .o_data_row")
    if not record.count():
        record.first.wait_for()
    camille.picture(f"35-phone-{action}")
    assert fits(camille)
    record.first.click()
    camille.page.wait_for_selector(".o_form_view .o_form_sheet")
    expect(camille.page.locator(".o_form_sheet .o_field_widget").first).to_be_visible()
    camille.picture(f"36-phone-{action}-form")
    assert fits(camille)


def fits(page):
    """Whether nothing makes the page wider than the telephone."""
    width = page.page.evaluate("document.documentElement.scrollWidth")
    return width <= PHONE["width"]
