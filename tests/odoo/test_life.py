# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A payment request shows its life: what became of it, when, and by whom; this costs
nothing where nothing changes, and one query for many."""

from contextlib import contextmanager
from datetime import timedelta

from sap_common import SapCase

from odoo import fields
from odoo.exceptions import AccessError
from odoo.modules.module import load_script
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.misc import file_path, format_amount, format_date

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
EVENT = "l10n_fr_sap.payment.request.event"


@tagged("post_install", "-at_install")
class TestLife(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()
        self.move = self.create_invoice()

    def life(self, request=None):
        request = request or self.move.l10n_fr_sap_request_id
        self.env.invalidate_all()
        return request.event_ids.sorted("id").mapped("state")

    def told(self, status, move=None, **more):
        request = (move or self.move).l10n_fr_sap_request_id
        self.control(f"demandes/{request.urssaf_id}", {"statut": status} | more)
        self.press(move or self.move, REFRESH)
        self.env.invalidate_all()
        return request.event_ids[:1]

    def test_from_the_press_to_the_transfer(self):
        user = new_test_user(self.env, "camille", "account.group_account_invoice")
        self.press(self.move, SEND, user=user)
        request = self.move.l10n_fr_sap_request_id
        self.assertEqual(self.life(), ["sending", "integrated"])
        integrated, sent = request.event_ids
        self.assertEqual(sent.user_id, user)
        self.assertFalse(integrated.user_id)
        self.assertLess(fields.Datetime.now() - sent.moment, timedelta(minutes=1))
        for status in ("20", "30", "50", "70"):
            self.assertFalse(self.told(status).user_id)
        # The transfer comes later than the status, and is told of once more.
        virement = {"mntVirement": 88, "dateVirement": "2026-03-12T00:00:00Z"}
        last = self.told("70", infoVirement=virement)
        self.assertEqual(self.life()[-2:], ["paid", "paid"])
        amount = format_amount(self.env, 88, last.currency_id)
        day = format_date(self.env, "2026-03-12")
        self.assertEqual(last.note, f"Transfer of {amount} on {day}")
        self.assertEqual(
            self.life(),
            ["sending", "integrated", "awaiting_validation", "validated", "debited"]
            + ["paid", "paid"],
        )

    def test_what_does_not_change_is_noted_once(self):
        self.press(self.move, SEND)
        before = self.life()
        for _time in range(3):
            self.press(self.move, REFRESH)
        self.age(self.move.l10n_fr_sap_request_id, 3)
        self.run_cron("ir_cron_refresh_requests")
        self.assertEqual(self.life(), before)

    def test_a_refusal_tells_the_reason_and_nobody_s_words(self):
        self.press(self.move, SEND)
        words = {"code": "CONTEST_FACT_REGLEE", "commentaire": "Madame Durand a payé"}
        last = self.told("40", infoRejet=words)
        self.assertEqual(last.state, "refused")
        self.assertEqual(last.note, "Already paid directly")
        # Another reason later leaves what this one says.
        self.told("110", infoRejet={"code": "ANNUL_DBL"})
        self.assertEqual(last.note, "Already paid directly")
        refused = self.env[EVENT].with_context(lang="fr_FR").browse(last.id)
        self.env["res.lang"]._activate_lang("fr_FR")
        self.assertNotIn("Already", refused.note)

    def test_what_the_urssaf_refuses_at_once_tells_the_code(self):
        with self.intercepted("M050", self.refusing):
            self.press(self.move, SEND)
        self.assertEqual(self.life(), ["sending", "error"])
        last = self.move.l10n_fr_sap_request_id.event_ids[:1]
        self.assertIn("ERR_", last.note)
        # Fixed, and sent again under the same number.
        self.press(self.move, SEND)
        self.assertEqual(self.life()[2:], ["sending", "integrated"])
        self.assertIn("ERR_", last.note)

    def refusing(self, answer):
        error = {"code": "ERR_MONTANT", "message": "Montant", "description": "faux"}
        return type(answer)(400, [error])

    def test_queued_by_one_and_sent_by_the_scheduled_action(self):
        user = new_test_user(self.env, "camille", "account.group_account_invoice")
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            move = self.move.with_env(self.env(cr=cr, user=user)).sudo()
            move._l10n_fr_sap_schedule_sending()
        self.run_cron("ir_cron_send")
        self.assertEqual(self.life(), ["sending", "integrated"])
        self.assertEqual(self.move.l10n_fr_sap_request_id.event_ids[1:].user_id, user)

    def test_sent_when_confirmed_by_whoever_confirmed(self):
        user = new_test_user(self.env, "camille", "account.group_account_invoice")
        self.env.company.l10n_fr_sap_send_on_post = True
        move = self.create_invoice(post=False)
        move.with_user(user).action_post()
        self.run_cron("ir_cron_send")
        request = move.l10n_fr_sap_request_id
        self.assertEqual(self.life(request), ["sending", "integrated"])
        self.assertEqual(request.event_ids[1:].user_id, user)

    def test_who_declared_it_over(self):
        self.press(self.move, SEND)
        self.told("999", libelle="Nouvelle")
        request = self.move.l10n_fr_sap_request_id
        self.assertIn("999", request.event_ids[:1].note)
        window = self.env["l10n_fr_sap.declare.over"].with_context(active_id=request.id)
        window.create({"reason": "Vu avec l'Urssaf"}).action_declare()
        self.env.cr.flush()
        self.env.invalidate_all()
        self.assertEqual(request.event_ids[:1].state, "deleted")
        self.assertEqual(request.event_ids[:1].user_id, self.env.user)

    # Cost

    def queries(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        with contextmanager(self._patchExecute)([]) as queries:
            work()
        return [str(each) for each in queries if EVENT.replace(".", "_") in str(each)]

    def test_ten_that_change_take_one_query_and_those_that_do_not_none(self):
        moves = self.move.browse().concat(*(self.create_invoice() for _ in range(10)))
        self.press(moves, SEND)
        requests = moves.l10n_fr_sap_request_id
        self.age(requests, 3)
        self.assertEqual(
            self.queries(lambda: self.run_cron("ir_cron_refresh_requests")), []
        )
        self.control("advance")
        self.age(requests, 3)
        changed = self.queries(lambda: self.run_cron("ir_cron_refresh_requests"))
        self.assertEqual(len(changed), 1)
        for request in requests:
            self.assertEqual(self.life(request)[-1], "awaiting_validation")

    # Who sees it

    def test_the_invoice_shows_its_status_and_since_when(self):
        self.press(self.move, SEND)
        self.env.invalidate_all()
        self.assertEqual(self.move.l10n_fr_sap_status_since, fields.Date.today())
        action = self.move.action_l10n_fr_sap_open_request()
        self.assertEqual(action["res_id"], self.move.l10n_fr_sap_request_id.id)
        for record, name in (
            (self.move, "l10n_fr_sap_status_since"),
            (self.move.l10n_fr_sap_request_id, "event_ids"),
        ):
            self.assertIn(name, Form(record)._view["fields"])
        self.assertFalse(
            self.create_invoice(partner=self.partner_a).l10n_fr_sap_status_since
        )

    def test_nobody_writes_it(self):
        self.press(self.move, SEND)
        last = self.move.l10n_fr_sap_request_id.event_ids[:1]
        accountant = new_test_user(
            self.env, "accountant", "account.group_account_manager"
        )
        for work in (
            lambda event: event.write({"state": "paid"}),
            lambda event: event.unlink(),
            lambda event: event.create(
                {"request_id": event.request_id.id, "state": "paid"}
            ),
        ):
            with self.assertRaises(AccessError):
                work(last.with_user(accountant))
        employee = new_test_user(self.env, "employee", "base.group_user")
        with self.assertRaises(AccessError):
            last.with_user(employee).read(["state"])

    # The upgrade

    def test_what_was_sent_before_the_upgrade_begins_with_what_is_known(self):
        self.press(self.move, SEND)
        self.told("40", infoRejet={"code": "CONTEST_ERR_FACT"})
        request = self.move.l10n_fr_sap_request_id.sudo()
        request.event_ids.unlink()
        path = file_path("l10n_fr_urssaf_sap/migrations/19.0.1.6.0/post-history.py")
        script = load_script(path, "post_history")
        for _time in range(2):  # once is enough
            self.env.flush_all()
            script.migrate(self.env.cr, "19.0.1.5.0")
        self.assertEqual(self.life(), ["sending", "refused"])
        refused, sent = request.event_ids
        self.assertEqual(sent.moment, request.sent_at)
        self.assertEqual(refused.moment, request.refused_at)
        self.assertEqual(refused.note, "The invoice is wrong")
        # From here on as ever.
        self.told("110")
        self.assertEqual(self.life(), ["sending", "refused", "cancelled"])
