# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An invoice as an office without the Sales app types it: a label and a price."""

from contextlib import contextmanager

from lxml import etree
from typed_common import TypedCase

from odoo import Command
from odoo.tests import Form, tagged

NATURE, TO_FIX = "l10n_fr_sap_nature_id", "l10n_fr_sap_to_fix"
COMPLETE = "action_l10n_fr_sap_complete"


@tagged("post_install", "-at_install")
class TestTypedInvoice(TypedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = cls.env["product.product"].create({"name": "Divers"})
        cls.travel = cls.nature("270")

    def typed(self, partner=None, **values):
        """A draft with one line that has no product."""
        line = {"name": "Travaux", "price_unit": 50, "tax_ids": []} | values
        return self.create_invoice(
            partner, post=False, invoice_line_ids=[Command.create(line)]
        )

    def invoiced(self, nature, partner=None, price=40):
        """A confirmed invoice of this nature, of nobody's product."""
        move = self.typed(partner, price_unit=price, **{NATURE: nature.id})
        move.action_post()
        return move

    def form(self, move=None):
        moves = self.env["account.move"].with_user(self.user)
        moves = moves.with_context(default_move_type="out_invoice")
        return Form(moves.browse(move.id) if move else moves)

    # The nature

    def test_nothing_is_proposed_where_nothing_was_invoiced(self):
        self.assertFalse(self.typed().invoice_line_ids[NATURE])

    def test_the_nature_is_that_of_the_customers_last_invoice(self):
        other = self.create_particulier("Luce Petit")
        self.invoiced(self.cleaning, other)
        self.invoiced(self.cleaning, other)
        self.invoiced(self.garden)
        self.assertEqual(self.typed().invoice_line_ids[NATURE], self.garden)

    def test_else_the_one_that_the_company_invoices_most(self):
        other = self.create_particulier("Luce Petit")
        for nature in (self.cleaning, self.garden, self.garden, self.cleaning):
            self.invoiced(nature, other)
        self.invoiced(self.garden, other)
        self.invoiced(self.travel, other)
        self.assertEqual(self.typed().invoice_line_ids[NATURE], self.garden)
        # Drafts are no habit.
        self.typed(other, **{NATURE: self.cleaning.id})
        self.assertEqual(self.typed().invoice_line_ids[NATURE], self.garden)
        self.garden.active = False
        self.assertEqual(self.typed().invoice_line_ids[NATURE], self.cleaning)

    def test_nothing_is_proposed_for_anything_else(self):
        self.invoiced(self.garden)
        self.assertFalse(self.typed(product_id=self.plain.id).invoice_line_ids[NATURE])
        self.assertFalse(self.typed(price_unit=-5).invoice_line_ids[NATURE])
        self.assertFalse(self.typed(self.partner_a).invoice_line_ids[NATURE])
        note = {"display_type": "line_note", "price_unit": 0}
        self.assertFalse(self.typed(**note).invoice_line_ids[NATURE])
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner.id,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 1})],
            }
        )
        self.assertFalse(refund.invoice_line_ids[NATURE])
        # Somebody's own choice stays.
        chosen = self.typed(**{NATURE: self.cleaning.id})
        self.assertEqual(chosen.invoice_line_ids[NATURE], self.cleaning)

    def test_another_companys_invoices_tell_nothing(self):
        self.invoiced(self.garden)
        other = self.setup_other_company(name="Autre")["company"]
        move = (
            self.env["account.move"]
            .with_company(other)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.partner.id,
                    "company_id": other.id,
                    "invoice_line_ids": [
                        Command.create({"name": "Travaux", "price_unit": 5})
                    ],
                }
            )
        )
        self.assertFalse(move.invoice_line_ids[NATURE])

    def test_it_is_proposed_while_the_form_is_typed_in_either_order(self):
        self.invoiced(self.garden)
        first = self.form()
        first.partner_id = self.partner
        with first.invoice_line_ids.new() as line:
            line.name, line.price_unit = "Travaux", 50
            self.assertEqual(line[NATURE], self.garden)
        last = self.form()
        with last.invoice_line_ids.new() as line:
            line.name, line.price_unit = "Travaux", 50
        last.partner_id = self.partner
        for form in (first, last):
            self.assertEqual(form.save().invoice_line_ids[NATURE], self.garden)

    def test_a_proposal_costs_two_queries_and_an_ordinary_line_none(self):
        other = self.create_particulier("Luce Petit")
        self.invoiced(self.garden, other)

        def asked(partner):
            move = self.create_invoice(partner, post=False, invoice_line_ids=[])
            self.env.flush_all()
            self.env.invalidate_all()
            line = {"move_id": move.id, "name": "Travaux", "price_unit": 5}
            with contextmanager(self._patchExecute)([]) as queries:
                self.env["account.move.line"].create([line] * 3)
                self.env.flush_all()
            return [
                query
                for query in map(str, queries)
                if 'FROM "account_move_line"' in query
                and NATURE in query
                and "LIMIT" in query
            ]

        self.assertEqual(asked(self.partner_a), [])
        self.assertEqual(len(asked(self.partner)), 2)

    # The box

    def test_a_draft_says_what_the_confirmed_invoice_would(self):
        move = self.typed()
        self.activate()
        self.assertIn("Line “Travaux”: Nature of Home Service is missing", move[TO_FIX])
        draft = move[TO_FIX]
        move.action_post()
        self.assertEqual(move[TO_FIX], draft)
        self.assertTrue(move.l10n_fr_sap_can_complete)
        self.assertFalse(move.l10n_fr_sap_customer_to_fix)

    def test_what_confirming_fills_in_is_not_missing(self):
        self.activate()
        move = self.create_invoice(post=False)
        self.assertFalse(move[TO_FIX])
        move.invoice_date = False
        self.assertFalse(move[TO_FIX])
        empty = self.create_invoice(post=False, invoice_line_ids=[])
        self.assertFalse(empty[TO_FIX])
        move.l10n_fr_sap_date_from = self.month_start.replace(year=2020)
        self.assertIn("Services From", move[TO_FIX])

    def test_a_draft_tells_of_its_customer_and_of_its_months(self):
        move = self.create_invoice(post=False)
        self.assertIn("is not registered with the Urssaf", move[TO_FIX])
        self.assertTrue(move.l10n_fr_sap_customer_to_fix)
        self.assertFalse(move.l10n_fr_sap_can_complete)
        opened = move.with_user(self.user).action_l10n_fr_sap_open_customer()
        self.assertEqual(
            (opened["res_model"], opened["res_id"]), ("res.partner", self.partner.id)
        )
        line = move.invoice_line_ids
        line.l10n_fr_sap_date_from = self.active_since.date().replace(day=1)
        line.l10n_fr_sap_date_to = self.month_end
        self.assertIn("same month", move[TO_FIX])

    def test_nothing_is_said_of_other_drafts(self):
        self.assertFalse(self.typed(self.partner_a)[TO_FIX])
        direct = self.typed()
        direct.l10n_fr_sap_paid_directly = True
        self.assertFalse(direct[TO_FIX])
        cancelled = self.typed()
        cancelled.button_cancel()
        self.assertFalse(cancelled[TO_FIX])

    def test_the_box_follows_what_is_typed(self):
        self.activate()
        form = self.form()
        form.partner_id = self.partner
        with form.invoice_line_ids.new() as line:
            line.name, line.price_unit = "Travaux", 50
        self.assertIn("Nature of Home Service is missing", form[TO_FIX])
        with form.invoice_line_ids.edit(0) as line:
            line[NATURE] = self.garden
        self.assertFalse(form[TO_FIX])
        self.assertFalse(form.save()[TO_FIX])

    # The window

    def window(self, move):
        action = move.with_user(self.user).action_l10n_fr_sap_complete()
        env = self.env(user=self.user, context=action["context"])
        return env[action["res_model"]].browse(action["res_id"])

    def test_two_presses_complete_a_draft_and_a_confirmed_invoice(self):
        self.activate()
        self.invoiced(self.garden)
        for post in (False, True):
            move = self.typed(product_id=self.plain.id)
            if post:
                move.action_post()
            period = (move.l10n_fr_sap_date_from, move.l10n_fr_sap_date_to)
            window = self.window(move)
            self.assertEqual(window.line_ids.nature_id, self.garden)
            self.assertEqual(window.to_fix, move[TO_FIX])
            self.assertFalse(move.invoice_line_ids[NATURE])
            window.action_apply()
            self.assertEqual(move.invoice_line_ids[NATURE], self.garden)
            self.assertFalse(move[TO_FIX])
            # What was only proposed is not entered.
            kept = (move.l10n_fr_sap_date_from, move.l10n_fr_sap_date_to)
            self.assertEqual(kept, period)
        self.press(move, "action_l10n_fr_sap_send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")

    def test_the_window_writes_days_and_natures_that_were_chosen(self):
        self.activate()
        move = self.typed()
        window = self.window(move)
        self.assertFalse(window.days_to_fix)
        move.l10n_fr_sap_date_from = self.month_start.replace(year=2020)
        window = self.window(move)
        self.assertTrue(window.days_to_fix)
        self.assertFalse(window.line_ids.nature_id)
        window.line_ids.nature_id = self.garden
        window.line_ids.date_from = window.line_ids.date_to = self.month_end
        window.date_from = self.month_start
        window.action_apply()
        line = move.invoice_line_ids
        self.assertEqual(line[NATURE], self.garden)
        self.assertEqual(line.l10n_fr_sap_date_from, self.month_end)
        self.assertEqual(move.l10n_fr_sap_date_from, self.month_start)

    def test_the_window_is_for_its_own_invoice(self):
        other = self.typed()
        window = self.window(self.typed())
        window.line_ids.res_id = other.invoice_line_ids.id
        window.line_ids.nature_id = self.garden
        window.action_apply()
        self.assertFalse(other.invoice_line_ids[NATURE])

    # The lines

    def test_a_private_customers_lines_show_what_the_urssaf_asks(self):
        view = self.env["account.move"].with_user(self.user).get_view(view_type="form")
        lines = etree.fromstring(view["arch"]).xpath(
            "//field[@name='invoice_line_ids']/list"
        )[0]
        for name in ("product_id", NATURE, "quantity", "product_uom_id"):
            shown = [
                column
                for column in lines.findall(f"field[@name='{name}']")
                if not column.get("optional")
                and "not parent.l10n_fr_sap_particulier"
                in column.get("column_invisible", "")
            ]
            self.assertEqual(len(shown), 1, name)
