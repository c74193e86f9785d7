# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Whoever has declared deposits so far may go on: less was due from the Urssaf than
    the invoice came to, or the invoice deducts a down payment of Odoo's Sales."""
    cr.execute(
        """
        UPDATE res_company SET l10n_fr_sap_deposits_allowed = TRUE
        WHERE id IN (
            SELECT company_id FROM l10n_fr_sap_payment_request
            WHERE state != 'error' AND (
                amount_due > 0 AND amount_due < amount_total
                OR transfer_amount > 0 AND transfer_amount < amount_total
            )
        )
        """
    )
    if column_exists(cr, "account_move_line", "is_downpayment"):
        cr.execute(
            """
            UPDATE res_company SET l10n_fr_sap_deposits_allowed = TRUE
            WHERE id IN (
                SELECT request.company_id
                FROM l10n_fr_sap_payment_request AS request
                JOIN account_move_line AS line ON line.move_id = request.move_id
                WHERE request.state != 'error'
                AND line.is_downpayment AND line.price_total < 0
            )
            """
        )
