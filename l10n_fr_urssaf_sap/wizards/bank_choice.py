# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class BankChoice(models.TransientModel):
    """One of the bank transactions among which a person chooses what a transfer of the
    Urssaf's is. What it shows is written when it is made: by its fields nobody learns of
    transactions that they may not see."""

    _name = "l10n_fr_sap.bank.choice"
    _description = "Bank Transaction to Match"
    _order = "date, id"

    transfer_id = fields.Many2one(
        "l10n_fr_sap.transfer", required=True, readonly=True, ondelete="cascade"
    )
    statement_line_id = fields.Many2one(
        "account.bank.statement.line", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Date(readonly=True)
    label = fields.Char(readonly=True)
    journal_id = fields.Many2one("account.journal", "Bank", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary("Not Matched Yet", readonly=True)
    difference = fields.Monetary(
        readonly=True, help="What of the transfer would be left to match."
    )

    @api.model
    def _open(self, transfer, left, wanted):
        """The window with these bank transactions, ``{transaction: euros not matched}``.

        :param wanted: what is to come of the transfer, in euros
        """
        currency = transfer.currency_id
        choices = self.sudo().create(
            [
                {
                    "transfer_id": transfer.id,
                    "statement_line_id": line.id,
                    "date": line.date,
                    "label": line.payment_ref or line.partner_name,
                    "journal_id": line.journal_id.id,
                    "currency_id": currency.id,
                    "amount": euros,
                    "difference": currency.round(wanted - euros),
                }
                for line, euros in left.items()
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Which one is it?"),
            "res_model": self._name,
            "views": [(False, "list")],
            "target": "new",
            "domain": [("id", "in", choices.ids)],
        }

    def action_match(self):
        """Match the transfer with this one.

        :raise AccessError: unless the user is an accountant who may read both
        :raise UserError: where one of them has nothing left to match
        """
        self.ensure_one()
        self.transfer_id.match(self.statement_line_id)
        return self.transfer_id._tell_matched(self.statement_line_id)
