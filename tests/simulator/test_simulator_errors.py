# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A valid body with one thing wrong is answered with exactly these error codes."""

import pytest
from simulator_client import ABSENT

from simulator.codes import M010_ERRORS, M050_ERRORS, MESSAGES, TECHNICAL

BIRTH = "lieuNaissance."
COMMUNE = "lieuNaissance.communeNaissance."
ADDRESS = "adressePostale."
BANK = "coordonneeBancaire."
LINE = "inputPrestations.0."

NO_STREET = {
    ADDRESS + name: ABSENT
    for name in ("numeroVoie", "lettreVoie", "codeTypeVoie", "libelleVoie")
}

M010_ROWS = [
    ("ERR_DATE_NAISSANCE_FUTUR", {"dateNaissance": "2026-11-17T00:00:00Z"}),
    ("ERREUR_LIEU_NAISSANCE_OBLIGATOIRE", {"lieuNaissance": ABSENT}),
    ("ERREUR_LIEU_NAISSANCE_OBLIGATOIRE", {"lieuNaissance": {}}),
    ("ERREUR_LIEU_NAISSANCE_DEPT", {BIRTH + "departementNaissance": ABSENT}),
    ("ERREUR_LIEU_NAISSANCE_DEPT_FORMAT", {BIRTH + "departementNaissance": "69"}),
    ("ERR_LIEU_NAISSANCE_COMN", {BIRTH + "communeNaissance": ABSENT}),
    ("ERR_LIEU_NAISSANCE_COMN", {COMMUNE + "codeCommune": ABSENT}),
    ("ERR_LIEU_NAISSANCE_OBLIGATOIRE", {COMMUNE + "libelleCommune": ABSENT}),
    ("ERR_LIEU_NAISSANCE_OBLIGATOIRE", {COMMUNE + "libelleCommune": ""}),
    ("ERREUR_LIEU_NAISSANCE_INVALIDE", {COMMUNE + "libelleCommune": "Lyon <1>"}),
    ("ERREUR_LIEU_NAISSANCE_PAYS", {BIRTH + "codePaysNaissance": "99352"}),
    ("ERR_CONTACT", {"numeroTelephonePortable": "0478000000"}),
    ("ERR_CONTACT", {"numeroTelephonePortable": ABSENT}),
    ("ERR_CONTACT", {"adresseMail": "zoe+sap@example.fr"}),
    ("ERR_CONTACT", {"adressePostale": ABSENT}),
    ("ERR_CONTACT", {ADDRESS + "codePostal": "6900"}),
    ("ERR_CONTACT", {ADDRESS + "codePays": "99131"}),
    ("ERR_CONTACT", {ADDRESS + "libelleVoie": "x" * 29}),
    ("ERR_CONTACT", {ADDRESS + "libelleCommune": ABSENT}),
    (
        "ERR_CONTACT",
        NO_STREET | {ADDRESS + "numeroVoie": "8", ADDRESS + "lieuDit": "Les Prés"},
    ),
    ("ERR_CONTACT_ADRESSE_TYPE_VOIE", {ADDRESS + "codeTypeVoie": "RUE"}),
    ("ERR_CONTACT_ADRESSE_TYPEVOIE", {ADDRESS + "codeTypeVoie": ABSENT}),
    ("ERR_CONTACT_ADRESSE_LETTRE_VOIE", {ADDRESS + "lettreVoie": "D"}),
    ("ERR_CONTACT_ADRESSE_LIBELLEVOIE", {ADDRESS + "libelleVoie": ABSENT}),
    ("ERR_CONTACT_ADRESSE_INFORMATION_SUPPLEMENTAIRE", NO_STREET),
    ("ERR_CONTACT_ADRESSE_COMMUNE", {ADDRESS + "codeCommune": ABSENT}),
    ("ERR_CONTACT_ADRESSE_COMMUNE", {ADDRESS + "codeCommune": "69000"}),
    ("ERR_CONTACT_ADRESSE_COMMUNE", {ADDRESS + "codeCommune": "69123"}),
    ("ERR_CONTACT_ADRESSE_COMMUNE", {ADDRESS + "codeCommune": "20004"}),
    ("ERR_CONTACT_ADRESSE_COMMUNE", {ADDRESS + "codeCommune": "75056"}),
    ("ERR_COORDONNEES_BANCAIRES", {"coordonneeBancaire": ABSENT}),
    ("ERR_COORDONNEES_BANCAIRES", {BANK + "iban": "FR7630006000011234567890188"}),
    ("ERR_COORDONNEES_BANCAIRES", {BANK + "bic": "BNPAFRP"}),
    ("ERREUR_VALIDATION", {BANK + "titulaire": ""}),
    ("ERREUR_VALIDATION", {"civilite": "3"}),
    ("ERREUR_VALIDATION", {"civilite": 2}),
    ("ERREUR_VALIDATION", {"nomNaissance": "Durand-"}),
    ("ERREUR_VALIDATION", {"nomNaissance": "Dur4nd"}),
    ("ERREUR_VALIDATION", {"nomNaissance": "D²"}),
    ("ERREUR_VALIDATION", {"nomNaissance": "D" * 81}),
    ("ERREUR_VALIDATION", {"nomUsage": ""}),
    ("ERREUR_VALIDATION", {"prenoms": "Zoé  Anne"}),
    ("ERREUR_VALIDATION", {"prenoms": ABSENT}),
    ("ERREUR_VALIDATION", {"dateNaissance": "1980-03-29"}),
    ("ERREUR_VALIDATION", {"dateNaissance": "1980-02-30T00:00:00Z"}),
    ("ERREUR_VALIDATION", {COMMUNE + "codeCommune": "38"}),
    ("ERREUR_VALIDATION", {"surprise": "x"}),
    ("ERREUR_VALIDATION", {"nomUsage": None}),
]

