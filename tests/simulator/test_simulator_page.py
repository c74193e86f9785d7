# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The page for people, read and used as a browser does."""

import pytest
import requests
from lxml import html


class Browser:
    """A browser that reads the page and presses its buttons."""

    def __init__(self, url):
        self.url = url

    def page(self):
        answer = requests.get(self.url + "/")
        assert answer.status_code == 200
        return html.fromstring(answer.text, base_url=self.url + "/")

    def row(self, attribute, value):
        (row,) = self.page().xpath(f"//tr[@{attribute}=$value]", value=value)
        return row

    def actions(self, attribute, value):
        return self.row(attribute, value).xpath(".//button/@data-action")

    def press(self, where, action, **fields):
        """Press the one button ``action`` inside ``where``; the row or the page."""
        (button,) = where.xpath(f".//button[@data-action='{action}']")
        (form,) = button.xpath("ancestor::form")
        form.fields.update(fields)
        data = dict(form.form_values()) | {button.get("name"): button.get("value")}
        answer = requests.post(
            self.url + form.get("action"), data=data, allow_redirects=False
        )
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.fixture
def browser(url):
    return Browser(url)


def text_of(row):
    return " ".join(row.text_content().split())


def test_an_empty_page(browser):
    text = text_of(browser.page())
    assert "Urssaf simulée" in text
    assert "Ceci n’est pas l’Urssaf" in text
    assert "Aucun particulier" in text


@pytest.mark.parametrize(
    ("action", "etat", "since"),
    [
        ("activate", "active", "2026-09-30"),
        ("abandon", "abandoned", None),
        ("block", "blocked", None),
        ("expire", "mandate_expired", None),
    ],
)
def test_buttons_of_a_particulier(browser, menage, jardin, action, etat, since):
    id_client = menage.register().json()["idClient"]
    row = browser.row("data-id", id_client)
    assert "Durand-L'Hermite" in text_of(row)
    jardin.register()
    browser.press(row, action)
    mine, others = menage.state()["particuliers"]
    assert (mine["etat"], mine["activeSince"]) == (etat, since)
    # The same person's registration by another provider is another row.
    assert others["etat"] == "pending"


def test_activation_on_a_chosen_day(browser, menage):
    id_client = menage.register().json()["idClient"]
    row = browser.row("data-id", id_client)
    browser.press(row, "activate", activeSince="2026-11-03")
    assert menage.state()["particuliers"][0]["activeSince"] == "2026-11-03"
    assert "03/11/2026" in text_of(browser.row("data-id", id_client))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("10", ["notify", "validate", "cancel", "refuse"]),
        ("20", ["validate", "silence", "cancel", "refuse"]),
        ("30", ["debit", "debit_refused", "cancel"]),
        ("40", []),
        ("50", ["debit_refused", "transfer", "cancel"]),
        ("60", ["transfer", "cancel"]),
        ("70", ["cancel"]),
        ("110", []),
    ],
)
def test_buttons_offered_in_each_status(browser, menage, status, expected):
    id_demande = menage.accepted(menage.active_client(), "A")
    menage.control(f"demandes/{id_demande}", {"statut": status})
    assert browser.actions("data-number", "A") == expected


def test_the_buttons_of_a_request_do_what_they_say(browser, menage):
    menage.accepted(menage.active_client(), "A")
    labels = []
    for action in ("notify", "silence", "debit", "debit_refused", "transfer", "cancel"):
        browser.press(browser.row("data-number", "A"), action)
        (row,) = menage.state()["demandes"]
        labels.append(row["statut"]["libelle"])
        assert row["statut"]["libelle"] in text_of(browser.row("data-number", "A"))
    assert labels == [
        "En attente de validation",
        "Validée",
        "Prélevée",
        "En refus de prélèvement",
        "Payée",
        "Annulée",
    ]


def test_refusing_with_a_reason_and_a_comment(browser, menage):
    menage.accepted(menage.active_client(), "A")
    row = browser.row("data-number", "A")
    assert "120,09" in text_of(row)
    assert "01/10/2026" in text_of(row)
    comment = "<b>payé</b> en espèces"
    browser.press(row, "refuse", code="CONTEST_FACT_REGLEE", commentaire=comment)
    (demande,) = menage.state()["demandes"]
    assert demande["statut"]["libelle"] == "Refusée"
    rejection = {"code": "CONTEST_FACT_REGLEE", "commentaire": comment}
    assert demande["infoRejet"] == rejection
    # It is shown as text, not as markup.
    assert comment in text_of(browser.row("data-number", "A"))


def test_a_stale_button_changes_nothing(browser, menage):
    id_demande = menage.accepted(menage.active_client(), "A")
    menage.control(f"demandes/{id_demande}", {"statut": "40"})
    url = f"{browser.url}/demandes/{id_demande}"
    assert requests.post(url, data={"action": "validate"}).status_code == 409
    assert requests.post(url, data={"action": "dance"}).status_code == 404
    assert menage.state()["demandes"][0]["statut"]["code"] == "40"


def test_advancing_everything(browser, menage):
    menage.accepted(menage.active_client(), "A")
    menage.register({"prenoms": "Anne", "adresseMail": "anne@example.fr"})
    browser.press(browser.page(), "advance")
    state = menage.state()
    assert [each["etat"] for each in state["particuliers"]] == ["active", "active"]
    assert state["demandes"][0]["statut"]["code"] == "20"


def test_the_last_twenty_calls_are_listed(browser, menage):
    for _call in range(21):
        menage.registration("x")
    menage.search(numFactureTiers=["wanted"])
    calls = browser.page().xpath("//details[@data-operation]")
    assert len(calls) == 20
    assert calls[0].get("data-operation") == "M070"
    assert '"wanted"' in text_of(calls[0])
    assert "400" in text_of(calls[0])
