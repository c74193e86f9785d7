# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What whoever keeps the books has to look at."""

from odoo.tools import plaintext2html

from .notices import responsible

# The activity on an invoice whose money is to be looked at.
MONEY = "l10n_fr_urssaf_sap.activity_money"


def ask_accountant(request, text, move=None):
    """An activity that says ``text``, in place of the one before; in the chatter as well.

    :param move: where, if not on the invoice itself
    """
    move = move or request.move_id
    user = request.company_id.l10n_fr_sap_accountant_id
    user = user if user.active else responsible(request)
    move._message_log(body=plaintext2html(text))
    forget(move)
    move.activity_schedule(MONEY, user_id=user.id, note=plaintext2html(text))


def ask_to_settle_credit(request, refund):
    """The invoice is credited after the Urssaf has paid it."""
    text = request.env._(
        "The Urssaf has paid payment request %s, and learns nothing of this credit note:"
        " please pay the customer back, or set it against their next invoice.",
        request.number,
    )
    ask_accountant(request, text, refund)


def forget(moves):
    """Nobody has to look at the money of these any more."""
    moves.activity_unlink([MONEY])
