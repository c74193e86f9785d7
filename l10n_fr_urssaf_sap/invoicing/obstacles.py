# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What stands between an invoice and the Urssaf."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property

from odoo import fields
from odoo.fields import Domain
from odoo.tools import LazyTranslate, format_amount, format_date

from ..texts.messages import (
    describe_exclusion,
    describe_problem,
    field_label,
    state_label,
)
from ..texts.obstacle import Obstacle
from ..urssaf.documents import named_fields
from ..urssaf.documents.problem import Problem, Rule
from .ceilings import ceiling_warnings
from .drafts import as_confirmed
from .online import draft_payments_of, is_being_paid, payment_orders_of
from .payload import (
    PARIS,
    UNPAID,
    down_payments,
    items_paid_ahead,
    line_label,
    payment_request_of,
    service_lines,
)
from .splitting import helps_at_activation
from .states import (
    UNSENT,
    is_out_of_reach,
    live_request,
    may_be_held,
    next_number,
)

_lt = LazyTranslate(__name__)

_PAID = ("paid", "in_payment")
# Where the library's fields are found on a line of the invoice.
_LINE_FIELDS = {
    "nature": "l10n_fr_sap_nature_id",
    "amount": "price_total",
    "date": "l10n_fr_sap_date_from",
    "quantity": "quantity",
    "unit": "product_uom_id",
    "price": "price_unit",
    "description": "name",
}
# Why the customer's registration lets nothing be sent, by its state.
_NOT_ACTIVE = {
    "unregistered": _lt(
        "%s is not registered with the Urssaf: please open the contact and press “Register"
        " with Urssaf”"
    ),
    "queued": _lt("%s is being registered with the Urssaf"),
    "pending": _lt("%s is not active at the Urssaf yet"),
    "abandoned": _lt(
        "%s did not activate the account at the Urssaf in time: please register them again"
    ),
    "blocked": _lt("%s is blocked by the Urssaf: the contact says what to do"),
    "mandate_expired": _lt("%s has to renew the direct debit mandate at the Urssaf"),
    "error": _lt("%s is not registered with the Urssaf: the contact says what to fix"),
}
_PERIOD = ("date_from", "date_to")
_SERVED = ("date_from", "date")  # the library's fields that tell days of services
_DEPOSIT = {"deposit": _lt("Deposit"), "deposit_date": _lt("Date of the deposit")}


