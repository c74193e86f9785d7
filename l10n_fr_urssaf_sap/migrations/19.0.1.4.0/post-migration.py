# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.addons.l10n_fr_urssaf_sap.invoicing import states
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.codes import STATUS_BY_CODE


def migrate(cr, version):
    _know_statuses(cr)
    _ask_less_often(cr)


def _know_statuses(cr):
    """Statuses of an older list were kept as unknown ones."""
    for code in ("15", "80", "90", "100"):
        cr.execute(
            """
            UPDATE l10n_fr_sap_payment_request SET state = %s, check_after = NULL
            WHERE state = 'unknown' AND urssaf_code = %s
            """,
            [STATUS_BY_CODE[code].key, code],
        )


def _ask_less_often(cr):
    """What is followed was asked about every hour, whatever its age: see ``next_check``,
    which would take minutes for the requests of years. Those that wait for a week or more
    were all asked about a moment ago, and must not all be due at once then."""
    paces = [
        (paid, *step)
        for paid, steps in ((False, states.PACES), (True, states.PACES_ONCE_PAID))
        for step in steps
    ]
    paid, ages, intervals = map(list, zip(*paces, strict=True))
    cr.execute(
        """
        WITH followed AS (
            SELECT id, refreshed_at AS asked, state = 'paid' AS paid,
                   now() AT TIME ZONE 'UTC' AS now,
                   CASE
                       WHEN state = 'paid'
                       AND transfer_date BETWEEN %(first)s
                           AND now() AT TIME ZONE 'UTC' + %(furthest)s
                       THEN transfer_date
                       ELSE coalesce(sent_at, create_date)
                   END AS since
            FROM l10n_fr_sap_payment_request
            WHERE urssaf_id IS NOT NULL AND state IN %(moving)s
        ),
        paced AS (
            SELECT followed.*, pace, CASE
                WHEN pace < '1 week' THEN pace ELSE pace * (id %% 24 + 1) / 24
            END AS spread
            FROM followed LEFT JOIN LATERAL (
                SELECT min(step.pace) AS pace
                FROM unnest(%(paid)s, %(ages)s, %(paces)s) AS step (paid, age, pace)
                WHERE step.paid = followed.paid AND now - since <= step.age
            ) AS step ON TRUE
        )
        UPDATE l10n_fr_sap_payment_request AS request
        SET check_after = CASE
            WHEN pace IS NOT NULL AND coalesce(asked + pace, now) <= since + %(oldest)s
            THEN coalesce(asked + spread, now)
        END
        FROM paced
        WHERE paced.id = request.id
        """,
        {
            "first": states.FIRST_TRANSFER,
            "furthest": states.FURTHEST_TRANSFER,
            "oldest": states.OLDEST,
            "moving": states.MOVING,
            "paid": paid,
            "ages": ages,
            "paces": intervals,
        },
    )
