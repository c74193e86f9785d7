# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``/control/...``: where tests look into the stand-in and move things on.

JSON both ways; what cannot be done is answered 400 or 404 with ``{"error": …}``.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date

from flask import Blueprint, request

from .api import json_response
from .codes import STATUSES
from .dispatch import OPERATIONS, Dispatcher
from .faults import FAULTS, Faults, is_duration
from .formats import dump_json, load_json
from .lifecycle import (
    REGISTRATION_STATES,
    advance_demandes,
    advance_everything,
    read_moment,
    set_registration,
    set_status,
)
from .rules_particulier import TAX_FILE
from .store import Store


class ControlError(Exception):
    """A control request that makes no sense; ``status`` is the HTTP status."""

    def __init__(self, reason: str, status: int = 400):
        super().__init__(reason)
        self.status = status


def blueprint(
    store: Store, dispatcher: Dispatcher, faults: Faults, today: Callable[[], date]
) -> Blueprint:
    """The control API over ``store``."""
    control = Blueprint("control", __name__, url_prefix="/control")

    @control.errorhandler(ControlError)
    def refuse(error):
        return json_response({"error": str(error)}, error.status)

    _add_looking(control, store)
    _add_moving(control, store, today)
    _add_faults(control, faults)

    @control.post("/reset")
    def reset():
        with store.transaction():
            store.reset()
        dispatcher.restart_numbers()
        faults.restart_numbers()
        faults.clear()
        return json_response({})

    return control


def _add_looking(control: Blueprint, store: Store) -> None:
    """The state of the stand-in, and its record of calls."""

    @control.get("/state")
    def state():
        with store.transaction():
            return json_response(_state(store))

    @control.get("/demandes/count")
    def count_demandes():
        return json_response(store.demandes_by_status())

    @control.get("/calls/count")
    def count_calls():
        return json_response(store.calls_by_operation())

    @control.get("/calls")
    def calls():
        operation = request.args.get("operation")
        if operation not in (None, *OPERATIONS):
            raise ControlError(f"unknown operation {operation}")
        return json_response([_call(row) for row in store.calls(operation)])

    @control.delete("/calls")
    def clear_calls():
        store.clear_calls()
        return json_response({})


def _add_moving(control: Blueprint, store: Store, today: Callable[[], date]) -> None:
    """Changes that particuliers, banks and the Urssaf would make."""

    @control.post("/particuliers/<id_client>")
    def change_registration(id_client):
        with store.transaction():
            _change_registration(store, id_client, _body(), today())
        return json_response({})

    @control.post("/email-search")
    def allow_email_search():
        store.searches_by_email = _is_allowed()
        return json_response({})

    @control.post("/activation-day")
    def allow_activation_day():
        store.takes_activation_day = _is_allowed()
        return json_response({})

    @control.post("/fisc")
    def know_otherwise():
        with store.transaction():
            _add_tax_file(store, _body())
        return json_response({})

    @control.post("/demandes/<id_demande>")
    def change_demande(id_demande):
        with store.transaction():
            _change_demande(store, id_demande, _body(), today())
        return json_response({})

    @control.post("/demandes/status")
    def change_demandes():
        body = _body()
        source = body.get("from")
        if not isinstance(source, str):
            raise ControlError("from: a code as text")
        code, details = _wanted_status(body)
        with store.transaction():
            moving = store.demandes_in([source])
            for demande in moving:
                set_status(store, demande, code, today(), **details)
        return json_response({"demandes": len(moving)})

    @control.post("/advance")
    def advance():
        with store.transaction():
            return json_response(_advance(store, _body(), today()))

    @control.post("/tokens/revoke")
    def revoke():
        store.revoke_tokens()
        return json_response({})


def _add_faults(control: Blueprint, faults: Faults) -> None:
    """Faults and delays from here on."""

    @control.get("/faults")
    def show_faults():
        kinds = {
            name: {"text": kind.text, "operations": kind.operations, "done": kind.done}
            for name, kind in FAULTS.items()
        }
        return json_response({"armed": faults.armed(), "kinds": kinds})

    @control.post("/faults")
    def arm():
        try:
            armed = faults.arm(**_body(json.loads))
        except (TypeError, ValueError) as error:
            raise ControlError(str(error)) from None
        return json_response(asdict(armed))

    @control.delete("/faults")
    def clear_faults():
        faults.clear()
        return json_response({})

    @control.post("/delay")
    def delay():
        delay_ms = _body(json.loads).get("delay_ms")
        if not is_duration(delay_ms):
            raise ControlError("delay_ms: a number, 0 or more")
        faults.delay = delay_ms / 1000
        return json_response({})


