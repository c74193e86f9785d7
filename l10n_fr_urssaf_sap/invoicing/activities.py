# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What whoever keeps the books has to look at."""

from odoo.tools import plaintext2html

from .notices import responsible

# The activities on an invoice: its money in the books is to be looked at; the Urssaf does
# not pay it as it should.
MONEY = "l10n_fr_urssaf_sap.activity_money"
TURNED = "l10n_fr_urssaf_sap.activity_turned"


def ask_accountant(request, text, move=None):
    """An activity that says ``text``, in place of the one before; in the chatter as well.

    :param move: where, if not on the invoice itself
    """
    log(request, text, move)
    schedule(request, text, move=move)


def log(request, text, move=None):
    """Say ``text`` in the chatter of the invoice, or of ``move``."""
    (move or request.move_id)._message_log(body=plaintext2html(text))


def schedule(request, text, kind=MONEY, move=None):
    """An activity of this kind that says ``text``, in place of the one before."""
    move = move or request.move_id
    forget(move, kind)
    user = accountant(request)
    move.activity_schedule(kind, user_id=user.id, note=plaintext2html(text))


def accountant(request):
    """Whoever keeps the books of the Urssaf's payments."""
    user = request.company_id.l10n_fr_sap_accountant_id
    return user if user.active else responsible(request)


def keeper_of(company):
    """Who sees to what concerns a company as a whole: its accountant, or else its first
    invoicing administrator."""
    managers = company.env.ref("account.group_account_manager").all_user_ids
    mine = managers.filtered(lambda user: company in user.company_ids).sorted("id")
    accountant = company.l10n_fr_sap_accountant_id.filtered("active")
    return accountant or mine[:1] or company.env.user


def ask_to_settle_credit(request, refund):
    """The invoice is credited after the Urssaf has paid it."""
    text = request.env._(
        "The Urssaf has paid payment request %s, and learns nothing of this credit note:"
        " please pay the customer back, or set it against their next invoice.",
        request.number,
    )
    ask_accountant(request, text, refund)


def forget(moves, kind=MONEY):
    """Nobody has to look at these any more."""
    moves.activity_unlink([kind])
