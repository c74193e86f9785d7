# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..invoicing.actions import may_be_sent
from ..invoicing.drafts import is_to_be_fixed, left_once_confirmed
from ..invoicing.natures import natures_to_check
from ..invoicing.obstacles import obstacles_of, warnings_of
from ..invoicing.turning import what_went_wrong
from ..texts.obstacle import texts_of
from .res_users import USER_GROUP

# What the window of a button fixes: see the wizard completion.
_COMPLETED = (
    "l10n_fr_sap_nature_id",
    "l10n_fr_sap_date_from",
    "l10n_fr_sap_date_to",
)
# What of an invoice and of its lines a draft's box goes by.
_OF_MOVE = ("name", "invoice_date", "currency_id", "amount_total", *_COMPLETED[1:])
_OF_LINES = (
    "display_type",
    "price_total",
    "name",
    "product_id",
    "product_uom_id",
    "l10n_fr_sap_proposed_nature_id",
    *_COMPLETED,
)


class ToFix(models.AbstractModel):
    """What is to be fixed in an invoice before it goes to the Urssaf, and where. Fields
    and buttons of ``account.move``."""

    _name = "l10n_fr_sap.to.fix"
    _description = "Invoice to Fix for the Urssaf"

    l10n_fr_sap_to_fix = fields.Text(
        "To Fix Before Sending",
        compute="_compute_l10n_fr_sap_to_fix",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    l10n_fr_sap_can_complete = fields.Boolean(
        "Can Be Completed",
        compute="_compute_l10n_fr_sap_to_fix",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    l10n_fr_sap_customer_to_fix = fields.Boolean(
        "Customer to Fix",
        compute="_compute_l10n_fr_sap_to_fix",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    l10n_fr_sap_natures_to_check = fields.Boolean(
        "Natures to Check",
        compute="_compute_l10n_fr_sap_to_fix",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    l10n_fr_sap_warning = fields.Text(
        "To Know Before Sending",
        compute="_compute_l10n_fr_sap_to_fix",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    l10n_fr_sap_error = fields.Text(
        "Reason for the Refusal",
        compute="_compute_l10n_fr_sap_error",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    l10n_fr_sap_error_fields = fields.Char(
        "Fields Refused",
        compute="_compute_l10n_fr_sap_error",
        compute_sudo=True,
        groups=USER_GROUP,
    )

    l10n_fr_sap_can_ask_cancel = fields.Boolean(
        "Can Be Cancelled at the Urssaf",
        compute="_compute_l10n_fr_sap_can_ask_cancel",
        compute_sudo=True,
    )

    @api.depends(
        "move_type",
        "state",
        "payment_state",
        "l10n_fr_sap_particulier",
        "l10n_fr_sap_particulier_id.l10n_fr_sap_registration_ids.state",
        "l10n_fr_sap_paid_directly",
        "l10n_fr_sap_status",
        *_OF_MOVE,
        *(f"invoice_line_ids.{name}" for name in _OF_LINES),
    )
    @api.depends_context("lang")
    def _compute_l10n_fr_sap_to_fix(self):
        for move in self:
            obstacles, warnings = [], []
            if is_to_be_fixed(move) or may_be_sent(move):
                preparations = move._l10n_fr_sap_prepare()
                obstacles = obstacles_of(preparations).get(move, [])
                warnings = natures_to_check(move)
                warnings += warnings_of(preparations).get(move, [])
            if move.state == "draft":
                obstacles = left_once_confirmed(move, obstacles)
            move.l10n_fr_sap_to_fix = texts_of(obstacles)
            move.l10n_fr_sap_can_complete = any(
                each.record == move and each.field in _COMPLETED for each in obstacles
            )
            customer = move.l10n_fr_sap_particulier_id
            move.l10n_fr_sap_customer_to_fix = bool(customer) and any(
                each.record == customer for each in obstacles
            )
            move.l10n_fr_sap_natures_to_check = any(
                each.field == _COMPLETED[0] for each in warnings
            )
            move.l10n_fr_sap_warning = texts_of(warnings)

    @api.depends("state", "payment_state", "l10n_fr_sap_status")
    @api.depends_context("lang")
    def _compute_l10n_fr_sap_error(self):
        for move in self:
            request = move.l10n_fr_sap_request_id
            move.l10n_fr_sap_error_fields = request.error_fields
            move.l10n_fr_sap_error = move.state == "posted" and what_went_wrong(move)

    @api.depends("l10n_fr_sap_request_id.can_ask_cancel")
    def _compute_l10n_fr_sap_can_ask_cancel(self):
        for move in self:
            move.l10n_fr_sap_can_ask_cancel = move.l10n_fr_sap_request_id.can_ask_cancel

    @api.onchange("partner_id")
    def _onchange_l10n_fr_sap_partner_id(self):
        """The customer may be chosen after the lines were typed."""
        self.invoice_line_ids._l10n_fr_sap_propose_nature()

    # Buttons

    def action_l10n_fr_sap_complete(self):
        """Open the window that asks what the lines of this invoice lack.

        :raise AccessError: without the Urssaf group, or the right to write invoices
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.check_access("write")
        return self.env["l10n_fr_sap.completion"]._open(self)

    def action_l10n_fr_sap_open_customer(self):
        """Open the customer whom the obstacles are about."""
        self.ensure_one()
        self.check_access("read")
        customer = self.sudo().l10n_fr_sap_particulier_id
        return customer.sudo(False).get_formview_action()

    def action_l10n_fr_sap_open_to_fix(self):
        """Open the record with the field that the Urssaf named; see the request's own."""
        self.ensure_one()
        request = self.l10n_fr_sap_request_id
        # Somebody may have withdrawn it since.
        return request.action_open_to_fix() if request else True

    def action_l10n_fr_sap_ask_cancel(self):
        """Open the message that asks the Urssaf to cancel the payment request.

        :raise AccessError: without the Urssaf group
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        return self.env["l10n_fr_sap.ask.cancel"]._open(self.l10n_fr_sap_request_id)
