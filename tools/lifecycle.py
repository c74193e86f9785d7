# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The steps of the lifecycle layer: the addon in a Python as the README says; in a
database installed, used, beside other addons, copied by PostgreSQL itself, upgraded from
earlier versions, uninstalled."""

import re

import canaries
import stack
from bank_widget import beside_bank_widget
from readme_install import as_the_readme_says
from upgrade import upgraded_from_1_1


def use_addon(database):
    """Leaves records behind, whose links an upgrade and an uninstall have to mind."""
    script = USE.replace("Jeanne", canaries.FIRST_NAMES)
    stack.shell(database, script, f"{database}-use")


def beside_partner_firstname(database):
    """With OCA's two name fields, those are proposed to the Urssaf."""
    stack.install(database, "partner_firstname")
    stack.shell(database, FIRSTNAME, f"{database}-firstname")


def beside_collecting_addons(_database):
    """OCA's addons that collect money. Ours between theirs and ours come by themselves, and
    pass their tests."""
    database = stack.create_database("test_collecting")
    modules = (stack.ADDON, "account_payment_order", "account_credit_control")
    between = (f"/{stack.ADDON}_{name}" for name in ("payment_order", "credit_control"))
    flags = ("--test-enable", f"--test-tags={','.join(between)}")
    # Where tests run Odoo serves HTTP too, and the demo may be at its own port.
    port = f"--http-port={stack.free_port()}"
    log = stack.install(database, ",".join(modules), *flags, port)
    if not re.search(r"0 failed, 0 error\(s\) of [1-9]\d* tests", log.read_text()):
        raise stack.StackError(f"no test ran, see {log}")
    stack.drop_database(database)


def beside_sale(database):
    """A down payment of a sales order is the request's deposit."""
    stack.install(database, "sale")
    stack.shell(database, DOWN_PAYMENT, f"{database}-sale")


DOWN_PAYMENT = """
partner = env["res.partner"].create(
    {
        "name": "Paul Martin",
        "l10n_fr_sap_particulier": True,
        "l10n_fr_sap_birth_date": "1980-01-01",
    }
)
product = env["product.product"].create(
    {
        "name": "Ménage",
        "type": "service",
        "invoice_policy": "order",
        "list_price": 50,
        "uom_id": env.ref("uom.product_uom_hour").id,
        "l10n_fr_sap_nature_id": env.ref("l10n_fr_urssaf_sap.nature_60").id,
    }
)
order = env["sale.order"].create(
    {
        "partner_id": partner.id,
        "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 4})],
    }
)
order.action_confirm()
wizard = env["sale.advance.payment.inv"].with_context(
    active_model="sale.order", active_ids=order.ids
)
wizard.create(
    {"advance_payment_method": "fixed", "fixed_amount": 60}
).create_invoices()
order.invoice_ids.action_post()
wizard.create({"advance_payment_method": "delivered"}).create_invoices()
final = order.invoice_ids.filtered(lambda move: move.state == "draft")
final.action_post()
final = final.with_context(lang="en_US")
unpaid = final.sudo()._l10n_fr_sap_obstacle_text()
down = order.invoice_ids - final
assert down.name in unpaid, unpaid
env["account.payment.register"].with_context(
    active_model="account.move", active_ids=down.ids
).create({}).action_create_payments()
paid = final.sudo()._l10n_fr_sap_obstacle_text()
assert down.name not in paid, paid
assert "Deposits May Be Declared" in paid, paid
env.company.l10n_fr_sap_deposits_allowed = True
env.invalidate_all()
allowed = final.sudo()._l10n_fr_sap_obstacle_text()
assert "Deposits May Be Declared" not in allowed, allowed
body = final.sudo()._l10n_fr_sap_payment_request().body()
deposit = float(body["mntAcompte"])
lines = sum(float(line["mntPrestationTTC"]) for line in body["inputPrestations"])
assert abs(deposit - 60) < 0.01, body
assert abs(float(body["mntFactureTTC"]) - order.amount_total) < 0.01, body
assert abs(lines - order.amount_total) < 0.01, body
assert final.amount_total < order.amount_total
request = env["l10n_fr_sap.payment.request"].create(
    {
        "move_id": final.id,
        "partner_id": partner.id,
        "company_id": final.company_id.id,
        "environment": "test",
        "number": final.name,
        "amount_total": final.amount_total,
    }
)
reconciliation = env["l10n_fr_sap.reconciliation"].create({})
assert reconciliation._known(request).amount == body["mntFactureTTC"], request.amount_total
env.cr.commit()
"""

