# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the words of a French address line are: a number, a type of street, a unit of a
building, a place. Every reader takes the words and a position, which may lie outside of
them."""

import re
from collections.abc import Iterable, Iterator
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
    POR=pte Q=q QU=qu,qua,quart,qtier R=r RAM=rpe RES=res,resid RTE=rte,rt RUL=rle,rul
    SEN=sen,sent SQ=sq,sqr"""
)
# These are also buildings and places: they are the street only where there is no other.
PLACE_TYPES = words_of("BAT CAN CI CL COG HAM IMB LOT MAI PAR PAV POR QU RES")
# These are unmistakable inside a line, too.
PLAIN_TYPES = {word for word, code in _FULL_TYPES.items() if code not in PLACE_TYPES}
SHORT_PLAIN_TYPES = words_of("av ave bd bld blvd bvd boul rte imp fbg pl")


def _slips(word: str) -> Iterator[str]:
    """How a hand may miss a long word: two letters swapped, one left out or typed twice,
    in the longest also another one. The first letter is right."""
    for at in range(1, len(word)):
        head, letter, tail = word[:at], word[at], word[at + 1 :]
        yield head + letter + letter + tail
        if letter == word[at - 1] or len(word) > 5:
            yield head + tail
        if tail:
            yield head + tail[0] + letter + tail[1:]
        if len(word) > 6:
            yield from (head + other + tail for other in "abcdefghijklmnopqrstuvwxyz")


_SLIPS = {
    slip: _FULL_TYPES[word]
    for word in sorted(PLAIN_TYPES)
    if len(word) > 4
    for slip in _slips(word)
    if slip not in TYPES and slip != "monte"
}
_OTHER_TYPES = words_of(
    """esplanade esp promenade prom mail villa venelle traverse trav sente rond-point rond
    rpt cour galerie rocade corniche servitude parvis hent straed strada carriera carrera
    carrer cami camin calle via dreve boucle carrefour coteau degres descente digue levee
    passerelle placette terrasse terrasses traboule vallon rang voirie autoroute arcades
    chjassu carrughju"""
)
_OTHER_ENDINGS = ("gasse", "gass", "strasse", "stross", "straat", "straete", "weg")
# Names that have their type in them: Grand'Rue, Grand-Place.
_OWN_ENDINGS = {"R": ("'rue", "-rue", "grandrue"), "PL": ("'place", "-place")}
_LAST_TYPES = words_of("straat straete bidea karrika etorbidea gasse strasse")
_ADJECTIVES = words_of(
    """grand grande petit petite pte vieux vieil vieille ancien ancienne haut haute bas
    basse beau belle bel nouveau nouvelle premiere deuxieme troisieme gd gde grd grde vx
    vle vlle anc nvelle nlle"""
)
# After one of these, a type, a unit or a building is part of a name.
LINKS = _ADJECTIVES | words_of(
    "de du des d la le les l au aux a en et sur sous ou n° no"
)
_ROAD = re.compile("(?:rn|rd|n|d|cd|vc|cr)([0-9]*)|t[0-9]+")

UNITS = words_of(
    """bat batiment bt apt appt app appart appartement esc escalier porte pte entree ent
    hall tour bloc cage lot log logt logement chambre imm immeuble etage etg niveau studio
    boite bal villa maison pavillon pav chalet bungalow interphone code case pk km bp b.p
    cs c.s tsa cidex hangar box local cellule bureau boutique atelier module dock stand
    aile ilot parking aerienne"""
)
_POSTAL = re.compile(r"(?:b[.]?p|c[.]?s|t[.]?s[.]?a|cidex)([0-9]*)")
_UNIT_VALUE = re.compile("[a-z]?[0-9][0-9,.]*([a-z][0-9]*)?|[a-z]")
_FLOORS = words_of("etage etages etg et droite gauche dte gche face")
_BUILDINGS = words_of(
    """residence res resid immeuble imm batiment bat appartement appt apt rdc chez c/o
    s/c"""
)
_PUBLIC = words_of("mairie ecole college lycee hopital eglise gare poste salle")
_PEOPLE = words_of("m mr mme mlle monsieur madame mademoiselle me dr")
_PLACES = words_of(
    "hameau ham quartier quart qu section tribu village morne ravine poste"
)
_PLACE_LABELS = words_of("lieu-dit lieudit lieux-dits ld l.d")
_BREAKS = PLAIN_TYPES | _BUILDINGS
_BREAKS |= words_of(
    """maison lotissement hameau quartier zone za zi zac z.a z.i z.a.c centre c/cial c.cial
    ccial c.c cc cite parc technopole technoparc pole espace galerie campus domaine tour
    palais hotel mairie college lycee hopital clinique caserne stade"""
)
_MONTHS = words_of(
    """janvier fevrier mars avril mai juin juillet aout septembre octobre novembre
    decembre"""
)
_YEAR = re.compile("(?:1[5-9]|20)[0-9]{2}")

_ORDINAL = re.compile("[0-9]+(?:er|ere|e|eme|ieme|nd|nde)")
_SUFFIX = "(?:bis|ter|quater|quinquies|sexies|septies|octies|[a-z])(?![a-z])"
_NUMBER = re.compile(
    f"(?:n[°ºo]?[.]?)?[0-9]+(?:{_SUFFIX}|[-/&+,](?:{_SUFFIX}|[0-9]+))*"
)
_MORE_NUMBER = re.compile(
    f"{_SUFFIX}(?:[-/][0-9]+(?:{_SUFFIX})?)?|[0-9]+(?:{_SUFFIX})?|[-/&+–—]|et|au|ou"
)
ZIP = re.compile("(?:f-?)?[0-9]{5}")


