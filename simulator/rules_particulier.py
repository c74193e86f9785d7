# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What M010 checks in the registration of a particulier, as far as data can tell."""

import re
import unicodedata
from datetime import date

from stdnum.iso7064 import mod_97_10

from .codes import M010_ERRORS, STREET_TYPES, codes_named_in, problem
from .formats import (
    Field,
    Refused,
    day,
    dump_json,
    json_object,
    letters,
    one_of,
    read,
    text,
)

FRANCE = "99100"

#: Starts and ends with a letter. Today's server cuts the three names at 80.
_SURNAME = letters(r"L(?:[L' -]*L)?", longest=80)
#: Words parted by one space; hyphen and apostrophe only inside a word.
_FIRST_NAMES = letters(r"L+(?:['-]+L+)*(?: L+(?:['-]+L+)*)*", longest=80)
#: No "+" before the @, unlike what mail servers allow.
_EMAIL = (
    r"[-A-Za-z0-9_]+(?:\.[-A-Za-z0-9_]+)*"
    r"@[A-Za-z0-9]+(?:[-.][A-Za-z0-9]+)*\.[A-Za-z]+"
)
_BIC = r"[A-Za-z]{6}[0-9A-Za-z]{2}(?:[0-9A-Za-z]{3})?"
_IBAN = r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{4}[0-9]{7}[A-Za-z0-9]{0,16}"


def _commune_code(value: object) -> str:
    """Today's INSEE code of a commune, of a department that exists.

    The simulator has no list of communes. It knows that no code ends in 000 (a postal
    code taken for an INSEE code often does) and that Paris, Lyon and Marseille are
    addressed by arrondissement.
    """
    code = text(r"[0-9][0-9A-Ba-b][0-9]{3}")(value).upper()
    if code.startswith("75"):
        known = "75101" <= code <= "75120"
    else:
        mainland = re.match(r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]", code)
        overseas = re.match(r"97[1-8]|98[4-9]", code)
        known = (mainland and code[2:] != "000") or overseas
    if not known or code in ("69123", "13055"):
        raise Refused("commune inconnue")
    return code


def _iban(value: object) -> str:
    account = text(_IBAN, shortest=18, longest=38)(value).upper()
    # Not stdnum.iban: the tests also run this inside Odoo 19, whose import hook hides
    # that package's data files. The pattern above and the check digits remain.
    if not mod_97_10.is_valid(account[4:] + account[:4]):
        raise Refused("clé fausse")
    return account


def _contact(parse, required: bool = True, code: str = "ERR_CONTACT") -> Field:
    """A field of the contact data: absent or malformed, the code is the same."""
    return Field(parse, required, code=code, missing=code)


_BANK = "ERR_COORDONNEES_BANCAIRES"

PARTICULIER = {
    "civilite": Field(one_of({"1", "2"})),
    "nomNaissance": Field(_SURNAME),
    "nomUsage": Field(_SURNAME, required=False),
    "prenoms": Field(_FIRST_NAMES),
    "dateNaissance": Field(day),
    "lieuNaissance": Field(json_object, missing="ERREUR_LIEU_NAISSANCE_OBLIGATOIRE"),
    "numeroTelephonePortable": _contact(text(r"(?:0|\+33)[67][0-9]{8}")),
    "adresseMail": _contact(text(_EMAIL)),
    "adressePostale": _contact(json_object),
    "coordonneeBancaire": Field(json_object, code=_BANK, missing=_BANK),
}

BIRTH_PLACE = {
    "codePaysNaissance": Field(text(r"[0-9]{5}")),
    "departementNaissance": Field(
        text(r"[09][0-9][0-9abAB]"),
        required=False,
        code="ERREUR_LIEU_NAISSANCE_DEPT_FORMAT",
    ),
    "communeNaissance": Field(json_object, required=False),
}

BIRTH_COMMUNE = {
    "codeCommune": Field(text(r"[0-9]{3}"), missing="ERR_LIEU_NAISSANCE_COMN"),
    # Optional in the published contract, demanded by the server.
    "libelleCommune": Field(
        text(shortest=1, longest=50), missing="ERR_LIEU_NAISSANCE_OBLIGATOIRE"
    ),
}

ADDRESS = {
    "numeroVoie": _contact(text(r"(?!0$)[0-9]{0,20}"), required=False),
    "lettreVoie": Field(
        one_of({"", "B", "T", "Q", "C"}),
        required=False,
        code="ERR_CONTACT_ADRESSE_LETTRE_VOIE",
    ),
    "codeTypeVoie": Field(
        one_of(STREET_TYPES | {""}),
        required=False,
        code="ERR_CONTACT_ADRESSE_TYPE_VOIE",
    ),
    "libelleVoie": _contact(text(longest=28), required=False),
    "complement": _contact(text(longest=38), required=False),
    "lieuDit": _contact(text(longest=38), required=False),
    "libelleCommune": _contact(text(shortest=1, longest=50)),
    "codeCommune": _contact(_commune_code, code="ERR_CONTACT_ADRESSE_COMMUNE"),
    "codePostal": _contact(text(r"[0-9]{5}")),
    # The address is always in France.
    "codePays": _contact(one_of({FRANCE})),
}

