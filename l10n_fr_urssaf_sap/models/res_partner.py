# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.sql import column_exists, create_column

from ..protocol.access import connect_for_button
from ..protocol.polling import poll
from ..protocol.registering import register_now
from ..registering.guards import check_stays_private, take_invoices_back
from ..registering.obstacles import FIXED_FIELDS, obstacles_of
from ..registering.payload import known_of, particulier_of
from ..texts.messages import describe_refreshed
from ..texts.obstacle import texts_of
from .particulier import PIECES
from .registered import AT_ONCE
from .registration import REGISTRABLE
from .res_users import USER_GROUP
from .submission import LEVELS

# What a customer shows of the current company's registration.
_OF_REGISTRATION = (
    "urssaf_id",
    "active_since",
    "activated_on",
    "checked_at",
    "last_error",
    "advice",
    "consent_date",
    "consent_uid",
)


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = [
        "res.partner",
        "l10n_fr_sap.particulier",
        "l10n_fr_sap.registered",
        "l10n_fr_sap.certified",
        "l10n_fr_sap.banked",
        "l10n_fr_sap.resident",
    ]

    # The record rule on bank accounts goes by it.
    l10n_fr_sap_particulier = fields.Boolean(tracking=True)
    # It tells of the household: children, age, a disability.
    l10n_fr_sap_ceiling = fields.Monetary(
        "Own Ceiling",
        groups=USER_GROUP,
        copy=False,
        help=(
            "What the household may spend on home services in a year with a tax credit,"
            " where it is more than the general ceiling: for children, members over 65,"
            " or a disability. Empty: the general ceiling."
        ),
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
        help="The registration made by the current company.",
    )
    l10n_fr_sap_registration_state = fields.Selection(
        selection="_selection_l10n_fr_sap_registration_state",
        string="Urssaf Registration Status",
        compute="_compute_l10n_fr_sap_registration",
        search="_search_l10n_fr_sap_registration_state",
        groups=USER_GROUP,
    )
    l10n_fr_sap_registration_level = fields.Selection(
        LEVELS,
        "Urssaf Registration Color",
        compute="_compute_l10n_fr_sap_registration",
        groups=USER_GROUP,
    )
    l10n_fr_sap_can_register = fields.Boolean(
        "Can Be Registered", compute="_compute_l10n_fr_sap_actions", groups=USER_GROUP
    )
    l10n_fr_sap_can_check = fields.Boolean(
        "Can Be Checked", compute="_compute_l10n_fr_sap_actions", groups=USER_GROUP
    )
    l10n_fr_sap_can_remind = fields.Boolean(
        "Can Be Reminded", compute="_compute_l10n_fr_sap_actions", groups=USER_GROUP
    )
    l10n_fr_sap_missing = fields.Text(
        "To Fill In or to Fix",
        compute="_compute_l10n_fr_sap_missing",
        groups=USER_GROUP,
    )
    l10n_fr_sap_urssaf_id = fields.Char(
        "Urssaf ID",
        compute="_compute_l10n_fr_sap_registration",
        inverse="_inverse_l10n_fr_sap_urssaf_id",
        groups=USER_GROUP,
        help=(
            "For a customer registered with other software: the idClient that the"
            " Urssaf gave."
        ),
    )
    l10n_fr_sap_active_since = fields.Datetime(
        "Activated On",
        compute="_compute_l10n_fr_sap_registration",
        groups=USER_GROUP,
    )
    l10n_fr_sap_activated_on = fields.Char(
        "Activated On (Paris)",
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
        "Consent Given On",
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

    # See invoicing/customer.py.
    _l10n_fr_sap_with_parent_idx = models.Index(
        "(id) WHERE commercial_partner_id != id AND l10n_fr_sap_birth_date IS NOT NULL"
    )

    def _auto_init(self):
        # On a new database nobody is a private customer yet: the columns are made
        # empty, or Odoo would compute them for every contact that there is. The pieces
        # of an address share a method: a new one must not overwrite the others.
        table, cr = self._table, self.env.cr
        new = not column_exists(cr, table, "l10n_fr_sap_particulier")
        for name, field in self._fields.items():
            wanted = self._l10n_fr_sap_is_proposed(name) and (new or name in PIECES)
            if wanted and not column_exists(cr, table, name):
                create_column(cr, table, name, field.column_type[1])
        return super()._auto_init()

    # No constraint of PostgreSQL's, which would log the whole row.
    @api.constrains("l10n_fr_sap_ceiling")
    def _check_l10n_fr_sap_ceiling(self):
        if any(partner.l10n_fr_sap_ceiling < 0 for partner in self.sudo()):
            raise ValidationError(self.env._("A ceiling is not below zero."))

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
            partner.l10n_fr_sap_registration_level = registration.state_level or "muted"
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
        company = self.env.company._l10n_fr_sap_registered_company()
        return self.env["l10n_fr_sap.registration"]._domain_of(company)

    def _l10n_fr_sap_ensure_registration(self):
        self.env.user._l10n_fr_sap_check()
        return (
            self.env["l10n_fr_sap.registration"]
            .sudo()
            ._ensure(self, self.env.company._l10n_fr_sap_registered_company())
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

    def _l10n_fr_sap_note_consent(self):
        """These customers have agreed today, unless it is noted that they did before."""
        for partner in self.filtered(lambda each: not each.l10n_fr_sap_consent_date):
            partner.l10n_fr_sap_consent_date = fields.Date.context_today(partner)

    @api.onchange("l10n_fr_sap_particulier")
    def _onchange_l10n_fr_sap_particulier(self):
        """Odoo takes a new contact for a company, as the menu of customers makes it."""
        if self.l10n_fr_sap_particulier and not self._origin and not self.vat:
            self.is_company = False

    @api.model_create_multi
    def create(self, vals_list):
        if "import_file" in self.env.context:
            vals_list = [self._l10n_fr_sap_without_empty(vals) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        # The record rule on bank accounts goes by this mark.
        unmarks = not vals.get("l10n_fr_sap_particulier", True) and not self.env.su
        if unmarks and any(self.mapped("l10n_fr_sap_particulier")):
            self.env.user._l10n_fr_sap_check()
        check_stays_private(self, vals)
        vals = self._l10n_fr_sap_without_unchanged(vals)
        untracked = map(self.env.context.get, ("tracking_disable", "mail_notrack"))
        if "l10n_fr_sap_particulier" in vals and not any(untracked):
            self._track_prepare(["l10n_fr_sap_particulier"])
        marks = vals.get("l10n_fr_sap_particulier")
        marked = marks and self.filtered(lambda each: not each.l10n_fr_sap_particulier)
        with self.env.protecting(self.sudo()._l10n_fr_sap_kept(vals), self):
            result = super().write(vals)
        if "parent_id" in vals and not vals["parent_id"]:
            take_invoices_back(self)
        if marked:
            self.env["mail.message"]._l10n_fr_sap_mask_accounts(marked)
        return result

    def _track_prepare(self, fields_iter):
        # Odoo asks for all fields with every write, and each that is tracked is read.
        # write() asks for the tick where it changes.
        if fields_iter is self._fields:
            fields_iter = fields_iter.keys() - {"l10n_fr_sap_particulier"}
        return super()._track_prepare(fields_iter)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_l10n_fr_sap_registered(self):
        if registered := self.sudo().l10n_fr_sap_registration_ids.filtered("urssaf_id"):
            raise UserError(
                self.env._(
                    "Contact no. %s is registered with the Urssaf: please archive it"
                    " instead.",
                    registered[0].partner_id.id,
                )
            )

    # Registration with the Urssaf

    def _l10n_fr_sap_particulier(self):
        """This customer as the library takes them. Other addons may extend it.

        :rtype: Particulier
        """
        return particulier_of(self)

    def _l10n_fr_sap_known(self):
        """What the Urssaf may know of this customer and repeat, which is to be hidden."""
        return known_of(self)

    def _l10n_fr_sap_obstacles(self):
        """Why this contact cannot be registered. Other addons may extend it.

        :rtype: list[Obstacle]
        """
        self.ensure_one()
        return obstacles_of(self)

    @api.depends("l10n_fr_sap_registration_state", "l10n_fr_sap_urssaf_id")
    @api.depends_context("company")
    def _compute_l10n_fr_sap_actions(self):
        for partner in self:
            state = partner.l10n_fr_sap_registration_state
            partner.l10n_fr_sap_can_register = state in REGISTRABLE
            partner.l10n_fr_sap_can_remind = state in ("pending", "abandoned")
            partner.l10n_fr_sap_can_check = (
                state != "unregistered" and partner.l10n_fr_sap_urssaf_id
            )

    @api.depends(
        "l10n_fr_sap_particulier",
        "l10n_fr_sap_registration_state",
        "is_company",
        "parent_id",
        "l10n_fr_sap_iban",
        "l10n_fr_sap_bank_id.acc_number",
        "l10n_fr_sap_bank_id.bank_id.bic",
        "l10n_fr_sap_bank_id.acc_holder_name",
        *FIXED_FIELDS,
    )
    @api.depends_context("company", "lang")
    def _compute_l10n_fr_sap_missing(self):
        for partner in self:
            partner.l10n_fr_sap_missing = (
                partner.l10n_fr_sap_particulier
                and partner.l10n_fr_sap_can_register
                and texts_of(partner._l10n_fr_sap_obstacles())
            )

    @api.model
    def get_import_templates(self):
        templates = super().get_import_templates()
        if self.env.user.has_group(USER_GROUP):
            templates.append(
                {
                    "label": self.env._("Private customers for the Urssaf"),
                    "template": "/l10n_fr_urssaf_sap/import_template.xlsx",
                }
            )
        return templates

    # Buttons

    def action_l10n_fr_sap_register(self):
        """Register these private customers with the Urssaf, for the current company. A
        dialog lists those that cannot go; what the Urssaf refuses is kept on the
        registration. The form's button notes that the customer has agreed.

        :raise AccessError: without the Urssaf group
        :raise UserError: when the Urssaf cannot be reached
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        company = self.env.company._l10n_fr_sap_registered_company()
        ready, obstacles = self.sudo()._l10n_fr_sap_sort_out(
            type(self)._l10n_fr_sap_obstacles
        )
        summary = self.env["l10n_fr_sap.summary"]
        if len(ready) > AT_ONCE:
            self.env["l10n_fr_sap.registration"].sudo()._enqueue(ready, company)
            return summary._after(self, obstacles, len(ready), checkable=True)
        if ready:
            # The form says so above its button.
            if self.env.context.get("l10n_fr_sap_agreed"):
                ready._l10n_fr_sap_note_consent()
            obstacles |= register_now(ready, company)
        done = self.env._(
            "Registered with the Urssaf, which now sends an e-mail: the account is to be"
            " activated within seven days."
        )
        return summary._after(self, obstacles, done=done, checkable=True)

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
        before = dict(zip(registrations, registrations.mapped("state"), strict=True))
        with connect_for_button(self.env.company) as urssaf:
            for _polled in poll(urssaf, registrations):
                pass
        if not before:
            return True
        return self.env.user._l10n_fr_sap_toast(*describe_refreshed(before))

    def action_l10n_fr_sap_payment_requests(self):
        """Open this customer's invoices: those ready to send and those sent.

        :raise AccessError: without the Urssaf group
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "l10n_fr_urssaf_sap.action_invoices"
        )
        action["domain"] = self._l10n_fr_sap_invoices_domain()
        action["context"] = {
            "default_move_type": "out_invoice",
            "default_partner_id": self.id,
        }
        return action

    def action_l10n_fr_sap_remind(self):
        """Write to those of these customers who have not activated yet, with the e-mail
        template that explains it.

        :raise AccessError: without the Urssaf group, or the right to write contacts
        :raise UserError: when all of them have, or none is registered
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("write")
        waiting = self.filtered("l10n_fr_sap_can_remind")
        if not waiting:
            raise UserError(
                self.env._("None of these customers is waiting for activation.")
            )
        template = self.env.ref(
            "l10n_fr_urssaf_sap.mail_template_activation", raise_if_not_found=False
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Activation Reminder"),
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

    def action_l10n_fr_sap_exchanges(self):
        """Open the exchanges about this customer.

        :raise AccessError: unless the user is an administrator
        """
        self.ensure_one()
        self.check_access("read")
        registrations = self.sudo().l10n_fr_sap_registration_ids
        exchanges = self.env["l10n_fr_sap.exchange"]
        return exchanges._action_about(registrations, exchanges._reference(self))
