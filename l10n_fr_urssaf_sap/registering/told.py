# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf was told of a registered customer and would not learn from here again."""

from odoo.tools import hmac

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
# By which key the digests were made: a copy of the database has another one.
KEY = "key"
DEPENDS = ("l10n_fr_sap_bank_id.acc_number", *_FIELDS.values())


def digests_of(partner, salt):
    """What can be compared later without another copy of it: ``{name: digest}``. Whoever
    has no more than the digests can guess nothing: their key is the server's."""
    values = {KEY: ""} | values_of(partner)
    return {name: _digest(partner.env, value, salt) for name, value in values.items()}


def values_of(partner):
    """What the digests are made of, ``{name: text}``: another spelling of the same is the
    same."""
    person = particulier_of(partner).cleaned()
    values = {"name": partner.name or "", "iban": person.bank_account.iban} | {
        name: getattr(person, name)
        for name in ("email", "mobile", "birth_name", "usage_name", "first_names")
    }
    return {name: " ".join(value.casefold().split()) for name, value in values.items()}


def changed_labels(partner, registration):
    """The fields that have changed since, as the office reads them; none where nothing
    can be compared."""
    told = registration.told or {}
    now = digests_of(partner, registration.id)
    if told.get(KEY) != now[KEY]:
        return []
    return [
        field_label(partner, name)
        for key, name in _FIELDS.items()
        if key in told and told[key] != now[key]
    ]


def _digest(env, value, salt):
    return hmac(env(su=True), "l10n_fr_sap.told", f"{salt} {value}")[:16]
