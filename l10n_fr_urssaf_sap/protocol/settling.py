# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What became of payment requests whose call got no usable answer."""

import json
from contextlib import suppress

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

from ..invoicing.guards import lock_or_refuse
from ..invoicing.notices import post_withdrawn_unanswered, why_out_of_reach
from ..invoicing.states import (
    UNSENT,
    due_domain,
    is_out_of_reach,
    is_withdrawable,
    is_withdrawable_unanswered,
    may_be_held,
    next_look,
)
from ..texts.log import get_logger
from ..texts.messages import BUSY
from ..urssaf.api.client import BATCH_SIZE
from ..urssaf.api.codes import ALREADY_SENT
from ..urssaf.api.concurrency import search_apart
from ..urssaf.api.errors import UrssafError
from ..urssaf.documents.payment_request import differences
from .access import connect_for_button
from .parameters import lease
from .transactions import one_by_one_on_failure

_logger = get_logger(__name__)


def unsettled_domain(env):
    """The payment requests to be looked for under their numbers: their lease is over, or
    they are to be fixed but may be at the Urssaf."""
    over = fields.Datetime.now() - lease(env)
    overdue = Domain("state", "=", "sending") & Domain("sent_at", "<=", over)
    lost = Domain("state", "=", "error") & Domain("lost_answers", ">", 0)
    return overdue | lost & due_domain()


def within_reach(requests):
    """These without those to be fixed that the Urssaf cannot be asked about, which are put
    off: they would all be due for ever."""
    away = requests.filtered(lambda each: each.state == "error").filtered(
        is_out_of_reach
    )
    for request in away.try_lock_for_update(allow_referencing=True):
        request.check_after = next_look(request)
    return requests - away


def look_again(companies):
    """What was put off is due as ever: these companies have another access."""
    requests = companies.env["l10n_fr_sap.payment.request"].sudo()
    lost = [("state", "=", "error"), ("lost_answers", ">", 0)]
    requests = requests.search([("company_id", "in", companies.ids), *lost])
    requests.env.add_to_compute(requests._fields["check_after"], requests)


def settle(urssaf, requests):
    """Find out what became of these: numbers that the Urssaf knows are taken over, the
    others wait to be sent again. Before the lease is over a call may still be under way,
    and an unknown number would prove nothing.

    Gives the requests of each call, once its answer is committed.

    :raise UrssafError: when the Urssaf could not be asked
    """
    unsettled = unsettled_domain(requests.env)
    for ids in split_every(BATCH_SIZE, requests.filtered_domain(unsettled).ids):
        batch = requests.browse(ids)
        one_by_one_on_failure(
            batch,
            lambda some: _set_unknown(_look_up(urssaf, some, unsettled)),
            type(batch)._give_up,
        )
        requests.env.cr.commit()  # pylint: disable=invalid-commit
        yield batch


def look_for_lost(urssaf, requests):
    """Take over, and commit, those of these requests that wait to be sent again or to be
    fixed and that the Urssaf turns out to hold.

    :raise UrssafError: when the Urssaf could not be asked
    """
    for some in split_every(BATCH_SIZE, requests.ids, requests.browse):
        _set_unknown(_look_up(urssaf, some, Domain("state", "in", UNSENT)))
        requests.env.cr.commit()  # pylint: disable=invalid-commit


def settle_doubles(urssaf, requests):
    """The Urssaf holds these numbers; ours are taken over. Those that it cannot show stay
    marked, and are settled like any other."""
    requests.error_codes = ALREADY_SENT
    requests.filtered(lambda request: not request.lost_answers).held_before = True
    try:
        _look_up(urssaf, requests, Domain("state", "=", "sending"))
    except UrssafError as error:
        _logger.info("Payment requests %s: %s", requests.ids, error)
    requests.env.cr.commit()  # pylint: disable=invalid-commit


def earlier_of(moves):
    """The requests of these invoices that were refused or cancelled."""
    earlier = moves.l10n_fr_sap_request_ids.filtered("urssaf_id")
    return earlier and earlier._reachable()


def ask_about_earlier(urssaf, moves):
    """Ask whether what was refused or cancelled of these invoices is still over, and
    commit: were it alive again, nothing must be sent a second time.

    :return: the invoices of which the Urssaf does not tell
    :raise UrssafError: when the Urssaf could not be asked
    """
    earlier, untold = earlier_of(moves), moves.browse()
    for ids in split_every(BATCH_SIZE, earlier.ids):
        some = earlier.browse(ids)
        infos, _failed = search_apart(urssaf.search_by_id, some.mapped("urssaf_id"))
        told = {info.id: info for info in infos if info.code}
        locked = some.try_lock_for_update(allow_referencing=True)
        known = locked.filtered(lambda request, told=told: request.urssaf_id in told)
        known._set_checked()
        known._set_from_urssaf({each: told[each.urssaf_id] for each in known})
        moves.env.cr.commit()  # pylint: disable=invalid-commit
        untold |= (some - known).move_id
    return untold


