# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What stands between a contact and their registration with the Urssaf."""

from odoo import fields
from odoo.tools.sql import escape_psql

from ..texts.messages import (
    describe_exclusion,
    describe_problem,
    field_label,
    state_label,
)
from ..texts.obstacle import Obstacle
from ..urssaf.documents.problem import Problem, Rule
from ..urssaf.documents.typed import clean_email, fold_name, normalize_mobile
from .payload import particulier_of

# Where the user fixes what the library finds wrong.
_FIELDS = {
    "civility": "l10n_fr_sap_civility",
    "birth_name": "l10n_fr_sap_birth_name",
    "usage_name": "l10n_fr_sap_usage_name",
    "first_names": "l10n_fr_sap_first_names",
    "birth_date": "l10n_fr_sap_birth_date",
    "birth_country": "l10n_fr_sap_birth_country_id",
    "birth_commune": "l10n_fr_sap_birth_commune_id",
    "birth_code": "l10n_fr_sap_birth_code",
    "mobile": "l10n_fr_sap_mobile",
    "email": "email",
    "zip": "zip",
    "commune": "l10n_fr_sap_commune_id",
    "commune_name": "l10n_fr_sap_commune_id",
    "street_number": "l10n_fr_sap_street_number",
    "street_letter": "l10n_fr_sap_street_letter",
    "street_type": "l10n_fr_sap_street_type",
    "street_name": "l10n_fr_sap_street_name",
    "complement": "l10n_fr_sap_complement",
    "locality": "l10n_fr_sap_locality",
    "iban": "l10n_fr_sap_bank_id",
    "bic": "l10n_fr_sap_bank_id",
    "holder": "l10n_fr_sap_bank_id",
}
_BANK = ("iban", "bic", "holder")
# The fields of a contact that an obstacle may be about.
FIXED_FIELDS = ("l10n_fr_sap_exclusion", *dict.fromkeys(_FIELDS.values()))
# What a search by e-mail goes by.
_SEARCHED = ("birth_name", "usage_name", "first_names", "email")


def obstacles_of(partner):
    """Why this contact cannot be registered by the current company, all at once.

    :rtype: list[Obstacle]
    """
    return _of_the_person(partner) or [
        *_of_the_rules(partner),
        *_of_the_contact(partner),
    ]


def search_obstacles_of(partner):
    """Why the Urssaf cannot be asked by e-mail who this is.

    :rtype: list[Obstacle]
    """
    searched = {_FIELDS[name] for name in _SEARCHED}
    return _of_the_person(partner) or [
        obstacle for obstacle in _of_the_rules(partner) if obstacle.field in searched
    ]


def _of_the_person(partner):
    """Why there is nothing to do for this contact at the Urssaf."""
    env = partner.env
    if not partner.l10n_fr_sap_particulier:
        text = env._("Not marked as a private customer (Particulier)")
        return [Obstacle("l10n_fr_sap_particulier", "missing", text, partner)]
    if partner.is_company or partner.commercial_partner_id != partner:
        text = env._("Is a company, or a contact of one: not a private customer")
        return [Obstacle("is_company", "wrong", text, partner)]
    registration = partner.l10n_fr_sap_registration_id
    if registration and not registration._is_registrable():
        text = env._("Already registered (%s)", state_label(registration))
        return [Obstacle("l10n_fr_sap_registration_state", "known", text, partner)]
    if partner.l10n_fr_sap_exclusion:
        text = describe_exclusion(partner)
        return [Obstacle("l10n_fr_sap_exclusion", "excluded", text, partner)]
    return []


def _of_the_rules(partner):
    """What the Urssaf would refuse."""
    today = fields.Date.context_today(partner)
    has_account = partner.l10n_fr_sap_bank_id or partner.l10n_fr_sap_iban
    for problem in particulier_of(partner).problems(today):
        # Without an account there is one obstacle, and not one for each of its parts.
        if has_account or problem.field not in _BANK:
            name, text = _FIELDS[problem.field], _describe(partner, problem)
            yield Obstacle(name, problem.rule, text, partner)


def named_obstacles(partner, problems):
    """The obstacles that the fields are which the Urssaf itself named."""
    return [
        Obstacle(_FIELDS[each.field], each.rule, _describe(partner, each), partner)
        for each in problems
    ]


def _of_the_contact(partner):
    env, bank = partner.env, partner.l10n_fr_sap_bank_id
    if not bank and not partner.l10n_fr_sap_iban:
        text = env._("Debited Account is missing")
        yield Obstacle("l10n_fr_sap_bank_id", "missing", text, partner)
    elif bank and bank.partner_id._origin != partner._origin:
        text = env._("Debited Account is somebody else's")
        yield Obstacle("l10n_fr_sap_bank_id", "other", text, partner)
    elif bank and not bank.active:
        text = env._("Debited Account is archived")
        yield Obstacle("l10n_fr_sap_bank_id", "archived", text, partner)
    if partner.l10n_fr_sap_commune_id.kind == "former":
        text = env._("Commune of Residence no longer exists")
        yield Obstacle("l10n_fr_sap_commune_id", "former", text, partner)
    if other := _same_contact(partner):
        # Buttons work with every right; the person who pressed it may not read it.
        readable = other.sudo(False).has_access("read")
        text = env._(
            "Email and Mobile are those of %s already: the Urssaf wants another pair for"
            " each person",
            other.display_name if readable else env._("a customer of another company"),
        )
        yield Obstacle("l10n_fr_sap_mobile", "taken", text, partner)


def _describe(partner, problem):
    env, codes = partner.env, partner._l10n_fr_sap_birth_codes()
    if problem == Problem("birth_code", Rule.MISSING) and len(codes) > 1:
        return env._(
            "Birth Commune: %(commune)s was several communes then, or within another,"
            " please choose (%(choices)s)",
            commune=partner.l10n_fr_sap_birth_commune_id.name,
            choices=", ".join(f"{code.name} {code.code}" for code in codes),
        )
    label = field_label(partner, _FIELDS[problem.field])
    part = {"iban": "IBAN", "bic": "BIC", "holder": env._("account holder")}.get(
        problem.field
    )
    return describe_problem(env, f"{label} ({part})" if part else label, problem)


def _same_contact(partner):
    """Another person known to the Urssaf by the same e-mail and mobile."""
    mobile = normalize_mobile(partner.l10n_fr_sap_mobile or "")
    email = clean_email(partner.email or "")
    if not mobile or not email:
        return partner.browse()
    registered = partner.env.company._l10n_fr_sap_registered_company()
    environment = registered.l10n_fr_sap_environment
    known = [("urssaf_id", "!=", False), ("environment", "=", environment)]
    others = partner.sudo().with_context(active_test=False)
    others = others.search(
        [
            ("email", "ilike", escape_psql(email)),
            ("l10n_fr_sap_registration_ids", "any", known),
            ("id", "!=", partner._origin.id),
        ]
    )
    return others.filtered(
        lambda other: (
            normalize_mobile(other.l10n_fr_sap_mobile or "") == mobile
            and clean_email(other.email or "").casefold() == email.casefold()
            and not is_same_person(other, partner)
        )
    )[:1]


def is_same_person(one, other):
    """Whether two contacts are one particulier to the Urssaf."""
    return _identity(one) == _identity(other)


def _identity(partner):
    return (
        fold_name(partner.l10n_fr_sap_birth_name or "").casefold(),
        fold_name(partner.l10n_fr_sap_first_names or "").casefold(),
        partner.l10n_fr_sap_birth_date,
    )
