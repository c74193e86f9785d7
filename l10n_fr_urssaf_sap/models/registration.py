# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import plaintext2html

from ..urssaf.codes import UNKNOWN_PARTICULIER
from ..urssaf.errors import ApiError, Refused, Unsure
from .batch import run_by_company
from .messages import describe_api_errors, describe_error, state_label
from .res_company import ENVIRONMENTS

# A pending client may activate at any moment; the others seldom change.
_PENDING_AFTER = timedelta(hours=1)
_OTHERS_AFTER = timedelta(days=1)


class Registration(models.Model):
    """One person's registration with the Urssaf by one company."""

    _name = "l10n_fr_sap.registration"
    _description = "Registration with the Urssaf"
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    environment = fields.Selection(
        ENVIRONMENTS, required=True, readonly=True, help="The Urssaf that knows it."
    )
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
        "(partner_id, company_id, environment)",
        "This customer already has a registration for this company.",
    )

    @api.model
    def _domain_of(self, company):
        """The registrations that count for a company known to the Urssaf."""
        return [
            ("company_id", "=", company.id),
            ("environment", "=", company.l10n_fr_sap_environment),
        ]

    @api.model
    def _of(self, partner, company):
        return self.search([("partner_id", "=", partner.id), *self._domain_of(company)])

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
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "environment": company.l10n_fr_sap_environment,
                    **values,
                }
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
            values = {"last_error": describe_api_errors(self.env, refused.errors)}
            # Any other refusal says nothing about the customer.
            if UNKNOWN_PARTICULIER in refused.codes:
                values["state"] = "error"
        else:
            told = ApiError(answer.code, answer.description)
            values = {
                "state": answer.state,
                "active_since": answer.active_since
                or (answer.state == "active" and self.active_since),
                "last_error": answer.state == "error"
                and describe_api_errors(self.env, [told]),
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
        now = fields.Datetime.now()
        domain = [
            ("urssaf_id", "!=", False),
            "|",
            "&",
            ("state", "=", "pending"),
            ("checked_at", "<=", now - _PENDING_AFTER),
            "&",
            ("state", "in", ("active", "blocked", "mandate_expired", "error")),
            ("checked_at", "<=", now - _OTHERS_AFTER),
        ]
        todo = self.search(domain, order="checked_at, id")
        run_by_company(todo, 1, lambda some, urssaf: some._check_unlocked(urssaf))

    def _check_unlocked(self, urssaf):
        for registration in self.try_lock_for_update(allow_referencing=True):
            registration._check(urssaf)
