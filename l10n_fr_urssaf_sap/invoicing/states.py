# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The states of a payment request, and what they mean for its invoice."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, fields
from odoo.fields import Domain
from odoo.tools import SQL

from ..urssaf.api.codes import STATUS_BY_CODE, STATUS_BY_KEY, STATUSES

STATES = [
    ("to_send", "To send"),
    ("sending", "Being sent"),
    ("error", "To fix"),
    ("integrated", "Integrated"),
    ("aids_computed", "Aids computed"),
    ("awaiting_validation", "Awaiting validation"),
    ("validated", "Validated"),
    ("refused", "Refused by the customer"),
    ("debited", "Debited"),
    ("debit_refused", "Debit refused"),
    ("paid", "Paid"),
    ("in_exchange", "Awaiting exchanges"),
    ("closed", "Closed"),
    ("deleted", "Deleted"),
    ("cancelled", "Cancelled"),
    ("cancelled_unpaid", "Cancelled, unpaid"),
    ("cancelled_recovered", "Cancelled, recovered"),
    ("cancelled_other", "Cancelled, other reason"),
    ("recovered", "Recovered by the provider"),
    ("provider_unpaid", "Owed by the provider"),
    ("provider_settled", "Settled by the provider"),
    ("unknown", "Unknown status"),
]
# What the Urssaf says of a request that it holds.
HELD = (*(status.key for status in STATUSES), "unknown")
# Which state may follow which. The Urssaf is the authority: any of its own may follow any
# other, also one of a request that was refused or cancelled.
TRANSITIONS = {
    "to_send": ("to_send", "sending", "error", *HELD),
    "sending": ("to_send", "error", *HELD),
    "error": ("to_send", "error", *HELD),
    **dict.fromkeys(HELD, HELD),
}
# Another of these is to be expected.
MOVING = (*(status.key for status in STATUSES if status.moves), "unknown")
# Not over yet. (What is paid is followed as well, for it may be claimed back.)
AT_WORK = tuple(state for state in MOVING if state != "paid")
OPEN = ("sending", *AT_WORK)
# Over without money: the invoice may be sent again, under another number.
DEAD = tuple(status.key for status in STATUSES if status.dead)
# Not at the Urssaf: these may be fixed and sent under the same number.
UNSENT = ("to_send", "error")
# Neither under way nor paid: the invoice is free.
NOT_LIVE = (*UNSENT, *DEAD)
# Over, and as a rule not to be sent again: what the customer refused is fixed and sent
# again, the rest is paid to the provider.
CANCELLED = tuple(state for state in DEAD if state != "refused")
# What it has transferred for these, it takes back.
PAID_BACK = (
    "cancelled",
    "cancelled_unpaid",
    "cancelled_recovered",
    "cancelled_other",
)
# The Urssaf could not debit the customer, and leaves that part to the provider.
LEFT_TO_PROVIDER = ("recovered", "provider_unpaid", "provider_settled")
# Somebody has to look at it.
ATTENTION = {"error", "debit_refused", "unknown", *LEFT_TO_PROVIDER, *DEAD}
_BY_LEVEL = {
    "muted": ("to_send", "sending"),
    "info": (
        "integrated",
        "aids_computed",
        "awaiting_validation",
        "validated",
        "debited",
        "in_exchange",
        "closed",
    ),
    "success": ("paid", "recovered", "provider_settled"),
    "warning": CANCELLED,
    "danger": ("error", "refused", "debit_refused", "provider_unpaid", "unknown"),
}
LEVELS = {state: level for level, states in _BY_LEVEL.items() for state in states}

