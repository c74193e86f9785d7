# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whose an invoice is at the Urssaf: its commercial partner when it is sent, and that one
from then on, whatever Odoo makes of the contact later."""

from odoo.fields import Domain
from odoo.tools import SQL

from .states import NOT_LIVE

# The few persons who have got a parent: an index of ours lists them.
WITH_PARENT = SQL(
    "SELECT id FROM res_partner"
    " WHERE commercial_partner_id != id AND l10n_fr_sap_birth_date IS NOT NULL"
)


def particulier_of(move):
    """The customer whom this invoice was sent for, or is to be sent for. Of an invoice that
    was never sent, nothing but its own row is read.

    :rtype: ResPartner
    """
    request = move.l10n_fr_sap_request_id
    partner = request.partner_id
    # An invoice that was refused may have been given to another customer since.
    if partner and (request.state not in NOT_LIVE or partner in _with_parents(move)):
        return partner
    return move.commercial_partner_id


def particulier_domain(env, operator, value):
    """The invoices with such a customer at the Urssaf."""
    domain = Domain("commercial_partner_id", operator, value)
    if moved := _moved(env):
        request = Domain("l10n_fr_sap_request_id.partner_id", operator, value)
        domain &= Domain("id", "not in", moved.ids)
        domain |= Domain("id", "in", moved.ids) & request
    return domain


def _moved(env):
    """The few invoices whose customer at the Urssaf is not their commercial partner any
    more: the contact has got a parent since."""
    env["res.partner"].flush_model(["commercial_partner_id", "l10n_fr_sap_birth_date"])
    persons = [id_ for (id_,) in env.execute_query(WITH_PARENT)]
    # Not a join: it would grow with all the requests there ever were.
    requests = env["l10n_fr_sap.payment.request"].sudo()
    moves = requests.search([("partner_id", "in", persons)]).move_id
    return moves.filtered(
        lambda move: particulier_of(move) != move.commercial_partner_id
    )


def _with_parents(move):
    partners = partner = move.partner_id._origin
    while partner := partner.parent_id - partners:
        partners |= partner
    return partners
