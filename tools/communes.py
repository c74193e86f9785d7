# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Writes data/communes.csv.gz: every place of France one can be born in, with the codes
it had since 1943.

Made from two versions of one npm package (INSEE's Code officiel géographique, Licence
Ouverte): today's communes from the newer one; from the older one INSEE's complete
history, which the newer ones left out. The columns, separated by ``;``:

code        INSEE's 5 characters; of a former commune, the last it had
name        as INSEE spells it; unique together with the code
kind        commune, arrondissement (of Paris, Lyon, Marseille), former
zip_codes   of today's communes and of arrondissements, separated by spaces
parent      code of today's commune around an arrondissement or a former commune
population  0 where unknown
history     the codes before, as ``proposals/cog.py`` reads them: ``until=code name``,
            separated by ``|``, earliest first, the day itself no longer included.
            ``=`` goes before a code of this very place, ``~`` before one of another:
            the commune it had been merged into, a member it was merged from; several
            of them where several are possible. No name: the row's.
"""

import csv
import gzip
import io
import json
import re
import subprocess
import tarfile
import tempfile
import unicodedata
from collections import defaultdict
from pathlib import Path

PACKAGE = "@etalab/decoupage-administratif"
TODAY, HISTORY = f"{PACKAGE}@6.0.0", f"{PACKAGE}@0.7.0"
HISTORY_END, FOREVER = "2019-01-01", "9999-12-31"
DATA = Path(__file__).parents[1] / "l10n_fr_urssaf_sap" / "data" / "communes.csv.gz"
COLUMNS = ["code", "name", "kind", "zip_codes", "parent", "population", "history"]
KINDS = {"commune-actuelle": "commune", "arrondissement-municipal": "arrondissement"}
# Within another, with registers of its own.
WITHIN = ("COMA", "COMD")

# What INSEE's history does not hold.
DATED = {
    # Mayotte, a department from that day on.
    **{f"976{n:02}": f"2011-03-31=985{n:02}" for n in range(1, 18)},
    "97701": "2007-07-15=97123",  # no longer part of Guadeloupe
    "97801": "2007-07-15=97127",
    "69388": "1959-02-19~69387 Lyon 7e Arrondissement",  # split off
    "69389": "1964-08-12~69385 Lyon 5e Arrondissement",
}
# New communes, with those whose territory they were made from. The history has their
# day but not their origin; these are the ones of some size.
CREATED_FROM = {
    "13119": ["13085"],  # Carnoux-en-Provence, Roquefort-la-Bédoule
    "34344": ["34154"],  # La Grande-Motte, Mauguio
    "62907": ["62215"],  # Libercourt, Carvin
    "83153": ["83126"],  # Saint-Mandrier-sur-Mer, La Seyne-sur-Mer
    "91692": ["91122", "91471"],  # Les Ulis, Bures-sur-Yvette and Orsay
    "97233": ["97204"],  # Le Morne-Vert, Le Carbet
    "97234": ["97205"],  # Bellefontaine, Case-Pilote
    "97424": ["97414"],  # Cilaos, Saint-Louis
}


def main():
    today = fetch(TODAY, "communes.json")
    history = fetch(HISTORY, "historique-communes.json")
    rows = Communes(today, Lineages(history)).rows()
    write(DATA, sorted(rows, key=lambda row: (row["code"], row["kind"], row["name"])))


def fetch(package, file):
    """A data file of an npm package."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", package]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as tar:
            return json.load(tar.extractfile(f"package/data/{file}"))


def write(path, rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    # No file name, no time: the same data give the same bytes.
    path.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


def same_name(one, other):
    return fold(one["nom"]) == fold(other["nom"])


def fold(name):
    """Val-d'Épy and Val d'Épy are one, Cherreau and Cherré-Au are not."""
    letters = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "Oe"))
    letters = "".join(c for c in letters.upper() if not unicodedata.combining(c))
    return " ".join(re.findall("[A-Z0-9]+", letters))


def names_of(lineage):
    return {fold(state["nom"]) for state in lineage}


