# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.addons.l10n_fr_urssaf_sap.protocol.access import seal


def migrate(cr, version):
    _keep_access(cr)
    _keep_lost(cr)
    _seal_secrets(cr)


def _keep_access(cr):
    """Each payment request keeps the access that it was sent with. Where two companies
    share one, a number may have been given twice: the later request is left without."""
    cr.execute(
        """
        UPDATE l10n_fr_sap_payment_request AS request
        SET access = company.l10n_fr_sap_client_id
        FROM res_company AS company
        WHERE company.id = request.company_id
          AND request.access IS NULL
          AND NOT EXISTS (
              SELECT
              FROM l10n_fr_sap_payment_request AS other
              JOIN res_company AS its ON its.id = other.company_id
              WHERE its.l10n_fr_sap_client_id = company.l10n_fr_sap_client_id
                AND other.environment = request.environment
                AND other.number = request.number
                AND other.id < request.id
                AND (other.state <> 'error' OR other.lost_answers > 0)
          )
        """
    )


def _keep_lost(cr):
    """What the Urssaf may hold is known by the day on which it was sent."""
    cr.execute(
        """
        UPDATE l10n_fr_sap_payment_request
        SET sent_at = write_date
        WHERE lost_answers > 0 AND sent_at IS NULL AND urssaf_id IS NULL
        """
    )


def _seal_secrets(cr):
    """Client secrets were kept as they had been typed."""
    cr.execute(
        "SELECT id, l10n_fr_sap_stored_secret FROM res_company"
        " WHERE l10n_fr_sap_stored_secret <> ''"
    )
    for company_id, secret in cr.fetchall():
        cr.execute(
            "UPDATE res_company SET l10n_fr_sap_stored_secret = %s WHERE id = %s",
            [seal(secret), company_id],
        )
