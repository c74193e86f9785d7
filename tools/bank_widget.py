# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The lifecycle's step beside OCA's widget for bank statements: transfers of the Urssaf's
are matched by our button and by the widget's own methods, and taken apart again."""

import stack

WIDGET = "account_reconcile_oca"


def beside_bank_widget(_database):
    """Fifty payment requests in four transfers, matched once each way."""
    database = stack.create_database("test_widget")
    stack.install(database, f"{stack.ADDON},{WIDGET}")
    stack.shell(database, BOOK + MATCH, f"{database}-match")
    stack.drop_database(database)


BOOK = """
from datetime import timedelta
from odoo import fields

company, today = env.company, fields.Date.today()
company.write({"l10n_fr_sap_client_id": "me", "l10n_fr_sap_register_payments": True})
tax = env.ref(f"account.{company.id}_tva_intermediaire_encaissement")
tax.active = True
partner = env["res.partner"].create({"name": "Jeanne", "l10n_fr_sap_particulier": True})
days = [today - timedelta(days=5 * number + 2) for number in range(4)]
for number in range(50):
    line = {"name": "2 h", "quantity": 2, "price_unit": 20 + 0.37 * number}
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": days[3],
            "invoice_line_ids": [(0, 0, line | {"tax_ids": [(6, 0, tax.ids)]})],
        }
    )
    move.action_post()
    move.l10n_fr_sap_request_id = env["l10n_fr_sap.payment.request"].create(
        {
            "move_id": move.id,
            "company_id": company.id,
            "environment": "test",
            "partner_id": partner.id,
            "number": move.name,
            "urssaf_id": f"demande-{number}",
            "state": "paid",
            "amount_total": move.amount_total,
            "amount_due": move.amount_total,
            "transfer_amount": move.amount_total,
            "transfer_date": days[number % 4],
            "money_state": "todo",
        }
    )
env.cr.commit()
env.ref("l10n_fr_urssaf_sap.ir_cron_register_payments").method_direct_trigger()
env.cr.commit()  # it worked in a transaction of its own
transfers = env["l10n_fr_sap.transfer"].search([], order="date desc")
sums = [round(transfer.amount_registered, 2) for transfer in transfers]
assert sums == [825.97, 836.55, 762.43, 772.20], sums
"""

MATCH = """
def balance(prefix):
    lines = env["account.move.line"].search(
        [("account_id.code", "=like", f"{prefix}%"), ("parent_state", "=", "posted")]
    )
    return round(sum(lines.mapped("balance")), 2)

def states():
    transfers.invalidate_recordset()
    return set(transfers.mapped("state"))

def check_settled():
    assert states() == {"received"}, states()
    found = [balance(code) for code in ("467", "411", "471", "512", "44571", "7")]
    assert found == [0, 0, 0, 3197.15, -290.65, -2906.50], found
    assert all(line.is_reconciled for line in shown)

def check_undone():
    for transfer in transfers:
        transfer.action_undo_match()
    assert states() == {"to_receive"}, states()
    assert [balance("467"), balance("471")] == [3197.15, -3197.15]
    assert not any(line.is_reconciled for line in shown)
    # The widget offers the transfers again.
    for line in shown:
        items = env["account.move.line"].search(line._get_default_amls_matching_domain())
        assert transfers.entry_ids.line_ids.filtered("debit") <= items

journal = env["account.journal"].search([("type", "=", "bank")], limit=1)
shown = env["account.bank.statement.line"].create(
    [
        {
            "journal_id": journal.id,
            "date": transfer.date,
            "payment_ref": "VIR SEPA URSSAF",
            "amount": transfer.amount_registered,
        }
        for transfer in transfers
    ]
)
for transfer in transfers:
    assert transfer.action_match_bank()["params"]["type"] == "success"
check_settled()
check_undone()
for transfer, line in zip(transfers, shown, strict=True):
    line.add_account_move_line_id = transfer.entry_ids.line_ids.filtered("debit")
    line._onchange_add_account_move_line_id()
    assert line.can_reconcile
    line.reconcile_bank_line()
check_settled()
check_undone()
env.cr.commit()
"""