# It is at the Urssaf: what there was in between is over.
ARRIVED = {
    "lost_answers": 0,
    "freed_at": False,
    "held_before": False,
    "sent_body": False,
    "error": False,
    "error_codes": False,
    "error_fields": False,
}
# One whose answer was lost so often is sent again less often.
MANY_LOST, _LOST_AGAIN = 3, timedelta(hours=1)
# How often the Urssaf is asked about what may still move: up to an age, so often; what is
# older is only asked about by hand. A debit can come back for eight weeks.
_DAY = timedelta(days=1)
OLDEST = 396 * _DAY  # thirteen months
PACES = ((15 * _DAY, timedelta(hours=1)), (70 * _DAY, _DAY), (OLDEST, 7 * _DAY))
PACES_ONCE_PAID = ((15 * _DAY, _DAY), (70 * _DAY, 7 * _DAY), (OLDEST, 30 * _DAY))
_NOTED = "l10n_fr_urssaf_sap.history"
# A transfer from before the scheme, or announced for later than that, makes no sense.
FIRST_TRANSFER = datetime(2022, 1, 1)  # noqa: DTZ001
FURTHEST_TRANSFER = 31 * _DAY
# What is not over after so long is shown to somebody.
_STALLED_AFTER = 70 * _DAY
# What should not come to life any more is watched for so long, at this interval.
_WATCHED, _WATCH_AFTER = 30 * _DAY, _DAY
_PACES_OUT_OF_REACH = ((_WATCHED, _WATCH_AFTER), (OLDEST, 30 * _DAY))


# What the payment requests of an invoice say about it, as plain functions over them.


def live_request(requests, environment):
    """The one that is under way or paid, if any. What is live in production stays so
    whatever its company talks to now.

    :param environment: the one that the company talks to now
    """
    live = _counting(requests, environment).filtered(
        lambda request: request.state not in NOT_LIVE
    )
    return live[:1]


def holding_request(requests, environment):
    """The one for which the invoice must not change, if any: live, or perhaps so because
    its answer was lost."""
    return _held(requests, environment)[:1]


def collecting_request(requests, environment):
    """The one through which the Urssaf collects the invoice, if any, perhaps so because
    its answer was lost. Where it has left it to the provider, there is none."""
    return _held(requests, environment).filtered(
        lambda request: request.state not in LEFT_TO_PROVIDER
    )[:1]


def _held(requests, environment):
    return _counting(requests, environment).filtered(
        lambda request: request.state not in NOT_LIVE or may_be_held(request)
    )


def held_domain():
    """Those for which their invoices must not change, whatever their environment."""
    lost = Domain("state", "in", UNSENT) & Domain("lost_answers", ">", 0)
    perhaps = lost & Domain("sent_at", "!=", False) & Domain("freed_at", "=", False)
    return Domain("state", "not in", NOT_LIVE) | perhaps


def may_be_held(request):
    """Whether the Urssaf may hold a request that waits to be sent again or to be fixed:
    an answer was lost, and nobody has taken the invoice back since."""
    lost = request.state in UNSENT and request.lost_answers and request.sent_at
    return bool(lost and not request.freed_at)


def is_out_of_reach(request):
    """Whether its company has lost the access that it was sent with, or talks to the other
    platform: what became of it cannot be asked."""
    request = request.sudo()
    company = request.company_id
    return (
        not company.l10n_fr_sap_client_id
        or request.access not in (False, company.l10n_fr_sap_client_id)
        or request.environment != company.l10n_fr_sap_environment
    )


def is_withdrawable_unanswered(request):
    """Whether a person may take the invoice back though the Urssaf cannot be asked."""
    lost = request.state in UNSENT and request.lost_answers and not request.superseded
    return bool(request.state == "sending" or lost) and is_out_of_reach(request)


def is_revived(request):
    """Whether it lives though its invoice was sent under another number, or taken back."""
    return _is_taken_back(request) and request.state not in NOT_LIVE


def is_refreshable(request):
    """Whether the Urssaf may know something of it."""
    return request.state not in UNSENT or may_be_held(request)


def is_withdrawable(request):
    """Whether a person may take it out of the queue."""
    return request.state == "to_send" or may_be_held(request)


def is_due(request):
    """Whether one that waits is to be sent now."""
    return (
        request.lost_answers < MANY_LOST
        or not request.sent_at
        or request.sent_at <= fields.Datetime.now() - _LOST_AGAIN
    )


def current_request(requests):
    """The one that an invoice shows: in production before any in test, the latest."""
    current = requests.filtered(lambda request: not request.superseded)
    return (_production_first(current) or _production_first(requests))[:1]


def next_number(requests, name):
    """The number to send an invoice under whose requests these are. One that the Urssaf
    once took is taken for ever: -2, -3 … follow."""
    taken = requests.filtered("urssaf_id")
    return f"{name}-{len(taken) + 1}" if taken else name or ""


