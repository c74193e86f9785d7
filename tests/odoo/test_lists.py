# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from ast import literal_eval

from lxml import etree
from sap_common import SapCase

from odoo.tests import tagged

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
