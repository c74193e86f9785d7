# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the words of a French address line are: a number, a type of street, a unit of a
building, a place. Every reader takes the words and a position, which may lie outside of
them."""

import re
from collections.abc import Iterable
from functools import lru_cache

from ..api.codes import STREET_TYPES
from ..text import fold, words_of

OTHER_TYPE = "other"


# The readers come back to the same few words again and again.
@lru_cache(maxsize=256)
def fold_word(text: str) -> str:
    """A word folded, in lower case, without the punctuation around it."""
    return fold(text).casefold().strip(" .,:;'-")


def key(words: list[str], at: int) -> str:
    """The word at a position, folded; "" where there is none."""
    return fold_word(words[at]) if 0 <= at < len(words) else ""


def has_text(words: Iterable[str]) -> bool:
    """Whether there is a letter or a digit anywhere."""
    return any(char.isalnum() for word in words for char in word)


def table(text: str) -> dict[str, str]:
    """{"a": "K", "b": "K"} from "K=a,b"."""
    pairs = (pair.split("=") for pair in text.split())
    return {word: key for key, words in pairs for word in words.split(",")}


# The types' own names, and how people shorten them. The codes "mai" and "par" are left
# out: they are more often something else.
_FULL_TYPES = {fold_word(label): code for code, label in STREET_TYPES.items()}
_FULL_TYPES |= {"av": "AV", "ave": "AV", "bd": "BD", "bld": "BD"}
TYPES = _FULL_TYPES | table(
    """ALL=all,allees AV=aven BAT=bat,batim,bt BD=blvd,bvd,boul,boulv C=crs,cr
    CHE=che,chem,chm,ch CHS=chs,chss,chau FG=fg,fbg,fb,faub HAM=ham IMB=imm,imb
    IMP=imp,impas LOT=lot,lotis,lotiss MTE=mte,mtee PAS=pass,psg,psge PAV=pav PL=pl,plce
    POR=pte Q=q QU=qu,quart,qtier R=r RAM=rpe RES=res,resid RTE=rte,rt RUL=rle,rul
    SEN=sen,sent SQ=sq,sqr"""
)
# These are also buildings and places: they are the street only where there is no other.
PLACE_TYPES = words_of("BAT CAN CI CL COG HAM IMB LOT MAI PAR PAV POR QU RES")
# These are too long to be anything else inside a line.
PLAIN_TYPES = {word for word, code in _FULL_TYPES.items() if code not in PLACE_TYPES}
_OTHER_TYPES = words_of(
    """esplanade esp promenade prom mail villa venelle traverse trav sente rond-point rond
    rpt cour galerie rocade corniche servitude parvis hent straed strada carriera carrera
    carrer cami camin calle via dreve boucle carrefour coteau degres descente digue levee
    passerelle placette terrasse terrasses traboule vallon rang voirie autoroute arcades
    chjassu carrughju"""
)
_OTHER_ENDINGS = (
    *("gasse", "gass", "strasse", "stross", "straat", "straete", "weg"),
    *("'rue", "-rue", "grandrue", "'place", "-place"),
)
_LAST_TYPES = words_of("straat straete bidea karrika etorbidea gasse strasse")
_ADJECTIVES = words_of(
    """grand grande petit petite pte vieux vieil vieille ancien ancienne haut haute bas
    basse beau belle bel nouveau nouvelle premiere deuxieme troisieme"""
)
# After one of these, a type, a unit or a building is part of a name.
LINKS = _ADJECTIVES | words_of(
    "de du des d la le les l au aux a en et sur sous ou n° no"
)
_ROAD = re.compile("(?:rn|rd|n|d|cd|vc|cr)([0-9]*)|t[0-9]+")

UNITS = words_of(
    """bat batiment bt apt appt app appart appartement esc escalier porte pte entree ent
    hall tour bloc cage lot log logt logement chambre imm immeuble etage etg niveau studio
    boite bal villa maison pavillon pav chalet bungalow interphone code case pk bp cs tsa
    cidex"""
)
_UNIT_VALUE = re.compile("[a-z]?[0-9][0-9,.]*([a-z][0-9]*)?|[a-z]")
_FLOORS = words_of("etage etages etg et droite gauche dte gche face")
_BUILDINGS = words_of(
    """residence res resid immeuble imm batiment bat appartement appt apt rdc chez c/o
    s/c"""
)
_PEOPLE = words_of("m mr mme mlle monsieur madame mademoiselle me dr")
_PLACES = words_of(
    """hameau ham quartier quart qu section tribu village morne ravine bp cs tsa cidex
    poste"""
)
_PLACE_LABELS = words_of("lieu-dit lieudit lieux-dits ld l.d")
_BREAKS = PLAIN_TYPES | _BUILDINGS
_BREAKS |= words_of("maison lotissement hameau quartier zone za zi zac")

_ORDINAL = re.compile("[0-9]+(?:er|ere|e|eme|ieme|nd|nde)")
_SUFFIX = "(?:bis|ter|quater|quinquies|sexies|septies|octies|[a-z])(?![a-z])"
_NUMBER = re.compile(
    f"(?:n[°ºo]?[.]?)?[0-9]+(?:{_SUFFIX}|[-/&+,](?:{_SUFFIX}|[0-9]+))*"
)
_MORE_NUMBER = re.compile(f"{_SUFFIX}|[0-9]+(?:{_SUFFIX})?|[-/&+–—]|et|au|ou")
ZIP = re.compile("(?:f-?)?[0-9]{5}")


def type_of_street(words: list[str], at: int, numbered: bool = True) -> str:
    """A key of STREET_TYPES, OTHER_TYPE, or "" where no street begins."""
    word, following = key(words, at), key(words, at + 1)
    road = _ROAD.fullmatch(word)
    if not word or unit_length(words, at):
        return ""
    if road and (road[1] != "" or following.isdigit()):
        return OTHER_TYPE
    if has_text(words[at + 1 : at + 3]):
        qualified = word in _ADJECTIVES or _ORDINAL.fullmatch(word)
        if qualified and following in _FULL_TYPES:
            return OTHER_TYPE
        if word in TYPES and (numbered or word != "q"):
            return TYPES[word]
        if word in _OTHER_TYPES and (word != "rond" or following == "point"):
            return OTHER_TYPE
    other = word.endswith(_OTHER_ENDINGS) or following in _LAST_TYPES
    return OTHER_TYPE if other else ""


def number_length(words: list[str], at: int) -> int:
    """How many words a number takes, with all that may follow: "12", "n° 12 bis à 14"."""
    start = at + (key(words, at) in ("n°", "no", "numero"))
    if _NUMBER.fullmatch(key(words, start)):
        end = start + 1
        while end < min(len(words), start + 8) and _MORE_NUMBER.fullmatch(
            _sign(words[end])
        ):
            end += 1
        return end - at
    return 0


def _sign(word: str) -> str:
    return fold_word(word) or word


def unit_length(words: list[str], at: int) -> int:
    """How many words a unit takes: "Bât C", "Appt n° 4", "2e étage"."""
    word, following = key(words, at), key(words, at + 1)
    if _ORDINAL.fullmatch(word):
        return 2 if following in _FLOORS else 0
    if word not in UNITS:
        return int(word == "rdc" or word.rstrip("0123456789") in UNITS)
    if following in ("n°", "no"):
        return 3
    # In "Porte d Italie" the d is no door.
    elided = following in ("d", "l") and TYPES.get(word, "BAT") != "BAT"
    return 2 if _UNIT_VALUE.fullmatch(following) and not elided else 0


def label_length(words: list[str], at: int) -> int:
    """How many words a label like "Lieu-dit" takes."""
    word = key(words, at)
    if word in ("lieu", "lieux") and key(words, at + 1) in ("dit", "dits"):
        return 2
    return int(word in _PLACE_LABELS)


def breaks(words: list[str], at: int) -> bool:
    """Whether the street's name has ended before this word."""
    if key(words, at - 1) in LINKS:
        return False
    if unit_length(words, at) or label_length(words, at):
        return True
    return key(words, at) in _BREAKS and has_text(words[at + 1 : at + 3])


def is_place(words: list[str]) -> bool:
    """Whether these words are a locality, even where there is a street."""
    start = number_length(words, 0)
    return key(words, start) in _PLACES or label_length(words, start) > 0


def is_indoors(words: list[str]) -> bool:
    """Whether these words name a building, a part of it or a person."""
    word = key(words, 0)
    unit = unit_length(words, 0) and not word.startswith("pk")
    return bool(word in _BUILDINGS or word in _PEOPLE or unit)
