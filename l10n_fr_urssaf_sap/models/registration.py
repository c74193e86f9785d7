# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dataclasses import replace
from datetime import time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_datetime, plaintext2html

from ..invoicing.morning import LATE_TO_ACTIVATE
from ..invoicing.payload import PARIS
from ..protocol import jobs
from ..protocol.parameters import calls_in_flight
from ..registering.activation import reminder_note
from ..registering.obstacles import named_obstacles
from ..texts.messages import (
    UNEXPECTED,
    codes_of,
    describe_api_errors,
    describe_codes,
    describe_error,
    state_label,
)
from ..urssaf.api.codes import UNKNOWN_PARTICULIER
from ..urssaf.api.concurrency import call_concurrently
from ..urssaf.api.errors import ApiError, Refused
from ..urssaf.documents import named_fields

REMINDER = "l10n_fr_urssaf_sap.activity_remind"
# Those that the register button may act upon.
REGISTRABLE = ("unregistered", "queued", "error", "abandoned")

# What M020 may answer.
_ANSWERED = ("pending", "active", "abandoned", "blocked", "mandate_expired", "error")
# Which state may follow which. The Urssaf may say anything of a customer it knows.
TRANSITIONS = {
    "unregistered": ("queued", "pending", "error"),
    "queued": ("queued", *_ANSWERED),
    **dict.fromkeys(_ANSWERED, ("queued", *_ANSWERED)),
}
_LEVELS = {
    "unregistered": "muted",
    **dict.fromkeys(("queued", "pending"), "info"),
    "active": "success",
    **dict.fromkeys(("abandoned", "mandate_expired"), "warning"),
    **dict.fromkeys(("blocked", "error"), "danger"),
}
_NOT_FOLLOWED = ("unregistered", "queued", "abandoned")
# Most customers activate within days of the Urssaf's e-mail: how old a pending
# registration is tells how often it is worth asking. (from this age, ask again after)
_CHECK_PENDING_AFTER = (
    (timedelta(days=30), timedelta(days=7)),
    (timedelta(days=3), timedelta(days=1)),
    (timedelta.min, timedelta(hours=1)),
)
_CHECK_OTHERS_AFTER = timedelta(days=1)


