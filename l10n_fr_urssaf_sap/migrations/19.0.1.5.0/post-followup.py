# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.addons.l10n_fr_urssaf_sap.invoicing.states import LEFT_TO_PROVIDER, NOT_LIVE


def migrate(cr, version):
    """What the Urssaf collects already is left out of the follow-up from now on."""
    cr.execute(
        """
        WITH collected AS (
            SELECT request.id, request.move_id
            FROM l10n_fr_sap_payment_request AS request
            JOIN res_company AS company ON company.id = request.company_id
            JOIN account_move AS move ON move.id = request.move_id
            WHERE request.state NOT IN %s
            AND request.environment IN ('production', company.l10n_fr_sap_environment)
            AND move.payment_state IN ('not_paid', 'partial')
        ),
        left_out AS (
            UPDATE account_move_line AS line SET no_followup = TRUE
            FROM collected
            WHERE line.move_id = collected.move_id
            AND line.display_type = 'payment_term' AND line.no_followup IS NOT TRUE
            RETURNING line.move_id
        )
        UPDATE l10n_fr_sap_payment_request AS request SET kept_from_followup = TRUE
        FROM collected
        WHERE collected.id = request.id
        AND collected.move_id IN (SELECT move_id FROM left_out)
        """,
        [(*NOT_LIVE, *LEFT_TO_PROVIDER)],
    )
