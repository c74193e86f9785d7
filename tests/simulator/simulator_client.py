# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Valid bodies, and a provider that sends them over HTTP."""

import contextlib
import copy
import time
from datetime import datetime, timedelta, timezone

import requests

CLIENTS = {"menage": "menage-secret", "jardin": "jardin-secret"}
BASE = "/atp/v1/tiersPrestations"
ABSENT = object()

PARTICULIER = {
    "civilite": "2",
    "nomNaissance": "Durand-L'Hermite",
    "prenoms": "Éric-Antoine Zoé",
    "dateNaissance": "1980-03-29T00:00:00Z",
    "lieuNaissance": {
        "codePaysNaissance": "99100",
        "departementNaissance": "069",
        "communeNaissance": {"codeCommune": "381", "libelleCommune": "Lyon 1er"},
    },
    "numeroTelephonePortable": "0605040302",
    "adresseMail": "zoe.durand@example.fr",
    "adressePostale": {
        "numeroVoie": "8",
        "lettreVoie": "B",
        "codeTypeVoie": "R",
        "libelleVoie": "du Soleil",
        "libelleCommune": "LYON 01",
        "codeCommune": "69381",
        "codePostal": "69001",
        "codePays": "99100",
    },
    "coordonneeBancaire": {
        "bic": "BNPAFRPPXXX",
        "iban": "FR7630006000011234567890189",
        "titulaire": "Mme Zoé Durand",
    },
}

# Its services were done in the month before that of the Clock below.
DEMANDE = {
    "idTiersFacturation": "SAP123456789",
    "dateNaissanceClient": "1980-03-29T00:00:00Z",
    "numFactureTiers": "FAC/2026/0001",
    "dateFacture": "2026-11-02T00:00:00Z",
    "dateDebutEmploi": "2026-10-01T00:00:00Z",
    "dateFinEmploi": "2026-10-31T00:00:00Z",
    "mntAcompte": 10.5,
    "dateVersementAcompte": "2026-10-02T00:00:00Z",
    "mntFactureTTC": 120.09,
    "mntFactureHT": 109.17,
    "inputPrestations": [
        {
            "codeNature": "60",
            "quantite": 1.25,
            "unite": "HEURE",
            "mntUnitaireTTC": 40.07,
            "mntPrestationTTC": 50.09,
            "mntPrestationHT": 45.54,
            "mntPrestationTVA": 4.55,
            "complement1": "Ménage",
            "complement2": "SAP123456789",
        },
        {
            "codeNature": "100",
            "quantite": 1,
            "unite": "FORFAIT",
            "mntUnitaireTTC": 70,
            "mntPrestationTTC": 70,
            "mntPrestationHT": 63.63,
            "mntPrestationTVA": 6.37,
            "complement2": "SIR12345678901234",
        },
    ],
}


def changed(body, changes):
    """A copy of ``body`` with each ``"path.to.0.field"`` set, or gone if ABSENT."""
    body = copy.deepcopy(body)
    for path, value in changes.items():
        *parents, last = path.split(".")
        target = body
        for step in parents:
            target = target[int(step) if isinstance(target, list) else step]
        if value is ABSENT:
            del target[last]
        else:
            target[last] = value
    return body


def codes_of(answer):
    """The codes of an HTTP 400 answer."""
    assert answer.status_code == 400, answer.text
    return [each["code"] for each in answer.json()]


def item_codes(output):
    return [each["code"] for each in output["errors"]]


class Clock:
    """The stand-in's clock: it shows noon of 16 November 2026 until it is put forward."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.now = datetime(2026, 11, 16, 12, tzinfo=timezone.utc)

    def __call__(self):
        return self.now

    def forward(self, **delta):
        self.now += timedelta(**delta)


class Provider:
    """One client of the stand-in, with a token of its own."""

    def __init__(self, url, client_id):
        self.url = url
        self.session = requests.Session()
        self.credentials = (client_id, CLIENTS[client_id])
        self.sign_in()

    def sign_in(self):
        client_id, secret = self.credentials
        answer = self.token(client_id=client_id, client_secret=secret)
        token = answer.json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def token(self, **form):
        defaults = {
            "grant_type": "client_credentials",
            "scope": "homeplus.tiersprestations",
        }
        return self.session.post(f"{self.url}/api/oauth/v1/token", data=defaults | form)

    def register(self, changes=None):
        """Call M010 with a valid body, changed."""
        body = changed(PARTICULIER, changes or {})
        return self.session.post(f"{self.url}{BASE}/particulier", json=body)

    def registration(self, id_client):
        """Call M020."""
        return self.session.get(
            f"{self.url}{BASE}/particulier", params={"idClient": id_client}
        )

    def search_particulier(self, **query):
        """Call M020 by e-mail."""
        return self.session.get(f"{self.url}{BASE}/particulier", params=query)

    def active_client(self, changes=None):
        """The idClient of a registered and activated particulier."""
        id_client = self.register(changes).json()["idClient"]
        self.control(f"particuliers/{id_client}", {"etat": "active"})
        return id_client

    def demande(self, id_client, changes=None):
        """A valid M050 item, changed."""
        return changed(DEMANDE | {"idClient": id_client}, changes or {})

    def send(self, *items):
        """Call M050."""
        return self.session.post(f"{self.url}{BASE}/demandePaiement", json=items)

    def accepted(self, id_client, number, changes=None):
        """The idDemandePaiement of a request that has been accepted."""
        item = self.demande(id_client, {"numFactureTiers": number} | (changes or {}))
        return self.send(item).json()[0]["idDemandePaiement"]

    def search(self, **criteria):
        """Call M070."""
        return self.session.post(
            f"{self.url}{BASE}/demandePaiement/rechercher", json=criteria
        )

    def control(self, path, body=None):
        answer = self.session.post(f"{self.url}/control/{path}", json=body or {})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait_until_back(self):
        """Wait, after "refused", until the stand-in listens again."""
        for _attempt in range(3000):
            with contextlib.suppress(requests.ConnectionError):
                return self.session.get(f"{self.url}/control/faults")
            time.sleep(0.02)
        raise AssertionError("nobody listens any more")

    def state(self):
        return self.session.get(f"{self.url}/control/state").json()

    def calls(self, **query):
        return self.session.get(f"{self.url}/control/calls", params=query).json()
