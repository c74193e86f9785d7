# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What people type and paste, in the form in which it is sent.

What is right already stays as it is, and so does what cannot be read for sure: the check
finds that, and the user fixes it.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote

import phonenumbers
from stdnum import bic

from ..text import TYPED_LIMIT, fold, tidy

_MAILTO = re.compile(r"(?i)mailto:(?://)?([^?&<>()\[\]\s\"']+)")
_IN_BRACKETS = re.compile(r"[<(\[]([^<>()\[\]@:]+@[^<>()\[\]@:]+)[>)\]]")
_EMAIL_LABEL = re.compile(
    r"(?i)(adresse +)?((e-?mail|mail|courriel|m[eé]l)\.? *[:=] *|(e-?mail|courriel) +)"
    r"|https?://"
)
# A remark, or the rest of a link.
_AFTER_EMAIL = re.compile(r"(?<=[^\s@]) *(\([^()@]*\)|\?[a-z]+=.*)$")
_AROUND_EMAIL = (" ,;:()[]{}\"'«»|", " .,;:()[]{}\"'«»|/")
_PHONE_LABEL = re.compile(
    r"(?i)((t[eé]l([eé]phone)?|port(able)?|mob(ile)?|gsm|n°|num[eé]ro)(?![a-z])[ .:]*)+"
    r"(?=[+(0-9])"
)
_PHONE_SIGNS = str.maketrans(dict.fromkeys("_·•,|", " "))
_MOBILE = re.compile("0[67][0-9]{8}")
_FRENCH_PREFIXES = {33, 262, 590, 594, 596}  # France and its overseas departments
# No IBAN begins like these: a country's two letters are followed by two digits.
_IBAN_LABEL = re.compile(
    "(IBANFR|IBAN|CODE|NUM[EÉ]RO|N°|RIB|MON|DE|COMPTE|BANCAIRE)+(?=[A-Z]{2}[0-9]{2})"
    "|(IBAN|CODE|NUM[EÉ]RO|N°)+"
)
_BIC_AFTER_IBAN = re.compile(
    "(FR[0-9]{2}[A-Z0-9]{23})(CODE|BIC|SWIFT)*[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?"
)
_BIC_LABEL = re.compile(r"(?i)(code +)?(bic|swift)([ /(]*(bic|swift))?\)?( *[:=] *| +)")
_ZIP = re.compile("(?:CP|FR?)?-?([0-9]{5})(?:[A-Z]{3}.*)?")


def clean_line(line: str) -> str:
    """A line of an address or the like, in plain signs with its accents."""
    return _until_clean(line, tidy)


def fold_name(name: str) -> str:
    """A name as the tax office holds it: no accents, no ligatures, single spaces.

    Other characters that it does not know (digits, points) are kept, for the check to
    find and the user to fix.
    """
    # It may have grown: œ is two letters.
    return fold(name[:TYPED_LIMIT])[:TYPED_LIMIT].strip(" ,;")


def fold_first_names(names: str) -> str:
    """First names likewise. An identity card puts commas between them."""
    names = re.sub("[,;]", " ", fold_name(names))
    return " ".join(re.sub(" ?([-']) ?", r"\1", " ".join(names.split())).split())


def normalize_mobile(number: str) -> str:
    """A French mobile number as 0612345678, or "" where the number is not one.

    The national spelling is right overseas too, where +33 would lead nowhere.
    """
    if len(number) > TYPED_LIMIT:
        return ""
    number = _PHONE_LABEL.sub("", tidy(number).translate(_PHONE_SIGNS), count=1)
    if any(char.isalpha() for char in number):
        return ""  # phonenumbers would dial letters as digits
    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return ""
    national = f"0{parsed.national_number}"
    french = parsed.country_code in _FRENCH_PREFIXES
    return national if french and _MOBILE.fullmatch(national) else ""


def clean_email(email: str) -> str:
    """An e-mail address without what comes along from a mail program or a link."""
    return _until_clean(email, _clean_email)


def _clean_email(email: str) -> str:
    text = tidy(email).translate({ord("＠"): "@", ord("．"): "."})
    links = {unquote(link) for link in _MAILTO.findall(text)}
    # Several would be several people: the user has to choose.
    for found in (links, set(_IN_BRACKETS.findall(text))):
        if len(found) == 1:
            [text] = found
    if text.count("@") > 1:
        return text
    if label := _EMAIL_LABEL.match(text):
        text = text[label.end() :]
    text = _AFTER_EMAIL.sub("", text)
    before, after = _AROUND_EMAIL
    return re.sub(" ?@ ?", "@", text.lstrip(before).rstrip(after))


def clean_iban(iban: str) -> str:
    """An IBAN without its spaces and label, in capitals."""
    return _until_clean(iban, _clean_iban)


def _clean_iban(iban: str) -> str:
    compact = re.sub(r"[\s.,:;/_'\"()=|#«»-]", "", tidy(iban)).upper()
    label = _IBAN_LABEL.match(compact)
    alone = compact[label.end() :] if label else compact
    with_bic = _BIC_AFTER_IBAN.fullmatch(alone)
    return with_bic[1] if with_bic else alone


def clean_bic(code: str) -> str:
    """A BIC likewise."""
    return _until_clean(code, _clean_bic)


def _clean_bic(code: str) -> str:
    text = tidy(code).strip(' .,;:()«»"')
    label = _BIC_LABEL.match(text)
    return bic.compact(text[label.end() :] if label else text)


def clean_zip(code: str) -> str:
    """A postal code without spaces and without the country."""
    compact = clean_code(code)
    found = _ZIP.fullmatch(compact)
    return found[1] if found else compact


def clean_code(code: str) -> str:
    """An INSEE code, NOVA number or the like without spaces, in capitals."""
    return _until_clean(code, lambda typed: re.sub("[ .]", "", tidy(typed)).upper())


def _until_clean(typed: str, clean: Callable[[str], str]) -> str:
    """``typed`` cleaned until nothing is left to clean; nobody's is longer than the
    limit."""
    if len(typed) > TYPED_LIMIT:
        return typed
    while (cleaned := clean(typed)) != typed:
        typed = cleaned
    return typed
