# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers on their way to the Urssaf. Registering may be repeated: the same person gets
the same id."""

from odoo.exceptions import UserError

from ..texts.obstacle import Obstacle, refusals, texts_of
from .transactions import in_own_transaction


def register_now(partners, company):
    """Register these customers, for somebody who waits for it; each is committed, for
    what the Urssaf did must not be undone by what fails next.

    :return: ``{partner: [Obstacle, …]}`` of those that did not go
    :raise UserError: when none of them could be registered
    """
    registrations = partners.env["l10n_fr_sap.registration"].sudo()
    obstacles, done = {}, 0
    try:
        with company._l10n_fr_sap_urssaf() as urssaf:
            for partner in partners:
                registration = registrations._register_partner(partner, company, urssaf)
                partners.env.cr.commit()  # pylint: disable=invalid-commit
                done += 1
                if registration.state == "error":
                    obstacles[partner] = refusals(
                        registration, registration.last_error, "last_error"
                    )
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

    :raise UrssafError: when the Urssaf could not be reached for all of them
    """
    for registration in registrations:
        if not in_own_transaction(registration, lambda one: _register_one(urssaf, one)):
            in_own_transaction(registration, type(registration)._give_up)
        registrations.env.cr.commit()  # pylint: disable=invalid-commit
        yield registration


def _register_one(urssaf, registration):
    for locked in registration.try_lock_for_update(allow_referencing=True):
        if not locked._waits():
            continue  # somebody pressed the button meanwhile
        locked = locked.with_context(lang=locked.queued_uid.lang)
        company = locked.company_id
        partner = locked.partner_id.with_company(company)
        if obstacles := partner._l10n_fr_sap_obstacles():
            locked._set_error(texts_of(obstacles))
        else:
            locked._register_partner(partner, company, urssaf)
