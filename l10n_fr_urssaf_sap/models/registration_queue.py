# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

from .batch import in_batches, run_by_company

_QUEUE = "l10n_fr_urssaf_sap.ir_cron_register"


class Registration(models.Model):
    """Many registrations at once: the scheduled action makes them, one call each, and
    whoever asked for them gets one message at the end."""

    _name = "l10n_fr_sap.registration"
    _inherit = ["l10n_fr_sap.registration", "l10n_fr_sap.background"]
    _waiting = ("queued",)
    _error_field = "last_error"

    @api.model
    def _enqueue(self, partners, company):
        """Leave ``partners`` to the scheduled action, on behalf of the current user.

        :raise UserError: when the settings would not let it do anything
        """
        self._check_settings(company)
        for partner in partners:
            self._ensure(partner, company).write(
                {"state": "queued", "queued_uid": self.env.uid}
            )
        self.env.ref(_QUEUE).sudo()._trigger()

    @api.model
    def _cron_register(self):
        todo = self.search([("state", "=", "queued")], order="id")
        todo._fail_stranded()
        run_by_company(todo, in_batches(1, type(self)._register_queued))
        self._tell_the_end()

    def _register_queued(self, urssaf):
        for registration in self.try_lock_for_update(allow_referencing=True):
            if registration.state != "queued":
                continue  # somebody pressed the button meanwhile
            registration = registration.with_context(lang=registration.queued_uid.lang)
            company = registration.company_id
            partner = registration.partner_id.with_company(company)
            if lines := partner._l10n_fr_sap_obstacles():
                registration._fail("\n".join(lines))
                continue
            registration._register_partner(partner, company, urssaf)

    def _fail(self, message):
        self._update(self._failed(message))

    def _told(self, company, done, to_fix):
        return (
            self.env._("Registrations with the Urssaf"),
            self.env._(
                "%(company)s: %(done)s customers registered with the Urssaf, %(left)s to"
                " be mended.",
                company=company.name,
                done=done,
                left=to_fix,
            ),
            "partner_id",
        )
