# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A French company with a private customer, and a stand-in Urssaf over real HTTP."""

import contextlib
import socket
from datetime import timedelta

import requests
from dateutil.relativedelta import relativedelta
from flask import request as flask_request

from odoo import Command, fields
from odoo.exceptions import UserError

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.mail.tests.common import mail_new_test_user

from simulator.app import create_app
from simulator.server import running
from tools import canaries

CLIENTS = {"test": canaries.CLIENT_SECRET, "other": "other-secret"}
CUSTOMER = f"{canaries.FIRST_NAMES} {canaries.BIRTH_NAME}"


class SapCase(AccountTestInvoicingCommon):
    @classmethod
    @AccountTestInvoicingCommon.setup_country("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.app = create_app(clients=CLIENTS, token_prefix=canaries.TOKEN_PREFIX)
        cls.urssaf_url = cls.enterClassContext(running(cls.app))
        cls.env.company.write(
            {
                "l10n_fr_sap_client_id": "test",
                "l10n_fr_sap_client_secret": CLIENTS["test"],
                "l10n_fr_sap_nova_number": "SAP123456782",
            }
        )
        cls.env.company.partner_id.lang = cls.env.user.lang = "en_US"
        cls.set_url(cls.urssaf_url)
        cls.commune = cls.find_commune("69383")
        cls.partner = cls.create_particulier(CUSTOMER)
        cls.product = cls.env["product.product"].create(
            {
                "name": "Ménage",
                "type": "service",
                "uom_id": cls.env.ref("uom.product_uom_hour").id,
                "list_price": 30,
                "taxes_id": [Command.set(cls.tax_sale_a.ids)],
                "l10n_fr_sap_nature_id": cls.env.ref("l10n_fr_urssaf_sap.nature_60").id,
            }
        )
        today = fields.Date.today()
        cls.month_end = today - relativedelta(days=today.day)
        cls.month_start = cls.month_end.replace(day=1)
        # As the stand-in does where a test does not say otherwise.
        before = cls.month_start - timedelta(days=1)
        cls.active_since = fields.Datetime.to_datetime(before)

    @classmethod
    def _create_company(cls, **values):
        """Odoo's: where the database has it already, nobody waits for its chart."""
        ready = cls.env["res.company"].browse()
        if set(values) == {"name"}:
            ready = ready.search([("name", "=", values["name"])])
        cls.env.user.company_ids |= ready
        return ready or super()._create_company(**values)

    def setUp(self):
        super().setUp()
        requests.post(f"{self.urssaf_url}/control/reset", timeout=10)
        self.set_url(self.urssaf_url)

    # What is there

    @classmethod
    def set_url(cls, url):
        cls.env["ir.config_parameter"].set_param("l10n_fr_urssaf_sap.url_test", url)

    def set_lease(self, seconds):
        self.env["ir.config_parameter"].set_param(
            "l10n_fr_urssaf_sap.lease_seconds", seconds
        )

    @classmethod
    def find_commune(cls, code):
        return cls.env["l10n_fr_sap.commune"].search(
            [("code", "=", code), ("kind", "!=", "former")]
        )

    @classmethod
    def create_particulier(cls, name, **values):
        first_name, last_name = name.split()
        partner = cls.env["res.partner"].create(
            {
                "name": name,
                "email": f"{first_name}.{last_name}@example.com".lower(),
                "street": "12 bis rue des Lilas",
                "zip": "69003",
                "city": "Lyon",
                "country_id": cls.env.ref("base.fr").id,
                "l10n_fr_sap_particulier": True,
                "l10n_fr_sap_civility": "2",
                "l10n_fr_sap_birth_date": canaries.BIRTH_DATE,
                "l10n_fr_sap_birth_commune_id": cls.commune.id,
                "phone": "06 39 98 00 11",
            }
            | values
        )
        if "l10n_fr_sap_bank_id" not in values:
            cls.create_bank(partner, canaries.IBAN)
        return partner

    @classmethod
    def create_administrator(cls):
        return mail_new_test_user(
            cls.env,
            "administrator",
            groups="base.group_system,account.group_account_manager",
        )

    @classmethod
    def create_bank(cls, partner, iban):
        bank = cls.env["res.bank"].create({"name": "Banque", "bic": "AGRIFRPPXXX"})
        return cls.env["res.partner.bank"].create(
            {"acc_number": iban, "partner_id": partner.id, "bank_id": bank.id}
        )

    @classmethod
    def create_invoice(cls, partner=None, quantity=3, post=True, **values):
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or cls.partner).id,
                "invoice_date": cls.month_end,
                "invoice_line_ids": [
                    Command.create({"product_id": cls.product.id, "quantity": quantity})
                ],
            }
            | values
        )
        if post:
            move.action_post()
        return move

    def activate(self, partner=None, since=None):
        """Register ``partner`` and play the client who activates, at the moment in Paris
        that ``since`` tells."""
        partner = partner or self.partner
        self.press(partner, "action_l10n_fr_sap_register")
        self.control(
            f"particuliers/{partner.l10n_fr_sap_urssaf_id}",
            {"etat": "active", "activeSince": since and since.isoformat()},
        )
        self.press(partner, "action_l10n_fr_sap_check_registration")
        self.assertEqual(partner.l10n_fr_sap_registration_state, "active")

    # What is done

    def press(self, records, button, user=None):
        """Press a button as a person would: in a transaction of its own, which may
        commit, and which is rolled back where the button raises."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = self.env(cr=cr, user=user or self.env.user)
            return getattr(records.with_env(env), button)()

    def refuse(self, records, button, user=None):
        """Press a button that raises; gives the message."""
        with self.assertRaises(UserError) as caught:
            self.press(records, button, user=user)
        return str(caught.exception)

    def assertDone(self, answer):
        """A button says that it has done all that it was asked to."""
        self.assertEqual(answer["tag"], "display_notification")
        self.assertEqual(answer["params"]["type"], "success")

    def listed(self, records, button, user=None):
        """What the dialog of a button lists: the records that cannot go, and why."""
        action = self.press(records, button, user=user)
        self.assertIsInstance(action, dict, "the button had nothing to say")
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        return "\n".join(
            f"{line.record_ref.display_name}: {line.message}"
            for line in summary.line_ids
        )

    def run_cron(self, name):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            cron = self.env.ref(f"l10n_fr_urssaf_sap.{name}")
            return cron.with_env(self.env(cr=cr)).method_direct_trigger()

    def age(self, records, hours):
        """Let some time pass since ``records`` were last asked about."""
        name = "checked_at" if "checked_at" in records else "refreshed_at"
        records.sudo()[name] = fields.Datetime.now() - timedelta(hours=hours)

    # The Urssaf's side

    def control(self, path, body=None):
        answer = requests.post(
            f"{self.urssaf_url}/control/{path}", json=body or {}, timeout=10
        )
        answer.raise_for_status()
        return answer.json()

    def calls(self, *operations):
        """The bodies of the calls that the Urssaf let in, tokens left out. (After the
        reset of each test it no longer knows the token that Odoo kept, and says 401.)"""
        calls = requests.get(f"{self.urssaf_url}/control/calls", timeout=10).json()
        return [
            call["body"]
            for call in calls
            if call["operation"] in (operations or ("M010", "M020", "M050", "M070"))
            and call["status"] != 401
        ]

    def urssaf_state(self):
        return requests.get(f"{self.urssaf_url}/control/state", timeout=10).json()

    def urssaf_requests(self):
        return {
            demande["numFactureTiers"]: demande
            for demande in self.urssaf_state()["demandes"]
        }

    def switch_off(self):
        """No Urssaf from here on: nothing listens on that port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.set_url(f"http://127.0.0.1:{port}")

    @contextlib.contextmanager
    def intercepted(self, operation, after):
        """Let ``after(answer)`` change what the Urssaf answers to one operation."""

        class Interceptor:
            def before(self, call):
                return None

            def after(self, call, answer):
                return after(answer) if call.operation == operation else answer

        interceptors = self.app.extensions["dispatcher"].interceptors
        interceptors.append(Interceptor())
        try:
            yield
        finally:
            interceptors.clear()

    @contextlib.contextmanager
    def dies_after_one(self, operation):
        """The Urssaf does one call and lets nobody in from then on; gives the list of the
        statuses that it would have answered."""
        statuses = []

        def once(answer):
            statuses.append(answer.status)
            if statuses.count(200) > 1:
                return type(answer)(429, "too many")
            return answer

        with self.intercepted(operation, once):
            yield statuses

    def lost_answers(self, operation):
        """The Urssaf does the work, and the connection is cut before it can answer."""

        def cut(answer):
            connection = flask_request.environ["werkzeug.socket"]
            connection.shutdown(socket.SHUT_RDWR)
            return answer

        return self.intercepted(operation, cut)
