# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The money: an invoice that the Urssaf has paid comes into the books, and its transfer is
matched with the bank; what was a mistake is taken apart again."""

import re

import pytest
import requests
from playwright.sync_api import expect
from test_journey import open_settings

STATUS, STATE = "l10n_fr_sap_status", ".o_statusbar_status"
MATCH, UNDO = "Rapprocher de la banque", "Annuler le rapprochement"


@pytest.fixture
def admin(log_in):
    return log_in("admin")


def another_invoice(camille, name="FAC/2026/00010"):
    """The number of a posted invoice like one of the demo's, which other tests send."""
    [like] = camille.call(
        "account.move",
        "search_read",
        [["name", "=", name]],
        ["invoice_date", "l10n_fr_sap_date_from", "l10n_fr_sap_date_to"],
    )
    [move] = camille.call("account.move", "copy", [like.pop("id")], like)
    camille.call("account.move", "action_post", [move])
    [posted] = camille.call("account.move", "read", [move], ["name"])
    return posted["name"]


def say(urssaf, number, **said):
    """What the Urssaf says of this payment request from now on."""
    demande = urssaf.demandes()[number]["idDemandePaiement"]
    url = f"{urssaf.url}/control/demandes/{demande}"
    requests.post(url, json=said, timeout=10).raise_for_status()


@pytest.fixture
def paid(camille, admin, urssaf):
    """The payment request of an invoice that the Urssaf has paid; gives its number, day
    and euros."""
    [company] = admin.call("res.company", "search", [["name", "=", "Les Mains Vertes"]])
    switched_on = {"l10n_fr_sap_register_payments": True}
    admin.call("res.company", "write", [company], switched_on)
    number = another_invoice(camille)
    camille.open_record("action_invoices", number)
    camille.press("Envoyer à l'Urssaf")
    camille.expect_field(STATUS, "Intégrée")
    [found] = camille.call(
        "account.move",
        "search_read",
        [["name", "=", number]],
        ["invoice_date", "amount_total"],
    )
    day, euros = found["invoice_date"], found["amount_total"]
    transfer = {"mntVirement": euros, "dateVirement": f"{day}T00:00:00Z"}
    say(urssaf, number, statut="70", infoVirement=transfer)
    camille.press("Actualiser le statut")
    camille.expect_field(STATUS, "Payée")
    return number, day, euros


def test_from_paid_to_the_bank_and_back(camille, admin, paid):
    number, day, euros = paid
    # The books say so too, and lead to the transfer.
    [move] = camille.call(
        "account.move", "search_read", [["name", "=", number]], ["payment_state"]
    )
    assert move["payment_state"] == "paid"
    expect(camille.button("Virement de l'Urssaf")).to_have_count(1)
    camille.picture("20-paid-in-the-books")
    camille.press("Virement de l'Urssaf")
    camille.page.wait_for_selector(".o_form_view .o_statusbar_status")
    expect(camille.page.locator(".o_data_row", has_text=number)).to_have_count(1)
    # Whoever writes invoices does not touch the bank.
    expect(camille.button(MATCH)).to_have_count(0)

    journal = admin.call("account.journal", "search", [["type", "=", "bank"]])[0]
    for label in ("VIR SEPA URSSAF 1", "VIR SEPA URSSAF 2"):
        line = {
            "journal_id": journal,
            "date": day,
            "payment_ref": label,
            "amount": euros,
        }
        admin.call("account.bank.statement.line", "create", [line])
    open_settings(admin)
    admin.page.locator("#l10n_fr_sap_payments").scroll_into_view_if_needed()
    admin.picture("21-settings-of-the-money")

    admin.open_list("action_transfers")
    admin.picture("22-transfers")
    admin.page.locator(".o_data_row td").nth(1).click()
    admin.page.wait_for_selector(".o_form_view .o_statusbar_status")
    current = admin.page.locator(f"{STATE} .o_arrow_button_current")
    expect(current).to_have_text(re.compile("À recevoir"))
    admin.picture("23-a-transfer-to-receive")

    admin.press(MATCH)
    dialog = admin.page.locator(".modal-content")
    expect(dialog.locator(".o_data_row")).to_have_count(2)
    admin.picture("24-which-bank-transaction")
    row = dialog.locator(".o_data_row", has_text="URSSAF 2")
    row.get_by_role("button", name="Rapprocher").click()
    dialog.wait_for(state="detached")
    expect(current).to_have_text(re.compile("Reçu"))
    admin.page.locator(".o_notebook a[name=bank]").click()
    expect(admin.page.locator(".o_data_row", has_text="URSSAF 2")).to_have_count(1)
    admin.picture("25-received")

    admin.press(UNDO)
    expect(current).to_have_text(re.compile("À recevoir"))
    expect(admin.button(UNDO)).to_have_count(0)
    admin.picture("26-taken-apart")


def test_what_the_urssaf_cancels_after_it_has_paid(camille, paid, urssaf):
    number, _day, _euros = paid
    say(urssaf, number, statut="110")
    camille.press("Actualiser le statut")
    camille.expect_field(STATUS, "Annulée")
    box = camille.page.locator(".alert-danger", has_text=number)
    expect(box).to_contain_text("Urssaf")
    expect(camille.button("Virement de l'Urssaf")).to_have_count(1)
    camille.picture("27-cancelled-after-it-was-paid")
    # It is not sent again without a question.
    camille.button("Renvoyer à l'Urssaf").first.click()
    dialog = camille.page.locator(".modal-content")
    expect(dialog).to_contain_text("annulé")
    dialog.get_by_role("button", name="Annuler").click()
    camille.expect_field(STATUS, "Annulée")
