# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The account to be debited as somebody types it, before there is a record of it."""

from odoo.exceptions import UserError

from odoo.addons.base.models.res_bank import sanitize_account_number

from ..urssaf.documents.particulier import BankAccount
from ..urssaf.documents.typed import clean_iban


def is_iban(typed):
    """Whether the Urssaf takes this as an IBAN."""
    return "iban" not in {each.field for each in BankAccount(typed).problems()}


def enter_account(partner, typed):
    """Have the Urssaf debit the account with this IBAN, which the customer has already or
    gets now.

    :raise UserError: when it is no IBAN: nothing is entered then
    """
    if not is_iban(typed):
        # Odoo logs this: no number, and no name.
        raise UserError(
            partner.env._(
                "Contact no. %s: the IBAN is not valid. Please compare it with the"
                " customer's bank details, or leave it empty for now.",
                partner.id,
            )
        )
    number = sanitize_account_number(clean_iban(typed))
    accounts = partner.with_context(active_test=False).bank_ids
    account = accounts.filtered(lambda each: each.sanitized_acc_number == number)[:1]
    account = account or accounts.create(
        {"acc_number": clean_iban(typed), "partner_id": partner.id}
    )
    if not account.active:
        account.active = True
    partner.l10n_fr_sap_bank_id = account