class Lineages:
    """INSEE's history as lineages: the states of one place, in order of time.

    A state is a commune (COM) or, within another (its ``pole``), an associated (COMA) or
    delegated commune (COMD), which keep their code and their civil registers, or one
    merged for good (COMP), whose births are registered in its pole. A merger makes a
    new lineage, whose first state names its members.
    """

    def __init__(self, states):
        self._by_id = {state["id"]: state for state in states}
        self._by_code = defaultdict(list)
        self._lineage = {}
        self.all = []
        for state in states:
            state["nom"] = state["nom"].split("(")[0].strip()
            self._by_code[state["code"]].append(state)
            if "predecesseur" not in state:
                lineage = [state]
                while "successeur" in lineage[-1]:
                    lineage.append(self._by_id[lineage[-1]["successeur"]])
                self.all.append(lineage)
                self._lineage |= {each["id"]: lineage for each in lineage}

    def of(self, state):
        return self._lineage[state["id"]]

    def pole(self, state):
        return self._lineage[state["pole"]]

    def alive(self, code):
        """The states with this code at the end of the history, communes first."""
        return sorted(
            (state for state in self._by_code[code] if "dateFin" not in state),
            key=lambda state: (state["type"] != "COM", state["type"] == "COMP"),
        )

    def through(self, lineage, names=frozenset()):
        """The lineage, before it the one that it continues under a name of its own or
        of its later self, and so on. Saint-Étienne was Saint-Étienne-sur-Loire for some
        weeks, and Saint-Étienne before: the mergers in between are no other place."""
        names = names | names_of(lineage)
        members = self._members(lineage)
        first = lineage[0]
        continued = [
            *(m for m in members if same_name(m, first)),
            *(m for m in members if names & names_of(self.of(m))),
            *(m for m in members if m["code"] == first["code"] and self._had(m, names)),
        ]
        earlier = self.through(self.of(continued[0]), names) if continued else []
        return [lineage, *earlier]

    def at(self, through, day):
        """The states in whose registers a birth on that day may be."""
        if state := self.own_at(through, day):
            merged = state["type"] == "COMP"
            return self._at(self.pole(state), day) if merged else [state]
        first = through[-1][0]
        origin = [self.alive(code)[0] for code in CREATED_FROM.get(first["code"], ())]
        members = origin or self._members(through[-1])
        states = [s for each in members for s in self._at(self.of(each), day)]
        return states + [first] if origin or not states else states

    def own_at(self, through, day):
        """The state of that very place, whatever its type; None before the first."""
        for lineage in through:
            for state in reversed(lineage):
                if state.get("dateDebut", "") <= day:
                    return state
        return None

    def dates(self, lineages):
        """Every day on which ``at`` may change."""
        seen, todo = {}, list(lineages)
        while todo:
            lineage = todo.pop()
            if id(lineage) not in seen:
                seen[id(lineage)] = lineage
                todo += [self.of(member) for member in self._members(lineage)]
                todo += [self.pole(s) for s in lineage if s["type"] != "COM"]
        states = (state for lineage in seen.values() for state in lineage)
        return sorted({state.get("dateDebut", "") for state in states} | {""})

    def _at(self, lineage, day):
        return self.at(self.through(lineage), day)

    def _members(self, lineage):
        first = lineage[0]
        members = [self._by_id[member] for member in first.get("membres", ())]
        # Where an enlarged merger lists its former self besides its delegated namesake,
        # the former self (COMP) is the whole.
        members.sort(
            key=lambda m: (m["code"] != first["code"], m["code"], m["type"] != "COMP")
        )
        return members

    def _had(self, member, names):
        lineage = self.of(member)
        return bool(names & names_of(lineage)) or any(
            self._had(each, names) for each in self._members(lineage)
        )


