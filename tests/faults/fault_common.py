# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the tests of misbehaviour share: the cases, how all is put right afterwards, and
what must be true in the end."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from sap_common import CLIENTS, SapCase

from odoo import fields
from odoo.exceptions import AccessError, UserError

from odoo.addons.l10n_fr_urssaf_sap.urssaf.api import transport
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.access_token import TOKENS
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.client import UrssafClient
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.codes import STATUS_BY_CODE

from simulator.faults import FAULTS
from simulator.shapes import SHAPES

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
REGISTER = "action_l10n_fr_sap_register"
CHECK = "action_l10n_fr_sap_check_registration"
# What a button's record is in that has not left, or that is to be fixed.
GIVEN_BACK = (False, "unregistered", "error")
_REFRESHING = ("ir_cron_refresh_registrations", "ir_cron_refresh_requests")
_CRONS = ("ir_cron_register", "ir_cron_send", *_REFRESHING)
_LASTING = 99  # calls: more than any case makes


@dataclass(frozen=True)
class Case:
    """A misbehaviour from the call ``number`` on: once, or until somebody repairs it."""

    operation: str
    fault: str
    done: bool | None
    number: int
    lasting: bool

    def __str__(self):
        done = {None: "", True: "_done", False: "_undone"}[self.done]
        lasting = "_lasting" if self.lasting else ""
        return f"{self.operation}_{self.fault}{done}_from_{self.number}{lasting}"


def cases(operation, number=1, lasting=False):
    """Every misbehaviour of an operation; where the work can be done or not, both. (A
    question is work that leaves nothing behind.) Who answers in another shape does so
    always."""
    acts = operation in ("M010", "M050")
    return [
        Case(operation, fault, done, number, lasting)
        for fault, kind in FAULTS.items()
        if operation in kind.operations and (lasting or fault not in SHAPES)
        for done in _done(kind, acts)
    ]


def _done(kind, acts):
    if kind.done is not None:
        return (None,)
    return (False, True) if acts else (True,)


def for_each(*chosen):
    """Marks a method that is to become a test for each of these cases."""

    def mark(method):
        method.cases = chosen
        return method

    return mark


def with_tests(cls):
    """A test class with the tests of its marked methods."""
    for name, method in list(vars(cls).items()):
        for case in getattr(method, "cases", ()):

            def test(self, method=method, case=case):
                method(self, case)

            setattr(cls, f"test_{name}_{case}", test)
    return cls


class Alarm(logging.Handler):
    """Keeps what no log may hold: errors and tracebacks."""

    def __init__(self):
        super().__init__()
        self.found = []

    def emit(self, record):
        if record.levelno >= logging.ERROR or record.exc_info:
            self.found.append(self.format(record))


