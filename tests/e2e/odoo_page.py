# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's web client and the stand-in's page, as a French user works with them."""

import re

from playwright.sync_api import expect

ACTION = "/odoo/action-l10n_fr_urssaf_sap."
PATIENCE = 180_000


class OdooPage:
    def __init__(self, page, url, screenshots):
        self.page, self.url, self.screenshots = page, url, screenshots
        self.errors = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(30_000)

    def picture(self, name):
        self.page.screenshot(path=self.screenshots / f"{name}.png")

    def log_in(self, login):
        self.page.goto(f"{self.url}/web/login")
        self.page.fill("#login", login)
        self.page.fill("#password", login)
        self.page.click("button[type=submit]")
        # A server that has just started makes its scripts first.
        self.page.wait_for_selector(".o_main_navbar", timeout=PATIENCE)

    def open_list(self, action):
        """Open it without the filters that it begins with."""
        self.page.goto(f"{self.url}{ACTION}{action}")
        self.page.wait_for_selector(".o_list_view .o_content")
        facets = self.page.locator(".o_searchview .o_facet_remove")
        while facets.count():
            # What is chosen before the list has come again would be lost.
            with self.page.expect_response(re.compile("(search_read|read_group)$")):
                facets.first.click()
        self.page.wait_for_selector(".o_list_view .o_data_row")

    def open_record(self, action, text):
        self.open_list(action)
        self.page.locator(".o_data_row td", has_text=text).first.click()
        self.page.wait_for_selector(".o_form_view")

    def open_particulier(self, name):
        self.open_record("action_particuliers", name)
        self.page.locator(".o_notebook a[name=l10n_fr_sap]").click()

    def button(self, label):
        # By text, not by role: Odoo's icons are part of a button's accessible name.
        # A count may stand before it.
        text = re.compile(rf"^\s*\d*\s*{re.escape(label)}\s*$")
        return self.page.locator("button:visible", has_text=text)

    def press(self, label):
        """Press a button and wait until Odoo has done what it asks for."""
        button = self.button(label)
        with self.page.expect_response(re.compile("/web/dataset/call_button/")):
            button.first.click()

    def field(self, name):
        return self.page.locator(f".o_field_widget[name={name}]").first

    def expect_field(self, name, text):
        expect(self.field(name)).to_have_text(text)

    def choose(self, name, label):
        """Choose one of a selection field."""
        self.field(name).locator("input").click()
        self.page.locator(".o_select_menu_item", has_text=label).first.click()

    def fill(self, name, text):
        self.field(name).locator("input").fill(text)
        self.page.keyboard.press("Tab")

    def pick(self, name, typed):
        """Type into a many2one field and take its first suggestion; gives its text."""
        self.field(name).locator("input").fill(typed)
        suggestions = self.page.locator(".o-autocomplete--dropdown-item a")
        suggestion = suggestions.filter(has_not_text="chargement").first
        suggestion.wait_for()
        text = suggestion.inner_text()
        suggestion.click()
        return text

    def dialog(self):
        """The text of the dialog on top, which is then closed."""
        dialog = self.page.locator(".modal-content").last
        text = dialog.inner_text()
        dialog.locator("button.btn-close, .modal-footer button").first.click()
        dialog.wait_for(state="detached")
        return text

    def select(self, *names):
        """Tick the rows of the list that show one of these texts."""
        rows = self.page.locator(".o_data_row")
        boxes = [
            rows.filter(has_text=name).locator(".o_list_record_selector input")
            for name in names
        ]
        for box in boxes:
            box.click()
        # A list that has come late has forgotten what was ticked before.
        for box in boxes:
            box.check()
            expect(box).to_be_checked()

    # Odoo's Send window

    def open_send_window(self):
        """Open it for the invoice or for the selected ones; gives its content."""
        self.press("Envoyer")
        window = self.page.locator(".modal-content")
        window.locator("[name=action_send_and_print]:visible").wait_for()
        return window

    def send_window(self):
        """Press its button and wait until it is gone."""
        window = self.page.locator(".modal-content")
        window.locator("[name=action_send_and_print]:visible").click()
        window.wait_for(state="detached")

    # An administrator's hand on the scheduled actions, which do not run by themselves

    def call(self, model, method, *args):
        answer = self.page.request.post(
            f"{self.url}/web/dataset/call_kw/{model}/{method}",
            data={
                "jsonrpc": "2.0",
                "params": {
                    "model": model,
                    "method": method,
                    "args": args,
                    "kwargs": {},
                },
            },
        ).json()
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def run_cron(self, xmlid):
        _model, cron_id = self.call(
            "ir.model.data", "check_object_reference", *xmlid.split(".")
        )
        self.call("ir.cron", "method_direct_trigger", [cron_id])
