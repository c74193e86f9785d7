# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The ordinary path of an office without the Sales app: a customer from Odoo's own menu to
an invoice that is paid, and an invoice typed without a thought of the Urssaf. The browser
itself counts the clicks."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import canaries
import pytest
import requests
from playwright.sync_api import expect

STATUS, TO_FIX = "l10n_fr_sap_status", "l10n_fr_sap_to_fix"
REGISTRATION = "l10n_fr_sap_registration_state"
MOST_CLICKS, MOST_VALUES, MOST_TO_COMPLETE = 20, 14, 3
COUNT = """addEventListener("pointerdown", () => sessionStorage.setItem(
    "clicks", 1 + Number(sessionStorage.getItem("clicks"))), true)"""

NAME = "Madame Solange Tessier"


def _nothing(route):
    route.fulfill(json={"jsonrpc": "2.0", "id": None, "result": []})


class Hand:
    """A person at the form: values are typed one after the other, and clicks counted by
    the page."""

    def __init__(self, camille):
        self.camille, self.page, self.values = camille, camille.page, 0
        self.page.add_init_script(COUNT)
        # Odoo's own service, which knows companies by name: there is no network here.
        self.page.route("**/autocomplete_by_name", _nothing)
        self.page.reload()
        self.page.wait_for_selector(".o_main_navbar")
        self.start()

    def start(self):
        self.page.evaluate("sessionStorage.removeItem('clicks')")
        self.values = 0

    @property
    def clicks(self):
        return int(self.page.evaluate("sessionStorage.getItem('clicks')") or 0)

    def click(self, locator):
        locator.click()

    def type(self, name, text):
        """Into a field that the Tab key reaches."""
        inputs = self.page.locator(
            f".o_field_widget[name={name}] input:visible,"
            f" .o_field_widget[name={name}] textarea:visible"
        )
        inputs.first.fill(text)
        self.page.keyboard.press("Tab")
        self.values += 1

    def pick(self, name, text):
        """Type into a many2one field and take the suggestion that begins so."""
        self.camille.field(name).locator("input").fill(text)
        begins = re.compile(rf"^\s*{text}", re.IGNORECASE)
        self.page.locator(".o-autocomplete--dropdown-item a", has_text=begins).click()
        self.values += 1


@pytest.fixture
def hand(camille):
    return Hand(camille)


@pytest.fixture
def phone(camille):
    """Pictures of a form as a phone shows it: the top of it, and one of its tabs."""

    def picture(name, tab):
        size = camille.page.viewport_size
        camille.page.set_viewport_size({"width": 390, "height": 844})
        camille.page.reload()
        camille.page.wait_for_selector(".o_form_view")
        camille.picture(name)
        link = camille.page.locator(f".o_notebook a[name={tab}]")
        link.click()
        link.evaluate("tab => tab.scrollIntoView()")
        camille.picture(f"{name}-lower")
        camille.page.set_viewport_size(size)
        camille.page.reload()
        camille.page.wait_for_selector(".o_form_view")

    return picture


def today():
    return str(datetime.now(ZoneInfo("Europe/Paris")).date())


def control(urssaf, path, body):
    requests.post(
        f"{urssaf.url}/control/{path}", json=body, timeout=10
    ).raise_for_status()


def save(camille):
    camille.page.locator(".o_form_button_save:visible").click()
    camille.page.wait_for_selector(".o_form_button_save", state="hidden")


