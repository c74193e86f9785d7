# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).


def migrate(cr, version):
    """The history of what there is begins with what is known for sure: when it was sent,
    and when it was found refused. Statuses are told from now on."""
    for state, moment in (("sending", "sent_at"), ("refused", "refused_at")):
        cr.execute(
            f"""
            INSERT INTO l10n_fr_sap_payment_request_event (
                request_id, moment, state, rejection_code
            )
            SELECT id, {moment}, %s, CASE %s WHEN 'refused' THEN rejection_code END
            FROM l10n_fr_sap_payment_request AS request
            WHERE {moment} IS NOT NULL AND NOT EXISTS (
                SELECT FROM l10n_fr_sap_payment_request_event AS event
                WHERE event.request_id = request.id AND event.state IN (%s)
            )
            """,
            [state, state, state],
        )
