# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's code lists."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """A payment request's status at the Urssaf.

    ``moves`` says whether another status is to be expected, so that it is worth asking
    again; ``dead`` says that the request is over without money, so that the invoice may
    be sent again with another number.
    """

    code: str
    key: str
    label: str
    moves: bool
    dead: bool = False


STATUSES = (
    Status("10", "integrated", "Intégrée", moves=True),
    # 15, 80, 90 and 100 come from an older list.
    Status("15", "aids_computed", "Aides calculées", moves=True),
    Status("20", "awaiting_validation", "En attente de validation", moves=True),
    Status("30", "validated", "Validée", moves=True),
    Status("40", "refused", "Refusée", moves=False, dead=True),
    Status("50", "debited", "Prélevée", moves=True),
    Status("60", "debit_refused", "En refus de prélèvement", moves=True),
    # A paid request can still be cancelled or claimed back (110-113, 120, 260, 270).
    Status("70", "paid", "Payée", moves=True),
    Status("80", "in_exchange", "En attente d'échanges", moves=True),
    Status("90", "closed", "Clôturée", moves=True),
    Status("100", "deleted", "Supprimée", moves=False, dead=True),
    Status("110", "cancelled", "Annulée", moves=False, dead=True),
    Status("111", "cancelled_unpaid", "Annulée après impayé", moves=False, dead=True),
    Status(
        "112",
        "cancelled_recovered",
        "Annulée après recouvrement",
        moves=False,
        dead=True,
    ),
    Status(
        "113",
        "cancelled_other",
        "Annulée pour raison spécifique",
        moves=False,
        dead=True,
    ),
    Status("120", "recovered", "Recouvrée", moves=False),
    Status("260", "provider_unpaid", "Impayé prestataire", moves=True),
    Status("270", "provider_settled", "Régularisé prestataire", moves=False),
)
STATUS_BY_CODE = {status.code: status for status in STATUSES}
STATUS_BY_KEY = {status.key: status for status in STATUSES}

STREET_LETTERS = {"B": "bis", "T": "ter", "Q": "quater", "C": "quinquies"}

STREET_TYPES = {
    "ALL": "Allée",
    "AV": "Avenue",
    "BAT": "Bâtiment",
    "BD": "Boulevard",
    "C": "Cours",
    "CAN": "Canal",
    "CHE": "Chemin",
    "CHS": "Chaussée",
    "CI": "Cité",
    "CL": "Clos",
    "COG": "Cottage",
    "FG": "Faubourg",
    "HAM": "Hameau",
    "IMB": "Immeuble",
    "IMP": "Impasse",
    "LOT": "Lotissement",
    "MAI": "Maison",
    "MTE": "Montée",
    "PAR": "Parc",
    "PAS": "Passage",
    "PAV": "Pavillon",
    "PL": "Place",
    "POR": "Porte",
    "Q": "Quai",
    "QU": "Quartier",
    "R": "Rue",
    "RAM": "Rampe",
    "RES": "Résidence",
    "RTE": "Route",
    "RUL": "Ruelle",
    "SEN": "Sentier",
    "SQ": "Square",
    "VO": "Voie",
}

# The cities whose arrondissements have codes of their own: Paris, Lyon, Marseille.
ARRONDISSEMENT_CITIES = frozenset({"75056", "69123", "13055"})

NO_RESULT = "ERR_RECHERCHE_VIDE"
TOO_MANY_RESULTS = "ERR_NBRE_MAX_RESULTAT"
ALREADY_SENT = "ERR_FACTURE_DOUBLON"
UNKNOWN_PARTICULIER = "ERR_RECHERCHE_PARTICULIER"
UNKNOWN_IDENTITY = "ERR_DGFIP_R2P_INCONNU"
TECHNICAL_FAILURE = "ERREUR_TECHNIQUE"
