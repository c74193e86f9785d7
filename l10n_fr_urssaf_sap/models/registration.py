# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..urssaf.errors import Refused, Unsure, UrssafError
from .messages import describe_api_errors, describe_error, state_label

_logger = logging.getLogger(__name__)

# A pending client may activate at any moment; the others seldom change.
_RECHECK_AFTER = timedelta(days=1)


class Registration(models.Model):
    """One person's registration with the Urssaf by one company."""

    _name = "l10n_fr_sap.registration"
    _description = "Registration with the Urssaf"
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    urssaf_id = fields.Char("Urssaf ID", readonly=True, copy=False)
    #   (no record: unregistered)
    #      |  M010 accepted                       M010 refused or answer lost
    #      v                                            |
    #   pending --the client activates--> active <-.    v
    #      |                                |       |  error: mend, register again
    #      v  never did                     v       |
    #   abandoned: register again        blocked, mandate_expired (M020 tells)
    state = fields.Selection(
        [
            ("pending", "Waiting for activation"),
            ("active", "Active"),
            ("abandoned", "Activation abandoned"),
            ("blocked", "Blocked by the Urssaf"),
            ("mandate_expired", "Direct debit mandate expired"),
            ("error", "Error"),
        ],
        required=True,
        readonly=True,
    )
    active_since = fields.Date(
        readonly=True, help="Services from this day on can be sent to the Urssaf."
    )
    last_error = fields.Text(readonly=True)
    checked_at = fields.Datetime("Last Check", readonly=True)

    _partner_company_uniq = models.UniqueIndex(
        "(partner_id, company_id)",
        "This customer already has a registration for this company.",
    )

    @api.model
    def _of(self, partner, company):
        return self.search(
            [("partner_id", "=", partner.id), ("company_id", "=", company.id)]
        )

    @api.model
    def _register_partner(self, partner, company, urssaf):
        """Register ``partner`` (M010) and keep what the Urssaf answers, a refusal too.

        :raise UrssafError: when nothing was done; nothing is written then
        """
        try:
            values = {
                "urssaf_id": urssaf.register(partner._l10n_fr_sap_particulier()),
                "state": "pending",
                "last_error": False,
                "checked_at": fields.Datetime.now(),
            }
        except Refused as refused:
            values = self._failed(describe_api_errors(self.env, refused.errors))
        except Unsure as error:
            values = self._failed(
                describe_error(self.env, error)
                + "\n"
                + self.env._("Please register again: repeating it is safe.")
            )
        registration = self._of(partner, company)
        if registration:
            registration._update(values)
        else:
            registration = self.create(
                {"partner_id": partner.id, "company_id": company.id, **values}
            )
            registration._post_state()
        return registration

    def _check(self, urssaf):
        """Ask the Urssaf for the state (M020).

        :raise UrssafError: when it could not be asked; nothing is written then
        """
        self.ensure_one()
        try:
            answer = urssaf.registration(self.urssaf_id)
        except Refused as refused:
            values = self._failed(describe_api_errors(self.env, refused.errors))
        else:
            values = {
                "state": answer.state,
                "active_since": answer.active_since
                or (answer.state == "active" and self.active_since),
                "last_error": answer.description if answer.state == "error" else False,
            }
        self._update(values | {"checked_at": fields.Datetime.now()})

    @api.model
    def _failed(self, message):
        return {"state": "error", "last_error": message}

    def _update(self, values):
        before = (self.state, self.last_error)
        self.write(values)
        if (self.state, self.last_error) != before:
            self._post_state()

    def _post_state(self):
        body = self.env._("Urssaf registration: %s", state_label(self))
        if self.last_error:
            body += "\n" + self.last_error
        self.partner_id.message_post(body=plaintext2html(body))

    @api.model
    def _cron_refresh(self):
        """Ask for the registrations that can change, the oldest check first."""
        domain = [
            ("urssaf_id", "!=", False),
            "|",
            ("state", "=", "pending"),
            "&",
            ("state", "in", ("active", "blocked", "mandate_expired", "error")),
            ("checked_at", "<", fields.Datetime.now() - _RECHECK_AFTER),
        ]
        todo = self.search(domain, order="checked_at, id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(todo))
        for company, registrations in todo.grouped("company_id").items():
            try:
                with company._l10n_fr_sap_open() as urssaf:
                    for registration in registrations:
                        if registration.try_lock_for_update(allow_referencing=True):
                            registration._check(urssaf)
                        if not cron._commit_progress(1):
                            return
            except (UserError, UrssafError) as error:
                # One company's trouble must not keep the others waiting.
                self.env.cr.rollback()
                _logger.info("Registrations of company %s: %s", company.id, error)
