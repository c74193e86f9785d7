# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..invoicing.payload import UNPAID
from ..invoicing.states import STATES
from .res_users import READER_GROUPS


class Shown(models.AbstractModel):
    """What an invoice shows of its way through the Urssaf. Fields and methods of
    ``account.move``."""

    _name = "l10n_fr_sap.shown"
    _inherit = ["l10n_fr_sap.settled", "l10n_fr_sap.columns"]
    _description = "Status at the Urssaf as an Invoice Shows It"
    _l10n_fr_sap_columns = ("l10n_fr_sap_status",)

    l10n_fr_sap_shown_status = fields.Selection(
        [("not_sent", "Not sent"), *STATES],
        "Urssaf Status Shown",
        compute="_compute_l10n_fr_sap_shown_status",
        compute_sudo=True,
        groups=READER_GROUPS,
        help="The status at the Urssaf, also of what could be sent and was not.",
    )
    l10n_fr_sap_status_since = fields.Date(
        "Urssaf Status Since",
        compute="_compute_l10n_fr_sap_status_since",
        compute_sudo=True,
        groups=READER_GROUPS,
    )

    @api.depends(
        "move_type",
        "state",
        "payment_state",
        "l10n_fr_sap_particulier",
        "l10n_fr_sap_paid_directly",
        "l10n_fr_sap_request_id.state",
    )
    def _compute_l10n_fr_sap_shown_status(self):
        for move in self:
            sendable = (
                move.move_type == "out_invoice"
                and move.state != "cancel"
                and move.payment_state in UNPAID
                and move.l10n_fr_sap_particulier
                and not move.l10n_fr_sap_paid_directly
            )
            move.l10n_fr_sap_shown_status = (
                move.l10n_fr_sap_request_id.state or sendable and "not_sent"
            )

    @api.depends("l10n_fr_sap_request_id.state")
    def _compute_l10n_fr_sap_status_since(self):
        for move in self:
            last = move.l10n_fr_sap_request_id.event_ids[:1]
            same = last.state == move.l10n_fr_sap_request_id.state
            moment = same and last.moment
            move.l10n_fr_sap_status_since = (
                moment and fields.Datetime.context_timestamp(move, moment)
            )

    def action_l10n_fr_sap_open_request(self):
        """Open the invoice's current payment request.

        :raise UserError: when somebody has withdrawn it since
        """
        self.ensure_one()
        if not self.l10n_fr_sap_request_id:
            raise UserError(self.env._("Nothing was sent to the Urssaf yet."))
        return self.l10n_fr_sap_request_id.get_formview_action()
