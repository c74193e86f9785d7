# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which fields the Urssaf's own sentences are about: ERREUR_VALIDATION names them by their
path in what was sent ("champ inputParticulier.adressePostale.libelleVoie : …")."""

import re
from collections.abc import Iterable, Iterator

from ..api.errors import ApiError
from .problem import Problem, Rule

# The names of M010's body, in lower case, and the library's own.
_PARTICULIER = {
    "civilite": "civility",
    "nomnaissance": "birth_name",
    "nomusage": "usage_name",
    "prenoms": "first_names",
    "datenaissance": "birth_date",
    "lieunaissance": "birth_commune",
    "codepaysnaissance": "birth_country",
    "departementnaissance": "birth_commune",
    "communenaissance": "birth_commune",
    "numerotelephoneportable": "mobile",
    "adressemail": "email",
    "adressepostale": "street_name",
    "numerovoie": "street_number",
    "lettrevoie": "street_letter",
    "codetypevoie": "street_type",
    "libellevoie": "street_name",
    "complement": "complement",
    "lieudit": "locality",
    "libellecommune": "commune",
    "codecommune": "commune",
    "codepostal": "zip",
    "codepays": "commune",
    "coordonneebancaire": "iban",
    "bic": "bic",
    "iban": "iban",
    "titulaire": "holder",
}
# The same of an item of M050, and of its lines.
_REQUEST = {
    "idtiersfacturation": "nova_number",
    "idclient": "particulier_id",
    "datenaissanceclient": "birth_date",
    "numfacturetiers": "number",
    "datefacture": "invoice_date",
    "datedebutemploi": "date_from",
    "datefinemploi": "date_to",
    "mntacompte": "deposit",
    "dateversementacompte": "deposit_date",
    "mntfacturettc": "amount_total",
    "mntfactureht": "amount_total",
    "inputprestations": "services",
}
_LINE = {
    "codenature": "nature",
    "codeactivite": "nature",
    "quantite": "quantity",
    "unite": "unit",
    "mntunitairettc": "price",
    "mntprestationttc": "amount",
    "mntprestationht": "amount",
    "mntprestationtva": "amount",
    "datedebutemploi": "date",
    "datefinemploi": "date",
    "complement1": "description",
    "complement2": "nova_number",
}
_OF_BIRTH = {"lieunaissance", "communenaissance"}
# Words of any sentence too: alone, they name a field only after the word for one.
_WORDS = {"civilite", "prenoms", "complement", "bic", "iban", "titulaire"}
_WORDS |= {"quantite", "unite"}
_INDEX = r"(?:\[[0-9]{0,4}\]|\.[0-9]{1,4}(?![0-9A-Za-z]))?"
_PATH = re.compile(
    rf"(?<![\w.])(?:\$?\.?\[[0-9]+\]\.)?[A-Za-z][A-Za-z0-9]{{1,40}}{_INDEX}"
    rf"(?:[./][A-Za-z][A-Za-z0-9]{{1,40}}{_INDEX}){{0,8}}"
)
_BEFORE_A_FIELD = re.compile(
    r"(champs?|field|propri[ée]t[ée]|attribut)\W{0,4}$", re.IGNORECASE
)
_LONGEST, _MOST = 2000, 10  # characters of a sentence, fields of an answer


def of_particulier(errors: Iterable[ApiError]) -> list[Problem]:
    """The fields of a particulier that M010's errors name."""
    found = (
        Problem("birth_commune" if _OF_BIRTH & {*above} else own, Rule.NAMED)
        if own == "commune"
        else Problem(own, Rule.NAMED)
        for name, above, _index in _names(errors)
        if (own := _PARTICULIER.get(name))
    )
    return list(dict.fromkeys(found))[:_MOST]


def of_request(errors: Iterable[ApiError]) -> list[Problem]:
    """The fields of a payment request that M050's errors name. ``line`` is the position
    of the service, as it was sent."""
    found = []
    for name, above, index in _names(errors):
        in_line = "inputprestations" in above or name not in _REQUEST
        if own := (_LINE if in_line else _REQUEST).get(name):
            line = index if in_line and own != "nova_number" else None
            found.append(Problem(own, Rule.NAMED, line))
    return list(dict.fromkeys(found))[:_MOST]


def _names(errors: Iterable[ApiError]) -> Iterator[tuple[str, list[str], int | None]]:
    """The last name of each path, those above it, and the position of the service."""
    for error in errors:
        for text in (error.description[:_LONGEST], error.message[:_LONGEST]):
            for path in _PATH.finditer(text):
                *above, name = re.findall("[a-z][a-z0-9]*", path[0].lower())
                alone = not above and "[" not in path[0]
                said = _BEFORE_A_FIELD.search(
                    text[max(0, path.start() - 20) : path.start()]
                )
                if alone and not said and (name in _WORDS or path[0] == name):
                    continue
                index = re.search(
                    r"inputPrestations[.\[]([0-9]+)", path[0], re.IGNORECASE
                )
                yield name, above, int(index[1]) if index else None


def write(problems: Iterable[Problem]) -> str:
    """These fields as a text to be kept; ``read`` gives them back."""
    return " ".join(
        each.field if each.line is None else f"{each.field}:{each.line}"
        for each in problems
    )


def read(text: str) -> list[Problem]:
    parts = (each.partition(":") for each in text.split())
    return [
        Problem(field, Rule.NAMED, int(line) if line else None)
        for field, _colon, line in parts
    ]
