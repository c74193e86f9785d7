# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The payment request that an invoice makes."""

from ..urssaf.documents.payment_request import PaymentRequest
from ..urssaf.documents.services import services
from .charges import charges_of, deposit_of


def payment_request_of(move, company, registration, number):
    """The payment request of this invoice under ``number``.

    :param company: the one known to the Urssaf
    :param registration: the customer's registration by it, perhaps none
    :rtype: PaymentRequest
    """
    move.ensure_one()
    gross, net, charges = charges_of(move)
    deposit, deposit_date = deposit_of(move)
    return PaymentRequest(
        nova_number=company.l10n_fr_sap_nova_number or "",
        particulier_id=registration.urssaf_id or "",
        birth_date=move.commercial_partner_id.l10n_fr_sap_birth_date or None,
        number=number,
        invoice_date=move.invoice_date,
        date_from=move.l10n_fr_sap_date_from or None,
        date_to=move.l10n_fr_sap_date_to or None,
        gross=gross,
        net=net,
        services=services(charges, gross, net),
        deposit=deposit,
        deposit_date=deposit_date,
    )
