# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..urssaf.documents.particulier import is_particulier_id
from .batch import lock_ready
from .res_users import USER_GROUP

# What a customer shows of the current company's registration.
_OF_REGISTRATION = (
    "urssaf_id",
    "active_since",
    "checked_at",
    "last_error",
    "advice",
    "consent_date",
    "consent_uid",
)
# More than these go on in the background.
_AT_ONCE = 10


class ResPartner(models.Model):
    _inherit = "res.partner"

    l10n_fr_sap_particulier = fields.Boolean(
        "Particulier",
        help="A private customer of home services who may use the avance immédiate.",
    )
    l10n_fr_sap_registration_ids = fields.One2many(
        "l10n_fr_sap.registration",
        "partner_id",
        "Urssaf Registrations",
        groups=USER_GROUP,
    )
    l10n_fr_sap_registration_id = fields.Many2one(
        "l10n_fr_sap.registration",
        "Urssaf Registration",
        compute="_compute_l10n_fr_sap_registration",
        groups=USER_GROUP,
        help="The registration by the current company.",
    )
    l10n_fr_sap_registration_state = fields.Selection(
        selection="_selection_l10n_fr_sap_registration_state",
        string="Urssaf Registration State",
        compute="_compute_l10n_fr_sap_registration",
        search="_search_l10n_fr_sap_registration_state",
        groups=USER_GROUP,
    )
    l10n_fr_sap_urssaf_id = fields.Char(
        "Urssaf ID",
        compute="_compute_l10n_fr_sap_registration",
        inverse="_inverse_l10n_fr_sap_urssaf_id",
        groups=USER_GROUP,
        help="For a customer registered with another software: the idClient that the"
        " Urssaf gave then.",
    )
    l10n_fr_sap_active_since = fields.Date(
        "Active Since",
        compute="_compute_l10n_fr_sap_registration",
        groups=USER_GROUP,
    )
    l10n_fr_sap_checked_at = fields.Datetime(
        "Last Check",
        compute="_compute_l10n_fr_sap_registration",
        groups=USER_GROUP,
    )
    l10n_fr_sap_last_error = fields.Text(
        "Last Error",
        compute="_compute_l10n_fr_sap_registration",
        groups=USER_GROUP,
    )
    l10n_fr_sap_advice = fields.Text(
        "Advice", compute="_compute_l10n_fr_sap_registration", groups=USER_GROUP
    )
    l10n_fr_sap_consent_date = fields.Date(
        "Consent",
        compute="_compute_l10n_fr_sap_registration",
        inverse="_inverse_l10n_fr_sap_consent_date",
        groups=USER_GROUP,
        help="When the customer agreed that their data are sent to the Urssaf.",
    )
    l10n_fr_sap_consent_uid = fields.Many2one(
        "res.users",
        "Consent Recorded By",
        compute="_compute_l10n_fr_sap_registration",
        groups=USER_GROUP,
    )

    @api.model
    def _selection_l10n_fr_sap_registration_state(self):
        states = self.env["l10n_fr_sap.registration"]._fields["state"]
        return states._description_selection(self.env)

    @api.depends(
        "l10n_fr_sap_registration_ids.state",
        *(f"l10n_fr_sap_registration_ids.{name}" for name in _OF_REGISTRATION),
    )
    @api.depends_context("company")
    def _compute_l10n_fr_sap_registration(self):
        own = self._l10n_fr_sap_own_registrations()
        for partner in self:
            registration = partner.l10n_fr_sap_registration_ids.filtered_domain(own)
            partner.l10n_fr_sap_registration_id = registration
            partner.l10n_fr_sap_registration_state = (
                registration.state or "unregistered"
            )
            for name in _OF_REGISTRATION:
                partner[f"l10n_fr_sap_{name}"] = registration[name]

    def _search_l10n_fr_sap_registration_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        own = self._l10n_fr_sap_own_registrations()
        registered = fields.Domain(
            "l10n_fr_sap_registration_ids",
            "any",
            [*own, ("state", "in", [state for state in value if state])],
        )
        if "unregistered" in value:
            registered |= fields.Domain("l10n_fr_sap_registration_ids", "not any", own)
        return registered

    def _l10n_fr_sap_own_registrations(self):
        provider = self.env.company._l10n_fr_sap_provider()
        return self.env["l10n_fr_sap.registration"]._domain_of(provider)

    def _l10n_fr_sap_ensure_registration(self):
        self.env.user._l10n_fr_sap_check()
        return (
            self.env["l10n_fr_sap.registration"]
            .sudo()
            ._ensure(self, self.env.company._l10n_fr_sap_provider())
        )

    def _inverse_l10n_fr_sap_urssaf_id(self):
        """A customer whom another software registered: M020 tells the rest.

        :raise UserError: when the id is none, or the customer has another one already
        """
        for partner in self.filtered("l10n_fr_sap_urssaf_id"):
            urssaf_id = partner.l10n_fr_sap_urssaf_id.strip().lower()
            registration = partner._l10n_fr_sap_ensure_registration()
            if urssaf_id == registration.urssaf_id:
                continue
            known = registration.urssaf_id and registration.state != "error"
            if known or not is_particulier_id(urssaf_id):
                raise UserError(
                    self.env._(
                        "%(partner)s: %(id)s cannot be entered as Urssaf ID. It has the"
                        " form af0be430-908a-11eb-a8b3-0242ac130003, and is not changed"
                        " once it is known.",
                        partner=partner.display_name,
                        id=urssaf_id,
                    )
                )
            partner._l10n_fr_sap_check_id_is_free(urssaf_id)
            registration._update(registration._pending(urssaf_id))
            self.env.ref(
                "l10n_fr_urssaf_sap.ir_cron_refresh_registrations"
            ).sudo()._trigger()

    def _l10n_fr_sap_check_id_is_free(self, urssaf_id):
        own = self._l10n_fr_sap_own_registrations()
        others = self.env["l10n_fr_sap.registration"].sudo()
        others = others.search([*own, ("urssaf_id", "=", urssaf_id)]).partner_id
        for other in others - self:
            if other._l10n_fr_sap_person() != self.sudo()._l10n_fr_sap_person():
                raise UserError(
                    self.env._(
                        "%(partner)s: this Urssaf ID is the one of %(other)s.",
                        partner=self.display_name,
                        other=other.display_name,
                    )
                )

    def _inverse_l10n_fr_sap_consent_date(self):
        for partner in self:
            consent_date = partner.l10n_fr_sap_consent_date
            # An empty one comes with every new contact, and is nothing to keep.
            if consent_date != partner.l10n_fr_sap_registration_id.consent_date:
                partner._l10n_fr_sap_ensure_registration().write(
                    {
                        "consent_date": consent_date,
                        "consent_uid": consent_date and self.env.uid,
                    }
                )

    def write(self, vals):
        # The record rule on bank accounts goes by this mark.
        unmarks = not vals.get("l10n_fr_sap_particulier", True) and not self.env.su
        if unmarks and any(self.mapped("l10n_fr_sap_particulier")):
            self.env.user._l10n_fr_sap_check()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_l10n_fr_sap_registered(self):
        if registered := self.sudo().l10n_fr_sap_registration_ids.filtered("urssaf_id"):
            raise UserError(
                self.env._(
                    "%s is registered with the Urssaf: please archive the contact instead.",
                    registered[0].partner_id.display_name,
                )
            )

    def _message_log(self, **kwargs):
        if self.env.context.get("l10n_fr_sap_no_log"):
            return self.env["mail.message"]
        return super()._message_log(**kwargs)

    # Buttons

    def action_l10n_fr_sap_register(self):
        """Register these private customers with the Urssaf, for the current company.

        :raise AccessError: without the Urssaf group
        :raise UserError: when none of them can go, with every problem of each; when the
            Urssaf cannot be reached. What the Urssaf refuses is kept on the registration.
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        provider = self.env.company._l10n_fr_sap_provider()
        ready, problems = lock_ready(self.sudo(), type(self)._l10n_fr_sap_obstacles)
        summary = self.env["l10n_fr_sap.summary"]
        if len(ready) > _AT_ONCE:
            self.env["l10n_fr_sap.registration"].sudo()._enqueue(ready, provider)
            return summary._after(self, problems, queued=len(ready))
        for done, partner in enumerate(ready):
            try:
                problems |= partner._l10n_fr_sap_register_now(provider)
            except UserError as error:
                # What was done stays done; before the first there is nothing to keep.
                if not done:
                    raise
                problems |= {left: [str(error)] for left in ready[done:]}
                break
        return summary._after(self, problems)

    def _l10n_fr_sap_register_now(self, provider):
        """Register this one; gives ``{self: [line, …]}`` where it is to be mended."""
        registrations = self.env["l10n_fr_sap.registration"].sudo()
        with provider._l10n_fr_sap_urssaf() as urssaf:
            registration = registrations._register_partner(self, provider, urssaf)
        # What the Urssaf did must not be undone by what fails next.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        if registration.state != "error":
            return {}
        return {self: registration.last_error.splitlines()}

    def action_l10n_fr_sap_check_registration(self):
        """Ask the Urssaf how far these customers are with their activation.

        :raise AccessError: without the Urssaf group
        :raise UserError: when none is registered; when the Urssaf cannot be reached
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        registrations = self.sudo().l10n_fr_sap_registration_id.filtered("urssaf_id")
        if self and not registrations:
            raise UserError(
                self.env._("Not registered with the Urssaf yet: please register first.")
            )
        with self.env.company._l10n_fr_sap_urssaf() as urssaf:
            for registration in registrations:
                registration._check(urssaf)
                self.env.cr.commit()  # pylint: disable=invalid-commit

    def action_l10n_fr_sap_payment_requests(self):
        """Open this customer's invoices: those ready to send and those sent.

        :raise AccessError: without the Urssaf group
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "l10n_fr_urssaf_sap.action_invoices"
        )
        ready = self.env["account.move"]._l10n_fr_sap_ready_domain()
        action["domain"] = fields.Domain("commercial_partner_id", "=", self.id) & (
            fields.Domain("l10n_fr_sap_request_id", "!=", False) | fields.Domain(ready)
        )
        return action

    def action_l10n_fr_sap_remind(self):
        """Write to those of these customers who have not activated yet, with the e-mail
        template that explains it.

        :raise AccessError: without the Urssaf group, or the right to write contacts
        :raise UserError: when all of them have, or none is registered
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("write")
        waiting = self.filtered(
            lambda partner: (
                partner.l10n_fr_sap_registration_state in ("pending", "abandoned")
            )
        )
        if not waiting:
            raise UserError(self.env._("Nobody here waits for the activation."))
        template = self.env.ref(
            "l10n_fr_urssaf_sap.mail_template_activation", raise_if_not_found=False
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Explain the Activation"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": waiting.ids,
                "default_template_id": template.id if template else False,
                "default_composition_mode": "comment"
                if len(waiting) == 1
                else "mass_mail",
            },
        }
