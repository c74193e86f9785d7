# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The particulier that a contact makes."""

from dataclasses import astuple

from ..urssaf.documents.address import FRANCE, Address
from ..urssaf.documents.particulier import BankAccount, BirthPlace, Particulier
from ..urssaf.documents.typed import clean_code


def particulier_of(partner):
    """This customer as the library takes them.

    :rtype: Particulier
    """
    partner.ensure_one()
    bank = partner.l10n_fr_sap_bank_id
    return Particulier(
        civility=partner.l10n_fr_sap_civility or "",
        birth_name=partner.l10n_fr_sap_birth_name or "",
        usage_name=partner.l10n_fr_sap_usage_name or "",
        first_names=partner.l10n_fr_sap_first_names or "",
        birth_date=partner.l10n_fr_sap_birth_date or None,
        birth_place=_birth_place(partner),
        mobile=partner.l10n_fr_sap_mobile or "",
        email=partner.email or "",
        address=_address(partner),
        bank_account=BankAccount(
            # As it stands in the form, there before it is saved.
            iban=partner.l10n_fr_sap_iban or bank.sanitized_acc_number or "",
            bic=partner.l10n_fr_sap_bic or "",
            holder=bank.acc_holder_name or partner.name or "",
        ),
    )


def known_of(partner):
    """What the Urssaf may know of this customer, for ``mask`` to hide where it repeats
    it."""
    registrations = partner.sudo().l10n_fr_sap_registration_ids
    return [
        *astuple(particulier_of(partner).cleaned()),
        *(partner.name, partner.phone, partner.street, partner.street2, partner.city),
        *registrations.mapped("urssaf_id"),
    ]


def _birth_place(partner):
    code = clean_code(partner.l10n_fr_sap_birth_code or "")
    names = {birth.code: birth.name for birth in partner._l10n_fr_sap_birth_codes()}
    country = str(partner.l10n_fr_sap_birth_country_id.fr_cog or "")
    if partner.l10n_fr_sap_born_in_france:
        # l10n_fr_cog gives France and its territories no code of their own.
        country = FRANCE
    return BirthPlace(
        country=country,
        commune_code=code,
        commune_name=names.get(code, partner.l10n_fr_sap_birth_commune_id.name) or "",
        whole_code=partner.l10n_fr_sap_registration_id.whole_commune_code,
    )


def _address(partner):
    return Address(
        zip=partner.zip or "",
        commune_code=partner.l10n_fr_sap_commune_id.code or "",
        commune_name=partner.l10n_fr_sap_commune_id.name or "",
        street_number=partner.l10n_fr_sap_street_number or "",
        street_letter=partner.l10n_fr_sap_street_letter or "",
        street_type=partner.l10n_fr_sap_street_type or "",
        street_name=partner.l10n_fr_sap_street_name or "",
        complement=partner.l10n_fr_sap_complement or "",
        locality=partner.l10n_fr_sap_locality or "",
    )
