# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.addons.l10n_fr_urssaf_sap.invoicing import states


def migrate(cr, version):
    """What is under way is to bring what is open on its invoice. Nothing is booked: what
    the Urssaf has paid so far, somebody has registered by hand."""
    cr.execute(
        """
        UPDATE l10n_fr_sap_payment_request AS request
        SET amount_due = move.amount_residual
        FROM account_move AS move
        WHERE move.id = request.move_id AND request.state IN %s
        """,
        [("to_send", *states.OPEN)],
    )
