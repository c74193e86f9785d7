# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The lifecycle's upgrade from 19.0.1.1.0: that version itself, out of an archive beside
the tests, makes a database with registrations and payment requests in every state; then
the present one takes it over. Nothing may be lost, and nothing that is due forgotten."""

import json
import shutil

import stack

VERSION = "19.0.1.1.0"
# Without the map of France and the pictures; the map is today's.
ARCHIVE = stack.ROOT / f"tests/lifecycle/{stack.ADDON}-{VERSION}.tar.xz"
MAP = "data/communes.csv.gz"
DATABASE = "test_upgrade"
# The map and the natures are the addon's own data, which an upgrade may correct.
KEPT_TABLES = ("exchange", "outage", "payment_request", "registration")
FULL_TABLES = ("payment_request", "registration")
# Where the addon has columns in Odoo's own tables.
EXTENDED = ("account_move", "account_move_line", "product_template", "res_company")
EXTENDED += ("res_partner",)
# What an upgrade may touch.
VOLATILE = {"write_date", "write_uid"}

# Each with the hours since the customer was registered and since the last check. None is
# near the age or the interval at which the answer turns.
FILL = """
from datetime import timedelta
from odoo import fields

now, today = fields.Datetime.now(), fields.Date.today()
company, user = env.company, env.ref("base.user_admin")

def ago(hours):
    return hours is not None and now - timedelta(hours=hours)

common = {"company_id": company.id, "environment": "test", "queued_uid": user.id}
env["res.company"].browse(company.id).write(
    {
        "l10n_fr_sap_nova_number": "SAP123456789",
        "l10n_fr_sap_client_id": "me",
        "l10n_fr_sap_client_secret": "secret",
    }
)
product = env["product.product"].create(
    {"name": "Help", "l10n_fr_sap_nature_id": env.ref("l10n_fr_urssaf_sap.nature_60").id}
)
ages = [
    (48, None), (48, 0.2), (48, 2), (100, 2), (100, 26), (960, 26), (960, 192), (None, 2),
]
registrations = env["l10n_fr_sap.registration"].sudo()
cases = [
    (state, since, checked, known)
    for state in dict(registrations._fields["state"].selection)
    for known in (True, False)
    for since, checked in ages
]
partners = env["res.partner"].create(
    [
        {
            "name": f"Jeanne Martin {number}",
            "street": f"{number + 1} bis rue de la Paix",
            "zip": "69003",
            "city": "Lyon",
            "country_id": env.ref("base.fr").id,
            "l10n_fr_sap_particulier": True,
            "l10n_fr_sap_birth_date": "1950-06-01",
        }
        for number in range(len(cases))
    ]
)
registrations.create(
    [
        common
        | {
            "partner_id": partner.id,
            "state": state,
            "urssaf_id": known and f"client{partner.id}",
            "active_since": today,
            "last_error": f"An error of {state}",
            "error_codes": "ERR_1 ERR_2",
            "checked_at": ago(checked),
            "pending_since": ago(since),
            "reminded": known,
            "consent_date": today,
            "consent_uid": user.id,
        }
        for partner, (state, since, checked, known) in zip(partners, cases)
    ]
)

requests = env["l10n_fr_sap.payment.request"].sudo()
cases = [
    (state, checked, known)
    for state in dict(requests._fields["state"].selection)
    for known in (True, False)
    for checked in (None, 0.2, 0.5, 2, 48)
]
moves = env["account.move"].create(
    [
        {
            "move_type": "out_invoice",
            "partner_id": partners[0].id,
            "l10n_fr_sap_date_from": today,
            "l10n_fr_sap_date_to": today,
            "invoice_line_ids": [(0, 0, {"product_id": product.id, "price_unit": 30})],
        }
        for case in cases
    ]
)
values = [
    common
    | {
        "move_id": move.id,
        "partner_id": partners[0].id,
        "number": f"{state}-{move.id}",
        "state": state,
        "urssaf_id": known and f"demande{move.id}",
        "amount_total": 30.5,
        "transfer_amount": 15.25,
        "transfer_date": today,
        "rejection_code": "M1",
        "rejection_comment": f"Not {move.id} hours",
        "error": f"An error of {state}",
        "error_codes": "ERR_1 ERR_2",
        "urssaf_code": "10",
        "urssaf_label": "Intégrée",
        "sent_at": ago(3),
        "lost_answers": 2,
        "refreshed_at": ago(checked),
    }
    for move, (state, checked, known) in zip(moves, cases)
]
for move, request in zip(moves, requests.create(values)):
    move.l10n_fr_sap_request_id = request
requests.create(
    [
        each | {"number": f"{each['number']}-2", "superseded": True, "urssaf_id": False}
        for each in values
    ]
)
env["l10n_fr_sap.exchange"].sudo().create(
    {
        "company_id": company.id,
        "environment": "test",
        "operation": "M070",
        "started_at": now,
        "references": " INV/1 ",
        "request": "{}",
    }
)
env["l10n_fr_sap.outage"].sudo().create({"host": "http://127.0.0.1:9", "since": now})
env.cr.commit()
"""

# What its scheduled actions would have asked about next; but what is paid is asked about
# daily now.
DUE = """
import json
from datetime import timedelta
from odoo import fields

