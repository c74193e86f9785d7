# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A French postal address in the pieces that M010 asks for."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from ..api.codes import ARRONDISSEMENT_CITIES, STREET_LETTERS, STREET_TYPES
from .problem import Problem, Rule, is_commune_code
from .typed import clean_code, clean_line, clean_zip

FRANCE = "99100"  # INSEE's country code

# The most characters that M010 takes (swagger: InputAdresseDTO).
STREET_NUMBER_LIMIT = 20
STREET_NAME_LIMIT = 28
LINE_LIMIT = 38
COMMUNE_NAME_LIMIT = 50
_LIMITS = {
    "street_number": STREET_NUMBER_LIMIT,
    "street_name": STREET_NAME_LIMIT,
    "complement": LINE_LIMIT,
    "locality": LINE_LIMIT,
    "commune_name": COMMUNE_NAME_LIMIT,
}


@dataclass(frozen=True, repr=False)
class Address:
    """``cleaned`` gives the same in the form in which it is sent; checks and body go by it.

    ``commune_code`` is today's 5-character INSEE code (that of an arrondissement in
    Paris, Lyon and Marseille), ``street_type`` is a key of STREET_TYPES,
    ``street_letter`` one of STREET_LETTERS. Absent pieces are ""."""

    zip: str = ""
    commune_code: str = ""
    commune_name: str = ""
    street_number: str = ""
    street_letter: str = ""
    street_type: str = ""
    street_name: str = ""
    complement: str = ""
    locality: str = ""

    def cleaned(self) -> "Address":
        lines = {
            piece.name: clean_line(getattr(self, piece.name)) for piece in fields(self)
        }
        codes = {
            "zip": clean_zip(self.zip),
            "commune_code": clean_code(self.commune_code),
        }
        return Address(**lines | codes)

    def problems(self) -> list[Problem]:
        """What M010 would refuse with ERR_CONTACT or ERR_CONTACT_ADRESSE_…"""
        cleaned = self.cleaned()
        return [*cleaned._malformed(), *cleaned._incomplete()]

    def _malformed(self) -> Iterator[Problem]:
        for name, limit in _LIMITS.items():
            if len(getattr(self, name)) > limit:
                yield Problem(name, Rule.TOO_LONG)
        number = self.street_number
        if number and (not number.isascii() or not number.isdigit() or number == "0"):
            yield Problem("street_number", Rule.MALFORMED)
        if self.street_letter and self.street_letter not in STREET_LETTERS:
            yield Problem("street_letter", Rule.MALFORMED)
        if self.street_type and self.street_type not in STREET_TYPES:
            yield Problem("street_type", Rule.MALFORMED)
        if self.zip and not (
            self.zip.isascii() and self.zip.isdigit() and len(self.zip) == 5
        ):
            yield Problem("zip", Rule.MALFORMED)

    def _incomplete(self) -> Iterator[Problem]:
        if not self.zip:
            yield Problem("zip", Rule.MISSING)
        if not self.commune_code or not self.commune_name:
            yield Problem("commune", Rule.MISSING)
        elif not is_commune_code(self.commune_code):
            yield Problem("commune", Rule.MALFORMED)
        elif self.commune_code in ARRONDISSEMENT_CITIES:
            yield Problem("commune", Rule.NEEDS_ARRONDISSEMENT)
        if self.street_type and not self.street_name:
            yield Problem("street_name", Rule.NEEDS_STREET_NAME)
        elif self.street_name and not self.street_type:
            yield Problem("street_type", Rule.NEEDS_STREET_TYPE)
        elif (self.street_number or self.street_letter) and not self.street_name:
            yield Problem("street_name", Rule.NEEDS_STREET_NAME)
        elif not (self.street_name or self.complement or self.locality):
            yield Problem("street_name", Rule.NEEDS_STREET_OR_LOCALITY)

    def body(self) -> dict[str, str]:
        """M010's ``adressePostale``; absent pieces are left out."""
        cleaned = self.cleaned()
        body = {
            name: value
            for piece, name in _API_NAMES.items()
            if (value := getattr(cleaned, piece))
        }
        return body | {"codePays": FRANCE}


_API_NAMES = {
    "zip": "codePostal",
    "commune_code": "codeCommune",
    "commune_name": "libelleCommune",
    "street_number": "numeroVoie",
    "street_letter": "lettreVoie",
    "street_type": "codeTypeVoie",
    "street_name": "libelleVoie",
    "complement": "complement",
    "locality": "lieuDit",
}
