# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What becomes of registrations and payment requests: many are asked about at once, with
nothing locked while a call is under way."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from odoo import models
from odoo.exceptions import UserError

from ..invoicing.notices import why_out_of_reach
from ..invoicing.states import is_out_of_reach
from ..texts.messages import UNEXPECTED
from ..urssaf.api.errors import Refused, Unreadable
from .access import connect_for_button
from .settling import look_for_lost, settle
from .transactions import one_by_one_on_failure

_WRITTEN_TOGETHER = 20  # calls


@dataclass(frozen=True)
class Answer:
    """What the Urssaf said when it was asked about one record, ``asked_at`` in UTC without
    a time zone, as Odoo has it. ``content`` is None where nothing can be read."""

    asked_at: datetime
    content: object | None


@dataclass(frozen=True)
class Polled:
    """The records that were asked about, and those of them whose state has changed."""

    asked: models.BaseModel
    changed: models.BaseModel


def poll(urssaf, records, go_on=lambda: True) -> Iterator[Polled]:
    """Ask about these registrations or payment requests, which have an id of the Urssaf,
    several calls at a time; each result is committed when it is given.

    :param go_on: no further call is made once it is false
    :raise UrssafError: when the Urssaf could not be asked about all of them
    :raise UserError: when an answer could not be stored
    """
    if not records:
        return
    ids = defaultdict(list)
    for record in records:
        ids[record.urssaf_id].append(record.id)
    results = records._ask(urssaf, list(ids), go_on)
    failure = None
    while some := list(islice(results, _WRITTEN_TOGETHER)):
        answers = {}
        for result in some:
            concerns_them_alone = isinstance(result.error, (Refused, Unreadable))
            if result.error and not (failure and concerns_them_alone):
                failure = result.error
            if not result.error or concerns_them_alone:
                asked_at = result.asked_at.replace(tzinfo=None)
                contents = result.result or {}
                answers |= {
                    record_id: Answer(asked_at, contents.get(urssaf_id))
                    for urssaf_id in result.item
                    for record_id in ids[urssaf_id]
                }
        if asked := records.browse(answers):
            changed, stored = _save(asked, answers)
            if not stored:
                failure = failure or UserError(records.env._(UNEXPECTED))
            yield Polled(asked, changed)
    if failure:
        raise failure


def refresh_now(requests):
    """Ask what became of these payment requests, for somebody who waits for it.

    :raise UserError: for every UrssafError; when an answer could not be stored; when some
        can only be asked about with an access that is not there any more
    """
    # An id of the Urssaf may be asked about with any access of its company.
    asked = requests.filtered(
        lambda each: (
            each.company_id._l10n_fr_sap_uses(each.environment)
            if each.urssaf_id
            else not is_out_of_reach(each)
        )
    )
    for company, some in asked.grouped("company_id").items():
        with connect_for_button(company) as urssaf:
            for _polled in poll(urssaf, some.filtered("urssaf_id")):
                pass
            if unanswered := some.filtered(lambda each: not each.urssaf_id):
                look_for_lost(urssaf, unanswered)
                for _settled in settle(urssaf, unanswered):
                    pass
    if unasked := requests - asked:
        raise UserError(why_out_of_reach(unasked))


def _save(records, answers):
    """Write the ``answers``, by id; gives those that changed, and whether nothing
    unexpected happened."""
    changed = set()
    stored = one_by_one_on_failure(
        records,
        lambda some: changed.update(_save_answers(some, answers).ids),
        # One that fails would be the first again, and hold up the others for ever.
        type(records)._set_checked,
    )
    records.env.cr.commit()  # pylint: disable=invalid-commit
    return records.browse(changed), stored


def _save_answers(records, answers):
    asked_at = records._asked_at
    asked = records.try_lock_for_update(allow_referencing=True).filtered(
        # Somebody else may have asked later and been quicker.
        lambda record: (
            not record[asked_at] or record[asked_at] <= answers[record.id].asked_at
        )
    )
    before = asked.mapped("state")
    asked._set_answers({record: answers[record.id].content for record in asked})
    changed = records.browse()
    for record, state in zip(asked, before, strict=True):
        if record.state != state:
            changed |= record
    return changed
