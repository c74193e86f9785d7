# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A contact whom the tax office does not recognize is registered once more with one thing
changed, and what works stays."""

from odoo.tools import LazyTranslate

from ..urssaf.api.codes import UNKNOWN_IDENTITY
from ..urssaf.proposals.variants import Change, variants
from .payload import particulier_of

_lt = LazyTranslate(__name__)

_CHANGES = {
    Change.NAMES_SWAPPED: _lt("Birth Name and Married Name swapped"),
    Change.FIRST_NAME_ALONE: _lt("the first of the First Names alone"),
    Change.ALL_FIRST_NAMES: _lt("all first names of the contact's name"),
    Change.WITHOUT_HYPHEN: _lt("First Names with a space instead of the hyphen"),
    Change.WITH_HYPHEN: _lt("First Names with a hyphen instead of the space"),
    Change.WHOLE_COMMUNE_CODE: _lt(
        "the overseas commune by the other form of its code (411 and 011)"
    ),
}


def is_unrecognized(registration):
    """Whether the last answer was that the tax office does not know this person."""
    codes = (registration.error_codes or "").split()
    return registration.state == "error" and UNKNOWN_IDENTITY in codes


def next_variant(partner, registration):
    """The next one to try, None where there is none left.

    :rtype: Variant | None
    """
    tried = set((registration.tried_changes or "").split())
    left = (
        variant
        for variant in variants(particulier_of(partner), partner.name or "")
        if variant.change.value not in tried
    )
    return next(left, None) if is_unrecognized(registration) else None


def describe_change(env, change):
    return env._(_CHANGES[Change(change)])


def describe_tried(registration):
    """What has been tried without success, in words; "" if nothing."""
    tried = (registration.tried_changes or "").split()
    return ", ".join(describe_change(registration.env, change) for change in tried)


def keep(partner, registration, variant):
    """Write into the contact, or the registration, what the tax office recognized."""
    person, place = variant.person, variant.person.birth_place
    sent = {
        "l10n_fr_sap_birth_name": person.birth_name,
        "l10n_fr_sap_usage_name": person.usage_name,
        "l10n_fr_sap_first_names": person.first_names,
    }
    partner.write(
        {name: value for name, value in sent.items() if value != (partner[name] or "")}
    )
    registration.whole_commune_code = place.whole_code
