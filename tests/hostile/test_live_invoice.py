# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every field of an invoice at the Urssaf and of its lines, Odoo's own too, attacked by an
accountant by every road that RPC has: what the Urssaf holds must stay what the books say.
"""

from hostile_common import HostileCase, odd_values, without_false

from odoo import Command
from odoo.tests import tagged

#: What an accountant may change on a live invoice: columns that say nothing of what the
#: Urssaf holds (customer, number, days, services, amounts, currency).
MOVE_MAY_CHANGE = {
    # for people: texts, who looks after it, where it came from
    *("narration", "ref", "payment_reference", "invoice_origin", "incoterm_location"),
    *("invoice_incoterm_id", "invoice_user_id", "team_id", "campaign_id", "medium_id"),
    *("source_id", "invoice_source_email", "message_main_attachment_id", "checked"),
    *("review_state", "access_token", "sending_data", "is_move_sent"),
    "invoice_partner_display_name",
    *("partner_shipping_id", "qr_code_method", "no_followup", "is_manually_modified"),
    # shipping somewhere else proposes another one, which changes no line
    "fiscal_position_id",
    # when and how it is to be paid, if the Urssaf does not
    *("invoice_date_due", "preferred_payment_method_line_id", "partner_bank_id"),
    # for the tax report, later copies and other entries
    *("always_tax_exigible", "taxable_supply_date", "delivery_date"),
    *("tax_cash_basis_origin_move_id", "auto_post", "auto_post_until"),
    "auto_post_origin_id",
    # Odoo's own marks of a number; the number itself stays
    *("inalterable_hash", "made_sequence_gap", "secure_sequence_number"),
}
LINE_MAY_CHANGE = {
    *("account_id", "analytic_distribution", "sequence", "no_followup", "ref"),
    *("date_maturity", "discount_date", "is_imported", "matching_number"),
    *("collapse_composition", "collapse_prices"),
}
#: The payment term's line bears the reference.
TERM_MAY_CHANGE = LINE_MAY_CHANGE | {"name"}
#: Buttons that are for a live invoice, and what they change.
PRESSES = {
    "action_l10n_fr_sap_refresh": {"l10n_fr_sap_payment_request"},
    "action_toggle_block_payment": {"account_move"},
}


@tagged("post_install", "-at_install")
class TestLiveInvoice(HostileCase):
    def setUp(self):
        super().setUp()
        self.activate()
        self.move = self.create_invoice(
            invoice_line_ids=[
                Command.create({"product_id": self.product.id, "quantity": 3}),
                Command.create({"display_type": "line_section", "name": "Ménage"}),
                Command.create({"display_type": "line_note", "name": "Merci"}),
            ]
        )
        self.other = self.create_invoice()
        self.press(self.move, "action_l10n_fr_sap_send")
        self.assertEqual(self.move.l10n_fr_sap_status, "integrated")
        self.user = self.hostile_user(
            "accountant", "account.group_account_manager", self.env.company
        )
        self.foreign = {
            "res.partner": self.partner_a,
            "account.move": self.other,
            "account.move.line": self.other.line_ids,
            "product.product": self.product_a,
            "res.currency": self.env.ref("base.USD"),
            "l10n_fr_sap.payment.request": self.env["l10n_fr_sap.payment.request"],
        }
        self.remember()
        self.enterContext(self.enter_registry_test_mode())
        self.holes = []

    def rows(self, table):
        """Of this very invoice."""
        column = {
            "account_move": "id",
            "account_move_line": "move_id",
            "l10n_fr_sap_payment_request": "move_id",
        }.get(table)
        if not column:
            return {}
        self.env.cr.execute(
            f"SELECT id, to_jsonb(t) - 'write_uid' - 'write_date' FROM {table} t"
            f" WHERE {column} = %s",
            [self.move.id],
        )
        return {row: without_false(values) for row, values in self.env.cr.fetchall()}

    def judge(self, what, told, *, line_may_change=LINE_MAY_CHANGE):
        for table, may_change in (
            ("account_move", MOVE_MAY_CHANGE),
            ("account_move_line", line_may_change),
            ("l10n_fr_sap_payment_request", set()),
        ):
            if names := told.changed.get(table, set()) - may_change:
                self.holes.append(f"{what}: changes {table}: {sorted(names)}")

    def finish(self):
        self.assertFalse(
            self.holes, "\n".join([f"{len(self.holes)} holes", *self.holes])
        )

    def values_of(self, record):
        """``(field, value)`` of everything that could be written."""
        for name, field in sorted(record._fields.items()):
            if name == "id" or not (field.store or field.inverse):
                continue
            for value in odd_values(field, record, self.foreign):
                yield name, value

    def lines(self):
        """One of each kind that bears an amount."""
        kinds = ("product", "tax", "payment_term")
        by_kind = self.move.line_ids.sudo().grouped("display_type")
        return [by_kind[kind][0] for kind in kinds]

    def test_the_invoice(self):
        with self.caller(self.user) as ask:
            for name, value in self.values_of(self.move.sudo()):
                told = ask("account.move", "write", self.move.ids, {name: value})
                what = f"{name} = {str(value)[:40]!r}"
                self.judge(what, told, line_may_change=TERM_MAY_CHANGE)
        self.finish()

    def test_its_lines(self):
        with self.caller(self.user) as ask:
            for line in self.lines():
                for name, value in self.values_of(line):
                    what = f"{line.display_type}: {name} = {str(value)[:40]!r}"
                    told = ask("account.move.line", "write", line.ids, {name: value})
                    self.judge(what, told)
        self.finish()

    def test_its_lines_by_commands(self):
        with self.caller(self.user) as ask:
            for line in self.lines():
                for name, value in self.values_of(line):
                    command = [Command.update(line.id, {name: value})]
                    what = (
                        f"{line.display_type} by command: {name} = {str(value)[:40]!r}"
                    )
                    told = ask(
                        "account.move", "write", self.move.ids, {"line_ids": command}
                    )
                    self.judge(what, told)
        self.finish()

    def test_lines_that_come_and_go(self):
        account = self.company_data["default_account_revenue"].id
        term = self.move.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        new = [
            {"name": "x", "account_id": account, "balance": 0.0},
            {"name": "x", "account_id": account, "balance": 5.0},
            {"name": "x", "quantity": 1, "price_unit": 5.0},
            {"name": "x", "display_type": "tax", "account_id": account, "balance": 5},
            {"display_type": "line_note", "name": "x"},
            {"display_type": "line_section", "name": "x"},
            {
                "display_type": "payment_term",
                "account_id": term.account_id.id,
                "balance": 5,
            },
        ]
        with self.caller(self.user) as ask:
            for names in ("line_ids", "invoice_line_ids"):
                for commands in (
                    *([Command.create(values)] for values in new),
                    *([Command.delete(line.id)] for line in self.move.line_ids),
                    *([Command.unlink(line.id)] for line in self.move.line_ids),
                    *([Command.link(line.id)] for line in self.other.line_ids),
                    [Command.clear()],
                    [Command.set(self.other.line_ids.ids)],
                ):
                    told = ask(
                        "account.move", "write", self.move.ids, {names: commands}
                    )
                    self.judge(f"{names}: {commands}", told)
            for values in new:
                told = ask(
                    "account.move.line", "create", values | {"move_id": self.move.id}
                )
                self.judge(f"create line: {values}", told)
            for line in self.move.line_ids:
                told = ask("account.move.line", "unlink", line.ids)
                self.judge(f"unlink {line.display_type}", told)
            for line in self.other.line_ids:
                told = ask(
                    "account.move.line", "write", line.ids, {"move_id": self.move.id}
                )
                self.judge(f"move_id of another's {line.display_type}", told)
            told = ask("account.move", "unlink", self.move.ids)
            self.judge("unlink", told)
            told = ask(
                "account.move", "unlink", self.move.ids, context={"force_delete": True}
            )
            self.judge("unlink by force", told)
        self.finish()

    def test_buttons(self):
        names = sorted(
            name
            for name in dir(type(self.env["account.move"]))
            if name.startswith(("action_", "button_", "js_", "open_"))
        )
        for name in names:
            told = self.press_as(self.user, "account.move", name, self.move.ids)
            for table in PRESSES.get(name, ()):
                told.changed.pop(table, None)
            self.judge(f"{name}()", told)
        self.finish()
