# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..texts.messages import describe_error
from ..urssaf.api.client import PRODUCTION_HOST, TEST_HOST, UrssafClient
from ..urssaf.api.errors import UrssafError
from ..urssaf.documents.payment_request import is_nova_number

ENVIRONMENTS = [("test", "Test"), ("production", "Production")]
_HOSTS = {"test": TEST_HOST, "production": PRODUCTION_HOST}


class ResCompany(models.Model):
    _inherit = "res.company"

    l10n_fr_sap_environment = fields.Selection(
        ENVIRONMENTS,
        string="Urssaf Environment",
        default="test",
        required=True,
        groups="base.group_system",
        help="Test talks to the Urssaf's test platform: no money moves there.",
    )
    l10n_fr_sap_client_id = fields.Char(
        "Urssaf Client ID", groups="base.group_system", copy=False
    )
    l10n_fr_sap_nova_number = fields.Char(
        "NOVA Number",
        help="Your number of home-service organisation: SAP followed by 9 digits; or SIR"
        " followed by the 14 digits of a SIRET for a worker of a cooperative.",
    )

    l10n_fr_sap_send_on_post = fields.Boolean(
        "Send Invoices When They Are Confirmed",
        help="Invoices of active private customers go to the Urssaf by themselves.",
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

    def action_l10n_fr_sap_test_connection(self):
        """Prove that the Urssaf knows these credentials and that its API answers.

        :raise AccessError: unless the user is an administrator
        :raise UserError: with what is in the way
        """
        self.ensure_one()
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._("Only an administrator may test the Urssaf connection.")
            )
        with self._l10n_fr_sap_urssaf() as urssaf:
            urssaf.ping()
        environment = dict(
            self._fields["l10n_fr_sap_environment"]._description_selection(self.env)
        )[self._l10n_fr_sap_provider().l10n_fr_sap_environment]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The Urssaf answers (environment: %s).", environment
                ),
            },
        }

    def _l10n_fr_sap_provider(self):
        """The company known to the Urssaf: this one or, for a branch without credentials
        of its own, the nearest parent that has some; this one where none has. With every
        right: its users may not read its settings, nor perhaps the parent."""
        company = self.sudo()
        while company and not company.l10n_fr_sap_client_id:
            company = company.parent_id
        return company or self.sudo()

    def _l10n_fr_sap_host(self):
        environment = self.l10n_fr_sap_environment
        parameters = self.env["ir.config_parameter"].sudo()
        host = parameters.get_param(f"l10n_fr_urssaf_sap.url_{environment}")
        return (host or _HOSTS[environment]).rstrip("/")

    @contextmanager
    def _l10n_fr_sap_open(self, exchanges=None):
        """The Urssaf as this company's provider may use it.

        :param exchanges: a list that takes what is said, for whoever saves it themselves
            (``l10n_fr_sap.exchange``); else it is saved at the end
        :raise UserError: when the credentials are missing
        :raise UrssafError: when the host is not allowed
        """
        provider = self._l10n_fr_sap_provider()
        client_id, secret = (
            provider.l10n_fr_sap_client_id,
            provider.l10n_fr_sap_stored_secret,
        )
        if not client_id or not secret:
            raise UserError(
                self.env._(
                    "%s has no Urssaf credentials yet: fill in the client ID and the"
                    " client secret in the Invoicing settings.",
                    provider.name,
                )
            )
        said = [] if exchanges is None else exchanges
        with UrssafClient(
            provider._l10n_fr_sap_host(), client_id, secret, on_call=said.append
        ) as urssaf:
            try:
                yield urssaf
            finally:
                if exchanges is None:
                    self.env["l10n_fr_sap.exchange"]._save(self, said)

    @contextmanager
    def _l10n_fr_sap_urssaf(self):
        """The Urssaf for a button: whatever goes wrong becomes one sentence.

        :raise UserError: for every UrssafError
        """
        try:
            with self._l10n_fr_sap_open() as urssaf:
                yield urssaf
        except UrssafError as error:
            raise UserError(describe_error(self.env, error)) from None
