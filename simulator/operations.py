# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The token endpoint and the four operations, from a call to its answer.

A provider is a client id. A person is known once to the whole Urssaf; whether they
are active is known per provider, and a provider only ever sees what is its own.
"""

import hmac
import json
import secrets
from collections.abc import Callable
from datetime import date, datetime

from .codes import STATUSES, TECHNICAL, VALIDATION, problem
from .dispatch import Answer, Call
from .formats import Field, day, dump_json, read, strings
from .lifecycle import moment_of, today_at
from .rules_demande import check_demande, check_registration
from .rules_particulier import (
    agrees,
    check_particulier,
    contact_key,
    identity_key,
)
from .store import Store

SCOPE = "homeplus.tiersprestations"
TOKEN_SECONDS = 3600
#: Items of an M050 call, and ids, numbers or results of an M070 call.
MOST = 10

SEARCH = {
    "idDemandePaiements": Field(strings, required=False),
    "numFactureTiers": Field(strings, required=False),
    "dateDebut": Field(day, required=False),
    "dateFin": Field(day, required=False),
}

#: State of a registration -> M020's etat, code and description.
_REGISTRATION_STATES = {
    "pending": ("KO", "APPAREILLAGE_EC", "Le particulier n'a pas encore activé."),
    "active": (
        "OK",
        "APPAREILLAGE_VALIDE",
        "Demandes de paiement acceptées depuis le {since:%d/%m/%Y %H:%M:%S}.",
    ),
    "abandoned": ("KO", "APPAREILLAGE_NF", "Le particulier n'a jamais activé."),
    "blocked": ("KO", "PARTICULIER_BLOQUE", "Bloqué après un prélèvement refusé."),
    "mandate_expired": ("KO", "MANDAT_ECHU", "Le mandat SEPA n'est plus valable."),
}


class Urssaf:
    """Performs calls on a store. ``clients`` is client id -> secret."""

    def __init__(
        self,
        store: Store,
        clients: dict[str, str],
        clock: Callable[[], datetime],
        token_prefix: str,
    ):
        self._store = store
        self._clients = clients
        self._clock = clock
        self._token_prefix = token_prefix
        self._operations = {
            "M010": self._register,
            "M020": self._registration,
            "M050": self._send,
            "M070": self._search,
        }

    def perform(self, call: Call) -> Answer:
        """Answer a call. The caller holds the store's transaction."""
        if call.operation == "TOKEN":
            return self._issue_token(call)
        if call.credentials:
            now = self._clock().timestamp()
            call.provider = self._store.token_owner(call.credentials, now)
        if call.provider is None:
            return Answer(
                401,
                {"error": "invalid_token"},
                {"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        return self._operations[call.operation](call)

    def _issue_token(self, call: Call) -> Answer:
        """OAuth2 client credentials (RFC 6749, 4.4)."""
        client_id, secret = call.credentials
        expected = self._clients.get(client_id, "")
        if not expected or not hmac.compare_digest(expected.encode(), secret.encode()):
            return Answer(401, {"error": "invalid_client"})
        call.provider = client_id
        if call.body.get("grant_type") != "client_credentials":
            return Answer(400, {"error": "unsupported_grant_type"})
        if call.body.get("scope") != SCOPE:
            return Answer(400, {"error": "invalid_scope"})
        token = self._token_prefix + secrets.token_urlsafe(32)
        expiry = self._clock().timestamp() + TOKEN_SECONDS
        self._store.add_token(token, client_id, expiry)
        body = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": SCOPE,
        }
        return Answer(200, body)

    def _register(self, call: Call) -> Answer:
        """M010: the idClient of this identity, linked to the provider from now on.

        A repeated call updates contact and bank data. It leaves the state as it is,
        except that an abandoned registration starts again.
        """
        body = call.body
        if not isinstance(body, dict):
            return _refusal(VALIDATION, "corps : un objet JSON est attendu")
        values, problems = check_particulier(body, self._today())
        if problems:
            return _refusals(problems)
        files = self._store.tax_files(values["dateNaissance"].isoformat())
        if files and not any(agrees(body, json.loads(file)) for file in files):
            return _refusal("ERR_DGFIP_R2P_INCONNU", "identité")
        identity, contact = identity_key(body), contact_key(body)
        known = self._store.id_of_identity(identity)
        if self._store.id_of_contact(contact) not in (None, known):
            code = "ERREUR_REFERENCE_PARTICULIER_EXISTANTE_TYPE"
            return _refusal(code, "adresseMail, numeroTelephonePortable")
        link = self._store.link(call.provider, known) if known else None
        if link and link["state"] == "blocked":
            return _refusal("ERR_COMPTE_BLOQUE", "compte bloqué")
        birth_date = values["dateNaissance"].isoformat()
        names = (values["nomNaissance"], values["prenoms"], birth_date)
        id_client = self._store.save_particulier(
            identity, contact, names, dump_json(body)
        )
        if link is None or link["state"] == "abandoned":
            self._store.save_link(call.provider, id_client, "pending", None)
        return Answer(200, {"idClient": id_client})

    def _registration(self, call: Call) -> Answer:
        """M020: the state of one of the provider's own registrations. By e-mail, alone or
        with the idClient, it also tells who that is: one person, or a list of several."""
        id_client, email = (call.body.get(name) for name in ("idClient", "adresseMail"))
        if not email:
            link = self._store.link(call.provider, id_client or "")
            if link is None:
                return _refusal("ERR_RECHERCHE_PARTICULIER", "idClient")
            return Answer(200, _registration_as_json(link))
        if not self._store.searches_by_email:
            return _refusal(VALIDATION, "adresseMail : critère inconnu")
        links = self._store.links_by_email(call.provider, email)
        found = [
            _registration_as_json(link) | _names_as_json(link)
            for link in links
            if id_client in (None, link["id_client"])
        ]
        if not found:
            return _refusal("ERR_RECHERCHE_PARTICULIER", "adresseMail")
        return Answer(200, found[0] if len(found) == 1 else found)

    def _send(self, call: Call) -> Answer:
        """M050: one output per item, accepted or not."""
        if not isinstance(call.body, list) or not call.body:
            return _refusal(VALIDATION, "corps : une liste JSON non vide est attendue")
        if len(call.body) > MOST:
            return _refusal("ERR_NBRE_PREST_MAX", f"{len(call.body)} demandes")
        return Answer(200, [self._send_one(call.provider, item) for item in call.body])

    def _send_one(self, provider: str, item: object) -> dict:
        if not isinstance(item, dict):
            return {"errors": [problem(VALIDATION, "un objet JSON est attendu")]}
        values, problems = check_demande(item, self._today())
        if "idClient" in values:
            id_client = values["idClient"]
            particulier = self._store.particulier(id_client)
            link = self._store.link(provider, id_client)
            check_registration(
                values,
                particulier,
                link,
                problems,
                takes_activation_day=self._store.takes_activation_day,
            )
        number = values.get("numFactureTiers")
        if number and self._store.number_taken(provider, number):
            problems.append(problem("ERR_FACTURE_DOUBLON", "numFactureTiers"))
        echo = {name: values.get(name) for name in ("idClient", "numFactureTiers")}
        if problems:
            return echo | {"errors": problems}
        id_demande = self._store.add_demande(
            provider=provider,
            number=number,
            id_client=values["idClient"],
            invoice_date=values["dateFacture"].isoformat(),
            gross=str(values["mntFactureTTC"]),
            deposit=str(values.get("mntAcompte", 0)),
            body=dump_json(item),
            status="10",
            label=STATUSES["10"],
        )
        return echo | {"idDemandePaiement": id_demande, "statut": "10"}

    def _search(self, call: Call) -> Answer:
        """M070: ids win over numbers, numbers over dates; ten results at most."""
        if not isinstance(call.body, dict):
            return _refusal(VALIDATION, "corps : un objet JSON est attendu")
        problems: list[dict] = []
        criteria = read(call.body, SEARCH, problems)
        if problems:
            return _refusals(problems)
        if not any(criteria.values()):
            return _refusal("ERR_CRITERE_RECHERCHE_VIDE", "aucun critère")
        rows = self._find(call.provider, criteria)
        if len(rows) > MOST:
            return _refusal("ERR_NBRE_MAX_RESULTAT", f"au plus {MOST} par appel")
        if not rows:
            return _refusal("ERR_RECHERCHE_VIDE", ", ".join(criteria))
        found = [_demande_as_json(row) for row in rows]
        return Answer(200, {"infoDemandePaiements": found, "errors": []})

    def _find(self, provider: str, criteria: dict) -> list:
        """Matching rows; or more than MOST of anything where that is too many."""
        named = {"idDemandePaiements": "id", "numFactureTiers": "number"}
        for criterion, column in named.items():
            wanted = criteria.get(criterion)
            if wanted:
                if len(wanted) > MOST:
                    return wanted
                return self._store.demandes_by(provider, column, wanted)
        first = criteria.get("dateDebut", date.min).isoformat()
        last = criteria.get("dateFin", date.max).isoformat()
        return self._store.demandes_dated(provider, first, last, limit=MOST + 1)

    def _today(self) -> date:
        return today_at(self._clock())


def _refusals(problems: list[dict]) -> Answer:
    """A refused call. A technical error is the server's fault, hence a 500."""
    technical = any(each["code"] == TECHNICAL for each in problems)
    return Answer(500 if technical else 400, problems)


def _refusal(code: str, description: str) -> Answer:
    return _refusals([problem(code, description)])


def _registration_as_json(link) -> dict:
    etat, code, description = _REGISTRATION_STATES[link["state"]]
    if link["state"] == "active":
        description = description.format(since=moment_of(link["active_since"]))
    statut = {"etat": etat, "code": code, "description": description}
    return {"idClient": link["id_client"], "statut": statut}


def _names_as_json(link) -> dict:
    """As they were last registered; nobody's married name is left out."""
    body = json.loads(link["body"])
    return {name: body.get(name) for name in ("nomNaissance", "nomUsage", "prenoms")}


def _demande_as_json(row) -> dict:
    """A stored request as M070 shows it; no infoRejet or infoVirement where none is."""
    info = {
        "idDemandePaiement": row["id"],
        # Only passed on: no arithmetic, so no Decimals, which are slow to write.
        "demandePaiement": json.loads(row["body"]),
        "statut": {"code": row["status"], "libelle": row["label"]},
    }
    if row["rejection"]:
        info["infoRejet"] = json.loads(row["rejection"])
    if row["transfer"]:
        info["infoVirement"] = json.loads(row["transfer"])
    return info
