# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The demo: a French company on Odoo, and the stand-in Urssaf it talks to."""

import hashlib
import json

from .cluster import sql
from .common import ADDON, DATA, ROOT, StackError, lock, say
from .odoo_runs import (
    create_database,
    database_exists,
    install,
    shell,
    template,
    update,
)
from .servers import Process, free_port, start_odoo, start_simulator

DATABASE = "demo"
STATE = DATA / "demo.json"
SIMULATOR_STATE = DATA / "demo-simulator.sqlite"
ODOO_PORT, SIMULATOR_PORT = 8069, 8090
URL_PARAMETER = "l10n_fr_urssaf_sap.url_test"

READY = """
Ready.
  Odoo               {odoo}/odoo        camille / camille (invoices), admin / admin
  Stand-in Urssaf    {simulator}/     no log-in; you play the clients and the Urssaf

Three things to look at first (the demo speaks French):
  1. As camille, Facturation > Avance immédiate > Demandes de paiement: two months of an
     office, a request in every state. Open the refused one: why, and what to do next.
  2. As camille, Jeanne Martin > tab Particulier > "Inscrire auprès de l'Urssaf"; on the
     stand-in's page "Activer" beside her name there, Durand, which she was born with; in
     Odoo "Actualiser l'inscription", then "Demandes de paiement": open an invoice,
     "Envoyer à l'Urssaf". "Tout avancer d'une étape" on the stand-in's page and
     "Actualiser le statut" in Odoo, until it says "Payée".
  3. As admin, Facturation > Avance immédiate > Premiers pas: "Faire le cahier de tests".
     Its customer Essai is activated on the stand-in's page, too.
  Then: Factures des particuliers, select several, "Envoyer à l'Urssaf". Mathis Roux has
  two things to fix.

`make stop` stops it, `make demo` finds it again, `make demo-reset` starts anew.
"""


def tree_hash(folder):
    """Changes whenever a file in the folder does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def known():
    """What the demo that exists was made of; nothing if it is half-made."""
    try:
        return json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {}


def demo(reset=False):
    """Leaves the demo running: Odoo and the stand-in Urssaf."""
    if not (ROOT / ADDON).is_dir():
        raise StackError(f"the addon {ADDON} is not there")
    with lock("demo"):
        wanted = {
            "template": template(),
            "addon": tree_hash(ROOT / ADDON),
            "simulator": tree_hash(ROOT / "simulator"),
        }
        facts = {} if reset else known()
        fresh = facts.get("template") != wanted["template"]
        fresh = fresh or not (database_exists(DATABASE) and SIMULATOR_STATE.exists())
        odoo, simulator = Process("demo-odoo"), Process("demo-simulator")
        if odoo.runs() and simulator.runs() and facts == wanted:
            say("the demo is running already")
        if fresh or facts.get("simulator") != wanted["simulator"]:
            simulator.stop()
        if fresh or facts.get("addon") != wanted["addon"]:
            odoo.stop()
        if fresh:
            STATE.unlink(missing_ok=True)
            for file in DATA.glob(f"{SIMULATOR_STATE.name}*"):
                file.unlink()
        if not simulator.runs():
            port = free_port(SIMULATOR_PORT)
            simulator = start_simulator(port, SIMULATOR_STATE, simulator.name)
        prepare_database(fresh, facts.get("addon") != wanted["addon"], simulator)
        if point_to(simulator):
            odoo.stop()
        if not odoo.runs():
            port = free_port(ODOO_PORT)
            odoo = start_odoo(DATABASE, port, cron=1, name=odoo.name)
        STATE.write_text(json.dumps(wanted))
        say(READY.format(odoo=odoo.url, simulator=simulator.url))


def prepare_database(fresh, changed, simulator, database=DATABASE):
    """Creates the demo's database, or upgrades it where the addon has changed."""
    if fresh:
        create_database(database)
        say("installing the addon …")
        install(database)
        say("loading the demo's data …")
        script = (ROOT / "tools/demo_data.py").read_text()
        shell(database, f"SIMULATOR = {simulator.url!r}\n{script}", f"{database}-data")
    elif changed:
        say("the addon has changed: upgrading the demo …")
        update(database)


def point_to(simulator, database=DATABASE):
    """Tells Odoo where the stand-in is; whether that is news to it."""
    return bool(
        sql(
            "UPDATE ir_config_parameter SET value = %s"
            " WHERE key = %s AND value <> %s RETURNING id",
            simulator.url,
            URL_PARAMETER,
            simulator.url,
            database=database,
        )
    )