class Communes:
    """Today's communes, joined to the lineages they come from."""

    def __init__(self, today, lineages):
        self.lineages = lineages
        self.today = {c["code"]: c for c in today if c["type"] == "commune-actuelle"}
        self.arrondissements = [c for c in today if "commune" in c]
        delegated = [c for c in today if "chefLieu" in c]
        self.delegated = {c["code"]: fold(c["nom"]) for c in delegated}
        self.parents = {
            code: commune["code"]
            for commune in self.today.values()
            for code in commune.get("anciensCodes", ())
        } | {c["code"]: c["chefLieu"] for c in delegated}
        self.origins = self._origins()
        self.heirs = {
            id(o[0]): code for code, some in self.origins.items() for o in some
        }

    def _origins(self):
        """Today's code -> what it continues, each as ``Lineages.through`` gives it: one,
        or several where they were merged under a new name since 2019."""
        absorbed, by_name = defaultdict(list), defaultdict(list)
        for lineage in self.lineages.all:
            state = lineage[-1]
            if state["type"] != "COM" or "dateFin" in state:
                continue
            now = self.today.get(state["code"])
            if not now:
                absorbed[self.parents[state["code"]]].append(lineage)
            if not now or not same_name(now, state):
                by_name[state["code"][:2], fold(state["nom"])].append(lineage)
        result = {}
        for code, commune in self.today.items():
            alive = self.lineages.alive(code)
            same = [self.lineages.of(s) for s in alive if same_name(s, commune)]
            # A merger whose main town, and thus code, is another since.
            moved = by_name[code[:2], fold(commune["nom"])]
            merged = [self.lineages.of(state) for state in alive[:1]] + absorbed[code]
            result[code] = [
                self.lineages.through(lineage, {fold(commune["nom"])})
                for lineage in same[:1] or moved[:1] or merged
            ]
        return result

    def rows(self):
        rows = {}
        for commune in [*self.today.values(), *self.arrondissements]:
            row = self._today_row(commune)
            rows[row["code"], fold(row["name"])] = row
        for lineage in self._former():
            row = self._former_row(lineage)
            # The lineage of a merger that was undone ends beside its member's.
            rows.setdefault((row["code"], fold(row["name"])), row)
        return rows.values()

    def _today_row(self, commune):
        code = commune["code"]
        history = DATED.get(code, "")
        if not history and code in self.origins:
            history = self._history(commune, self.origins[code], revived=True)
        return {
            "code": code,
            "name": commune["nom"],
            "kind": KINDS[commune["type"]],
            "zip_codes": " ".join(commune.get("codesPostaux", ())),
            "parent": commune.get("commune", ""),
            "population": commune.get("population", 0),
            "history": history,
        }

    def _former(self):
        """The lineages that none of today's communes continues; the last to end first,
        without those that another of them continues."""
        single = [origins[0] for origins in self.origins.values() if len(origins) == 1]
        known = {id(lineage) for through in single for lineage in through}
        left = [each for each in self.lineages.all if id(each) not in known]
        for each in left:
            known.update(map(id, self.lineages.through(each)[1:]))
        left.sort(key=lambda each: each[-1].get("dateDebut", ""), reverse=True)
        return [each for each in left if id(each) not in known]

    def _former_row(self, lineage):
        state = [state for state in lineage if state["type"] != "COMP"][-1]
        return {
            "code": state["code"],
            "name": state["nom"],
            "kind": "former",
            "parent": self._parent(lineage),
            "population": 0,
            "history": self._history(state, [self.lineages.through(lineage)]),
        }

    def _parent(self, lineage):
        state = lineage[-1]
        while state["type"] != "COM":
            if self.delegated.get(state["code"]) == fold(state["nom"]):
                return self.parents[state["code"]]
            state = self.lineages.pole(state)[-1]
        code = state["code"]
        heir = self.heirs.get(id(self.lineages.of(state)))
        for parent in (heir, code, self.parents.get(code)):
            if parent in self.today:
                return parent
        # Given up, and its code with it or left to one of its members.
        alive = self.lineages.alive(code)
        return self._parent(self.lineages.of(alive[0])) if alive else ""

    def _history(self, place, origins, revived=False):
        """See the top of this file. ``revived``: the place is a commune again, so that
        while it was merged or within another both codes are worth offering, its pole's
        and its own."""
        dates = self.lineages.dates([each[0] for each in origins])
        segments = []
        for day, until in zip(dates, [*dates[1:], FOREVER], strict=True):
            codes = self._codes(place, origins, day, revived)
            if segments and segments[-1][1] == codes:
                segments.pop()
            segments.append((until, codes))
        if segments[-1][1] in ("", f"={place['code']}"):
            segments.pop()
        elif revived:
            # What became of it since has no day.
            _, codes = segments.pop()
            if not segments or segments[-1][0] < HISTORY_END:
                segments.append((HISTORY_END, codes))
        return "|".join(until + codes for until, codes in segments)

    def _codes(self, place, origins, day, revived):
        states = [s for through in origins for s in self.lineages.at(through, day)]
        own = self.lineages.own_at(origins[0], day) if len(origins) == 1 else None
        if revived and own:
            if own["type"] in WITHIN:
                pole = self.lineages.through(self.lineages.pole(own))
                states = self.lineages.at(pole, day)
            if own["code"] not in {state["code"] for state in states}:
                states.append(own)
            elif own["type"] in WITHIN:
                states = [own]
        codes = {}
        for state in states:
            sign = "=" if state is own or same_name(state, place) else "~"
            name = "" if state["nom"] == place["nom"] else f" {state['nom']}"
            codes[sign + state["code"] + name] = None
        return "".join(codes)


if __name__ == "__main__":
    main()