FIRSTNAME = """
partner = env["res.partner"].create(
    {
        "firstname": "Marie Paul",
        "lastname": "Martin",
        "l10n_fr_sap_particulier": True,
    }
)
assert partner.l10n_fr_sap_first_names == "Marie Paul", partner.l10n_fr_sap_first_names
assert partner.l10n_fr_sap_birth_name == "Martin", partner.l10n_fr_sap_birth_name
env.cr.commit()
"""

USE = """
partner = env["res.partner"].create({"name": "Jeanne", "l10n_fr_sap_particulier": True})
move = env["account.move"].create(
    {
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_line_ids": [(0, 0, {"name": "3 h", "price_unit": 30})],
    }
)
move.action_post()
common = {"partner_id": partner.id, "company_id": move.company_id.id}
common["environment"] = "test"
env["l10n_fr_sap.registration"].sudo().create(
    common | {"state": "active", "urssaf_id": "client"}
)
move.sudo().l10n_fr_sap_request_id = env["l10n_fr_sap.payment.request"].sudo().create(
    common
    | {"move_id": move.id, "number": move.name, "state": "paid", "urssaf_id": "demande"}
)
env.cr.commit()
"""

PRODUCTION = """
env.company.write(
    {
        "l10n_fr_sap_environment": "production",
        "l10n_fr_sap_client_id": "me",
        "l10n_fr_sap_client_secret": "secret",
    }
)
# Nothing listens there.
host = "http://127.0.0.1:9"
env["ir.config_parameter"].set_param("l10n_fr_urssaf_sap.url_production", host)
env.cr.commit()
"""

ASK = """
def ask():
    try:
        company = env.company.with_context(lang="en_US")
        company.action_l10n_fr_sap_test_connection()
    except Exception as error:
        return str(error)
"""

COPY = f"""{ASK}
assert "is a copy" in ask(), ask()
from odoo.addons.l10n_fr_urssaf_sap.protocol.access import _unseal
assert _unseal(env.company.l10n_fr_sap_stored_secret) == "secret"
env.company.action_l10n_fr_sap_switch_on_production()
assert "cannot be reached" in ask(), ask()
"""

OLD_SHAPE = """
ALTER TABLE l10n_fr_sap_payment_request DROP COLUMN check_after;
ALTER TABLE l10n_fr_sap_registration DROP COLUMN check_after;
ALTER TABLE res_company DROP COLUMN l10n_fr_sap_production_database;
UPDATE res_company SET l10n_fr_sap_stored_secret = 'secret'
 WHERE l10n_fr_sap_stored_secret IS NOT NULL;
ALTER TABLE res_company
    RENAME COLUMN l10n_fr_sap_stored_secret TO l10n_fr_sap_client_secret;
UPDATE ir_module_module SET latest_version = '19.0.1.0.0'
 WHERE name = 'l10n_fr_urssaf_sap';
"""


def copied_elsewhere(database):
    """A plain copy under another name does not call production until told to."""
    stack.shell(database, PRODUCTION, f"{database}-production")
    copy = f"{database}_copy"
    stack.drop_database(copy)
    stack.sql(f'CREATE DATABASE "{copy}" TEMPLATE "{database}"')
    stack.shell(copy, COPY, copy)
    stack.drop_database(copy)


def updated_from_1_0(database):
    """The secret was readable then, and production tied to no database."""
    stack.sql(OLD_SHAPE, database=database)
    stack.update(database)
    stack.shell(database, COPY, f"{database}-updated")


STEPS = (
    as_the_readme_says,
    stack.install,
    use_addon,
    beside_partner_firstname,
    beside_collecting_addons,
    beside_bank_widget,
    beside_sale,
    copied_elsewhere,
    updated_from_1_0,
    upgraded_from_1_1,
    stack.uninstall,
)