def test_a_customer_from_odoos_own_menu_to_paid(
    camille, hand, urssaf, phone, record_property
):
    page = camille.page
    page.goto(f"{camille.url}/odoo/customers")
    page.wait_for_selector(".o_list_button_add, .o-kanban-button-new")
    hand.start()
    hand.click(page.locator(".o_list_button_add:visible, .o-kanban-button-new:visible"))
    page.wait_for_selector(".o_form_view")
    tab = page.locator(".o_notebook a[name=l10n_fr_sap]")
    hand.click(tab)
    camille.picture("30-a-new-contact-is-a-company")
    hand.click(camille.field("l10n_fr_sap_particulier").locator("input"))
    hand.type("name", NAME)
    hand.type("email", "solange.tessier@example.com")
    hand.type("phone", "06 39 98 44 21")
    hand.type("street", "7 rue du Moulin")
    hand.type("zip", "69003")
    hand.type("city", "Lyon")
    expect(camille.field("country_id").locator("input")).to_have_value("France")
    hand.type("l10n_fr_sap_birth_date", f"{canaries.BIRTH_DATE:%d/%m/%Y}")
    hand.pick("l10n_fr_sap_birth_commune_id", "villeurb")
    hand.type("l10n_fr_sap_iban", "FR76 3000 6000 0112 3456 7890 188")
    note = camille.field("l10n_fr_sap_iban_note")
    expect(note).to_have_text("Cet IBAN n'est pas valide.")
    camille.picture("31-a-wrong-iban-is-told-at-once")
    hand.type("l10n_fr_sap_iban", "FR76 3000 6000 0112 3456 7890 189")
    expect(note).to_have_count(0)
    expect(camille.field("l10n_fr_sap_missing")).to_have_count(0)
    camille.picture("32-a-new-customer-complete")
    iban = camille.field("l10n_fr_sap_iban").locator("input")
    assert iban.evaluate("field => field.scrollWidth <= field.clientWidth")
    camille.press("Inscrire auprès de l'Urssaf")
    camille.expect_field(REGISTRATION, "En attente d'activation")
    camille.picture("33-registered-with-consent")
    # The customer activates, some time before the services.
    body = urssaf.calls("M010")[-1]
    assert body["nomNaissance"] == "Tessier"
    [partner] = camille.call(
        "res.partner",
        "search_read",
        [["name", "=", NAME]],
        ["l10n_fr_sap_urssaf_id", "l10n_fr_sap_consent_date", "is_company"],
    )
    assert not partner["is_company"]
    assert partner["l10n_fr_sap_consent_date"] == today()
    control(
        urssaf,
        f"particuliers/{partner['l10n_fr_sap_urssaf_id']}",
        {"etat": "active", "activeSince": "2024-01-01T00:00:00"},
    )
    camille.press("Actualiser l'inscription")
    camille.expect_field(REGISTRATION, "Compte activé")

    hand.click(page.locator("[name=action_l10n_fr_sap_payment_requests]:visible"))
    hand.click(page.locator(".o_list_button_add:visible"))
    page.wait_for_selector(".o_form_view .o_field_x2many_list_row_add")
    if not camille.field("partner_id").locator("input").input_value():
        hand.pick("partner_id", NAME)
    hand.click(page.locator(".o_field_x2many_list_row_add a").first)
    hand.pick("product_id", "ménage")
    hand.type("quantity", "3")
    camille.picture("34-an-invoice-with-its-columns")
    camille.press("Confirmer")
    hand.click(camille.button("Envoyer à l'Urssaf").first)
    camille.expect_field(STATUS, "Intégrée")
    number = camille.field("name").inner_text().strip()
    camille.picture("35-sent")
    demande = urssaf.demandes()[number]
    transfer = {
        "mntVirement": demande["mntFactureTTC"],
        "dateVirement": f"{today()}T00:00:00Z",
    }
    control(
        urssaf,
        f"demandes/{demande['idDemandePaiement']}",
        {"statut": "70", "infoVirement": transfer},
    )
    camille.press("Actualiser le statut")
    camille.expect_field(STATUS, "Payée")
    camille.picture("36-paid")
    clicks, values = hand.clicks, hand.values
    record_property("clicks and values", (clicks, values))
    assert clicks <= MOST_CLICKS
    assert values <= MOST_VALUES
    phone("37-the-invoice-on-a-phone", "invoice_tab")
    page.goto(f"{camille.url}/odoo/res.partner/{partner['id']}")
    page.wait_for_selector(".o_form_view")
    phone("38-the-customer-on-a-phone", "l10n_fr_sap")


@pytest.fixture
def naive(camille, hand):
    """Type an invoice of a label and a price for an active customer; gives the page."""

    def naive(label, product=None):
        page = camille.page
        page.goto(f"{camille.url}/odoo/customer-invoices/new")
        page.wait_for_selector(".o_form_view .o_field_x2many_list_row_add")
        hand.pick("partner_id", "Hélène")
        page.locator(".o_field_x2many_list_row_add a").first.click()
        if product:
            hand.pick("product_id", product)
        else:
            page.locator("#labelVisibilityButtonId").click()
            cell = page.locator(".o_data_row td[name=product_id]")
            cell.locator("textarea").fill(label)
        hand.type("price_unit", "90")
        save(camille)
        return page

    return naive


