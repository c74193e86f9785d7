# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.fields import Domain


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    l10n_fr_sap_environment = fields.Selection(
        related="company_id.l10n_fr_sap_environment", readonly=False
    )
    l10n_fr_sap_client_id = fields.Char(
        related="company_id.l10n_fr_sap_client_id", readonly=False
    )
    # No related field, which would keep what was typed and give it back.
    l10n_fr_sap_client_secret = fields.Char(
        "Urssaf Client Secret",
        compute="_compute_l10n_fr_sap_client_secret",
        inverse="_inverse_l10n_fr_sap_client_secret",
        groups="base.group_system",
    )
    l10n_fr_sap_has_secret = fields.Boolean(related="company_id.l10n_fr_sap_has_secret")
    l10n_fr_sap_is_copy = fields.Boolean(related="company_id.l10n_fr_sap_is_copy")
    l10n_fr_sap_outage = fields.Char(related="company_id.l10n_fr_sap_outage")
    l10n_fr_sap_nova_number = fields.Char(
        related="company_id.l10n_fr_sap_nova_number", readonly=False
    )
    l10n_fr_sap_declaration_date = fields.Date(
        related="company_id.l10n_fr_sap_declaration_date", readonly=False
    )
    l10n_fr_sap_agrement_number = fields.Char(
        related="company_id.l10n_fr_sap_agrement_number", readonly=False
    )
    l10n_fr_sap_agrement_date = fields.Date(
        related="company_id.l10n_fr_sap_agrement_date", readonly=False
    )
    l10n_fr_sap_mode = fields.Selection(
        related="company_id.l10n_fr_sap_mode", readonly=False
    )
    l10n_fr_sap_worker = fields.Char(
        related="company_id.l10n_fr_sap_worker", readonly=False
    )
    l10n_fr_sap_signatory = fields.Char(
        related="company_id.l10n_fr_sap_signatory", readonly=False
    )
    l10n_fr_sap_send_on_post = fields.Boolean(
        related="company_id.l10n_fr_sap_send_on_post", readonly=False
    )
    l10n_fr_sap_remind_customers = fields.Boolean(
        related="company_id.l10n_fr_sap_remind_customers", readonly=False
    )
    l10n_fr_sap_register_payments = fields.Boolean(
        related="company_id.l10n_fr_sap_register_payments", readonly=False
    )
    l10n_fr_sap_journal_id = fields.Many2one(
        related="company_id.l10n_fr_sap_journal_id", readonly=False
    )
    l10n_fr_sap_transit_account_id = fields.Many2one(
        related="company_id.l10n_fr_sap_transit_account_id", readonly=False
    )
    l10n_fr_sap_accountant_id = fields.Many2one(
        related="company_id.l10n_fr_sap_accountant_id", readonly=False
    )
    l10n_fr_sap_deposits_allowed = fields.Boolean(
        related="company_id.l10n_fr_sap_deposits_allowed", readonly=False
    )
    l10n_fr_sap_guarantee_amount = fields.Monetary(
        related="company_id.l10n_fr_sap_guarantee_amount", readonly=False
    )
    l10n_fr_sap_guarantee_end = fields.Date(
        related="company_id.l10n_fr_sap_guarantee_end", readonly=False
    )
    l10n_fr_sap_declared = fields.Char(related="company_id.l10n_fr_sap_declared")
    l10n_fr_sap_guarantee_notice = fields.Text(
        related="company_id.l10n_fr_sap_guarantee_notice"
    )
    l10n_fr_sap_cancel_email = fields.Char(
        related="company_id.l10n_fr_sap_cancel_email", readonly=False
    )
    l10n_fr_sap_payments_notice = fields.Char(
        related="company_id.l10n_fr_sap_payments_notice"
    )
    l10n_fr_sap_leave_notice = fields.Text(
        "Payment Requests No Longer Followed",
        compute="_compute_l10n_fr_sap_leave_notice",
        groups="base.group_system",
    )
    l10n_fr_sap_leave_production = fields.Boolean(
        "Leave production all the same", groups="base.group_system"
    )

    l10n_fr_sap_first_step_ids = fields.Many2many(
        "l10n_fr_sap.first.step",
        string="First Steps",
        compute="_compute_l10n_fr_sap_first_step_ids",
        groups="base.group_system",
    )

    @api.depends("company_id")
    def _compute_l10n_fr_sap_first_step_ids(self):
        self.l10n_fr_sap_first_step_ids = self.env["l10n_fr_sap.first.step"].search(
            Domain.TRUE
        )

    @api.depends("company_id", "l10n_fr_sap_environment", "l10n_fr_sap_client_id")
    def _compute_l10n_fr_sap_leave_notice(self):
        for settings in self:
            company = settings.company_id
            leaves = company._l10n_fr_sap_leaves_production(
                settings.l10n_fr_sap_client_id, settings.l10n_fr_sap_environment
            )
            settings.l10n_fr_sap_leave_notice = leaves and self.env._(
                "Payment requests in production that are not over yet: %s. They will not"
                " be followed any more, and their invoices stay locked.",
                company._l10n_fr_sap_open_count(),
            )

    @api.model_create_multi
    def create(self, vals_list):
        # The company is written to here, one field after the other.
        confirmed = any(vals.get("l10n_fr_sap_leave_production") for vals in vals_list)
        settings = self.with_context(l10n_fr_sap_leave_production=confirmed)
        return super(ResConfigSettings, settings).create(vals_list)

    def action_l10n_fr_sap_test_connection(self):
        """See the company's; the settings shown are saved first, as *Save* would."""
        answer = self.company_id.action_l10n_fr_sap_test_connection()
        self.set_values()
        return answer

    def action_l10n_fr_sap_set_up_payments(self):
        """See the company's; the settings shown are saved first."""
        self.company_id.action_l10n_fr_sap_set_up_payments()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_l10n_fr_sap_switch_on_production(self):
        """See the company's."""
        self.company_id.action_l10n_fr_sap_switch_on_production()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _compute_l10n_fr_sap_client_secret(self):
        self.l10n_fr_sap_client_secret = False

    def _inverse_l10n_fr_sap_client_secret(self):
        for settings in self:
            secret = settings.l10n_fr_sap_client_secret
            settings.company_id.l10n_fr_sap_client_secret = secret
        self.invalidate_recordset(["l10n_fr_sap_client_secret"])
