# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which fields the Urssaf's own sentences are about."""

import re

import pytest
from urssaf.api.errors import ApiError
from urssaf.documents import named_fields
from urssaf.documents.problem import Rule

from .samples import PARTICULIER, payment_request


def error(text):
    return [ApiError("ERREUR_VALIDATION", "Requête invalide", text)]


def fields_of(problems):
    assert {each.rule for each in problems} <= {Rule.NAMED}
    return [
        each.field if each.line is None else (each.field, each.line)
        for each in problems
    ]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("champ inputParticulier.adressePostale.libelleVoie : taille", ["street_name"]),
        ("Le champ « adressePostale.codeTypeVoie » est invalide", ["street_type"]),
        ("inputParticulier.ADRESSEPOSTALE.NUMEROVOIE: trop long", ["street_number"]),
        ("inputParticulier/adressePostale/complement : 39 caractères", ["complement"]),
        ("adressePostale.libelleCommune : absent", ["commune"]),
        ("lieuNaissance.communeNaissance.codeCommune : 38", ["birth_commune"]),
        ("lieuNaissance.communeNaissance.libelleCommune", ["birth_commune"]),
        ("lieuNaissance.codePaysNaissance : inconnu", ["birth_country"]),
        ("coordonneeBancaire.titulaire : absent", ["holder"]),
        ("champ iban : invalide", ["iban"]),
        ("champ 'prenoms' : invalide", ["first_names"]),
        (
            "nomNaissance: ne correspond pas; nomUsage: vide",
            ["birth_name", "usage_name"],
        ),
        ("[0].civilite : valeur inconnue", ["civility"]),
        ("adresseMail, numeroTelephonePortable", ["email", "mobile"]),
        ("libelle_voie : trop long", ["street_name"]),
        ("champ prénoms : chiffre", ["first_names"]),
        ("civilite: must not be null; bic est invalide", ["civility", "bic"]),
        (
            "Champs nomNaissance, prenoms et civilite",
            ["birth_name", "first_names", "civility"],
        ),
        ("inputParticulier.adressePostale.surprise : inconnu", ["street_name"]),
        # These are words of a sentence.
        ("Le titulaire de cet iban n'a pas ces prenoms", []),
        ("champ surprise : inconnu", []),
        ("", []),
    ],
)
def test_a_field_of_a_particulier_is_known_by_its_path(text, expected):
    assert fields_of(named_fields.of_particulier(error(text))) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("champ inputPrestations[0].quantite : deux décimales", [("quantity", 0)]),
        ("[3].inputPrestations[12].mntUnitaireTTC : invalide", [("price", 12)]),
        ("inputDemandePaiement.inputPrestations.1.codeNature", [("nature", 1)]),
        ("inputPrestations[1].dateDebutEmploi : absent", [("date", 1)]),
        ("inputPrestations[].unite : JOUR", ["unit"]),
        ("inputPrestations[0].complement2 : format", ["nova_number"]),
        ("inputPrestations[0].complement1 : trop long", [("description", 0)]),
        ("inputPrestations : vide", ["services"]),
        ("champ dateDebutEmploi : format", ["date_from"]),
        ("dateFacture, mntFactureHT", ["invoice_date", "amount_total"]),
        ("dateNaissanceClient : absent", ["birth_date"]),
        ("champ quantite : négatif", ["quantity"]),
        ("inputPrestations[0]['unite'] : JOUR", [("unit", 0)]),
        ("inputPrestations.[ 2 ].unite : JOUR", [("unit", 2)]),
        ("inputPrestations(1).unite : JOUR", [("unit", 1)]),
        ("input_prestations[1].unite : JOUR", [("unit", 1)]),
        ("champs quantite et unite", ["quantity", "unit"]),
        ("Cette quantite est trop grande", []),
    ],
)
def test_a_field_of_a_request_is_known_by_its_path(text, expected):
    problems = named_fields.of_request(error(text))
    assert fields_of(problems) == expected
    assert named_fields.read(named_fields.write(problems)) == problems


@pytest.mark.parametrize("part", ["message", "description"])
def test_a_field_is_found_in_either_sentence_and_once(part):
    told = [ApiError("A", **{part: "champ nomUsage : vide"})] * 3
    assert fields_of(named_fields.of_particulier(told)) == ["usage_name"]


def leaves(body, path=""):
    if isinstance(body, dict):
        for name, value in body.items():
            yield from leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(body, (list, tuple)):
        for index, value in enumerate(body):
            yield from leaves(value, f"{path}[{index}]")
    else:
        yield path


def test_every_field_that_is_sent_is_known():
    for path in leaves(PARTICULIER.body()):
        told = error(f"champ inputParticulier.{path} : invalide")
        assert len(named_fields.of_particulier(told)) == 1, path
    for path in leaves(payment_request().body()):
        told = error(f"champ inputDemandePaiement[0].{path} : invalide")
        assert len(named_fields.of_request(told)) == 1, path


def java(path):
    names = path.replace("[0]", "\0").split(".")
    parts = (
        f'.Input["{name}"]'.replace('\0"]', '"]->java.util.ArrayList[0]')
        for name in names
    )
    return f"(through reference chain: fr{'->fr'.join(parts)})"


FORMS = (
    lambda path: f"Le champ '{path}' est obligatoire",
    lambda path: f"{path}: must not be null",
    lambda path: f"$.{path} est invalide",
    lambda path: f"[0].{path} ne peut pas être vide",
    lambda path: f"/{re.sub(r'[.](?=.)', '/', path.replace('[0]', '.0'))} : invalide",
    lambda path: f"champ {path.upper()} : invalide",
    lambda path: f"Le paramètre {path} est invalide",
    lambda path: f"champ {path.replace('.', ' > ')}",
    java,
)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form("a.b[0].c"))
def test_a_path_may_be_written_in_many_ways(form):
    for body, fields in (
        (PARTICULIER.body(), named_fields.of_particulier),
        (payment_request().body(), named_fields.of_request),
    ):
        for path in leaves(body):
            expected = fields(error(f"champ input.{path} : invalide"))
            assert fields(error(form(path))) == expected, form(path)


def test_what_is_kept_of_it_holds_nothing_that_was_typed():
    told = error("champ adressePostale.libelleVoie : « rue Jean Dupont » (nomUsage)")
    kept = named_fields.write(named_fields.of_particulier(told))
    assert kept == "street_name usage_name"


def test_a_long_sentence_is_read_quickly():
    for text in ("a" * 100_000, "a." * 50_000, "[0]." * 20_000, "champ " * 20_000):
        assert named_fields.of_request(error(text)) == []
