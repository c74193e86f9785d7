# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What an invoice holds, as the heart wants it: lines of services, text, deposits."""

from decimal import Decimal

from odoo import models

from .account_move_line import euros
from .payment_request import UNPAID


def _place(line):
    return line.sequence, line.id


class AccountMove(models.Model):
    _inherit = "account.move"

    def _l10n_fr_sap_lines(self):
        """The services; a line that deducts a down payment belongs to the deposit."""
        lines = self.invoice_line_ids
        services = lines.filtered(
            lambda line: (
                line.display_type == "product" and not line._l10n_fr_sap_is_deposit()
            )
        )
        # Where there are many invoices, what their lines have is read at once.
        return services.sorted(_place).with_prefetch(lines._prefetch_ids)

    def _l10n_fr_sap_charges(self):
        """The invoice's gross and net totals before any deposit, and its charges."""
        deducted = self._l10n_fr_sap_deducted()
        gross = euros(self.currency_id, self.amount_total)
        net = euros(self.currency_id, self.amount_untaxed)
        texts = self._l10n_fr_sap_texts()
        return (
            gross - sum(euros(line.currency_id, line.price_total) for line in deducted),
            net
            - sum(euros(line.currency_id, line.price_subtotal) for line in deducted),
            [
                line._l10n_fr_sap_charge(texts[line])
                for line in self._l10n_fr_sap_lines()
            ],
        )

    def _l10n_fr_sap_texts(self):
        """What each line of services says: its section, its own text, its notes."""
        texts, section, loose, last = {}, "", [], None
        services = self._l10n_fr_sap_lines()
        for line in self.invoice_line_ids.sorted(_place):
            text = " ".join((line.name or "").split())
            if line.display_type in ("line_section", "line_subsection"):
                section = text
            elif line.display_type == "line_note":
                (texts[last] if last else loose).append(text)
            elif line in services:
                texts[line] = [section, text, *loose]
                loose, last = [], line
        return {line: " – ".join(filter(None, parts)) for line, parts in texts.items()}

    def _l10n_fr_sap_deducted(self):
        return self.invoice_line_ids.filtered(
            lambda line: line._l10n_fr_sap_is_deposit()
        )

    def _l10n_fr_sap_paid_ahead(self):
        """The journal items that settled this invoice in part."""
        items = self.env["account.move.line"]
        if self.payment_state == "not_paid":
            return items  # and no query
        partials = self._get_all_reconciled_invoice_partials() or []
        return items.concat(*(partial["aml"] for partial in partials))

    def _l10n_fr_sap_down_payments(self):
        """The invoices of the down payments that this one deducts."""
        deducted = self._l10n_fr_sap_deducted()
        if not deducted:
            return self.browse()
        asked = deducted.sale_line_ids.invoice_lines.filtered(
            lambda line: line.price_total > 0 and line.parent_state == "posted"
        )
        return asked.move_id - self

    def _l10n_fr_sap_deposit_obstacles(self):
        """Why what was paid ahead cannot be told to the Urssaf, one line each."""
        obstacles = []
        for invoice in self._l10n_fr_sap_down_payments():
            if invoice._l10n_fr_sap_live_request():
                obstacles.append(
                    self.env._(
                        "Its down payment %s is at the Urssaf itself", invoice.name
                    )
                )
            elif invoice.payment_state not in ("paid", "in_payment"):
                obstacles.append(
                    self.env._("Its down payment %s is not paid", invoice.name)
                )
        for move in self._l10n_fr_sap_paid_ahead().move_id:
            if move.move_type == "out_refund":
                obstacles.append(
                    self.env._(
                        "Settled in part by the credit note %s: please make a new invoice"
                        " of what is left",
                        move.name,
                    )
                )
            elif not (move.origin_payment_id or move.statement_line_id):
                obstacles.append(
                    self.env._("Settled in part by %s, which is no payment", move.name)
                )
        return obstacles

    def _l10n_fr_sap_deposit(self):
        """What the customer paid ahead, in euros, and the last day of it: down payments
        of the sales order that the invoice deducts, and payments of the invoice."""
        if self.payment_state not in UNPAID:
            return Decimal(0), None
        deducted = self._l10n_fr_sap_deducted()
        paid = self.currency_id.round(self.amount_total - self.amount_residual)
        amount = euros(self.currency_id, paid) - sum(
            euros(line.currency_id, line.price_total) for line in deducted
        )
        days = self._l10n_fr_sap_paid_ahead().mapped("date")
        for invoice in self._l10n_fr_sap_down_payments():
            days += invoice._l10n_fr_sap_paid_ahead().mapped("date")
        return amount, max(days, default=self.invoice_date) if amount else None
