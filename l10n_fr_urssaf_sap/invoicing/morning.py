# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What an office looks at in the morning, in the order in which it acts: ten figures, each
of which counts and sums the records of one domain. They are defined here and nowhere
else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from .actions import PAYABLE, not_ready_domain, ready_domain
from .money import today
from .states import CANCELLED
from .waiting import AWAITING, tacit_today_domain

_lt = LazyTranslate(__name__)

REQUEST = "l10n_fr_sap.payment.request"
MOVE = "account.move"
ITEM = "account.move.line"
REGISTRATION = "l10n_fr_sap.registration"

# Sent, and not accepted yet; accepted, and not paid yet.
_NOT_ACCEPTED = ("sending", "integrated", "aids_computed", AWAITING)
_ACCEPTED = ("validated", "debited", "in_exchange", "closed")
_LATE_TO_SEND = timedelta(days=15)
LATE_TO_ACTIVATE = timedelta(days=7)


@dataclass(frozen=True)
class Figure:
    """One line. Its domains are those of a company known to the Urssaf, which is given with
    every right, for it is asked for its settings.

    ``amount`` is the stored field that is summed, in euros; ``urgent`` tells those of its
    records that do not wait from the others; ``not_ready`` are other ones, which are only
    counted, and will be among them; ``oldest`` is the field of which the first day is told.
    Whoever may not read all of ``needs`` does not see it.
    """

    kind: str
    label: str
    level: str
    model: str
    domain: Callable
    amount: str = ""
    urgent: Callable | None = None
    urgent_text: str = ""
    not_ready: Callable | None = None
    oldest: str = ""
    with_invoice: bool = False

    @property
    def needs(self):
        return (self.model, MOVE) if self.with_invoice else (self.model,)


# The invoice is still to be paid, and not to the company itself. An index lists them.
_UNSETTLED = Domain(
    "move_id",
    "any",
    [
        ("move_type", "=", "out_invoice"),
        ("state", "=", "posted"),
        ("payment_state", "in", PAYABLE),
        ("l10n_fr_sap_paid_directly", "=", False),
    ],
)
# Nobody has sent the invoice again meanwhile.
_TO_DO = Domain("superseded", "=", False) & _UNSETTLED


def _of_company(company, domain):
    """What belongs to a company and to the Urssaf's platform that it uses today."""
    own = Domain("company_id", "=", company.id)
    return own & Domain("environment", "=", company.l10n_fr_sap_environment) & domain


def _to_fix(company):
    """What the Urssaf has cancelled is to be sent again, or paid otherwise: it is told of
    here unless its money is to be checked first, or the customer has not paid."""
    over = [state for state in CANCELLED if state != "cancelled_unpaid"]
    cancelled = Domain("state", "in", over) & Domain("money_state", "!=", "check")
    to_do = (Domain("state", "=", "error") | cancelled) & _TO_DO
    return _of_company(company, to_do | Domain("state", "=", "unknown"))


def _refused(company):
    return _of_company(company, Domain("state", "=", "refused") & _TO_DO)


def _unpaid(company):
    states = Domain("state", "in", ("debit_refused", "provider_unpaid"))
    cancelled = Domain("state", "=", "cancelled_unpaid") & _TO_DO
    return _of_company(company, states | cancelled)


def _money(company):
    return _of_company(company, Domain("money_state", "=", "check"))


def _to_send(company):
    """Ready invoices: not those that were refused or cancelled, which are told of already,
    nor those of a branch that is known to the Urssaf itself."""
    return _not_told_of(company) & ready_domain(company, _served(company))


def _not_ready(company):
    return _not_told_of(company) & not_ready_domain(company, _served(company))


def _not_told_of(company):
    """It comes first: nearly all requests are found by it, and PostgreSQL asks no more."""
    environment = Domain("environment", "=", company.l10n_fr_sap_environment)
    over = (
        environment
        & Domain("superseded", "=", False)
        & Domain("state", "!=", "to_send")
    )
    return Domain("l10n_fr_sap_request_ids", "not any", over)


def _late_to_send(company):
    day = today(company) - _LATE_TO_SEND
    return Domain("l10n_fr_sap_date_to", "<", day)


def _waiting(company):
    return _of_company(company, Domain("state", "in", _NOT_ACCEPTED))


def _tacit_today(company):
    return tacit_today_domain(company.env)


def _on_its_way(company):
    """Accepted, or paid without an amount, or on a day to come. Each part has its index."""
    paid = Domain("state", "=", "paid")
    return _of_company(
        company,
        Domain("state", "in", _ACCEPTED)
        | paid & Domain("transfer_amount", "<=", 0)
        | paid & Domain("transfer_date", "=", False)
        | paid & Domain("transfer_date", ">", today(company)),
    )


def _bank(company):
    """What is booked and the bank has not shown: the balance of the transit account."""
    account = company.l10n_fr_sap_transit_account_id
    return (
        Domain("account_id", "in", account.ids)
        & Domain("company_id", "in", _served(company))
        & Domain("parent_state", "=", "posted")
        & Domain("reconciled", "=", False)
    )


def _received(company):
    day = today(company)
    paid = Domain("state", "=", "paid") & Domain("transfer_amount", ">", 0)
    month = Domain("transfer_date", ">=", day.replace(day=1))
    return _of_company(company, paid & month & Domain("transfer_date", "<=", day))


def _not_activated(company):
    since = fields.Datetime.now() - LATE_TO_ACTIVATE
    pending = Domain("state", "=", "pending") & Domain("pending_since", "<=", since)
    return _of_company(company, pending)


def _served(company):
    """The ids of the user's companies that are this one to the Urssaf."""
    return [
        each.id
        for each in company.env.companies
        if each._l10n_fr_sap_registered_company() == company
    ]


FIGURES = (
    Figure(
        "to_fix",
        "To fix",
        "danger",
        REQUEST,
        _to_fix,
        "amount_total",
        with_invoice=True,
    ),
    Figure(
        "refused",
        "Refused by customers",
        "danger",
        REQUEST,
        _refused,
        "amount_total",
        with_invoice=True,
    ),
    Figure(
        "unpaid",
        "Unpaid",
        "danger",
        REQUEST,
        _unpaid,
        "amount_total",
        with_invoice=True,
    ),
    Figure(
        "money",
        "Money to check",
        "warning",
        REQUEST,
        _money,
        "transfer_amount",
    ),
    Figure(
        "to_send",
        "To send to the Urssaf",
        "warning",
        MOVE,
        _to_send,
        "amount_total_signed",
        _late_to_send,
        _lt("%s with services older than 15 days"),
        _not_ready,
    ),
    Figure(
        "waiting",
        "Waiting for the customer",
        "info",
        REQUEST,
        _waiting,
        "amount_total",
        _tacit_today,
        _lt("%s accepted today without an answer"),
    ),
    Figure("on_its_way", "On its way", "info", REQUEST, _on_its_way, "amount_total"),
    Figure(
        "bank",
        "To receive at the bank",
        "info",
        ITEM,
        _bank,
        "amount_residual",
        oldest="date",
    ),
    Figure(
        "received",
        "Paid this month",
        "success",
        REQUEST,
        _received,
        "transfer_amount",
    ),
    Figure(
        "not_activated",
        "Not activated after 7 days",
        "warning",
        REGISTRATION,
        _not_activated,
    ),
)
BY_KIND = {figure.kind: figure for figure in FIGURES}
