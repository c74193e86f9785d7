# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The whole entry of an invoice at the Urssaf keeps its amounts, by whatever road; what
Odoo itself does with a posted invoice goes on."""

from sap_common import SapCase

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

SEND = "action_l10n_fr_sap_send"
SENT = "was sent to the Urssaf"


@tagged("post_install", "-at_install")
class TestLiveEntry(SapCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env, "accountant", "account.group_account_manager"
        )

    def setUp(self):
        super().setUp()
        self.activate()

    def send(self):
        """A live invoice, as an accountant has it who knows every context of Odoo's."""
        move = self.create_invoice()
        self.press(move, SEND)
        self.assertTrue(move.l10n_fr_sap_live)
        return move.with_user(self.accountant).with_context(
            skip_readonly_check=True,
            force_delete=True,
            dynamic_unlink=True,
            skip_invoice_sync=True,
            check_move_validity=False,
        )

    def entry(self, move):
        """All that the books say of it."""
        move.env.flush_all()
        move.env.invalidate_all()
        names = (
            "move_type",
            "amount_total",
            "amount_residual",
            "payment_state",
            "name",
        )
        columns = ("display_type", "balance", "amount_currency", "tax_base_amount")
        return (
            move.read([*names, "journal_id", "currency_id", "partner_id"], load=""),
            move.line_ids.sorted("id").read([*columns, "partner_id"], load=""),
        )

    def refused(self, work, what):
        with self.assertRaisesRegex(UserError, SENT, msg=what), self.cr.savepoint():
            work()

    def test_no_line_of_whatever_kind_changes(self):
        move = self.send()
        before = self.entry(move)
        self.assertEqual(
            set(move.line_ids.mapped("display_type")),
            {"product", "tax", "payment_term"},
        )
        other = self.create_invoice(post=False)
        for line in move.line_ids:
            for values in (
                {"balance": line.balance + 1},
                {"debit": line.debit + 1},
                {"credit": line.credit + 1},
                {"amount_currency": line.amount_currency + 1},
                {"amount_residual": line.amount_residual + 1},
                {"amount_residual_currency": line.amount_residual_currency + 1},
                {"balance": line.balance + 1, "amount_currency": 7},
                {"tax_base_amount": 3},
                {"currency_rate": 2},
                {"currency_id": self.env.ref("base.USD").id},
                {"move_id": other.id},
                {"display_type": "line_note"},
                {"parent_state": "draft"},
                {"partner_id": self.partner_a.id},
            ):
                kind = (line.display_type, values)
                self.refused(lambda line=line, vals=values: line.write(vals), kind)
            self.refused(line.unlink, line.display_type)
        self.assertEqual(self.entry(move), before)

    def test_no_line_comes_in_by_any_door(self):
        move = self.send()
        before = self.entry(move)
        account = self.company_data["default_account_revenue"]
        for display_type in ("product", "tax", "payment_term", "rounding", "line_note"):
            is_text = display_type == "line_note"
            values = {
                "display_type": display_type,
                "name": "Plus",
                "account_id": not is_text and account.id,
            }
            command = Command.create(values)
            for work in (
                lambda vals=values: move.line_ids.create(vals | {"move_id": move.id}),
                lambda vals=command: move.write({"line_ids": [vals]}),
                lambda vals=command: move.write({"invoice_line_ids": [vals]}),
            ):
                self.refused(work, display_type)
        other = self.create_invoice(post=False).with_user(self.accountant)
        for line in other.line_ids:
            self.refused(
                lambda line=line: line.write({"move_id": move.id}), line.display_type
            )
            link = {"line_ids": [Command.link(line.id)]}
            self.refused(lambda link=link: move.write(link), line.display_type)
        self.assertEqual(self.entry(move), before)

    def test_nothing_of_the_invoice_itself_changes(self):
        move = self.send()
        before = self.entry(move)
        usd = self.env.ref("base.USD")
        purchases = self.company_data["default_journal_purchase"]
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        self.accountant.company_ids |= branch
        term = self.env.ref("account.account_payment_term_advance_60days")
        amounts = [
            name
            for name, field in move._fields.items()
            if name.startswith("amount_") and field.type == "monetary" and field.store
        ]
        self.assertGreater(len(amounts), 8)
        for values in (
            *({name: move[name] + 1} for name in amounts),
            {"move_type": "out_refund"},
            {"move_type": "entry"},
            {"journal_id": purchases.id, "name": "/"},
            {"company_id": branch.id},
            {"currency_id": usd.id},
            {"invoice_currency_rate": 2},
            {"invoice_payment_term_id": term.id},
            {"payment_state": "paid"},
            {"commercial_partner_id": self.partner_a.id},
            {"quick_edit_total_amount": 3},
            {"line_ids": [Command.clear()]},
        ):
            self.refused(lambda vals=values: move.write(vals), values)
        self.assertEqual(self.entry(move), before)

    # What Odoo itself does

    def test_a_live_invoice_is_paid_and_reconciled(self):
        move = self.send().with_context(dict(self.env.context))
        wizard = self.env["account.payment.register"].with_user(self.accountant)
        wizard = wizard.with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"amount": 40})
        payment = wizard._create_payments()
        self.assertEqual(move.amount_residual, 68)
        self.assertEqual(move.payment_state, "partial")
        # Undone, and matched again with the very items.
        term = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        term.remove_move_reconcile()
        self.assertEqual(move.amount_residual, 108)
        counterpart = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == term.account_id
        )
        move.js_assign_outstanding_line(counterpart.id)
        self.assertEqual(move.amount_residual, 68)

    def test_a_live_invoice_is_matched_with_the_bank(self):
        move = self.send().with_context(dict(self.env.context))
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": fields.Date.today(),
                "payment_ref": "URSSAF",
                "partner_id": self.partner.id,
                "amount": 108,
            }
        )
        term = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = term.account_id
        (suspense | term).reconcile()
        self.assertIn(move.payment_state, ("paid", "in_payment"))
        self.assertEqual(term.matching_number, suspense.matching_number)

    def test_a_live_invoice_with_tax_on_payment_is_paid(self):
        self.env.company.tax_exigibility = True
        transition = self.company_data["default_account_revenue"].copy(
            {"code": "445899", "reconcile": True, "account_type": "liability_current"}
        )
        self.tax_sale_a.write(
            {
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
            }
        )
        move = self.send().with_context(dict(self.env.context))
        self.env["account.payment.register"].with_user(self.accountant).with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()
        self.assertIn(move.payment_state, ("paid", "in_payment"))
        self.assertTrue(move.tax_cash_basis_created_move_ids)

    def test_a_live_invoice_is_blocked_mailed_and_annotated(self):
        move = self.send().with_context(dict(self.env.context))
        move.action_toggle_block_payment()
        self.assertEqual(move.payment_state, "blocked")
        move.action_toggle_block_payment()
        self.assertEqual(move.payment_state, "not_paid")
        wizard = self.env["account.move.send.wizard"].with_user(self.accountant)
        wizard = wizard.with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})
        wizard.action_send_and_print()
        self.assertTrue(move.is_move_sent)
        line = move.invoice_line_ids
        line.analytic_distribution = False
        move.write({"ref": "Devis 12", "narration": "Merci"})
        # The same values change nothing.
        line.write({"quantity": line.quantity, "balance": line.balance})
        self.assertEqual(move.ref, "Devis 12")
