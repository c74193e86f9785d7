# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An office's morning: the ten figures, the lists behind them, the boards of payment
requests, and what the State asks."""

import io
import re

import pytest
import requests
from playwright.sync_api import expect
from pypdf import PdfReader
from test_transfers import another_invoice

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1440, "height": 900}
# What the Urssaf says of six invoices.
STATUSES = ("20", "20", "30", "40", "60", "70")
COMPARE = "NOVA : comparer tous les mois à la comptabilité"


@pytest.fixture
def sent(camille, urssaf):
    """The numbers of six invoices, each in a status of its own."""
    numbers = [another_invoice(camille) for _status in STATUSES]
    moves = camille.call("account.move", "search", [["name", "in", numbers]])
    camille.call("account.move", "action_l10n_fr_sap_send", moves)
    demandes = urssaf.demandes()
    for number, status in zip(numbers, STATUSES, strict=True):
        body = {"statut": status}
        if status == "70":
            body["infoVirement"] = {"mntVirement": 54.0}
        requests.post(
            f"{urssaf.url}/control/demandes/{demandes[number]['idDemandePaiement']}",
            json=body,
            timeout=10,
        ).raise_for_status()
    camille.call("account.move", "action_l10n_fr_sap_refresh", moves)
    return numbers


def open_action(page, action, ready):
    page.page.goto(f"{page.url}/odoo/action-{action}")
    page.page.wait_for_selector(ready)


def show(page, kind, ready):
    """Switch to another view of the same records."""
    page.page.locator(f".o_cp_switch_buttons .o_switch_view.o_{kind}").click()
    page.page.wait_for_selector(ready)


def test_the_morning_and_the_lists_behind_it(camille, log_in, sent):
    open_action(camille, "l10n_fr_urssaf_sap.action_morning", ".o_kanban_record")
    cards = camille.page.locator(".o_kanban_record:not(.o_kanban_ghost)")
    expect(cards).to_have_count(10)
    camille.picture("50-morning")
    # What cannot be sent yet has a list of its own.
    to_send = cards.filter(has_text="À envoyer")
    to_send.locator("a[name=action_open_not_ready]").click()
    camille.page.wait_for_selector(".o_list_view .o_data_row")
    [row] = camille.call(
        "l10n_fr_sap.morning", "search_read", [["kind", "=", "to_send"]], ["not_ready"]
    )
    expect(camille.page.locator(".o_data_row")).to_have_count(row["not_ready"])
    camille.picture("50-2-not-ready")
    camille.page.locator(".o_breadcrumb a", has_text="Point du matin").click()
    refused = cards.filter(has_text="Refusées")
    [row] = camille.call(
        "l10n_fr_sap.morning", "search_read", [["kind", "=", "refused"]], ["count"]
    )
    assert row["count"] >= 1
    expect(refused).to_contain_text(str(row["count"]))
    refused.click()
    camille.page.wait_for_selector(".o_list_view .o_data_row")
    expect(camille.page.locator(".o_data_row")).to_have_count(row["count"])
    expect(camille.page.locator(".o_data_row", has_text=sent[3])).to_have_count(1)
    camille.picture("51-refused")
    # And back again.
    camille.page.locator(".o_breadcrumb a", has_text="Point du matin").click()
    expect(cards).to_have_count(10)

    admin = log_in("admin")
    [company] = admin.call("res.company", "search", [["name", "=", "Les Mains Vertes"]])
    admin.call("res.company", "action_l10n_fr_sap_set_up_payments", [company])
    dashboard = "account.open_account_journal_dashboard_kanban"
    open_action(admin, dashboard, ".o_kanban_record")
    card = admin.page.locator(".o_kanban_record", has_text="Refusées")
    expect(card).to_have_count(1)
    expect(figure_of(card, "Refusées")).to_contain_text(str(row["count"]))
    for number, (name, size) in enumerate((("wide", WIDE), ("phone", PHONE))):
        admin.page.set_viewport_size(size)
        card.scroll_into_view_if_needed()
        admin.picture(f"52-{number}-card-of-the-journal-{name}")
        # No figure is cut off by the card.
        frame = card.bounding_box()
        for line in card.locator("a[name=action_l10n_fr_sap_figure]").all():
            box = line.bounding_box()
            assert frame["x"] <= box["x"]
            assert box["x"] + box["width"] <= frame["x"] + frame["width"]
        width = admin.page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"]
    admin.page.set_viewport_size(WIDE)
    figure_of(card, "Refusées").click()
    admin.page.wait_for_selector(".o_list_view .o_data_row")
    expect(admin.page.locator(".o_data_row")).to_have_count(row["count"])


def figure_of(card, label):
    """The line of the journal's card with this figure."""
    return card.locator("a[name=action_l10n_fr_sap_figure]", has_text=label)


