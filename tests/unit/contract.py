# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the public contract (version 1.29.1) allows in a body, as JSON schemas.

They are written for these tests alone, so that the tests do not rely on the library.
Three things are narrower than that version, as later versions and the server are: names
end at 80 characters, a call takes ten items, and the birth commune's label is demanded.
Of all letters, only the Latin ones are allowed.
"""

import json
import re

from jsonschema import Draft202012Validator

_L = "A-Za-zÀ-ÖØ-öø-ɏ"
NAME = rf"[{_L}]([{_L}' -]*[{_L}])?"
FIRST_NAMES = rf"[{_L}]+(['-]+[{_L}]+)*( [{_L}]+(['-]+[{_L}]+)*)*"
EMAIL = (
    r"[-A-Za-z0-9_]+(\.[-A-Za-z0-9_]+)*@[A-Za-z0-9]+((-|\.)[A-Za-z0-9]+)*\.[A-Za-z]+"
)
MOBILE = r"(0|\+33)[6-7]([0-9]{2}){4}"
STREET_NUMBER = r"(?!0\Z)[0-9]{1,20}"
COMMUNE = r"[0-9][0-9a-bA-B][0-9]{3}"
BIC = r"[a-zA-Z]{6}[0-9a-zA-Z]{2}([0-9a-zA-Z]{3})?"
IBAN = r"[a-zA-Z]{2}[0-9]{2}[a-zA-Z0-9]{4}[0-9]{7}[a-zA-Z0-9]{3,16}"
NOVA_NUMBER = r"SAP[0-9]{9}|SIR[0-9]{14}"


def _text(pattern="(?s:.*)", shortest=1, longest=10_000):
    return {
        "type": "string",
        "pattern": rf"\A(?:{pattern})\Z",
        "minLength": shortest,
        "maxLength": longest,
    }


def _object(required, **optional):
    return {
        "type": "object",
        "properties": required | optional,
        "required": list(required),
        "additionalProperties": False,
    }


_DATE = _text("[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00Z")
_COUNTRY = _text("[0-9]{5}")
_AMOUNT = {"type": "number", "minimum": 0}

PARTICULIER = _object(
    {
        "civilite": {"enum": ["1", "2"]},
        "nomNaissance": _text(NAME, longest=80),
        "prenoms": _text(FIRST_NAMES, longest=80),
        "dateNaissance": _DATE,
        "lieuNaissance": {
            "oneOf": [
                _object(
                    {
                        "codePaysNaissance": {"const": "99100"},
                        "departementNaissance": _text("[09][0-9][0-9abAB]"),
                        "communeNaissance": _object(
                            {
                                "codeCommune": _text("[0-9]{3}"),
                                "libelleCommune": _text(longest=50),
                            }
                        ),
                    }
                ),
                _object({"codePaysNaissance": _text("(?!99100)[0-9]{5}")}),
            ]
        },
        "numeroTelephonePortable": _text(MOBILE),
        "adresseMail": _text(EMAIL),
        "adressePostale": _object(
            {
                "libelleCommune": _text(longest=50),
                "codeCommune": _text(COMMUNE),
                "codePostal": _text("[0-9]{5}"),
                "codePays": {"const": "99100"},
            },
            numeroVoie=_text(STREET_NUMBER),
            lettreVoie={"enum": ["B", "T", "Q", "C"]},
            codeTypeVoie=_text("[0-9A-Za-z]{1,4}"),
            libelleVoie=_text(longest=28),
            complement=_text(longest=38),
            lieuDit=_text(longest=38),
        ),
        "coordonneeBancaire": _object(
            {"bic": _text(BIC), "iban": _text(IBAN), "titulaire": _text(longest=100)}
        ),
    },
    nomUsage=_text(NAME, longest=80),
)
_SERVICE = _object(
    {
        "codeNature": _text(),
        "unite": {"enum": ["HEURE", "FORFAIT"]},
        "mntUnitaireTTC": _AMOUNT,
        "mntPrestationTTC": _AMOUNT,
        "mntPrestationHT": _AMOUNT,
        "mntPrestationTVA": _AMOUNT,
        "quantite": _AMOUNT,
        "complement2": _text(NOVA_NUMBER),
    },
    complement1=_text(),
    dateDebutEmploi=_DATE,
    dateFinEmploi=_DATE,
)
PAYMENT_REQUESTS = {
    "type": "array",
    "minItems": 1,
    "maxItems": 10,
    "items": _object(
        {
            "idTiersFacturation": _text(),
            "numFactureTiers": _text(),
            "dateFacture": _DATE,
            "dateDebutEmploi": _DATE,
            "dateFinEmploi": _DATE,
            "mntFactureTTC": _AMOUNT,
            "mntFactureHT": _AMOUNT,
            "dateNaissanceClient": _DATE,
            "idClient": _text(),
            "inputPrestations": {"type": "array", "minItems": 1, "items": _SERVICE},
        },
        mntAcompte=_AMOUNT,
        dateVersementAcompte=_DATE,
    ),
}
_TEN = {"type": "array", "items": _text(), "minItems": 1, "maxItems": 10}
SEARCH = {
    "oneOf": [
        _object({"idDemandePaiements": _TEN}),
        _object({"numFactureTiers": _TEN}),
        _object({"dateDebut": _DATE, "dateFin": _DATE}),
    ]
}


def violations(body: bytes | str, contract: dict) -> list[str]:
    """What in a body, as it goes over the wire, the contract does not allow."""
    numbers = []

    def keep(text):
        numbers.append(text)
        return float(text)

    parsed = json.loads(body, parse_float=keep)
    errors = Draft202012Validator(contract).iter_errors(parsed)
    return [
        *(f"{error.json_path}: {error.message}" for error in errors),
        *(text for text in numbers if not re.fullmatch(r"\d+\.\d{1,2}", text)),
    ]
