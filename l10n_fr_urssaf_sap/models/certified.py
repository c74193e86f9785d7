# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..invoicing.certificate_due import with_paid_years
from .res_users import USER_GROUP

# More than these are left to the scheduled action.
_AT_ONCE = 10
_YEARS = range(2000, 2100)


class Certified(models.AbstractModel):
    """The yearly tax certificates of a private customer: methods of ``res.partner``."""

    _name = "l10n_fr_sap.certified"
    _description = "Private Customer With Tax Certificates"

    l10n_fr_sap_certificate_ids = fields.One2many(
        "l10n_fr_sap.certificate", "partner_id", "Tax Certificates", groups=USER_GROUP
    )

    def action_l10n_fr_sap_certificate(self, year=None):
        """Make the tax certificates of these private customers, from the current company:
        at once, or by the scheduled action where they are more than ten. Where nothing has
        changed since the last version, that one stays.

        :param year: the calendar year; the last one where none is given
        :raise AccessError: without the Urssaf group, or in a branch whose parent company,
            which the certificate comes from, is not the user's
        :raise UserError: when there is nothing to certify
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        year = self._l10n_fr_sap_check_year(
            year or fields.Date.context_today(self).year - 1
        )
        partners = self.sudo().filtered("l10n_fr_sap_particulier")
        company = self._l10n_fr_sap_certifying_company()
        certificates = self.env["l10n_fr_sap.certificate"].sudo()
        waiting = certificates._queue(partners, company, year)
        if len(waiting) > _AT_ONCE:
            waiting._leave_to_cron(self.env.user)
            return self.env["l10n_fr_sap.summary"]._after(self, {}, queued=len(waiting))
        waiting._make()
        certified = partners.l10n_fr_sap_certificate_ids.filtered(
            lambda each: each.company_id == company and each.year == year
        )
        if not certified:
            text = self.env._(
                "Nothing to certify for %s: no eligible service was paid in full by"
                " eligible means.",
                year,
            )
            raise UserError(with_paid_years(text, company, year, partners))
        return certified._open()

    def action_l10n_fr_sap_certificates(self):
        """Open this customer's tax certificates.

        :raise AccessError: without the Urssaf group
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        return self.sudo().l10n_fr_sap_certificate_ids._open(
            [("partner_id", "=", self.id)]
        )

    @api.model
    def _l10n_fr_sap_check_year(self, year):
        """The year as a number.

        :raise UserError: when it is none of those that there may be certificates of
        """
        known = {str(each): each for each in _YEARS}.get(str(year))
        if not known:
            raise UserError(self.env._("Please give a year, such as 2026."))
        return known

    def _l10n_fr_sap_certifying_company(self):
        company = self.env.company._l10n_fr_sap_registered_company()
        if company not in self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "Tax certificates come from your parent company: please ask somebody"
                    " who works for it."
                )
            )
        return company
