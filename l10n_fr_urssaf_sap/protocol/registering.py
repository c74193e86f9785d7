# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers on their way to the Urssaf. Registering may be repeated: the same person gets
the same id."""

from contextlib import suppress

from odoo.exceptions import UserError

from ..registering.search import not_searchable, pick
from ..texts.obstacle import Obstacle, refusals, texts_of
from ..urssaf.api.errors import Refused, Unreadable, Unsure, UrssafError
from ..urssaf.documents.typed import clean_email
from .access import connect_for_button
from .polling import poll
from .transactions import in_own_transaction

_PATIENCE = 3  # calls in a row of which nobody knows


def register_now(partners, company):
    """Register these customers, for somebody who waits for it.

    :return: ``{partner: [Obstacle, …]}`` of those that did not go
    :raise UserError: when none of them could be registered
    """
    registrations = partners.env["l10n_fr_sap.registration"].sudo()

    def register(urssaf, partner):
        try:
            registration = registrations._register_partner(partner, company, urssaf)
        except Unsure as error:
            registration = registrations._note_unsure(partner, company, error)
        if registration.state != "error":
            return []
        said = refusals(registration, registration.last_error, "last_error")
        return said + registration._named_obstacles()

    return _one_by_one(partners, company, register)


def find_now(partners, company):
    """Ask who these customers are by their e-mail, for somebody who waits for it; whoever
    is found for sure is registered with that id.

    :return: ``{partner: [Obstacle, …]}`` of the others
    :raise UserError: when nobody could be asked about
    """
    registrations = partners.env["l10n_fr_sap.registration"].sudo()
    exchanges = partners.env["l10n_fr_sap.exchange"]

    def find(urssaf, partner):
        email = clean_email(partner.email)
        try:
            found = urssaf.find_by_email(email, exchanges._reference(partner))
        except (Refused, Unreadable):
            return not_searchable(partner)
        urssaf_id, obstacles = pick(partner, found)
        if urssaf_id:
            registration = registrations._ensure(partner, company)
            registration._set_pending(urssaf_id)
            partner.env.cr.commit()  # pylint: disable=invalid-commit
            # It is due: where the Urssaf does not tell now, the scheduled action asks.
            with suppress(UrssafError, UserError):
                for _polled in poll(urssaf, registration):
                    pass
        return obstacles

    return _one_by_one(partners, company, find)


def try_variant_now(partner, company, variant):
    """Register a customer as ``variant`` has them, for somebody who waits for it. A lost
    answer changes nothing: the same variant is tried again.

    :return: whether the Urssaf took it
    :raise UserError: when the Urssaf gave no usable answer
    """
    registrations = partner.env["l10n_fr_sap.registration"].sudo()
    with connect_for_button(company) as urssaf:
        registration = registrations._register_partner(
            partner, company, urssaf, variant
        )
        partner.env.cr.commit()  # pylint: disable=invalid-commit
    return registration.state != "error"


def _one_by_one(partners, company, act):
    """``act(urssaf, partner)`` for each, which is committed: what the Urssaf did must not
    be undone by what fails next.

    :return: ``{partner: [Obstacle, …]}`` of those that ``act`` gives obstacles for, or that
        it did not come to
    :raise UserError: when it came to none of them
    """
    obstacles, done = {}, 0
    try:
        with connect_for_button(company) as urssaf:
            for partner in partners:
                if found := act(urssaf, partner):
                    obstacles[partner] = found
                partners.env.cr.commit()  # pylint: disable=invalid-commit
                done += 1
    except UserError as error:
        if not done:
            raise
        obstacles |= {
            partner: [Obstacle("", "unsent", str(error), partner)]
            for partner in partners[done:]
        }
    return obstacles


def register_queued(urssaf, registrations):
    """Register the customers of these registrations. Gives each once it is committed.

    A call of which nobody knows is made again once the others are through: it is only
    blamed on a customer if it fails again, and the Urssaf answered for another one.

    :raise UrssafError: when the Urssaf could not be reached for all of them
    """
    answered, unsure, in_a_row = [], [], 0
    for registration in registrations:
        try:
            _register_queued(urssaf, registration, answered)
        except Unsure as error:
            unsure.append((registration, error))
            in_a_row += 1
            if in_a_row >= _PATIENCE:
                raise
        else:
            in_a_row = 0
            yield registration
    for registration, error in unsure:
        if not answered:
            raise error
        try:
            _register_queued(urssaf, registration, answered)
        except Unsure as again:
            in_own_transaction(registration, lambda one, e=again: _note_unsure(one, e))
            registrations.env.cr.commit()  # pylint: disable=invalid-commit
        yield registration


def _register_queued(urssaf, registration, answered):
    """``answered`` takes those for which the Urssaf was asked and did answer."""

    def register(one):
        if _register_one(urssaf, one):
            answered.append(one)

    if not in_own_transaction(registration, register):
        in_own_transaction(registration, type(registration)._give_up)
    registration.env.cr.commit()  # pylint: disable=invalid-commit


def _note_unsure(registration, error):
    for locked in registration.try_lock_for_update(allow_referencing=True):
        if locked._has_not_left():
            locked = locked.with_context(lang=locked.queued_uid.lang)
            locked._note_unsure(locked.partner_id, locked.company_id, error)


def _register_one(urssaf, registration):
    """Whether the Urssaf was asked."""
    asked = False
    for locked in registration.try_lock_for_update(allow_referencing=True):
        if not locked._has_not_left():
            continue  # somebody pressed the button meanwhile
        locked = locked.with_context(lang=locked.queued_uid.lang)
        company = locked.company_id
        partner = locked.partner_id.with_company(company)
        if obstacles := partner._l10n_fr_sap_obstacles():
            locked._set_error(texts_of(obstacles))
        else:
            locked._register_partner(partner, company, urssaf)
            asked = True
    return asked
