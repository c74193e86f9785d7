# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf was told of a registered customer and would not learn from here again."""

import hashlib

from ..texts.messages import field_label
from .payload import particulier_of

# The Urssaf's own name of each, and the field in which the office sees it.
_FIELDS = {
    "email": "email",
    "mobile": "l10n_fr_sap_mobile",
    "iban": "l10n_fr_sap_bank_id",
    "name": "name",
    "birth_name": "l10n_fr_sap_birth_name",
    "usage_name": "l10n_fr_sap_usage_name",
    "first_names": "l10n_fr_sap_first_names",
}
DEPENDS = ("l10n_fr_sap_bank_id.acc_number", *_FIELDS.values())


def digests_of(partner, salt):
    """What can be compared later without another copy of it: ``{name: digest}``."""
    person = particulier_of(partner).cleaned()
    values = {
        "name": partner.name or "",
        "iban": person.bank_account.iban,
    } | {
        name: getattr(person, name)
        for name in ("email", "mobile", "birth_name", "usage_name", "first_names")
    }
    return {name: _digest(value, salt) for name, value in values.items()}


def changed_labels(partner, registration):
    """The fields that have changed since, as the office reads them."""
    told = registration.told or {}
    now = digests_of(partner, registration.id)
    return [
        field_label(partner, name)
        for key, name in _FIELDS.items()
        if key in told and told[key] != now[key]
    ]


def _digest(value, salt):
    plain = " ".join(value.casefold().split())
    return hashlib.sha256(f"{salt} {plain}".encode()).hexdigest()[:16]