NO_DEPOSIT = {"mntAcompte": ABSENT, "dateVersementAcompte": ABSENT}
M050_ROWS = [
    (
        "ERR_DATE_FUTUR",
        {
            "dateDebutEmploi": "2026-11-01T00:00:00Z",
            "dateFinEmploi": "2026-11-17T00:00:00Z",
        },
    ),
    ("ERR_DATE_PAIEMENT_AVANT_EXP", {"dateFacture": "2021-12-31T00:00:00Z"}),
    ("ERR_PERIODE_EMPLOI_MOIS_NON_UNIQUE", {"dateFinEmploi": "2026-11-01T00:00:00Z"}),
    (
        "ERR_DATE_FIN_AVANT_DATE_DEB",
        {
            "dateDebutEmploi": "2026-10-11T00:00:00Z",
            "dateFinEmploi": "2026-10-10T00:00:00Z",
        },
    ),
    (
        "ERR_DATE_FIN_AVANT_DATE_DEB",
        {
            LINE + "dateDebutEmploi": "2026-10-11T00:00:00Z",
            LINE + "dateFinEmploi": "2026-10-10T00:00:00Z",
        },
    ),
    ("ERR_MONTANT_ACOMPTE", {"mntAcompte": 60.05}),
    ("ERR_MONTANT_ACOMPTE", {"mntAcompte": 9999}),
    ("ERR_TOTAL_PRESTATIONS", {"mntFactureTTC": 120.1}),
    ("ERR_TOTAL_PRESTATIONS", NO_DEPOSIT | {"mntFactureTTC": 0}),
    ("ERR_TOTAL_PRESTATIONS", {"mntFactureHT": 0}),
    ("ERR_TOTAL_PRESTATIONS", {"mntFactureHT": 109.18}),
    ("ERR_TOTAL_PRESTATIONS", {"mntFactureHT": 120.08}),
    ("ERR_MNT_PREST_HT_TVA", {LINE + "mntPrestationTVA": 0}),
    ("ERR_MNT_PREST_TTC", {LINE + "quantite": 0}),
    ("ERR_MNT_PREST_TTC", {LINE + "mntUnitaireTTC": 0}),
    ("ERREUR_VALIDATION", {"dateVersementAcompte": ABSENT}),
    ("ERREUR_VALIDATION", {"mntAcompte": ABSENT}),
    ("ERREUR_VALIDATION", {"mntAcompte": 0}),
    ("ERR_DATE_FUTUR", {"dateVersementAcompte": "2026-11-17T00:00:00Z"}),
    ("ERR_DATE_PAIEMENT_AVANT_EXP", {"dateVersementAcompte": "2021-12-31T00:00:00Z"}),
    ("ERR_DATE_FUTUR", {LINE + "dateFinEmploi": "2026-11-17T00:00:00Z"}),
    ("ERREUR_VALIDATION", {LINE + "dateFinEmploi": "2026-11-02T00:00:00Z"}),
    ("ERREUR_VALIDATION", {LINE + "dateDebutEmploi": "2026-09-30T00:00:00Z"}),
    ("ERR_CODE_NATURE", {LINE + "codeNature": "65"}),
    ("ERR_CODE_ACTIVITE", {LINE + "codeActivite": "01"}),
    ("ERR_FORMAT_VALEUR", {LINE + "mntUnitaireTTC": 40.071}),
    ("ERR_FORMAT_VALEUR", {LINE + "quantite": 1.255}),
    ("ERR_FORMAT_VALEUR", {"mntFactureHT": 109.175}),
    ("ERR_MNT_PREST_HT_TVA", {LINE + "mntPrestationTVA": 4.56}),
    ("ERR_MNT_PREST_TTC", {LINE + "quantite": 1.26}),
    ("ERR_VALEUR_NEGATIVE", {"mntAcompte": -1}),
    ("ERR_VALEUR_NEGATIVE", {LINE + "quantite": -1.25}),
    ("ERR_PARTICULIER_INCONNU", {"idClient": "11000000000104"}),
    ("ERR_PARTICULIER_INCONNU", {"dateNaissanceClient": "1980-03-30T00:00:00Z"}),
    (
        "ERR_LIEN_PARTICULIER_PRESTATAIRE",
        {
            "dateDebutEmploi": "2026-09-01T00:00:00Z",
            "dateFinEmploi": "2026-09-30T00:00:00Z",
        },
    ),
    ("ERR_FORMAT_NUMINTERVENANT", {LINE + "complement2": "SAP12345678"}),
    ("ERR_FORMAT_NUMINTERVENANT", {LINE + "complement2": "SIR123456789"}),
    ("ERR_NUMINTERVENANT_MANQUANT", {LINE + "complement2": ABSENT}),
    ("ERR_NUMINTERVENANT_MANQUANT", {LINE + "complement2": ""}),
    ("ERREUR_VALIDATION", {"idTiersFacturation": ABSENT}),
    ("ERREUR_VALIDATION", {"numFactureTiers": ""}),
    ("ERREUR_VALIDATION", {"dateFacture": "2026-11-02T10:00:00Z"}),
    ("ERREUR_VALIDATION", {"mntFactureHT": "109.17"}),
    ("ERREUR_VALIDATION", {"mntFactureHT": True}),
    ("ERREUR_VALIDATION", {"mntFactureHT": 1e12}),
    ("ERREUR_VALIDATION", {LINE + "unite": "JOUR"}),
    ("ERREUR_VALIDATION", {LINE + "codeNature": ABSENT}),
    ("ERREUR_VALIDATION", {"inputPrestations": []}),
    ("ERREUR_VALIDATION", {"surprise": 1}),
    ("ERREUR_VALIDATION", {LINE + "surprise": 1}),
]