BANK_ACCOUNT = {
    "bic": Field(text(_BIC), code=_BANK, missing=_BANK),
    "iban": Field(_iban, code=_BANK, missing=_BANK),
    "titulaire": Field(text(shortest=1, longest=100)),
}


def check_particulier(body: dict, today: date) -> tuple[dict, list[dict]]:
    """Read an M010 body: its well-formed top-level values, and every problem."""
    problems: list[dict] = []
    values = read(body, PARTICULIER, problems)
    if "dateNaissance" in values and values["dateNaissance"] > today:
        problems.append(problem("ERR_DATE_NAISSANCE_FUTUR", "dateNaissance"))
    if "lieuNaissance" in values:
        _check_birth_place(values["lieuNaissance"], problems)
    if "adressePostale" in values:
        _check_address(values["adressePostale"], problems)
    if "coordonneeBancaire" in values:
        bank = values["coordonneeBancaire"]
        read(bank, BANK_ACCOUNT, problems, "coordonneeBancaire.")
    local_part = values.get("adresseMail", "").partition("@")[0]
    for code in codes_named_in(local_part, M010_ERRORS):
        problems.append(problem(code, "demandé par l'adresse e-mail"))
    return values, problems


def _check_birth_place(place: dict, problems: list) -> None:
    """In France both department and commune, abroad neither."""
    where = "lieuNaissance."
    if not place:
        problems.append(problem("ERREUR_LIEU_NAISSANCE_OBLIGATOIRE", "lieuNaissance"))
        return
    values = read(place, BIRTH_PLACE, problems, where)
    country = values.get("codePaysNaissance")
    local = {"departementNaissance", "communeNaissance"} & place.keys()
    if country is not None and country != FRANCE:
        if local:
            names = ", ".join(sorted(local))
            problems.append(problem("ERREUR_LIEU_NAISSANCE_PAYS", where + names))
        return
    if country == FRANCE and "departementNaissance" not in place:
        problems.append(problem("ERREUR_LIEU_NAISSANCE_DEPT", where + "departement…"))
    if country == FRANCE and "communeNaissance" not in place:
        problems.append(problem("ERR_LIEU_NAISSANCE_COMN", where + "communeNaissance"))
    if "communeNaissance" in values:
        where += "communeNaissance."
        commune = read(values["communeNaissance"], BIRTH_COMMUNE, problems, where)
        label = commune.get("libelleCommune", "")
        if not all(char.isalnum() or char in " '’-./()," for char in label):
            code = "ERREUR_LIEU_NAISSANCE_INVALIDE"
            problems.append(problem(code, where + "libelleCommune"))


def _check_address(address: dict, problems: list) -> None:
    """Type and name of a street go together; some line has to say where."""
    where = "adressePostale."
    values = read(address, ADDRESS, problems, where)
    # A malformed field was given: only a missing one leaves the address incomplete.
    given = {name for name in address if values.get(name, "malformed")}
    street = {"codeTypeVoie", "libelleVoie"} & given
    if street == {"libelleVoie"}:
        code = "ERR_CONTACT_ADRESSE_TYPEVOIE"
        problems.append(problem(code, where + "codeTypeVoie"))
    if street == {"codeTypeVoie"}:
        code = "ERR_CONTACT_ADRESSE_LIBELLEVOIE"
        problems.append(problem(code, where + "libelleVoie"))
    if "numeroVoie" in given and not street:
        problems.append(problem("ERR_CONTACT", where + "numeroVoie : sans voie"))
    if not street and not {"complement", "lieuDit"} & given:
        code = "ERR_CONTACT_ADRESSE_INFORMATION_SUPPLEMENTAIRE"
        problems.append(problem(code, "adressePostale"))


def identity_key(body: dict) -> str:
    """What makes two valid M010 bodies the same person, as text to compare.

    Birth name, first names, birth date, and the codes of the birth place; case,
    accents, hyphens and apostrophes do not count.
    """
    place = body["lieuNaissance"]
    return dump_json(
        [
            _plain(body["nomNaissance"]),
            _plain(body["prenoms"]),
            body["dateNaissance"][:10],
            place["codePaysNaissance"],
            place.get("departementNaissance", "").upper(),
            place.get("communeNaissance", {}).get("codeCommune"),
        ]
    )


#: What the tax office may know otherwise; the last one is of the birth place.
TAX_FILE = ("nomNaissance", "nomUsage", "prenoms", "codeCommune")


def agrees(body: dict, names: dict) -> bool:
    """Whether a valid M010 body says what the tax office has on file: in any case, but
    hyphen for hyphen and space for space. ``names`` has some of TAX_FILE."""
    commune = body["lieuNaissance"].get("communeNaissance", {})
    told = body | {"codeCommune": commune.get("codeCommune")}
    return all(
        _folded(told.get(name)) == _folded(value) for name, value in names.items()
    )


def _folded(name: str | None) -> str:
    return (name or "").casefold()


def contact_key(body: dict) -> str:
    """The pair e-mail and mobile of a valid M010 body, as text to compare."""
    mobile = body["numeroTelephonePortable"].replace("+33", "0")
    return f"{body['adresseMail'].lower()} {mobile}"


def _plain(name: str) -> str:
    spread = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE"))
    bare = (char for char in spread if not unicodedata.combining(char))
    words = "".join(char if char.isalpha() else " " for char in bare)
    return " ".join(words.upper().split())
