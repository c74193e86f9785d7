# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A particulier, as M010 asks for them.

The values are as people type them; ``Particulier.problems`` says what M010 would refuse,
``Particulier.body`` gives what is sent. None of these objects shows its content in its
repr, because it is personal.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from stdnum import bic
from stdnum.iso7064 import mod_97_10

from ..api.client import api_date
from ..text import TYPED_LIMIT, tidy
from .address import COMMUNE_NAME_LIMIT, FRANCE, Address
from .problem import Problem, Rule, birth_date_problems, is_commune_code
from .typed import (
    clean_bic,
    clean_code,
    clean_email,
    clean_iban,
    clean_line,
    fold_first_names,
    fold_name,
    normalize_mobile,
)

# The tax office holds names without accents. The swagger allows letters, apostrophes,
# hyphens and spaces, with a letter at both ends and single spaces between first names;
# newer versions of the contract cut every name at 80 characters. (The swagger's patterns
# are not used as they stand: they could run for ever on a long wrong name.)
_NAME = re.compile(r"[A-Za-z]([A-Za-z' -]*[A-Za-z])?")
_FIRST_NAMES = re.compile(r"[A-Za-z]+(['-]+[A-Za-z]+)*( [A-Za-z]+(['-]+[A-Za-z]+)*)*")
_NAME_LIMIT = 80
_EMAIL = re.compile(
    r"[-A-Za-z0-9_]+(\.[-A-Za-z0-9_]+)*@[A-Za-z0-9]+((-|\.)[A-Za-z0-9]+)*\.[A-Za-z]+"
)
# The contract takes 18 to 31 characters, which is narrower than ISO 13616.
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{4}[0-9]{7}[A-Z0-9]{3,16}")
_PARTICULIER_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HOLDER_LIMIT = 100
_EMAIL_LIMIT = 254  # RFC 5321


def is_particulier_id(value: str) -> bool:
    """Whether this may be an ``idClient`` (swagger: OutputParticulierDTO, a UUID)."""
    return bool(_PARTICULIER_ID.fullmatch(value))


def clean_particulier_id(typed: str) -> str:
    """An ``idClient`` in small letters, without what was copied along with it."""
    found = set(_PARTICULIER_ID.findall(tidy(typed[:TYPED_LIMIT]).lower()))
    return found.pop() if len(found) == 1 else typed


@dataclass(frozen=True, repr=False)
class BirthPlace:
    """``country`` is INSEE's 5-digit code (99100 is France). ``commune_code`` is the
    commune's 5-character INSEE code in force on the day of birth and ``commune_name`` its
    name then; both are "" for a birth abroad. ``whole_code``: see split_commune_code."""

    country: str = ""
    commune_code: str = ""
    commune_name: str = ""
    whole_code: bool = False

    @property
    def in_france(self) -> bool:
        return self.country == FRANCE

    def cleaned(self) -> "BirthPlace":
        return replace(
            self,
            commune_code=clean_code(self.commune_code),
            commune_name=clean_line(self.commune_name),
        )

    def body(self) -> dict[str, object]:
        """M010's ``lieuNaissance``. Department and commune must be absent for a birth
        abroad (ERREUR_LIEU_NAISSANCE_PAYS)."""
        body: dict[str, object] = {"codePaysNaissance": self.country}
        if self.in_france:
            department, commune = split_commune_code(self.commune_code, self.whole_code)
            body["departementNaissance"] = department
            body["communeNaissance"] = {
                "codeCommune": commune,
                "libelleCommune": self.commune_name[:COMMUNE_NAME_LIMIT],
            }
        return body


def split_commune_code(code: str, whole: bool = False) -> tuple[str, str]:
    """INSEE's 5 characters as M010's 3 + 3: 69123 is 069 and 123, 2A004 is 02A and 004,
    97411 (overseas, whose department has three digits) is 974 and 011; or ``whole``, as the
    tax office has some on file: 974 and 411."""
    if code.startswith(("97", "98")):
        return code[:3], code[2:] if whole else code[3:].zfill(3)
    return code[:2].zfill(3), code[2:]


@dataclass(frozen=True, repr=False)
class BankAccount:
    """The account that will be debited; ``holder`` at most 100 characters."""

    iban: str = ""
    bic: str = ""
    holder: str = ""

    def cleaned(self) -> "BankAccount":
        return BankAccount(
            clean_iban(self.iban), clean_bic(self.bic), clean_line(self.holder)
        )

    def problems(self) -> list[Problem]:
        """What M010 would refuse with ERR_COORDONNEES_BANCAIRES."""
        cleaned = self.cleaned()
        return [
            *_check(cleaned.iban, "iban", _is_iban),
            *_check(cleaned.bic, "bic", bic.is_valid),
            *_check(cleaned.holder, "holder", limit=_HOLDER_LIMIT),
        ]

    def body(self) -> dict[str, str]:
        """M010's ``coordonneeBancaire``."""
        cleaned = self.cleaned()
        return {
            "bic": cleaned.bic,
            "iban": cleaned.iban,
            "titulaire": cleaned.holder,
        }