def test_a_label_and_a_price_lack_nothing_where_something_was_invoiced(
    camille, naive, hand
):
    page = naive("Grand ménage de printemps")
    nature = page.locator(".o_data_row td[name=l10n_fr_sap_nature_id]")
    expect(nature).not_to_be_empty()
    expect(camille.field(TO_FIX)).to_have_count(0)
    camille.picture("40-a-label-and-a-price")
    camille.press("Confirmer")
    camille.press("Envoyer à l'Urssaf")
    camille.expect_field(STATUS, "Intégrée")


def test_another_trade_is_proposed_and_said_beside_the_chatter(camille, naive, hand):
    camille.page.set_viewport_size({"width": 1440, "height": 900})
    page = naive("Taille de haie")
    nature = page.locator(".o_data_row td[name=l10n_fr_sap_nature_id]")
    expect(nature).to_have_text("Jardinage")
    warning = camille.field("l10n_fr_sap_warning")
    expect(warning).to_contain_text("Nature proposée")
    expect(warning).to_contain_text("Heures absentes")
    camille.picture("44-a-proposed-nature")
    # What makes the price of a line is to be seen, whatever else is.
    expect(page.locator(".o-mail-Form-chatter.o-aside")).to_be_visible()
    table = page.locator(".o_field_widget[name=invoice_line_ids]")
    hidden = table.evaluate(
        """table => {
            const edge = table.getBoundingClientRect().right + 1;
            return [...table.querySelectorAll("th[data-name]")]
                .filter(cell => cell.getBoundingClientRect().right > edge)
                .map(cell => cell.dataset.name);
        }"""
    )
    assert hidden == []
    hand.start()
    camille.press("Vérifier les natures")
    window = page.locator(".modal-content")
    window.locator(".o_data_row").wait_for()
    hand.click(window.locator("button[name=action_apply]"))
    window.wait_for(state="detached")
    expect(warning).not_to_contain_text("Nature proposée")
    assert hand.clicks <= MOST_TO_COMPLETE


def test_a_naive_invoice_is_completed_from_its_box(
    camille, naive, hand, phone, log_in, record_property
):
    admin = log_in("admin")
    [company] = admin.call("res.company", "search", [["name", "=", "Les Mains Vertes"]])
    # What an office has that never thought of the Urssaf.
    admin.call(
        "product.product",
        "create",
        {"name": "Divers travaux", "type": "service", "company_id": company},
    )
    naive("", product="Divers travaux")
    box = camille.field(TO_FIX)
    expect(box).to_contain_text("Nature de la prestation")
    camille.picture("41-what-a-draft-lacks")
    phone("42-what-a-draft-lacks-on-a-phone", "invoice_tab")
    hand.start()
    camille.press("Compléter")
    window = camille.page.locator(".modal-content")
    window.locator(".o_data_row").wait_for()
    camille.picture("43-the-window-that-completes")
    hand.click(window.locator("button[name=action_apply]"))
    window.wait_for(state="detached")
    expect(box).to_have_count(0)
    clicks = hand.clicks
    record_property("clicks", clicks)
    assert clicks <= MOST_TO_COMPLETE
    camille.press("Confirmer")
    camille.press("Envoyer à l'Urssaf")
    camille.expect_field(STATUS, "Intégrée")


def test_a_confirmed_one_with_a_nature_to_choose(camille, naive, hand, record_property):
    page = naive("Grand ménage")
    # As in a company that has invoiced nothing yet: nothing is proposed.
    move = int(re.search(r"/(\d+)$", page.url.split("?")[0])[1])
    [line] = camille.call(
        "account.move.line",
        "search",
        [["move_id", "=", move], ["display_type", "=", "product"]],
    )
    camille.call("account.move.line", "write", [line], {"l10n_fr_sap_nature_id": False})
    page.reload()
    camille.press("Confirmer")
    expect(camille.field(TO_FIX)).to_contain_text("Nature de la prestation")
    hand.start()
    camille.press("Compléter")
    window = page.locator(".modal-content")
    window.locator(".o_data_row td[name=nature_id]").click()
    window.locator(".o_field_widget[name=nature_id] input").fill("jardinage")
    page.locator(".o-autocomplete--dropdown-item").first.wait_for()
    page.keyboard.press("Enter")
    window.locator("button[name=action_apply]").click()
    window.wait_for(state="detached")
    expect(camille.field(TO_FIX)).to_have_count(0)
    clicks = hand.clicks
    record_property("clicks", clicks)
    assert clicks <= MOST_TO_COMPLETE
