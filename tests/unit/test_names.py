# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is read from names as offices type them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urssaf.proposals.names import GuessedNames, guess_names

# The name as typed; its civility, first names and last name.
NAMES = {
    # First name first
    "Jeanne Martin": ("", "Jeanne", "Martin"),
    "jeanne martin": ("", "jeanne", "martin"),
    "JEANNE MARTIN": ("", "JEANNE", "MARTIN"),
    "Jean-Pierre Martin": ("", "Jean-Pierre", "Martin"),
    "Anne Sophie Martin": ("", "Anne Sophie", "Martin"),
    "Paulo Pereira": ("", "Paulo", "Pereira"),
    "  Jeanne   Martin ": ("", "Jeanne", "Martin"),
    "Jeanne\u00a0Martin": ("", "Jeanne", "Martin"),
    "Jeanne Martin (Lyon)": ("", "Jeanne", "Martin"),
    "Jean - Pierre Martin": ("", "Jean Pierre", "Martin"),
    "J. Martin": ("", "J.", "Martin"),
    "J.-P. Martin": ("", "J.-P.", "Martin"),
    "Éléonore Lefèvre": ("", "Éléonore", "Lefèvre"),
    "Jeanne Martin-Durand": ("", "Jeanne", "Martin-Durand"),
    "Sylvie Jean": ("", "Sylvie", "Jean"),
    # The last name in capitals, wherever it stands
    "Jeanne MARTIN": ("", "Jeanne", "MARTIN"),
    "MARTIN Jeanne": ("", "Jeanne", "MARTIN"),
    "MARTIN jeanne": ("", "jeanne", "MARTIN"),
    "MARTIN DURAND Anne Sophie": ("", "Anne Sophie", "MARTIN DURAND"),
    "Jeanne MARTIN DURAND": ("", "Jeanne", "MARTIN DURAND"),
    "LEFÈVRE Éléonore": ("", "Éléonore", "LEFÈVRE"),
    "MARTIN J.": ("", "J.", "MARTIN"),
    "LI Wei": ("", "Wei", "LI"),
    "O'BRIEN Kate": ("", "Kate", "O'BRIEN"),
    # A first name at the end
    "Durand Sylvie": ("", "Sylvie", "Durand"),
    "MARTIN JEANNE": ("", "JEANNE", "MARTIN"),
    "martin jean-pierre": ("", "jean-pierre", "martin"),
    "Martin Jeanne Marie": ("", "Jeanne Marie", "Martin"),
    "Martin J.": ("", "J.", "Martin"),
    # Comma
    "Martin, Jeanne": ("", "Jeanne", "Martin"),
    "Martin,Jeanne": ("", "Jeanne", "Martin"),
    "Martin, Mme Jeanne": ("2", "Jeanne", "Martin"),
    "de La Tour, Anne, Sophie": ("", "Anne Sophie", "de La Tour"),
    "Jeanne Martin,": ("", "Jeanne", "Martin"),
    # Particles
    "Jean-Pierre de La Tour": ("", "Jean-Pierre", "de La Tour"),
    "JEAN DE LA TOUR": ("", "JEAN", "DE LA TOUR"),
    "DE LA TOUR Anne Sophie": ("", "Anne Sophie", "DE LA TOUR"),
    "Jean-Pierre de LA TOUR": ("", "Jean-Pierre", "de LA TOUR"),
    "ANNE de LA TOUR": ("", "ANNE", "de LA TOUR"),
    "de La Tour Anne": ("", "Anne", "de La Tour"),
    "Le Goff Yann": ("", "Yann", "Le Goff"),
    "Yann Le Goff": ("", "Yann", "Le Goff"),
    "LE GOFF Yann": ("", "Yann", "LE GOFF"),
    "Le Goff": ("", "", "Le Goff"),
    "Charles d'Artagnan": ("", "Charles", "d'Artagnan"),
    "d'Artagnan Charles": ("", "Charles", "d'Artagnan"),
    "d’ARTAGNAN Charles": ("", "Charles", "d’ARTAGNAN"),
    "Paul L'Hermitte": ("", "Paul", "L'Hermitte"),
    "Mohamed Ben Ali": ("", "Mohamed", "Ben Ali"),
    "Vincent Van Gogh": ("", "Vincent", "Van Gogh"),
    "DUPONT de NEMOURS Éric": ("", "Éric", "DUPONT de NEMOURS"),
    "Marie Saint Martin": ("", "Marie", "Saint Martin"),
    "Anh Le": ("", "Anh", "Le"),
    # Titles
    "Mme Jeanne MARTIN": ("2", "Jeanne", "MARTIN"),
    "MME MARTIN JEANNE": ("2", "JEANNE", "MARTIN"),
    "Mme. Martin": ("2", "", "Martin"),
    "Mlle Jeanne Martin": ("2", "Jeanne", "Martin"),
    "Madame Martin Jeanne": ("2", "Jeanne", "Martin"),
    "Monsieur DUPONT Jean-Pierre": ("1", "Jean-Pierre", "DUPONT"),
    "M. Martin": ("1", "", "Martin"),
    "M.Martin": ("1", "", "Martin"),
    "M DUPONT Jean": ("1", "Jean", "DUPONT"),
    "Mr Jean Dupont": ("1", "Jean", "Dupont"),
    "Dr Jean Dupont": ("", "Jean", "Dupont"),
    "Dr. Dupont": ("", "", "Dupont"),
    "M. le Goff": ("1", "", "le Goff"),
    "DUPONT Jean Mr": ("1", "Jean", "DUPONT"),
    "Martin Jeanne (Mme)": ("2", "Jeanne", "Martin"),
    "MARTIN, M. Jean": ("1", "Jean", "MARTIN"),
    "Mme": ("2", "", ""),
    # The birth name where both are given
    "Mme Jeanne MARTIN née DURAND": ("2", "Jeanne", "DURAND"),
    "Mme MARTIN née DURAND Jeanne": ("2", "Jeanne", "DURAND"),
    "Jeanne Martin (née Durand)": ("", "Jeanne", "Durand"),
    "DURAND Jeanne épouse MARTIN": ("", "Jeanne", "DURAND"),
    "DURAND ép. MARTIN Jeanne": ("", "Jeanne", "DURAND"),
    "Mme Veuve Martin": ("2", "", "Martin"),
    # Two people
    "M. et Mme Martin": ("", "", "Martin"),
    "M. et Mme Jean MARTIN": ("", "", "MARTIN"),
    "M et Mme DE LA TOUR": ("", "", "DE LA TOUR"),
    "M/Mme Martin": ("", "", "Martin"),
    "Mr & Mme Martin": ("", "", "Martin"),
    "Monsieur Madame Martin": ("", "", "Martin"),
    "MARTIN M. et Mme": ("", "", "MARTIN"),
    "Jean et Anne Martin": ("", "", "Martin"),
    "MARTIN Jean et Anne": ("", "", "MARTIN"),
    "Famille Martin": ("", "", "Martin"),
    "Famille LE GOFF": ("", "", "LE GOFF"),
    # Names that say too little
    "Martin": ("", "", "Martin"),
    "MARTIN": ("", "", "MARTIN"),
    "M.": ("1", "", ""),
    "": ("", "", ""),
    " , ": ("", "", ""),
    "123": ("", "", ""),
}


@pytest.mark.parametrize(("typed", "guess"), NAMES.items())
def test_guess(typed, guess):
    assert guess_names(typed) == GuessedNames(*guess)


WORDS = st.sampled_from(
    [
        *" ,;()&/.'-",
        "M.",
        "Mme",
        "et",
        "née",
        "épouse",
        "de",
        "La",
        "d'",
        "MARTIN",
        "Jeanne",
    ]
)
TYPED = st.one_of(st.text(), st.lists(WORDS | st.text(max_size=3)).map(" ".join))


@given(TYPED)
def test_any_text_gives_a_guess_made_of_its_words(typed):
    guess = guess_names(typed)
    assert guess.civility in ("", "1", "2")
    words = f"{guess.first_names} {guess.last_name}".split()
    assert all(word in typed for word in words)
    assert len(words) <= len(re.findall(r"\S+", re.sub("[(),;&+/.]", " ", typed)))


def test_names_are_not_shown():
    assert "Martin" not in repr(guess_names("Jeanne Martin"))