#: Codes that depend on earlier calls, or on the whole call. Each has a test in
#: test_simulator_registrations.py or test_simulator_requests.py.
OTHER_CODES = {
    "ERREUR_REFERENCE_PARTICULIER_EXISTANTE_TYPE",
    "ERR_COMPTE_BLOQUE",
    "ERR_RECHERCHE_PARTICULIER",
    "ERR_NBRE_PREST_MAX",
    "ERR_FACTURE_DOUBLON",
    "ERR_CMPT_BLOQUE",
    "ERR_MANDAT_ECHU",
    "ERR_CRITERE_RECHERCHE_VIDE",
    "ERR_NBRE_MAX_RESULTAT",
    "ERR_RECHERCHE_VIDE",
}


def codes(problems):
    assert all(set(each) == {"code", "message", "description"} for each in problems)
    return [each["code"] for each in problems]


def label(value):
    return value if isinstance(value, str) else "+".join(value)[-40:]


@pytest.mark.parametrize(("code", "changes"), M010_ROWS, ids=label)
def test_m010_refusal(menage, code, changes):
    answer = menage.register(changes)
    assert answer.status_code == 400
    assert codes(answer.json()) == [code]
    assert menage.state()["particuliers"] == []


@pytest.mark.parametrize(("code", "changes"), M050_ROWS, ids=label)
def test_m050_refusal(menage, code, changes):
    id_client = menage.active_client()
    answer = menage.send(menage.demande(id_client, changes))
    assert answer.status_code == 200
    (output,) = answer.json()
    assert codes(output["errors"]) == [code]
    assert "idDemandePaiement" not in output
    assert menage.state()["demandes"] == []


