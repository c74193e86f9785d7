# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the tax office may have on file instead, where it does not recognize somebody
(ERR_DGFIP_R2P_INCONNU): names and codes as other programs had to send them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from ..documents.particulier import Particulier
from ..documents.typed import fold_first_names, fold_name
from ..text import tidy


class Change(str, Enum):
    """What differs from what was typed; the caller says it in the user's language."""

    NAMES_SWAPPED = "names_swapped"
    FIRST_NAME_ALONE = "first_name_alone"
    ALL_FIRST_NAMES = "all_first_names"
    WITHOUT_HYPHEN = "without_hyphen"
    WITH_HYPHEN = "with_hyphen"
    WHOLE_COMMUNE_CODE = "whole_commune_code"


@dataclass(frozen=True, repr=False)
class Variant:
    change: Change
    person: Particulier


def variants(person: Particulier, full_name: str = "") -> list[Variant]:
    """The same person with one thing changed, the likeliest first. M010 may be repeated.

    :param full_name: may hold more first names, between the typed ones and the last name
    """
    return [
        Variant(change, changed)
        for change, changed in _changes(person, full_name)
        # Without what makes no difference to the Urssaf.
        if changed.cleaned() != person.cleaned()
    ]


def _changes(
    person: Particulier, full_name: str
) -> Iterator[tuple[Change, Particulier]]:
    birth_name, usage_name = person.birth_name, person.usage_name
    if fold_name(usage_name).casefold() not in ("", fold_name(birth_name).casefold()):
        swapped = replace(person, birth_name=usage_name, usage_name=birth_name)
        yield Change.NAMES_SWAPPED, swapped
    names = tidy(person.first_names.replace(",", " ")).split()
    if len(names) > 1:
        yield Change.FIRST_NAME_ALONE, replace(person, first_names=names[0])
    if more := _all_first_names(person, full_name):
        yield Change.ALL_FIRST_NAMES, replace(person, first_names=more)
    if "-" in "".join(names):
        changed = " ".join(names).replace("-", " ")
        yield Change.WITHOUT_HYPHEN, replace(person, first_names=changed)
    elif len(names) > 1:
        changed = " ".join([f"{names[0]}-{names[1]}", *names[2:]])
        yield Change.WITH_HYPHEN, replace(person, first_names=changed)
    place = replace(person.birth_place, whole_code=not person.birth_place.whole_code)
    if place.body() != person.birth_place.body():
        yield Change.WHOLE_COMMUNE_CODE, replace(person, birth_place=place)


def _all_first_names(person: Particulier, full_name: str) -> str:
    """Those of ``full_name``, where it has more between the typed ones and a last name."""
    typed = fold_first_names(person.first_names).casefold().split()
    last_names = {
        word
        for name in (person.birth_name, person.usage_name)
        for word in fold_name(name).casefold().split()
    }
    words = tidy(full_name.replace(",", " ")).split()
    plain = [fold_name(word).casefold() for word in words]
    rests = [at for at, word in enumerate(plain) if word not in last_names]
    # One run of words between the last names, or before or after one.
    start, end = (rests[0], rests[-1] + 1) if rests else (0, 0)
    one_run = rests == list(range(start, end)) and len(typed) < len(rests) < len(words)
    begins = typed and plain[start : start + len(typed)] == typed
    return " ".join(words[start:end]) if one_run and begins else ""
