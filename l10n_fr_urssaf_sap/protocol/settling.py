# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What became of payment requests whose call got no usable answer."""

import logging
from datetime import timedelta

from odoo import fields

from ..urssaf.api.client import batches
from ..urssaf.api.codes import ALREADY_SENT
from ..urssaf.api.concurrency import search_apart
from ..urssaf.api.errors import UrssafError
from ..urssaf.api.transport import CONNECT_TIMEOUT, READ_TIMEOUT
from .transactions import commit, one_by_one_on_failure, trigger_at

_logger = logging.getLogger(__name__)

# Longer than any call that left before its process died can be under way.
_LEASE = timedelta(seconds=6 * (CONNECT_TIMEOUT + READ_TIMEOUT))


def lease(env):
    """How long after its mark a request without an answer is left alone."""
    parameters = env["ir.config_parameter"].sudo()
    seconds = parameters.get_param("l10n_fr_urssaf_sap.lease_seconds")
    return timedelta(seconds=int(seconds)) if seconds else _LEASE


def overdue_domain(env):
    """The requests whose lease is over."""
    over = fields.Datetime.now() - lease(env)
    return ["&", ("state", "=", "sending"), ("sent_at", "<=", over)]


def schedule_settlement(env, marked_at):
    """Have what is marked at that moment looked after when its lease is over."""
    cron = env.ref("l10n_fr_urssaf_sap.ir_cron_send")
    trigger_at(cron, marked_at + lease(env))


def settle(urssaf, requests):
    """Find out what became of these: numbers that the Urssaf knows are taken over, the
    others wait to be sent again. Before the lease is over a call may still be under way,
    and an unknown number would prove nothing.

    Gives the requests of each call, once what it told is committed.

    :raise UrssafError: when the Urssaf could not be asked
    """
    overdue = overdue_domain(requests.env)
    for ids in batches(requests.filtered_domain(overdue).ids):
        batch = requests.browse(ids)
        one_by_one_on_failure(
            batch,
            lambda some: _look_up(urssaf, some, overdue)._set_lost(),
            type(batch)._give_up,
        )
        commit(requests.env)
        yield batch


def settle_doubles(urssaf, requests):
    """The Urssaf holds these numbers; ours are taken over. Those that it cannot show stay
    marked, and are settled like any other."""
    if not requests:
        return
    try:
        unseen = _look_up(urssaf, requests, [("state", "=", "sending")])
        unseen.error_codes = ALREADY_SENT
        commit(requests.env)
    except UrssafError as error:
        _logger.info("Payment requests %s: %s", requests.ids, error)


def _look_up(urssaf, requests, domain):
    """Take over what the Urssaf holds under these numbers, as far as they are still in
    ``domain``; gives those that it does not know. What it fails on stays as it is."""
    locked = requests.try_lock_for_update(allow_referencing=True)
    batch = locked.filtered_domain(domain)
    numbers = batch.mapped("number")
    if not numbers:
        return batch
    infos, failed = search_apart(urssaf.search_by_number, numbers)
    found = {info.number: info for info in infos}
    for request in batch:
        if info := found.get(request.number):
            request._take_over(info)
    return batch.filtered(
        lambda request: request.number not in found and request.number not in failed
    )
