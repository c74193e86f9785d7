# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dataclasses import replace

from dateutil.relativedelta import relativedelta
from sap_common import SapCase

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.l10n_fr_urssaf_sap.protocol.access import connect
from odoo.addons.mail.tests.common import mail_new_test_user

SEND = "action_l10n_fr_sap_send"


@tagged("post_install", "-at_install")
class TestReconciliation(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()
        self.moves = self.env["account.move"].concat(
            *(self.create_invoice() for _ in range(3))
        )
        self.press(self.moves, SEND)
        self.requests = self.moves.l10n_fr_sap_request_id

    def compare(self, user=None, **values):
        """The lines of a report on last month."""
        report = self.env["l10n_fr_sap.reconciliation"].with_user(user or self.env.user)
        report = report.create(values)
        action = self.press(report, "action_compare", user=user)
        self.assertEqual(action["res_model"], "l10n_fr_sap.reconciliation.line")
        return report.line_ids.search(action["domain"])

    def send_elsewhere(self, *numbers, move=None):
        """Payment requests under ``numbers`` that Odoo does not know of."""
        move = move or self.moves[0]
        with (
            self.enter_registry_test_mode(),
            connect(self.env.company) as urssaf,
        ):
            ours = move.sudo()._l10n_fr_sap_payment_request()
            return urssaf.send([replace(ours, number=number) for number in numbers])

    def set_status(self, request, code):
        self.control(f"demandes/{request.urssaf_id}", {"statut": code})

    def test_the_default_is_the_last_full_month(self):
        form = Form(self.env["l10n_fr_sap.reconciliation"])
        self.assertEqual(form.date_from, self.month_start)
        self.assertEqual(form.date_to, self.month_end)

    def test_where_both_agree_there_is_nothing_to_tell(self):
        self.assertFalse(self.compare())

    def test_each_difference_is_told(self):
        other, missing, amount = self.requests
        self.set_status(other, "20")
        missing.sudo().urssaf_id = "nowhere"
        missing.sudo().number = "NEVER-SENT"
        amount.sudo().amount_total = 1
        outcome = self.send_elsewhere("BY-HAND")["BY-HAND"]
        lines = self.compare()
        # The one that Odoo has lost is unknown as well.
        by_kind = lines.grouped("kind")
        self.assertEqual(set(by_kind), {"state", "missing", "amount", "unknown"})
        line = by_kind["state"]
        self.assertEqual((line.request_id, line.move_id), (other, other.move_id))
        self.assertEqual(line.state, "integrated")
        self.assertEqual(line.urssaf_state, "20 En attente de validation")
        self.assertEqual(line.partner_id, self.partner)
        self.assertEqual(line.date, other.move_id.invoice_date)
        self.assertEqual(by_kind["missing"].request_id, missing)
        self.assertFalse(by_kind["missing"].urssaf_state)
        line = by_kind["amount"]
        self.assertEqual((line.amount, line.urssaf_amount), (1, 108))
        line = by_kind["unknown"].filtered(lambda line: line.number == "BY-HAND")
        self.assertFalse(line.request_id)
        self.assertEqual(line.urssaf_id, outcome.id)
        self.assertEqual(line.urssaf_amount, 108)
        self.assertEqual(line.partner_id, self.partner)
        self.assertEqual(len(lines), 5)

        exported = lines.export_data(["kind", "number", "move_id", "urssaf_amount"])
        self.assertEqual(len(exported["datas"]), 5)

    def test_those_that_differ_are_refreshed_from_the_list(self):
        self.set_status(self.requests[0], "70")
        self.send_elsewhere("BY-HAND")
        lines = self.compare()
        self.press(lines, "action_refresh")
        self.assertEqual(self.requests[0].state, "paid")
        self.assertEqual(set(lines.mapped("state")), {"paid", False})
        (unknown,) = self.compare()
        self.assertIn("no payment request", self.refuse(unknown, "action_refresh"))

    def test_what_waits_is_not_expected_and_what_leaves_is_told_as_such(self):
        waiting, leaving, _amount = self.requests.sudo()
        waiting.write({"state": "to_send", "urssaf_id": False, "number": "LATER"})
        leaving.write({"state": "sending", "urssaf_id": False})
        kinds = {line.number: line.kind for line in self.compare()}
        # The first one's real number belongs to nobody any more.
        self.assertEqual(
            kinds, {self.moves[0].name: "unknown", leaving.number: "sending"}
        )
        waiting.number = self.moves[0].name
        line = self.compare().filtered(lambda line: line.kind == "state")
        self.assertEqual((line.request_id, line.state), (waiting, "to_send"))

    def test_one_sent_again_is_two_requests(self):
        first = self.requests[0]
        self.set_status(first, "40")
        self.press(self.moves[0], "action_l10n_fr_sap_refresh")
        self.press(self.moves[0], SEND)
        self.assertEqual(
            self.moves[0].l10n_fr_sap_request_id.number, f"{first.number}-2"
        )
        self.assertFalse(self.compare())
        # The invoice has another date by now; the Urssaf keeps the first one's.
        earlier = self.month_start - relativedelta(days=5)
        self.env.cr.execute(
            "UPDATE account_move SET invoice_date = %s WHERE id = %s",
            (earlier, self.moves[0].id),
        )
        self.env.invalidate_all()
        self.assertFalse(self.compare())
        self.assertFalse(self.compare(date_from=earlier, date_to=earlier))

    def test_a_deposit_is_no_difference(self):
        # (Down payments of sales orders: see the lifecycle beside Odoo's Sales.)
        self.env.company.l10n_fr_sap_deposits_allowed = True
        move = self.create_invoice()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"amount": 40}).action_create_payments()
        self.press(move, SEND)
        self.assertEqual(self.calls("M050")[-1][0]["mntAcompte"], 40)
        self.assertFalse(self.compare())

    def test_a_day_with_more_than_ten_is_told_and_its_own_are_compared(self):
        self.send_elsewhere(*(f"A-{number}" for number in range(9)))
        self.set_status(self.requests[0], "70")
        crowded, state = self.compare().sorted("kind")
        self.assertEqual((crowded.kind, crowded.date), ("crowded", self.month_end))
        self.assertEqual((state.kind, state.request_id), ("state", self.requests[0]))

    def test_other_periods_environments_and_companies_are_left_out(self):
        before = self.month_start - relativedelta(days=1)
        self.assertFalse(self.compare(date_from=before, date_to=before))
        self.requests.sudo().environment = "production"
        lines = self.compare()
        self.assertEqual(set(lines.mapped("kind")), {"unknown"})
        self.assertFalse(lines.request_id)

    def test_who_may_and_what_is_refused(self):
        user = mail_new_test_user(self.env, "seller", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.compare(user=user)
        clerk = mail_new_test_user(
            self.env,
            "clerk",
            groups="account.group_account_invoice",
            company_id=self.env.company.id,
            company_ids=[Command.set(self.env.company.ids)],
        )
        self.set_status(self.requests[0], "70")
        lines = self.compare(user=clerk)
        self.assertEqual(lines.with_user(clerk).request_id, self.requests[0])
        with self.assertRaises(UserError):
            self.compare(date_from=fields.Date.today(), date_to="2026-01-01")
        self.switch_off()
        with self.assertRaises(UserError):
            self.compare()
