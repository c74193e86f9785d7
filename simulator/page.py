# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The page for people: what is known, and buttons for what happens in real life.

Plain HTML forms; every one answers 303 back to ``/``.
"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from flask import Blueprint, abort, redirect, render_template, request

from .codes import REJECTIONS
from .faults import FAULTS, Faults
from .formats import dump_json
from .lifecycle import (
    ACTIONS,
    NEXT_STATUS,
    REGISTRATION_STATES,
    advance_everything,
    default_active_since,
    moment_of,
    set_registration,
    set_status,
)
from .store import Store

#: The page is for looking at, not for thousands of rows.
_DEMANDES_SHOWN = 200
_CALLS_SHOWN = 20

#: Button on a particulier -> state it leads to.
_REGISTRATION_ACTIONS = {
    "activate": "active",
    "abandon": "abandoned",
    "block": "blocked",
    "expire": "mandate_expired",
}

#: Status the highlighted button leads to: the usual way, and out of a refused debit.
_USUAL_NEXT = NEXT_STATUS | {"60": "70"}

#: Colour of a badge; a status that is not here is grey.
_COLOURS = {
    "pending": "amber",
    "active": "green",
    "blocked": "red",
    "mandate_expired": "red",
    "10": "blue",
    "20": "amber",
    "30": "teal",
    "40": "red",
    "50": "teal",
    "60": "red",
    "70": "green",
    "260": "red",
}


def blueprint(
    store: Store, faults: Faults, providers: list[str], today: Callable[[], date]
) -> Blueprint:
    """The page over ``store``; ``providers`` are the client ids that may connect."""
    page = Blueprint("page", __name__)

    @page.get("/")
    def index():
        with store.transaction():
            shown = {
                "links": [_link(row) for row in store.links()],
                "demandes": [_demande(row) for row in store.demandes(_DEMANDES_SHOWN)],
                "total": store.count_demandes(),
                "calls": [_call(row) for row in store.calls(newest=_CALLS_SHOWN)],
            }
        return render_template(
            "index.html",
            providers=providers,
            faults=[
                f"{each['operation']} n° {each['number']} : {FAULTS[each['fault']].text}"
                for each in faults.armed()
            ],
            actions=ACTIONS,
            rejections=REJECTIONS,
            states=REGISTRATION_STATES,
            colours=_COLOURS,
            active_since=default_active_since(today()),
            **shown,
        )

    _add_buttons(page, store, today)
    return page


def _add_buttons(page: Blueprint, store: Store, today: Callable[[], date]) -> None:
    """What the forms of the page are posted to."""

    @page.post("/particuliers/<id_client>")
    def act_on_registration(id_client):
        state = _REGISTRATION_ACTIONS.get(request.form.get("action"))
        since = _date_or_none(request.form.get("activeSince"))
        with store.transaction():
            link = store.link(request.form.get("provider", ""), id_client)
            if state is None or link is None:
                abort(404)
            set_registration(store, link, state, today(), since)
        return redirect("/", 303)

    @page.post("/demandes/<id_demande>")
    def act_on_demande(id_demande):
        action = ACTIONS.get(request.form.get("action"))
        with store.transaction():
            demande = store.demande(id_demande)
            if action is None or demande is None:
                abort(404)
            if demande["status"] not in action.sources:
                abort(409, "Cette demande a changé de statut : rechargez la page.")
            rejection = _rejection() if action.status == "40" else None
            set_status(store, demande, action.status, today(), rejection=rejection)
        return redirect("/", 303)

    @page.post("/advance")
    def advance():
        with store.transaction():
            advance_everything(store, today())
        return redirect("/", 303)


def _rejection() -> dict:
    code = request.form.get("code")
    if code not in REJECTIONS:
        abort(400, "Motif de refus inconnu.")
    return {"code": code, "commentaire": request.form.get("commentaire", "")}


def _date_or_none(value: str | None) -> date | None:
    """The date of a date field, None where it was left empty."""
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        abort(400, "Date invalide.")


def _link(row) -> dict:
    """A stored registration, its activation as the page shows it."""
    since = row["active_since"] and f"{moment_of(row['active_since']):%d/%m/%Y %H:%M}"
    return dict(row) | {"since": since}


def _demande(row) -> dict:
    """A stored request with what the page shows of it, and its possible actions."""
    body = json.loads(row["body"])
    rejection = json.loads(row["rejection"] or "null")
    transfer = json.loads(row["transfer"] or "null")
    return dict(row) | {
        "start": _french_day(body["dateDebutEmploi"]),
        "end": _french_day(body["dateFinEmploi"]),
        "amount": _euros(row["gross"]),
        "rejection": rejection and _rejection_text(rejection),
        "transfer": transfer and _transfer_text(transfer),
        "next": _USUAL_NEXT.get(row["status"]),
        "actions": [
            name for name, action in ACTIONS.items() if row["status"] in action.sources
        ],
    }


def _call(row) -> dict:
    pretty = {
        name: dump_json(json.loads(row[name]), indent=2) for name in ("body", "answer")
    }
    # Hour, minute and second of the ISO time.
    return dict(row) | pretty | {"clock": row["time"][11:19]}


def _rejection_text(rejection: dict) -> str:
    code = rejection.get("code") or ""
    comment = rejection.get("commentaire")
    return REJECTIONS.get(code, code) + (f" «\u00a0{comment}\u00a0»" if comment else "")


def _transfer_text(transfer: dict) -> str:
    amount, day = transfer.get("mntVirement"), transfer.get("dateVirement")
    what = "Virement prévu" if amount is None else f"Virement de {_euros(amount)}"
    return f"{what} le {_french_day(day)}" if day else what


def _french_day(day: str) -> str:
    """``2026-10-05T00:00:00Z`` as ``05/10/2026``."""
    return "/".join(reversed(day[:10].split("-")))


def _euros(amount: object) -> str:
    """``1234.5`` as ``1 234,50 €``, with spaces that do not break."""
    digits = f"{Decimal(str(amount)):,.2f}"
    return digits.replace(",", "\u202f").replace(".", ",") + "\u00a0€"
