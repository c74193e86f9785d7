# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the lists show, find and offer."""

import re
from ast import literal_eval

from lxml import etree
from sap_common import SapCase

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
FILTERS = ("to_send", "under_way", "to_fix", "refused", "paid")


@tagged("post_install", "-at_install")
class TestLists(SapCase):
    def test_invoices_are_searched_and_grouped_by_status(self):
        self.activate()
        sent, ready = self.create_invoice(), self.create_invoice()
        waiting = self.create_invoice(partner=self.create_particulier("Paul Moreau"))
        self.press(sent, SEND)
        moves = self.env["account.move"]
        own = [("id", "in", (sent | ready | waiting).ids)]
        status = "l10n_fr_sap_status"
        self.assertEqual(moves.search([*own, (status, "=", "integrated")]), sent)
        self.assertEqual(moves.search([*own, (status, "=", False)]), ready | waiting)
        self.assertEqual(moves.search([*own, ("l10n_fr_sap_ready", "=", True)]), ready)
        self.assertEqual(
            [move.l10n_fr_sap_ready for move in (sent, ready, waiting)],
            [False, True, False],
        )
        groups = moves.formatted_read_group(own, [status], ["__count"])
        self.assertEqual(
            {group[status]: group["__count"] for group in groups},
            {"integrated": 1, False: 2},
        )
        action = self.partner.action_l10n_fr_sap_payment_requests()
        self.assertEqual(moves.search(action["domain"]), sent | ready)

    def test_every_status_is_found_by_one_filter(self):
        self.activate()
        move = self.create_invoice()
        self.press(move, SEND)
        request = move.l10n_fr_sap_request_id
        lists = (
            (move, self.filters(move, "account.view_account_invoice_filter", "status")),
            (request, self.filters(request)),
        )
        used = set()
        for state, _label in request._fields["state"].selection:
            request.sudo().state = state
            for record, domains in lists:
                same = [("id", "=", record.id)]
                found = [
                    name
                    for name, domain in domains.items()
                    if record.search([*same, *domain])
                ]
                self.assertEqual(len(found), 1, (state, found))
                used.update(found)
        self.assertEqual(used, set(FILTERS))

    def filters(self, record, view=None, prefix=None):
        """The domains of the five filters by status in a search view."""
        view_id = view and self.env.ref(view).id
        arch = etree.fromstring(record.get_view(view_id, "search")["arch"])
        names = {
            name: f"l10n_fr_sap_{prefix}_{name}" if prefix else name for name in FILTERS
        }
        domains = {}
        for name, full in names.items():
            [element] = arch.xpath(f"//filter[@name='{full}']")
            domains[name] = literal_eval(element.get("domain"))
        if prefix:
            others = arch.xpath(
                f"//filter[starts-with(@name, 'l10n_fr_sap_{prefix}_')]"
            )
            self.assertEqual(len(others), len(FILTERS))
        return domains

    # What an office sees of them

    def columns(self, model, view=None):
        arch = etree.fromstring(self.env[model].get_view(view, "list")["arch"])
        return {
            field.get("name"): field.get("optional") for field in arch.iter("field")
        }

    def test_columns_are_shown_once_the_company_has_credentials(self):
        invoices = self.env.ref("account.view_out_invoice_tree").id
        partners = self.env.ref("base.view_partner_tree").id
        for client_id, optional in (("test", "show"), (False, "hide"), ("x", "show")):
            self.env.company.l10n_fr_sap_client_id = client_id
            for model, view, name in (
                ("account.move", invoices, "l10n_fr_sap_status"),
                ("res.partner", partners, "l10n_fr_sap_registration_state"),
            ):
                self.assertEqual(self.columns(model, view)[name], optional)
        other = self.env["res.company"].create({"name": "Ailleurs"})
        elsewhere = self.env["account.move"].with_company(other)
        arch = etree.fromstring(elsewhere.get_view(invoices, "list")["arch"])
        [column] = arch.xpath("//field[@name='l10n_fr_sap_status']")
        self.assertEqual(column.get("optional"), "hide")

    def test_what_was_not_sent_says_so(self):
        self.activate()
        sent, ready = self.create_invoice(), self.create_invoice()
        draft = self.create_invoice(post=False)
        direct = self.create_invoice(l10n_fr_sap_paid_directly=True)
        ordinary = self.create_invoice(partner=self.partner_a)
        credit = self.create_invoice(move_type="out_refund")
        self.press(sent, SEND)
        self.env.invalidate_all()
        for move, status in (
            (sent, "integrated"),
            (ready, "not_sent"),
            (draft, "not_sent"),
            (direct, False),
            (ordinary, False),
            (credit, False),
        ):
            self.assertEqual(move.l10n_fr_sap_shown_status, status)
        ready.button_cancel()
        self.assertFalse(ready.l10n_fr_sap_shown_status)

    def default_filter(self, action, view):
        """The domain of the filter that an action begins with."""
        context = literal_eval(self.env.ref(f"l10n_fr_urssaf_sap.{action}").context)
        [name] = [key[15:] for key in context if key.startswith("search_default_")]
        record = self.env[self.env.ref(view).model]
        arch = etree.fromstring(
            record.get_view(self.env.ref(view).id, "search")["arch"]
        )
        [element] = arch.xpath(f"//filter[@name='{name}']")
        return literal_eval(element.get("domain"))

    def test_the_invoices_begin_with_what_is_to_do(self):
        self.activate()
        moves = {name: self.create_invoice() for name in ("ready", "sent", "refused")}
        moves["draft"] = self.create_invoice(post=False)
        moves["direct"] = self.create_invoice(l10n_fr_sap_paid_directly=True)
        moves["ordinary"] = self.create_invoice(partner=self.partner_a)
        for name in ("sent", "refused"):
            self.press(moves[name], SEND)
        refused = moves["refused"].l10n_fr_sap_request_id
        self.control(f"demandes/{refused.urssaf_id}", {"statut": "40"})
        self.press(moves["refused"], REFRESH)
        self.env.invalidate_all()
        domain = self.default_filter(
            "action_invoices", "account.view_account_invoice_filter"
        )
        own = [("id", "in", [move.id for move in moves.values()])]
        found = self.env["account.move"].search([*own, *domain])
        wanted = {name for name, move in moves.items() if move in found}
        self.assertEqual(wanted, {"ready", "refused", "draft"})

    def test_registrations_open_their_customer(self):
        self.press(self.partner, "action_l10n_fr_sap_register")
        registration = self.partner.l10n_fr_sap_registration_id
        action = registration.action_open_customer()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("res.partner", self.partner.id)
        )
        domain = self.default_filter(
            "action_registrations", "l10n_fr_urssaf_sap.view_registration_search"
        )
        here = [("id", "=", registration.id)]
        for state, _label in registration._fields["state"].selection:
            registration.sudo().state = state
            found = registration.search([*here, *domain])
            done = state in ("unregistered", "queued", "active")
            self.assertEqual(bool(found), not done, state)

    def test_the_contact_s_button_counts_and_presets_the_customer(self):
        self.activate()
        sent = self.create_invoice()
        self.create_invoice()
        self.create_invoice(post=False)
        self.press(sent, SEND)
        self.env.invalidate_all()
        self.assertEqual(self.partner.l10n_fr_sap_invoice_count, 2)
        self.assertEqual(self.partner_a.l10n_fr_sap_invoice_count, 0)
        action = self.partner.action_l10n_fr_sap_payment_requests()
        found = self.env["account.move"].search_count(action["domain"])
        self.assertEqual(found, 2)
        # No filter hides what was counted; what is made there is for this customer.
        self.assertEqual(
            action["context"],
            {"default_move_type": "out_invoice", "default_partner_id": self.partner.id},
        )

    def test_each_list_has_cards_for_phones_and_says_what_to_do_when_empty(self):
        for name in ("invoices", "particuliers", "registrations", "transfers"):
            action = self.env.ref(f"l10n_fr_urssaf_sap.action_{name}")
            self.assertIn("kanban", action.view_mode)
            self.assertIn("o_view_nocontent_smiling_face", action.help)
            view = {mode: view for view, mode in action.views}["kanban"]
            arch = self.env[action.res_model].get_view(view, "kanban")["arch"]
            badges = etree.fromstring(arch).xpath("//field[@widget='badge']")
            self.assertEqual(len(badges), 1, name)

    # Buttons

    def highlighted(self, move):
        """The buttons that stand out on the form of this invoice, by their names."""
        arch = etree.fromstring(move.get_view(view_type="form")["arch"])
        return [
            button.get("name")
            for button in arch.xpath("//header/button")
            if {"oe_highlight", "btn-primary"}
            & set((button.get("class") or "").split())
            and not self.is_hidden(button, move)
        ]

    def is_hidden(self, button, move):
        expression = button.get("invisible") or "False"
        named = re.findall(r"\b[a-z]\w*\b", re.sub(r"'[^']*'", "", expression))
        values = {name: move[name] for name in named if name in move._fields}
        return bool(safe_eval(expression, values))

    def test_one_button_stands_out(self):
        self.activate()
        move, direct = self.create_invoice(), self.create_invoice()
        ordinary = self.create_invoice(partner=self.partner_a)
        before = self.highlighted(ordinary)
        self.assertIn("action_register_payment", before)
        self.assertEqual(self.highlighted(move), [SEND])
        self.press(move, SEND)
        self.env.invalidate_all()
        self.assertEqual(self.highlighted(move), ["action_invoice_sent"])
        # What the customer pays otherwise is an invoice like any other.
        direct.l10n_fr_sap_avance_immediate = False
        self.assertEqual(self.highlighted(direct), before)
        # Refused: to be sent again.
        request = move.l10n_fr_sap_request_id
        self.control(f"demandes/{request.urssaf_id}", {"statut": "40"})
        self.press(move, REFRESH)
        self.env.invalidate_all()
        self.assertEqual(self.highlighted(move), [SEND])
