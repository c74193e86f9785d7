# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Civility, first names and last name, read from a name that was typed in one line.

This is a proposal for the user to correct: nothing in a name says for sure which word is
which.
"""

import re
from dataclasses import dataclass

from ..text import TYPED_LIMIT, fold, words_of
from .first_names import HARDLY_LAST_NAMES

_CIVILITIES = dict.fromkeys(["m", "mr", "monsieur"], "1")
_CIVILITIES |= dict.fromkeys(["mme", "mlle", "madame", "mademoiselle"], "2")
_SEVERAL = {"et", "ou", "&", "+", "/", "mm", "messieurs", "mesdames", "famille"}
_TITLES = {*_CIVILITIES, *_SEVERAL, "dr", "docteur", "me", "maitre", "pr"}
# Elsewhere these are initials, or parts of a name.
_ONLY_IN_FRONT = {"m", "me", "pr"}
_BORN, _MARRIED = {"nee", "ne"}, {"epouse", "ep", "veuve", "vve"}
_PARTICLES = words_of(
    """le la les l' de du des d' da do dos di della del van von der den ten ter ben bin el
    al saint sainte st ste"""
)
_INITIALS = re.compile(r"[^\W\d_]([.-]+[^\W\d_])*\.?")
_DOTTED_TITLE = re.compile(r"(?i)(?<![\w.])(mm?|mr|mme|mlle|dr|me|pr)\.")
_USELESS_ASIDE = re.compile(r"(?i)\((?!(n[ée]e?|[ée]p|m|mr|mme|mlle)\b)[^()]*\)")


@dataclass(frozen=True, repr=False)
class GuessedNames:
    """``civility`` is "1" (Monsieur), "2" (Madame) or "" (not known, or two people); the
    names are as typed. ``last_name`` is the birth name where a married name is typed,
    too."""

    civility: str = ""
    first_names: str = ""
    last_name: str = ""


def guess_names(full_name: str) -> GuessedNames:
    """The likeliest reading of a contact's name; what it does not say is ""."""
    text = _DOTTED_TITLE.sub(r"\1 ", _USELESS_ASIDE.sub(" ", full_name[:TYPED_LIMIT]))
    words = re.sub("([,&+/])|[();]", r" \1 ", text).split()
    words = [word for word in words if word in ",&+/" or any(map(str.isalpha, word))]
    titles = {_plain(word) for at, word in enumerate(words) if _is_title(words, at)}
    civilities = {_CIVILITIES[title] for title in titles & _CIVILITIES.keys()}
    if titles & _SEVERAL or len(civilities) > 1:
        return GuessedNames(last_name=_shared_last_name(words))
    return GuessedNames("".join(civilities), *_split_married(_untitled(words)))


def _plain(word: str) -> str:
    return fold(word).casefold().rstrip(".")


def _is_title(words: list[str], at: int) -> bool:
    in_front = not at or words[at - 1] == "," or _plain(words[at - 1]) in _TITLES
    title = _plain(words[at])
    return title in _TITLES and (in_front or title not in _ONLY_IN_FRONT)


def _untitled(words: list[str]) -> list[str]:
    return [word for at, word in enumerate(words) if not _is_title(words, at)]


def _shared_last_name(words: list[str]) -> str:
    # The last name comes last in "Jean et Anne Martin" and first in "MARTIN Jean et Anne".
    several = [at + 1 for at, word in enumerate(words) if _plain(word) in _SEVERAL]
    cut = max(several, default=0)
    before, after = _untitled(words[:cut]), _untitled(words[cut:])
    first_name_only = len(words) - cut == 1 and len(before) > 1
    return _split_married(before if first_name_only or not after else after)[1]


def _split_married(words: list[str]) -> tuple[str, str]:
    for at, word in enumerate(words):
        if _plain(word) in _BORN | _MARRIED:
            sides = _split(words[:at]), _split(words[at + 1 :])
            other, own = sides if _plain(word) in _BORN else sides[::-1]
            return own[0] or other[0], own[1] or other[1]
    return _split(words)


def _split(words: list[str]) -> tuple[str, str]:
    """The first names and the last name."""
    names = [word for word in words if word != ","]
    comma = words.index(",") if "," in words else 0
    start, end = (0, comma) if 0 < comma < len(names) else _last_name_span(names)
    return " ".join(names[:start] + names[end:]), " ".join(names[start:end])


def _last_name_span(words: list[str]) -> tuple[int, int]:
    """Where the last name begins and ends. Capitals show it (MARTIN Jeanne), or particles
    (Jean de La Tour), or a first name at the end; otherwise it is the last word."""
    size = len(words)
    names = ["" if _INITIALS.fullmatch(word) else word for word in words]
    capitals = [fold(name).split("'")[-1].isupper() for name in names]
    for at in reversed(range(size - 1)):
        capitals[at] |= _is_particle(words, at) and capitals[at + 1]
    if any(capitals) and not all(capitals):
        if capitals[-1]:
            return size - capitals[::-1].index(False), size
        return capitals.index(True), capitals.index(False, capitals.index(True))
    particles = [at for at in range(size) if _is_particle(words, at)]
    if particles:
        end = min(set(range(size)).difference(particles)) + 1
        return (0, end) if particles[0] == 0 else (particles[0], size)
    starts = [_plain(name).split("-")[0] for name in names]
    first_names = [start in HARDLY_LAST_NAMES or not start for start in starts]
    elided = names[:1] and starts[0].startswith(("d'", "l'"))
    backwards = size > 1 and not first_names[0] and (first_names[-1] or elided)
    return (0, 1) if backwards else (max(size - 1, 0), size)


def _is_particle(words: list[str], at: int) -> bool:
    return at < len(words) - 1 and _plain(words[at]) in _PARTICLES
