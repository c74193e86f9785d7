# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The calls of a test book: what the Urssaf wants to have seen in test before it opens
production. They are about a fictitious person and a fictitious invoice."""

from functools import partial

from odoo.exceptions import UserError

from ..texts.messages import describe_error
from ..urssaf.api.errors import Refused, UrssafError
from ..urssaf.api.recording import RecordingClient
from .access import connect


def check_test(company):
    """
    :raise UserError: unless this company talks to the test platform
    """
    registered = company._l10n_fr_sap_registered_company()
    host = registered._l10n_fr_sap_host("test")
    if (
        registered.l10n_fr_sap_environment != "test"
        or host == registered._l10n_fr_sap_host("production")
    ):
        raise UserError(
            company.env._(
                "The test book is for the Urssaf's test platform only, and %s uses"
                " production.",
                company.name,
            )
        )


def run_steps(book):
    """Make the calls that are still to be made, until one of them does not succeed, and
    keep what was said, word for word.

    What goes wrong at the Urssaf is kept with the step. Nothing is committed here: a
    fictitious request that is sent twice harms nobody.

    :raise UserError: outside the test platform, or without credentials
    """
    check_test(book.company_id)
    exchanges = []
    client = partial(RecordingClient, on_exchange=exchanges.append)
    try:
        with connect(book.company_id, client=client) as urssaf:
            for step in book.step_ids.filtered(lambda each: each.state != "done"):
                if not _run(step, urssaf, exchanges):
                    break
    except UrssafError as error:
        # The client itself refuses the host.
        raise UserError(describe_error(book.env, error)) from None


def _run(step, urssaf, exchanges):
    """Whether the step is done now."""
    exchanges.clear()
    try:
        state, message = _CALLS[step.operation](step.book_id, urssaf)
    except UrssafError as error:
        state, message = "failed", describe_error(step.env, error)
    # Another step may have needed a token too, or a second one.
    own = [each for each in exchanges if each.operation == step.operation]
    step._set_result(state, message, own)
    return state == "done"


def _authenticate(book, urssaf):
    urssaf.authenticate()
    return "done", book.env._("The Urssaf accepts the credentials.")


def _register(book, urssaf):
    book._set_particulier(urssaf.register(book._particulier()))
    return "done", book.env._("Registered: Urssaf ID %s.", book.particulier_id)


def _check(book, urssaf):
    registration = urssaf.registration(book.particulier_id)
    if registration.state == "active":
        return "done", book.env._("The account is active.")
    return "waiting", book.env._(
        "The account is not active yet. Activate it as a customer does, with the message"
        " that the test platform sends to the email address above, then press Continue."
    )


def _send(book, urssaf):
    request = book._payment_request()
    outcome = urssaf.send([request]).get(request.number)
    if outcome and outcome.id:
        book._set_sent(request.number, outcome.id)
        return "done", book.env._("Payment request %s is accepted.", request.number)
    if not outcome:
        return "failed", book.env._(
            "The Urssaf's answer does not mention the payment request."
        )
    return "failed", describe_error(book.env, Refused(outcome.errors))


def _search(book, urssaf):
    found = urssaf.search_by_id([book.request_id])
    if not found:
        return "failed", book.env._("The Urssaf does not find the payment request.")
    return "done", book.env._("Status of the payment request: %s.", found[0].label)


_CALLS = {
    "TOKEN": _authenticate,
    "M010": _register,
    "M020": _check,
    "M050": _send,
    "M070": _search,
}
