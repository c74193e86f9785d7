# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What concerns the access to the Urssaf, or the way there, concerns no record."""

from sap_common import SapCase

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.l10n_fr_urssaf_sap.protocol import parameters
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api import transport
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.access_token import TOKENS

from simulator.dispatch import Answer

LEASE = "l10n_fr_urssaf_sap.lease_seconds"
NAMES = (
    *("Ada", "Bea", "Cleo", "Dora", "Eve", "Fee"),
    *("Gil", "Hugo", "Ida", "Jo", "Kim", "Leon"),
)
GOOD = '{"access_token": "jeton", "expires_in": %s}'
TOKEN = '{"access_token": %s, "expires_in": 3600}'
# The answer for a token: status, text, headers.
SENSELESS = {
    "life beyond all numbers": (200, GOOD % "1e400", {}),
    "life of a power": (200, GOOD % "1E9999999999999999999999", {}),
    "life not a number": (200, GOOD % "NaN", {}),
    "life without end": (200, GOOD % "Infinity", {}),
    "life below zero": (200, GOOD % "-5", {}),
    "life in words": (200, GOOD % '"an hour"', {}),
    "life true": (200, GOOD % "true", {}),
    "life of many digits": (200, GOOD % ("9" * 5000), {}),
    "token not latin-1": (200, TOKEN % '"jeton\\u2013"', {}),
    "token of two lines": (200, TOKEN % '"a\\r\\nX-Other: b"', {}),
    "token with a NUL": (200, TOKEN % '"a\\u0000b"', {}),
    "token half a pair": (200, TOKEN % '"\\ud800"', {}),
    "token enormous": (200, TOKEN % f'"{"t" * 100_000}"', {}),
    "token a number": (200, TOKEN % "12", {}),
    "nesting": (200, "[" * 100_000, {}),
    "wait until the year 99999": (
        *(429, ""),
        {"Retry-After": "Wed, 21 Oct 99999 07:28:00 GMT"},
    ),
    "wait for less than nothing": (429, "", {"Retry-After": "-5"}),
    "wait for many digits": (503, "", {"Retry-After": "9" * 5000}),
    "a redirection to nowhere": (302, "", {"Location": "http://[::1"}),
    "packed as nobody knows": (200, "x", {"Content-Encoding": "gzip"}),
}


@tagged("post_install", "-at_install")
class TestSenseless(SapCase):
    def setUp(self):
        super().setUp()
        self.patch(transport, "BACKOFF", 0)

    def forget_tokens(self):
        TOKENS._tokens.clear()
        self.env["l10n_fr_sap.outage"].sudo().search([]).unlink()

    def each_answer(self, operation, answers):
        """Each of the answers in turn to that operation."""

        class Senseless:
            answer = None

            def before(self, call):
                return self.answer if call.operation == operation else None

            def after(self, call, answer):
                return answer

        interceptor = Senseless()
        interceptors = self.app.extensions["dispatcher"].interceptors
        for name, (status, text, headers) in answers.items():
            self.forget_tokens()
            interceptor.answer = Answer(status, None, headers, text)
            interceptors.append(interceptor)
            try:
                with self.subTest(name):
                    yield name
            finally:
                interceptors.remove(interceptor)
        self.forget_tokens()

    @mute_logger("odoo.addons.l10n_fr_urssaf_sap.protocol.jobs")
    def test_no_request_is_blamed_for_a_senseless_answer(self):
        self.activate()
        moves = self.env["account.move"].concat(
            *(self.create_invoice() for _ in range(25))
        )
        moves.sudo()._l10n_fr_sap_queue()
        requests = moves.l10n_fr_sap_request_id
        for _name in self.each_answer("TOKEN", SENSELESS):
            self.run_cron("ir_cron_send")
            self.assertEqual(set(requests.mapped("state")), {"to_send"})
            self.assertFalse(any(requests.mapped("error")))
        self.run_cron("ir_cron_send")
        self.assertEqual(set(requests.mapped("state")), {"integrated"})
        self.assertEqual(len(self.urssaf_requests()), 25)

    @mute_logger("odoo.addons.l10n_fr_urssaf_sap.protocol.jobs")
    def test_no_customer_is_blamed_for_a_senseless_answer(self):
        partners = self.env["res.partner"].concat(
            *(
                self.create_particulier(f"{name} Moreau", phone=f"06 39 98 11 {i}")
                for i, name in enumerate(NAMES, 10)
            )
        )
        registrations = self.env["l10n_fr_sap.registration"].sudo()
        registrations._enqueue(partners, self.env.company)
        queued = partners.sudo().l10n_fr_sap_registration_ids
        for _name in self.each_answer("TOKEN", SENSELESS):
            self.run_cron("ir_cron_register")
            self.assertEqual(set(queued.mapped("state")), {"queued"})
        answers = {"failure": (500, "[]", {}), "maintenance": (502, "<html/>", {})}
        answers["senseless"] = (200, '{"idClient": "a\\u0000b"}', {})
        for _name in self.each_answer("M010", answers):
            self.run_cron("ir_cron_register")
            self.assertEqual(set(queued.mapped("state")), {"queued"})
        self.run_cron("ir_cron_register")
        self.assertEqual(set(queued.mapped("state")), {"pending"})
        self.assertEqual(len(self.urssaf_state()["particuliers"]), 12)

    def test_a_customer_that_the_urssaf_fails_on_is_told_and_holds_up_nobody(self):
        partners = self.partner.concat(
            *(self.create_particulier(f"{name} Moreau") for name in ("Ada", "Bea"))
        )
        for i, partner in enumerate(partners):
            partner.l10n_fr_sap_mobile = f"06 39 98 11 {i:02}"
        self.env["l10n_fr_sap.registration"].sudo()._enqueue(partners, self.env.company)
        poison = partners[0]

        class Choking:
            def before(self, call):
                chokes = call.operation == "M010" and poison.email in str(call.body)
                return Answer(500, None, {}, "[]") if chokes else None

            def after(self, call, answer):
                return answer

        interceptors = self.app.extensions["dispatcher"].interceptors
        interceptors.append(Choking())
        self.addCleanup(interceptors.clear)
        self.run_cron("ir_cron_register")
        states = partners.mapped("l10n_fr_sap_registration_state")
        self.assertEqual(states, ["error", "pending", "pending"])
        self.assertIn("register again", poison.l10n_fr_sap_last_error)

    def test_the_lease_is_longer_than_any_call(self):
        self.env["ir.config_parameter"].set_param(LEASE, False)
        lease = parameters.lease(self.env).total_seconds()
        self.assertGreaterEqual(lease, 3 * transport.CALL_DEADLINE)
