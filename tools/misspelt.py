# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Writes tests/communes_misspelt.csv: names of places with one error each, as people make
them on a French keyboard, and with the department that a place was in then.

    python tools/misspelt.py

The places are drawn at random, the same ones each time, a populous one more often. Each
line says which code is right: for a birth that of its day, as INSEE's history tells it.
What is written so on a real sign is left out.
"""

import csv
import gzip
import random
import sys
import unicodedata
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "l10n_fr_urssaf_sap"))

from urssaf.proposals.cog import birth_codes, fold_place, names

DATA = ROOT / "l10n_fr_urssaf_sap" / "data" / "communes.csv.gz"
TABLE = ROOT / "tests" / "communes_misspelt.csv"
SEED = 12
COUNTS = {"slip": 45, "swap": 45, "doubled": 40, "missing": 45, "signs": 30, "then": 45}
COLUMNS = ("typed", "use", "birth_date", "code", "kind")
KEYBOARD = ("azertyuiop", "qsdfghjklm", "wxcvbn")


def main():
    chance = random.Random(SEED)
    with gzip.open(DATA, "rt", encoding="utf-8") as text:
        places = list(csv.DictReader(text, delimiter=";"))
    known = set()
    for place in places:
        known |= {fold_place(n) for n in names(place["name"], place["history"])}
    rows = {}
    for kind, count in COUNTS.items():
        make = then if kind == "then" else misspelt
        drawn = draw(chance, places, kind)
        while count:
            row = make(chance, next(drawn), kind, known)
            if row and row["typed"] not in rows:
                rows[row["typed"]] = row
                count -= 1
    with TABLE.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows.values())


def draw(chance, places, kind):
    """Places without end: of those today the populous ones, and each tenth a former."""
    homonyms, seen = set(), set()
    for place in places:
        key = fold_place(place["name"])
        (homonyms if key in seen else seen).add(key)
    places = [p for p in places if p["kind"] != "arrondissement"]
    if kind != "then":
        places = [p for p in places if fold_place(p["name"]) not in homonyms]
    else:
        places = [p for p in places if moved(p)]
    today = [p for p in places if p["kind"] == "commune"]
    former = [p for p in places if p["kind"] == "former"]
    weights = [int(p["population"]) ** 0.8 for p in today]
    while True:
        if chance.random() < 0.1:
            yield chance.choice(former)
        else:
            yield chance.choices(today, weights)[0]


def moved(place):
    """Whether its first code was of another department, as far as one code tells."""
    segments = [s for s in place["history"].split("|") if s]
    return bool(
        segments
        and segments[0][10] == "="
        and segments[0][11:13] != place["code"][:2]
        and "~" not in segments[0]
    )


def misspelt(chance, place, kind, known):
    typed = globals()[kind](chance, place["name"])
    if not typed or (kind != "signs" and fold_place(typed) in known):
        return None
    row = {"typed": typed, "use": "address", "birth_date": "", "code": place["code"]}
    if place["kind"] == "former":
        day = "1946-05-20"
        codes = birth_codes(place["code"], place["name"], place["history"], _date(day))
        if len(codes) != 1:
            return None
        row |= {"use": "birth", "birth_date": day, "code": codes[0].code}
    return row | {"kind": kind}


def then(chance, place, kind, known):
    """With the department on an identity card: the one of the day of birth."""
    until, code = place["history"][:10], place["history"][11:16]
    if until < "1945":
        return None
    day = f"{chance.randint(1944, int(until[:4]) - 1)}-{chance.randint(1, 12):02}-14"
    department = code[:3] if code.startswith("97") else code[:2]
    spelling = chance.choice(("{} {}", "{} ({})", "{}, {}", "{} - {}"))
    typed = spelling.format(place["name"], department)
    return dict(zip(COLUMNS, (typed, "birth", day, code, kind), strict=True))


# One error each. The first letter is rarely wrong.


def _somewhere(chance, name):
    places = [i for i in range(1, len(name)) if name[i].isalpha()]
    return chance.choice(places) if len(places) > 3 else None


def slip(chance, name):
    """The key beside the right one."""
    at = _somewhere(chance, name)
    near = at and _neighbours(_plain(name[at]))
    return near and name[:at] + chance.choice(near) + name[at + 1 :]


def swap(chance, name):
    at = _somewhere(chance, name[:-1])
    if not at or not name[at + 1].isalpha() or name[at] == name[at + 1]:
        return None
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def doubled(chance, name):
    at = _somewhere(chance, name)
    return at and name[:at] + name[at] + name[at:]


def missing(chance, name):
    at = _somewhere(chance, name)
    return at and name[:at] + name[at + 1 :]


def signs(chance, name):
    """No accents, and hyphens and apostrophes left out or joined."""
    if not any(sign in name for sign in "-'"):
        return None
    plain = "".join(map(_plain, name))
    return plain.replace("'", chance.choice(("", " "))).replace(
        "-", chance.choice((" ", "", " - "))
    )


def _plain(letter):
    return unicodedata.normalize("NFKD", letter)[0]


def _neighbours(letter):
    for keys in KEYBOARD:
        at = keys.find(letter.lower())
        if at >= 0:
            return keys[max(at - 1, 0) : at] + keys[at + 1 : at + 2]
    return ""


def _date(day):
    from datetime import date

    return date.fromisoformat(day)


if __name__ == "__main__":
    main()
