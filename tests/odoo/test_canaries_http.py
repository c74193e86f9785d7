# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every button of ours over HTTP, for a customer whose every datum would be found in a log,
with an Urssaf whose sentences repeat all of them."""

import contextlib
import logging
from pathlib import Path

from sap_common import SapCase

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from tools import canaries

_logger = logging.getLogger("odoo.canaries")
ADDON = "odoo.addons.l10n_fr_urssaf_sap"
NAME = f"{canaries.FIRST_NAMES} {canaries.BIRTH_NAME}"
PASSWORD = "a-password-of-the-tests"
SENTENCE = (
    f"{canaries.SENTENCE} : {NAME.upper()}, né(e) le 17/10/1931 (1931-10-17) à"
    f" {canaries.BIRTH_PLACE[0]}, {canaries.EMAIL}, {canaries.MOBILE}, rue des"
    f" {canaries.STREET}, FR76 3000 6000 0190 8172 6354 482, {canaries.SERVICE}"
)
ERRORS = [{"code": "ERR_CANARI", "message": SENTENCE, "description": SENTENCE}]
# Codes that are none.
STRANGE = [
    {"code": code, "description": SENTENCE}
    for code in (canaries.IBAN, NAME, "19311017", canaries.EMAIL)
]
# What an operation may answer instead of the truth: (status, body).
ANSWERS = (
    (400, ERRORS),
    (400, STRANGE),
    (400, SENTENCE),
    (400, {"error": SENTENCE}),
    (403, ERRORS),
    (404, ERRORS),
    (422, ERRORS),
    (500, ERRORS),
    (503, STRANGE),
    (200, SENTENCE),
    (200, {"statut": {"etat": "KO", "code": NAME}}),
    (200, {"idClient": [SENTENCE], "statut": {"etat": SENTENCE, "code": SENTENCE}}),
    (200, {"statut": {"etat": "KO", "code": "ZZ_X", "description": SENTENCE}}),
    (200, {"infoDemandePaiements": [SENTENCE], "errors": ERRORS}),
    (200, {"infoDemandePaiements": [], "errors": STRANGE}),
    (200, [{"numFactureTiers": SENTENCE, "errors": ERRORS}]),
)
# Of every employee's reading, the contact itself holds the others.
HIDDEN_FROM_EMPLOYEES = (
    "birth date",
    "birth place",
    "IBAN",
    "Urssaf's sentence",
    "customer's comment",
    "typed id",
)


class _Log(logging.Handler):
    """All that the server logs, as it would be written."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(f"{record.name}: {self.format(record)}")


