# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which of those whom the Urssaf knows by an e-mail address is this contact. Nobody is
ever taken for somebody else."""

from ..texts.advice import enter_id_advice
from ..texts.obstacle import Obstacle
from ..urssaf.documents.identity import is_known_as
from ..urssaf.documents.particulier import clean_particulier_id, is_particulier_id
from .obstacles import is_same_person
from .payload import particulier_of

_ID = "l10n_fr_sap_urssaf_id"


def pick(partner, found):
    """The Urssaf ID of this contact among ``found`` (the library's KnownParticuliers), ""
    where none is theirs for sure, and the obstacles then.

    :rtype: tuple[str, list[Obstacle]]
    """
    env, person = partner.env, particulier_of(partner)
    ids = {
        clean_particulier_id(known.id) for known in found if is_known_as(person, known)
    }
    if len(ids) > 1 or not all(map(is_particulier_id, ids)):
        text = env._("The Urssaf has several customers of this name and this Email.")
        return "", [_obstacle(partner, "several", text)]
    if not ids and found:
        text = env._(
            "The Urssaf knows this Email, but not under these names. Nothing was taken"
            " over. Compare Birth Name, Married Name and First Names with the tax notice"
            " (avis d'impôt)."
        )
        return "", [_obstacle(partner, "other", text)]
    if not ids:
        text = env._("The Urssaf knows no customer of yours by this Email.")
        return "", [_obstacle(partner, "unknown", text)]
    [urssaf_id] = ids
    if other := holder_of(partner, urssaf_id):
        text = env._("The Urssaf ID found is the one of contact no. %s.", other.id)
        return "", [Obstacle(_ID, "taken", text, partner)]
    return urssaf_id, []


def not_searchable(partner):
    """What there is to say where the Urssaf does not search by e-mail.

    :rtype: list[Obstacle]
    """
    text = partner.env._("The Urssaf does not answer searches by Email.")
    return [_obstacle(partner, "not_searchable", text)]


def holder_of(partner, urssaf_id):
    """Another person's contact that has this id already; empty if none."""
    registrations = partner.env["l10n_fr_sap.registration"].sudo()
    company = partner.env.company._l10n_fr_sap_registered_company()
    own = [*registrations._domain_of(company), ("urssaf_id", "=", urssaf_id)]
    others = registrations.search(own).partner_id - partner
    return others.filtered(lambda other: not is_same_person(other, partner.sudo()))[:1]


def _obstacle(partner, rule, text):
    return Obstacle(_ID, rule, f"{text} {enter_id_advice(partner.env)}", partner)
