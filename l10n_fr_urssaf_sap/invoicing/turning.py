# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What whoever keeps the books has to do when the Urssaf's money turns: when a debit fails,
when the Urssaf cancels a payment request or leaves it to the provider; and when somebody
changes in the books what was registered."""

from odoo.tools import format_amount

from ..texts.advice import advice
from . import activities
from .money import booked_lines, booked_lines_sum, is_changed_by_hand, missing_of
from .notices import describe_refused, describe_state
from .payload import UNPAID
from .states import MOVING, PAID_BACK

# Who owes what then is documented nowhere: once the Urssaf's money is in the books,
# somebody decides whether it stays there.
_UNDECIDED = ("recovered", "provider_unpaid", "refused", "deleted", "unknown")
# Nothing moves by itself; the customer or the Urssaf is to be dealt with.
_TOLD = ("debit_refused", "recovered", "provider_unpaid", *PAID_BACK)


def turn(request, before):
    """Have somebody see to a payment request whose state has changed, as far as the books
    are concerned.

    :param before: the state that it had
    """
    # No query for what goes its ordinary way.
    if before in _TOLD:
        activities.forget(request.move_id, activities.TURNED)
    if _was_decided(request, before):
        request._set_settled()
        activities.forget(request.move_id)
    if request.state in (*_UNDECIDED, *_TOLD, "provider_settled"):
        _tell(request.with_context(lang=activities.accountant(request).lang))


def _tell(request):
    booked = bool(request.booked_amount)
    if booked and request.state in _UNDECIDED:
        request._set_money_check(_text(request, _undecided(request)))
    elif request.state in _TOLD:
        text = _text(request, advice(request.env, request.state), _taken_out(request))
        activities.schedule(request, text, activities.TURNED)
    elif booked and request.state == "provider_settled":
        activities.log(request, _text(request, _repaid(request)))


def tell_not_followed(request):
    """Have somebody see to what was booked of a request before its company stopped having
    the Urssaf's payments booked, where the Urssaf says something else by now."""
    if not missing_of(request):
        return
    request = request.with_context(lang=activities.accountant(request).lang)
    off = request.env._(
        "%s is registered as paid by the Urssaf, and the company does not register the"
        " Urssaf's payments any more: please correct the books by hand, or switch it on"
        " again in the Invoicing settings and register this.",
        _booked(request),
    )
    request._set_money_check(_text(request, off))


def is_undecided(request):
    """Whether somebody has to say whether what was booked of it stays in the books."""
    undecided = request.state in (*_UNDECIDED, "provider_settled")
    return undecided and request.money_state == "check" and request.booked_amount > 0


def is_cancellable(request):
    """Whether the Urssaf can be asked to cancel it."""
    return bool(request.urssaf_id) and request.state in MOVING


def changed_by_hand(request):
    """What somebody has changed in the books of what was registered of it, in words; ""
    where nothing was."""
    env, currency = request.env, request.currency_id
    if not is_changed_by_hand(request):
        return ""
    if _is_in_draft(request):
        return env._(
            "A journal entry of this payment request was reset to draft: please post it"
            " again, or cancel it."
        )
    return env._(
        "Journal entries of this payment request were cancelled, reversed or deleted by"
        " hand: %(found)s is registered in place of %(booked)s.",
        found=format_amount(env, float(booked_lines_sum(request)), currency),
        booked=format_amount(env, request.booked_amount, currency),
    )


def can_be_registered_again(request):
    """Whether what somebody took out of the books can be put there again; what was only
    reset to draft is still matched with the invoice."""
    certain = request.state == "paid" or request.state in PAID_BACK
    return certain and is_changed_by_hand(request) and not _is_in_draft(request)


def _is_in_draft(request):
    return "draft" in request.entry_line_ids.mapped("parent_state")


def _was_decided(request, before):
    """Whether the Urssaf says now what somebody was to decide about."""
    return (
        before in _UNDECIDED
        and request.money_state == "check"
        and request.state not in (*_UNDECIDED, "provider_settled")
        and not missing_of(request)
    )


def _text(request, *lines):
    return "\n".join(filter(None, [describe_state(request), *lines]))


def _booked(request):
    return format_amount(request.env, request.booked_amount, request.currency_id)


def _undecided(request):
    return request.env._(
        "%s is registered as paid by the Urssaf. Please say on the payment request whether"
        " the Urssaf takes its money back, and how much, or that there is nothing to"
        " register.",
        _booked(request),
    )


def _repaid(request):
    return request.env._(
        "%s is registered as paid by the Urssaf. What you have paid back to it is to be"
        " matched on the account of its payments.",
        _booked(request),
    )


def repayment_of(request):
    """What is to be done about what was booked of a request that is cancelled, and was
    taken out of the books again; "" where nothing was."""
    taken_out = request.state in PAID_BACK and not request.booked_amount
    lines = booked_lines(request) if taken_out else ()
    amount = -sum(line.balance for line in lines if line.balance < 0)
    return _text_of_repayment(request, amount) if amount else ""


def what_went_wrong(move):
    """What the Urssaf or the customer said against the invoice's payment request, and what
    to do about it; "" where nothing is wrong, or the invoice was settled otherwise."""
    request = move.l10n_fr_sap_request_id
    if request.state in ("error", "refused"):
        told = describe_refused(request) or request.error
    elif request.state_level in ("danger", "warning") and move.payment_state in UNPAID:
        told = describe_state(request)
    else:
        return ""
    lines = (told, request.advice, repayment_of(request))
    return "\n".join(filter(None, lines))


def _taken_out(request):
    """What becomes of what was booked of a request that is cancelled."""
    if not request.booked_amount or request.state not in PAID_BACK:
        return ""
    env = request.env
    text = _text_of_repayment(request, request.booked_amount)
    if request.move_id.company_id.tax_exigibility:
        text += "\n" + env._(
            "VAT on payments is taken back as well: without a tax lock date, in the month"
            " of the payment, which may be declared already. Set the tax lock date after"
            " each VAT return."
        )
    return text


def _text_of_repayment(request, amount):
    return request.env._(
        "%s that was registered is taken out of the books again: the invoice is open. Pay"
        " it back to the Urssaf, or let it set it off against its next transfer.",
        format_amount(request.env, amount, request.currency_id),
    )
