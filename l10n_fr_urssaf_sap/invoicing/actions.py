# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What may be done with an invoice at the Urssaf: buttons, filters, Odoo's Send window and
the document all go by this."""

from odoo.fields import Domain

from .collecting import AFTERWARDS, counting_state
from .payload import UNPAID
from .splitting import (
    helps_at_activation,
    is_over_several_days,
    is_over_several_months,
)
from .states import NOT_LIVE, is_refreshable

# A payment that is blocked in Odoo can be unblocked; what is paid is over.
PAYABLE = (*UNPAID, "blocked")


def actions_of(move):
    """``send`` or ``send_again``, perhaps once the obstacles are fixed; ``refresh``;
    ``split_by_month`` and ``split_at_activation``.

    :rtype: set[str]
    """
    if move.move_type != "out_invoice":
        return set()
    actions, status = set(), move.l10n_fr_sap_status
    if move.state == "draft":
        actions |= _splits_of(move)
    if status and is_refreshable(move.l10n_fr_sap_request_id):
        actions.add("refresh")
    if (
        # What costs nothing comes first: most invoices are nothing to the Urssaf.
        move.state == "posted"
        and move.payment_state in PAYABLE
        and move.l10n_fr_sap_particulier
        and not move.l10n_fr_sap_paid_directly
        and not move._l10n_fr_sap_live_request()
    ):
        actions.add("send_again" if status in ("error", "refused") else "send")
    return actions


def _splits_of(move):
    """The ways in which splitting this draft helps."""
    splits = set()
    if is_over_several_months(move):
        splits.add("split_by_month")
    if is_over_several_days(move) and move.l10n_fr_sap_particulier:
        activation_day = move._l10n_fr_sap_prepare()[0].activation_day
        if activation_day and helps_at_activation(move, activation_day):
            splits.add("split_at_activation")
    return splits


def may_be_sent(move):
    """Whether this invoice may become a payment request, perhaps once it is fixed."""
    return not move._l10n_fr_sap_actions().isdisjoint(("send", "send_again"))


def ready_domain(company, ids=None):
    """The invoices that a company can send: those that may be sent and are not blocked,
    of customers who have activated.

    :param ids: of the companies whose invoices they are, if not all of its branches
    """
    activated = [*_ELIGIBLE, ("l10n_fr_sap_registration_ids", "any", _active(company))]
    return _free_domain(company, ids) & Domain(
        [
            ("state", "=", "posted"),
            ("payment_state", "in", UNPAID),
            ("l10n_fr_sap_particulier_id", "any", activated),
        ]
    )


def not_ready_domain(company, ids=None):
    """The invoices that are not sent and that a company cannot send yet: drafts, those that
    are blocked, and those of customers who have not activated. (Nobody has sent them: the
    customer is the contact's.)

    :param ids: as of ``ready_domain``
    """
    inactive = [("l10n_fr_sap_registration_ids", "not any", _active(company))]
    return (
        _free_domain(company, ids)
        & Domain("state", "in", ("draft", "posted"))
        & Domain("payment_state", "in", PAYABLE)
        & Domain("commercial_partner_id", "any", _ELIGIBLE)
        & (
            Domain("state", "=", "draft")
            | Domain("payment_state", "=", "blocked")
            | Domain("commercial_partner_id", "any", inactive)
        )
    )


# Customers who may use the avance immédiate.
_ELIGIBLE = [
    ("l10n_fr_sap_particulier", "=", True),
    ("l10n_fr_sap_exclusion", "=", False),
]


def _active(company):
    registered = company._l10n_fr_sap_registered_company()
    own = company.env["l10n_fr_sap.registration"]._domain_of(registered)
    return [*own, ("state", "=", "active")]


def _free_domain(company, ids):
    """Invoices that nobody has paid directly, and that are not at the Urssaf."""
    registered = company._l10n_fr_sap_registered_company()
    of = ("company_id", "child_of", registered.id)
    live = Domain("state", "not in", NOT_LIVE) & Domain(
        "environment", "in", (registered.l10n_fr_sap_environment, "production")
    )
    return Domain(
        [
            ("move_type", "=", "out_invoice"),
            ("l10n_fr_sap_paid_directly", "=", False),
            of if ids is None else ("company_id", "in", ids),
            ("l10n_fr_sap_request_ids", "not any", live),
        ]
    )


def awaits_sending(move):
    """Whether this invoice, a draft perhaps, is one to be sent to the Urssaf. It goes to
    the customer by e-mail before that, as a rule."""
    return (
        move.move_type == "out_invoice"
        and move.l10n_fr_sap_particulier
        and not move.l10n_fr_sap_paid_directly
        and move.state != "cancel"
        and move.payment_state in UNPAID
        and move.currency_id.name == "EUR"
        and move.currency_id.compare_amounts(move.amount_total, 0) > 0
        # Goods sold to the same person are an invoice like any other.
        and bool(move.invoice_line_ids.l10n_fr_sap_nature_id)
        # Those are mostly paid directly in the end, as after a failed debit.
        and counting_state(move) not in AFTERWARDS
        and not move.l10n_fr_sap_particulier_id.l10n_fr_sap_exclusion
        and move._l10n_fr_sap_prepare()[0].begins_activated
    )


def is_of_active_customer(move):
    """Whether the customer of this invoice has activated the account at the Urssaf, and
    nothing excludes them."""
    return (
        move._l10n_fr_sap_prepare()[0].registration.state == "active"
        and not move.l10n_fr_sap_particulier_id.l10n_fr_sap_exclusion
    )
