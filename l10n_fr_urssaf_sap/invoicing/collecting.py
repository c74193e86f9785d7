# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whether the Urssaf collects an invoice, and what its customer reads of it in the portal,
on the document and by e-mail."""

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from .payload import UNPAID
from .states import CANCELLED, LEFT_TO_PROVIDER, collecting_request, held_domain

_lt = LazyTranslate(__name__)

_COLLECTED = _lt(
    "The Urssaf collects this invoice (avance immédiate): you have nothing to pay here."
)
_HAS_PAID = _lt(
    "The Urssaf collects this invoice (avance immédiate de crédit d'impôt) and has already"
    " paid us: you have nothing to pay to us."
)
# So it is until it is sent again, corrected or not.
_REFUSED = _lt(
    "You have refused the Urssaf's payment request for this invoice: nothing is debited."
    " Please do not pay anything to us for now. Once the matter is settled between us, the"
    " Urssaf will notify you of a new request, and you will have 48 hours to accept or"
    " dispute it."
)
_DEBIT_FAILED = _lt(
    "The Urssaf's debit for this invoice has failed. Please do not pay anything for now:"
    " the Urssaf or we will tell you what comes next."
)
_NOT_CLEAR = _lt(
    "This invoice is with the Urssaf (avance immédiate). Please do not pay anything for"
    " now; contact us if you have any questions."
)
# The Urssaf says nowhere how much of it the customer owes then.
_LEFT_TO_PROVIDER = _lt(
    "The Urssaf's debit for this invoice has failed: what it could not debit is to be paid"
    " to us directly, unless you have already done so. If the amount due seems wrong,"
    " please contact us."
)
_CANCELLED = _lt(
    "The Urssaf no longer collects this invoice: the amount due is to be paid to us"
    " directly, unless you have already done so."
)
_WHILE_COLLECTED = {
    "paid": _HAS_PAID,
    "debit_refused": _DEBIT_FAILED,
    "closed": _NOT_CLEAR,
    "unknown": _NOT_CLEAR,
}
# The Urssaf collects it no longer, and it is not to be sent again.
AFTERWARDS = {
    **dict.fromkeys(LEFT_TO_PROVIDER, _LEFT_TO_PROVIDER),
    **dict.fromkeys(CANCELLED, _CANCELLED),
}


def is_collected(move):
    """Whether the Urssaf collects this invoice; no query for one that was never sent."""
    return bool(_collecting_request(move))


def why_not_payable(move):
    """What the customer of an invoice that the Urssaf collects is told, whatever they try
    to pay."""
    return customer_notice(move) or move.env._(_COLLECTED)


def check_not_collected(moves):
    """For addons that collect money: these invoices must be in no order of theirs.

    :raise UserError: when the Urssaf collects one of them
    """
    if collected := moves.filtered(is_collected):
        raise UserError(
            moves.env._(
                "The Urssaf collects %s (avance immédiate): it cannot be paid otherwise.",
                ", ".join(collected.mapped("name")),
            )
        )


def collected_ids(env):
    """The ids of the unpaid invoices that the Urssaf collects: for a domain that goes to
    the browser, whatever the user may read."""
    in_test = Domain("l10n_fr_sap_environment", "=", "test")
    companies = env["res.company"].sudo().search(in_test)
    requests = held_domain() & Domain("state", "not in", LEFT_TO_PROVIDER)
    requests &= Domain("environment", "=", "production") | Domain(
        "company_id", "in", companies.ids
    )
    unpaid = Domain("payment_state", "in", UNPAID)
    collected = unpaid & Domain("l10n_fr_sap_request_ids", "any", requests)
    return env["account.move"].sudo().search(collected).ids


def customer_notice(move):
    """What the customer is told of an invoice that has gone its way, or not the ordinary
    one; "" of any other, and where nothing is due."""
    if not _is_due(move):
        return ""
    if collecting := _collecting_request(move):
        text = _WHILE_COLLECTED.get(collecting.state)
    elif move.l10n_fr_sap_collected:
        text = counting_state(move) == "refused" and _REFUSED
    else:
        text = AFTERWARDS.get(counting_state(move))
    return move.env._(text) if text else ""


def is_paid_by_urssaf(move):
    """Whether the Urssaf has paid this invoice, in the books or not yet."""
    collecting = _collecting_request(move)
    return bool(collecting) and collecting.state == "paid"


def counting_state(move):
    """The state of the request that the invoice shows. What was done in test is nothing to
    the customers of a company in production."""
    request = move.sudo().l10n_fr_sap_request_id
    if not request:
        return None
    counts = ("production", move.sudo()._l10n_fr_sap_talks_to())
    return request.state if request.environment in counts else None


def _collecting_request(move):
    requests = move.l10n_fr_sap_request_id and move.sudo().l10n_fr_sap_request_ids
    return requests and collecting_request(
        requests, move.sudo()._l10n_fr_sap_talks_to()
    )


def _is_due(move):
    return move.state == "posted" and not move.currency_id.is_zero(move.amount_residual)