class Registration(models.Model):
    """One person's registration with the Urssaf by one company."""

    _name = "l10n_fr_sap.registration"
    _description = "Registration with the Urssaf"
    _order = "id desc"
    _rec_name = "partner_id"
    _inherit = ["l10n_fr_sap.submission", "l10n_fr_sap.identity"]
    _unfinished = ("queued",)
    _levels = _LEVELS
    _asked_at = "checked_at"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    urssaf_id = fields.Char("Urssaf ID", readonly=True, copy=False)
    #   (no record, or one that keeps the consent alone: unregistered)
    #      |  many at once: queued, the scheduled action goes on
    #      |
    #      |  M010 accepted                       M010 refused or answer lost
    #      v                                            |
    #   pending --the client activates--> active <-.    v
    #      |                                |       |  error: fix, register again
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
        "Status",
        required=True,
        readonly=True,
        default="unregistered",
    )
    active_since = fields.Datetime(
        readonly=True,
        help=(
            "Since when the Urssaf takes payment requests. Services from before that day"
            " cannot be sent; those of that very day may be refused."
        ),
    )
    activated_on = fields.Char(
        compute="_compute_activated_on", help="That moment in Paris, or its day alone."
    )
    last_error = fields.Text(readonly=True)
    checked_at = fields.Datetime("Last Check", readonly=True)
    pending_since = fields.Datetime(readonly=True)
    consent_date = fields.Date(
        "Consent Given On",
        readonly=True,
        help="When the customer agreed that their data are sent to the Urssaf.",
    )
    consent_uid = fields.Many2one("res.users", "Consent Recorded By", readonly=True)

    _partner_company_uniq = models.UniqueIndex(
        "(partner_id, company_id, environment)",
        "This customer already has a registration for this company.",
    )
    _late_idx = models.Index("(pending_since) WHERE state = 'pending'")

    @api.depends("active_since")
    @api.depends_context("lang")
    def _compute_activated_on(self):
        for registration in self:
            since, text = registration.active_since, False
            if since and since.time() == time.min:  # a day: see the library's answers
                text = format_date(self.env, since.date())
            elif since:
                text = format_datetime(self.env, since, PARIS, "short")
            registration.activated_on = text

    @api.depends("state", "urssaf_id", "pending_since", "checked_at")
    def _compute_check_after(self):
        for registration in self:
            registration.check_after = registration._next_check()

    def _next_check(self):
        if not (self.urssaf_id and self.pending_since) or self.state in _NOT_FOLLOWED:
            return False
        if not self.checked_at:
            return self.pending_since
        if self.state != "pending":
            return self.checked_at + _CHECK_OTHERS_AFTER
        age = self.checked_at - self.pending_since
        interval = next(after for start, after in _CHECK_PENDING_AFTER if age >= start)
        return self.checked_at + interval

    # Transitions

    def _set_queued(self):
        """The scheduled action registers the customer, on behalf of the current user."""
        self.write({"state": "queued", "queued_uid": self.env.uid})

    def _set_pending(self, urssaf_id, checked_at=False):
        """The Urssaf knows the customer, who has to activate."""
        self._set_state(
            "pending",
            urssaf_id=urssaf_id,
            last_error=False,
            error_codes=False,
            pending_since=fields.Datetime.now(),
            checked_at=checked_at,
            reminded=False,
        )

    def _set_from_urssaf(self, answer):
        """Believe what the Urssaf says (M020's Registration of the library)."""
        errors = [ApiError(answer.code, answer.description)]
        active, since = answer.state == "active", answer.active_since
        self._set_state(
            answer.state,
            # Odoo's moments are in UTC and do not say so.
            active_since=since.replace(tzinfo=None)
            if since
            else active and self.active_since,
            last_error=answer.state == "error" and self._describe(errors),
            error_codes=answer.state not in ("pending", "active")
            and " ".join(codes_of(errors)),
            checked_at=fields.Datetime.now(),
        )

    def _set_check_refused(self, refused):
        """The Urssaf answered that it does not tell (the library's Refused)."""
        # Any other refusal says nothing about the customer.
        unknown = UNKNOWN_PARTICULIER in refused.codes
        self._set_state(
            "error" if unknown else self.state,
            last_error=self._describe(refused.errors),
            error_codes=" ".join(codes_of(refused.errors)),
            checked_at=fields.Datetime.now(),
        )

    def _describe(self, errors):
        """What the Urssaf said, with what it may repeat of the customer hidden."""
        known = self.partner_id._l10n_fr_sap_known()
        return describe_api_errors(self.env, errors, known)

    def _set_error(self, text, codes=(), **values):
        """It is to be fixed, for the reason that ``text`` gives."""
        codes = " ".join(sorted(codes))
        self._set_state("error", last_error=text, error_codes=codes, **values)

    def _give_up(self):
        locked = self.try_lock_for_update(allow_referencing=True)
        if locked and locked._has_not_left():
            self.write({"state": "error", "last_error": self.env._(UNEXPECTED)})

    def _named_obstacles(self):
        return named_obstacles(
            self.partner_id, named_fields.read(self.error_fields or "")
        )

    def _set_state(self, state, **values):
        if state not in TRANSITIONS[self.state]:
            raise ValueError(f"{self}: from {self.state} to {state}")
        before = (self.state, self.last_error)
        self.write({"state": state, "error_fields": False, **values})
        if (self.state, self.last_error) != before:
            self._post_state()

    # Lookup

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

    def _is_registrable(self):
        return self.state in REGISTRABLE

    def _merge_into_one(self):
        """Of several contacts that become one, the registration that says most.

        :raise UserError: when the Urssaf knows them as two people
        """
        registered = self.filtered("urssaf_id")
        if len(set(registered.mapped("urssaf_id"))) > 1:
            raise UserError(
                self.env._(
                    "Contacts no. %s are each registered with the Urssaf and cannot be"
                    " merged. Please archive the one that is no longer used.",
                    ", ".join(map(str, registered.partner_id.ids)),
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

    # Registering

    @api.model
    def _register_partner(self, partner, company, urssaf, variant=None):
        """Register ``partner`` (M010) and keep what the Urssaf answers, a refusal too.

        :param variant: the library's, with what is to be sent instead
        :raise UrssafError: when nothing was done, or nobody knows (Unsure); nothing is
            written then
        """
        try:
            urssaf_id = urssaf.register(
                variant.person if variant else partner._l10n_fr_sap_particulier(),
                self.env["l10n_fr_sap.exchange"]._reference(partner),
            )
        except Refused as refused:
            registration = self._ensure(partner, company)
            registration._set_error(
                registration._describe(refused.errors),
                codes_of(refused.errors),
                error_fields=named_fields.write(
                    named_fields.of_particulier(refused.errors)
                ),
                # A check would overwrite it with what became of an earlier registration.
                pending_since=False,
                tried_changes=registration._tried_with(variant),
            )
        else:
            registration = self._ensure(partner, company)
            if variant:
                registration._keep_variant(variant)
            registration._set_pending(urssaf_id, checked_at=fields.Datetime.now())
        return registration

    @api.model
    def _note_unsure(self, partner, company, error):
        """Keep that nobody knows whether ``partner`` was registered (Unsure)."""
        registration = self._ensure(partner, company)
        registration._set_error(
            describe_error(self.env, error)
            + "\n"
            + self.env._("Please register again: this cannot create a duplicate."),
            codes_of(error.errors),
        )
        return registration

    @api.model
    def _enqueue(self, partners, company):
        """Leave ``partners`` to the scheduled action, on behalf of the current user.

        :raise UserError: when the settings would not let it do anything
        """
        self._check_settings(company)
        for partner in partners:
            self._ensure(partner, company)._set_queued()
        self.env.ref("l10n_fr_urssaf_sap.ir_cron_register").sudo()._trigger()

    def _closing_message(self, company, done, to_fix):
        return (
            self.env._("Registrations with the Urssaf"),
            self.env._(
                "%(company)s: %(done)s customers registered with the Urssaf, %(left)s to"
                " fix.",
                company=company.name,
                done=done,
                left=to_fix,
            ),
            "partner_id",
        )

    # Following

    def _ask(self, urssaf, ids, go_on):
        """Ask for the registrations with these ids (M020): CallResults, each of a list
        with one id and ``{id: Registration or Refused}``."""
        in_flight = calls_in_flight(self.env)
        for result in call_concurrently(urssaf, _ask_one, ids, in_flight, go_on):
            answers = {result.item: result.result} if result.result else {}
            yield replace(result, item=[result.item], result=answers)

    def _set_answers(self, answers):
        for registration, answer in answers.items():
            if isinstance(answer, Refused):
                registration._set_check_refused(answer)
            elif answer:
                registration._set_from_urssaf(answer)
            else:
                registration._set_checked()

    def _post_state(self):
        # What the Urssaf said or we found may be personal, and every employee reads the
        # chatter.
        lines = [
            self.env._("Urssaf registration: %s", state_label(self)),
            describe_codes(self.env, self.error_codes),
            self.advice,
        ]
        body = plaintext2html("\n".join(filter(None, lines)))
        self.partner_id.message_post(body=body)
        if self.state != "pending":
            self.partner_id.activity_unlink([REMINDER])

    # Buttons

    def action_open_customer(self):
        """Open the customer whom it is about."""
        self.ensure_one()
        self.check_access("read")
        return self.partner_id.get_formview_action()

    # Scheduled actions

    @api.model
    def _cron_register(self):
        """Register the customers that wait for it."""
        queued = self.search([("state", "=", "queued")], order="id")
        queued._fail_unreachable()
        jobs.register(queued)
        self._send_closing_messages()

    @api.model
    def _cron_refresh(self):
        """Ask about the registrations that can change, the longest due first, and have
        somebody remind the customers who are late."""
        due = [("check_after", "<=", fields.Datetime.now())]
        jobs.refresh(self.search(due, order="check_after, id"))
        late = self.search(
            [
                ("state", "=", "pending"),
                ("reminded", "=", False),
                ("pending_since", "<=", fields.Datetime.now() - LATE_TO_ACTIVATE),
            ]
        )
        jobs.remind(late.filtered("partner_id.active"))

    def _remind(self):
        """An activity for whoever looks after a customer who has not activated within
        seven days."""
        for registration in self.try_lock_for_update(allow_referencing=True):
            partner = registration.partner_id
            users = (partner.user_id, registration.create_uid)
            user = next((user for user in users if user.active), self.env.user)
            partner = partner.with_context(lang=user.lang)
            partner.activity_schedule(
                REMINDER,
                user_id=user.id,
                note=reminder_note(partner, registration.company_id, REMINDER),
            )
            registration.reminded = True


def _ask_one(urssaf, urssaf_id):
    try:
        return urssaf.registration(urssaf_id)
    except Refused as refused:
        return refused  # an answer like any other
