# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from sap_common import SapCase

from odoo.tests import tagged

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"


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
        view = self.env.ref("account.view_account_invoice_filter")
        arch = moves.get_view(view.id, "search")["arch"]
        states = self.env["l10n_fr_sap.payment.request"]._fields["state"].selection
        for state, _label in states:
            self.assertIn(f'name="l10n_fr_sap_status_{state}"', arch)
        action = self.partner.action_l10n_fr_sap_payment_requests()
        self.assertEqual(moves.search(action["domain"]), sent | ready)
