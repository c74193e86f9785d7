# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..invoicing.actions import ready_domain
from ..protocol.registering import find_now, try_variant_now
from ..protocol.transactions import lock, sort_out
from ..registering.activation import lost_email_help, wrong_address_message
from ..registering.obstacles import search_obstacles_of
from ..registering.search import holder_of
from ..registering.told import DEPENDS, changed_labels
from ..registering.variants import describe_change, describe_tried, next_variant
from ..texts.messages import refusal_markup
from ..texts.obstacle import texts_of
from ..urssaf.documents.particulier import clean_particulier_id, is_particulier_id
from .res_users import USER_GROUP

# More than these are too many for a person who waits.
AT_ONCE = 10
# The Urssaf knows the customer, and is not told again.
_REGISTERED = ("pending", "active", "blocked", "mandate_expired")


class Registered(models.AbstractModel):
    """How a customer and their registration find each other, and what is to be watched
    from then on. Fields, methods and buttons of ``res.partner``."""

    _name = "l10n_fr_sap.registered"
    _inherit = "l10n_fr_sap.columns"
    _description = "Private Customer and Urssaf Registration"
    _l10n_fr_sap_columns = ("l10n_fr_sap_registration_state",)

    l10n_fr_sap_invoice_count = fields.Integer(
        "Invoices for the Urssaf",
        compute="_compute_l10n_fr_sap_invoice_count",
        groups=USER_GROUP,
    )
    l10n_fr_sap_refusal = fields.Html(
        "Reason for the Refusal",
        compute="_compute_l10n_fr_sap_refusal",
        sanitize=False,  # made of escaped texts
        groups=USER_GROUP,
    )
    l10n_fr_sap_can_find = fields.Boolean(
        "Can Be Searched",
        compute="_compute_l10n_fr_sap_can_find",
        groups=USER_GROUP,
    )
    l10n_fr_sap_next_change = fields.Char(
        "Next Variant",
        compute="_compute_l10n_fr_sap_next_change",
        groups=USER_GROUP,
        help="What the next attempt to have the tax office recognize them changes.",
    )
    l10n_fr_sap_tried_changes = fields.Char(
        "Tried in Vain",
        compute="_compute_l10n_fr_sap_next_change",
        groups=USER_GROUP,
    )
    l10n_fr_sap_changes = fields.Text(
        "To Tell the Urssaf",
        compute="_compute_l10n_fr_sap_changes",
        groups=USER_GROUP,
    )
    l10n_fr_sap_lost_email = fields.Text(
        "Lost Activation E-mail",
        compute="_compute_l10n_fr_sap_lost_email",
        groups=USER_GROUP,
    )
    l10n_fr_sap_message = fields.Text(
        "Message to the Urssaf",
        compute="_compute_l10n_fr_sap_lost_email",
        groups=USER_GROUP,
    )

    @api.depends("l10n_fr_sap_particulier")
    @api.depends_context("company")
    def _compute_l10n_fr_sap_invoice_count(self):
        self.l10n_fr_sap_invoice_count = 0
        # Nothing is asked for a contact like any other.
        for partner in self.filtered("l10n_fr_sap_particulier"):
            partner.l10n_fr_sap_invoice_count = self.env["account.move"].search_count(
                partner._l10n_fr_sap_invoices_domain()
            )

    def _l10n_fr_sap_invoices_domain(self):
        """Of this customer's invoices, those ready to send and those sent."""
        sent = Domain("l10n_fr_sap_request_id", "!=", False)
        theirs = Domain("l10n_fr_sap_particulier_id", "=", self._origin.id)
        return theirs & (sent | ready_domain(self.env.company))

    @api.depends("l10n_fr_sap_last_error", "l10n_fr_sap_advice")
    @api.depends_context("company", "lang")
    def _compute_l10n_fr_sap_refusal(self):
        for partner in self:
            partner.l10n_fr_sap_refusal = refusal_markup(
                partner.l10n_fr_sap_last_error, partner.l10n_fr_sap_advice
            )

    @api.depends("l10n_fr_sap_registration_state")
    @api.depends_context("company")
    def _compute_l10n_fr_sap_can_find(self):
        for partner in self:
            state = partner.l10n_fr_sap_registration_state
            partner.l10n_fr_sap_can_find = state in ("unregistered", "error")

    @api.depends(
        "name",
        "l10n_fr_sap_birth_name",
        "l10n_fr_sap_usage_name",
        "l10n_fr_sap_first_names",
        "l10n_fr_sap_birth_code",
        "l10n_fr_sap_registration_ids.state",
        "l10n_fr_sap_registration_ids.error_codes",
        "l10n_fr_sap_registration_ids.tried_changes",
    )
    @api.depends_context("company", "lang")
    def _compute_l10n_fr_sap_next_change(self):
        for partner in self:
            registration = partner.l10n_fr_sap_registration_id
            variant = next_variant(partner, registration)
            partner.l10n_fr_sap_next_change = bool(variant) and describe_change(
                self.env, variant.change
            )
            partner.l10n_fr_sap_tried_changes = describe_tried(registration)

    @api.depends(
        "l10n_fr_sap_registration_ids.state",
        "l10n_fr_sap_registration_ids.told",
        *DEPENDS,
    )
    @api.depends_context("company", "lang")
    def _compute_l10n_fr_sap_changes(self):
        for partner in self:
            registration = partner.l10n_fr_sap_registration_id
            known = registration.state in _REGISTERED
            changed = known and changed_labels(partner, registration)
            partner.l10n_fr_sap_changes = bool(changed) and self.env._(
                "Changed since the registration: %(fields)s. The Urssaf does not learn"
                " this from here. The customer changes their e-mail, mobile and bank"
                " account in their own account on www.particulier.urssaf.fr; a name is"
                " changed by the tax office, and the Urssaf is to be told. Press “Mark as"
                " Done” once that is so.",
                fields=", ".join(changed),
            )

    @api.depends("name", "email", "l10n_fr_sap_registration_ids.state")
    @api.depends_context("company", "lang")
    def _compute_l10n_fr_sap_lost_email(self):
        for partner in self:
            registration = partner.l10n_fr_sap_registration_id
            waits = registration.state in ("pending", "abandoned")
            partner.l10n_fr_sap_lost_email = waits and lost_email_help(partner)
            partner.l10n_fr_sap_message = waits and wrong_address_message(
                partner, registration.sudo().company_id, registration.urssaf_id
            )

    def _inverse_l10n_fr_sap_urssaf_id(self):
        """A customer whom another software registered: M020 tells the rest.

        :raise UserError: when the id is none, or the customer has another one already
        """
        for partner in self.filtered("l10n_fr_sap_urssaf_id"):
            urssaf_id = clean_particulier_id(partner.l10n_fr_sap_urssaf_id)
            registration = partner._l10n_fr_sap_ensure_registration()
            if urssaf_id == registration.urssaf_id:
                continue
            known = registration.urssaf_id and registration.state != "error"
            if known or not is_particulier_id(urssaf_id):
                raise UserError(
                    self.env._(
                        "Contact no. %s: what was typed cannot be entered as the Urssaf"
                        " ID, which has the form af0be430-908a-11eb-a8b3-0242ac130003"
                        " and cannot be changed once it is known.",
                        partner.id,
                    )
                )
            if other := holder_of(partner, urssaf_id):
                raise UserError(
                    self.env._(
                        "Contact no. %(contact)s: this Urssaf ID is the one of contact"
                        " no. %(other)s.",
                        contact=partner.id,
                        other=other.id,
                    )
                )
            registration._set_pending(urssaf_id)
            self.env.ref(
                "l10n_fr_urssaf_sap.ir_cron_refresh_registrations"
            ).sudo()._trigger()
        # What was typed is not what is entered.
        shown = self.pool.field_computed[self._fields["l10n_fr_sap_urssaf_id"]]
        self.invalidate_recordset([field.name for field in shown])

    # Buttons

    def action_l10n_fr_sap_find_by_email(self):
        """Ask the Urssaf for the ids of these customers, who were registered with other
        software or whose id was lost, by their e-mail. A message says that a single one
        was not found for sure, a dialog lists several.

        :raise AccessError: without the Urssaf group
        :raise UserError: when they are more than ten; when the Urssaf cannot be reached
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        company = self.env.company._l10n_fr_sap_registered_company()
        ready, obstacles = self.sudo()._l10n_fr_sap_sort_out(search_obstacles_of)
        if len(ready) > AT_ONCE:
            raise UserError(
                self.env._("Please select at most %s customers at a time.", AT_ONCE)
            )
        missed = find_now(ready, company) if ready else {}
        if len(self) == 1 and missed:
            text = texts_of(missed[self.sudo()])
            return self.env.user._l10n_fr_sap_toast(text, "warning")
        done = self.env._("Found: the Urssaf ID was entered.")
        return self.env["l10n_fr_sap.summary"]._after(
            self, obstacles | missed, done=done
        )

    def action_l10n_fr_sap_try_variant(self):
        """Register a customer whom the tax office did not recognize once more, with one
        thing changed: what the form names. What works is kept.

        :raise AccessError: without the Urssaf group
        :raise UserError: when nothing is left to try, or the Urssaf gives no answer
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        company = self.env.company._l10n_fr_sap_registered_company()
        ready, obstacles = self.sudo()._l10n_fr_sap_sort_out(
            type(self)._l10n_fr_sap_obstacles
        )
        if obstacles:
            return self.env["l10n_fr_sap.summary"]._after(self, obstacles)
        variant = next_variant(ready, ready.l10n_fr_sap_registration_id)
        if not variant:
            raise UserError(self.env._("Nothing is left to try."))
        known = try_variant_now(ready, company, variant)
        return self._l10n_fr_sap_notify_tried(variant, known)

    def _l10n_fr_sap_notify_tried(self, variant, known):
        changed = describe_change(self.env, variant.change)
        if known:
            text = self.env._("Registered with %s. This was kept.", changed)
        else:
            text = self.env._("Tried with %s: not recognized either.", changed)
        kind = "success" if known else "warning"
        return self.env.user._l10n_fr_sap_toast(text, kind)

    def _l10n_fr_sap_sort_out(self, obstacles_of):
        """Of these customers, those that a button may act upon, locked, and the obstacles
        of the others as ``obstacles_of`` tells them, ``{customer: [Obstacle, …]}``."""
        obstacles = {
            partner: found for partner in self if (found := obstacles_of(partner))
        }
        return sort_out(self, lock(self), obstacles)

    def action_l10n_fr_sap_confirm_changes(self):
        """The Urssaf knows what has changed: tick the warning off.

        :raise AccessError: without the Urssaf group
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        registrations = self.sudo().l10n_fr_sap_registration_id
        registrations.filtered("urssaf_id")._note_told()
