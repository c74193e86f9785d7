# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's transfers and what the bank shows of them: which bank transactions may be
which transfer, and the matching itself. All of it acts with every right: whoever calls it
has looked at the user's."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain

from .money import is_in_force
from .set_up import BANK_LABEL

# Banks show a transfer on its day of value, or when they have got round to it.
_EARLIER, _LATER = timedelta(days=1), timedelta(days=10)
# What the bank has not shown by then is for a person.
_AWAITED = timedelta(days=60)


# What was registered of a transfer


def transit_lines(transfer):
    """The journal items of its entries on the account of what is on its way to the bank."""
    return transfer.entry_ids.line_ids.filtered(
        lambda line: (
            is_in_force(line.move_id)
            and not line.l10n_fr_sap_request_id
            and line.account_id.reconcile
            and line.journal_id.type != "bank"
        )
    )


def open_lines(transfer):
    """Those that the bank has not shown yet, what was taken back included; on one account,
    or they could not be matched with each other."""
    lines = transit_lines(transfer).filtered(lambda line: not line.reconciled)
    return lines.filtered(lambda line: line.account_id == lines[:1].account_id)


def open_sum(lines):
    """What the bank is to show of these journal items, in euros; below zero where the
    company owes it to the Urssaf."""
    return _round(lines, sum(lines.mapped("amount_residual")))


def is_even(lines):
    """Whether what was paid was taken back before the bank could show any of it."""
    return len(lines) > 1 and not open_sum(lines)


def owed_to_urssaf(transfer, lines):
    """The open journal items of the transfers before, of which the Urssaf has taken back
    more than is to come: it may keep that from this one."""
    taken_back = lines.search(
        [
            ("account_id", "=", lines.account_id.id),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("balance", "<", 0),
            ("move_id.l10n_fr_sap_transfer_id", "not in", [False, transfer.id]),
            ("move_id.l10n_fr_sap_transfer_id.environment", "=", transfer.environment),
        ]
    )
    owed = lines.browse()
    for other in taken_back.move_id.l10n_fr_sap_transfer_id:
        theirs = open_lines(other)
        if theirs.account_id == lines.account_id and open_sum(theirs) < 0:
            owed |= theirs
    return owed


# What the bank shows


def bank_lines(transfer):
    """``{bank transaction: euros}`` of what may be this transfer, or a part of it, by its
    day, its label and its sign; in euros what of it is not matched yet."""
    lines = open_lines(transfer)
    wanted, days = open_sum(lines), [transfer.date, *lines.mapped("date")]
    domain = _bank_domain(transfer.company_id, lines.account_id, min(days))
    domain &= Domain("amount", ">" if wanted > 0 else "<", 0)
    if wanted > 0:  # nobody knows when a company repays
        domain &= Domain("date", "<=", max(days) + _LATER)
    found = transfer.env["account.bank.statement.line"].search(domain, order="date, id")
    left = {line: left_on(line, lines.account_id) for line in found}
    return {line: euros for line, euros in left.items() if euros * wanted > 0}


def fitting(transfer, found):
    """Those of ``bank_lines`` that are what is to come, to the cent; else those that are
    what is left of it once the Urssaf has kept what it took back."""
    lines = open_lines(transfer)
    wanted = open_sum(lines)
    exact = [line for line, left in found.items() if _same(lines, left, wanted)]
    kept = open_sum(owed_to_urssaf(transfer, lines)) if not exact else 0
    if kept:
        rest = wanted + kept
        exact = [line for line, left in found.items() if _same(lines, left, rest)]
    return transfer.env["account.bank.statement.line"].union(*exact)


def left_on(bank_line, account):
    """What of a bank transaction is not matched yet, in euros."""
    items = _items(bank_line, account)
    return -_round(items, sum(items.mapped("amount_residual")))


def _items(bank_line, account):
    """Its journal items that nobody has sorted yet, or that stand on the account already
    and are matched with nothing."""
    _liquidity, unsorted, others = bank_line._seek_for_lines()
    standing = others.filtered(lambda line: line.account_id == account)
    return (unsorted | standing).filtered(lambda line: not line.reconciled)


def _bank_domain(company, account, since):
    label = _label(company, account)
    partner = company.l10n_fr_sap_urssaf_partner_id
    named = Domain.OR(
        [
            Domain("payment_ref", "ilike", label),
            Domain("partner_name", "ilike", label),
            Domain("partner_id", "=", partner.id) if partner else Domain.FALSE,
        ]
    )
    standing = [("account_id", "=", account.id), ("reconciled", "=", False)]
    unmatched = Domain("is_reconciled", "=", False) | Domain(
        "move_id.line_ids", "any", standing
    )
    ours = Domain(
        [
            ("company_id", "child_of", company.id),
            ("move_id.state", "=", "posted"),
            ("currency_id", "=", company.currency_id.id),
            ("foreign_currency_id", "=", False),
            ("date", ">=", since - _EARLIER),
        ]
    )
    return ours & named & unmatched


