# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Transfers of the Urssaf's, and a bank whose statements show them."""

from booking_common import BookingCase

from odoo.addons.mail.tests.common import mail_new_test_user

MATCH, UNDO = "action_match_bank", "action_undo_match"


class BankCase(BookingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.accountant = mail_new_test_user(
            cls.env,
            "accountant",
            groups="account.group_account_user",
            company_id=cls.env.company.id,
        )

    # What is done

    def show(self, amount, day=None, label="VIR SEPA URSSAF", **values):
        """A line of the bank's statement."""
        values = {"journal_id": self.bank.id} | values
        return self.env["account.bank.statement.line"].create(
            {"date": day or self.day, "payment_ref": label, "amount": amount} | values
        )

    def match(self, transfer):
        return self.press(transfer, MATCH, user=self.accountant)

    def undo(self, transfer):
        return self.press(transfer, UNDO, user=self.accountant)

    def paid(self, amount=44, day=None):
        """An invoice that the Urssaf has paid, and the transfer."""
        move = self.send(quantity=amount / 22)
        self.pay(move, amount, day)
        return move, self.request(move).transfer_id

    # What is there

    def check(self, transfer, state, received, registered=None):
        transfer.invalidate_recordset()
        self.assertEqual(transfer.state, state)
        self.assertAlmostEqual(transfer.amount_received, received, 2)
        if registered is not None:
            self.assertAlmostEqual(transfer.amount_registered, registered, 2)

    def check_waiting(self, *bank_lines):
        """Nobody has sorted these."""
        for line in bank_lines:
            _liquidity, suspense, others = line._seek_for_lines()
            self.assertFalse(line.is_reconciled)
            self.assertEqual((len(suspense), len(others)), (1, 0))

    def open_transit(self):
        """What is open on the account of what is on its way to the bank, sorted."""
        account = self.env.company.l10n_fr_sap_transit_account_id
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", account.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        return sorted(round(line.amount_residual, 2) for line in lines)
