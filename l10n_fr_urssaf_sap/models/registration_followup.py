# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models

from ..urssaf.api.concurrency import call_concurrently
from ..urssaf.api.errors import Refused, Unreadable
from .batch import attempt, calls_in_flight, reachable, run_by_company
from .registration import REMINDER

# Most customers activate within days of the Urssaf's e-mail: how old a pending
# registration is tells how often it is worth asking. (from age, ask again after)
_PENDING = (
    (timedelta(0), timedelta(hours=1)),
    (timedelta(days=3), timedelta(days=1)),
    (timedelta(days=30), timedelta(days=7)),
)
_OTHERS = timedelta(days=1)
_REMIND_AFTER = timedelta(days=7)


class Registration(models.Model):
    """What becomes of a registration: the scheduled action asks, and has somebody
    remind the customer who does not activate."""

    _inherit = "l10n_fr_sap.registration"

    @api.model
    def _cron_refresh(self):
        """Ask for the registrations that can change, the oldest check first."""
        todo = self.search(self._due_domain(), order="checked_at, id")
        run_by_company(todo, type(self)._check_many)
        self._remind_late()

    @api.model
    def _due_domain(self):
        now = fields.Datetime.now()
        due = fields.Domain("checked_at", "=", False)
        due |= fields.Domain("state", "!=", "pending") & fields.Domain(
            "checked_at", "<=", now - _OTHERS
        )
        for age, interval in _PENDING:
            # The longer interval replaces the shorter: both ends of the age are given.
            older = [start for start, _interval in _PENDING if start > age]
            since = fields.Domain("pending_since", "<=", now - age)
            if older:
                since &= fields.Domain("pending_since", ">", now - older[0])
            due |= (
                since
                & fields.Domain("state", "=", "pending")
                & fields.Domain("checked_at", "<=", now - interval)
            )
        return due & fields.Domain(
            [
                ("urssaf_id", "!=", False),
                ("pending_since", "!=", False),
                ("state", "not in", ("unregistered", "queued", "abandoned")),
            ]
        )

    def _check_many(self, urssaf, turn):
        """Ask for the states (M020), several calls at a time and with nothing locked.

        :raise UrssafError: when the Urssaf could not be asked about all of them
        """
        results = call_concurrently(
            urssaf,
            lambda client, asked: client.registration(asked[1]),
            [(each.id, each.urssaf_id, each.state) for each in self],
            in_flight=calls_in_flight(self.env),
            go_on=turn.has_time,
        )
        failure = None
        for landed in results:
            if landed.error and not isinstance(landed.error, Refused):
                failure = landed.error
                if not isinstance(failure, Unreadable):
                    continue
            registration_id, _urssaf_id, before = landed.item
            registration = self.browse(registration_id)
            if not attempt(
                registration, lambda one, told=landed: one._take_landed(told)
            ):
                attempt(registration, type(self)._touch)
            changed = registration.exists().filtered(
                lambda one, was=before: one.state != was
            )
            turn.done(1, changed)
        if failure:
            raise failure

    def _take_landed(self, landed):
        for registration in self.try_lock_for_update(allow_referencing=True):
            asked_at = landed.asked_at.replace(tzinfo=None)
            if registration.checked_at and registration.checked_at > asked_at:
                continue  # somebody asked later and was quicker
            if isinstance(landed.error, Refused):
                registration._take_refusal(landed.error)
            elif landed.error:
                registration._touch()
            else:
                registration._take(landed.result)

    def _touch(self):
        """Or it would be the first to be asked about again, and hold up the others."""
        self.checked_at = fields.Datetime.now()

    @api.model
    def _remind_late(self):
        """An activity for whoever looks after a customer who has not activated within
        seven days."""
        late = self.search(
            [
                ("state", "=", "pending"),
                ("reminded", "=", False),
                ("pending_since", "<=", fields.Datetime.now() - _REMIND_AFTER),
            ]
        )
        for registration in reachable(late).filtered("partner_id.active"):
            attempt(registration, type(self)._remind)

    def _remind(self):
        for registration in self.try_lock_for_update(allow_referencing=True):
            partner = registration.partner_id
            users = (partner.user_id, registration.create_uid)
            user = next((user for user in users if user.active), self.env.user)
            partner.with_context(lang=user.lang).activity_schedule(
                REMINDER, user_id=user.id
            )
            registration.reminded = True
