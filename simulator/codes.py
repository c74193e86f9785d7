# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's code lists, and the errors it answers with."""

import re

#: Status code of a payment request -> label, exactly as the Urssaf writes it. (15, 80, 90
#: and 100 come from an older list.)
STATUSES = {
    "10": "Intégrée",
    "15": "Aides calculées",
    "20": "En attente de validation",
    "30": "Validée",
    "40": "Refusée",
    "50": "Prélevée",
    "60": "En refus de prélèvement",
    "70": "Payée",
    "80": "En attente d'échanges",
    "90": "Clôturée",
    "100": "Supprimée",
    "110": "Annulée",
    "111": "Annulée après impayé",
    "112": "Annulée après recouvrement",
    "113": "Annulée pour raison spécifique",
    "120": "Recouvrée",
    "260": "Impayé prestataire",
    "270": "Régularisé prestataire",
}

#: Why a particulier refuses a request -> wording for the page.
REJECTIONS = {
    "REGUL_MNT_FACT": "Régularisation : montant ou tarif erroné",
    "REGUL_NB_QTE_FACT": "Régularisation : nombre d'heures ou quantité erronés",
    "REGUL_PRESTA_FACT": "Régularisation : mauvaise prestation facturée",
    "REGUL_AUTRE": "Régularisation : autre motif",
    "CONTEST_ERR_FACT": "Contestation : erreur de facture",
    "CONTEST_FACT_REGLEE": "Contestation : facture déjà réglée",
    "CONTEST_AUTRE": "Contestation : autre motif",
    "ANNUL_DBL": "Annulation : demande en double",
    "ANNUL_ERR_MNT": "Annulation : erreur de montant",
    "ANNUL_ERR_TECH": "Annulation : erreur technique",
    "ANNUL_AUTRE": "Annulation : autre motif",
    "PREST_ABS": "Prestation non réalisée",
}

#: Service natures: "10", "20" … "270".
NATURES = frozenset(str(number) for number in range(10, 280, 10))

_STREET_TYPES = (
    "ALL AV BAT BD C CAN CHE CHS CI CL COG FG HAM IMB IMP LOT MAI MTE PAR PAS PAV PL"
    " POR Q QU R RAM RES RTE RUL SEN SQ VO"
)
#: Codes of "rue", "avenue" … in an address.
STREET_TYPES = frozenset(_STREET_TYPES.split())

VALIDATION = "ERREUR_VALIDATION"
TECHNICAL = "ERREUR_TECHNIQUE"

#: Codes any operation may answer.
COMMON_ERRORS = {
    VALIDATION: "Le corps de la requête est invalide",
    TECHNICAL: "Erreur technique, réessayez plus tard",
}

M010_ERRORS = COMMON_ERRORS | {
    "ERR_DGFIP_R2P_INCONNU": "Identité non reconnue par l'administration fiscale",
    "ERR_DGFIP_IMPOTPART_INCONNU": "Aucune déclaration de revenus connue",
    "ERR_ECV_PARTICULIERS_EXISTENT": "Plusieurs personnes ont cet état civil",
    "ERREUR_REFERENCE_PARTICULIER_EXISTANTE_TYPE": (
        "Ce couple e-mail et mobile est déjà utilisé"
    ),
    "ERR_DATE_NAISSANCE_FUTUR": "La date de naissance est dans le futur",
    "ERR_LIEU_NAISSANCE_OBLIGATOIRE": "Libellé de la commune de naissance absent",
    "ERREUR_LIEU_NAISSANCE_DEPT": "Département de naissance absent",
    "ERREUR_LIEU_NAISSANCE_DEPT_FORMAT": "Département de naissance mal formé",
    "ERR_LIEU_NAISSANCE_COMN": "Code de la commune de naissance absent",
    "ERREUR_LIEU_NAISSANCE_PAYS": (
        "Ni département ni commune pour une naissance à l'étranger"
    ),
    "ERREUR_LIEU_NAISSANCE_OBLIGATOIRE": "Lieu de naissance absent",
    "ERREUR_LIEU_NAISSANCE_INVALIDE": "Caractères interdits dans le lieu de naissance",
    "ERR_CONTACT": "Téléphone, e-mail ou adresse absent ou invalide",
    "ERR_CONTACT_ADRESSE_TYPE_VOIE": "Type de voie inconnu",
    "ERR_CONTACT_ADRESSE_TYPEVOIE": "Nom de voie sans type de voie",
    "ERR_CONTACT_ADRESSE_LETTRE_VOIE": "Lettre de voie inconnue",
    "ERR_CONTACT_ADRESSE_LIBELLEVOIE": "Type de voie sans nom de voie",
    "ERR_CONTACT_ADRESSE_INFORMATION_SUPPLEMENTAIRE": (
        "Il faut une voie, un complément ou un lieu-dit"
    ),
    "ERR_CONTACT_ADRESSE_COMMUNE": "Commune inconnue",
    "ERR_COORDONNEES_BANCAIRES": "IBAN ou BIC invalide",
    "ERR_APPEL_BACB": "La vérification du compte bancaire a échoué",
    "ERR_COMPTE_BLOQUE": "Le compte du particulier est bloqué",
    "ERR_LIEN_TIERS_PRESTATION_PARTICULIER_EXISTE": (
        "Ce particulier est déjà rattaché à ce prestataire"
    ),
    "ERR_LIEN_TIERS_PRESTATION_PARTICULIER": "Le rattachement n'a pas pu être fait",
}

