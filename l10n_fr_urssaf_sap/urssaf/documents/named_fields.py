# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which fields the Urssaf's own sentences are about: ERREUR_VALIDATION names them by their
path in what was sent ("champ inputParticulier.adressePostale.libelleVoie : …")."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from ..api.errors import ApiError
from ..text import fold
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
# Words of any sentence too: alone, they name a field only where a field is to be named.
_WORDS = {"civilite", "prenoms", "complement", "bic", "iban", "titulaire"}
_WORDS |= {"quantite", "unite"}
# The ways to write a path: of JSON, of Java, of a pointer.
_BRACKET = re.compile(r"[.\s]?[\[(]\s?[\"']?\s?(\w{0,40})\s?[\"']?\s?[\])]")
_CLASS = re.compile(r"->[\w.$]{1,100}(?=\[)")
_ARROW = re.compile(r"\s?(?:>|->|::|/)\s?(?=\w)")
_PART = r"(?:[A-Za-z][A-Za-z0-9_]{1,40}|[0-9]{1,4}(?![0-9A-Za-z]))"
_PATH = re.compile(rf"(?<![\w.])\.?{_PART}(?:\.{{1,2}}{_PART}){{0,12}}")
_BEFORE_A_FIELD = re.compile(
    r"\b(champs?|fields?|propriete|property|attribut|parametre|donnee|zone|element)\b"
    r"\W{0,4}$",
    re.IGNORECASE,
)
_QUOTES = "\"'`«»<>"
_START = re.compile(r"(^|[.;,:\n])\s*$")
_AFTER_A_FIELD = re.compile(r"\s?(:|=|est |ne |n'|doit |must |is |should )")
_NEXT = re.compile(r"[\s\"'`«»]*(,|;|et|ou|and|or)[\s\"'`«»]*", re.IGNORECASE)
_LONGEST, _MOST = 2000, 10  # characters of a sentence, fields of an answer


def of_particulier(errors: Iterable[ApiError]) -> list[Problem]:
    """The fields of a particulier that M010's errors name."""
    found = []
    for names, _index in _paths(errors):
        name = next((each for each in reversed(names) if each in _PARTICULIER), "")
        own = _PARTICULIER.get(name)
        if own == "commune" and _OF_BIRTH & {*names}:
            own = "birth_commune"
        found += [Problem(own, Rule.NAMED)] if own else []
    return list(dict.fromkeys(found))[:_MOST]


def of_request(errors: Iterable[ApiError]) -> list[Problem]:
    """The fields of a payment request that M050's errors name. ``line`` is the position
    of the service, as it was sent."""
    found = []
    for names, index in _paths(errors):
        known = (each for each in reversed(names) if each in _LINE or each in _REQUEST)
        name = next(known, "")
        in_line = name not in _REQUEST or "inputprestations" in names[:-1]
        if own := (_LINE if in_line else _REQUEST).get(name):
            line = index if in_line and own != "nova_number" else None
            found.append(Problem(own, Rule.NAMED, line))
    return list(dict.fromkeys(found))[:_MOST]


def _paths(errors: Iterable[ApiError]) -> Iterator[tuple[list[str], int | None]]:
    """The names of each path, from the outermost to the field's own, and the position of
    the service."""
    for error in errors:
        for text in (error.description, error.message):
            yield from _paths_in(fold(_plain(text[:_LONGEST])))


def _plain(text: str) -> str:
    """The same with the parts of paths joined by points."""
    text = _CLASS.sub("", text.replace("$.", ""))
    text = _BRACKET.sub(lambda part: f".{part[1]}" if part[1] else "", text)
    return _ARROW.sub(".", text)


def _paths_in(text: str) -> Iterator[tuple[list[str], int | None]]:
    end = -1  # of the last field
    for path in _PATH.finditer(text):
        before, after = text[max(0, path.start() - 30) : path.start()], path.end()
        parts = path[0].replace("_", "").strip(".").split(".")
        names = [part.lower() for part in parts if not part.isdigit()]
        if not names:
            continue
        if len(parts) == 1 and (names[0] in _WORDS or path[0] == names[0]):
            listed = end >= 0 and _NEXT.fullmatch(text[end : path.start()])
            quoted = before[-1:] in {*_QUOTES} and text[after : after + 1] in {*_QUOTES}
            first = _START.search(before) and _AFTER_A_FIELD.match(text, after)
            if not (listed or quoted or first or _BEFORE_A_FIELD.search(before)):
                continue
        end = after
        yield names, _position(parts)


def _position(parts: list[str]) -> int | None:
    """The number after the name of the services."""
    found = [
        own
        for name, own in pairwise(parts)
        if name.lower().rstrip("s").endswith("prestation")
    ]
    return int(found[0]) if found and found[0].isdigit() else None


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
