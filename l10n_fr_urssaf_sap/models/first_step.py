# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

_SETTINGS = "account.action_account_config"


class FirstStep(models.Model):
    """What a company does before its first invoice goes to the Urssaf. Whether it is done
    is read from what there is; nobody ticks it off."""

    _name = "l10n_fr_sap.first.step"
    _description = "First Step towards the Avance immédiate"
    _order = "sequence, id"

    code = fields.Char(required=True, readonly=True)
    name = fields.Char(required=True, readonly=True, translate=True)
    sequence = fields.Integer(readonly=True)
    description = fields.Html(readonly=True, translate=True)
    button = fields.Char(readonly=True, translate=True)
    is_done = fields.Boolean("Completed", compute="_compute_is_done")

    _code_uniq = models.Constraint("UNIQUE (code)", "There is already such a step.")

    @api.depends_context("company")
    def _compute_is_done(self):
        done = self.env.company._l10n_fr_sap_steps_done()
        for step in self:
            step.is_done = step.code in done

    def action_open(self):
        """Open the place where this step is done.

        :raise AccessError: unless the user is an administrator
        :raise UserError: for the test book outside the test platform
        """
        self.ensure_one()
        self.env.company._l10n_fr_sap_check_administrator(
            self.env._("Only an administrator may take the first steps.")
        )
        if self.code == "test_book":
            return self.env["l10n_fr_sap.test.book"]._open()
        customers = "l10n_fr_urssaf_sap.action_particuliers"
        action = customers if self.code == "customer" else _SETTINGS
        return self.env["ir.actions.actions"]._for_xml_id(action)
