# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""INSEE's Code officiel géographique: which code a place had on a day.

M010 asks for the commune of birth with the code in force on the day of birth: Boulogne-
Billancourt is 92012, and was 75012 until 1968. A wrong code is the first cause of
ERR_DGFIP_R2P_INCONNU.

A place's ``history`` is a text that ``tools/communes.py`` writes. Its segments are
separated by ``|``, the earliest first. ``1968-01-01=75012 Name`` says that the place had
this code and name until that day, which is not included; where the name is left out, it
is today's. ``~`` instead of ``=`` stands before the code of another place, in whose
registers a birth here was written then: the commune that this one was merged into, or
one of the communes that it was merged from. A segment may hold several codes. After the
last segment the place has its own code and name; an empty history says that they never
changed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ..text import TYPED_LIMIT, fold, words_of

_ARRONDISSEMENTS = {"PARIS": 20, "LYON": 9, "MARSEILLE": 16}
_CITIES = "|".join(_ARRONDISSEMENTS)
_ORDINAL = "(?:0*([1-9][0-9]?)|([IVX]+)) ?(?:ER|ERE|E|EME|IEME|ND|NDE|O)?"
_ARRONDISSEMENT = re.compile(
    rf"({_CITIES})( CEDEX)? {_ORDINAL}(?: AR[A-Z]*)?( CEDEX(?: [0-9]+)?)?"
)
_ARRONDISSEMENT_OF = re.compile(rf"{_ORDINAL} AR[A-Z]* (?:DE )?({_CITIES})")
_ORDINAL_BEHIND = re.compile("(?<= )0*([1-9][0-9]?)(?:ER|ERE|E|EME|IEME)$")
_CEDEX = re.compile(" CEDEX( [0-9]+)?$")
_ABBREVIATIONS = {
    "BG": "BOURG",
    "BX": "BAUX",
    "FD": "FERRAND",
    "GD": "GRAND",
    "GDE": "GRANDE",
    "MT": "MONT",
    "MX": "MOULINEAUX",
    "ND": "NOTRE DAME",
    "SS": "SOUS",
    "ST": "SAINT",
    "STE": "SAINTE",
    "STES": "SAINTES",
    "STS": "SAINTS",
    "VX": "VIEUX",
}
# Between two words only: the Lez is a river, and "S. et O." a department.
_LINKS = {"S": "SUR", "LEZ": "LES"}
_LINK = re.compile("(?<=[A-Z0-9] )(S|LEZ)(?= (?!ET )[A-Z0-9])")
_ARTICLE_BEHIND = re.compile("^(.+) (LE|LA|LES)$")

# The words between a name's others, which tell little.
LITTLE_WORDS = words_of("A AU AUX D DE DES DEVANT DU EN ET L LA LE LES SOUS SUR")

_CODE = re.compile("([=~])([0-9][0-9AB][0-9]{3})(?: ([^=~]+))?")

# The ISO codes of the territories that INSEE codes as France (99100). ISO lists the
# departments and collectivities overseas as countries.
FRENCH_TERRITORIES = frozenset(
    {"FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF", "TF"}
)
# The day on which each colony, protectorate or mandate ended, by ISO code.
INDEPENDENCE = {
    "BF": date(1960, 8, 5),
    "BJ": date(1960, 8, 1),
    "CF": date(1960, 8, 13),
    "CG": date(1960, 8, 15),
    "CI": date(1960, 8, 7),
    "CM": date(1960, 1, 1),
    "DJ": date(1977, 6, 27),
    # INSEE goes by the day of France's recognition; the proclamation was on the 5th.
    "DZ": date(1962, 7, 3),
    "GA": date(1960, 8, 17),
    "GN": date(1958, 10, 2),
    "KH": date(1953, 11, 9),
    "KM": date(1975, 7, 6),
    "LA": date(1953, 10, 22),
    "LB": date(1943, 11, 22),
    "MA": date(1956, 3, 2),
    "MG": date(1960, 6, 26),
    # Senegal and Mali became independent as one federation.
    "ML": date(1960, 6, 20),
    "MR": date(1960, 11, 28),
    "NE": date(1960, 8, 3),
    "SN": date(1960, 6, 20),
    "SY": date(1946, 4, 17),
    "TD": date(1960, 8, 11),
    "TG": date(1960, 4, 27),
    "TN": date(1956, 3, 20),
    # This is the day of the Geneva accords; France had left parts of the country before.
    "VN": date(1954, 7, 21),
    "VU": date(1980, 7, 30),
}
# Towns there, folded: whoever was born in one was not born in a commune whose name is near
# it.
_TOWNS = (
    "ALGER|BLIDA|BONE|BOUGIE|CONSTANTINE|GUELMA|MASCARA|MOSTAGANEM|ORAN|ORLEANSVILLE|"
    "PHILIPPEVILLE|SETIF|SIDI BEL ABBES|TIARET|TLEMCEN|"  # Algeria
    "AGADIR|CASABLANCA|FES|MARRAKECH|MEKNES|OUJDA|RABAT|TANGER|"  # Morocco
    "BIZERTE|FERRYVILLE|SFAX|SOUSSE|TUNIS|"  # Tunisia
    "HAIPHONG|HANOI|HUE|PHNOM PENH|SAIGON|VIENTIANE|"  # Indochina
    "ABIDJAN|BAMAKO|BEYROUTH|BRAZZAVILLE|DAKAR|DJIBOUTI|DOUALA|TANANARIVE"
)
TOWNS_ABROAD = frozenset(_TOWNS.split("|"))


