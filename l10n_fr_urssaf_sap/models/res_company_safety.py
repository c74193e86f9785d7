# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""No harm done elsewhere: a copied database leaves production alone, and a client secret
goes in but never comes out."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ResCompany(models.Model):
    _inherit = "res.company"

    # Where production was switched on: see ``_l10n_fr_sap_database``.
    l10n_fr_sap_production_database = fields.Char(
        "Urssaf Production Database", groups=fields.NO_ACCESS, copy=False
    )
    l10n_fr_sap_is_copy = fields.Boolean(
        "Production Was Switched On in Another Database",
        compute="_compute_l10n_fr_sap_is_copy",
        compute_sudo=True,
        groups="base.group_system",
    )
    l10n_fr_sap_stored_secret = fields.Char(
        "Urssaf Stored Secret", groups=fields.NO_ACCESS, copy=False, prefetch=False
    )
    l10n_fr_sap_client_secret = fields.Char(
        "Urssaf Client Secret",
        compute="_compute_l10n_fr_sap_client_secret",
        inverse="_inverse_l10n_fr_sap_client_secret",
        groups="base.group_system",
        copy=False,
        help="Always reads empty; an empty one leaves what is stored as it is. It goes"
        " when the client ID is removed.",
    )
    l10n_fr_sap_has_secret = fields.Boolean(
        "Urssaf Client Secret Is Stored",
        compute="_compute_l10n_fr_sap_has_secret",
        compute_sudo=True,
        groups="base.group_system",
    )

    # Production

    @api.depends("l10n_fr_sap_environment", "l10n_fr_sap_production_database")
    def _compute_l10n_fr_sap_is_copy(self):
        here = self._l10n_fr_sap_database()
        for company in self:
            company.l10n_fr_sap_is_copy = (
                company.l10n_fr_sap_environment == "production"
                and company.l10n_fr_sap_production_database != here
            )

    @api.model
    def _l10n_fr_sap_database(self):
        """This very database: a copy differs by its name, a duplicate by its uuid."""
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return f"{self.env.cr.dbname} {uuid}"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._l10n_fr_sap_tie()
        return companies

    def write(self, vals):
        # Only where it was not on yet: in a copy, saving it again changes nothing.
        switched = self.browse()
        if vals.get("l10n_fr_sap_environment") == "production":
            switched = self.filtered(
                lambda company: company.sudo().l10n_fr_sap_environment != "production"
            )
        res = super().write(vals)
        switched._l10n_fr_sap_tie()
        if "l10n_fr_sap_client_id" in vals and not vals["l10n_fr_sap_client_id"]:
            self.sudo().l10n_fr_sap_stored_secret = False
        return res

    def _l10n_fr_sap_tie(self):
        self.sudo().filtered(
            lambda company: company.l10n_fr_sap_environment == "production"
        ).l10n_fr_sap_production_database = self._l10n_fr_sap_database()

    def action_l10n_fr_sap_switch_on_production(self):
        """Let production be used in this database too, which is no mere copy.

        :raise AccessError: unless the user is an administrator
        """
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._("Only an administrator may switch Urssaf production on.")
            )
        self.l10n_fr_sap_environment = "production"
        self._l10n_fr_sap_tie()
        return True

    def _l10n_fr_sap_sends(self):
        """Whether this company may send anything to the Urssaf from this database."""
        provider = self._l10n_fr_sap_provider()
        return bool(provider.l10n_fr_sap_client_id) and not provider.l10n_fr_sap_is_copy

    def _l10n_fr_sap_open(self, exchanges=None):
        """:raise UserError: when production was switched on in another database too"""
        provider = self._l10n_fr_sap_provider()
        if provider.l10n_fr_sap_is_copy:
            raise UserError(
                self.env._(
                    "This database is a copy of the one in which %s switched production"
                    " on: nothing goes to the Urssaf until an administrator switches it"
                    " on again in the Invoicing settings.",
                    provider.name,
                )
            )
        return super()._l10n_fr_sap_open(exchanges)

    # The client secret

    def _compute_l10n_fr_sap_client_secret(self):
        self.l10n_fr_sap_client_secret = False

    def _inverse_l10n_fr_sap_client_secret(self):
        typed = self.filtered("l10n_fr_sap_client_secret")
        # Odoo and PostgreSQL log the values of a query that fails. Whatever may fail,
        # other values or a busy row, does so here: the date of writing locks the row.
        typed.flush_recordset()
        for company in typed:
            secret = company.l10n_fr_sap_client_secret
            company.sudo().l10n_fr_sap_stored_secret = secret
        typed.flush_recordset()
        # Nor may what was just typed be read back.
        typed.invalidate_recordset(["l10n_fr_sap_client_secret"])

    @api.depends("l10n_fr_sap_stored_secret")
    def _compute_l10n_fr_sap_has_secret(self):
        for company in self:
            company.l10n_fr_sap_has_secret = bool(company.l10n_fr_sap_stored_secret)