def _body(load: Callable[[bytes], object] = load_json) -> dict:
    """The JSON object sent, or an empty one where nothing is.

    ``json.loads`` as ``load`` where fractions are seconds, not amounts.
    """
    try:
        body = load(request.get_data() or b"{}")
    except ValueError as error:
        raise ControlError(f"not JSON: {error}") from None
    if not isinstance(body, dict):
        raise ControlError("a JSON object is expected")
    return body


def _is_allowed() -> bool:
    allowed = _body().get("allowed")
    if not isinstance(allowed, bool):
        raise ControlError("allowed: true or false")
    return allowed


def _state(store: Store) -> dict:
    particuliers = [
        {
            "idClient": row["id_client"],
            "provider": row["provider"],
            "nomNaissance": row["birth_name"],
            "prenoms": row["first_names"],
            "etat": row["state"],
            "activeSince": row["active_since"],
        }
        for row in store.links()
    ]
    demandes = [
        {
            "idDemandePaiement": row["id"],
            "provider": row["provider"],
            "numFactureTiers": row["number"],
            "idClient": row["id_client"],
            "mntFactureTTC": load_json(row["gross"]),
            "statut": {"code": row["status"], "libelle": row["label"]},
            "infoRejet": load_json(row["rejection"] or "null"),
            "infoVirement": load_json(row["transfer"] or "null"),
        }
        for row in store.demandes()
    ]
    return {"particuliers": particuliers, "demandes": demandes}


def _call(row) -> dict:
    parsed = {name: load_json(row[name]) for name in ("body", "answer")}
    return dict(row) | parsed


def _change_registration(store: Store, id_client: str, body: dict, today: date):
    """Every provider's registration of this person, or the one of ``provider``."""
    state = body.get("etat")
    if state not in REGISTRATION_STATES:
        raise ControlError(f"etat: one of {', '.join(REGISTRATION_STATES)}")
    try:
        since = body.get("activeSince")
        since = read_moment(since) if since else None
    except (TypeError, ValueError):
        raise ControlError("activeSince: YYYY-MM-DD[THH:MM:SS]") from None
    provider = body.get("provider")
    links = [
        link for link in store.links(id_client) if provider in (None, link["provider"])
    ]
    if not links:
        raise ControlError("no such registration", 404)
    for link in links:
        set_registration(store, link, state, today, since)


def _add_tax_file(store: Store, body: dict):
    """From now on the tax office recognises whoever was born on ``dateNaissance`` by these
    names only, as text; a null is a name that M010 has to leave out."""
    birth_date, names = body.pop("dateNaissance", ""), body
    try:
        birth_date = date.fromisoformat(birth_date[:10]).isoformat()
    except (TypeError, ValueError):
        raise ControlError("dateNaissance: YYYY-MM-DD") from None
    texts = all(name is None or isinstance(name, str) for name in names.values())
    if not names or not names.keys() <= set(TAX_FILE) or not texts:
        raise ControlError(f"texts of {', '.join(TAX_FILE)}")
    store.add_tax_file(birth_date, dump_json(names))


def _wanted_status(body: dict) -> tuple[str, dict]:
    """The code, and the other arguments of :func:`set_status`."""
    code, label = body.get("statut"), body.get("libelle")
    if not isinstance(code, str) or not (code in STATUSES or label):
        raise ControlError("statut: a code as text, and libelle for an unknown one")
    rejection, transfer = body.get("infoRejet"), body.get("infoVirement")
    if not all(
        info is None or isinstance(info, dict) for info in (rejection, transfer)
    ):
        raise ControlError("infoRejet, infoVirement: JSON objects")
    return code, {"label": label, "rejection": rejection, "transfer": transfer}


def _change_demande(store: Store, id_demande: str, body: dict, today: date):
    code, details = _wanted_status(body)
    demande = store.demande(id_demande)
    if demande is None:
        raise ControlError("no such payment request", 404)
    set_status(store, demande, code, today, **details)


def _advance(store: Store, body: dict, today: date) -> dict:
    wanted = body.get("idDemandePaiements")
    if wanted is None:
        links, demandes = advance_everything(store, today)
        return {"particuliers": links, "demandes": demandes}
    if not isinstance(wanted, list):
        raise ControlError("idDemandePaiements: a list")
    rows = [store.demande(id_demande) for id_demande in wanted]
    if None in rows:
        raise ControlError("no such payment request", 404)
    return {"particuliers": 0, "demandes": advance_demandes(store, rows, today)}