@dataclass(frozen=True)
class BirthCode:
    """INSEE's 5-character code of a commune, and the commune's name at that time."""

    code: str
    name: str


def birth_codes(code: str, name: str, history: str, day: date) -> list[BirthCode]:
    """The codes for a birth on that day in the place that has this code and name today,
    or had them last. There is one where it is certain; otherwise there are those to
    choose from, the likeliest first.

    INSEE's history starts in 1943; its first state is taken for the days before.
    """
    for until, codes in _segments(history, name):
        if day.isoformat() < until:
            return [birth_code for _, birth_code in codes]
    return [BirthCode(code, name)]


def former_codes(history: str, code: str) -> list[str]:
    """The other codes that this very place had, earliest first."""
    own = (birth_code.code for birth_code in _own(history, ""))
    return [each for each in dict.fromkeys(own) if each != code]


def names(name: str, history: str) -> list[str]:
    """The names that this very place has had, today's first."""
    return list(dict.fromkeys([name, *(own.name for own in _own(history, name))]))


def was_french(country: str, day: date) -> bool:
    """Whether the country with this ISO code was under French rule on that day and no
    longer is. (M010 takes births there as births abroad all the same.)"""
    return country in INDEPENDENCE and day < INDEPENDENCE[country]


def fold_place(name: str) -> str:
    """What two spellings of a place have in common: upper case, no accents, words
    separated by single spaces, abbreviations written out, the article before the name, no
    CEDEX, arrondissements as in LYON 3."""
    # "Châlons s/Marne" and "Châlons/Marne" are Châlons-sur-Marne, "s/s" is sous.
    written_out = re.sub(r"\bS ?/ ?S\b ?/?", " SOUS ", fold(name[:TYPED_LIMIT]).upper())
    written_out = re.sub(r"(\bS ?)?/", " SUR ", written_out)
    words = re.findall("[A-Z0-9]+", written_out)
    if words == ["BX"]:
        return "BORDEAUX"
    place = " ".join(_ABBREVIATIONS.get(word, word) for word in words)
    place = _LINK.sub(lambda link: _LINKS[link[1]], place)
    place = _fold_arrondissement(place) or _CEDEX.sub("", place)
    # Of a city that is written with an error.
    place = _ORDINAL_BEHIND.sub(r"\1", place)
    return _ARTICLE_BEHIND.sub(r"\2 \1", place)


def _fold_arrondissement(place: str) -> str:
    if match := _ARRONDISSEMENT.fullmatch(place):
        city, cedex, arabic, roman, _ = match.groups()
    elif match := _ARRONDISSEMENT_OF.fullmatch(place):
        cedex, (arabic, roman, city) = "", match.groups()
    else:
        return ""
    number = int(arabic) if arabic else _arabic(roman)
    if number <= _ARRONDISSEMENTS[city]:
        return f"{city} {number}"
    # The numbers of a CEDEX go further than those of the arrondissements.
    return city if cedex else ""


def _arabic(roman: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in roman]
    return sum(
        -value if value < after else value
        for value, after in zip(values, [*values[1:], 0], strict=True)
    )


def _segments(
    history: str, name: str
) -> Iterator[tuple[str, list[tuple[bool, BirthCode]]]]:
    """For each segment, the day before which it holds (ISO) and its codes, each with
    whether it is this very place's."""
    for segment in filter(None, history.split("|")):
        until, codes = segment[:10], _CODE.findall(segment[10:])
        yield (
            until,
            [
                (sign == "=", BirthCode(code, own_name or name))
                for sign, code, own_name in codes
            ],
        )


def _own(history: str, name: str) -> Iterator[BirthCode]:
    for _, codes in _segments(history, name):
        yield from (birth_code for own, birth_code in codes if own)