requests = env["l10n_fr_sap.payment.request"].search(
    [
        ("state", "in", [*MOVING, "unknown"]),
        ("urssaf_id", "!=", False),
        "|",
        ("refreshed_at", "=", False),
        ("refreshed_at", "<=", fields.Datetime.now() - timedelta(hours=1)),
    ]
)
requests = requests.filtered(
    lambda request: (
        request.state != "paid"
        or not request.refreshed_at
        or request.refreshed_at <= fields.Datetime.now() - timedelta(days=1)
    )
)
registrations = env["l10n_fr_sap.registration"]
registrations = registrations.search(registrations._due_domain())
with open(FILE, "w") as file:
    json.dump([sorted(requests.ids), sorted(registrations.ids)], file)
"""
OLD_MOVING = """
from odoo.addons.l10n_fr_urssaf_sap.urssaf.codes import STATUSES
MOVING = [status.key for status in STATUSES if status.moves]
"""

DUE_NOW = """
SELECT id FROM l10n_fr_sap_{} WHERE check_after <= now() AT TIME ZONE 'UTC' ORDER BY id
"""
# The present version at work in there.
USE = """
for name in ("payment.request", "registration", "exchange", "reconciliation"):
    model = env[f"l10n_fr_sap.{name}"]
    model.search([]).read()
    model.get_views([(False, "list"), (False, "form"), (False, "search")])
assert "l10n_fr_sap.control" not in env
assert not env["ir.model"].search([("model", "like", "l10n_fr_sap.control")])
"""


SEALED = "l10n_fr_sap_stored_secret"
OPENED = """
from odoo.addons.l10n_fr_urssaf_sap.protocol.access import _unseal

for number, secret in SECRETS.items():
    sealed = env["res.company"].browse(number).l10n_fr_sap_stored_secret
    assert bool(sealed) == bool(secret)
    assert not secret or (sealed != secret and _unseal(sealed) == secret)
assert any(SECRETS.values())
"""


def upgraded_from_1_1(_database):
    """A database of 19.0.1.1.0 is upgraded: every value stays, and what was due is due."""
    folder = unpack()
    paths = [*stack.addons_paths()[:-1], folder]
    addons = "--addons-path=" + ",".join(map(str, paths))
    stack.create_database(DATABASE)
    stack.install(DATABASE, stack.ADDON, addons)
    stack.shell(DATABASE, FILL, f"{DATABASE}-fill", flags=[addons])
    full(DATABASE)
    before = stored(DATABASE)
    # Stored as they were typed then, and sealed by the upgrade.
    companies = before["res_company"]
    secrets = {number: companies[number].pop(SEALED) for number in companies}
    # A day then, and the moment of its beginning now.
    for row in before["l10n_fr_sap_registration"].values():
        row["active_since"] += "T00:00:00"
    due = folder / "due.json"
    script = f"{OLD_MOVING}\nFILE = {str(due)!r}\n{DUE}"
    stack.shell(DATABASE, script, f"{DATABASE}-due", flags=[addons])
    stack.update(DATABASE)
    compare(before, stored(DATABASE))
    check_due(*json.loads(due.read_text()))
    script = f"SECRETS = {secrets!r}\n{OPENED}"
    stack.shell(DATABASE, script, f"{DATABASE}-opened")
    stack.shell(DATABASE, USE, f"{DATABASE}-use")
    stack.drop_database(DATABASE)


def unpack():
    """The old version as a folder for Odoo's addons path."""
    folder = stack.CACHE / "test" / VERSION
    shutil.rmtree(folder, ignore_errors=True)
    shutil.unpack_archive(ARCHIVE, folder)
    shutil.copy(stack.ROOT / stack.ADDON / MAP, folder / stack.ADDON / MAP)
    return folder


def full(database):
    """No column may be empty in all rows: it could be lost without a difference."""
    for table, rows in stored(database).items():
        if table.removeprefix("l10n_fr_sap_") not in FULL_TABLES:
            continue
        filled = {name for row in rows.values() for name in row if row[name]}
        if empty := next(iter(rows.values())).keys() - filled:
            raise stack.StackError(f"{table}: no row has {', '.join(empty)}")


def stored(database):
    """The addon's values, ``{table: {id: {column: value}}}``."""
    tables = [f"l10n_fr_sap_{name}" for name in KEPT_TABLES]
    found = {}
    for table in [*tables, *EXTENDED]:
        query = f'SELECT to_jsonb(each) FROM "{table}" AS each'
        found[table] = {
            row["id"]: {
                name: value
                for name, value in row.items()
                if name not in VOLATILE
                and (table in tables or name.startswith("l10n_fr_sap"))
            }
            for (row,) in stack.sql(query, database=database)
        }
    return found


def compare(before, after):
    """Every value that was there is there; new columns and rows may have come."""
    lost = []
    for table, rows in before.items():
        for number, row in rows.items():
            now = after[table].get(number, {})
            lost += [
                f"{table} {number}: {name} was {value!r}, is {now.get(name, 'gone')!r}"
                for name, value in row.items()
                if now.get(name, "gone") != value
            ]
    if lost:
        text = "\n  ".join(lost[:10])
        raise stack.StackError(f"the upgrade changed {len(lost)} values:\n  {text}")


def check_due(requests, registrations):
    """What the old version would have asked about is due, and nothing else."""
    for table, then in ("payment_request", requests), ("registration", registrations):
        rows = stack.sql(DUE_NOW.format(table), database=DATABASE)
        now = {number for (number,) in rows}
        forgotten, added = sorted(set(then) - now), sorted(now - set(then))
        if forgotten or added or not now:
            raise stack.StackError(
                f"{table}: {len(then)} were due; forgotten: {forgotten}; more: {added}"
            )
