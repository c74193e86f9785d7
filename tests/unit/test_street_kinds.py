# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How institutions' addresses are written (tests/addresses_institutions.csv), the kinds of
line that are found in them, and what happens where there is no room.

The table was labelled before the parser knew these kinds. Its lines come from public
lists: offices of the State in the departments ("state"), of the training funds
("training"), hearing aid shops ("hearing"), hospitals and laboratories ("health"),
electrical shops ("shops"); those that are "typed" are addresses of other institutions,
with the slips that people make when they type."""

import csv
import re
from collections import Counter
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urssaf.documents.address import LINE_LIMIT
from urssaf.proposals.broken_text import repair
from urssaf.proposals.shortening import shorten
from urssaf.proposals.street import Street, parse_street
from urssaf.proposals.street_words import fold_word

from .growth import check_growth
from .test_street import LINES, check

ENOUGH = 0.88
WORDS = re.compile(r"[^\s,'’-]+")
# Every third line: no rule was written by what the parser made of it.
THIRD = 2
with (Path(__file__).parents[1] / "addresses_institutions.csv").open(
    encoding="utf-8"
) as f:
    TABLE = [
        (row.pop("street"), row.pop("street2"), row.pop("source") and Street(**row))
        for row in csv.DictReader(f, delimiter=";")
    ]


def misses_of(table):
    return [
        f"{street} / {street2}\n  expected {astuple(expected)}\n  found    {astuple(found)}"
        for street, street2, expected in table
        if (found := check(street, street2)) != expected
    ]


def test_nearly_all_addresses_of_institutions_are_read_as_a_clerk_would():
    misses = misses_of(TABLE)
    print(f"{len(TABLE) - len(misses)} of {len(TABLE)} addresses are right")
    assert len(TABLE) >= 150
    assert len(misses) <= (1 - ENOUGH) * len(TABLE), "\n".join(misses)


def test_those_that_no_rule_was_written_by_are_read_as_well():
    unseen = TABLE[THIRD::3]
    misses = misses_of(unseen)
    print(f"{len(unseen) - len(misses)} of {len(unseen)} unseen addresses are right")
    assert len(misses) <= (1 - ENOUGH) * len(unseen), "\n".join(misses)


@pytest.mark.parametrize(
    "line, pieces",
    [
        # A place and a street on one line
        ("83 avenue de Lyon C/Cial Riom-Sud", "83|AV|de Lyon|C/Cial Riom-Sud|"),
        ("A l'angle du 4 place X et de la rue Y", "4|PL|X|Angle rue Y|"),
        ("22bisAllée des Cèdres", "22B|ALL|des Cèdres||"),
        ("5 rue Foch Zone Artisanale Nord", "5|R|Foch|Zone Artisanale Nord|"),
        ("5 rue Foch Z.A. du Pré", "5|R|Foch|Z.A. du Pré|"),
        ("5 rue Foch Centre Cial Leclerc", "5|R|Foch|Centre Cial Leclerc|"),
        ("12 rue du père X 139 Rés. Y", "12|R|du père X|139 Rés. Y|"),
        ("12 rue du 8 mai 1945 Rés. Y", "12|R|du 8 mai 1945|Rés. Y|"),
        ("HOPITAL RTE DE SEYSSES", "|RTE|DE SEYSSES|HOPITAL|"),
        ("MAIRIE PLACE DU CAPITOLE", "|PL|DU CAPITOLE|MAIRIE|"),
        ("12 Bât C rue Foch", "12|R|Foch|Bât C|"),
        ("Rés. Y Bât D 12 rue Foch", "12|R|Foch|Rés. Y Bât D|"),
        # The number inside a place
        ("Hangar 20 - Quai de Bacalan", "|Q|de Bacalan|Hangar 20|"),
        ("Box 12 - rue Foch", "|R|Foch|Box 12|"),
        ("Espace Dillon 3000, rue Foch", "|R|Foch|Espace Dillon 3000|"),
        ("Espace Dillon 3000 rue Foch", "|R|Foch|Espace Dillon 3000|"),
        ("Le Mas 1120, route de Lyon", "1120|RTE|de Lyon|Le Mas|"),
        ("3000 route de Lyon", "3000|RTE|de Lyon||"),
        # Wide gaps
        ("CPAM DU RHONE  27 CRS ZOLA", "27|C|ZOLA|CPAM DU RHONE|"),
        ("MAIRIE  12 RUE FOCH  BP 7", "12|R|FOCH|MAIRIE|BP 7"),
        ("12  RUE  DES  LILAS", "12|R|DES LILAS||"),
        ("12 rue  des Lilas", "12|R|des Lilas||"),
        ("12 rue Jean  Jaurès", "12|R|Jean Jaurès||"),
        ("12  bis rue du Général  Foch", "12B|R|du Général Foch||"),
        # Two streets
        ("Angle du 10, boulevard X & 1, rue Y", "10|BD|X|Angle 1 rue Y|"),
        ("2 rue Foch - angle 3 place Hoche", "2|R|Foch|Angle 3 place Hoche|"),
        ("à l'angle de la rue X et de la rue Y", "|R|X|Angle rue Y|"),
        ("ANGLE RUE FOCH / AV HOCHE", "|R|FOCH|ANGLE AV HOCHE|"),
        ("Angle rue Foch", "|R|Foch|Angle|"),
        ("2 rue Foch et 3 place Hoche", "2|R|Foch|3 place Hoche|"),
        ("2 et 3 place Hoche", "2|PL|Hoche|N° 2 et 3|"),
        ("2 bis et 3 place Hoche", "2B|PL|Hoche|N° 2 bis et 3|"),
        ("2 a & 3 place Hoche", "2|PL|Hoche|N° 2 a & 3|"),
        ("5 rue de l'Angle", "5|R|de l'Angle||"),
        ("3 rue Pierre & Marie Curie", "3|R|Pierre & Marie Curie||"),
        # The city
        ("12 rue Foch CEDEX 9", "12|R|Foch||"),
        ("12 rue Foch - 75179 PARIS - CEDEX 16", "12|R|Foch||"),
        ("12 rue Foch, 29900 - Concarneau", "12|R|Foch||"),
        ("12 rue Foch - 47 916 AGEN Cedex 9", "12|R|Foch||"),
        ("12 rue Foch, 37000TOURS", "12|R|Foch||"),
        ("12 rue Foch, PARIS CEDEX 04", "12|R|Foch||"),
        ("MAIRIE, PARIS CEDEX 04, 12 rue Foch", "12|R|Foch|MAIRIE|"),
        ("3e étage 06200 Nice, 12 rue Foch", "12|R|Foch|3e étage|"),
        # A box at the post office
        ("12 rue Foch.CS 60425.01012 Bourg cedex", "12|R|Foch||CS 60425"),
        ("12 rue Foch-BP 20960 - 62033 ARRAS", "12|R|Foch||BP 20960"),
        ("12 rue Foch BP130", "12|R|Foch||BP130"),
        ("12 rue Foch, CS 90 000", "12|R|Foch||CS 90 000"),
        ("BP 12 345 rue Foch", "345|R|Foch||BP 12"),
        ("12 rue Foch BP 9 Parc du Saut", "12|R|Foch|Parc du Saut|BP 9"),
        # Names that have their type in them
        ("36 Grande Rue", "36|R|Grande Rue||"),
        ("36 bis Grand'Rue", "36B|R|Grand'Rue||"),
        ("23 Gde Rue Foch", "23|R|Gde Rue Foch||"),
        ("23 anc. rte de Lyon", "23|RTE|anc. rte de Lyon||"),
        ("120 Ancienne Route de Lyon", "120|RTE|Ancienne Route de Lyon||"),
        ("Vieux Chemin de Lyon", "|CHE|Vieux Chemin de Lyon||"),
        ("4 1ère Avenue", "4|AV|1ère Avenue||"),
        ("Place Foch Grande Rue", "|PL|Foch|Grande Rue|"),
        ("3 rue du Grand Chemin", "3|R|du Grand Chemin||"),
        ("Le Grand Clos", "||||Le Grand Clos"),
        # Misspelt or glued
        ("22Allee X", "22|ALL|X||"),
        ("1rue de la Paix", "1|R|de la Paix||"),
        ("22 Alée X", "22|ALL|X||"),
        ("Alée des Pins", "|ALL|des Pins||"),
        ("22 Bouleverd Foch", "22|BD|Foch||"),
        ("22 avenu Foch", "22|AV|Foch||"),
        ("22 Palce Foch", "22|PL|Foch||"),
        ("22 Vallée des Pins", "||||22 Vallée des Pins"),
        ("Rue Foch-Immeuble Le Pré", "|R|Foch|Immeuble Le Pré|"),
        ("3 Contre-allée", "||||3 Contre-allée"),
        # Numbers
        ("N° 12-14 rue Foch", "12|R|Foch|N° 12-14|"),
        ("N°12/14, rue Foch", "12|R|Foch|N° 12/14|"),
        ("12 / 14 rue Foch", "12|R|Foch|N° 12 / 14|"),
        ("N° 12 - 14 rue Foch", "12|R|Foch|N° 12 - 14|"),
        ("12 bis-14 rue Foch", "12B|R|Foch|N° 12 bis-14|"),
        ("RD 338 Route de Tours", "|RTE|de Tours|RD 338|"),
        ("N°s 12 à 14, rue Foch", "12|R|Foch|N° 12 à 14|"),
        ("Nos 12 et 14 rue Foch", "12|R|Foch|N° 12 et 14|"),
        # Places on the same line
        ("LYCEE X LIEU-DIT COULONGES", "|||LYCEE X|COULONGES"),
        ("Ecole, Le Bourg", "|||Ecole|Le Bourg"),
        ("Centre « Le Pré », rue Foch", "|R|Foch|Centre Le Pré|"),
        ("Hall A. 1 rue Foch", "1|R|Foch|Hall A|"),
    ],
)
def test_every_kind_of_line_is_read(line, pieces):
    number, kind, name, complement, locality = pieces.split("|")
    letter = "B" if number.endswith("B") else ""
    assert check(line) == Street(
        number.rstrip("B"), letter, kind, name, complement, locality
    )


@pytest.mark.parametrize(
    "broken, right",
    [
        ("1 rue de l¿Hôtel", "1 rue de l'Hôtel"),
        ("rue d¿Assas", "rue d'Assas"),
        ("rue de l?Eglise", "rue de l'Eglise"),
        ("Sacré-C¿ur ¿ Ecole", "Sacré-Cœur - Ecole"),
        ("RUE DES S¿URS", "RUE DES SŒURS"),
        ("N¿ 12 quai Foch", "N° 12 quai Foch"),
        ("12 All\ufffde du Ch\ufffdteau", "12 Allée du Château"),
        ("place de la R?publique", "place de la République"),
        ("RUE DU G\ufffdN\ufffdRAL", "RUE DU GÉNÉRAL"),
        ("rue de la Libert\ufffd\ufffd, 2", "rue de la Liberté, 2"),
        ("rue des ?coles", "rue des Écoles"),
        ("12 AllÃ©e du ChÃ¢teau", "12 Allée du Château"),
        ("quai dâ€™Assas", "quai d’Assas"),
        ("rue SÅ“ur Anne", "rue Sœur Anne"),
        ("rue Zz\ufffdz", "rue Zzz"),
        ("12 rue Foch ?", "12 rue Foch "),
        ("12 rue de l'Île, Saône", "12 rue de l'Île, Saône"),
    ],
)
def test_broken_characters_are_what_they_stood_for(broken, right):
    assert repair(broken) == right
    check(broken)


@given(LINES)
def test_what_is_not_broken_stays(line):
    if not set(line) & set("¿?\ufffdÂÃÅâ"):
        assert repair(line) == line


# Where there is no room


def test_the_street_wins_over_the_shop_and_the_rest_is_told():
    found = check(
        "Grande Halle de Vente des Produits Régionaux, BP 12, 12 rue de la Très Longue"
        " Histoire des Bâtisseurs et des Compagnons du Devoir",
        "Ancienne Manufacture de Porcelaine",
    )
    assert found.name == "Bâtisseurs Compagnons Devoir"
    assert found.complement == "rue Très Longue Histoire, Gde Halle"
    assert found.locality == "BP 12, Anc Manufacture Porcelaine"
    assert found.rest == "Vente Produits Régionaux"


def test_what_has_no_room_in_one_piece_goes_into_another():
    found = check(
        "Bâtiment administratif, Campus universitaire du Moufia 15 avenue Cassin CS 92003"
    )
    assert found == Street(
        *("15", "", "AV", "Cassin", "Bât administratif"),
        "CS 92003, Campus universitaire Moufia",
    )
    assert found.rest == ""


LONG = (
    """