def _label(company, account):
    """That of the company's reconciliation model for this account, where it has one."""
    models = company.env["account.reconcile.model"].search(
        [
            ("company_id", "=", company.id),
            ("match_label", "=", "contains"),
            ("line_ids.account_id", "=", account.id),
        ],
        limit=1,
    )
    return models.match_label_param or BANK_LABEL


# The matching


def match(transfer, bank_line):
    """Match a bank transaction with what was registered of a transfer, as far as the one
    or the other goes.

    :raise UserError: where one of them has nothing left to match
    """
    env, lines = transfer.env, open_lines(transfer)
    left = left_on(bank_line, lines.account_id)
    wanted = open_sum(lines)
    if not lines or not left:
        raise UserError(
            env._("Nothing is left to match of this transfer or bank transaction.")
        )
    if bank_line.move_id.state != "posted":
        raise UserError(env._("The bank transaction is not confirmed."))
    if left * wanted <= 0:
        raise UserError(
            env._("The bank transaction goes one way, and the transfer the other.")
        )
    if not _same(lines, left, wanted):
        owed = owed_to_urssaf(transfer, lines)
        if owed and _same(lines, left, wanted + open_sum(owed)):
            lines |= owed
    items = _items(bank_line, lines.account_id)
    items.filtered(lambda line: line.account_id != lines.account_id).write(
        {
            "account_id": lines.account_id.id,
            "partner_id": transfer.company_id.l10n_fr_sap_urssaf_partner_id.id,
        }
    )
    (items | lines).reconcile()
    transfer.undone_by_hand = False


def match_even(transfer):
    """Match with each other what was paid and taken back before the bank showed it.

    :return: whether there was such a thing
    """
    lines = open_lines(transfer)
    if is_even(lines):
        lines.reconcile()
        return True
    return False


def matched_bank_lines(transfer):
    """The bank transactions that a transfer is matched with."""
    lines = transit_lines(transfer)
    others = lines.matched_debit_ids.debit_move_id
    return (others | lines.matched_credit_ids.credit_move_id).statement_line_id


def undo(transfer):
    """Take apart what was matched. A bank transaction of which nothing is matched any more
    is to be sorted again, unless it stood on the account before.

    :raise UserError: where nothing is matched
    """
    lines, found = transit_lines(transfer), matched_bank_lines(transfer)
    if not lines.matched_debit_ids | lines.matched_credit_ids:
        raise UserError(transfer.env._("Nothing of this transfer is matched."))
    lines.remove_move_reconcile()
    transfer.undone_by_hand = True
    for bank_line in found:
        _liquidity, _unsorted, others = bank_line._seek_for_lines()
        matched = others.matched_debit_ids | others.matched_credit_ids
        elsewhere = others.account_id - lines.account_id
        if not matched and not elsewhere and not others.reconcile_model_id:
            bank_line.action_undo_reconciliation()


# Without a person


def awaited(company):
    """The transfers of the last weeks that the bank may have shown by now, or that have
    come to nothing. In production, no bank shows those of the test platform."""
    since = fields.Date.context_today(company) - _AWAITED
    account = company.l10n_fr_sap_transit_account_id
    theirs = [
        ("company_id", "=", company.id),
        ("environment", "=", company.l10n_fr_sap_environment),
        ("date", ">=", since),
    ]
    transfers = (
        company.env["account.move.line"]
        .search(
            [
                ("move_id.l10n_fr_sap_transfer_id", "any", theirs),
                ("parent_state", "=", "posted"),
                ("l10n_fr_sap_request_id", "=", False),
                # Not only the account of today.
                ("account_id.reconcile", "=", True),
                ("reconciled", "=", False),
            ]
        )
        .move_id.l10n_fr_sap_transfer_id
    )
    bank = company.env["account.bank.statement.line"]
    if transfers and bank.search_count(_bank_domain(company, account, since), limit=1):
        return transfers
    # Where no statements are imported, no transfer is looked for in them.
    return transfers.filtered(lambda each: is_even(open_lines(each)))


def certain_bank_line(transfer):
    """The bank transaction that can be this transfer alone, and no other one can be; or
    none. What goes out to the Urssaf never is: contributions look the same."""
    lines, none = open_lines(transfer), transfer.env["account.bank.statement.line"]
    wanted = open_sum(lines)
    if wanted <= 0:
        return none
    found = [
        line
        for line, left in bank_lines(transfer).items()
        if _same(lines, left, wanted)
    ]
    if len(found) != 1:
        return none
    for other in awaited(transfer.company_id) - transfer:
        theirs = open_lines(other)
        if _same(lines, open_sum(theirs), wanted) and found[0] in bank_lines(other):
            return none
    return found[0]


def _same(lines, one, other):
    return not lines.company_currency_id[:1].compare_amounts(one, other)


def _round(lines, amount):
    return lines.company_currency_id[:1].round(amount) if lines else 0
