# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What somebody means who types a commune: its name, an INSEE or postal code, both, the
name and a department as on an identity card ("Pontoise 78", "Bastia (20)", "Saint-Denis
Réunion")."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..text import TYPED_LIMIT
from .cog import LITTLE_WORDS, fold_place
from .departments import BEFORE_A_NUMBER, abbreviated, department, words

# "Évry (91228, today Évry-Courcouronnes)", as the addon shows a former commune.
_SHOWN = re.compile(r"(.+) \(([0-9][0-9AB][0-9]{3})\b.*\)")
_CODE = re.compile(r"(?i)\b([0-9][0-9ab][0-9]{3})\b")
# What follows is a department: "Bayonne (B.-Pyr.)", "Bayonne, B. Pyr.", "Bayonne B.-Pyr."
_MARKED = re.compile(r"(.+?)(?:,|\((?=.+\))| (?=\S*\.-))([^,()]+)\)?")
# The country after a comma or the like, which Roissy-en-France has not.
_COUNTRY = re.compile(
    r"(?i)((?<=[\w)])\s{0,9}[,(]|(?<=\)))\s{0,9}france\s{0,9}\)?\s{0,9}$"
)


@dataclass(frozen=True)
class TypedPlace:
    """One reading of what was typed. ``key`` is the folded name, ``code`` an INSEE or
    postal code, ``department`` what INSEE's codes of communes there begin with, also where
    only the code tells it. Each may be "": anything then."""

    key: str = ""
    code: str = ""
    department: str = ""


def read_place(text: str) -> list[TypedPlace]:
    """The readings, the likeliest first: the whole text is a name, or its end (or its
    beginning, where that is a number) is a department.

    >>> read_place("Pontoise (Seine-et-Oise)")[1]
    TypedPlace(key='PONTOISE', code='', department='78')
    """
    text = _COUNTRY.sub("", text[:TYPED_LIMIT]).strip()
    if shown := _SHOWN.fullmatch(text):
        return [_with_code(*shown.groups())]
    if code := _CODE.search(text):
        return [_with_code(_CODE.sub(" ", text, count=1), code.group().upper())]
    return list(dict.fromkeys([TypedPlace(fold_place(text)), *_with_department(text)]))


def _with_code(name: str, code: str) -> TypedPlace:
    department = code[:3] if code.startswith(("97", "98")) else code[:2]
    return TypedPlace(fold_place(name), code, department)


def _with_department(text: str) -> Iterator[TypedPlace]:
    marked = _MARKED.fullmatch(text)
    if marked and (code := abbreviated(words(marked[2]))):
        yield TypedPlace(fold_place(marked[1]), department=code)
    typed = words(text)
    # The longest first: Seine-Saint-Denis is no town of Seine.
    for cut in range(1, len(typed)):
        name, code = typed[:cut], department(typed[cut:])
        # Neuilly-sur-Seine is no "Neuilly-sur" in Seine.
        if code and name[-1] not in LITTLE_WORDS:
            yield TypedPlace(fold_place(" ".join(name)), department=code)
            break
    # "69 Lyon", "dept 69 Lyon"
    at = 1 if typed[:1] and typed[0] in BEFORE_A_NUMBER else 0
    number, name = typed[: at + 1], typed[at + 1 :]
    if name and number[-1][0].isdigit() and (code := department(number)):
        yield TypedPlace(fold_place(" ".join(name)), department=code)
