# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every press answers: what was done, what is new, or what is in the way and where it is
fixed."""

from datetime import timedelta

from sap_common import CLIENTS, SapCase

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import format_date

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
REGISTER = "action_l10n_fr_sap_register"
CHECK = "action_l10n_fr_sap_check_registration"
TEST = "action_l10n_fr_sap_test_connection"


@tagged("post_install", "-at_install")
class TestAnswers(SapCase):
    def toast(self, records, button):
        """The kind and the text of what a press says."""
        action = self.press(records, button)
        self.assertEqual(action["tag"], "display_notification")
        # The view behind shows what has changed.
        self.assertEqual(
            action["params"]["next"]["type"], "ir.actions.act_window_close"
        )
        self.env.invalidate_all()
        return action["params"]["type"], action["params"]["message"]

    def chatter(self, record):
        return "\n".join(record.message_ids.mapped("body"))

    def test_sent(self):
        self.activate()
        move, others = self.create_invoice(), self.create_invoice()
        others |= self.create_invoice()
        kind, text = self.toast(move, SEND)
        self.assertEqual(kind, "success")
        self.assertIn("accepted", text)
        self.assertIn("Sent to the Urssaf", self.chatter(move))
        kind, text = self.toast(others, SEND)
        self.assertEqual((kind, text[-19:]), ("success", "2 payment requests."))
        for other in others:
            self.assertIn("Sent to the Urssaf", self.chatter(other))

    def test_not_known_whether_it_was_sent(self):
        self.activate()
        move = self.create_invoice()
        with self.lost_answers("M050"), self.lost_answers("M070"):
            kind, text = self.toast(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "sending")
        self.assertEqual(kind, "warning")
        self.assertIn("no usable answer", text)
        self.assertNotIn("Sent to the Urssaf", self.chatter(move))

    def test_what_the_urssaf_refuses_is_not_said_to_be_sent(self):
        self.activate()
        move, good = self.create_invoice(), self.create_invoice()
        move.invoice_line_ids.name = "ERR_ACOMPTE_BLOQUE"
        self.assertIn(move.name, self.listed(move | good, SEND))
        self.assertNotIn("Sent to the Urssaf", self.chatter(move))
        self.assertIn("Sent to the Urssaf", self.chatter(good))

    def test_refreshed(self):
        self.activate()
        move, other = self.create_invoice(), self.create_invoice()
        self.press(move | other, SEND)
        for records in (move, move.l10n_fr_sap_request_id):
            button = REFRESH if records is move else "action_refresh"
            kind, text = self.toast(records, button)
            self.assertEqual(kind, "info")
            self.assertIn("No news", text)
            self.assertIn("Integrated", text)
        self.control(
            f"demandes/{move.l10n_fr_sap_request_id.urssaf_id}", {"statut": "30"}
        )
        kind, text = self.toast(move | other, REFRESH)
        self.assertEqual(kind, "success")
        self.assertRegex(text, "about: 2.*status: 1")
        self.control("advance")
        self.assertEqual(self.toast(move, REFRESH), ("success", "New status: Debited"))

    def test_registered(self):
        kind, text = self.toast(self.partner, REGISTER)
        self.assertEqual(kind, "success")
        self.assertIn("e-mail", text)
        self.assertIn("Waiting for activation", self.chatter(self.partner))
        self.assertEqual(
            self.toast(self.partner, CHECK),
            ("info", "No news from the Urssaf: Waiting for activation"),
        )
        urssaf_id = self.partner.l10n_fr_sap_urssaf_id
        self.control(f"particuliers/{urssaf_id}", {"etat": "active"})
        kind, text = self.toast(self.partner, CHECK)
        self.assertEqual((kind, text), ("success", "New status: Active"))

    def test_a_button_pressed_once_the_request_is_withdrawn(self):
        self.activate()
        move = self.create_invoice()
        move.sudo()._l10n_fr_sap_schedule_sending()
        self.press(move.l10n_fr_sap_request_id, "action_withdraw")
        self.env.invalidate_all()
        self.assertFalse(move.l10n_fr_sap_request_id)
        for button in ("action_l10n_fr_sap_open_request", REFRESH):
            self.assertIn("Nothing was sent", self.refuse(move, button))
        self.assertIs(self.press(move, "action_l10n_fr_sap_open_to_fix"), True)

    # What cannot go

    def summary(self, records, button):
        action = self.press(records, button)
        self.assertEqual(action["res_model"], "l10n_fr_sap.summary")
        return action, self.env["l10n_fr_sap.summary"].browse(action["res_id"])

    def test_when_all_are_wrong_each_is_listed_with_a_way_to_it(self):
        drafts = self.create_invoice(post=False) | self.create_invoice(post=False)
        moves = drafts | self.create_invoice()
        action, summary = self.summary(moves, SEND)
        # A page, which the browser comes back to; of one alone, a window over its form.
        self.assertEqual(action["target"], "current")
        self.assertEqual(summary.done_count, 0)
        self.assertEqual([line.record_ref for line in summary.line_ids], list(moves))
        for line, move in zip(summary.line_ids, moves, strict=True):
            self.assertTrue(line.message)
            opened = line.action_open()
            self.assertEqual(
                (opened["res_model"], opened["res_id"]), (move._name, move.id)
            )
            customer = line.action_open_customer()
            self.assertEqual(customer["res_id"], self.partner.id)
        self.assertEqual(self.calls("M050"), [])
        action, _summary = self.summary(moves[-1], SEND)
        self.assertEqual(action["target"], "new")
        strangers = self.partner_a | self.partner_b
        action, summary = self.summary(strangers, REGISTER)
        self.assertEqual(action["target"], "current")
        self.assertEqual(
            [line.record_ref for line in summary.line_ids], list(strangers)
        )

    def test_not_active_says_which_and_what_helps(self):
        self.activate()
        move = self.create_invoice()
        registration = self.partner.l10n_fr_sap_registration_id.sudo()
        registration.pending_since = "2026-03-05 08:00:00"
        day = format_date(self.env, "2026-03-05")
        for state, said, remedy in (
            ("unregistered", "not registered", "register"),
            ("queued", "being registered", "register"),
            ("pending", "has been waiting since {day}", "remind"),
            ("abandoned", "did not activate", "register"),
            ("blocked", "blocked", False),
            ("mandate_expired", "mandate", False),
            ("error", "what to fix", "register"),
        ):
            with self.subTest(state=state):
                registration.state = state
                self.env.flush_all()
                _action, summary = self.summary(move, SEND)
                [line] = summary.line_ids
                self.assertIn(said.format(day=day), line.message)
                self.assertEqual(line.remedy, remedy)

    def test_a_customer_is_registered_from_the_list_of_what_could_not_go(self):
        _action, summary = self.summary(self.create_invoice(), SEND)
        [line] = summary.line_ids
        kind, _text = self.toast(line, "action_remedy")
        self.assertEqual(kind, "success")
        self.assertEqual(self.partner.l10n_fr_sap_registration_state, "pending")
        self.env.invalidate_all()
        self.assertEqual(line.remedy, "remind")
        action = self.press(line, "action_remedy")
        self.assertEqual(action["context"]["default_res_ids"], self.partner.ids)
        # Goods bought by a company have no such remedy.
        _action, summary = self.summary(self.partner_a, REGISTER)
        self.assertFalse(summary.line_ids.remedy)

    def test_a_list_outlives_what_it_lists(self):
        gone = self.create_particulier("Luc Parti", l10n_fr_sap_birth_date=False)
        drafts = self.create_invoice(post=False) | self.create_invoice(post=False)
        _action, of_customers = self.summary(gone | self.partner_a, REGISTER)
        _action, of_invoices = self.summary(drafts, SEND)
        gone.unlink()
        drafts[0].unlink()
        self.env.invalidate_all()
        for summary in (of_customers, of_invoices):
            [read] = summary.web_read(
                {
                    "line_ids": {
                        "fields": {
                            "record_ref": {"fields": {"display_name": {}}},
                            "message": {},
                            "is_invoice": {},
                            "remedy": {},
                        }
                    }
                }
            )
            self.assertEqual(len(read["line_ids"]), 2)
            self.assertTrue(all(line["message"] for line in read["line_ids"]))
            self.press(summary, "action_check_again")
        lost, kept = of_invoices.line_ids
        self.assertEqual((lost.is_invoice, lost.remedy), (False, False))
        self.assertEqual((kept.is_invoice, kept.remedy), (True, "register"))

    def test_nothing_is_said_to_be_done_where_nothing_was_chosen(self):
        partners, moves = self.env["res.partner"], self.env["account.move"]
        find = "action_l10n_fr_sap_find_by_email"
        for nobody, button in (
            (partners, REGISTER),
            (partners, find),
            (partners, CHECK),
            (moves, SEND),
            (moves, REFRESH),
            (moves.l10n_fr_sap_request_ids, "action_retry"),
        ):
            self.assertIs(self.press(nobody, button), True, button)

    def test_the_list_names_all_that_registering_would_meet(self):
        self.partner.bank_ids.active = False
        self.partner.l10n_fr_sap_bank_id = False
        self.partner.l10n_fr_sap_birth_date = False
        _action, summary = self.summary(self.create_invoice(), SEND)
        [line] = summary.line_ids
        _action, window = self.summary(line, "action_remedy")
        named = set(line.message.splitlines())
        self.assertLessEqual(set(window.line_ids.message.splitlines()), named)
        self.assertIn("Debited Account is missing", named)

    def test_the_list_is_brought_up_to_date(self):
        other = self.create_particulier("Luce Petit", phone="06 39 98 00 12")
        moves = self.create_invoice() | self.create_invoice()
        moves |= self.create_invoice(other)
        _action, summary = self.summary(moves, SEND)
        own, same, others = summary.line_ids
        self.assertEqual(summary.left, "fix")
        self.press(own, "action_remedy")
        self.env.invalidate_all()
        for line in (own, same):
            self.assertIn("waiting", line.message)
            self.assertNotIn("not registered", line.message)
            self.assertEqual((line.left, line.remedy), ("wait", "remind"))
        self.assertIn("not registered", others.message)
        self.press(others, "action_remedy")
        self.env.invalidate_all()
        self.assertEqual(summary.left, "wait")
        for partner in (self.partner, other):
            self.control(
                f"particuliers/{partner.l10n_fr_sap_urssaf_id}", {"etat": "active"}
            )
            self.press(partner, CHECK)
        self.press(summary, "action_check_again")
        self.env.invalidate_all()
        self.assertEqual(summary.left, "no")
        for line in summary.line_ids:
            self.assertFalse(line.message or line.remedy)

    def test_the_list_of_customers_is_brought_up_to_date_as_well(self):
        wrong = self.create_particulier("Luce Petit", phone="06 39 98 00 12")
        wrong.l10n_fr_sap_birth_date = False
        _action, summary = self.summary(wrong | self.partner_a, REGISTER)
        wrong.l10n_fr_sap_birth_date = "1984-03-29"
        self.press(summary, "action_check_again")
        self.env.invalidate_all()
        self.assertEqual(summary.line_ids.mapped("left"), ["no", "fix"])
        # What the Urssaf has refused is not known to be fixed.
        self.activate()
        refused, draft = self.create_invoice(), self.create_invoice(post=False)
        refused.invoice_line_ids.name = "ERR_ACOMPTE_BLOQUE"
        _action, summary = self.summary(refused | draft, SEND)
        said = {line.record_ref: line.message for line in summary.line_ids}
        self.press(summary, "action_check_again")
        self.env.invalidate_all()
        self.assertEqual(summary.left, "fix")
        for line in summary.line_ids:
            self.assertEqual(line.message, said[line.record_ref])

    # Tested

    def settings(self, **values):
        return self.env["res.config.settings"].create(values)

    def test_settings_that_were_typed_are_saved_and_tested(self):
        settings = self.settings(
            l10n_fr_sap_client_id="other",
            l10n_fr_sap_client_secret=CLIENTS["other"],
            show_effect=False,
        )
        action = self.press(settings, TEST)
        self.assertEqual(action["params"]["type"], "success")
        self.assertIn("is not the Urssaf itself", action["params"]["message"])
        self.assertEqual(self.env.company.l10n_fr_sap_client_id, "other")
        # So is all that stands beside them: nothing is lost when the page is read again.
        self.assertFalse(
            self.env["ir.config_parameter"].get_param("base_setup.show_effect")
        )
        wrong = self.settings(l10n_fr_sap_client_secret="wrong")
        self.assertIn("denies", self.refuse(wrong, TEST))

    def test_a_company_that_was_just_saved_answers_over_the_bus(self):
        company = self.env.company
        company.l10n_fr_sap_client_secret = CLIENTS["test"]
        self.assertIn("is not the Urssaf itself", self.told_on_the_form())
        company.l10n_fr_sap_client_secret = "wrong"
        self.assertIn("denies", self.told_on_the_form())
        # From elsewhere, and later, nothing is loaded anew.
        self.refuse(company, TEST)
        with self.assertRaises(UserError):
            self.told_on_the_form(saved=timedelta(minutes=1))

    def told_on_the_form(self, saved=timedelta(0)):
        """What the user's browser is told over the bus when the button of the form is
        pressed, so long after it was saved."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET write_date = %s WHERE id = %s",
            [fields.Datetime.now() - saved, self.env.company.id],
        )
        self.env.invalidate_all()
        sent = self.env["bus.bus"].sudo()
        before = sent.search([], order="id desc", limit=1).id
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = self.env(cr=cr, context={"l10n_fr_sap_on_form": True})
            getattr(self.env.company.with_env(env), TEST)()
        self.env.invalidate_all()
        told = sent.search([("id", ">", before)])
        return "\n".join(told.mapped("message"))