def withdraw(requests):
    """Take these out of the queue. What may be at the Urssaf is looked for there first, and
    watched for some time still.

    :raise UserError: when one of them has left, or is there: it is taken over; when the
        Urssaf cannot be reached
    """
    withdrawable = requests.try_lock_for_update().filtered(is_withdrawable)
    if left := requests - withdrawable:
        if all(map(is_out_of_reach, left)):
            raise UserError(why_out_of_reach(left))
        raise UserError(
            requests.env._(
                "Only a payment request that waits to be sent can be withdrawn."
            )
        )
    lost, held = requests.filtered(may_be_held), requests.browse()
    (requests - lost)._withdraw()
    requests.env.cr.commit()  # pylint: disable=invalid-commit
    out_of_reach = lost.filtered(is_out_of_reach)
    for company, some in (lost - out_of_reach).grouped("company_id").items():
        with connect_for_button(company) as urssaf:
            unknown = _look_up(urssaf, some, Domain("state", "in", UNSENT))
        unknown._set_freed(
            lost.env._(
                "Withdrawn: its answer was lost, and the Urssaf does not know it. Should"
                " it turn up there all the same, you will be told here."
            )
        )
        held |= some - unknown
    lost.env.cr.commit()  # pylint: disable=invalid-commit
    if out_of_reach:
        raise UserError(why_out_of_reach(out_of_reach))
    if held:
        raise UserError(
            lost.env._(
                "Not withdrawn, for the Urssaf holds them or does not tell: %s",
                ", ".join(held.mapped("number")),
            )
        )


def withdraw_unanswered(request, reason):
    """Take the invoice of this request back, for the current user's ``reason``, though the
    Urssaf cannot be asked whether it holds the request. Should its access come back, it is
    looked for there; what is sent until then is another request.

    :raise UserError: when the Urssaf can be asked, or a call may still be under way
    """
    lock_or_refuse(request)
    if not is_withdrawable_unanswered(request):
        raise UserError(
            request.env._(
                "Only a payment request whose answer was lost, and about which the Urssaf"
                " cannot be asked, is withdrawn in this way: please refresh its status."
            )
        )
    over = unsettled_domain(request.env)
    if request.state == "sending" and not request.filtered_domain(over):
        raise UserError(request.env._(BUSY))
    text = request.env._(
        "Withdrawn without an answer: it may be at the Urssaf. If the invoice is sent"
        " again, or paid directly, please write to the Urssaf to have it cancelled."
    )
    request._set_freed(text, superseded=True)
    post_withdrawn_unanswered(request, reason)


def _look_up(urssaf, requests, domain):
    """Take over what the Urssaf holds under these numbers, as far as they are still in
    ``domain``; gives those that it does not know. What it fails on stays as it is."""
    locked = requests.try_lock_for_update(allow_referencing=True)
    # What was sent with another access can be neither found nor missed with this one.
    batch = locked.filtered_domain(domain)
    batch -= batch.filtered(is_out_of_reach)
    numbers = batch.mapped("number")
    if not numbers:
        return batch
    infos, failed = search_apart(urssaf.search_by_number, numbers)
    found = {info.number: info for info in infos}
    for request in batch:
        if info := found.get(request.number):
            _take_over(request, info)
    return batch.filtered(
        lambda request: request.number not in found and request.number not in failed
    )


def _take_over(request, info):
    """The Urssaf holds ``info`` under our number. What we posted is live whatever differs
    from what was sent, unless the Urssaf held the number before we posted it at all."""
    differing, held_before = _differing(request, info), request.held_before
    other = others_with(request, [info.id])
    if request.number in other.mapped("number"):
        # Another company has the same access.
        held_before, differing = True, None
    if held_before and differing != set():
        request._set_held_already()
    elif not other:  # else it cannot be, and stays marked
        request._set_taken_over(info, differing or ())


def _differing(request, info):
    """What the Urssaf holds otherwise than it was sent or, of what was taken back, than
    the invoice says now; None where nobody knows."""
    if request.freed_at or not request.sent_body:
        with suppress(ValueError):  # it has no dates any more
            today = request.move_id._l10n_fr_sap_payment_request()
            return differences(json.loads(today.text()), info)
    return differences(json.loads(request.sent_body or "null"), info)


def others_with(requests, urssaf_ids):
    """The requests other than these that have one of these ids of the Urssaf."""
    return requests.search(
        [("urssaf_id", "in", urssaf_ids), ("id", "not in", requests.ids)]
    )


def _set_unknown(requests):
    """The Urssaf does not know the numbers of these."""
    marked = requests.filtered(lambda request: request.state == "sending")
    (requests - marked)._set_checked()
    marked._set_lost()