@tagged("post_install", "-at_install")
class TestCanariesOverHttp(SapCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.birth_place = cls.find_commune(canaries.BIRTH_PLACE[1])
        groups = "account.group_account_manager,base.group_partner_manager"
        for login, some in (
            ("camille", groups),
            ("sam", "base.group_user,base.group_partner_manager"),
            ("auditor", "base.group_user,account.group_account_readonly"),
            ("root", f"{groups},base.group_system"),
        ):
            new_test_user(cls.env, login=login, password=PASSWORD, groups=some)

    def setUp(self):
        super().setUp()
        self.authenticate("camille", PASSWORD)
        self.log = self.enterContext(self.logged())

    @contextlib.contextmanager
    def logged(self):
        handler, root = _Log(), logging.getLogger()
        ours = logging.getLogger(ADDON), logging.getLogger("urllib3")
        levels = [(each, each.level) for each in (root, *ours)]
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        for each in ours:
            each.setLevel(logging.DEBUG)
        try:
            yield handler.lines
        finally:
            root.removeHandler(handler)
            for each, level in levels:
                each.setLevel(level)

    # What is done

    def press(self, *args, **kwargs):
        self.env.flush_all()
        result = super().press(*args, **kwargs)
        self.env.invalidate_all()
        return result

    def rpc(self, records, method, *args, **kwargs):
        """Call a method as the web client does; gives the answer, an error perhaps."""
        path = f"/web/dataset/call_kw/{records._name}/{method}"
        ids = [records.ids] if records.ids else []
        params = {
            "model": records._name,
            "method": method,
            "args": [*ids, *args],
            "kwargs": kwargs,
        }
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        answer = self.url_open(path, json=body, timeout=120).json()
        self.env.invalidate_all()
        return answer

    def error(self, records, method, *args, **kwargs):
        answer = self.rpc(records, method, *args, **kwargs)
        self.assertIn("error", answer, answer)
        return answer["error"]["data"]["message"]

    def create_canary(self, **values):
        return self.create_particulier(
            NAME,
            email=canaries.EMAIL,
            phone=canaries.MOBILE,
            street=f"12 rue des {canaries.STREET}",
            l10n_fr_sap_birth_commune_id=self.birth_place.id,
            **values,
        )

    def create_canary_invoice(self, partner, **values):
        line = {"product_id": self.product.id, "name": canaries.SERVICE}
        lines = [Command.create(line)]
        return self.create_invoice(partner=partner, invoice_line_ids=lines, **values)

    def answering(self, operation, status, body):
        return self.intercepted(operation, lambda answer: type(answer)(status, body))

    def buttons_of(self, records):
        """The public methods of this addon on a model."""
        methods = {
            name: method
            for name in dir(type(records))
            if name.startswith("action_")
            and callable(method := getattr(type(records), name))
        }
        return [
            name
            for name, method in methods.items()
            if getattr(method, "__module__", "").startswith(ADDON)
        ]

    def press_all(self, records):
        buttons = self.buttons_of(records)
        self.assertTrue(buttons)
        for button in buttons:
            self.rpc(records, button)

    # What must be true

    def tearDown(self):
        told = {Path("the server's log"): "\n".join(self.log)}
        for kind in canaries.KINDS:
            self.assertEqual(canaries.leaks(kind, told), [], kind)
        # It was written at all: the server's own lines, and the client's.
        self.assertIn("POST /web/dataset/call_kw", told[Path("the server's log")])
        super().tearDown()

    def check_chatter(self, records):
        """What every employee may read of these."""
        messages = self.env["mail.message"].search(
            [("model", "=", records._name), ("res_id", "in", records.ids)]
        )
        activities = records.activity_ids
        texts = [*messages.mapped("body"), *activities.mapped("note")]
        told = {Path("chatter"): "\n".join(map(str, texts))}
        for kind in HIDDEN_FROM_EMPLOYEES:
            self.assertEqual(canaries.leaks(kind, told), [], kind)
        return told[Path("chatter")]

    def check_stored(self, texts):
        """What the Urssaf said is kept, with what it repeated hidden."""
        told = {Path("stored"): "\n".join(filter(None, texts))}
        self.assertIn(canaries.SENTENCE, told[Path("stored")])
        for kind in ("names", "birth date", "IBAN", "e-mail", "mobile", "street"):
            self.assertEqual(canaries.leaks(kind, told), [], kind)

    # The tests

    def test_canaries_are_at_work(self):
        partner = self.create_canary()
        self.rpc(partner, "action_l10n_fr_sap_register")
        [body] = self.calls("M010")
        move = self.create_canary_invoice(partner)
        used = {
            "birth place": str(body["lieuNaissance"]),
            "e-mail": body["adresseMail"],
            "mobile": body["numeroTelephonePortable"],
            "street": body["adressePostale"]["libelleVoie"],
            "Urssaf's sentence": SENTENCE,
            "customer's comment": canaries.COMMENT,
            "service": move.invoice_line_ids[0].name,
            "typed id": canaries.TYPED_ID,
        }
        for kind, value in used.items():
            self.assertRegex(value, canaries.KINDS[kind])
            _logger.info(canaries.in_use(kind))
        self.assertEqual(
            set(canaries.KINDS) - set(used),
            {"names", "birth date", "IBAN", "client secret", "token"},
        )

    def test_what_cannot_be_registered(self):
        partner = self.create_canary(l10n_fr_sap_birth_date=False)
        answer = self.rpc(partner, "action_l10n_fr_sap_register")
        self.assertEqual(answer["result"]["res_model"], "l10n_fr_sap.summary")
        self.assertEqual(self.calls("M010"), [])
        typed = {"l10n_fr_sap_urssaf_id": canaries.TYPED_ID}
        message = self.error(partner, "write", typed)
        self.assertIn(f"Contact no. {partner.id}: what was typed", message)
        self.rpc(partner, "write", {"l10n_fr_sap_birth_date": "1931-10-17"})
        # Two people who share what the Urssaf wants to be of one, or an id.
        self.rpc(partner, "action_l10n_fr_sap_register")
        twin = self.create_canary(l10n_fr_sap_birth_name="Autre")
        self.rpc(twin, "action_l10n_fr_sap_register")
        known = {"l10n_fr_sap_urssaf_id": partner.l10n_fr_sap_urssaf_id}
        message = self.error(twin, "write", known)
        self.assertIn(f"the one of contact no. {partner.id}", message)
        twin.phone = "06 39 98 00 12"
        self.rpc(twin, "action_l10n_fr_sap_register")
        self.assertIn(f"no. {partner.id}", self.error(partner, "unlink"))
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {"partner_ids": (partner | twin).ids, "dst_partner_id": twin.id}
        )
        self.error(wizard, "action_merge")
        self.check_same_account_twice(partner)
        self.authenticate("sam", PASSWORD)
        self.error(partner, "write", {"l10n_fr_sap_particulier": False})
        self.error(partner, "read", ["l10n_fr_sap_birth_date"])
        self.press_all(partner)
        self.check_chatter(partner | twin)

    def check_same_account_twice(self, partner):
        banks = self.env["res.partner.bank"]
        same = {"partner_id": partner.id, "acc_number": canaries.IBAN}
        self.assertIn("has this account already", self.error(banks, "create", [same]))
        other = same | {"acc_number": "FR7616806008210000000001174"}
        other = banks.browse(self.rpc(banks, "create", [other])["result"])
        same = {"acc_number": canaries.IBAN.lower()}
        self.assertIn("has this account already", self.error(other, "write", same))
        self.rpc(other, "unlink")
        same = {"partner_id": partner.id, "acc_number": other.acc_number}
        self.assertIn("has this account already", self.error(banks, "create", [same]))

    def test_an_urssaf_that_repeats_what_was_sent_to_register(self):
        partner = self.create_canary()
        for status, body in ANSWERS:
            with self.answering("M010", status, body):
                self.rpc(partner, "action_l10n_fr_sap_register")
            if (status, body) == ANSWERS[0]:
                self.check_stored([partner.l10n_fr_sap_last_error])
        with self.lost_answers("M010"):
            self.rpc(partner, "action_l10n_fr_sap_register")
        self.activate(partner)
        for status, body in ANSWERS:
            for operation in ("M020", "TOKEN"):
                with self.answering(operation, status, body):
                    self.press_all(partner)
        with self.answering("M020", 400, ERRORS):
            self.rpc(partner, "action_l10n_fr_sap_check_registration")
        self.check_stored([partner.l10n_fr_sap_last_error])
        self.assertIn("ERR_CANARI", self.check_chatter(partner))

    def test_an_urssaf_that_repeats_what_was_sent_to_be_paid(self):
        partner = self.create_canary()
        move = self.create_canary_invoice(partner)
        # Not active yet, no period, no nature.
        self.assertIn("result", self.rpc(move, "action_l10n_fr_sap_send"))
        self.activate(partner)
        for status, body in ANSWERS:
            with self.answering("M050", status, body):
                self.rpc(move, "action_l10n_fr_sap_send")
            request = move.l10n_fr_sap_request_id
            if (status, body) == ANSWERS[0]:
                self.check_stored([request.error])
            self.press_all(move)
            if request.state != "error":
                move = self.create_canary_invoice(partner)
        named = [{"numFactureTiers": move.name, "errors": ERRORS}]
        with self.answering("M050", 200, named):
            self.rpc(move, "action_l10n_fr_sap_send")
        self.check_stored([move.l10n_fr_sap_request_id.error])
        self.press_all(move.l10n_fr_sap_request_id)
        self.assertIn("ERR_CANARI", self.check_chatter(move))

    def sent(self):
        partner = self.create_canary()
        self.activate(partner)
        move = self.create_canary_invoice(partner)
        self.rpc(move, "action_l10n_fr_sap_send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        return move

    def test_what_becomes_of_an_invoice_at_the_urssaf(self):
        move = self.sent()
        request = move.l10n_fr_sap_request_id
        for status, body in ANSWERS:
            with self.answering("M070", status, body):
                self.rpc(move, "action_l10n_fr_sap_refresh")
                self.press_all(request)
        new = {"code": "999", "libelle": SENTENCE}
        with self.intercepted("M070", lambda answer: _with_status(answer, new)):
            self.rpc(move, "action_l10n_fr_sap_refresh")
        self.assertEqual(request.state, "unknown")
        self.check_stored([request.urssaf_label])
        # It is guarded.
        for method, *args in (
            ("button_draft",),
            ("button_request_cancel",),
            ("unlink",),
            ("action_l10n_fr_sap_split_by_month",),
            ("write", {"l10n_fr_sap_date_from": f"{self.month_end}"}),
            ("write", {"partner_id": self.partner_a.id}),
        ):
            self.error(move, method, *args)
        reversal = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        wizard = reversal.create({"journal_id": move.journal_id.id})
        self.error(wizard, "refund_moves")
        self.error(request, "action_withdraw")
        self.check_chatter(move)

    def test_a_customer_who_refuses_in_their_own_words(self):
        move = self.sent()
        request = move.l10n_fr_sap_request_id
        reason = {"code": NAME, "commentaire": f"{canaries.COMMENT}, {NAME}"}
        change = {"statut": "40", "infoRejet": reason}
        told = {"code": "40", "libelle": SENTENCE}
        with self.intercepted("M070", lambda answer: _with_status(answer, told)):
            self.control(f"demandes/{request.urssaf_id}", change | {"infoRejet": {}})
            self.rpc(move, "action_l10n_fr_sap_refresh")
        with self.intercepted(
            "M070", lambda answer: _with_status(answer, told, infoRejet=reason)
        ):
            self.rpc(move, "action_l10n_fr_sap_refresh")
        self.assertIn(canaries.COMMENT, request.rejection_comment)
        self.assertIn(canaries.COMMENT, move.l10n_fr_sap_error)
        self.assertEqual(request.rejection_code, "?")
        self.check_chatter(move)
        # An auditor reads payment requests, and neither these words nor the Urssaf's.
        self.authenticate("auditor", PASSWORD)
        read = self.rpc(request, "read", ["number", "state", "rejection_code"])
        self.assertEqual(read["result"][0]["state"], "refused")
        for name in ("error", "rejection_comment", "urssaf_label"):
            self.error(request, "read", [name])

    def test_scheduled_actions_that_meet_something_unexpected(self):
        move = self.sent()
        other = self.create_canary_invoice(move.partner_id)
        other.sudo()._l10n_fr_sap_schedule_sending()
        requests = self.registry["l10n_fr_sap.payment.request"]
        registrations = self.registry["l10n_fr_sap.registration"]

        def fail(records, *args, **kwargs):
            raise ValueError(f"{SENTENCE}, DETAIL: Failing row contains ({NAME})")

        self.authenticate("root", PASSWORD)
        crons = ("ir_cron_send", "ir_cron_refresh_requests")
        crons += ("ir_cron_refresh_registrations", "ir_cron_register")
        self.age(move.l10n_fr_sap_request_id, hours=50)
        self.age(move.partner_id.l10n_fr_sap_registration_ids, hours=50)
        self.patch(requests, "_set_integrated", fail)
        self.patch(requests, "_set_answers", fail)
        self.patch(registrations, "_set_answers", fail)
        for name in crons:
            cron = self.env.ref(f"l10n_fr_urssaf_sap.{name}")
            self.rpc(cron, "method_direct_trigger")
        self.assertTrue(any("ValueError" in line for line in self.log))
        self.check_chatter(move | other)

    def test_the_settings_and_the_reconciliation(self):
        self.sent()
        self.authenticate("root", PASSWORD)
        company = self.env.company
        for status, body in ANSWERS:
            for operation in ("TOKEN", "M070"):
                with self.answering(operation, status, body):
                    self.rpc(company, "action_l10n_fr_sap_test_connection")
        wrong = {"l10n_fr_sap_client_secret": f"{canaries.CLIENT_SECRET}-2"}
        self.rpc(company, "write", wrong)
        self.error(company, "action_l10n_fr_sap_test_connection")
        self.rpc(
            company, "write", {"l10n_fr_sap_client_secret": canaries.CLIENT_SECRET}
        )
        wizard = self.env["l10n_fr_sap.reconciliation"].create({})
        for status, body in ((None, None), *ANSWERS):
            answering = self.answering("M070", status, body) if status else None
            with answering or contextlib.nullcontext():
                self.press_all(wizard)


def _with_status(answer, status, **values):
    """M070's answer with another status of its first result."""
    if answer.status == 200 and isinstance(answer.body, dict):
        for info in answer.body["infoDemandePaiements"]:
            info |= {"statut": status} | values
    return answer
