# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import Command, api, fields, models

from ..texts.obstacle import texts_of


class Summary(models.TransientModel):
    """What a button could not do, with a link to fix each record."""

    _name = "l10n_fr_sap.summary"
    _description = "Urssaf Summary"

    done_count = fields.Integer("Done", readonly=True)
    queued_count = fields.Integer("Being Processed", readonly=True)
    line_ids = fields.One2many("l10n_fr_sap.summary.line", "summary_id", readonly=True)
    warning = fields.Text("The Urssaf May Refuse", readonly=True)

    @api.model
    def _after(self, records, obstacles, queued=0, warnings=None):
        """The dialog that ends a button. Obstacles tell of people: here, and not in an
        error, whose text Odoo would log.

        :param obstacles: ``{record: [Obstacle, …]}`` of the records that did not go
        :param queued: how many of the others a scheduled action goes on with
        :param warnings: ``{record: [Obstacle, …]}`` of some of those that went
        :return: an action; True where there is nothing to tell, or only what the Urssaf
            said of a single record, which its form shows
        """
        warnings = {
            record: several
            for record, several in (warnings or {}).items()
            if record not in obstacles
        }
        if queued and not (obstacles or warnings):
            return self._notify_queued(queued)
        rules = {each.rule for several in obstacles.values() for each in several}
        only_refused = len(records) == 1 and rules == {"refused"}
        if only_refused or not (obstacles or warnings):
            return True
        # The addon alone writes it: its links show names, whoever may read them.
        summary = self.sudo().create(
            {
                "done_count": len(records) - len(obstacles) - queued,
                "queued_count": queued,
                "warning": "\n".join(
                    self.env._(
                        "%(record)s: %(obstacles)s",
                        record=record.display_name,
                        obstacles=texts_of(several),
                    )
                    for record, several in warnings.items()
                ),
                "line_ids": [
                    Command.create(
                        {
                            "record_ref": f"{record._name},{record.id}",
                            "message": texts_of(several),
                        }
                    )
                    for record, several in obstacles.items()
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Urssaf: To Fix"),
            "res_model": self._name,
            "res_id": summary.id,
            "view_mode": "form",
            "target": "new",
        }

    def _notify_queued(self, queued):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "%s records are being processed in the background: the list shows the"
                    " progress, and you will get a message at the end.",
                    queued,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }


class SummaryLine(models.TransientModel):
    _name = "l10n_fr_sap.summary.line"
    _description = "Urssaf Summary Line"

    summary_id = fields.Many2one(
        "l10n_fr_sap.summary", required=True, ondelete="cascade"
    )
    record_ref = fields.Reference(
        [("res.partner", "Customer"), ("account.move", "Invoice")],
        "Document",
        readonly=True,
    )
    message = fields.Text("To Fix", readonly=True)
    is_invoice = fields.Boolean(compute="_compute_is_invoice")

    @api.depends("record_ref")
    def _compute_is_invoice(self):
        for line in self:
            line.is_invoice = line.record_ref._name == "account.move"

    def action_open(self):
        """Open the record to fix."""
        self.ensure_one()
        return self.record_ref.get_formview_action()

    def action_open_customer(self):
        """Open the customer of the invoice to fix."""
        self.ensure_one()
        return self.record_ref.l10n_fr_sap_particulier_id.get_formview_action()
