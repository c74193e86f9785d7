# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a window is about, where that is in the context rather than in a field: nobody
learns of another one by writing its id."""


def chosen_request(window):
    """The payment request from which this window was opened.

    :raise AccessError: unless the user may act upon it
    """
    requests = window.env["l10n_fr_sap.payment.request"]
    return requests.browse(window.env.context.get("active_id"))._allowed()


def chosen_invoice(window):
    """The invoice from which this window was opened.

    :raise AccessError: unless the user may write it
    """
    window.env.user._l10n_fr_sap_check()
    move = window.env["account.move"].browse(window.env.context.get("active_id"))
    move.check_access("write")
    return move