def _is_taken_back(request):
    move = request.move_id
    return (
        request.superseded or move.state != "posted" or move.l10n_fr_sap_paid_directly
    )


def _counting(requests, environment):
    counting = requests.filtered(
        lambda request: request.environment in (environment, "production")
    )
    return _production_first(counting)


def _production_first(requests):
    # The sort is stable: the latest stays the first.
    return requests.sorted(lambda request: request.environment != "production")


def is_declared_over(request):
    """Whether a person has declared it over, whose code at the Urssaf nobody knows. Unless
    the Urssaf says something else one day, this holds."""
    return request.state == "deleted" and request.urssaf_code not in STATUS_BY_CODE


def what_changed(told):
    """Of these requests, ``{request: told_of_money before}``: those of which the Urssaf
    says something new; those whose state has changed and needs somebody now; those that
    live again, though their invoice was sent under another number, or is to be paid
    otherwise."""
    new = [request for request in told if told_of_money(request) != told[request]]
    before = {request: told[request][0] for request in new}
    changed = [request for request in new if request.state != before[request]]
    attention = [request for request in changed if request.state in ATTENTION]
    again = [
        request
        for request in changed
        if request.state not in NOT_LIVE and _is_alive_again(request, before[request])
    ]
    return new, attention, again


def _is_alive_again(request, before):
    if before in CANCELLED:
        return True
    # An invoice is not taken back while its request lives: most need not be read.
    return (request.superseded or before in NOT_LIVE) and _is_taken_back(request)


def told_of_money(request):
    """What the Urssaf says of the money of a request, in cents: two answers that do not
    differ in it change nothing in the books."""
    return request.state, round(request.transfer_amount * 100), request.transfer_date


def next_check(request):
    """When the Urssaf is asked again about it; False where there is no need, or no more
    than by hand."""
    asked = request.refreshed_at
    if request.urssaf_id and (request.state in MOVING or is_declared_over(request)):
        return _next_check_by_age(request)
    # It may be at the Urssaf after all; or come to life again, though its invoice was sent
    # under another number, or made anew.
    lost = request.state == "error" and request.lost_answers
    since = request.freed_at or request.sent_at
    over = request.urssaf_id and _is_taken_back(request)
    if not (since and (lost or over)) or request.state not in NOT_LIVE:
        return False
    moment = max(asked or since, since) + _WATCH_AFTER
    return moment if moment <= since + _WATCHED or may_be_held(request) else False


def next_look(request):
    """When one that the Urssaf cannot be asked about is looked at again: less and less
    often, for its access may come back."""
    now = fields.Datetime.now()
    age = now - (request.freed_at or request.sent_at or now)
    pace = next((pace for oldest, pace in _PACES_OUT_OF_REACH if age <= oldest), None)
    return now + pace if pace else False


def _next_check_by_age(request):
    asked, now = request.refreshed_at, fields.Datetime.now()
    since, paces = request.sent_at or request.create_date or now, PACES
    if request.state == "paid":
        paces = PACES_ONCE_PAID
        day = fields.Datetime.to_datetime(request.transfer_date)
        if day and FIRST_TRANSFER <= day <= now + FURTHEST_TRANSFER:
            since = day
    pace = next((pace for age, pace in paces if now - since <= age), None)
    moment = pace and (asked + pace if asked else now)
    return moment if moment and moment - since <= OLDEST else False


def write_state(requests, values):
    """Write these values, a state among them; what changes becomes history, and the
    follow-up is seen to."""
    state, kept = values["state"], requests.mapped("kept_from_followup")
    before = {request: told_of_money(request) for request in requests}
    requests.write(values)
    changed = requests.filtered(lambda each: told_of_money(each) != before[each])
    if changed:
        _note_history(changed)
    same = {told[0] for told in before.values()} == {state}
    if values.get("freed_at") or not (same or all(kept) and state == "integrated"):
        review_followup(requests)


def _note_history(requests):
    """Have what became of these written when the transaction ends, all in one query."""
    precommit = requests.env.cr.precommit
    if not (ids := precommit.data.setdefault(_NOTED, [])):
        query = _history_query(requests.env, ids)
        precommit.add(partial(requests.env.cr.execute, query))
    ids.extend(requests.ids)
    requests.invalidate_recordset(["event_ids"], flush=False)


