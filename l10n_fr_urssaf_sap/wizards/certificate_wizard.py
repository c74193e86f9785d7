# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..invoicing.certificate import paid_years, year_figures
from ..invoicing.certificate_due import customers_without, with_paid_years


class CertificateWizard(models.TransientModel):
    """A year's tax certificates: of the customers chosen, of those who were sent none, or
    of all."""

    _name = "l10n_fr_sap.certificate.wizard"
    _description = "Make Tax Certificates"

    year = fields.Integer(
        required=True, default=lambda self: fields.Date.context_today(self).year - 1
    )
    whose = fields.Selection(
        [
            ("chosen", "The customers chosen"),
            ("without", "Customers who were not sent theirs yet"),
            ("all", "All customers"),
        ],
        "Certificates Of",
        required=True,
        default=lambda self: self._is_for_customers() and "chosen" or "without",
    )

    warning = fields.Char(compute="_compute_warning")

    @api.depends("year")
    @api.depends_context("lang")
    def _compute_warning(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            wizard.warning = wizard.year >= today.year and self.env._(
                "%s is not over: whoever pays until 31 December will need another"
                " certificate, which replaces this one. Please make them in January.",
                wizard.year,
            )

    def _is_for_customers(self):
        return self.env.context.get("active_model") == "res.partner"

    def action_make(self):
        """Make them: see ``res.partner.action_l10n_fr_sap_certificate``.

        :raise AccessError: as that one
        :raise UserError: when there is nobody to certify anything to
        """
        return self._customers().action_l10n_fr_sap_certificate(self.year)

    def action_list(self):
        """List the customers instead.

        :raise AccessError: as the other button
        """
        customers = self._customers()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers without a Certificate of %s", self.year)
            if self.whose == "without"
            else self.env._("Tax Certificates"),
            "res_model": "res.partner",
            "view_mode": "list,form",
            "domain": [("id", "in", customers.ids)],
        }

    def _customers(self):
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        partners = self.env["res.partner"]
        partners._l10n_fr_sap_check_year(self.year)
        company = partners._l10n_fr_sap_certifying_company()
        if self.whose == "chosen":
            chosen = self.env.context.get("active_ids", [])
            found = partners.browse(chosen if self._is_for_customers() else [])
        elif self.whose == "without":
            found = customers_without(company, self.year)
        else:
            found = partners.concat(*year_figures(company, self.year))
        found = found.sudo(False)._filtered_access("read")
        if not found:
            raise UserError(self._why_nobody(company))
        return found

    def _why_nobody(self, company):
        year = self.year
        if self.whose == "chosen":
            return self.env._(
                "No customer is to get a certificate: please choose some in their list."
            )
        if self.whose == "without" and paid_years(company, [year]):
            return self.env._(
                "No customer is to get a certificate of %s: all who paid were sent theirs.",
                year,
            )
        text = self.env._(
            "No customer is to get a certificate of %s: nobody paid for eligible services"
            " in full in that year.",
            year,
        )
        return with_paid_years(text, company, year)
