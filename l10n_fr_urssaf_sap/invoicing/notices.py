# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is said on an invoice when its payment request needs somebody."""

from collections import defaultdict

from markupsafe import Markup

from odoo.tools import plaintext2html

from ..texts.messages import describe_rejection, state_label

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


def _ask_somebody(request):
    """An activity for whoever sold this: the customer is to be talked to."""
    move = request.move_id
    users = (
        move.invoice_user_id,
        move.commercial_partner_id.user_id,
        request.create_uid,
        move.create_uid,
    )
    user = next((user for user in users if user.active), request.env.user)
    request = request.with_context(lang=user.lang)
    move.with_context(lang=user.lang).activity_schedule(
        REFUSED,
        user_id=user.id,
        note=plaintext2html("\n".join(filter(None, rejection_lines(request)))),
    )
