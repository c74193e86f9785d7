# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..registering.bank import enter_account, is_iban
from .res_users import USER_GROUP


class Banked(models.AbstractModel):
    """The account to be debited as an IBAN, which can be typed before the contact is
    saved. Fields of ``res.partner``."""

    _name = "l10n_fr_sap.banked"
    _description = "Private Customer With a Bank Account"

    l10n_fr_sap_iban = fields.Char(
        "IBAN",
        compute="_compute_l10n_fr_sap_iban",
        inverse="_inverse_l10n_fr_sap_iban",
        groups=USER_GROUP,
        help="Of the account from which the Urssaf debits the customer's share.",
    )
    l10n_fr_sap_iban_note = fields.Char(
        "IBAN to Check", compute="_compute_l10n_fr_sap_iban_note", groups=USER_GROUP
    )

    @api.depends("l10n_fr_sap_bank_id.acc_number")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_l10n_fr_sap_iban(self):
        for partner in self:
            # It may be an account that the user may not see.
            account = partner.l10n_fr_sap_bank_id._filtered_access("read")
            partner.l10n_fr_sap_iban = account.acc_number

    @api.depends("l10n_fr_sap_iban")
    @api.depends_context("lang")
    def _compute_l10n_fr_sap_iban_note(self):
        for partner in self:
            typed = partner.l10n_fr_sap_iban
            partner.l10n_fr_sap_iban_note = (
                typed and not is_iban(typed) and self.env._("This IBAN is not valid.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        # An empty one comes with every new contact, and takes no other account away.
        name = "l10n_fr_sap_iban"
        return super().create(
            [
                {key: value for key, value in vals.items() if value or key != name}
                for vals in vals_list
            ]
        )

    def _inverse_l10n_fr_sap_iban(self):
        """:raise UserError: when what was typed is no IBAN"""
        for partner in self:
            typed, account = partner.l10n_fr_sap_iban, partner.l10n_fr_sap_bank_id
            if not typed:
                # An account that the user may not see is left alone.
                if account._filtered_access("read"):
                    partner.l10n_fr_sap_bank_id = False
            elif typed != account.sudo().acc_number:
                enter_account(partner, typed)
        # What was typed is not what is entered.
        self.invalidate_recordset(["l10n_fr_sap_iban"])