class FaultCase(SapCase):
    """Three active customers, and 25 invoices of the first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.partner
        for name in ("Paul Moreau", "Luce Petit"):
            cls.partners |= cls.create_particulier(name)
        cls.moves = cls.env["account.move"].concat(
            *(cls.create_invoice() for _number in range(25))
        )
        cls.requests = cls.env["l10n_fr_sap.payment.request"].sudo()
        cls.registrations = cls.env["l10n_fr_sap.registration"].sudo()
        for partner in cls.partners:
            cls.registrations |= cls.registrations._ensure(partner, cls.env.company)
        cls.access = ("test", CLIENTS["test"])
        cls.faults = cls.app.extensions["faults"]

    def setUp(self):
        super().setUp()
        self.patch(transport, "BACKOFF", 0.01)
        self.addCleanup(self.faults.clear)
        self.make_active()
        self.forget_token()
        self.alarm = Alarm()
        logging.getLogger().addHandler(self.alarm)
        self.addCleanup(logging.getLogger().removeHandler, self.alarm)

    def make_active(self):
        """As far as the Urssaf is concerned; Odoo is told so directly."""
        self.forget_token()
        with UrssafClient(self.urssaf_url, *self.access) as urssaf:
            for registration in self.registrations:
                partner = registration.partner_id
                urssaf_id = urssaf.register(partner._l10n_fr_sap_particulier())
                registration._set_pending(urssaf_id)
                registration.write(
                    {"state": "active", "checked_at": fields.Datetime.now()}
                )
        self.control("advance")

    def unregister(self):
        self.control("reset")
        self.registrations.write({"state": "unregistered", "urssaf_id": False})
        self.forget_token()

    def forget_token(self):
        with UrssafClient(self.urssaf_url, *self.access) as urssaf:
            TOKENS.forget(urssaf._token_key)

    # What goes wrong

    def go_wrong(self, case, start, before=lambda: None):
        """``start()`` with the misbehaviour, after which Odoo works on."""
        for part in ("dispatcher", "faults"):
            self.app.extensions[part].restart_numbers()
        before()
        times = _LASTING if case.lasting else 1
        late = case.fault == "delayed"
        self.faults.arm(
            case.operation,
            case.fault,
            number=case.number,
            done=case.done,
            times=times,
            seconds=0.6 if late else 60,
            # More than anybody waits for; or as long as they do.
            retry_after=60 if case.lasting else 1,
        )
        self.patch(transport, "READ_TIMEOUT", 0.3 if late else 40)
        start()
        unspent = (case.operation, case.fault, times)
        for armed in self.faults.armed():
            left = (armed["operation"], armed["fault"], armed["times"])
            self.assertNotEqual(left, unspent, "it did not strike")
        if case.lasting:
            self.let_odoo_work()
        self.faults.clear()
        self.patch(transport, "READ_TIMEOUT", 40)
        self.let_odoo_work()

    def attempt(self, records, button):
        """Press a button; gives what a user sees: the message, or the dialog's action.
        Anything but these two errors would show them a stack trace."""
        try:
            return self.press(records, button)
        except (UserError, AccessError) as error:
            return str(error)

    # What happens next

    def let_odoo_work(self, crons=_CRONS):
        """The scheduled actions, when every lease, pause and interval is over."""
        self.end_leases()
        past = fields.Datetime.now() - timedelta(hours=2)
        self.env["l10n_fr_sap.outage"].sudo().search([]).until = past
        self.age(self.registrations.search([]), hours=25)
        self.age(self.requests.search([]), hours=2)
        for cron in crons:
            self.assertIs(self.run_cron(cron), True, cron)

    def end_leases(self):
        self.set_lease(0)

    def put_right(self, records, button):
        """The user's part: press the button again for those that have not left (all is
        as before) or that Odoo says are to be fixed. This time all of them go."""
        state = {SEND: "l10n_fr_sap_status", REGISTER: "l10n_fr_sap_registration_state"}
        if left := records.filtered(lambda each: each[state[button]] in GIVEN_BACK):
            if button == SEND:
                self.check_given_back(left)
            self.assertDone(self.press(left, button))

    def check_given_back(self, moves):
        """What is as before was not done; what is to be fixed is what the Urssaf said."""
        for move in moves:
            if request := move.sudo().l10n_fr_sap_request_id:
                self.assertTrue(request.error_codes, request.error)
            else:
                self.assertNotIn(move.name, self.urssaf_requests())

    # What must be true in the end

    def check_promise(self, moves):
        """One request per invoice and equal states on both sides, once the Urssaf has
        moved on and the scheduled actions have run; and nothing in the log."""
        self.control("advance")
        self.let_odoo_work(_REFRESHING)
        urssaf = self.urssaf_state()
        held = sorted(
            (
                demande["numFactureTiers"],
                demande["idDemandePaiement"],
                STATUS_BY_CODE[demande["statut"]["code"]].key,
            )
            for demande in urssaf["demandes"]
        )
        requests = self.requests.search([], order="number")
        self.assertEqual(
            [(each.number, each.urssaf_id, each.state) for each in requests], held
        )
        self.assertEqual([number for number, *_ in held], sorted(moves.mapped("name")))
        self.assertEqual(
            moves.mapped("l10n_fr_sap_status"), ["awaiting_validation"] * len(moves)
        )
        self.check_registrations(urssaf["particuliers"])
        waiting = [("queued_uid", "!=", False)]
        self.assertFalse(self.requests.search(waiting))
        self.assertFalse(self.registrations.search(waiting))
        self.assertEqual(self.alarm.found, [])

    def check_registrations(self, links):
        self.assertEqual(
            {(each.urssaf_id, each.state) for each in self.registrations},
            {(link["idClient"], link["etat"]) for link in links},
        )
        self.assertEqual(len(links), len(self.partners))
        states = self.partners.mapped("l10n_fr_sap_registration_state")
        self.assertEqual(states, ["active"] * len(links))
