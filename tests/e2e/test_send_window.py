# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's own Send window: the e-mail to the customer, and the Urssaf with it."""

import re

import pytest
from playwright.sync_api import expect

STATUS, LABEL = "l10n_fr_sap_status", "Avance immédiate (Urssaf)"
QUEUED, INTEGRATED = "En file d'attente", "Intégrée"
ODOOS_CRONS = (
    "account.ir_cron_account_move_send",
    "mail.ir_cron_mail_scheduler_action",
)
OUR_CRON = "l10n_fr_urssaf_sap.ir_cron_send"


@pytest.fixture
def admin(log_in):
    return log_in("admin")


def attached(message):
    return [part.get_filename() for part in message.iter_attachments()]


def test_one_invoice_goes_to_its_customer_and_to_the_urssaf(
    camille, admin, urssaf, mailbox
):
    camille.open_record("action_invoices", "/00011")
    number = camille.field("name").inner_text()
    window = camille.open_send_window()
    tick = window.get_by_label(LABEL)
    expect(tick).to_be_checked()
    expect(window.locator("[role=alert]")).to_have_count(0)
    camille.picture("14-the-send-window")
    camille.send_window()
    camille.expect_field(STATUS, QUEUED)
    assert number not in urssaf.demandes()
    [message] = mailbox.to("paul.moreau@example.com")
    assert number in message["Subject"]
    assert any(name.endswith(".pdf") for name in attached(message))
    text = message.get_body(("html",)).get_content()
    assert "vous n'avez rien à nous payer" in text
    assert "meilleurs délais" not in text

    admin.run_cron(OUR_CRON)
    camille.page.reload()
    camille.expect_field(STATUS, INTEGRATED)
    assert number in urssaf.demandes()
    # Sent once more by e-mail, it is not offered to the Urssaf again.
    expect(camille.open_send_window().get_by_label(LABEL)).to_have_count(0)


def test_the_document_shows_the_totals_and_what_the_urssaf_collects(camille):
    camille.open_record("action_invoices", "/00012")
    move = re.search(r"/(\d+)$", camille.page.url)[1]
    camille.page.goto(f"{camille.url}/report/html/account.report_invoice/{move}")
    totals, block = (
        camille.page.locator(selector).bounding_box()
        for selector in ("#total", "[name=l10n_fr_sap_collected]")
    )
    camille.picture("20-the-document")
    assert block["y"] >= totals["y"] + totals["height"]


def test_one_that_cannot_go_is_e_mailed_and_says_what_to_fix(
    camille, admin, urssaf, mailbox
):
    camille.open_record("action_invoices", "/00017")
    number = camille.field("name").inner_text()
    window = camille.open_send_window()
    tick = window.get_by_label(LABEL)
    expect(tick).not_to_be_checked()
    expect(tick).to_be_disabled()
    inactive, birth_date = window.locator("[role=alert]").all()
    expect(inactive).to_contain_text(
        "Mathis Roux\u00a0: pas encore inscrit(e) auprès de l'Urssaf"
    )
    expect(birth_date).to_contain_text("Date de naissance : à renseigner")
    camille.picture("15-the-send-window-with-a-defect")
    camille.send_window()
    assert len(mailbox.to("mathis.roux@example.com")) == 1
    # The link leads to the customer to fix.
    window = camille.open_send_window()
    window.locator("[role=alert] a").last.click()
    camille.page.wait_for_selector(".o_form_view a[name=l10n_fr_sap]")
    expect(camille.page.locator(".o_breadcrumb")).to_contain_text("Mathis Roux")
    admin.run_cron(OUR_CRON)
    assert number not in urssaf.demandes()


def test_several_from_the_list(camille, admin, urssaf, mailbox):
    numbers = ("/00009", "/00010", "/00016")
    camille.open_list("action_invoices")
    camille.select(*numbers)
    window = camille.open_send_window()
    expect(window).to_contain_text(f"2 facture(s) par {LABEL}")
    expect(window.locator("[role=alert]")).to_contain_text("Lucie Petit")
    camille.picture("16-the-send-window-for-several")
    before = len(mailbox.to("paul.moreau@example.com"))
    camille.send_window()
    for cron in ODOOS_CRONS:
        admin.run_cron(cron)
    assert len(mailbox.to("paul.moreau@example.com")) == before + 2
    assert len(mailbox.to("lucie.petit@example.com")) == 1
    admin.run_cron(OUR_CRON)

    camille.open_list("action_invoices")
    for number, status in zip(
        numbers, (INTEGRATED, INTEGRATED, "Non envoyée"), strict=True
    ):
        row = camille.page.locator(".o_data_row", has_text=number)
        expect(row.locator("td[name=l10n_fr_sap_shown_status]")).to_have_text(status)
    sent = {number[-6:] for number in urssaf.demandes()}
    assert sent & set(numbers) == set(numbers[:2])
