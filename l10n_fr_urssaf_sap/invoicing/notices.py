# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is said on an invoice when its payment request needs somebody."""

from collections import defaultdict

from markupsafe import Markup

from odoo import fields
from odoo.tools import format_amount, format_date, plaintext2html

from ..texts.messages import describe_codes, describe_rejection, state_label
from ..urssaf.api.codes import ALREADY_SENT

# The activity on an invoice that its customer refused.
REFUSED = "l10n_fr_urssaf_sap.activity_refused"


def post_attention(requests):
    """Say in the chatter of each invoice what became of its request; a refusal by the
    customer also becomes an activity. More people read the chatter than may see the
    customer's data: the words of the Urssaf and of the customer are not in it."""
    bodies = defaultdict(Markup)
    for request in requests:
        lines = [
            request.env._(
                "Payment request %(number)s: %(state)s",
                number=request.number,
                state=state_label(request),
            ),
            # What has no code was found here, and names nobody.
            describe_codes(request.env, request.error_codes) or request.error,
            request.advice,
            describe_rejection(request.env, request.rejection_code),
        ]
        text = "\n".join(filter(None, lines))
        bodies[request.move_id.id] += plaintext2html(text)
    requests.move_id._message_log_batch(bodies)
    for request in requests.filtered(lambda request: request.state == "refused"):
        _ask_somebody(request)


def post_changes(attention, again):
    """Say what became of the requests that need somebody; see ``what_changed``."""
    if attention:
        post_attention(attention[0].union(*attention))
    for request in again:
        post_revived(request)


def post_declared_over(request, reason):
    """Say why a person has declared this request over."""
    text = request.env._(
        "Payment request %(number)s was declared over: %(reason)s",
        number=request.number,
        reason=reason,
    )
    request.move_id._message_log(body=plaintext2html(text))


def post_stalled(request):
    """Say that the Urssaf has not come to an end with this request after so long."""
    text = request.env._(
        "Payment request %(number)s is not over after more than two months: %(state)s."
        " Please ask the Urssaf what has become of it. Odoo asks about it less and less"
        " often, and after thirteen months only when somebody refreshes the status.",
        number=request.number,
        state=state_label(request),
    )
    _ask_to_check(request, text)


def describe_refused(request):
    """When and why the customer refused it, and in which words of their own; "" of a
    request that was not refused by them."""
    if request.state != "refused":
        return ""
    env, moment = request.env, request.refused_at
    text = env._("Refused by the customer")
    if moment:
        day = format_date(env, fields.Datetime.context_timestamp(request, moment))
        text = env._("Refused by the customer on %s", day)
    said = request.rejection_comment
    reasons = [
        describe_rejection(env, request.rejection_code),
        said and env._("“%s”", said),
    ]
    if reason := " – ".join(filter(None, reasons)):
        text = env._("%(what)s: %(reason)s", what=text, reason=reason)
    return text


def describe_state(request):
    """Which request this is, and what the Urssaf says of it."""
    return request.env._(
        "Payment request %(number)s: %(state)s",
        number=request.number,
        state=state_label(request),
    )


def held_already(request):
    """What is wrong with a request under whose number the Urssaf holds another."""
    return request.env._(
        "The Urssaf already holds another payment request under the number %s.",
        request.number,
    )


def why_lost(request, times):
    """What may be wrong with a request whose answer was lost so many times."""
    if request.error_codes == ALREADY_SENT:
        return held_already(request)
    return request.env._(
        "The Urssaf gave no usable answer to this payment request, %s times, and does not"
        " know it. It is sent again every hour. Please check the invoice; the request can"
        " be withdrawn.",
        times,
    )


def why_out_of_reach(requests):
    """Why the Urssaf cannot be asked what became of these."""
    env, numbers = requests.env, ", ".join(requests.mapped("number"))
    other_platform = requests.filtered(
        lambda each: each.environment != each.company_id.sudo().l10n_fr_sap_environment
    )
    if other_platform == requests:
        return env._(
            "This was sent to the Urssaf's other platform (test or production), not to the"
            " one that the company uses now: %s",
            numbers,
        )
    return env._(
        "The company no longer has the Client ID that these were sent with, and the Urssaf"
        " tells nobody else what became of them: %s. Please put that Client ID and its"
        " Client Secret back in the Invoicing settings (administrators see which one it is"
        " on the payment request). If that is impossible, an invoicing administrator can"
        " withdraw the payment request without an answer.",
        numbers,
    )


