# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What else the tax office may have on file, and whether the Urssaf's names are one's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urssaf.api.answers import KnownParticulier
from urssaf.documents.identity import is_known_as
from urssaf.documents.particulier import BirthPlace, split_commune_code
from urssaf.proposals.variants import Change, variants

from .samples import TODAY, particulier

SAINT_DENIS = BirthPlace("99100", "97411", "Saint-Denis")


def changes(full_name="", **values):
    return {
        variant.change: variant.person.cleaned()
        for variant in variants(particulier(**values), full_name)
    }


def test_birth_and_usage_name_are_swapped():
    person = changes(birth_name="Durand", usage_name="Martin")[Change.NAMES_SWAPPED]
    assert (person.birth_name, person.usage_name) == ("Martin", "Durand")


@pytest.mark.parametrize("usage_name", ["", " ", "Durand"])
def test_there_is_nothing_to_swap_without_a_usage_name(usage_name):
    found = changes(birth_name="Durand", usage_name=usage_name)
    assert Change.NAMES_SWAPPED not in found


@pytest.mark.parametrize(
    "typed, full_name, expected",
    [
        ("Jeanne", "", {}),
        (
            "Jeanne Marie",
            "",
            {
                Change.FIRST_NAME_ALONE: "Jeanne",
                Change.WITH_HYPHEN: "Jeanne-Marie",
            },
        ),
        (
            "Jeanne Marie Zoe",
            "",
            {
                Change.FIRST_NAME_ALONE: "Jeanne",
                Change.WITH_HYPHEN: "Jeanne-Marie Zoe",
            },
        ),
        ("Jean-Pierre", "", {Change.WITHOUT_HYPHEN: "Jean Pierre"}),
        ("Jean–Pierre", "", {Change.WITHOUT_HYPHEN: "Jean Pierre"}),
        (
            "Jean-Pierre Paul",
            "",
            {
                Change.FIRST_NAME_ALONE: "Jean-Pierre",
                Change.WITHOUT_HYPHEN: "Jean Pierre Paul",
            },
        ),
        (
            "Jeanne, Marie",
            "",
            {
                Change.FIRST_NAME_ALONE: "Jeanne",
                Change.WITH_HYPHEN: "Jeanne-Marie",
            },
        ),
        ("Jeanne", "Jeanne Marie Durand", {Change.ALL_FIRST_NAMES: "Jeanne Marie"}),
        ("Jeanne", "DURAND Jeanne Zoé", {Change.ALL_FIRST_NAMES: "Jeanne Zoe"}),
        ("Jeanne", "Durand, Jeanne, Zoé", {Change.ALL_FIRST_NAMES: "Jeanne Zoe"}),
        ("Jeanne", "Jeanne Durand", {}),
        # A last name that is not among those of the civil status is no first name.
        ("Jeanne", "Jeanne Petit", {}),
        ("Jeanne", "Jeanne Durand Petit", {}),
        ("Jeanne", "Marie Jeanne Durand", {}),
    ],
)
def test_fewer_more_or_otherwise_written_first_names(typed, full_name, expected):
    found = changes(full_name, first_names=typed, birth_name="Durand", usage_name="")
    names = {change: person.first_names for change, person in found.items()}
    assert names == expected


def test_an_overseas_commune_goes_by_the_last_three_digits_of_its_code():
    assert split_commune_code("97411", whole=True) == ("974", "411")
    person = changes(birth_place=SAINT_DENIS)[Change.WHOLE_COMMUNE_CODE]
    place = person.body()["lieuNaissance"]
    assert place["departementNaissance"] == "974"
    assert place["communeNaissance"]["codeCommune"] == "411"
    # And back again, once this is what is sent.
    back = changes(birth_place=person.birth_place)[Change.WHOLE_COMMUNE_CODE]
    assert back.body()["lieuNaissance"]["communeNaissance"]["codeCommune"] == "011"


@pytest.mark.parametrize(
    "place",
    [
        BirthPlace("99100", "69123", "Lyon"),
        BirthPlace("99100", "2A004", "Ajaccio"),
        BirthPlace("99352"),
    ],
)
def test_elsewhere_a_commune_has_one_code(place):
    assert Change.WHOLE_COMMUNE_CODE not in changes(birth_place=place)


NAMES = st.sampled_from(
    ["Jeanne", "Jean-Pierre", "Zoé", "d’Arc", "Durand", "Le Goff", ""]
)


@given(NAMES, NAMES, st.lists(NAMES, max_size=4), NAMES, st.booleans())
def test_a_variant_is_sent_otherwise_and_is_as_right(
    birth, usage, firsts, more, overseas
):
    person = particulier(
        birth_name=birth,
        usage_name=usage,
        first_names=" ".join(firsts),
        **({"birth_place": SAINT_DENIS} if overseas else {}),
    )
    if person.problems(TODAY):
        return
    found = variants(person, f"{' '.join(firsts)} {more} {birth}")
    bodies = [str(variant.person.body()) for variant in found]
    assert len({str(person.body()), *bodies}) == len(bodies) + 1
    for variant in found:
        assert variant.person.problems(TODAY) == []


# Compared with what the Urssaf tells

PERSON = {
    "birth_name": "Lefèvre",
    "usage_name": "Martin-Petit",
    "first_names": "Jeanne Marie",
}


def is_known(first_names="JEANNE MARIE", birth_name="LEFEVRE", usage_name="", **values):
    known = KnownParticulier("id", birth_name, usage_name, first_names)
    return is_known_as(particulier(**PERSON | values), known)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"birth_name": "lefevre"},
        {"usage_name": "MARTIN PETIT"},
        {"usage_name": "LEFEVRE"},
        {"first_names": "Jeanne"},
        {"first_names": "Jeanne Marie Zoé"},
        {"first_names": "Jeanne-Marie"},
        {"first_names": "Jeanne-Marie Zoé"},
        {"first_names": "Jeanne, Marie"},
    ],
)
def test_one_person_is_recognised_however_the_urssaf_writes_them(values):
    assert is_known(**values)


def test_an_apostrophe_may_be_a_space_there():
    assert is_known_as(
        particulier(birth_name="D’Ornano", first_names="Zoé"),
        KnownParticulier("id", "D ORNANO", "", "ZOE"),
    )


@pytest.mark.parametrize(
    "values",
    [
        {"birth_name": ""},
        {"birth_name": "MARTIN-PETIT"},
        {"birth_name": "LEFEVRES"},
        {"first_names": ""},
        {"first_names": "Marie"},
        {"first_names": "Marie Jeanne"},
        {"first_names": "Jean"},
        {"first_names": "Jeanne-Zoé"},
        {"first_names": "Jeanne-Marie-Zoé"},
        {"first_names": "Jeannine Marie"},
        {"usage_name": "DURAND"},
    ],
)
def test_nobody_is_taken_for_somebody_else(values):
    assert not is_known(**values)


def test_nobody_without_names_of_their_own_is_anybody():
    assert not is_known_as(
        particulier(birth_name="", first_names=""), KnownParticulier("id", "", "", "")
    )
