# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A French company, its private customer, and an Urssaf that lives in this process."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .fake_urssaf import CLIENT_ID, CLIENT_SECRET, URL, FakeUrssaf

REGISTER = "action_l10n_fr_sap_register"
CHECK = "action_l10n_fr_sap_check_registration"
SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
TEST_CONNECTION = "action_l10n_fr_sap_test_connection"
IBAN = "FR7630006000011234567890189"
# The Urssaf's id of the customer.
ID_CLIENT = "0a1b2c3d-908a-11eb-a8b3-0242ac130003"


class SapCase(AccountTestInvoicingCommon):
    """A customer who has activated, an invoice of theirs, and what can be done with them.
    Other addons may build on it."""

    country_code = "FR"
    # The French chart takes many seconds: one class on it is enough (``TestInvoices``).
    chart_template = "generic_coa"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = fields.Date.today()
        cls.month_end = today - relativedelta(days=today.day)
        cls.month_start = cls.month_end.replace(day=1)
        cls.active_since = cls.month_start - timedelta(days=1)
        cls.leave_other_companies_alone()
        cls.prepare_company()
        cls.commune = cls.env["l10n_fr_sap.commune"].search([("code", "=", "33063")])
        cls.partner = cls.create_particulier("Jeanne Martin")
        cls.register_active(cls.partner)
        cls.product = cls.create_service()
        cls.move = cls.create_invoice()

    @classmethod
    def leave_other_companies_alone(cls):
        """Whatever waits in the database at hand, nothing of it moves in these tests."""
        companies = cls.env["res.company"].sudo()
        others = companies.search([("id", "!=", cls.env.company.id)])
        others.l10n_fr_sap_client_id = False

    @classmethod
    def prepare_company(cls):
        # To the generic chart France is abroad.
        cls.change_company_country(cls.env.company, cls.env.ref("base.fr"))
        cls.env["account.fiscal.position"].search([]).auto_apply = False
        cls.set_parameters(
            url_test=URL, url_production=URL, calls_in_flight=False, lease_seconds=False
        )
        cls.env.company.write(
            {
                "l10n_fr_sap_client_id": CLIENT_ID,
                "l10n_fr_sap_client_secret": CLIENT_SECRET,
                "l10n_fr_sap_nova_number": "SAP123456782",
            }
        )
        cls.env.company.partner_id.lang = cls.env.user.lang = "en_US"

    def setUp(self):
        super().setUp()
        self.urssaf = FakeUrssaf()
        self.urssaf.start()
        self.addCleanup(self.urssaf.stop)
        self.urssaf.know(ID_CLIENT, "active", self.active_since)

    # Records

    @classmethod
    def set_parameters(cls, **values):
        for name, value in values.items():
            cls.env["ir.config_parameter"].sudo().set_param(
                f"l10n_fr_urssaf_sap.{name}", value
            )

    @classmethod
    def create_particulier(cls, name, **values):
        first_name, last_name = name.lower().split()
        partner = cls.env["res.partner"].create(
            {
                "name": name,
                "email": f"{first_name}.{last_name}@example.com",
                "phone": "06 39 98 00 11",
                "street": "12 bis rue des Lilas",
                "zip": "33000",
                "city": "Bordeaux",
                "country_id": cls.env.ref("base.fr").id,
                "l10n_fr_sap_particulier": True,
                "l10n_fr_sap_civility": "2",
                "l10n_fr_sap_birth_date": date(1951, 3, 8),
                "l10n_fr_sap_birth_commune_id": cls.commune.id,
            }
            | values
        )
        bank = cls.env["res.bank"].create({"name": "Banque", "bic": "AGRIFRPPXXX"})
        # With every right: an addon that pays by bank may keep it from most users.
        cls.env["res.partner.bank"].sudo().create(
            {"acc_number": IBAN, "partner_id": partner.id, "bank_id": bank.id}
        )
        return partner

    @classmethod
    def register_active(cls, partner):
        """As if ``partner`` had been registered and had activated long ago."""
        cls.env["l10n_fr_sap.registration"].sudo().create(
            {
                "partner_id": partner.id,
                "company_id": cls.env.company.id,
                "environment": "test",
                "urssaf_id": ID_CLIENT,
                "state": "active",
                "active_since": cls.active_since,
            }
        )

    @classmethod
    def create_service(cls):
        """One that is sold by the hour, at 36 € with taxes."""
        return cls.env["product.product"].create(
            {
                "name": "Ménage",
                "type": "service",
                "uom_id": cls.env.ref("uom.product_uom_hour").id,
                "list_price": 30,
                "taxes_id": [Command.set(cls.create_tax(20).ids)],
                "l10n_fr_sap_nature_id": cls.env.ref("l10n_fr_urssaf_sap.nature_60").id,
            }
        )

    @classmethod
    def create_tax(cls, percent):
        return cls.env["account.tax"].create(
            {"name": f"TVA {percent} %", "amount": percent, "type_tax_use": "sale"}
        )

    @classmethod
    def create_invoices(cls, count, partner=None, quantity=3, post=True, **values):
        """Each of 108 € with taxes, for three hours of last month."""
        line = {"product_id": cls.product.id, "quantity": quantity}
        values = {
            "move_type": "out_invoice",
            "partner_id": (partner or cls.partner).id,
            "invoice_date": cls.month_end,
            "invoice_line_ids": [Command.create(line)],
        } | values
        moves = cls.env["account.move"].create([values] * count)
        if post:
            moves.action_post()
        return moves

    @classmethod
    def create_invoice(cls, **values):
        return cls.create_invoices(1, **values)

    def send(self, move=None):
        """This invoice, or the one at hand: the Urssaf has accepted it."""
        move = move or self.move
        self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        return move

    def set_status(self, move, code, **info):
        """The Urssaf's status of an invoice, as a refresh brings it here."""
        self.urssaf.set_status(move.l10n_fr_sap_request_id.number, code, **info)
        self.press(move, REFRESH)

    def register_payment(self, moves):
        """Odoo's window for it."""
        return (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({})
        )

    # Actions of people and of the scheduler

    def press(self, records, button, user=None):
        """Press a button as a person does: in a transaction of its own, which may commit,
        and which is rolled back where the button raises."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = self.env(cr=cr, user=user or self.env.user)
            return getattr(records.with_env(env), button)()

    def refusal(self, records, button, user=None):
        """What a button says of records that cannot go, in a message or a summary."""
        try:
            action = self.press(records, button, user)
        except UserError as error:
            return str(error)
        return "\n".join(
            f"{line.record_ref.display_name}: {line.message}"
            for line in self.summary(action).line_ids
        )

    def summary(self, action):
        self.assertIsInstance(action, dict, "the button had nothing to say")
        self.assertEqual(action.get("res_model"), "l10n_fr_sap.summary")
        return self.env["l10n_fr_sap.summary"].browse(action["res_id"])

    def run_cron(self, name, after=timedelta(0)):
        """Run a scheduled action, some time from now."""
        cron = self.env.ref(f"l10n_fr_urssaf_sap.ir_cron_{name}")
        with (
            freeze_time(fields.Datetime.now() + after),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            cron.with_env(self.env(cr=cr)).method_direct_trigger()

    def label(self, record, name):
        """A field's name on the screen."""
        return record.fields_get([name])[name]["string"]
