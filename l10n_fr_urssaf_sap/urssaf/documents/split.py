# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who pays how much of an invoice with the avance immédiate."""

from decimal import ROUND_DOWN, Decimal

from .payment_request import CENT

#: The nature of what a provider invoices along, travel for instance, and what the tax
#: credit leaves out (Urssaf: « Divers non éligible »).
NOT_ELIGIBLE = "270"


def expected_split(
    gross: Decimal,
    deposit: Decimal = Decimal(0),
    not_eligible: Decimal = Decimal(0),
) -> tuple[Decimal, Decimal]:
    """The tax credit that the Urssaf advances, and what it debits from the particulier;
    in euros (CGI, art. 199 sexdecies: the credit is half of the expense, of which what is
    ``not_eligible`` is no part). The amounts are
    only expected, because the particulier's ceilings of the year are known to the Urssaf
    alone.

    The two sum to ``gross`` less the ``deposit`` that was paid before, which counts
    towards the particulier's half; one of more than that leaves nothing to debit. An odd
    cent goes to the debit: nobody minds being debited a cent less than announced.
    """
    credit = (max(gross - not_eligible, Decimal(0)) / 2).quantize(CENT, ROUND_DOWN)
    credit = min(credit, gross - deposit)
    return credit, gross - credit - deposit
