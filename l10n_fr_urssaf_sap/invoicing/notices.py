# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is said on an invoice when its payment request needs somebody."""

from collections import defaultdict

from markupsafe import Markup

from odoo.tools import plaintext2html

from ..texts.messages import describe_rejection, state_label
from ..urssaf.api.codes import ALREADY_SENT

# The activity on an invoice that its customer refused.
REFUSED = "l10n_fr_urssaf_sap.activity_refused"


def post_attention(requests):
    """Say in the chatter of each invoice what became of its request; a refusal by the
    customer also becomes an activity."""
    bodies = defaultdict(Markup)
    for request in requests:
        lines = [
            request.env._(
                "Payment request %(number)s: %(state)s",
                number=request.number,
                state=state_label(request),
            ),
            request.error,
            request.advice,
            *rejection_lines(request),
        ]
        text = "\n".join(filter(None, lines))
        bodies[request.move_id.id] += plaintext2html(text)
    requests.move_id._message_log_batch(bodies)
    for request in requests.filtered(lambda request: request.state == "refused"):
        _ask_somebody(request)


def rejection_lines(request):
    """Why the customer refused, in words, and their own comment; either may be empty."""
    return [
        describe_rejection(request.env, request.rejection_code),
        request.rejection_comment,
    ]


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


def _ask_somebody(request):
    """An activity for whoever sold this: the customer is to be talked to."""
    move = request.move_id
    user = _responsible(request)
    request = request.with_context(lang=user.lang)
    move.with_context(lang=user.lang).activity_schedule(
        REFUSED,
        user_id=user.id,
        note=plaintext2html("\n".join(filter(None, rejection_lines(request)))),
    )


def post_paid_twice(payment, moves):
    """Say on each of these invoices that this payment comes on top of the Urssaf's."""
    for move in moves:
        user = _responsible(move.l10n_fr_sap_request_id)
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


def _responsible(request):
    """Whoever sold this: the customer is to be talked to."""
    move = request.move_id
    users = (
        move.invoice_user_id,
        move.l10n_fr_sap_particulier_id.user_id,
        request.create_uid,
        move.create_uid,
    )
    return next((user for user in users if user.active), request.env.user)
