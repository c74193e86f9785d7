# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..invoicing.states import OPEN, review_followup
from ..protocol.access import connect_for_button, is_readable, seal
from ..protocol.settling import look_again
from ..urssaf.api.client import PRODUCTION_HOST, TEST_HOST
from ..urssaf.documents.payment_request import is_nova_number
from ..urssaf.documents.typed import clean_code

ENVIRONMENTS = [("test", "Test"), ("production", "Production")]
_HOSTS = {"test": TEST_HOST, "production": PRODUCTION_HOST}
_ADMINISTRATOR = "base.group_system"
# A press on a form saves it first.
_JUST_NOW = timedelta(seconds=10)
# By what the Urssaf knows a company.
_ACCESS = {"l10n_fr_sap_client_id", "l10n_fr_sap_environment"}


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["l10n_fr_sap.bookkeeping", "l10n_fr_sap.guaranteed", "res.company"]

    l10n_fr_sap_environment = fields.Selection(
        ENVIRONMENTS,
        string="Urssaf Environment",
        default="test",
        required=True,
        groups=_ADMINISTRATOR,
        help="In test mode: the Urssaf's test platform, without any debit or transfer.",
    )
    l10n_fr_sap_client_id = fields.Char(
        "Urssaf Client ID", groups=_ADMINISTRATOR, copy=False
    )
    l10n_fr_sap_nova_number = fields.Char(
        "NOVA Number",
        help=(
            "Your registration number as a provider of home services: SAP followed by"
            " 9 digits; or SIR followed by the 14 digits of a SIRET for a worker of a"
            " cooperative."
        ),
    )
    # What the law wants on an invoice and on the yearly certificate, besides that number
    # (Code du travail, D.7233-1 and D.7233-4).
    l10n_fr_sap_declaration_date = fields.Date(
        "Declaration Date",
        help="Date of the acknowledgement of your declaration (récépissé).",
    )
    l10n_fr_sap_agrement_number = fields.Char(
        "Agrément Number",
        help="Only for activities that need the State's agrément: the care of children"
        " under three, or of elderly or disabled people.",
    )
    l10n_fr_sap_agrement_date = fields.Date("Agrément Date")
    l10n_fr_sap_mode = fields.Selection(
        [("prestataire", "Service provider"), ("mandataire", "Agent")],
        "Mode",
        help="As a service provider (prestataire) you employ whoever does the work; for an"
        " agent (mandataire), the customer does.",
    )
    l10n_fr_sap_worker = fields.Char(
        "Default Worker",
        help="For sole traders: who does the work, as new invoice lines say.",
    )
    l10n_fr_sap_signatory = fields.Char(
        "Signatory of Tax Certificates",
        help="Name and position, such as: Camille Dupuis, manager.",
    )
    l10n_fr_sap_guarantee_amount = fields.Monetary(
        "Financial Guarantee", help="The amount that its certificate says."
    )
    l10n_fr_sap_send_on_post = fields.Boolean(
        "Send to the Urssaf on Confirmation",
        help=(
            "Invoices of private customers who have activated the avance immédiate are"
            " sent to the Urssaf automatically."
        ),
    )
    # No default: it would be written into every company there is.
    l10n_fr_sap_remind_customers = fields.Boolean(
        "Remind Customers Who Have Not Answered",
        help=(
            "About twelve hours before an invoice counts as accepted, its customer gets a"
            " message, once."
        ),
    )
    l10n_fr_sap_stored_secret = fields.Char(
        "Stored Urssaf Client Secret",
        groups=fields.NO_ACCESS,
        copy=False,
        prefetch=False,
        help="Sealed with a key that is not in the database: see protocol/access.py.",
    )
    l10n_fr_sap_client_secret = fields.Char(
        "Urssaf Client Secret",
        compute="_compute_l10n_fr_sap_client_secret",
        inverse="_inverse_l10n_fr_sap_client_secret",
        groups=_ADMINISTRATOR,
        copy=False,
        help=(
            "Always shown empty. Leaving it empty keeps the stored secret, which is"
            " deleted together with the Client ID."
        ),
    )
    l10n_fr_sap_has_secret = fields.Boolean(
        "Urssaf Client Secret Is Stored",
        compute="_compute_l10n_fr_sap_has_secret",
        compute_sudo=True,
        groups=_ADMINISTRATOR,
    )
    # Where production was switched on: see ``_l10n_fr_sap_database``.
    l10n_fr_sap_production_database = fields.Char(
        "Urssaf Production Database", groups=fields.NO_ACCESS, copy=False
    )
    l10n_fr_sap_is_copy = fields.Boolean(
        "Production Was Switched On in Another Database",
        compute="_compute_l10n_fr_sap_is_copy",
        compute_sudo=True,
        groups=_ADMINISTRATOR,
    )
    l10n_fr_sap_outage = fields.Char(
        "Urssaf Unreachable",
        compute="_compute_l10n_fr_sap_outage",
        compute_sudo=True,
        groups=_ADMINISTRATOR,
    )

    @api.constrains("l10n_fr_sap_nova_number")
    def _check_l10n_fr_sap_nova_number(self):
        for company in self:
            number = company.l10n_fr_sap_nova_number
            if number and not is_nova_number(number):
                raise ValidationError(
                    self.env._(
                        "The NOVA number is SAP followed by 9 digits, or SIR followed by"
                        " the 14 digits of a SIRET, without spaces."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create([_cleaned(vals) for vals in vals_list])
        companies._l10n_fr_sap_tie_production()
        return companies

    def write(self, vals):
        # Only where it was not on yet: in a copy, saving it again changes nothing.
        switched_on = self.browse()
        if vals.get("l10n_fr_sap_environment") == "production":
            switched_on = self.filtered(
                lambda company: company.sudo().l10n_fr_sap_environment != "production"
            )
        self._l10n_fr_sap_check_leaving(vals)
        res = super().write(_cleaned(vals))
        switched_on._l10n_fr_sap_tie_production()
        if not _ACCESS.isdisjoint(vals):
            look_again(self)
        if "l10n_fr_sap_environment" in vals:
            requests = self.env["l10n_fr_sap.payment.request"].sudo()
            in_test = [("company_id", "in", self.ids), ("environment", "=", "test")]
            review_followup(requests.search(in_test))
        if "l10n_fr_sap_client_id" in vals:
            # The record rules of its branches' users depend on it.
            self.env.registry.clear_cache()
        if "l10n_fr_sap_client_id" in vals and not vals["l10n_fr_sap_client_id"]:
            self.sudo().l10n_fr_sap_stored_secret = False
        return res

    def _l10n_fr_sap_check_leaving(self, vals):
        """
        :raise UserError: when payment requests are open in production, which this would
            leave; unless the context says ``l10n_fr_sap_leave_production``
        """
        confirmed = self.env.context.get("l10n_fr_sap_leave_production")
        if confirmed or _ACCESS.isdisjoint(vals):
            return
        for company in self.sudo():
            if company._l10n_fr_sap_leaves_production(
                vals.get("l10n_fr_sap_client_id", company.l10n_fr_sap_client_id),
                vals.get("l10n_fr_sap_environment", company.l10n_fr_sap_environment),
            ):
                raise UserError(
                    self.env._(
                        "%(company)s has payment requests in production that are not"
                        " over yet (%(count)s). They could not be followed any more: to"
                        " go on, confirm it in the Invoicing settings.",
                        company=company.name,
                        count=company._l10n_fr_sap_open_count(),
                    )
                )

    def _l10n_fr_sap_leaves_production(self, client_id, environment):
        """Whether this access would leave open requests in production alone."""
        return (
            self.l10n_fr_sap_environment == "production"
            and (environment != "production" or client_id != self.l10n_fr_sap_client_id)
            and bool(self._l10n_fr_sap_open_count())
        )

    def _l10n_fr_sap_open_count(self):
        """How many payment requests in production are not over yet."""
        requests = self.env["l10n_fr_sap.payment.request"].sudo()
        return requests.search_count(
            Domain("company_id", "=", self.id)
            & Domain("environment", "=", "production")
            & (
                Domain("state", "in", OPEN)
                | Domain("lost_answers", ">", 0) & Domain("freed_at", "=", False)
            )
        )

    # Buttons

    def action_l10n_fr_sap_test_connection(self):
        """Prove that the Urssaf knows these credentials and that its API answers.

        :raise AccessError: unless the user is an administrator
        :raise UserError: with what is in the way
        """
        self.ensure_one()
        self._l10n_fr_sap_check_administrator(
            self.env._("Only an administrator may test the Urssaf connection.")
        )
        # The page of a company that was just saved loads anew, and would lose the answer.
        saved = self.env.context.get("l10n_fr_sap_on_form") and (
            fields.Datetime.now() - self.write_date < _JUST_NOW
        )
        try:
            message, kind = self._l10n_fr_sap_test(), "success"
        except UserError as error:
            if not saved:
                raise
            message, kind = str(error), "warning"
        toast = self.env.user._l10n_fr_sap_toast(message, kind)
        if saved:
            self.env.user._bus_send("simple_notification", toast["params"])
        return toast

    def _l10n_fr_sap_test(self):
        with connect_for_button(self) as urssaf:
            urssaf.ping()
        # Odoo need not leave an Urssaf alone that has just answered.
        registered = self._l10n_fr_sap_registered_company()
        outages = self.env["l10n_fr_sap.outage"].sudo()
        outages._answers_again(registered._l10n_fr_sap_host())
        environments = self._fields["l10n_fr_sap_environment"]
        environment = registered.l10n_fr_sap_environment
        label = dict(environments._description_selection(self.env))[environment]
        host = registered._l10n_fr_sap_host()
        if host == _HOSTS[environment]:
            return self.env._("The Urssaf answers (environment: %s).", label)
        return self.env._(
            "%(host)s answers, which is not the Urssaf itself (environment:"
            " %(environment)s).",
            host=host,
            environment=label,
        )

    def action_l10n_fr_sap_switch_on_production(self):
        """Let production be used in this database too, which is no mere copy.

        :raise AccessError: unless the user is an administrator
        """
        self._l10n_fr_sap_check_administrator(
            self.env._("Only an administrator may switch Urssaf production on.")
        )
        self._l10n_fr_sap_registered_company()._l10n_fr_sap_tie_production()
        return True

    def _l10n_fr_sap_check_administrator(self, refusal):
        if not self.env.user.has_group(_ADMINISTRATOR):
            raise AccessError(refusal)

    # The connection

    def _l10n_fr_sap_registered_company(self):
        """The company known to the Urssaf: this one or, for a branch without credentials
        of its own, the nearest parent that has some; this one where none has. With every
        right: its users may not read its settings, nor perhaps the parent."""
        company = self.sudo()
        while company and not company.l10n_fr_sap_client_id:
            company = company.parent_id
        return company or self.sudo()

    def _l10n_fr_sap_uses(self, environment):
        """Whether this company is known to the Urssaf itself, and talks to that platform
        now."""
        registered = self._l10n_fr_sap_registered_company()
        return registered == self and registered.l10n_fr_sap_environment == environment

    def _l10n_fr_sap_host(self, environment=None):
        environment = environment or self.l10n_fr_sap_environment
        parameters = self.env["ir.config_parameter"].sudo()
        host = parameters.get_param(f"l10n_fr_urssaf_sap.url_{environment}")
        return (host or _HOSTS[environment]).rstrip("/")

    def _l10n_fr_sap_sends(self):
        """Whether this company may send anything to the Urssaf from this database."""
        registered = self._l10n_fr_sap_registered_company()
        has_access = bool(registered.l10n_fr_sap_client_id)
        return has_access and not registered.l10n_fr_sap_is_copy

    def _l10n_fr_sap_sends_on_post(self):
        """Whether invoices of this company are sent when they are confirmed."""
        registered = self._l10n_fr_sap_registered_company()
        return registered.l10n_fr_sap_send_on_post and self._l10n_fr_sap_sends()

    @api.depends("l10n_fr_sap_environment", "l10n_fr_sap_client_id")
    @api.depends_context("lang", "tz")
    def _compute_l10n_fr_sap_outage(self):
        for company in self:
            host = company._l10n_fr_sap_registered_company()._l10n_fr_sap_host()
            outage = self.env["l10n_fr_sap.outage"].search([("host", "=", host)])
            company.l10n_fr_sap_outage = outage.until and self.env._(
                "The Urssaf has not answered since %(since)s. Next automatic attempt"
                " at %(until)s; any button tries at once.",
                since=format_datetime(self.env, outage.since),
                until=format_datetime(self.env, outage.until),
            )

    # Production, which a copied database must leave alone

    @api.model
    def _l10n_fr_sap_database(self):
        """This very database: a copy differs by its name, a duplicate by its uuid."""
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return f"{self.env.cr.dbname} {uuid}"

    def _l10n_fr_sap_tie_production(self):
        self.sudo().filtered(
            lambda company: company.l10n_fr_sap_environment == "production"
        ).l10n_fr_sap_production_database = self._l10n_fr_sap_database()

    @api.depends(
        "l10n_fr_sap_environment",
        "l10n_fr_sap_production_database",
        "l10n_fr_sap_client_id",
    )
    def _compute_l10n_fr_sap_is_copy(self):
        here = self._l10n_fr_sap_database()
        for company in self:
            registered = company._l10n_fr_sap_registered_company()
            company.l10n_fr_sap_is_copy = (
                registered.l10n_fr_sap_environment == "production"
                and registered.l10n_fr_sap_production_database != here
            )

    def _l10n_fr_sap_check_not_a_copy(self):
        if self.l10n_fr_sap_is_copy:
            raise UserError(
                self.env._(
                    "This database is a copy of the one in which %s switched"
                    " production on: nothing is sent to the Urssaf until an"
                    " administrator switches it on again in the Invoicing settings.",
                    self.name,
                )
            )

    # The client secret, which goes in but never comes out

    def _compute_l10n_fr_sap_client_secret(self):
        self.l10n_fr_sap_client_secret = False

    def _inverse_l10n_fr_sap_client_secret(self):
        typed = self.filtered("l10n_fr_sap_client_secret")
        # Odoo and PostgreSQL log the values of a query that fails. Whatever may fail,
        # other values or a busy row, does so here: the date of writing locks the row.
        typed.flush_recordset()
        for company in typed:
            secret = company.l10n_fr_sap_client_secret
            company.sudo().l10n_fr_sap_stored_secret = seal(secret)
        typed.flush_recordset()
        # What was just typed must not be read back either.
        typed.invalidate_recordset(["l10n_fr_sap_client_secret"])

    @api.depends("l10n_fr_sap_stored_secret")
    def _compute_l10n_fr_sap_has_secret(self):
        for company in self:
            stored = company.l10n_fr_sap_stored_secret
            company.l10n_fr_sap_has_secret = is_readable(stored)


def _cleaned(vals):
    number = vals.get("l10n_fr_sap_nova_number")
    return vals | {"l10n_fr_sap_nova_number": clean_code(number)} if number else vals