def post_withdrawn_unanswered(request, reason):
    """Say who took an invoice back though the Urssaf could not be asked, and why."""
    lines = [
        request.env._(
            "Payment request %s: withdrawn without an answer", request.number
        ),
        request.error,
        request.env._("Reason: %s", reason),
    ]
    request.move_id._message_log(body=plaintext2html("\n".join(lines)))


def post_differing(request, differing, info):
    """Say what the Urssaf holds otherwise than it was sent, for somebody to look at."""
    env, currency = request.env, request.currency_id
    names = {
        "amount": env._(
            "the amount (%s)", format_amount(env, float(info.gross or 0), currency)
        ),
        "period": env._(
            "the period (%(start)s – %(end)s)",
            start=format_date(env, info.date_from),
            end=format_date(env, info.date_to),
        ),
        "particulier": env._("the customer"),
    }
    text = env._(
        "The Urssaf holds the payment request %(number)s, whose answer was lost, but not"
        " as it was sent: please compare %(what)s there.",
        number=request.number,
        what=", ".join(text for name, text in names.items() if name in differing),
    )
    _ask_to_check(request, text)


def post_revived(request):
    """Say that a request lives again though another one was sent in its place."""
    text = request.env._(
        "Payment request %(number)s, which was over, is at the Urssaf again: %(state)s."
        " If the invoice was also sent under another number, please write to the Urssaf"
        " to have one of them cancelled.",
        number=request.number,
        state=state_label(request),
    )
    _ask_to_check(request, text)


def post_deposit_gone(request):
    """Say that the Urssaf was told of a deposit which the books do not show any more."""
    text = request.env._(
        "A payment that the Urssaf was told of as a deposit, with the payment request"
        " %s, is not matched with its invoice any more, or was credited. Please match it"
        " again; if it was paid back, write to the Urssaf to have the request cancelled,"
        " and send the invoice again once that is done.",
        request.number,
    )
    _ask_to_check(request, text)


def _ask_to_check(request, text):
    move = request.move_id
    move._message_log(body=plaintext2html(text))
    move.activity_schedule(
        "mail.mail_activity_data_warning",
        user_id=responsible(request).id,
        note=plaintext2html(text),
    )


def _ask_somebody(request):
    """An activity for whoever sold this: the customer is to be talked to."""
    user = responsible(request)
    request = request.with_context(lang=user.lang)
    request.move_id.activity_schedule(
        REFUSED,
        user_id=user.id,
        note=plaintext2html(describe_rejection(request.env, request.rejection_code)),
    )


def post_paid_twice(payment, moves):
    """Say on each of these invoices that this payment comes on top of the Urssaf's."""
    for move in moves:
        user = responsible(move.l10n_fr_sap_request_id)
        move = move.with_context(lang=user.lang)
        text = move.env._(
            "The customer has paid online (%s), but the Urssaf collects this invoice as"
            " well: please have the payment request cancelled, or pay the customer back.",
            payment.name,
        )
        move._message_log(body=plaintext2html(text))
        move.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=user.id,
            summary=move.env._("Paid online, and collected by the Urssaf"),
            note=plaintext2html(text),
        )


def closing_message(env, company, done, to_fix):
    """The subject and the sentence for whoever had many sent at once."""
    return env._("Payment requests to the Urssaf"), env._(
        "%(company)s: %(done)s payment requests sent to the Urssaf, %(left)s to fix.",
        company=company.name,
        done=done,
        left=to_fix,
    )


def responsible(request):
    """Whoever sold this, or sent it."""
    move = request.move_id
    users = (
        move.invoice_user_id,
        move.l10n_fr_sap_particulier_id.user_id,
        request.create_uid,
        move.create_uid,
    )
    return next((user for user in users if user.active), request.env.user)
