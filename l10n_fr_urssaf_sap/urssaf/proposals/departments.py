# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The departments of France, those of today and those that are no more, by the code that
INSEE's codes of communes begin with.

Names of today: INSEE's Code officiel géographique. Those behind a comma are former names,
or other ones in use; with them come the two departments of 1968 and the one of 1976 whose
communes were given other codes, and what lay under French rule.
"""

import re

from ..text import fold, words_of

_NAMES = """
01 Ain
02 Aisne
03 Allier
04 Alpes-de-Haute-Provence, Basses-Alpes
05 Hautes-Alpes
06 Alpes-Maritimes
07 Ardèche
08 Ardennes
09 Ariège
10 Aube
11 Aude
12 Aveyron
13 Bouches-du-Rhône
14 Calvados
15 Cantal
16 Charente
17 Charente-Maritime, Charente-Inférieure
18 Cher
19 Corrèze
20 Corse
21 Côte-d'Or
22 Côtes-d'Armor, Côtes-du-Nord
23 Creuse
24 Dordogne
25 Doubs
26 Drôme
27 Eure
28 Eure-et-Loir
29 Finistère
2A Corse-du-Sud
2B Haute-Corse
30 Gard
31 Haute-Garonne
32 Gers
33 Gironde
34 Hérault
35 Ille-et-Vilaine
36 Indre
37 Indre-et-Loire
38 Isère
39 Jura
40 Landes
41 Loir-et-Cher
42 Loire
43 Haute-Loire
44 Loire-Atlantique, Loire-Inférieure
45 Loiret
46 Lot
47 Lot-et-Garonne
48 Lozère
49 Maine-et-Loire
50 Manche
51 Marne
52 Haute-Marne
53 Mayenne
54 Meurthe-et-Moselle
55 Meuse
56 Morbihan
57 Moselle
58 Nièvre
59 Nord
60 Oise
61 Orne
62 Pas-de-Calais
63 Puy-de-Dôme
64 Pyrénées-Atlantiques, Basses-Pyrénées
65 Hautes-Pyrénées
66 Pyrénées-Orientales
67 Bas-Rhin
68 Haut-Rhin
69 Rhône, Métropole de Lyon
70 Haute-Saône
71 Saône-et-Loire
72 Sarthe
73 Savoie
74 Haute-Savoie
75 Paris, Seine
76 Seine-Maritime, Seine-Inférieure
77 Seine-et-Marne
78 Yvelines, Seine-et-Oise
79 Deux-Sèvres
80 Somme
81 Tarn
82 Tarn-et-Garonne
83 Var
84 Vaucluse
85 Vendée
86 Vienne
87 Haute-Vienne
88 Vosges
89 Yonne
90 Territoire de Belfort
91 Essonne
92 Hauts-de-Seine
93 Seine-Saint-Denis
94 Val-de-Marne
95 Val-d'Oise
971 Guadeloupe
972 Martinique
973 Guyane, Guyane française
974 Réunion
975 Saint-Pierre-et-Miquelon
976 Mayotte
977 Saint-Barthélemy
978 Saint-Martin
986 Wallis-et-Futuna
987 Polynésie française, Polynésie, Tahiti
988 Nouvelle-Calédonie
99 Algérie, Maroc, Tunisie, Indochine, Madagascar, Sénégal, Liban, Cambodge, Viêt Nam
"""

# "75", "075", "2A", "974"; "99" is abroad.
_CODE = re.compile("0?([0-9]{2}|2[AB])|(9[78][0-9])")
# "Saint-Denis de la Réunion", "Pontoise, dpt de Seine-et-Oise", "Saint-Denis (Île de la
# Réunion)".
BEFORE_A_NUMBER = words_of("DEPARTEMENT DEPT DPT DEP")
_BEFORE = BEFORE_A_NUMBER | words_of("ILE DE DU DES D LA LE LES L EN")
_LITTLE = words_of("ET DE DU D LA")
_WRITTEN_OUT = {"HTE": "HAUTE", "HTES": "HAUTES", "HTS": "HAUTS", "HT": "HAUT"}
_WRITTEN_OUT |= {"ST": "SAINT", "BCHES": "BOUCHES", "TERR": "TERRITOIRE"}


def words(text: str) -> list[str]:
    """The words of a department's name, whatever stands between them."""
    found = re.findall("[A-Z0-9]+", fold(text).upper().replace("&", " ET "))
    return [_WRITTEN_OUT.get(word, word) for word in found]


def _by_name() -> dict[tuple[str, ...], str]:
    lines = (line.partition(" ") for line in _NAMES.strip().splitlines())
    return {
        tuple(words(name)): code
        for code, _, names in lines
        for name in names.split(",")
    }


_DEPARTMENTS = _by_name()


def department(name: list[str]) -> str:
    """The code of the department that these words are the name, an abbreviation with its
    little words (S. et O., B.-du-Rh.) or the code of; otherwise ""."""
    if len(name) == 1 and (code := _CODE.fullmatch(name[0])):
        return code[1] or code[2]
    if found := _DEPARTMENTS.get(tuple(name)):
        return found
    # "69 Rhône", "Rhône 69"
    for number, rest in ((name[:1], name[1:]), (name[-1:], name[:-1])):
        if tuple(rest) in _DEPARTMENTS and _CODE.fullmatch(number[0]):
            return department(number)
    if name and name[0] in _BEFORE:
        return department(name[1:])
    return abbreviated(name) if _LITTLE & {*name[1:]} else ""


def abbreviated(name: list[str]) -> str:
    """The code of the one department whose name's words begin with these."""
    found = {
        code
        for full, code in _DEPARTMENTS.items()
        if 1 < len(full) == len(name)
        and all(
            word == short if word in _LITTLE else word.startswith(short)
            for word, short in zip(full, name, strict=True)
        )
    }
    return found.pop() if len(found) == 1 else ""