def test_the_boards_of_payment_requests(camille, sent):
    action = "l10n_fr_urssaf_sap.action_payment_requests"
    open_action(camille, action, ".o_list_view .o_data_row")
    for number, (kind, ready) in enumerate(
        (
            ("kanban", ".o_kanban_group .o_kanban_record"),
            ("pivot", ".o_pivot table"),
            ("graph", ".o_graph_renderer canvas"),
            ("calendar", ".o_calendar_renderer .fc-event"),
        ),
        53,
    ):
        show(camille, kind, ready)
        camille.picture(f"{number}-requests-{kind}")
    deadlines = camille.page.locator(".o_calendar_renderer .fc-event")
    assert deadlines.count() >= 2

    camille.page.set_viewport_size(PHONE)
    for number, action in enumerate(("action_payment_requests", "action_morning"), 57):
        open_action(camille, f"l10n_fr_urssaf_sap.{action}", ".o_kanban_record")
        camille.picture(f"{number}-phone-{action}")
        width = camille.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"]


def test_what_the_state_asks(camille):
    open_action(camille, "l10n_fr_urssaf_sap.action_nova_report", ".o_pivot table")
    expect(camille.page.locator(".o_pivot table")).to_contain_text(
        re.compile("Services à la personne")
    )
    camille.picture("59-nova")
    # No line but the heads that holds nothing.
    rows = camille.page.locator(".o_pivot tbody tr")
    for text in rows.all_inner_texts():
        assert re.search("[1-9]", text.split("\t", 1)[1]), text
    camille.page.locator(".o_menu_sections button", has_text="Avance immédiate").click()
    camille.page.get_by_role("menuitem", name=COMPARE).click()
    told = camille.page.locator(".o_notification")
    expect(told).to_contain_text(re.compile("comptabilité|livres"))
    expect(camille.page.locator(".o_pivot table")).to_be_visible()
    camille.picture("59-2-nova-compared")


def test_a_certificate(camille, log_in):
    """The wizard says why it makes none, and warns; the document can be read."""
    # Odoo learns from an administrator where a PDF's fonts are.
    log_in("admin")
    [paid] = camille.call(
        "l10n_fr_sap.payment.request",
        "search_read",
        [["state", "=", "paid"], ["transfer_date", "!=", False]],
        ["partner_id", "transfer_date"],
        0,
        1,
    )
    year = int(paid["transfer_date"][:4])
    open_action(camille, "l10n_fr_urssaf_sap.action_certificates", ".o_list_view")
    window = camille.page.locator(".modal-content")
    camille.button("Établir les attestations").first.click()
    window.locator(".o_form_view").wait_for()
    camille.field("whose").locator("input").click()
    choices = camille.page.locator(".o_select_menu_item")
    expect(choices).to_have_count(2)
    expect(choices.filter(has_text="sélectionnés")).to_have_count(0)
    camille.page.keyboard.press("Escape")
    camille.fill("year", str(year - 1))
    expect(window.locator(".alert")).to_have_count(0)
    window.locator("button[name=action_make]").click()
    refusal = camille.page.locator(".modal-content", has_text="Aucun client")
    expect(refusal).to_contain_text(f"Il y a des paiements en {year}")
    camille.picture("60-nobody-to-certify")
    refusal.get_by_role("button", name="Fermer").last.click()
    expect(refusal).to_have_count(0)
    camille.fill("year", str(year))
    expect(window.locator(".alert")).to_contain_text("n'est pas terminée")
    camille.picture("61-the-year-is-not-over")
    window.locator("button[name=action_make]").click()
    camille.page.wait_for_selector(".o_form_view .o_statusbar_status, .o_data_row")
    expect(window).to_have_count(0)
    [made] = camille.call(
        "l10n_fr_sap.certificate",
        "search_read",
        [["partner_id", "=", paid["partner_id"][0]], ["year", "=", year]],
        ["attachment_id"],
    )
    url = f"{camille.url}/web/content/{made['attachment_id'][0]}"
    pdf = PdfReader(io.BytesIO(camille.page.request.get(url).body()))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for told in (
        "TEST – sans valeur",
        f"Attestation fiscale annuelle {year}",
        paid["partner_id"][1],
        "Montant effectivement acquitté par le bénéficiaire",
        "Annexe – détail des prestations",
    ):
        assert told in text
    report = "l10n_fr_urssaf_sap.report_certificate_page"
    camille.page.goto(f"{camille.url}/report/html/{report}/{made['id']}")
    camille.page.get_by_text("Attestation fiscale annuelle").wait_for()
    camille.picture("62-certificate")
