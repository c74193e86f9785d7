# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which services a line of an invoice speaks of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urssaf.proposals.trades import natures_named

from .growth import check_growth

TEXTS = {
    "Taille de haie": ["70"],
    "TAILLE DES HAIES ET TONTE": ["70"],
    "Tonte de la pelouse": ["70"],
    "tondre le gazon": ["70"],
    "Entretien du jardin – octobre": ["70"],
    "Élagage": ["70"],
    "Nettoyage du jardin": ["70"],
    "Petits travaux de jardinage": ["70"],
    "Évacuation de déchets verts": ["70"],
    "Ménage": ["60"],
    "Heures de ménage et de repassage": ["60"],
    "Nettoyage des vitres": ["60"],
    "Travaux ménagers": ["60"],
    "Linge de maison": [],
    "Cours d'anglais": ["100"],
    "Cours particuliers": ["100"],
    "Soutien scolaire": ["100"],
    "Aide aux devoirs": ["100"],
    "Leçons de piano": ["100"],
    "Ménage du mois en cours": ["60"],
    "Travaux au cours du mois": [],
    "Garde d'enfants": ["90"],
    "Garde d’enfant handicapé": ["10"],
    "Baby-sitting": ["90"],
    "Petit bricolage": ["80"],
    "Montage d'un meuble": ["80"],
    "Dépannage informatique": ["160"],
    "Livraison de repas": ["130"],
    "Préparation des repas": ["120"],
    "Livraison de courses": ["150"],
    "Collecte et livraison de linge": ["140"],
    "Promenade du chien": ["170"],
    "Assistance administrative": ["190"],
    "Frais de déplacement": ["270"],
    "Ménage et taille de haie": ["60", "70"],
    "Taille de haie, puis ménage": ["70", "60"],
    "Prestation du 12 mars": [],
    "Travaux": [],
    "Chataigne et chaton": [],
    "": [],
}


@pytest.mark.parametrize("text", TEXTS)
def test_what_a_text_speaks_of(text):
    assert natures_named(text) == TEXTS[text]


@given(st.text())
def test_anything_may_be_typed(text):
    named = natures_named(f"{text} haie")
    assert len(named) == len(set(named))
    assert "" not in named
    assert natures_named(f"haie {text}")[:1] == ["70"]


def test_much_text_takes_no_time():
    def text_of(size):
        return ("garde d' " * size)[:size]

    check_growth(natures_named, text_of, (64, 128, 256))
    check_growth(natures_named, text_of, (112_500, 225_000, 450_000))
