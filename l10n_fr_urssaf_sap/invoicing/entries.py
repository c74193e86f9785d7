# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The journal entries that the Urssaf's transfers make: one line of what is on its way to
the bank, and one for each payment request on its customer's account."""

from markupsafe import Markup

from odoo.tools import format_amount, format_date

from .bank_matching import open_lines
from .money import booked_lines
from .payload import receivable_items
from .set_up import counterpart_account


def post_entry(transfer, day, shares):
    """Post one entry and match it with the invoices.

    :param day: its date, unless a lock date moves it
    :param shares: ``{request: euros}``, all above zero (paid) or all below (taken back); of
        invoices of one company, each of them once
    :return: the entry, an ``account.move``
    """
    requests = transfer.env["l10n_fr_sap.payment.request"].union(*shares)
    company, back = transfer.company_id, min(shares.values()) < 0
    of_invoices = requests.move_id.company_id
    urssaf = company.l10n_fr_sap_urssaf_partner_id
    ref = _reference(transfer, day, back)
    total = company.currency_id.round(sum(shares.values()))
    counterpart = {
        "name": ref,
        "account_id": _account(transfer).id,
        "partner_id": urssaf.id,
        "balance": total,
    }
    lines = [counterpart, *(_line(each, shares[each]) for each in requests)]
    entry = (
        requests.env["account.move"]
        .with_company(of_invoices)
        .create(
            {
                "move_type": "entry",
                "company_id": of_invoices.id,
                "journal_id": company.l10n_fr_sap_journal_id.id,
                "date": day,
                "partner_id": urssaf.id,
                "ref": ref,
                "l10n_fr_sap_transfer_id": transfer.id,
                "line_ids": [(0, 0, values) for values in lines],
            }
        )
    )
    entry.action_post()
    # One call for all: one by one, it would be ten times the queries.
    entry.line_ids._reconcile_plan(_plan(entry))
    _tell(entry, shares)
    return entry


def _account(transfer):
    company = transfer.company_id
    standing = open_lines(transfer).account_id
    if standing and company.l10n_fr_sap_journal_id.type != "bank":
        # Another account was chosen since, perhaps: the bank closes them together.
        return standing
    return counterpart_account(company)


def _line(request, amount):
    # The account and the partner are those of the invoice itself.
    owed = receivable_items(request.move_id)[:1]
    return {
        "name": request.number,
        "account_id": owed.account_id.id,
        "partner_id": owed.partner_id.id,
        "balance": -amount,
        "l10n_fr_sap_request_id": request.id,
    }


def _plan(entry):
    """What to match with what, for ``_reconcile_plan``."""
    plan = []
    for line in entry.line_ids.filtered("l10n_fr_sap_request_id"):
        request = line.l10n_fr_sap_request_id
        ours, move = line, request.move_id
        if line.balance > 0:
            # Against what was booked before; the invoice keeps what is left of that.
            ours = booked_lines(request)
            ours.remove_move_reconcile()
            plan.append(ours)
        left = request.currency_id.round(sum(ours.mapped("balance")))
        owed = receivable_items(move).filtered(lambda each: not each.reconciled)
        if left and owed and move.state == "posted":
            plan.append(ours.filtered(lambda each: each.balance < 0) | owed)
    return plan


def _reference(transfer, day, back):
    env = transfer.env
    if back:
        return env._("Avance immédiate: taken back by the Urssaf")
    return env._("Avance immédiate: transfer of %s", format_date(env, day))


def _tell(entry, shares):
    """Odoo's own tracking would cost eight queries an invoice."""
    env, bodies = entry.env, {}
    for request, amount in shares.items():
        if amount > 0:
            text = env._("Paid by the Urssaf (avance immédiate): %(amount)s, %(entry)s")
        else:
            text = env._("Taken back by the Urssaf: %(amount)s, %(entry)s")
        bodies[request.move_id.id] = (
            Markup("<p>%s</p>")
            % text
            % {
                "amount": format_amount(env, abs(amount), request.currency_id),
                "entry": entry.name,
            }
        )
    moves = env["account.move"].browse(bodies)
    moves._message_log_batch(bodies)
