# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.tools import SQL

# The pause doubles with each failure, from the first to the second.
_PAUSE = (timedelta(minutes=1), timedelta(hours=1))
# One failure may be an accident.
_FAILURES = 2


class Outage(models.Model):
    """An Urssaf that does not answer: the scheduled actions leave it alone for a while.
    Who presses a button is let through; it is their own time."""

    _name = "l10n_fr_sap.outage"
    _description = "Urssaf Unreachable"
    _rec_name = "host"

    host = fields.Char(required=True)
    since = fields.Datetime(required=True)
    failures = fields.Integer(required=True, default=0)
    until = fields.Datetime("Next Attempt On")

    _host_uniq = models.UniqueIndex("(host)")

    @api.model
    def _until(self, host):
        """When the scheduled actions may ask ``host`` again; False for now."""
        return self.search(
            [
                ("host", "=", host),
                ("failures", ">=", _FAILURES),
                ("until", ">", fields.Datetime.now()),
            ]
        ).until

    @api.model
    def _note(self, host, error):
        """One more failure; gives when to try again. In a fresh transaction, to be
        committed at once."""
        first, longest = _PAUSE
        wanted = timedelta(seconds=error.retry_after or 0)
        now = fields.Datetime.now()
        query = SQL(
            """
            INSERT INTO %(table)s AS outage (host, since, failures, until)
            VALUES (%(host)s, %(now)s, 1, %(now)s + %(pause)s)
            ON CONFLICT (host) DO UPDATE
            SET failures = outage.failures + 1,
                until = %(now)s + LEAST(
                    GREATEST(%(first)s * 2 ^ LEAST(outage.failures, 9), %(wanted)s),
                    %(longest)s
                )
            RETURNING until
            """,
            table=SQL.identifier(self._table),
            host=host,
            now=now,
            pause=min(max(first, wanted), longest),
            first=first,
            wanted=wanted,
            longest=longest,
        )
        try:
            self.env.cr.execute(query, log_exceptions=False)
        except OperationalError:
            # Another scheduled action says the same at this very moment.
            self.env.cr.rollback()
            return now + first
        self.invalidate_model()
        return self.env.cr.fetchone()[0]

    @api.model
    def _answers_again(self, host):
        self.search([("host", "=", host)]).try_lock_for_update().unlink()
