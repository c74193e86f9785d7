# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's sentences must not say again what was sent about a person."""

import dataclasses
import re
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urssaf.api.errors import is_code
from urssaf.api.masking import HIDDEN, mask

from .growth import check_growth
from .samples import ID_CLIENT, PARTICULIER, payment_request

SENT = {
    "nomNaissance": "Lefèvre",
    "prenoms": "Zoé Anne-Marie",
    "dateNaissance": "1984-03-29T00:00:00Z",
    "numeroTelephonePortable": "0639980011",
    "adresseMail": "zoe.lefevre@example.com",
    "adressePostale": {
        "numeroVoie": "12",
        "libelleVoie": "des Lilas",
        "codePostal": "69003",
    },
    "coordonneeBancaire": {
        "iban": "FR7630006000011234567890189",
        "bic": "AGRIFRPPXXX",
        "titulaire": "Mme Zoé Lefèvre",
    },
    "idClient": ID_CLIENT,
    "numFactureTiers": "FAC/2026/00042",
    "mntFactureTTC": 108.5,
    "dateFacture": "2026-03-12T00:00:00Z",
    "inputPrestations": [{"complement1": "Garde d'Éloïse le soir", "unite": "HEURE"}],
}


@pytest.mark.parametrize(
    "said",
    [
        "FR7630006000011234567890189",
        "FR76 3000 6000 0112 3456 7890 189",
        "fr76-3000-6000-0112-3456-7890-189",
        "IBAN:FR7630006000011234567890189.",
        "30006000011234567890189",
        "01123456789",  # the account alone
        "AGRIFRPPXXX",
        "agrifrppxxx",
        "29/03/1984",
        "29.3.84",
        "1984-03-29",
        "29031984",
        "19840329",
        "03/29/1984",
        "29 mars 1984",
        "29 MARS",
        "March 29, 1984",
        "LEFEVRE",
        "lefèvre",
        unicodedata.normalize("NFD", "Lefèvre"),
        "zoe",
        "Anne Marie",
        "MARIE",
        "zoe.lefevre@example.com",
        "ZOE.LEFEVRE@EXAMPLE.COM",
        "+33639980011",
        "+33 6 39 98 00 11",
        "06.39.98.00.11",
        "Lilas",
        "69003",
        ID_CLIENT,
        ID_CLIENT.upper().replace("-", ""),
        "Eloise",
        "garde d’éloïse",
    ],
)
def test_what_was_sent_is_hidden_however_it_is_written(said):
    hidden = mask(f"Rejet : {said} est inconnu", SENT)
    assert re.fullmatch(r"Rejet : ([*]{3}|[ .’]|IBAN:|[+]33|d’)+ est inconnu", hidden)


@pytest.mark.parametrize(
    "sentence",
    [
        "La personne n'est pas reconnue par la DGFIP pour ce numéro 12.",
        "La facture FAC/2026/00042 de 108,50 € du 12/03/2026 existe déjà.",
        "champ inputParticulier.adressePostale.libelleVoie : obligatoire",
        "Demandes acceptées depuis le 03/04/2026 à 10:00:00",
        "L'unité HEURE est attendue",
        "",
    ],
)
def test_what_tells_nothing_about_a_person_stays(sentence):
    assert mask(sentence, SENT) == sentence


def test_the_values_of_a_document_can_be_given_as_they_are():
    particulier = dataclasses.astuple(PARTICULIER)
    sentence = "JEANNE, née le 29/3/1980 à Lyon, FR76 3000 6000 0112 3456 7890 189"
    hidden = mask(sentence, [particulier, payment_request().body()])
    assert hidden == f"{HIDDEN}, née le {HIDDEN} à {HIDDEN}, {HIDDEN}"


def test_an_account_and_an_address_are_hidden_whosever_they_are():
    said = "IBAN DE89 3704 0044 0532 0130 00, j.d@example.org"
    assert mask(said, {}) == f"IBAN {HIDDEN}, {HIDDEN}"


def test_a_day_that_is_none_is_a_text_like_any_other():
    assert mask("le 1984-99-99", {"x": "1984-99-99"}) == f"le {HIDDEN}"
    assert mask("le 29/03/1984", [date(1984, 3, 29)]) == f"le {HIDDEN}"


@given(
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZéèïç ", min_size=3).filter(
        lambda text: len(text.replace(" ", "")) > 3
    ),
    st.sampled_from((str.upper, str.lower, str.title)),
)
def test_a_name_is_hidden_in_any_case(name, case):
    hidden = mask(f"({case(name)}) refusé", {"nomNaissance": name})
    assert case(name.strip()) not in hidden


def test_the_cost_grows_with_the_length():
    check_growth(
        lambda text: mask(text, SENT),
        lambda times: "FR76 3000 29 mars Lefevre " * times,
        (250, 500, 1000),
    )


@pytest.mark.parametrize(
    "text, expected",
    [
        ("ERR_DGFIP_R2P_INCONNU", True),
        ("ERREUR_VALIDATION", True),
        ("invalid_token", True),
        ("HTTP 400", True),
        ("LEFEVRE", False),
        ("FR7630006000011234567890189", False),
        ("NE_29031984", False),
        ("1984-03-29", False),
        ("", False),
    ],
)
def test_a_code_looks_like_one(text, expected):
    assert is_code(text) is expected
