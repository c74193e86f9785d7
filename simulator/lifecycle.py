# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What happens to registrations and payment requests once the provider has sent them.

In real life the particulier, the bank and the Urssaf do this; here a person on the
page or a test through the control API. Callers hold the store's transaction.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from .codes import STATUSES
from .formats import dump_json, write_day
from .store import Store

#: State of a registration -> its name on the page.
REGISTRATION_STATES = {
    "pending": "En attente d'activation",
    "active": "Actif",
    "abandoned": "Jamais activé",
    "blocked": "Bloqué",
    "mandate_expired": "Mandat échu",
}

#: The ordinary way of a request, one step at a time.
NEXT_STATUS = {"10": "20", "20": "30", "30": "50", "50": "70"}

#: Where the Urssaf's clock hangs.
PARIS = ZoneInfo("Europe/Paris")

#: From debit to transfer.
_TRANSFER_DELAY = timedelta(days=4)


@dataclass(frozen=True)
class Action:
    """A button of the page: its label, where it leads, and from which statuses."""

    label: str
    status: str
    sources: tuple[str, ...]


ACTIONS = {
    "notify": Action("Prévenir le particulier", "20", ("10",)),
    "validate": Action("Valider", "30", ("10", "20")),
    "refuse": Action("Refuser", "40", ("10", "20")),
    "silence": Action("Laisser passer 48 h", "30", ("20",)),
    "debit": Action("Prélever", "50", ("30",)),
    "debit_refused": Action("Refuser le prélèvement", "60", ("30", "50")),
    "transfer": Action("Virer", "70", ("50", "60")),
    "cancel": Action("Annuler", "110", ("10", "20", "30", "50", "60", "70")),
}


def today_at(moment: datetime) -> date:
    """The day it is at the Urssaf."""
    return moment.astimezone(PARIS).date()


def default_active_since(today: date) -> date:
    """The day before last month, so that last month's services can be sent at once."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1) - timedelta(days=1)


def read_moment(text: str) -> date | datetime:
    """A day, or a moment as it is in Paris, from ISO text.

    :raise ValueError: where it is neither
    """
    if len(text) == len("2026-10-01"):
        return date.fromisoformat(text)
    # Python 3.10 does not know the Z.
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.astimezone(PARIS).replace(tzinfo=None) if moment.tzinfo else moment


def moment_of(active_since: str) -> datetime:
    """What a link has as ``active_since``, as the moment that it is in Paris."""
    since = read_moment(active_since)
    return since if isinstance(since, datetime) else datetime.combine(since, time.min)


def set_registration(
    store: Store, link, state: str, today: date, since: date | None = None
) -> None:
    """Put a registration (a row of links) into ``state``.

    ``since``, a day or a moment in Paris, matters to an active one only; one that stops
    being active remembers it.
    """
    active_since = link["active_since"]
    if state == "active":
        active_since = (since or default_active_since(today)).isoformat()
    elif state in ("pending", "abandoned"):
        active_since = None
    store.save_link(link["provider"], link["id_client"], state, active_since)


def set_status(
    store: Store,
    demande,
    code: str,
    today: date,
    *,
    label: str | None = None,
    rejection: dict | None = None,
    transfer: dict | None = None,
) -> None:
    """Put a payment request (a row of demandes) into status ``code``.

    ``label`` is needed for a code the Urssaf's list does not have. ``rejection`` says
    why this status came about, so the last one's is forgotten. ``transfer`` defaults
    to what 50 and 70 announce; elsewhere a transfer once made stays known.
    """
    transfer = transfer or _announced_transfer(demande, code, today)
    store.set_status(
        demande["id"],
        (code, label or STATUSES.get(code, code)),
        dump_json(rejection) if rejection else None,
        dump_json(transfer) if transfer else demande["transfer"],
    )


def _announced_transfer(demande, code: str, today: date) -> dict | None:
    """infoVirement on reaching 50 (amount not yet known) or 70 (gross - deposit)."""
    if code == "50":
        due = today + _TRANSFER_DELAY
        return {"mntVirement": None, "dateVirement": write_day(due)}
    if code == "70":
        paid = Decimal(demande["gross"]) - Decimal(demande["deposit"])
        return {"mntVirement": paid, "dateVirement": write_day(today)}
    return None


def advance_demandes(store: Store, demandes, today: date) -> int:
    """One ordinary step for each of these requests that has one; how many had."""
    moving = [demande for demande in demandes if demande["status"] in NEXT_STATUS]
    for demande in moving:
        set_status(store, demande, NEXT_STATUS[demande["status"]], today)
    return len(moving)


def advance_everything(store: Store, today: date) -> tuple[int, int]:
    """One step for all: pending registrations become active, requests move on.

    Returns how many registrations and how many requests moved.
    """
    pending = [link for link in store.links() if link["state"] == "pending"]
    for link in pending:
        set_registration(store, link, "active", today)
    demandes = store.demandes_in(tuple(NEXT_STATUS))
    return len(pending), advance_demandes(store, demandes, today)
