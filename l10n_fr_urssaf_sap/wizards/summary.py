# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import Command, api, fields, models


class Summary(models.TransientModel):
    """What a button on several records could not do, with a link to mend each."""

    _name = "l10n_fr_sap.summary"
    _description = "Urssaf Summary"

    done_count = fields.Integer("Done", readonly=True)
    queued_count = fields.Integer("In the Background", readonly=True)
    line_ids = fields.One2many("l10n_fr_sap.summary.line", "summary_id", readonly=True)

    @api.model
    def _after(self, records, problems, queued=0):
        """The dialog that ends a button on several records.

        :param problems: ``{record: [line, …]}`` of the records that did not go
        :param queued: how many of the others a scheduled action goes on with
        :return: an action; True where there is nothing to tell, or nothing that the
            form of the only record does not show anyway
        """
        if queued and not problems:
            return self._in_the_background(queued)
        if not problems or len(records) == 1:
            return True
        summary = self.create(
            {
                "done_count": len(records) - len(problems) - queued,
                "queued_count": queued,
                "line_ids": [
                    Command.create(
                        {
                            "record_ref": f"{record._name},{record.id}",
                            "message": "\n".join(lines),
                        }
                    )
                    for record, lines in problems.items()
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Urssaf: to be mended"),
            "res_model": self._name,
            "res_id": summary.id,
            "view_mode": "form",
            "target": "new",
        }

    def _in_the_background(self, queued):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "%s are being dealt with in the background: the list shows how far"
                    " it is, and you will get a message at the end.",
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
        "Record",
        readonly=True,
    )
    message = fields.Text("To Mend", readonly=True)
    is_invoice = fields.Boolean(compute="_compute_is_invoice")

    @api.depends("record_ref")
    def _compute_is_invoice(self):
        for line in self:
            line.is_invoice = line.record_ref._name == "account.move"

    def action_open(self):
        """Open the record to mend."""
        self.ensure_one()
        return self.record_ref.get_formview_action()

    def action_open_customer(self):
        """Open the customer of the invoice to mend."""
        self.ensure_one()
        return self.record_ref.commercial_partner_id.get_formview_action()