156 bis avenue du Maréchal Alphonse Juin de la Résistance|Résidence Les Jardins du Parc \
de la Tête d'Or, Bâtiment C, appartement 1204
27 avenue du Maréchal de Lattre de Tassigny et de la 1ère Armée|Résidence des Hautes \
Bruyères, bâtiment Les Glycines, appartement 305
145 boulevard du Maréchal Foch et de la Libération|Résidence Le Clos Saint-Martin, \
Bâtiment B2, escalier 4, 3e étage, porte gauche, appartement 327
8 rue du Commandant René Mouchotte prolongée côté jardin|Résidence Le Parc, Bâtiment A, \
Appartement 12
3 chemin départemental de la Chapelle Saint-Antoine de Ficalba|Les Hauts de Montplaisir, \
Maison des Oliviers, chez Madame Veuve Dupont-Durand
1 place du Général Charles de Gaulle et des Forces Françaises Libres|Immeuble Le Grand \
Large, entrée B, étage 7, porte 702
221 rue de la République Française Une et Indivisible|Résidence universitaire Jean-Paul \
Sartre bâtiment D chambre 4012
14 impasse des Anciens Combattants d'Afrique du Nord|Résidence Les Terrasses de la \
Méditerranée, Bât. Azur, esc. L, apt 24
17 rue du Docteur Albert Schweitzer Prix Nobel de la Paix|Appartement 45, 2e étage, \
Résidence Sainte-Marie des Anges
36 rue du 8 Mai 1945 et des Martyrs de la Résistance|Résidence Aristide Briand, hall 6, \
appartement 611, boîte 4
9 rue des Frères Lumière inventeurs du cinématographe|BP 20012
44 avenue du Professeur Jean-Baptiste Charcot Explorateur|Résidence l'Astrolabe, Bâtiment \
Pourquoi-Pas, appartement 1915
60 rue de l'Abbé Groult prolongement de la Convention|Immeuble Haussmann, Escalier de \
service B, 6e étage droite, appartement 62
2 route de Saint-Jean-de-Luz à Saint-Jean-Pied-de-Port|Quartier Ibarron, Maison Etxe Ona, \
appartement 3
118 cours Lafayette prolongé vers les Charpennes Villeurbanne|Bâtiment 4 Appartement 402 \
Résidence Les Allées de Lafayette
7 quai du Président Franklin Delano Roosevelt et des Alliés|Péniche L'Espérance, \
amarrage 14, boîte 3
19 rue Monseigneur Jean-Marie Lustiger Archevêque de Paris|Foyer des Jeunes Travailleurs \
Saint-Vincent-de-Paul, chambre 118
102 rue du Maréchal de Lattre de Tassigny Prolongée|Appt 512 Bat B Résidence Les Oiseaux \
de Paradis Escalier 12
250 avenue du Général de Division Philippe Leclerc|Résidence Les Grands Champs, bâtiment \
F, appartement 61, digicode 45A12
1245 avenue du Maréchal de Lattre de Tassigny|Appartement 12, Bâtiment Les Mimosas, \
Résidence du Domaine de la Grande Bastide, Quartier des Hautes Plaines du Soleil
""".replace("\\\n", "")
    .strip()
    .splitlines()
)


def said(text):
    """The words of a text in the form that they have where there is little room: without
    articles."""
    shortened = (shorten(f"{word} x", 0)[:-1] for word in WORDS.findall(text))
    return [word for word in map(fold_word, shortened) if word]


@pytest.mark.parametrize("line", LONG)
def test_a_long_address_loses_nothing_without_a_word(line):
    street, street2 = line.split("|")
    found = check(street, street2)
    kept = Counter(said(" ".join([*astuple(found), found.rest])))
    number, kind = street.split()[0], street.replace(" bis", "").split()[1]
    typed = Counter(said(f"{street} {street2}")) - Counter(said(f"{number} {kind} bis"))
    # A first name may be told in full or by its initial.
    lost = [word for word in typed if word not in kept and word[0] not in kept]
    assert not lost
    assert not found.rest or not Counter(said(found.name)) & Counter(
        said(f"{found.complement}, {found.locality}")
    ), "repeated, though there was no room for the rest"


@pytest.mark.parametrize(
    "line, pieces",
    [
        (
            1,
            "Lattre Tassigny 1ère Armée|Rés Hautes Bruyères, bât Glycines|av Mal, apt 305",
        ),
        (
            6,
            "Française Une Indivisible|"
            + "Rés universitaire J-P Sartre bât D|rue République, chambre 4012",
        ),
        (
            13,
            "à St-Jean-Pied-Port|"
            + "rte St-Jean-Luz, Maison Etxe Ona|Quartier Ibarron, apt 3",
        ),
        (
            17,
            "Lattre Tassigny Prolongée|"
            + "Appt 512 Bat B Rés Oiseaux Paradis|rue Mal, Esc 12",
        ),
    ],
)
def test_where_the_whole_street_has_no_room_it_is_not_repeated(line, pieces):
    found = check(*LONG[line].split("|"))
    assert [found.name, found.complement, found.locality] == pieces.split("|")
    assert found.rest == ""


def test_a_first_name_that_became_an_initial_is_no_article():
    assert shorten("Pôle Universitaire Léonard de Vinci", 27) == (
        "Pôle Universitaire L Vinci"
    )


PLAIN = st.text("bcfghjkmnpvwxz", min_size=3, max_size=8)
MARKS = st.sampled_from(
    ["rue", "avenue", "Bât C", "12", "BP 123", ",", ";", " - ", "Résidence", "lieu-dit"]
)


@given(st.lists(PLAIN | MARKS, max_size=24).map(" ".join))
def test_no_word_is_lost_unless_the_page_tells_it(line):
    line = line[:250].rsplit(" ", 1)[0]
    found = check(line)
    kept = " ".join(astuple(found))
    for word in line.split():
        if len(word) > 2 and set(word) <= set("bcfghjkmnpvwxz"):
            assert word in kept
    if found.rest:
        first = " ".join(found.rest.split()[:2])
        for piece in (found.complement, found.locality):
            assert len(f"{piece}, {first}") > LINE_LIMIT


def test_what_is_not_read_any_more_is_told():
    found = check("12 rue des Lilas" + " " * 300 + "Bât C", "")
    assert (found.name, found.rest.strip()) == ("des Lilas", "Bât C")


def test_what_found_no_room_is_no_piece():
    assert replace(Street("12"), rest="Porcelaine") == Street("12")


@pytest.mark.no_cover  # what is traced takes other times
@pytest.mark.parametrize(
    "evil",
    [
        *("Angle du ", "angle rue X & ", "¿", "l¿", "?a", "  x", "x  ", "a-BP ", "x- "),
        *("47 916 ", "cedex 1 ", " - cedex", "BP 12 345 ", "139 Rés. ", "Grande Rue "),
        *("22Allee", "alée ", "Ã©", "N°s ", "x et rue ", "lieu-dit x ", "1 bat c "),
    ],
)
def test_a_line_twice_as_long_costs_about_twice_as_much(evil):
    def line(size):
        return evil * (size // len(evil))

    check_growth(lambda text: parse_street(text, text), line, [200, 400, 800, 1600])
    check_growth(repair, line, [400, 800, 1600, 3200])
