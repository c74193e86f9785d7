# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A company whose payments by the Urssaf are booked, with VAT on payments as the French
chart has it on services."""

from datetime import timedelta

from sap_common import SapCase

from odoo import Command

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"


class BookingCase(SapCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.env.ref(
            f"account.{cls.env.company.id}_tva_intermediaire_encaissement"
        )
        cls.tax.active = True
        cls.product.taxes_id = [Command.set(cls.tax.ids)]
        cls.product.list_price = 20
        cls.env.company.l10n_fr_sap_register_payments = True
        # The first of this month, which is today at the latest.
        cls.day = cls.month_end + timedelta(days=1)

    def setUp(self):
        super().setUp()
        self.activate()

    # What is done

    def send(self, quantity=2, **values):
        """An invoice at the Urssaf: 20.00 an hour, 10 % VAT."""
        move = self.create_invoice(quantity=quantity, **values)
        self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        return move

    def say(self, move, status, amount=None, day=None):
        """The Urssaf sets a status, and what it says of its transfer."""
        day = f"{day or self.day}T00:00:00Z"
        transfer = {"mntVirement": amount, "dateVirement": day}
        request = move.sudo().l10n_fr_sap_request_id
        body = {"statut": status}
        if status == "70" or amount is not None:
            body["infoVirement"] = transfer
        self.control(f"demandes/{request.urssaf_id}", body)

    def refresh(self, *moves):
        self.press(self.env["account.move"].union(*moves), REFRESH)

    def pay(self, move, amount, day=None):
        self.say(move, "70", amount, day)
        self.refresh(move)

    def work(self):
        self.run_cron("ir_cron_register_payments")

    def pay_by_hand(self, move, amount):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"amount": amount})
        )
        return wizard._create_payments()

    def set_up_payments(self):
        self.press(self.env.company, "action_l10n_fr_sap_set_up_payments")
        return self.env.company

    # What is there

    def request(self, move):
        return move.sudo().l10n_fr_sap_request_id

    def entries(self, *moves):
        requests = self.env["account.move"].union(*moves).sudo().l10n_fr_sap_request_ids
        return requests.entry_line_ids.move_id

    def items(self, entries):
        """``[(date, code, partner, balance), …]`` of these entries, in that order."""
        return sorted(
            (
                line.date,
                line.account_id.code,
                line.partner_id.name or "",
                round(line.balance, 2),
            )
            for line in entries.line_ids
        )

    def balance(self, prefix, company=None):
        """The balance of the posted items on the accounts that begin so."""
        lines = self.env["account.move.line"].search(
            [
                ("company_id", "=", (company or self.env.company).id),
                ("parent_state", "=", "posted"),
                ("account_id.code", "=like", f"{prefix}%"),
            ]
        )
        return round(sum(lines.mapped("balance")), 2)

    def cash_basis(self, move):
        """The entries that Odoo makes of VAT on payments."""
        return self.env["account.move"].search(
            [("tax_cash_basis_origin_move_id", "=", move.id)]
        )

    def check_money(self, move, state, booked):
        request = self.request(move)
        self.assertEqual(request.money_state, state, request.money_note)
        self.assertAlmostEqual(request.booked_amount, booked, 2)
        self.assertEqual(bool(request.money_note), state == "check")

    def money_activities(self, move):
        kind = self.env.ref("l10n_fr_urssaf_sap.activity_money")
        return move.activity_ids.filtered(lambda each: each.activity_type_id == kind)

    def check_told(self, move, *words):
        [activity] = self.money_activities(move)
        for text in (activity.note, self.request(move).money_note):
            for word in words:
                self.assertIn(word, text.replace(",", "."))
