# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What became of payment requests whose call got no usable answer."""

import logging

from odoo.tools import split_every

from ..urssaf.api.client import BATCH_SIZE
from ..urssaf.api.codes import ALREADY_SENT
from ..urssaf.api.concurrency import search_apart
from ..urssaf.api.errors import UrssafError
from ..urssaf.documents.payment_request import differences
from .transactions import one_by_one_on_failure

_logger = logging.getLogger(__name__)


def settle(urssaf, requests):
    """Find out what became of these: numbers that the Urssaf knows are taken over, the
    others wait to be sent again. Before the lease is over a call may still be under way,
    and an unknown number would prove nothing.

    Gives the requests of each call, once its answer is committed.

    :raise UrssafError: when the Urssaf could not be asked
    """
    overdue = requests._overdue_domain()
    for ids in split_every(BATCH_SIZE, requests.filtered_domain(overdue).ids):
        batch = requests.browse(ids)
        one_by_one_on_failure(
            batch,
            lambda some: _look_up(urssaf, some, overdue)._set_lost(),
            type(batch)._give_up,
        )
        requests.env.cr.commit()  # pylint: disable=invalid-commit
        yield batch


def settle_doubles(urssaf, requests):
    """The Urssaf holds these numbers; ours are taken over. Those that it cannot show stay
    marked, and are settled like any other."""
    try:
        unseen = _look_up(urssaf, requests, [("state", "=", "sending")])
        unseen.error_codes = ALREADY_SENT
        requests.env.cr.commit()  # pylint: disable=invalid-commit
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
            _take_over(request, info)
    return batch.filtered(
        lambda request: request.number not in found and request.number not in failed
    )


def _take_over(request, info):
    """Take over what the Urssaf holds under our number, if what it says of it is ours."""
    ours = request.move_id._l10n_fr_sap_payment_request()
    if differences(ours.body(), info) == set():
        request._set_taken_over(info)
    else:
        request._set_held_already()
