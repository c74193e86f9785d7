# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Five invoices from the list, two of them bad; then a customer who refuses."""

import re

import requests
from playwright.sync_api import expect

STATUS = "l10n_fr_sap_status"
GOOD, BAD, OTHER_BAD = ("/00005", "/00006", "/00007"), "/00008", "/00017"
COMMENT = "Deux heures seulement, pas trois"


def invoice(page, number):
    [found] = page.call(
        "account.move",
        "search_read",
        [["name", "=like", f"%{number}"]],
        ["name", "invoice_date", "l10n_fr_sap_date_from"],
    )
    return found


def test_two_bad_ones_of_five_then_a_refusal(camille, urssaf):
    bad = invoice(camille, BAD)
    year, month, _day = bad["invoice_date"].split("-")
    # Somebody typed the wrong year.
    wrong = {"l10n_fr_sap_date_from": f"{int(year) - 1}-{month}-01"}
    camille.call("account.move", "write", [bad["id"]], wrong)

    camille.open_list("action_invoices")
    camille.select(*GOOD, BAD, OTHER_BAD)
    camille.press("Envoyer à l'Urssaf")
    dialog = camille.page.locator(".o_form_view")
    expect(dialog).to_contain_text(OTHER_BAD)
    row = dialog.locator(".o_data_row", has_text=BAD)
    expect(row).to_contain_text("même mois")
    camille.picture("17-two-of-five-to-fix")
    assert {number[-6:] for number in urssaf.demandes()} >= set(GOOD)

    # The link leads to the one to fix; its form says the same.
    with camille.page.expect_response(re.compile("/web/dataset/call_button/")):
        row.get_by_role("button", name="Ouvrir").click()
    camille.page.wait_for_selector(".o_form_view .o_form_sheet")
    camille.expect_field("name", bad["name"])
    expect(camille.field("l10n_fr_sap_to_fix")).to_contain_text("même mois")
    camille.picture("18-what-to-fix")
    # Going back finds the summary again.
    camille.page.go_back()
    expect(row).to_contain_text("même mois")
    row.get_by_role("button", name="Ouvrir").click()
    camille.expect_field("name", bad["name"])
    start = camille.field("l10n_fr_sap_date_from")
    start.locator("button").first.click()
    start.locator("input").first.fill(f"01/{month}/{year}")
    camille.page.keyboard.press("Enter")
    camille.page.keyboard.press("Escape")
    expect(camille.field("l10n_fr_sap_to_fix")).to_have_count(0)
    camille.press("Envoyer à l'Urssaf")
    camille.expect_field(STATUS, "Intégrée")

    refused = urssaf.demandes()[bad["name"]]
    requests.post(
        f"{urssaf.url}/control/demandes/{refused['idDemandePaiement']}",
        json={
            "statut": "40",
            "infoRejet": {"code": "CONTEST_ERR_FACT", "commentaire": COMMENT},
        },
        timeout=10,
    ).raise_for_status()
    camille.press("Actualiser le statut")
    camille.expect_field(STATUS, "Refusée")
    expect(camille.field("l10n_fr_sap_error")).to_contain_text(COMMENT)
    expect(camille.page.locator(".o-mail-Activity").first).to_contain_text(
        "refusé la demande de paiement"
    )
    camille.picture("19-refused-by-the-customer")
    camille.press("Renvoyer à l'Urssaf")
    camille.expect_field(STATUS, "Intégrée")
    assert f"{bad['name']}-2" in urssaf.demandes()
    expect(camille.field("l10n_fr_sap_request_id")).to_contain_text(f"{bad['name']}-2")
