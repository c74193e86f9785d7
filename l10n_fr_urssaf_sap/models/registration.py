# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..texts.advice import describe_advice
from ..texts.messages import describe_api_errors, describe_error, state_label
from ..urssaf.api.codes import UNKNOWN_PARTICULIER
from ..urssaf.api.errors import ApiError, Refused, Unsure
from .res_company import ENVIRONMENTS

REMINDER = "l10n_fr_urssaf_sap.activity_remind"
# Those that the register button may act upon.
REGISTRABLE = ("unregistered", "queued", "error", "abandoned")


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
    #   (no record, or one that keeps the consent alone: unregistered)
    #      |  many at once: queued, the scheduled action goes on
    #      |
    #      |  M010 accepted                       M010 refused or answer lost
    #      v                                            |
    #   pending --the client activates--> active <-.    v
    #      |                                |       |  error: mend, register again
    #      v  never did                     v       |
    #   abandoned: register again        blocked, mandate_expired (M020 tells)
    state = fields.Selection(
        [
            ("unregistered", "Not registered"),
            ("queued", "Being registered"),
            ("pending", "Waiting for activation"),
            ("active", "Active"),
            ("abandoned", "Activation abandoned"),
            ("blocked", "Blocked by the Urssaf"),
            ("mandate_expired", "Direct debit mandate expired"),
            ("error", "Error"),
        ],
        required=True,
        readonly=True,
        default="unregistered",
    )
    active_since = fields.Date(
        readonly=True, help="Services from this day on can be sent to the Urssaf."
    )
    last_error = fields.Text(readonly=True)
    error_codes = fields.Char(readonly=True, help="The Urssaf's codes of that error.")
    advice = fields.Text(compute="_compute_advice")
    checked_at = fields.Datetime("Last Check", readonly=True)
    pending_since = fields.Datetime(readonly=True)
    reminded = fields.Boolean(
        readonly=True, help="Somebody was asked to remind the customer."
    )
    consent_date = fields.Date(
        "Consent",
        readonly=True,
        help="When the customer agreed that their data are sent to the Urssaf.",
    )
    consent_uid = fields.Many2one("res.users", "Consent Recorded By", readonly=True)

    _partner_company_uniq = models.UniqueIndex(
        "(partner_id, company_id, environment)",
        "This customer already has a registration for this company.",
    )

    @api.depends("state", "error_codes")
    @api.depends_context("lang")
    def _compute_advice(self):
        for registration in self:
            codes = (registration.error_codes or "").split()
            registration.advice = describe_advice(self.env, codes)

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
    def _ensure(self, partner, company):
        """The registration of ``partner`` by a company known to the Urssaf, made where
        there is none yet."""
        return self._of(partner, company) or self.create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "environment": company.l10n_fr_sap_environment,
            }
        )

    @api.model
    def _register_partner(self, partner, company, urssaf):
        """Register ``partner`` (M010) and keep what the Urssaf answers, a refusal too.

        :raise UrssafError: when nothing was done; nothing is written then
        """
        try:
            urssaf_id = urssaf.register(
                partner._l10n_fr_sap_particulier(),
                self.env["l10n_fr_sap.exchange"]._reference(partner),
            )
        except Refused as refused:
            values = self._failed(
                describe_api_errors(self.env, refused.errors), refused.codes
            )
            # The check would overwrite it with what became of the attempt before.
            values["pending_since"] = False
        except Unsure as error:
            values = self._failed(
                describe_error(self.env, error)
                + "\n"
                + self.env._("Please register again: repeating it is safe."),
                error.codes,
            )
        else:
            values = self._pending(urssaf_id) | {"checked_at": fields.Datetime.now()}
        registration = self._ensure(partner, company)
        registration._update(values)
        return registration

    def _check(self, urssaf):
        """Ask the Urssaf for the state (M020).

        :raise UrssafError: when it could not be asked; nothing is written then
        """
        self.ensure_one()
        try:
            self._take(urssaf.registration(self.urssaf_id))
        except Refused as refused:
            self._take_refusal(refused)

    def _take_refusal(self, refused):
        values = self._failed(
            describe_api_errors(self.env, refused.errors), refused.codes
        )
        # Any other refusal says nothing about the customer.
        if UNKNOWN_PARTICULIER not in refused.codes:
            values["state"] = self.state
        self._update(values | {"checked_at": fields.Datetime.now()})

    def _take(self, answer):
        told = ApiError(answer.code, answer.description)
        self._update(
            {
                "state": answer.state,
                "active_since": answer.active_since
                or (answer.state == "active" and self.active_since),
                "last_error": answer.state == "error"
                and describe_api_errors(self.env, [told]),
                "error_codes": answer.state not in ("pending", "active")
                and answer.code,
                "checked_at": fields.Datetime.now(),
            }
        )

    @api.model
    def _failed(self, message, codes=()):
        return {
            "state": "error",
            "last_error": message,
            "error_codes": " ".join(sorted(codes)),
        }

    @api.model
    def _pending(self, urssaf_id):
        return {
            "urssaf_id": urssaf_id,
            "state": "pending",
            "last_error": False,
            "error_codes": False,
            "pending_since": fields.Datetime.now(),
            "reminded": False,
        }

    def _merge_into_one(self):
        """Of several contacts that become one, the registration that says most.

        :raise UserError: when the Urssaf knows them as two people
        """
        registered = self.filtered("urssaf_id")
        if len(set(registered.mapped("urssaf_id"))) > 1:
            raise UserError(
                self.env._(
                    "%s are registered with the Urssaf, each on their own: these contacts"
                    " cannot be merged. Please archive the one that is not used any more.",
                    ", ".join(registered.partner_id.mapped("display_name")),
                )
            )
        consent = self.filtered("consent_date")[:1]
        kept = registered[:1] or consent or self[:1]
        if not kept.consent_date:
            kept.consent_date, kept.consent_uid = (
                consent.consent_date,
                consent.consent_uid,
            )
        (self - kept).unlink()

    def _update(self, values):
        before = (self.state, self.last_error)
        self.write(values)
        if (self.state, self.last_error) != before:
            self._post_state()

    def _post_state(self):
        body = self.env._("Urssaf registration: %s", state_label(self))
        # What we found ourselves may be personal; the chatter is everybody's.
        if self.error_codes:
            body += f"\n{self.last_error or ''}\n{self.advice or ''}"
        self.partner_id.message_post(body=plaintext2html(body))
        if self.state != "pending":
            self.partner_id.activity_unlink([REMINDER])