@pytest.mark.parametrize("code", sorted(M010_ERRORS))
def test_m010_refusal_asked_for_by_the_email(menage, code):
    answer = menage.register({"adresseMail": f"{code}@example.fr"})
    assert answer.status_code == (500 if code == TECHNICAL else 400)
    assert codes(answer.json()) == [code]


@pytest.mark.parametrize("code", sorted(M050_ERRORS))
def test_m050_refusal_asked_for_by_the_complement(menage, code):
    id_client = menage.active_client()
    item = menage.demande(id_client, {LINE + "complement1": f"Ménage ({code})"})
    (output,) = menage.send(item).json()
    assert codes(output["errors"]) == [code]


def test_every_known_code_can_be_provoked():
    by_data = {code for code, _changes in M010_ROWS + M050_ROWS}
    by_name = set(M010_ERRORS) | set(M050_ERRORS)
    assert by_data | by_name | OTHER_CODES == set(MESSAGES)


def test_all_problems_are_told_at_once(menage):
    id_client = menage.active_client()
    wrong_person = menage.register(
        {
            "civilite": "9",
            "adresseMail": "nowhere",
            BANK + "iban": "FR00",
            COMMUNE + "libelleCommune": ABSENT,
        }
    )
    assert sorted(codes(wrong_person.json())) == [
        "ERREUR_VALIDATION",
        "ERR_CONTACT",
        "ERR_COORDONNEES_BANCAIRES",
        "ERR_LIEU_NAISSANCE_OBLIGATOIRE",
    ]
    item = menage.demande(
        id_client,
        {
            "mntFactureTTC": 1,
            LINE + "codeNature": "x",
            "inputPrestations.1.complement2": ABSENT,
        },
    )
    assert sorted(codes(menage.send(item).json()[0]["errors"])) == [
        "ERR_CODE_NATURE",
        "ERR_MONTANT_ACOMPTE",
        "ERR_NUMINTERVENANT_MANQUANT",
        "ERR_TOTAL_PRESTATIONS",
    ]


def test_a_validation_error_names_the_field(menage):
    (problem,) = menage.register({BANK + "titulaire": ABSENT}).json()
    assert "coordonneeBancaire.titulaire" in problem["description"]


@pytest.mark.parametrize(
    "changes",
    [
        {"nomNaissance": "d"},
        {"nomUsage": "De La Tour"},
        {"numeroTelephonePortable": "+33705040302"},
        {"dateNaissance": "1980-03-29T00:00:00.000Z"},
        {"lieuNaissance": {"codePaysNaissance": "99352"}},
        {COMMUNE + "libelleCommune": "L'Haÿ-les-Roses"},
        {ADDRESS + "codeCommune": "2A004", BIRTH + "departementNaissance": "02A"},
        {ADDRESS + "codeCommune": "97411", BIRTH + "departementNaissance": "974"},
        {ADDRESS + "codeCommune": "75120"},
        {ADDRESS + "lettreVoie": "", ADDRESS + "complement": ""},
        NO_STREET | {ADDRESS + "lieuDit": "Le Beyssat"},
        NO_STREET | {ADDRESS + "complement": "Bâtiment A"},
        {BANK + "iban": "DE89370400440532013000", BANK + "bic": "COBADEFF"},
    ],
    ids=label,
)
def test_m010_accepts(menage, changes):
    assert menage.register(changes).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {},
        NO_DEPOSIT,
        {"mntAcompte": 60.04},
        {"dateFinEmploi": "2026-10-01T00:00:00.000Z"},
        {"dateDebutEmploi": "2026-11-16T00:00:00Z",
         "dateFinEmploi": "2026-11-16T00:00:00Z"},
        # 0.35 x 14.30 = 5.005: half a cent goes up, and no binary fraction gets it.
        {LINE + "quantite": 0.35, LINE + "mntUnitaireTTC": 14.3,
         LINE + "mntPrestationTTC": 5.01, LINE + "mntPrestationHT": 4.55,
         LINE + "mntPrestationTVA": 0.46, "mntFactureTTC": 75.01, "mntFactureHT": 68.18},
    ],
    ids=label,
)  # fmt: skip
def test_m050_accepts(menage, changes):
    id_client = menage.active_client()
    (output,) = menage.send(menage.demande(id_client, changes)).json()
    assert "errors" not in output
    assert output["statut"] == "10"
