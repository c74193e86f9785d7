# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf holds must stay what the books say: a request cannot be changed there,
nor cancelled by a program."""

from odoo import api, models
from odoo.exceptions import UserError

from ..texts.messages import BUSY, state_label
from .payment_request import REFUSED

# What M050 was told that Odoo lets change on a posted invoice, some of it by RPC alone.
# Accounts and analytic distribution are nothing to the Urssaf.
_MOVE_FIELDS = {"name", "partner_id", "invoice_date", "currency_id"}
_LINE_FIELDS = {
    "amount_currency",
    "balance",
    "credit",
    "debit",
    "discount",
    "display_type",
    "l10n_fr_sap_date_from",
    "l10n_fr_sap_date_to",
    "l10n_fr_sap_nature_id",
    "move_id",
    "name",
    "price_subtotal",
    "price_total",
    "price_unit",
    "product_id",
    "product_uom_id",
    "quantity",
    "tax_ids",
}


class AccountMove(models.Model):
    _inherit = "account.move"

    def write(self, vals):
        # Not in the buttons: what they do can also be written by RPC.
        if vals.get("state") in ("draft", "cancel"):
            requests = self.sudo().l10n_fr_sap_request_ids
            # Else one could leave between this check and what follows from it.
            if requests.try_lock_for_update(allow_referencing=True) != requests:
                raise UserError(self.env._(BUSY))
            self._l10n_fr_sap_check_not_live()
            requests.filtered(lambda request: request.state == "to_send")._withdraw()
        if vals.get("state") == "cancel":
            # Nobody has to talk to the customer about it any more.
            refused = self.sudo().filtered("l10n_fr_sap_request_id")
            refused.activity_unlink([REFUSED])
        if names := _MOVE_FIELDS.intersection(vals):
            self.filtered(
                lambda move: any(
                    self._field_will_change(move, vals, name) for name in names
                )
            )._l10n_fr_sap_check_not_live()
        return super().write(vals)

    def _l10n_fr_sap_check_lines_free(self):
        # Most lines are written while their entry is a draft: no query for those.
        self.filtered(lambda move: move.state == "posted")._l10n_fr_sap_check_not_live()

    # Odoo's own way of hiding "Reset to Draft" for what the State holds already.

    def _need_cancel_request(self):
        return super()._need_cancel_request() or self.l10n_fr_sap_live

    @api.depends("l10n_fr_sap_live")
    def _compute_need_cancel_request(self):
        return super()._compute_need_cancel_request()

    def button_request_cancel(self):
        """Odoo's; no call of the Urssaf's cancels a payment request.

        :raise UserError: with what to do instead, for an invoice at the Urssaf
        """
        self.ensure_one()
        if request := self.sudo()._l10n_fr_sap_live_request():
            raise UserError(
                self.env._(
                    "%(number)s (%(state)s) can only be cancelled by the Urssaf: please"
                    " write to it with the number, the amount and the reason. Once it"
                    " has done so, refresh the status here; the invoice can be changed"
                    " then.",
                    number=request.number,
                    state=state_label(request),
                )
            )
        return super().button_request_cancel()

    def _l10n_fr_sap_list_live(self):
        """Those of these invoices that are at the Urssaf, one line each; empty if none."""
        return "\n".join(
            f"- {move.name}: {state_label(request)}"
            for move in self.sudo()
            if (request := move._l10n_fr_sap_live_request())
        )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        moves = self.env["account.move"].browse(
            {
                vals["move_id"]
                for vals in vals_list
                if vals.get("display_type", "product") == "product"
            }
        )
        moves._l10n_fr_sap_check_lines_free()
        return super().create(vals_list)

    def write(self, vals):
        if names := _LINE_FIELDS.intersection(vals):
            move_model = self.env["account.move"]
            self.filtered(
                lambda line: (
                    line.display_type == "product"
                    and any(
                        move_model._field_will_change(line, vals, name)
                        for name in names
                    )
                )
            ).move_id._l10n_fr_sap_check_lines_free()
        return super().write(vals)