class Preparation:
    """One invoice on its way to the Urssaf: all that is to be known of it is worked out
    once. Asking it changes nothing."""

    def __init__(self, move):
        self.move = move
        self.company = move.company_id._l10n_fr_sap_registered_company()
        self.environment = self.company.l10n_fr_sap_environment
        self.live_request = live_request(move.l10n_fr_sap_request_ids, self.environment)
        self.requests = move.l10n_fr_sap_request_ids.filtered(
            lambda request: request.environment == self.environment
        )
        unsent = self.requests.filtered(lambda request: request.state in UNSENT)
        current = unsent.filtered(lambda request: not request.superseded)
        # One that was withdrawn unanswered, and whose access is there again.
        found = (unsent - current).filtered(lambda each: not is_out_of_reach(each))
        #: the one that waits to be sent or to be fixed, if any
        self.unsent_request = (not may_be_held(current) and found[:1]) or current
        if self.unsent_request.lost_answers:
            # The Urssaf may hold it: nothing but the same number is safe.
            self.company = self.unsent_request.company_id
            self.number = self.unsent_request.number
        else:
            self.number = next_number(self.requests, move.name)

    @property
    def key(self):
        """What is unique at the Urssaf: access, environment, number."""
        return self.access, self.environment, self.number

    @property
    def access(self):
        """The company's OAuth client, by which the Urssaf knows it."""
        return self.company.l10n_fr_sap_client_id

    @property
    def request_values(self):
        """What its payment request holds of it, by field."""
        return {
            "company_id": self.company.id,
            "access": self.access,
            "number": self.number,
            "partner_id": self.move.l10n_fr_sap_particulier_id.id,
            "amount_total": self.move.amount_total,
            "amount_due": self.move.amount_residual,
        }

    @cached_property
    def registration(self):
        """The customer's registration by the company."""
        # A search would be made for each invoice; this is read for many at once.
        return (
            self.move.l10n_fr_sap_particulier_id.l10n_fr_sap_registration_ids.filtered(
                lambda each: (
                    (each.company_id, each.environment)
                    == (self.company, self.environment)
                )
            )
        )

    @cached_property
    def activation_day(self):
        """The day, in Paris, on which the customer activated; the first day of all where
        the Urssaf leaves it out, which has the last word then; None where they have not.

        :rtype: datetime.date | None
        """
        if self.registration.state != "active":
            return None
        moment = self.registration.active_since
        if not moment:
            return date.min
        in_paris = self.registration.with_context(tz=PARIS)
        return fields.Datetime.context_timestamp(in_paris, moment).date()

    @property
    def begins_activated(self):
        """Whether the customer had activated when the services began."""
        start = self.move.l10n_fr_sap_date_from
        return bool(self.activation_day) and not (start and start < self.activation_day)

    @cached_property
    def payment_request(self):
        """What would be sent; of a draft, once it is confirmed.

        :rtype: PaymentRequest
        """
        request = payment_request_of(
            self.move, self.company, self.registration, self.number
        )
        draft = self.move.state == "draft"
        return as_confirmed(self.move, request) if draft else request

    def obstacles(self, holders):
        """Why this invoice cannot be sent, all at once.

        :param holders: ``{key: invoice}`` of the numbers that are taken
        :rtype: list[Obstacle]
        """
        env, move = self.move.env, self.move
        if self.live_request:
            text = env._(
                "Already sent to the Urssaf (%s)", state_label(self.live_request)
            )
            return [Obstacle("l10n_fr_sap_status", "sent", text, move)]
        lost = self.unsent_request.lost_answers and self.unsent_request.access
        if lost and lost != self.access:
            text = env._(
                "Its answer was lost under another Client ID: please restore that one"
                " until the Urssaf has told what became of it"
            )
            return [Obstacle("l10n_fr_sap_status", "access", text, move)]
        if move.move_type != "out_invoice":
            text = env._("Not a customer invoice")
            return [Obstacle("move_type", "wrong", text, move)]
        partner = move.l10n_fr_sap_particulier_id
        if not partner.l10n_fr_sap_particulier:
            text = env._("The customer is not marked as a private customer")
            return [Obstacle("l10n_fr_sap_particulier", "missing", text, partner)]
        if partner.l10n_fr_sap_exclusion:
            name, text = "l10n_fr_sap_exclusion", describe_exclusion(partner)
            # The reason tells of their health.
            public = env._(
                "The customer is not entitled to the avance immédiate for now"
            )
            return [Obstacle(name, "excluded", text, partner, public)]
        if move.l10n_fr_sap_paid_directly:
            text = env._("Avance immédiate is switched off on this invoice")
            return [Obstacle("l10n_fr_sap_avance_immediate", "off", text, move)]
        return [*self._of_the_books(holders), *self._of_the_rules()]

    def warnings(self):
        """What the Urssaf may refuse in this invoice, and takes from some.

        :rtype: list[Obstacle]
        """
        day = self.activation_day
        if not day or day == date.min:
            return []
        env = self.move.env
        safe_day = format_date(env, day + timedelta(days=1))
        found = map(self._describe, _once(self.payment_request.warnings(day)))
        return [
            replace(
                obstacle,
                text=env._(
                    "%(problem)s: the Urssaf may refuse it. From %(day)s on it is safe.",
                    problem=obstacle.text,
                    day=safe_day,
                ),
            )
            for obstacle in found
        ]

    def _of_the_books(self, holders):
        env, move = self.move.env, self.move
        if move.state != "posted":
            yield Obstacle("state", "draft", env._("Not confirmed"), move)
        elif move.payment_state == "blocked":
            text = env._("Its payment is blocked in Odoo: please unblock it first")
            yield Obstacle("payment_state", "blocked", text, move)
        elif move.payment_state not in UNPAID:
            yield Obstacle("payment_state", "paid", env._("Paid already"), move)
        else:
            yield from _deposit_obstacles(move)
            if is_being_paid(move):
                text = env._("An online payment by the customer is under way")
                yield Obstacle("payment_state", "online", text, move)
            if drafts := draft_payments_of(move):
                text = env._("To be paid by %s: please confirm or cancel it", drafts)
                yield Obstacle("payment_state", "prepared", text, move)
            if orders := payment_orders_of(move):
                text = env._("In payment order %s: please take it out there", orders)
                yield Obstacle("payment_state", "order", text, move)
        if move.currency_id.name != "EUR":
            yield Obstacle("currency_id", "wrong", env._("Not in euros"), move)
        if holders.get(self.key, move._origin) != move._origin:
            text = env._(
                "Its number was already sent to the Urssaf for another invoice"
            )
            yield Obstacle("name", "taken", text, move)

    def _of_the_guarantee(self):
        """Whether a deposit may be declared; another obstacle of it is enough."""
        deposit = self.payment_request.deposit
        if deposit <= 0 or self.company.l10n_fr_sap_deposits_allowed:
            return
        if not any(_deposit_obstacles(self.move)):
            env, currency = self.move.env, self.move.currency_id
            text = env._(
                "A deposit of %s was paid, and the Urssaf takes deposits only from"
                " providers with a financial guarantee. Please switch on “Deposits May Be"
                " Declared” in the Invoicing settings once you have one; or switch the"
                " avance immédiate off here, and the customer pays the rest to you.",
                format_amount(env, float(deposit), currency),
            )
            yield Obstacle("deposit", "not_allowed", text, self.move)

    def _of_the_rules(self):
        """What the Urssaf would refuse."""
        # The Urssaf's today: it may be another day where the user is, and there is no
        # user where the scheduled action sends.
        today = fields.Date.context_today(self.move.with_context(tz=PARIS))
        day = self.activation_day
        hinted = False
        for problem in _once(self.payment_request.problems(today, day)):
            obstacle = self._describe(problem)
            early = problem.rule is Rule.BEFORE_ACTIVATION and problem.field in _SERVED
            if early and not hinted and helps_at_activation(self.move, day):
                hinted = True
                text = self.move.env._(
                    "%(problem)s. On the draft, “Split at the Activation” puts what can"
                    " be sent on an invoice of its own.",
                    problem=obstacle.text,
                )
                obstacle = replace(obstacle, text=text)
            yield obstacle
        yield from self._of_the_guarantee()

    def named(self, problems):
        """The same for Problems of fields, each line by the position of its service."""
        found = [self._describe(self._on_its_line(problem)) for problem in problems]
        # The form says so and opens the field, as with all that the Urssaf refuses.
        return [replace(obstacle, rule="refused") for obstacle in found]

    def _on_its_line(self, problem):
        services, service = self.payment_request.services, problem.line
        if problem.field not in _LINE_FIELDS:
            return problem
        if service is None or service >= len(services):
            return Problem("services", problem.rule)
        return replace(problem, line=services[service].source)

    def _describe(self, problem):
        """The obstacle that a problem of the library is in Odoo."""
        move, env = self.move, self.move.env
        if problem.line is not None:
            name = _LINE_FIELDS[problem.field]
            line = service_lines(move)[problem.line]
            number = problem.line + 1
            text = _describe_line(line, line_label(line, number), problem)
            public = _describe_line(line, number, problem)
            return Obstacle(name, problem.rule, text, move, public)
        if problem.field in _DEPOSIT:
            text = describe_problem(env, env._(_DEPOSIT[problem.field]), problem)
            return Obstacle(problem.field, problem.rule, text, move)
        partner = move.l10n_fr_sap_particulier_id
        record, name = {
            "particulier_id": (partner, "l10n_fr_sap_registration_state"),
            "birth_date": (partner, "l10n_fr_sap_birth_date"),
            "nova_number": (move.company_id, "l10n_fr_sap_nova_number"),
            "number": (move, "name"),
            "invoice_date": (move, "invoice_date"),
            "date_from": (move, "l10n_fr_sap_date_from"),
            "date_to": (move, "l10n_fr_sap_date_to"),
            "services": (move, "invoice_line_ids"),
            "amount_total": (move, "amount_total"),
        }[problem.field]
        if problem.field == "particulier_id" and problem.rule != Rule.NAMED:
            state = self.registration.state or "unregistered"
            why = env._(_NOT_ACTIVE.get(state, _NOT_ACTIVE["pending"]))
            if state == "pending" and self.registration.pending_since:
                day = format_date(env, self.registration.pending_since)
                since = env._(" (has been waiting since %s)", day)
                why += since.replace("%", "%%")
            text, public = why % partner.name, why % env._("The customer")
            return Obstacle(name, problem.rule, text, record, public)
        text = describe_problem(env, field_label(record, name), problem)
        return Obstacle(name, problem.rule, text, record)


