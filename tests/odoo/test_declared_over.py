# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A request whose status at the Urssaf nobody knows would keep its invoice for good: an
accountant may declare it over. The Urssaf stays the authority."""

from datetime import timedelta

from lxml import etree
from psycopg2 import IntegrityError
from sap_common import SapCase

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.l10n_fr_urssaf_sap.invoicing import states
from odoo.addons.mail.tests.common import mail_new_test_user

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
REASON = "L'Urssaf a répondu le 3 : demande abandonnée."


@tagged("post_install", "-at_install")
class TestDeclaredOver(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()
        self.move = self.create_invoice()
        self.press(self.move, SEND)
        self.request = self.move.l10n_fr_sap_request_id
        self.accountant = self.make_user("accountant", "account.group_account_manager")

    def make_user(self, login, groups, **values):
        return mail_new_test_user(self.env, login, groups=groups, **values)

    def tell(self, code):
        path = f"demandes/{self.request.urssaf_id}"
        self.control(path, {"statut": code, "libelle": "Nouvelle"})
        self.press(self.move, REFRESH)
        self.env.invalidate_all()

    def declare(self, request=None, user=None, reason=REASON):
        """As a person does: open the window on the request, write, press the button."""
        model = self.env["l10n_fr_sap.declare.over"].with_user(user or self.accountant)
        window = model.with_context(active_id=(request or self.request).id)
        window.create({"reason": reason}).action_declare()
        self.env.invalidate_all()

    def test_an_accountant_frees_the_invoice_and_says_why(self):
        self.tell("999")
        self.assertEqual(self.request.state, "unknown")
        self.assertTrue(self.move.l10n_fr_sap_live)
        self.declare()
        self.assertEqual(self.request.state, "deleted")
        self.assertIn(self.request.state, states.DEAD)
        self.assertFalse(self.move.l10n_fr_sap_live)
        note = self.move.message_ids[0]
        self.assertIn("demande abandonnée", note.body)
        self.assertIn(self.request.number, note.body)
        self.assertEqual(note.author_id, self.accountant.partner_id)
        # What the Urssaf said is kept.
        self.assertEqual(self.request.urssaf_code, "999")
        self.press(self.move, SEND)
        self.env.invalidate_all()
        number = self.move.l10n_fr_sap_request_id.number
        self.assertEqual(number, f"{self.request.number}-2")
        self.assertEqual(len(self.urssaf_requests()), 2)

    def test_the_invoice_can_be_changed_instead(self):
        self.tell("999")
        self.declare()
        self.move.button_draft()
        self.assertEqual(self.move.state, "draft")

    def test_only_accountants_of_the_company_may(self):
        self.tell("999")
        other = self.setup_other_company()["company"]
        for login, groups, values in (
            ("biller", "account.group_account_invoice", {}),
            ("auditor", "account.group_account_readonly", {}),
            ("employee", "base.group_user", {}),
            (
                "neighbour",
                "account.group_account_manager",
                {"company_id": other.id, "company_ids": [(6, 0, other.ids)]},
            ),
        ):
            user = self.make_user(login, groups, **values)
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.declare(user=user)
        self.assertEqual(self.request.state, "unknown")
        # Whoever does everything but the configuration is one as well.
        self.declare(user=self.make_user("bookkeeper", "account.group_account_user"))
        self.assertEqual(self.request.state, "deleted")

    def test_the_button_is_for_accountants(self):
        shown = {}
        for groups in (
            "account.group_account_manager",
            "account.group_account_invoice",
        ):
            user = self.make_user(groups.rpartition("_")[2], groups)
            model = self.env["l10n_fr_sap.payment.request"].with_user(user)
            arch = etree.fromstring(model.get_view(view_type="form")["arch"])
            action = self.env.ref("l10n_fr_urssaf_sap.action_declare_over").id
            buttons = arch.xpath(f"//button[@name='{action}']")
            shown[groups] = [button.get("invisible") for button in buttons]
        self.assertEqual(list(shown.values()), [["state != 'unknown'"], []])

    def test_a_reason_is_needed(self):
        self.tell("999")
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.declare(reason=False)
        for blank in (" ", "\n"):
            with self.assertRaisesRegex(UserError, "reason"), self.cr.savepoint():
                self.declare(reason=blank)
        self.assertEqual(self.request.state, "unknown")

    def test_what_is_known_cannot_be_declared_over(self):
        for state, _label in states.STATES:
            if state == "unknown":
                continue
            self.request.sudo().state = state
            with self.assertRaisesRegex(UserError, "Odoo does not know"):
                self.declare()
            self.assertEqual(self.request.state, state)
        with self.assertRaisesRegex(UserError, "Odoo does not know"):
            self.declare(self.request.browse())

    def test_it_stays_over_while_the_urssaf_says_the_same(self):
        self.tell("999")
        self.declare()
        self.tell("999")
        self.assertEqual(self.request.state, "deleted")

    def test_the_urssaf_is_believed_when_it_says_something_else(self):
        for code, state in (("50", "debited"), ("998", "unknown"), ("70", "paid")):
            self.tell("999")
            self.assertEqual(self.request.state, "unknown")
            self.declare()
            self.move.activity_ids.unlink()
            self.assertTrue(self.request.check_after)
            path = f"demandes/{self.request.urssaf_id}"
            self.control(path, {"statut": code, "libelle": "Encore"})
            self.age(self.request, hours=2)
            self.run_cron("ir_cron_refresh_requests")
            self.env.invalidate_all()
            self.assertEqual(self.request.state, state)
            self.assertTrue(self.move.l10n_fr_sap_live)
            # Somebody may have asked the customer to pay meanwhile.
            [activity] = self.move.activity_ids
            self.assertIn("is at the Urssaf again", activity.note)
            self.move.activity_ids.unlink()

    def test_the_urssaf_itself_deletes_a_request(self):
        self.tell("100")
        self.assertEqual(self.request.state, "deleted")
        self.assertFalse(self.move.l10n_fr_sap_live)
        self.assertFalse(self.request.check_after)
        self.assertIn("can be sent again", self.move.message_ids[0].body)
        self.press(self.move, SEND)
        self.assertEqual(len(self.urssaf_requests()), 2)

    def test_it_is_asked_about_less_and_less(self):
        self.tell("999")
        self.declare()
        now = fields.Datetime.now()
        for days, wanted in ((3, 1), (40, 24), (200, 168), (400, None)):
            self.request.sudo().write(
                {"sent_at": now - timedelta(days=days), "refreshed_at": now}
            )
            found = self.request.check_after
            self.assertEqual(
                found and (found - now) / timedelta(hours=1), wanted or False
            )

    def test_what_is_on_the_way_keeps_its_invoice(self):
        for code in ("15", "80", "90"):
            self.tell(code)
            self.assertTrue(self.move.l10n_fr_sap_live)
            self.assertTrue(self.request.check_after)
            self.assertFalse(self.move.activity_ids)
            with self.assertRaises(UserError):
                self.move.button_draft()
