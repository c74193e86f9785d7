# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Transfers matched with the bank without a person, where there is no doubt."""

from ..invoicing.bank_matching import awaited, certain_bank_line, match, match_even
from .transactions import in_own_transaction, lock


def match_what_is_certain(companies):
    """Match each transfer that these companies wait for with the one bank transaction that
    it can be, in a transaction of its own; what may be one of several is for a person."""
    for company in companies:
        for transfer in awaited(company.with_company(company)):
            in_own_transaction(transfer, _match)
    companies.env.cr.commit()  # pylint: disable=invalid-commit


def _match(transfer):
    # Somebody else may have been quicker.
    if not lock(transfer) or transfer.undone_by_hand or match_even(transfer):
        return
    bank_line = certain_bank_line(transfer)
    if lock(bank_line):
        match(transfer, bank_line)