def _history_query(env, ids):
    """The events of the requests with these ``ids``, a list that may still grow. Nothing is
    added to what the last event says already."""
    return SQL(
        """
        INSERT INTO l10n_fr_sap_payment_request_event (
            request_id, moment, state, user_id, urssaf_code, error_codes, reason,
            rejection_code, transfer_amount, transfer_date
        )
        SELECT
            request.id, %(now)s, request.state,
            CASE
                WHEN request.state IN ('to_send', 'sending')
                OR request.freed_at IS NOT NULL
                OR request.state IN ('deleted')
                AND request.urssaf_code IS DISTINCT FROM %(deleted)s
                THEN COALESCE(
                    %(user)s, request.queued_uid, last.user_id, request.create_uid
                )
            END,
            request.urssaf_code, request.error_codes,
            CASE WHEN request.error_codes IS NULL THEN request.error END,
            request.rejection_code, request.transfer_amount, request.transfer_date
        FROM l10n_fr_sap_payment_request AS request
        LEFT JOIN LATERAL (
            SELECT * FROM l10n_fr_sap_payment_request_event
            WHERE request_id = request.id ORDER BY id DESC LIMIT 1
        ) AS last ON TRUE
        WHERE request.id = ANY(%(ids)s)
        AND (last.state, COALESCE(last.transfer_amount, 0), last.transfer_date)
        IS DISTINCT FROM (
            request.state, COALESCE(request.transfer_amount, 0), request.transfer_date
        )
        ORDER BY request.id
        """,
        now=fields.Datetime.now(),
        deleted=STATUS_BY_KEY["deleted"].code,
        # What a scheduled action does is asked for by somebody.
        user=None if env.uid == SUPERUSER_ID else env.uid,
        ids=ids,
    )


def review_followup(requests):
    """Leave the invoices that the Urssaf collects out of Odoo's follow-up, which tells the
    customer to pay what is overdue; they come back to it once they are the customer's to
    pay."""
    turning = requests.filtered(lambda each: each.kept_from_followup != _collects(each))
    begun = turning.filtered(_collects)
    over = (turning - begun).filtered(
        lambda each: not any(map(_collects, each.move_id.l10n_fr_sap_request_ids))
    )
    if begun:
        keep_from_followup(begun, True)
    if over:
        keep_from_followup(over, False)


def keep_from_followup(requests, keep):
    """Leave their invoices out that are not yet, or give back what was left out. Where
    somebody else is at one, the next status sees to it: nothing waits for this."""
    lines = requests.move_id.line_ids.filtered(
        lambda line: line.display_type == "payment_term" and line.no_followup != keep
    )
    if not (lines if keep else requests):
        return
    # What is to be written anyway must not fail inside.
    requests.env.flush_all()
    with suppress(OperationalError), requests.env.cr.savepoint():
        free = lines.try_lock_for_update(allow_referencing=True)
        # Odoo's write() would compute each entry anew, though none of it changes.
        name = "no_followup"
        with free.env.protecting([free._fields[name]], free):
            free[name] = keep
        free.modified([name])
        done = free.move_id if keep else requests.move_id - (lines - free).move_id
        turned = requests.filtered(lambda each: each.move_id in done)
        turned.kept_from_followup = keep


def _collects(request):
    """Whether the Urssaf collects the invoice through this very one."""
    environment = request.environment
    counts = (
        environment == "production"
        or environment == request.company_id.l10n_fr_sap_environment
    )
    held = request.state not in NOT_LIVE or may_be_held(request)
    return counts and held and request.state not in LEFT_TO_PROVIDER


def stalled_domain():
    """Those that are not over after so long that somebody should ask the Urssaf, and
    nobody was told yet."""
    long_ago = fields.Datetime.now() - _STALLED_AFTER
    sent = Domain("sent_at", "<=", long_ago)
    unknown = Domain("sent_at", "=", False) & Domain("create_date", "<=", long_ago)
    untold = Domain("state", "in", AT_WORK) & Domain("reminded", "=", False)
    return untold & (sent | unknown)


def due_domain():
    """Those to be asked about now."""
    return Domain("check_after", "<=", fields.Datetime.now())