def named_obstacles(request):
    """The obstacles that the fields are which the Urssaf named in its refusal.

    :rtype: list[Obstacle]
    """
    problems = named_fields.read(request.error_fields or "")
    return Preparation(request.move_id).named(problems) if problems else []


def number_holders(preparations):
    """The invoices for which the numbers of these were sent already, ``{key: invoice}``;
    asked once for many. Companies may share an access."""
    # A draft has none yet, as a rule.
    keys = [each.key for each in preparations if each.number]
    if not keys:
        return {}
    requests = preparations[0].requests.search(
        Domain("access", "in", {access for access, *_ in keys})
        & Domain("number", "in", [number for *_, number in keys])
        # What was refused at once has no number at the Urssaf.
        & (Domain("state", "!=", "error") | Domain("lost_answers", ">", 0))
    )
    return {
        (request.access, request.environment, request.number): request.move_id
        for request in requests
    }


def obstacles_of(preparations):
    """``{invoice: [Obstacle, …]}`` of those that cannot be sent. Of two invoices under
    one number, the first that can go has it."""
    holders, found = number_holders(preparations), {}
    for preparation in preparations:
        if obstacles := preparation.obstacles(holders):
            found[preparation.move] = obstacles
        else:
            holders[preparation.key] = preparation.move
    return found


