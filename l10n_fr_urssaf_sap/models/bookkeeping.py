# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..invoicing.set_up import (
    has_statements,
    is_in_other_currency,
    is_of_bank,
    set_up,
    why_not_bookable,
    why_not_in_bank,
    why_not_in_currency,
)

# The books' own kinds of accounts: what the Urssaf owes would be lost among the others'.
_NO_TRANSIT = (
    "asset_receivable",
    "liability_payable",
    "asset_cash",
    "liability_credit_card",
)
_PAYMENTS = ("l10n_fr_sap_transit_account_id", "l10n_fr_sap_journal_id")


class Bookkeeping(models.AbstractModel):
    """How a company books what the Urssaf pays it. Fields and methods of
    ``res.company``."""

    _name = "l10n_fr_sap.bookkeeping"
    _description = "Bookkeeping of the Urssaf's Payments"

    # No default: it would be written into every company there is.
    l10n_fr_sap_register_payments = fields.Boolean(
        "Register the Urssaf's Payments",
        help=(
            "When the Urssaf has transferred what it collected, the invoices are settled by"
            " a journal entry dated like the transfer."
        ),
    )
    l10n_fr_sap_journal_id = fields.Many2one(
        "account.journal",
        "Journal of the Urssaf's Payments",
        domain=[("type", "in", ("general", "bank"))],
        check_company=True,
        help=(
            "Made with the first payment. A bank journal will do where no bank statements"
            " are imported into it."
        ),
    )
    l10n_fr_sap_transit_account_id = fields.Many2one(
        "account.account",
        "Account of the Urssaf's Payments",
        domain=[("reconcile", "=", True), ("account_type", "not in", _NO_TRANSIT)],
        check_company=True,
        help=(
            "What the Urssaf has announced and the bank has not shown yet. Made with the"
            " first payment."
        ),
    )
    l10n_fr_sap_urssaf_partner_id = fields.Many2one(
        "res.partner", "Urssaf as a Contact"
    )
    l10n_fr_sap_accountant_id = fields.Many2one(
        "res.users",
        "Accountant for the Urssaf's Payments",
        domain=[("share", "=", False)],
        check_company=True,
        help=(
            "Who gets the activities about payments that are to be checked; whoever sold"
            " the services if empty."
        ),
    )
    # No default: nobody could tell which address is the right one.
    l10n_fr_sap_cancel_email = fields.Char(
        "Address for Cancellations",
        help="Where you ask the Urssaf to cancel a payment request.",
    )
    l10n_fr_sap_payments_notice = fields.Char(
        "Why the Urssaf's Payments Wait", compute="_compute_l10n_fr_sap_payments_notice"
    )

    @api.constrains("l10n_fr_sap_urssaf_partner_id")
    def _check_l10n_fr_sap_urssaf_partner_id(self):
        for company in self.sudo():
            if company.l10n_fr_sap_urssaf_partner_id.company_id - company.parent_ids:
                raise ValidationError(
                    self.env._("The contact of the Urssaf is another company's.")
                )

    # Odoo looks at ``check_company`` by itself on other models than companies.

    @api.constrains("l10n_fr_sap_accountant_id")
    def _check_l10n_fr_sap_accountant_id(self):
        self.sudo()._check_company(["l10n_fr_sap_accountant_id"])

    @api.constrains(*_PAYMENTS)
    def _check_l10n_fr_sap_payments(self):
        self.sudo()._check_company(_PAYMENTS)
        for company in self.sudo():
            account = company.l10n_fr_sap_transit_account_id
            if account and (
                not account.reconcile
                or account.account_type in _NO_TRANSIT
                or is_of_bank(account)
            ):
                raise ValidationError(
                    self.env._(
                        "The account of the Urssaf's payments allows reconciliation, and is"
                        " neither a receivable nor a payable one, nor a bank's own."
                    )
                )
            journal = company.l10n_fr_sap_journal_id
            if journal and journal.type not in ("general", "bank"):
                raise ValidationError(
                    self.env._(
                        "The journal of the Urssaf's payments is one of miscellaneous"
                        " entries, or of a bank."
                    )
                )
            if journal.type == "bank" and has_statements(journal):
                raise ValidationError(why_not_in_bank(journal))
            if is_in_other_currency(company):
                raise ValidationError(why_not_in_currency(self.env))

    @api.depends("l10n_fr_sap_register_payments", "l10n_fr_sap_journal_id")
    def _compute_l10n_fr_sap_payments_notice(self):
        for company in self:
            registered = company._l10n_fr_sap_registered_company()
            company.l10n_fr_sap_payments_notice = (
                registered.l10n_fr_sap_register_payments
                and why_not_bookable(registered)
            )

    # Buttons

    def action_l10n_fr_sap_set_up_payments(self):
        """Make the journal, the account and the contact that the Urssaf's payments are
        booked with, as far as they are missing.

        :raise AccessError: unless the user is an administrator
        :raise UserError: when the company has no chart of accounts yet
        """
        self._l10n_fr_sap_check_administrator(
            self.env._("Only an administrator may set up the Urssaf's payments.")
        )
        registered = self._l10n_fr_sap_registered_company()
        set_up(registered)
        if why := why_not_bookable(registered):
            raise UserError(why)
        return True