def type_of_street(words: list[str], at: int, numbered: bool = True) -> str:
    """A key of STREET_TYPES, OTHER_TYPE, or "" where no street begins."""
    word, following = key(words, at), key(words, at + 1)
    road = _ROAD.fullmatch(word)
    if not word or unit_length(words, at):
        return ""
    if road and (road[1] != "" or following.isdigit()):
        return OTHER_TYPE
    own = own_type(words, at)
    if own:
        return OTHER_TYPE if own in PLACE_TYPES else own
    if has_text(words[at + 1 : at + 3]):
        if word in TYPES and (numbered or word != "q"):
            return TYPES[word]
        if word in _OTHER_TYPES and (word != "rond" or following == "point"):
            return OTHER_TYPE
        if word in _SLIPS:
            return _SLIPS[word]
    other = word.endswith(_OTHER_ENDINGS) or following in _LAST_TYPES
    return OTHER_TYPE if other else ""


def own_type(words: list[str], at: int) -> str:
    """The type of a street whose name has it inside: "Grande Rue", "Ancienne Route de X",
    "Grand'Place", "1ère Avenue"; "" elsewhere."""
    word, following = key(words, at), key(words, at + 1)
    if word in _ADJECTIVES or _ORDINAL.fullmatch(word):
        code = TYPES.get(following, "")
        if not code or following in _FULL_TYPES:
            return code
        # "Vieux Ch. de X", but "Ancien CH de X"
        clear = len(following) > 2 or words[at + 1].endswith(".")
        return code if clear and code not in PLACE_TYPES else ""
    endings = (code for code, ends in _OWN_ENDINGS.items() if word.endswith(ends))
    return next(endings, "")


def is_plain(words: list[str], at: int) -> bool:
    """Whether a street that begins here is unmistakable inside a line."""
    word = key(words, at)
    own = own_type(words, at)
    return (
        word in PLAIN_TYPES
        or word in SHORT_PLAIN_TYPES
        or own not in PLACE_TYPES | {""}
    )


def number_length(words: list[str], at: int) -> int:
    """How many words a number takes, with all that may follow: "12", "n° 12 bis à 14"."""
    start = at + (key(words, at) in ("n°", "no", "numero", "n°s", "nos", "numeros"))
    if _NUMBER.fullmatch(key(words, start)):
        end = start + 1
        while end < min(len(words), start + 8) and _MORE_NUMBER.fullmatch(
            _sign(words[end])
        ):
            end += 1
        return end - at
    return 0


def is_of_name(words: list[str], at: int) -> bool:
    """Whether a number is of the name before it: "8 mai 1945", "Espace Dillon 3000",
    "RD 338"."""
    word, previous = key(words, at), key(words, at - 1)
    if previous in _MONTHS:
        return _YEAR.fullmatch(word) is not None
    brand = at > 0 and word[1:] == "000" and not previous.isdigit()
    return brand or previous in ("rd", "rn", "cd", "r.d", "r.n")


def _sign(word: str) -> str:
    return fold_word(word) or word


def unit_length(words: list[str], at: int) -> int:
    """How many words a unit takes: "Bât C", "Appt n° 4", "2e étage"."""
    word, following = key(words, at), key(words, at + 1)
    if _ORDINAL.fullmatch(word):
        return 2 if following in _FLOORS else 0
    if _POSTAL.fullmatch(word):
        return postal_length(words, at)
    if word not in UNITS:
        return int(word == "rdc" or word.rstrip("0123456789") in UNITS)
    if following in ("n°", "no"):
        return 3
    # In "Porte d Italie" the d is no door.
    elided = following in ("d", "l") and TYPES.get(word, "BAT") != "BAT"
    return 2 if _UNIT_VALUE.fullmatch(following) and not elided else 0


def postal_length(words: list[str], at: int) -> int:
    """How many words a box at the post office takes: "BP 123", "CS 90 000", "BP130"."""
    box = _POSTAL.fullmatch(key(words, at))
    number, more = key(words, at + 1), key(words, at + 2)
    if not box:
        return 0
    if box[1]:
        return 1
    if number in ("n°", "no"):
        return 3
    grouped = len(number) < 3 and len(more) == 3 and more.isdigit()
    return (
        2 + (grouped and not type_of_street(words, at + 3)) if number.isdigit() else 0
    )


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
    number = number_length(words, at)
    if number and not is_of_name(words, at):
        return key(words, at + number) in _BUILDINGS  # 12 rue X 139 Rés. Y
    if own_type(words, at):
        return is_plain(words, at)
    return key(words, at) in _BREAKS and has_text(words[at + 1 : at + 3])


def is_place(words: list[str]) -> bool:
    """Whether these words are a locality, even where there is a street."""
    start = number_length(words, 0)
    postal = _POSTAL.fullmatch(key(words, start))
    return bool(postal or key(words, start) in _PLACES or label_length(words, start))


def is_indoors(words: list[str]) -> bool:
    """Whether these words name a building, a part of it or a person."""
    word = key(words, 0)
    unit = unit_length(words, 0) and not word.startswith("pk")
    return bool(word in _BUILDINGS or word in _PEOPLE or unit)


def is_public(words: list[str]) -> bool:
    """Whether these words name a public building: the place is said beside it."""
    return key(words, 0) in _PUBLIC
