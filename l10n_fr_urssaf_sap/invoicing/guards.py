# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf holds must stay what the books say: a request cannot be changed there,
nor cancelled by a program."""

from odoo.exceptions import AccessError, UserError

from ..texts.messages import BUSY, state_label
from .notices import REFUSED
from .states import may_be_held

# What the addon alone writes, with every right: read-only in a form is not enough.
_OURS = {"l10n_fr_sap_request_id", "l10n_fr_sap_transfer_id"}


def check_ours_alone(records, vals):
    """:raise AccessError: when a user writes what only the addon may write, on invoices or
    journal items"""
    if not records.env.su and (names := _OURS.intersection(vals, records._fields)):
        raise AccessError(
            records.env._(
                "%s cannot be written: it follows from what was sent to the Urssaf.",
                ", ".join(
                    records._fields[name]._description_string(records.env)
                    for name in names
                ),
            )
        )


def check_not_live(moves):
    """What waits to be sent stays locked from here on.

    :raise UserError: when one of these invoices is at the Urssaf, perhaps or on its way
    """
    requests = _requests_of(moves)
    lock_or_refuse(requests)
    for move in requests.move_id:
        request = move._l10n_fr_sap_holding_request()
        if may_be_held(request):
            raise UserError(_why_perhaps_held(move))
        if request:
            raise UserError(
                move.env._(
                    "%(invoice)s was sent to the Urssaf (%(state)s) and cannot be"
                    " changed any more.",
                    invoice=move.name,
                    state=state_label(request),
                )
            )


def lock_or_refuse(records):
    """Otherwise one could leave between a check and what follows from it.

    :raise UserError: when somebody else is at one of these records
    """
    if records.try_lock_for_update(allow_referencing=True) != records:
        raise UserError(records.env._(BUSY))


def _requests_of(moves):
    """With every right, for whoever may change these invoices: Odoo itself asks that later,
    and what a guard says is not for everybody."""
    requests = moves.sudo().l10n_fr_sap_request_ids
    if requests:
        moves.check_access("write")
    return requests


def check_not_queued(moves):
    """:raise UserError: when one of these invoices waits to be sent under its number"""
    for move in _requests_of(moves).move_id:
        if "to_send" in move.l10n_fr_sap_request_ids.mapped("state"):
            raise UserError(
                move.env._(
                    "%s waits to be sent to the Urssaf under this number: to change the"
                    " number, please withdraw the payment request first.",
                    move.name,
                )
            )


def _why_perhaps_held(move):
    return move.env._(
        "%s may be at the Urssaf: the answer to its payment request was lost. It is sent"
        " again by itself, under the same number. To change the invoice before that,"
        " please withdraw the payment request.",
        move.name,
    )


def check_never_sent(moves):
    """:raise UserError: when the Urssaf has known one of these invoices, or may know it"""
    if sent := moves.sudo().l10n_fr_sap_request_ids.filtered(
        lambda request: request.urssaf_id or request.sent_at
    ):
        raise UserError(
            moves.env._(
                "%s was sent to the Urssaf and cannot be deleted: please cancel it.",
                sent[0].number,
            )
        )


def check_cancellable(move):
    """:raise UserError: with what to do instead, for an invoice at the Urssaf"""
    request = _requests_of(move).move_id._l10n_fr_sap_holding_request()
    if may_be_held(request):
        raise UserError(_why_perhaps_held(move))
    if request:
        raise UserError(
            move.env._(
                "%(number)s (%(state)s) can only be cancelled by the Urssaf: please"
                " click “Ask the Urssaf to Cancel”, which prepares the message with the"
                " number, the amount and the reason. Once the cancellation is done,"
                " refresh the status here; the invoice can then be changed.",
                number=request.number,
                state=state_label(request),
            )
        )


def release(moves, state=None):
    """These invoices become drafts, are cancelled, or are paid without the Urssaf: what
    waits is not sent.

    :param state: the one that they are about to get, if any

    :raise UserError: when one of them is at the Urssaf, or on its way
    """
    check_not_live(moves)
    requests = moves.sudo().l10n_fr_sap_request_ids
    requests.filtered(lambda request: request.state == "to_send")._withdraw()
    # What is over is watched from now on: see ``next_check``. (A dependency on the state of
    # the invoice would cost every invoice a query.)
    requests = requests.exists()
    moves.env.add_to_compute(requests._fields["check_after"], requests)
    if state == "cancel":
        # Nobody has to talk to the customer about it any more.
        refused = moves.sudo().filtered("l10n_fr_sap_request_id")
        refused.activity_unlink([REFUSED])


def list_live(moves):
    """Those of these invoices that are at the Urssaf, one line each; empty if none. Those
    that the user may not read are not named."""
    return "\n".join(
        move.env._(
            "- %(invoice)s: %(state)s", invoice=move.name, state=state_label(request)
        )
        for move in moves._filtered_access("read").sudo()
        if (request := move._l10n_fr_sap_holding_request())
    )
