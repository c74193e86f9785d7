# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How a line of an address is made to fit a number of characters, in the manner of NF
Z10-011: titles are abbreviated first, then first names; then articles are left out, and
then words."""

import re
from typing import NamedTuple

from ..documents.address import LINE_LIMIT, STREET_NAME_LIMIT
from ..text import words_of
from .first_names import FIRST_NAMES
from .street_words import UNITS, fold_word, has_text, key, table

_ABBREVIATIONS = table(
    """adj=adjudant all=allee anc=ancien,anciens,ancienne,anciennes apt=appartement
    av=avenue bat=batiment bd=boulevard bon=baron cal=caporal cdal=cardinal
    cdt=commandant che=chemin cne=capitaine col=colonel cte=comte dr=docteur ent=entree
    esc=escalier etg=etage fg=faubourg gal=general gd=grand gde=grande ham=hameau
    imm=immeuble imp=impasse ing=ingenieur logt=logement lot=lotissement lt=lieutenant
    mal=marechal mgr=monseigneur mis=marquis mlle=mademoiselle mme=madame
    nal=national,nationale pdt=president pl=place pr=professeur qu=quartier res=residence
    rgt=regiment rte=route sgt=sergent sq=square st=saint ste=sainte vle=vieille
    vx=vieux"""
)
# Words that another one must follow.
TITLES = words_of(
    """abbe adjudant amiral baron capitaine cardinal colonel commandant docteur general
    lieutenant marechal monseigneur president professeur saint sainte st ste"""
)
_ARTICLES = {"de", "du", "des", "d", "la", "le", "les", "l", "et", "aux", "au"}
_SAINTS = {"saint", "sainte", "st", "ste"}
# The pieces of a line, each with the signs that follow it: "Saint-", "d'", "Bât, ".
_PIECES = re.compile(r"(?<=[\s'’-])(?=[^\s'’-])")
_DOT = re.compile(r"(?:(?<=[0-9])|(?<=\s\w)|(?<=^\w))[.]$")  # "BP 12.", "Hall A."
_EDGES = " ,;:/'’-"


class Fitted(NamedTuple):
    """The free pieces within their limits, and the words that no piece has room for."""

    name: str
    complement: str
    locality: str
    rest: str


def fit_pieces(name: str, complement: str, locality: str, whole: str) -> Fitted:
    """``name`` is short enough already; ``whole`` is the street where its name was cut,
    "" otherwise. What one piece has no room for goes into the others, the street's own
    words first. Where the whole street leaves no room for the rest, only the words that
    the name lacks are said beside it."""
    lacking = trim(shorten(whole, 0).removesuffix(name))
    ways = [_fit_beside(name, complement, locality, text) for text in (whole, lacking)]
    return min(ways, key=lambda fitted: len(fitted.rest))


def _fit_beside(name: str, complement: str, locality: str, street: str) -> Fitted:
    """The pieces with as much of the street, whose name was cut, as they have room for
    before what they say themselves."""
    cut = bool(street)
    whole, street = fit_line(street, LINE_LIMIT)
    if complement and locality:
        complement = _join(whole, complement)
    elif complement:
        locality = whole
    else:
        complement = whole
    # The end of a street is in its name.
    street = "" if name.endswith(street) else trim(street.removesuffix(name))
    complement, over = fit_line(complement, LINE_LIMIT)
    locality, more = fit_line(locality, LINE_LIMIT)
    left = []
    for part in filter(None, _join(street, over, more).split(", ")):
        if len(_join(locality, part)) <= LINE_LIMIT:
            locality = _join(locality, part)
        elif len(_join(complement, part)) <= LINE_LIMIT:
            complement = _join(complement, part)
        elif name and not cut and len(_join(name, part)) <= STREET_NAME_LIMIT:
            name = _join(name, part)
        else:
            left.append(part)
    locality, rest = _append(locality, _join(*left))
    complement, rest = _append(complement, rest)
    return Fitted(name, complement, locality, rest)


def _join(*texts: str) -> str:
    return ", ".join(filter(None, texts))


def _append(line: str, text: str) -> tuple[str, str]:
    """The line with as many words of ``text`` as it has room for, and the others. A lone
    word that its neighbours do not follow says nothing."""
    room = LINE_LIMIT - len(_join(line, "x")) + 1
    added, rest = fit_line(text, room) if room > 0 else ("", text)
    if line and rest and " " not in added:
        return line, text
    return _join(line, added), rest


def fit_name(text: str, limit: int) -> tuple[str, bool]:
    """The name within ``limit`` characters, and whether words were left out. The last
    words are kept, because they distinguish streets."""
    name = shorten(text, limit)
    pieces = [piece for piece in _PIECES.split(name) if has_text(piece)]
    if len(name) <= limit or not pieces:
        return name if pieces else "", False
    kept = trim(pieces.pop())[:limit]
    while pieces and len(pieces[-1] + kept) <= limit:
        kept = pieces.pop() + kept
    if pieces and not pieces[-1].endswith(" ") and " " in kept:
        kept = kept.partition(" ")[2]  # "Jean-Luz à Pau" of "St-Jean-Luz à Pau"
    return trim(kept), True


def fit_line(text: str, limit: int) -> tuple[str, str]:
    """The beginning of the line within ``limit`` characters, and the rest of it."""
    text = shorten(text, limit)
    if len(text) <= limit:
        return text, ""
    ends = (text.rfind(", ", 0, limit + 2), text.rfind(" ", 0, limit + 1))
    end = next((end for end in ends if end > 0), limit)
    label = text.rfind(" ", 0, end)
    if label > 0 and fold_word(text[label:end]) in UNITS:
        end = label  # "Bât" stays with its letter
    return trim(text[:end]), trim(text[end:])


def shorten(text: str, limit: int) -> str:
    """``text`` shortened no more than it needs to be. It is still too long where no word
    can be abbreviated or left out any more."""
    text = trim(text)
    pieces, excess = _PIECES.split(text), len(text) - limit
    articles = [_is_article(pieces, i) for i in range(len(pieces) - 1)]
    for shorter in (_abbreviate, _initial):
        for i, piece in enumerate(pieces[:-1]):
            if excess > 0:
                pieces[i] = shorter(piece, _is_of_saint(pieces[:i]))
                excess -= len(piece) - len(pieces[i])
    if excess > 0:
        pairs = zip(pieces, [*articles, False], strict=True)
        pieces = [piece for piece, article in pairs if not article]
    return trim("".join(pieces))


def _is_article(pieces: list[str], at: int) -> bool:
    """The D of "Bât D" and the L of "Rés. L, …" are none."""
    word = pieces[at].rstrip()
    letter = len(word) == 1 and key(pieces, at - 1) in UNITS
    return fold_word(word) in _ARTICLES and not letter and word[-1] not in ",;:"


def trim(text: str) -> str:
    return _DOT.sub("", text.strip(_EDGES))


def _is_of_saint(before: list[str]) -> bool:
    """Whether the next word is of a saint's name: "Saint Paul", "St-Vincent-de-Paul"."""
    compound = "".join(before).split(" ")[-1].partition("-")[0]
    return not _SAINTS.isdisjoint((key(before, len(before) - 1), fold_word(compound)))


def _abbreviate(piece: str, _of_saint: bool) -> str:
    word, folded = piece.rstrip(_EDGES), fold_word(piece)
    short = _ABBREVIATIONS.get(folded)
    if not short:
        return piece
    if folded.startswith(short) and len(folded) == len(word):
        short = word[: len(short)]
    elif word.isupper():
        short = short.upper()
    elif word[0].isupper():
        short = short.capitalize()
    return short + piece[len(word) :]


def _initial(piece: str, of_saint: bool) -> str:
    word = piece.rstrip(_EDGES)
    first = fold_word(word) in FIRST_NAMES and not of_saint
    return word[0] + piece[len(word) :] if first else piece