def warnings_of(preparations):
    """``{invoice: [Obstacle, …]}`` of those that the Urssaf may refuse, or whose customer
    comes near a ceiling."""
    if not preparations:
        return {}
    first, *others = (each.move for each in preparations)
    ceilings = ceiling_warnings(first.concat(*others))
    found = {
        each.move: each.warnings() + ceilings.get(each.move, [])
        for each in preparations
    }
    return {move: warnings for move, warnings in found.items() if warnings}


def _deposit_obstacles(move):
    """Why what was paid ahead cannot go along as a deposit."""
    env = move.env
    for invoice in down_payments(move):
        if invoice._l10n_fr_sap_holding_request():
            text = env._("Its down payment %s is at the Urssaf itself", invoice.name)
            yield Obstacle("deposit", "sent", text, move)
        elif invoice.payment_state not in _PAID:
            text = env._("Its down payment %s is not paid", invoice.name)
            yield Obstacle("deposit", "unpaid", text, move)
    for entry in items_paid_ahead(move).move_id:
        if entry.move_type == "out_refund":
            text = env._(
                "Settled in part by the credit note %s: please make a new invoice of"
                " what is left",
                entry.name,
            )
            yield Obstacle("deposit", "credited", text, move)
        elif entry.l10n_fr_sap_transfer_id:
            text = env._(
                "The Urssaf has paid it in part (%s): what it takes back is to be"
                " registered first",
                entry.name,
            )
            yield Obstacle("deposit", "transfer", text, move)
        elif not (entry.origin_payment_id or entry.statement_line_id):
            text = env._("Settled in part by %s, which is no payment", entry.name)
            yield Obstacle("deposit", "no_payment", text, move)


def _once(problems):
    """These without those of the period where a line tells the same of its own days, which
    the period comes from."""
    told = {each.rule for each in problems if each.field == "date"}
    return [
        each for each in problems if not (each.field in _PERIOD and each.rule in told)
    ]


def _describe_line(line, what, problem):
    label = field_label(line, _LINE_FIELDS[problem.field])
    return line.env._(
        "Line “%(line)s”: %(problem)s",
        line=what,
        problem=describe_problem(line.env, label, problem),
    )
