# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import Command, api, fields, models

from ..invoicing.drafts import period_to_confirm
from ..invoicing.natures import is_unconfirmed, proposed_natures
from ..invoicing.payload import service_lines
from .chosen import chosen_invoice

_PERIOD = ("date_from", "date_to")
_NATURE = "l10n_fr_sap_nature_id"
_DAYS = tuple(f"l10n_fr_sap_{name}" for name in _PERIOD)


class Completion(models.TransientModel):
    """What the lines of an invoice lack for the Urssaf, with a proposal. What it shows of
    them is written when it is made: by its fields nobody learns of lines that they may
    not see."""

    _name = "l10n_fr_sap.completion"
    _description = "Complete an Invoice for the Urssaf"

    to_fix = fields.Text(readonly=True)
    days_to_fix = fields.Boolean(readonly=True)
    date_from = fields.Date("Services From")
    date_to = fields.Date("Services To")
    line_ids = fields.One2many("l10n_fr_sap.completion.line", "completion_id")

    @api.model
    def _open(self, move):
        """The window for this invoice."""
        start, end = period_to_confirm(move)
        obstacles = move.sudo()._l10n_fr_sap_obstacles().get(move, [])
        lines = service_lines(move)
        lacking = lines.filtered(lambda line: not line[_NATURE])
        proposed = proposed_natures(lacking) if lacking else {}
        window = self.create(
            {
                "to_fix": move.l10n_fr_sap_to_fix,
                "days_to_fix": any(each.field in _DAYS for each in obstacles),
                "date_from": start,
                "date_to": end,
                "line_ids": [
                    Command.create(
                        self._line_values(line, proposed.get(line, line[_NATURE]))
                    )
                    for line in lines
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Complete for the Urssaf"),
            "res_model": self._name,
            "res_id": window.id,
            "view_mode": "form",
            "target": "new",
            "context": {"active_id": move.id},
        }

    def _line_values(self, line, nature):
        return {
            "res_id": line.id,
            "label": line.name or line.product_id.display_name,
            "currency_id": line.currency_id.id,
            "amount": line.price_total,
            "nature_id": nature.id,
            "date_from": line.l10n_fr_sap_date_from,
            "date_to": line.l10n_fr_sap_date_to,
        }

    def action_apply(self):
        """Write on the invoice what was filled in.

        :raise AccessError: without the Urssaf group, or the right to write invoices
        :raise UserError: when the invoice is at the Urssaf meanwhile
        """
        self.ensure_one()
        move = chosen_invoice(self)
        lines = {line.id: line for line in service_lines(move)}
        for typed in self.line_ids:
            if typed.res_id in lines:
                _write(lines[typed.res_id], typed, ("nature_id", *_PERIOD))
        # Whoever has seen what was proposed, and left it, has chosen it.
        seen = move.invoice_line_ids.browse(self.line_ids.mapped("res_id"))
        proposed = (seen & service_lines(move)).filtered(is_unconfirmed)
        proposed.l10n_fr_sap_proposed_nature_id = False
        # Last: what its lines say may have proposed it.
        if (self.date_from, self.date_to) != period_to_confirm(move):
            _write(move, self, _PERIOD)
        return {"type": "ir.actions.act_window_close"}


class CompletionLine(models.TransientModel):
    _name = "l10n_fr_sap.completion.line"
    _description = "Line to Complete for the Urssaf"

    completion_id = fields.Many2one(
        "l10n_fr_sap.completion", required=True, readonly=True, ondelete="cascade"
    )
    res_id = fields.Integer("Line", readonly=True)
    label = fields.Char("Description", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(readonly=True)
    nature_id = fields.Many2one("l10n_fr_sap.nature", "Nature of Home Service")
    date_from = fields.Date("Services From")
    date_to = fields.Date("Services To")


def _write(record, typed, names):
    """What of ``typed`` differs from what ``record`` says."""
    changed = {
        f"l10n_fr_sap_{name}": typed._fields[name].convert_to_write(typed[name], typed)
        for name in names
        if typed[name] != record[f"l10n_fr_sap_{name}"]
    }
    if changed:
        record.write(changed)
