# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime, timedelta, timezone

from sap_common import SapCase

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.api_call import ApiCall
from odoo.addons.mail.tests.common import mail_new_test_user

from tools import canaries

REGISTER = "action_l10n_fr_sap_register"
SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
# Of the customer and of the settings that SapCase makes up; folded to lower case.
PRIVATE = (
    *(
        canaries.FIRST_NAMES.lower(),
        canaries.BIRTH_NAME.lower(),
        "lilas",
        "example.com",
    ),
    *(
        str(canaries.BIRTH_DATE.year),
        "98 00 11",
        "639980011",
        "fr76",
        canaries.IBAN[-5:],
    ),
    *("agrifrpp", canaries.CLIENT_SECRET, canaries.TOKEN_PREFIX),
    *("69383", "69003", "lyon"),
)


@tagged("post_install", "-at_install")
class TestExchanges(SapCase):
    def kept(self, *operations):
        return (
            self.env["l10n_fr_sap.exchange"]
            .search([("company_id", "=", self.env.company.id)])
            .filtered(lambda exchange: exchange.operation in operations)
        )

    def about(self, action):
        self.assertEqual(action["res_model"], "l10n_fr_sap.exchange")
        return self.env["l10n_fr_sap.exchange"].search(action["domain"])

    def made_up(self, *ids, operation="M070", **values):
        told = {
            "started_at": datetime(2026, 3, 1, 12, tzinfo=timezone.utc),
            "duration_ms": 50,
            "http_status": 200,
            "outcome": "",
            "error_codes": (),
            "request": {"numFactureTiers": list(ids)},
            "answer": {"infoDemandePaiements": []},
        }
        return ApiCall(operation, ids=ids, **told | values)

    def save(self, *exchanges, changed=None):
        given = [*exchanges]
        with self.enter_registry_test_mode():
            self.env["l10n_fr_sap.exchange"]._save(self.env.company, given, changed)
        self.assertEqual(given, [])

    # What is kept

    def test_what_a_journey_said_is_there_and_nothing_personal(self):
        self.activate()
        move = self.create_invoice()
        self.press(move, SEND)
        self.press(move, REFRESH)
        request = move.l10n_fr_sap_request_id
        exchanges = self.kept("TOKEN", "M010", "M020", "M050", "M070")
        self.assertEqual(
            set(exchanges.mapped("operation")),
            {"TOKEN", "M010", "M020", "M050", "M070"},
        )
        text = str(exchanges.read()).lower()
        self.assertEqual([word for word in PRIVATE if word in text], [])
        sent = self.kept("M050")
        self.assertEqual((sent.http_status, sent.failed), (200, False))
        self.assertEqual(sent.environment, "test")
        self.assertEqual(sent.request_ids, request)
        for told in (request.number, request.urssaf_id, '"mntFactureTTC": 108'):
            self.assertIn(told, f"{sent.request} {sent.answer}")
        self.assertEqual(
            self.about(request.action_exchanges()), self.kept("M070") | sent
        )
        self.assertEqual(
            self.about(self.partner.action_l10n_fr_sap_exchanges()),
            exchanges.filtered(lambda exchange: exchange.operation != "TOKEN"),
        )

    def test_a_refusal_is_kept_with_its_code(self):
        self.partner.l10n_fr_sap_bank_id.acc_number = "FR7630006000011234567890189"
        with self.intercepted(
            "M010",
            lambda answer: type(answer)(
                400, [{"code": "ERR_X", "message": "Jeanne", "description": "Martin"}]
            ),
        ):
            self.press(self.partner, REGISTER)
        exchange = self.about(self.partner.action_l10n_fr_sap_exchanges())
        self.assertEqual(exchange.error_codes, "ERR_X")
        self.assertEqual((exchange.http_status, exchange.failed), (400, True))
        self.assertNotIn("Jeanne", exchange.answer)

    def test_a_lost_answer_is_kept_with_what_was_sent(self):
        self.activate()
        move = self.create_invoice()
        with self.lost_answers("M050"):
            self.press(move, SEND)
        exchange = self.about(move.l10n_fr_sap_request_id.action_exchanges())
        self.assertEqual(exchange.outcome, "ConnectionError")
        self.assertEqual((exchange.http_status, exchange.answer), (0, False))
        self.assertIn(move.name, exchange.request)
        self.assertTrue(exchange.failed)

    def test_the_connection_test_is_kept(self):
        self.press(self.env.company, "action_l10n_fr_sap_test_connection")
        self.assertEqual(
            self.kept("TOKEN", "M070").mapped("operation"), ["M070", "TOKEN"]
        )

    def test_a_number_is_not_taken_for_the_beginning_of_another(self):
        self.activate()
        one, other = self.create_invoice(), self.create_invoice()
        self.press(one | other, SEND)
        one, other = one.l10n_fr_sap_request_id, other.l10n_fr_sap_request_id
        self.save(self.made_up(f"{one.number}-2"))
        self.assertNotIn("M070", self.about(one.action_exchanges()).mapped("operation"))
        # Another environment, another Urssaf: the same number is another request's.
        one.sudo().environment = "production"
        self.assertFalse(self.about(one.action_exchanges()))
        self.assertTrue(self.about(other.action_exchanges()))

    def test_polls_that_told_nothing_new_are_dropped_and_failures_are_not(self):
        self.activate()
        move = self.create_invoice()
        self.press(move, SEND)
        request = move.l10n_fr_sap_request_id
        before = self.kept("M070", "M050")
        self.save(
            self.made_up("F-1"),
            self.made_up("F-2", http_status=503),
            self.made_up("F-3", error_codes=("ERR_Y",)),
            self.made_up("F-4", http_status=None, outcome="ReadTimeout"),
            self.made_up("F-5", operation="M050"),
            self.made_up("F-6", request.urssaf_id),
            self.made_up("F-7", request.number),
            changed=request,
        )
        kept = (self.kept("M070", "M050") - before).mapped("references")
        self.assertEqual(
            [told.split(" | ")[0].strip() for told in kept],
            [f"F-{n}" for n in range(2, 8)][::-1],
        )
        self.save(self.made_up("F-8"), changed=request.browse())
        self.assertEqual(len(self.kept("M070", "M050") - before), 6)

    def test_ten_exchanges_of_ten_requests_cost_one_insert(self):
        numbers = [[f"F-{wave}-{n}" for n in range(10)] for wave in range(10)]
        self.save(self.made_up("warm"))
        exchanges = [self.made_up(*some) for some in numbers]
        with self.enter_registry_test_mode():
            before = self.env.cr.sql_log_count
            self.env["l10n_fr_sap.exchange"]._save(self.env.company, exchanges)
            # In tests a transaction begins and ends with a savepoint.
            self.assertLessEqual(self.env.cr.sql_log_count - before, 5)
        self.assertEqual(len(self.kept("M070")), 11)

    def test_what_cannot_be_kept_disturbs_nobody(self):
        with self.assertLogs("odoo.addons.l10n_fr_urssaf_sap", "ERROR") as logs:
            self.save(self.made_up("F-1"), object())
        self.assertIn("2 exchanges are not kept", logs.output[0])
        self.assertFalse(self.kept("M070"))

    # Who sees it, and for how long

    def test_only_administrators_read_and_nobody_writes(self):
        self.save(self.made_up("F-1"))
        exchange = self.kept("M070")
        self.activate()
        boss = mail_new_test_user(
            self.env, "boss", groups="account.group_account_manager"
        )
        admin = mail_new_test_user(self.env, "root2", groups="base.group_system")
        with self.assertRaises(AccessError):
            exchange.with_user(boss).read(["operation"])
        with self.assertRaises(AccessError):
            self.partner.with_user(boss).action_l10n_fr_sap_exchanges()
        own = exchange.with_user(admin)
        self.assertEqual(own.operation, "M070")
        self.assertTrue(self.partner.with_user(admin).action_l10n_fr_sap_exchanges())
        for forbidden in (
            own.unlink,
            lambda: own.write({"operation": "M010"}),
            lambda: own.copy(),
        ):
            with self.assertRaises(AccessError):
                forbidden()

    def test_deleting_what_it_is_about_keeps_the_log(self):
        self.press(self.partner, REGISTER)
        exchanges = self.about(self.partner.action_l10n_fr_sap_exchanges())
        self.assertTrue(exchanges)
        self.partner.sudo().l10n_fr_sap_registration_ids.unlink()
        self.partner.unlink()
        self.assertEqual(exchanges.exists(), exchanges)

    def test_old_ones_are_removed(self):
        now = fields.Datetime.now().replace(tzinfo=timezone.utc)
        self.save(
            *(
                self.made_up(f"F-{days}", started_at=now - timedelta(days=days))
                for days in (0, 10, 59, 61)
            )
        )
        exchanges = self.env["l10n_fr_sap.exchange"].sudo()
        exchanges._gc_exchanges()
        self.assertEqual(len(self.kept("M070")), 3)
        self.env["ir.config_parameter"].set_param("l10n_fr_urssaf_sap.exchange_days", 9)
        exchanges._gc_exchanges()
        self.assertEqual(self.kept("M070").references.split(), ["F-0"])