@dataclass(frozen=True, repr=False)
class Particulier:
    """What M010 asks for. ``civility`` is "1" (Monsieur) or "2" (Madame).

    ``cleaned`` gives the same in the form in which it is sent; checks and body go by it.
    """

    civility: str = ""
    birth_name: str = ""
    usage_name: str = ""
    first_names: str = ""
    birth_date: date | None = None
    birth_place: BirthPlace = field(default_factory=BirthPlace)
    mobile: str = ""
    email: str = ""
    address: Address = field(default_factory=Address)
    bank_account: BankAccount = field(default_factory=BankAccount)

    def cleaned(self) -> "Particulier":
        return replace(
            self,
            birth_name=fold_name(self.birth_name),
            usage_name=fold_name(self.usage_name),
            first_names=fold_first_names(self.first_names),
            birth_place=self.birth_place.cleaned(),
            mobile=normalize_mobile(self.mobile) or self.mobile,
            email=clean_email(self.email),
            address=self.address.cleaned(),
            bank_account=self.bank_account.cleaned(),
        )

    def problems(self, today: date) -> list[Problem]:
        """Everything in this file that M010 would refuse, in the order of the form."""
        return self.cleaned()._problems(today)

    def _problems(self, today: date) -> list[Problem]:
        return [
            *_check(self.civility, "civility", {"1", "2"}.__contains__),
            *_check_name(self.birth_name, "birth_name"),
            *self._usage_name_problems(),
            *_check_name(self.first_names, "first_names", _FIRST_NAMES),
            *self._birth_problems(today),
            *self._mobile_problems(),
            *_check(self.email, "email", _EMAIL.fullmatch, _EMAIL_LIMIT),
            *self.address.problems(),
            *self.bank_account.problems(),
        ]

    def _usage_name_problems(self) -> Iterator[Problem]:
        if self.usage_name:
            yield from _check_name(self.usage_name, "usage_name")

    def _birth_problems(self, today: date) -> Iterator[Problem]:
        yield from birth_date_problems(self.birth_date, today)
        place = self.birth_place
        if not place.country:
            yield Problem("birth_country", Rule.MISSING)
        elif not re.fullmatch("[0-9]{5}", place.country):
            yield Problem("birth_country", Rule.MALFORMED)
        elif place.in_france:
            yield from self._birth_commune_problems(place)
        elif place.commune_code or place.commune_name:
            # The country or the commune is wrong, and nobody here knows which.
            name = "birth_commune" if place.commune_name else "birth_code"
            yield Problem(name, Rule.ONLY_IN_FRANCE)

    def _birth_commune_problems(self, place: BirthPlace) -> Iterator[Problem]:
        if not place.commune_name:
            yield Problem("birth_commune", Rule.MISSING)
        elif not place.commune_code:
            # The code is that of the day of birth: no code is missing without a date.
            if self.birth_date:
                yield Problem("birth_code", Rule.MISSING)
        elif not is_commune_code(place.commune_code):
            yield Problem("birth_code", Rule.MALFORMED)

    def _mobile_problems(self) -> Iterator[Problem]:
        if not self.mobile:
            yield Problem("mobile", Rule.MISSING)
        elif not normalize_mobile(self.mobile):
            yield Problem("mobile", Rule.NOT_FRENCH_MOBILE)

    def body(self) -> dict[str, object]:
        """M010's body (swagger: InputParticulierDTO)."""
        sent = self.cleaned()
        body: dict[str, object] = {
            "civilite": sent.civility,
            "nomNaissance": sent.birth_name,
            "prenoms": sent.first_names,
            "dateNaissance": api_date(sent.birth_date),
            "lieuNaissance": sent.birth_place.body(),
            "numeroTelephonePortable": sent.mobile,
            "adresseMail": sent.email,
            "adressePostale": sent.address.body(),
            "coordonneeBancaire": sent.bank_account.body(),
        }
        if sent.usage_name.casefold() not in ("", sent.birth_name.casefold()):
            body["nomUsage"] = sent.usage_name
        return body


def _check(
    value: str,
    name: str,
    valid: Callable[[str], object] | None = None,
    limit: int | None = None,
) -> Iterator[Problem]:
    if not value:
        yield Problem(name, Rule.MISSING)
    elif limit and len(value) > limit:
        yield Problem(name, Rule.TOO_LONG)
    elif valid and not valid(value):
        yield Problem(name, Rule.MALFORMED)


def _check_name(
    value: str, name: str, pattern: re.Pattern[str] = _NAME
) -> Iterator[Problem]:
    return _check(value, name, pattern.fullmatch, _NAME_LIMIT)


def _is_iban(iban: str) -> bool:
    # stdnum.iban cannot be imported inside Odoo 19, whose import hook hides that package's
    # data files; so its parts are used here, with the contract's own pattern.
    return bool(
        _IBAN.fullmatch(iban)
        and mod_97_10.is_valid(iban[4:] + iban[:4])
        and (len(iban) == 27 or not iban.startswith("FR"))
    )
