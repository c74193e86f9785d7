# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A small Urssaf inside the process of the tests, on top of ``responses``.

It knows the token endpoint and the four operations, remembers who was registered and what
was sent, and misbehaves on demand. What it checks is what these tests are about, and far
from all that the Urssaf checks.
"""

import json
import re
import threading
import uuid
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import requests
import responses

# Odoo's test classes let nothing but calls to this machine through to the transport layer,
# where ``responses`` answers them: no connection is ever opened.
URL = "http://localhost/fake-urssaf"
CLIENT_ID, CLIENT_SECRET = "client-of-the-tests", "secret-of-the-tests"
MOST = 10  # payment requests per call

_API = "/atp/v1/tiersPrestations"
_OPERATIONS = {
    "TOKEN": ("POST", "/api/oauth/v1/token"),
    "M010": ("POST", f"{_API}/particulier"),
    "M020": ("GET", f"{_API}/particulier"),
    "M050": ("POST", f"{_API}/demandePaiement"),
    "M070": ("POST", f"{_API}/demandePaiement/rechercher"),
}
_LABELS = {
    "10": "Intégrée",
    "20": "En attente de validation",
    "30": "Validée",
    "40": "Refusée",
    "50": "Prélevée",
    "70": "Payée",
    "110": "Annulée",
}
# M020's codes for the states of a registration.
_REGISTRATION_CODES = {
    "pending": "APPAREILLAGE_EC",
    "active": "APPAREILLAGE_VALIDE",
    "blocked": "PARTICULIER_BLOQUE",
}


class FakeUrssaf:
    """Between ``start()`` and ``stop()`` it answers every call of this process to ``URL``,
    whichever thread makes it.

    ``particuliers`` is what was registered by ``idClient``, ``requests`` what was sent by
    ``numFactureTiers``, ``calls`` the pairs (operation, body) of what it let in.
    """

    def __init__(self):
        self.particuliers, self.requests, self.calls = {}, {}, []
        self.is_off = False
        self._refusals, self._surprises, self._tokens = {}, {}, set()
        self._lock = threading.Lock()
        self._mock = responses.RequestsMock(assert_all_requests_are_fired=False)
        for operation, (method, path) in _OPERATIONS.items():
            self._mock.add_callback(
                method,
                re.compile(re.escape(URL + path) + r"(\?|$)"),
                lambda request, operation=operation: self._serve(operation, request),
            )
        self.start, self.stop = self._mock.start, self._mock.stop

    # The side of the test

    def bodies(self, *operations):
        """What these operations were asked, in the order of the calls."""
        return [body for operation, body in self.calls if operation in operations]

    def know(self, id_client, state, since=None):
        """A particulier's state, and the day from which requests are accepted."""
        self.particuliers.setdefault(id_client, {}).update(state=state, since=since)

    def set_status(self, number, code, **info):
        """A payment request's status; ``info`` as M070 has it: infoRejet, infoVirement."""
        label = _LABELS.get(code, "Un statut nouveau")
        self.requests[number] |= {"statut": {"code": code, "libelle": label}} | info

    def refuse(self, what, code):
        """From now on: an operation, or the payment request with this number."""
        self._refusals[what] = code

    def accept(self, what):
        del self._refusals[what]

    def lose(self, operation):
        """The next call is worked off, and its answer is lost on the way back."""
        self._surprises[operation] = "lost"

    def time_out(self, operation):
        """The next call is not worked off, and gets no answer either."""
        self._surprises[operation] = "timed out"

    def answer(self, operation, status, body=None):
        """The next call gets this answer, and is not worked off."""
        self._surprises[operation] = (status, body)

    def switch_off(self):
        """From now on nobody gets a connection, until ``is_off`` is False again."""
        self.is_off = True

    # The calls

    def _serve(self, operation, request):
        with self._lock:
            answer = self._answer(operation, request)
        if isinstance(answer, Exception):
            return answer
        status, body = answer
        return (
            status,
            {"Content-Type": "application/json"},
            json.dumps(body, default=float),
        )

    def _answer(self, operation, request):
        if self.is_off:
            return requests.ConnectTimeout()
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if operation != "TOKEN" and token not in self._tokens:
            return 401, {"error": "invalid_token"}
        body = _read(operation, request)
        self.calls.append((operation, body))
        surprise = self._surprises.pop(operation, None)
        if isinstance(surprise, tuple):
            return surprise
        if surprise == "timed out":
            return requests.ReadTimeout()
        if code := self._refusals.get(operation):
            return 400, [_error(code)]
        answer = getattr(self, f"_{operation.lower()}")(body)
        return requests.ConnectionError() if surprise else answer

    def _token(self, body):
        if (body["client_id"], body["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        self._tokens.add(token := str(uuid.uuid4()))
        return 200, {"access_token": token, "expires_in": 3600}

    def _m010(self, body):
        """The same identity has the same id for ever."""
        identity = tuple(
            body[name] for name in ("nomNaissance", "prenoms", "dateNaissance")
        )
        for id_client, particulier in self.particuliers.items():
            if particulier.get("identity") == identity:
                return 200, {"idClient": id_client}
        id_client = str(uuid.uuid4())
        self.particuliers[id_client] = {"identity": identity, "state": "pending"}
        return 200, {"idClient": id_client}

    def _m020(self, body):
        particulier = self.particuliers.get(body["idClient"])
        if not particulier:
            return 400, [_error("ERR_RECHERCHE_PARTICULIER")]
        state, since = particulier["state"], particulier.get("since")
        status = {
            "etat": "OK" if state == "active" else "KO",
            "code": _REGISTRATION_CODES[state],
            "description": f"Demandes acceptées depuis le {since:%d/%m/%Y}."
            if since
            else "",
        }
        return 200, {"idClient": body["idClient"], "statut": status}

    def _m050(self, body):
        if len(body) > MOST:
            return 400, [_error("ERR_NBRE_PREST_MAX")]
        return 200, [self._take(item) for item in body]

    def _take(self, item):
        number = item["numFactureTiers"]
        particulier = self.particuliers.get(item["idClient"], {})
        code = self._refusals.get(number)
        if number in self.requests:
            code = "ERR_FACTURE_DOUBLON"
        elif particulier.get("state") != "active":
            code = "ERR_LIEN_PARTICULIER_PRESTATAIRE"
        if code:
            return {"numFactureTiers": number, "errors": [_error(code)]}
        known = {"idDemandePaiement": str(uuid.uuid4()), "demandePaiement": item}
        self.requests[number] = known
        self.set_status(number, "10")
        return {
            "numFactureTiers": number,
            "idDemandePaiement": known["idDemandePaiement"],
            "statut": "10",
        }

    def _m070(self, body):
        ids = body.get("idDemandePaiements", ())
        numbers = body.get("numFactureTiers", ())
        if max(len(ids), len(numbers)) > MOST:
            return 400, [_error("ERR_NBRE_MAX_RESULTAT")]
        found = [
            info
            for number, info in self.requests.items()
            if info["idDemandePaiement"] in ids or number in numbers
        ]
        if not found:
            return 400, [_error("ERR_RECHERCHE_VIDE")]
        return 200, {"infoDemandePaiements": found, "errors": []}


def _read(operation, request):
    """What was asked: JSON with its decimals as they were written, or a form."""
    if operation in ("M010", "M050", "M070"):
        return json.loads(request.body, parse_float=Decimal)
    form = request.body if operation == "TOKEN" else urlsplit(request.url).query
    return dict(parse_qsl(form))


def _error(code):
    return {"code": code, "message": f"Le refus {code}", "description": ""}
