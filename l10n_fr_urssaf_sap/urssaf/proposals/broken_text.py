# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a wrong character set made of a French address, set right as far as it shows what
was meant: "l¿Hôtel", "All�e", "ChÃ¢teau"."""

import re

# Bytes of UTF-8 that were read as Windows-1252: a lead, and what follows it.
_MISREAD = re.compile("[ÂÃÅ][\x80-\xbfŒ-™]|â[\x80-\xbf€][\x80-\xbfŒ-™]")
_SIGN = "[¿?\ufffd]"
_BROKEN = re.compile(_SIGN)
_RUN = re.compile(rf"({_SIGN}){_SIGN}+")  # one letter may have had several bytes
_LETTERS = r"[^\W\d_]{1,20}"
_BROKEN_WORD = re.compile(
    rf"(?:{_LETTERS})?(?:{_SIGN}{_LETTERS})+|{_LETTERS}{_SIGN}(?!\w)"
)
_NUMERO = re.compile(rf"\bn{_SIGN}(?=\s*[0-9])", re.IGNORECASE)
_ELISION = re.compile(
    rf"(?<![^\W\d_])([dljnstmc]|qu){_SIGN}(?=[^\W\d_])", re.IGNORECASE
)
_LIGATURE = re.compile(
    rf"(?:(?<=[csnvmb])|(?<![^\W_])){_SIGN}(?=(?:urs?|uds?|ufs?|ux?|uvres?)\b)",
    re.IGNORECASE,
)
_DASH = re.compile(rf"(?<=\s){_SIGN}(?=\s)")
# Words of addresses that have an accent.
_ACCENTED = """
    abbé académie allée allées andré artisanès bâtiment château châteaux chaussée chênes
    clémenceau collège commerçants côte côteaux côté crèche célestin département déportés
    école écoles église églises émile énergie érables états étage étang étangs étoile
    évêché évêque fédération flèche forêt françois françoise frédéric frères genêts
    général générale gérard hélène hôpital hôpitaux hôtel île îlot jaurès jérôme léon
    liberté libération lycée marché maréchal métiers métropole musée mûriers pâquerettes
    père périphérique pré préfecture préfet prés président près pyrénées république rené
    résidence résistance révolution régiment région rhône rivière santé saône sébastien
    société stéphane technopôle théâtre thérèse trésor université vallée édouard égalité
    étienne
"""
_ACCENT = re.compile("[^a-z]")
_KNOWN = {_ACCENT.sub("\0", word): word for word in _ACCENTED.split()}


def repair(text: str) -> str:
    """``text`` in which broken characters are what they stand for; those that nobody can
    tell are left out."""
    text = _MISREAD.sub(_decode, text).replace("Ã ", "à ")
    if not _BROKEN.search(text):
        return text
    text = _BROKEN_WORD.sub(_complete, _RUN.sub(r"\1", text))
    text = _NUMERO.sub("N°", text)
    text = _ELISION.sub(r"\1'", _LIGATURE.sub(_ligature, text))
    text = _DASH.sub("-", _BROKEN_WORD.sub(_complete, text))
    return _BROKEN.sub("", text)


def _decode(match: re.Match[str]) -> str:
    try:
        return match[0].encode("cp1252").decode()
    except UnicodeError:
        return match[0]


def _ligature(match: re.Match[str]) -> str:
    return "Œ" if match.string[match.end()].isupper() else "œ"


def _complete(match: re.Match[str]) -> str:
    """A known word with its accents, where each of them was broken."""
    typed = match[0]
    letters = _BROKEN.sub("\0", typed)
    known = _KNOWN.get(_ACCENT.sub("\0", letters.lower()))
    if not known:
        return typed
    if letters.replace("\0", "").isupper():
        return known.upper()
    return known if letters[0].islower() else known.capitalize()
