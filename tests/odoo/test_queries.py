# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whoever has nothing to do with the Urssaf pays nothing for this addon; who has much to
send waits for the Urssaf rather than for the database."""

import re
from contextlib import contextmanager

from sap_common import SapCase

from odoo.tests import new_test_user, tagged

from odoo.addons.l10n_fr_urssaf_sap.invoicing.online import check_payable

_OURS = "l10n_fr_sap_"


def _is_ours(query):
    """Whether Odoo would not make this query without the addon: it is about a table of
    ours, or reads and writes no other columns than ours."""
    if isinstance(query, bytes):
        query = query.decode()  # many rows at once
    columns = set(re.findall(r'"\."(\w+)"', query)) - {"id"}
    return bool(re.search(rf'(FROM|INTO|JOIN|UPDATE) "{_OURS}', query)) or (
        _OURS in query
        # A new row of Odoo's has all its columns at once.
        and not query.startswith("INSERT")
        and all(column.startswith(_OURS) for column in columns)
    )


@tagged("post_install", "-at_install")
class TestQueries(SapCase):
    def queries(self):
        """What the database is asked inside, with cold caches as in a new request."""
        self.env.flush_all()
        self.env.invalidate_all()
        return contextmanager(self._patchExecute)([])

    def posting(self, partner):
        """What the database is asked while an invoice is posted, and the invoice."""
        move = self.create_invoice(partner=partner, post=False)
        # Not an administrator, who may read the company's settings for the Urssaf: Odoo
        # would load them with the rest of the company.
        with self.queries() as queries:
            move.with_user(self.accountant).action_post()
        self.assertEqual(move.state, "posted")
        return queries, move

    def test_posting_an_ordinary_invoice_makes_no_query_of_ours(self):
        self.env.company.l10n_fr_sap_send_on_post = True
        group = "account.group_account_invoice"
        self.accountant = new_test_user(self.env, "accountant", group)
        self.activate()
        queries, _move = self.posting(self.partner_a)
        self.assertEqual(list(filter(_is_ours, queries)), [])
        # What it would find: this one is for the Urssaf.
        queries, move = self.posting(self.partner)
        self.assertTrue(move.l10n_fr_sap_request_id)
        self.assertIn(
            'FROM "l10n_fr_sap_registration"', " ".join(filter(_is_ours, queries))
        )
        # Alone or with the rest of the company.
        asked = " ".join(map(str, queries))
        self.assertIn('"res_company"."l10n_fr_sap_client_id"', asked)

    def test_writing_on_an_ordinary_contact_makes_no_query_of_ours(self):
        # As Odoo counts a customer's invoices, once the posting is committed.
        partner = self.partner_a.with_context(
            prefetch_fields=False, tracking_disable=False
        )
        with self.queries() as queries:
            partner.customer_rank += 1
        self.assertTrue(queries)
        self.assertEqual(list(filter(_is_ours, queries)), [])

    def test_the_guards_make_no_query_for_what_is_ordinary(self):
        group = "account.group_account_manager,base.group_partner_manager"
        accountant = new_test_user(self.env, "accountant", group)
        move = self.create_invoice(partner=self.partner_a).with_user(accountant)
        line = move.invoice_line_ids
        company = self.env["res.partner"].create({"name": "SARL", "is_company": True})
        wizard = self.env["account.payment.register"].with_user(accountant)
        wizard = wizard.with_context(
            active_model="account.move", active_ids=move.ids, tracking_disable=True
        )
        for work in (
            lambda: wizard.create({})._create_payments(),
            lambda: move.line_ids.remove_move_reconcile(),
            lambda: line.write({"name": "Pain", "analytic_distribution": False}),
            lambda: move.write({"ref": "Devis 12", "name": move.name}),
            lambda: check_payable(move),
            lambda: self.partner_a.write({"parent_id": company.id}),
            lambda: self.partner_a.write({"parent_id": False}),
            lambda: self.partner_a.write({"is_company": True}),
        ):
            with self.queries() as queries:
                work()
                self.env.flush_all()
            self.assertTrue(queries)
            self.assertEqual(list(filter(_is_ours, queries)), [])

    def test_many_invoices_take_as_many_queries_as_few(self):
        moves = self.env["account.move"]
        for number in range(8):
            partner = self.create_particulier(f"Jeanne Martin{number}")
            moves |= self.create_invoice(partner=partner)
            self.env["l10n_fr_sap.registration"].sudo().create(
                {
                    "partner_id": partner.id,
                    "company_id": self.env.company.id,
                    "environment": "test",
                    "state": "active",
                    "urssaf_id": f"client-{number}",
                }
            )
        counts = []
        # The first one warms Odoo's own caches up.
        for some in (moves[:1].sudo(), moves[1:3].sudo(), moves[3:].sudo()):
            with self.queries() as checked:
                obstacles = some._l10n_fr_sap_obstacles()
            self.assertEqual(obstacles, {})
            with self.queries() as queued:
                some._l10n_fr_sap_queue()
            counts.append((len(checked), len(queued)))
        _first, few, many = counts
        self.assertEqual(few, many)
        self.assertEqual(set(moves.mapped("l10n_fr_sap_status")), {"to_send"})
