# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..urssaf.address import FRANCE, Address
from ..urssaf.codes import STREET_LETTERS, STREET_TYPES
from ..urssaf.particulier import BankAccount, BirthPlace, Particulier
from .batch import lock_ready
from .messages import describe_problem, field_label, state_label
from .res_users import USER_GROUP

# Where the user mends what the heart finds wrong.
_FIELDS = {
    "civility": "l10n_fr_sap_civility",
    "birth_name": "l10n_fr_sap_birth_name",
    "usage_name": "l10n_fr_sap_usage_name",
    "first_names": "l10n_fr_sap_first_names",
    "birth_date": "l10n_fr_sap_birth_date",
    "birth_country": "l10n_fr_sap_birth_country_id",
    "birth_commune": "l10n_fr_sap_birth_commune_id",
    "mobile": "l10n_fr_sap_mobile",
    "email": "email",
    "zip": "zip",
    "commune": "l10n_fr_sap_commune_id",
    "commune_name": "l10n_fr_sap_commune_id",
    "street_number": "l10n_fr_sap_street_number",
    "street_letter": "l10n_fr_sap_street_letter",
    "street_type": "l10n_fr_sap_street_type",
    "street_name": "l10n_fr_sap_street_name",
    "complement": "street2",
    "locality": "l10n_fr_sap_locality",
    "iban": "l10n_fr_sap_bank_id",
    "bic": "l10n_fr_sap_bank_id",
    "holder": "l10n_fr_sap_bank_id",
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    l10n_fr_sap_particulier = fields.Boolean(
        "Particulier",
        help="A private customer of home services who may use the avance immédiate.",
    )
    l10n_fr_sap_civility = fields.Selection(
        [("1", "Mr"), ("2", "Mrs")], "Civility", groups=USER_GROUP, copy=False
    )
    l10n_fr_sap_birth_name = fields.Char("Birth Name", groups=USER_GROUP, copy=False)
    l10n_fr_sap_usage_name = fields.Char(
        "Usage Name",
        groups=USER_GROUP,
        copy=False,
        help="Only where it differs from the birth name.",
    )
    l10n_fr_sap_first_names = fields.Char(
        "First Names",
        groups=USER_GROUP,
        copy=False,
        help="As the tax office knows them, separated by spaces.",
    )
    l10n_fr_sap_birth_date = fields.Date("Birth Date", groups=USER_GROUP, copy=False)
    l10n_fr_sap_birth_country_id = fields.Many2one(
        "res.country", "Birth Country", groups=USER_GROUP, copy=False
    )
    l10n_fr_sap_birth_country_code = fields.Char(
        related="l10n_fr_sap_birth_country_id.code",
        string="Birth Country Code",
        groups=USER_GROUP,
    )
    l10n_fr_sap_birth_commune_id = fields.Many2one(
        "l10n_fr_sap.commune",
        "Birth Commune",
        groups=USER_GROUP,
        copy=False,
        help="For a birth in France: the commune, with the INSEE code in force then.",
    )
    l10n_fr_sap_mobile = fields.Char("Mobile", groups=USER_GROUP, copy=False)
    l10n_fr_sap_commune_id = fields.Many2one(
        "l10n_fr_sap.commune", "Commune of Residence", groups=USER_GROUP, copy=False
    )
    l10n_fr_sap_street_number = fields.Char(
        "Street Number", groups=USER_GROUP, copy=False
    )
    l10n_fr_sap_street_letter = fields.Selection(
        list(STREET_LETTERS.items()), "Street Letter", groups=USER_GROUP, copy=False
    )
    l10n_fr_sap_street_type = fields.Selection(
        list(STREET_TYPES.items()), "Street Type", groups=USER_GROUP, copy=False
    )
    l10n_fr_sap_street_name = fields.Char("Street Name", groups=USER_GROUP, copy=False)
    l10n_fr_sap_locality = fields.Char("Locality", groups=USER_GROUP, copy=False)
    l10n_fr_sap_bank_id = fields.Many2one(
        "res.partner.bank",
        "Debited Account",
        groups=USER_GROUP,
        copy=False,
        domain="[('partner_id', '=', id)]",
        help="The Urssaf debits the customer's share from this account.",
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
        "Urssaf ID", compute="_compute_l10n_fr_sap_registration", groups=USER_GROUP
    )
    l10n_fr_sap_active_since = fields.Date(
        "Active Since", compute="_compute_l10n_fr_sap_registration", groups=USER_GROUP
    )
    l10n_fr_sap_last_error = fields.Text(
        "Last Error", compute="_compute_l10n_fr_sap_registration", groups=USER_GROUP
    )

    @api.model
    def _selection_l10n_fr_sap_registration_state(self):
        states = self.env["l10n_fr_sap.registration"]._fields["state"]
        return [
            ("unregistered", self.env._("Not registered")),
            *states._description_selection(self.env),
        ]

    @api.depends(
        "l10n_fr_sap_registration_ids.state",
        "l10n_fr_sap_registration_ids.urssaf_id",
        "l10n_fr_sap_registration_ids.active_since",
        "l10n_fr_sap_registration_ids.last_error",
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
            partner.l10n_fr_sap_urssaf_id = registration.urssaf_id
            partner.l10n_fr_sap_active_since = registration.active_since
            partner.l10n_fr_sap_last_error = registration.last_error

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
        for done, partner in enumerate(ready):
            try:
                problems |= partner._l10n_fr_sap_register_now(provider)
            except UserError as error:
                # What was done stays done; before the first there is nothing to keep.
                if not done:
                    raise
                problems |= {left: [str(error)] for left in ready[done:]}
                break
        return self.env["l10n_fr_sap.summary"]._after(self, problems)

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

    # What is sent

    def _l10n_fr_sap_particulier(self):
        """This customer as the heart wants them."""
        self.ensure_one()
        country, commune = (
            self.l10n_fr_sap_birth_country_id,
            self.l10n_fr_sap_birth_commune_id,
        )
        bank = self.l10n_fr_sap_bank_id
        return Particulier(
            civility=self.l10n_fr_sap_civility or "",
            birth_name=self.l10n_fr_sap_birth_name or "",
            usage_name=self.l10n_fr_sap_usage_name or "",
            first_names=self.l10n_fr_sap_first_names or "",
            birth_date=self.l10n_fr_sap_birth_date or None,
            birth_place=BirthPlace(
                # l10n_fr_cog gives France no code of its own.
                country=FRANCE if country.code == "FR" else str(country.fr_cog or ""),
                commune_code=commune.code or "",
                commune_name=commune.name or "",
            ),
            mobile=self.l10n_fr_sap_mobile or "",
            email=self.email or "",
            address=self._l10n_fr_sap_address(),
            bank_account=BankAccount(
                iban=bank.sanitized_acc_number or "",
                bic=bank.bank_bic or "",
                holder=bank.acc_holder_name or self.name or "",
            ),
        )

    def _l10n_fr_sap_address(self):
        return Address(
            zip=self.zip or "",
            commune_code=self.l10n_fr_sap_commune_id.code or "",
            commune_name=self.l10n_fr_sap_commune_id.name or "",
            street_number=self.l10n_fr_sap_street_number or "",
            street_letter=self.l10n_fr_sap_street_letter or "",
            street_type=self.l10n_fr_sap_street_type or "",
            street_name=self.l10n_fr_sap_street_name or "",
            complement=self.street2 or "",
            locality=self.l10n_fr_sap_locality or "",
        )

    def _l10n_fr_sap_obstacles(self):
        """What stands in the way of a registration, one line each."""
        if not self.l10n_fr_sap_particulier:
            return [self.env._("Not marked as a private customer (Particulier)")]
        if self.is_company or self.commercial_partner_id != self:
            return [
                self.env._("Is a company, or a contact of one: not a private customer")
            ]
        registration = self.l10n_fr_sap_registration_id
        if registration.state not in (False, "error", "abandoned"):
            return [self.env._("Already registered (%s)", state_label(registration))]
        problems = self._l10n_fr_sap_particulier().problems(
            fields.Date.context_today(self)
        )
        lines = [
            describe_problem(self.env, self._l10n_fr_sap_label(problem), problem)
            for problem in problems
        ]
        if self.l10n_fr_sap_bank_id.partner_id not in (self, self.browse()):
            lines.append(self.env._("Debited Account is somebody else's"))
        return lines

    def _l10n_fr_sap_label(self, problem):
        label = field_label(self, _FIELDS[problem.field])
        inner = {
            "iban": "IBAN",
            "bic": "BIC",
            "holder": self.env._("account holder"),
        }.get(problem.field)
        return f"{label} ({inner})" if inner else label