M020_ERRORS = COMMON_ERRORS | {
    "ERR_RECHERCHE_PARTICULIER": "Particulier inconnu ou plus rattaché",
}

M050_ERRORS = COMMON_ERRORS | {
    "ERR_DATE_FUTUR": "La période est dans le futur",
    "ERR_DATE_PAIEMENT_AVANT_EXP": "Date antérieure à l'ouverture du service",
    "ERR_PERIODE_EMPLOI_MOIS_NON_UNIQUE": "La période couvre plusieurs mois civils",
    "ERR_DATE_FIN_AVANT_DATE_DEB": "La fin de la période précède son début",
    "ERR_MONTANT_ACOMPTE": "L'acompte dépasse la moitié de la facture",
    "ERR_TOTAL_PRESTATIONS": "Le total des prestations diffère de la facture",
    "ERR_CODE_NATURE": "Code nature inconnu",
    "ERR_CODE_ACTIVITE": "Code activité inconnu",
    "ERR_CODE_ACTIVITE_NATURE": "Ce code activité n'est pas de cette nature",
    "ERR_FORMAT_VALEUR": "Plus de deux décimales",
    "ERR_MNT_PREST_HT_TVA": "HT + TVA diffère du TTC",
    "ERR_MNT_PREST_TTC": "Quantité × prix unitaire diffère du TTC",
    "ERR_NBRE_PREST_MAX": "Plus de dix demandes dans un appel",
    "ERR_VALEUR_NEGATIVE": "Valeur négative",
    "ERR_PARTICULIER_INCONNU": "Particulier inconnu ou date de naissance différente",
    "ERR_PRESTATAIRE_EMETTEUR_INCONNU": "Prestataire émetteur inconnu",
    "ERR_LIEN_PARTICULIER_PRESTATAIRE": (
        "Particulier non actif pour ce prestataire au début de la période"
    ),
    "ERR_PRESTATAIRE_FACTURATION_INCONNU": "Prestataire de facturation inconnu",
    "ERR_FACTURE_DOUBLON": "Ce numéro de facture a déjà été transmis",
    "ERR_CMPT_BLOQUE": "Le compte du particulier est bloqué",
    "ERR_FORMAT_NUMINTERVENANT": "Numéro d'intervenant mal formé",
    "ERR_NUMINTERVENANT_MANQUANT": "Numéro d'intervenant absent",
    "ERR_NUMINTERVENANT_BLOQUE": "Cet intervenant ne peut pas utiliser le service",
    "ERR_MANDAT_ECHU": "Le mandat SEPA du particulier est échu",
    "ERREUR_GARANTIE_FINANCIERE_NON_CONFORME": (
        "Garantie financière du prestataire absente ou échue"
    ),
    "ERR_ACOMPTE_BLOQUE": "Ce prestataire ne peut pas transmettre d'acompte",
}

M070_ERRORS = COMMON_ERRORS | {
    "ERR_CRITERE_RECHERCHE_VIDE": "Aucun critère de recherche",
    "ERR_NBRE_MAX_RESULTAT": "Trop de résultats, affinez la recherche",
    "ERR_RECHERCHE_VIDE": "Aucun résultat",
}

MESSAGES = M010_ERRORS | M020_ERRORS | M050_ERRORS | M070_ERRORS


def problem(code: str, description: str) -> dict[str, str]:
    """One error as the API writes it; ``description`` says which field and why."""
    return {"code": code, "message": MESSAGES[code], "description": description}


def codes_named_in(text: str, known: dict[str, str]) -> list[str]:
    """The codes of ``known`` that stand as whole words in ``text``, in any case.

    Whole words, because ERR_CODE_ACTIVITE begins ERR_CODE_ACTIVITE_NATURE.
    """
    return [word for word in re.findall(r"[A-Z0-9_]+", text.upper()) if word in known]
