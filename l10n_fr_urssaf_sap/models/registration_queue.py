# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging

from markupsafe import Markup
from psycopg2 import OperationalError

from odoo import api, models
from odoo.exceptions import UserError

from ..urssaf.errors import UrssafError
from .batch import reachable, run_by_company

_logger = logging.getLogger(__name__)

_QUEUE = "l10n_fr_urssaf_sap.ir_cron_register"
_LISTED = 20  # those to mend that the closing message names


class Registration(models.Model):
    """Many registrations at once: the scheduled action makes them, one call each, and
    whoever asked for them gets one message at the end."""

    _inherit = "l10n_fr_sap.registration"

    @api.model
    def _enqueue(self, partners, company):
        """Leave ``partners`` to the scheduled action, on behalf of the current user.

        :raise UserError: when the settings would not let it do anything
        """
        with company._l10n_fr_sap_urssaf():
            pass
        for partner in partners:
            self._ensure(partner, company).write(
                {"state": "queued", "queued_uid": self.env.uid}
            )
        self.env.ref(_QUEUE).sudo()._trigger()

    @api.model
    def _cron_register(self):
        todo = self.search([("state", "=", "queued")], order="id")
        for stranded in todo - reachable(todo):
            stranded._update(
                self._failed(self.env._("The settings of the company have changed."))
            )
        run_by_company(todo, 1, lambda some, urssaf: some._register_queued(urssaf))
        self._tell_the_end()

    def _register_queued(self, urssaf):
        for registration in self.try_lock_for_update(allow_referencing=True):
            if registration.state != "queued":
                continue  # somebody pressed the button meanwhile
            registration = registration.with_context(lang=registration.queued_uid.lang)
            company = registration.company_id
            partner = registration.partner_id.with_company(company)
            if lines := partner._l10n_fr_sap_obstacles():
                registration._update(self._failed("\n".join(lines)))
                continue
            try:
                registration._register_partner(partner, company, urssaf)
            except (UserError, UrssafError, OperationalError):
                raise
            except Exception:
                # Or it would be tried, and whoever asked would wait, for ever.
                self.env.cr.rollback()
                _logger.exception("Urssaf, %s", registration)
                registration._update(
                    self._failed(self.env._("An unexpected error: see Odoo's log."))
                )

    @api.model
    def _tell_the_end(self):
        """One message to each user none of whose registrations are left in the queue."""
        waiting = self.search([("queued_uid", "!=", False)])
        for (user, company), mine in waiting.grouped(
            lambda registration: (registration.queued_uid, registration.company_id)
        ).items():
            if "queued" not in mine.mapped("state"):
                mine.with_context(lang=user.lang)._tell(user, company)
                mine.queued_uid = False

    def _tell(self, user, company):
        to_mend = self.filtered(lambda registration: registration.state == "error")
        lines = [
            self.env._(
                "%(company)s: %(done)s customers registered with the Urssaf, %(left)s to"
                " be mended.",
                company=company.name,
                done=len(self - to_mend),
                left=len(to_mend),
            )
        ]
        user.sudo()._bus_send(
            "simple_notification",
            {"type": "warning" if to_mend else "success", "message": lines[0]},
        )
        links = Markup("").join(
            Markup('<li><a href="/odoo/res.partner/%s">%s</a></li>')
            % (partner.id, partner.display_name)
            for partner in to_mend[:_LISTED].partner_id
        )
        if more := to_mend[_LISTED:]:
            links += Markup("<li>%s</li>") % self.env._("and %s more", len(more))
        self.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=self.env._("Registrations with the Urssaf"),
            body=Markup("<p>%s</p><ul>%s</ul>") % (lines[0], links),
        )
