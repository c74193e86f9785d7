# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where the Urssaf's payments are booked, when, and by whom: the company's settings, its
branches and its neighbours; and that repeating anything adds nothing."""

import runpy
from pathlib import Path

from booking_common import REFRESH, SEND, BookingCase
from meanwhile_common import MeanwhileCase

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import format_date

from odoo.addons import l10n_fr_urssaf_sap

MIGRATION = (
    Path(l10n_fr_urssaf_sap.__file__).parent / "migrations/19.0.1.5.0/post-migration.py"
)
BUTTONS = (
    "action_register_payment",
    "action_register_anyway",
    "action_registered_already",
)


@tagged("post_install", "-at_install")
class TestBookingSettings(BookingCase):
    # The switch

    def test_nothing_is_booked_where_it_is_off(self):
        self.env.company.l10n_fr_sap_register_payments = False
        move = self.send()
        self.pay(move, 44)
        self.work()
        self.assertFalse(self.entries(move))
        self.assertFalse(self.env.company.l10n_fr_sap_journal_id)
        self.check_money(move, "none", 0)
        self.assertFalse(self.request(move).can_register_payment)
        # What the Urssaf pays, and when, is read on the invoice all the same.
        for word in (format_date(self.env, self.day), "44"):
            self.assertIn(word, move.l10n_fr_sap_announcement)
        # Switching it on books no history.
        self.env.company.l10n_fr_sap_register_payments = True
        self.refresh(move)
        self.work()
        self.assertFalse(self.entries(move))
        # What changes from then on counts; the rest is for a person to book.
        for status in ("60", "110"):
            self.say(move, status)
            self.refresh(move)
        self.assertFalse(self.entries(move))
        other = self.send()
        self.assertFalse(other.l10n_fr_sap_announcement)
        self.pay(other, 44)
        self.check_money(other, "done", 44)
        self.assertFalse(other.l10n_fr_sap_announcement)

    def test_a_person_books_what_was_paid_before(self):
        self.env.company.l10n_fr_sap_register_payments = False
        moves = [self.send(), self.send(3)]
        for move in moves:
            self.pay(move, move.amount_total)
        requests = self.request(moves[0]) | self.request(moves[1])
        self.assertIn("switch", self.refuse(requests, "action_register_payment"))
        self.env.company.l10n_fr_sap_register_payments = True
        self.assertTrue(self.request(moves[0]).can_register_payment)
        self.press(requests, "action_register_payment")
        self.assertEqual(len(self.entries(*moves)), 1)
        for move in moves:
            self.check_money(move, "done", move.amount_total)
            self.assertFalse(self.request(move).can_register_payment)

    def test_the_upgrade_books_nothing(self):
        self.env.company.l10n_fr_sap_register_payments = False
        paid, under_way = self.send(), self.send(5)
        self.pay(paid, 44)
        self.env.flush_all()
        self.env.cr.execute("UPDATE l10n_fr_sap_payment_request SET amount_due = NULL")
        runpy.run_path(MIGRATION)["migrate"](self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        self.assertEqual(self.request(under_way).amount_due, 110)
        self.env.company.l10n_fr_sap_register_payments = True
        self.refresh(paid, under_way)
        self.work()
        self.assertFalse(self.entries(paid, under_way))

    def test_the_other_platform_is_left_alone(self):
        move = self.send()
        self.say(move, "70", 44)
        self.request(move).write(
            {
                "environment": "production",
                "state": "paid",
                "transfer_amount": 44,
                "transfer_date": self.day,
                "money_state": "todo",
            }
        )
        self.work()
        self.assertFalse(self.entries(move))
        self.assertEqual(self.request(move).money_state, "todo")

    # The journal, the account, the partner

    def test_what_is_missing_is_made_once(self):
        company = self.env.company
        self.assertFalse(company.l10n_fr_sap_journal_id)
        self.env["account.account"].create(
            {"code": "467100", "name": "Taken", "account_type": "asset_current"}
        )
        self.env["account.journal"].create(
            {"code": "URS", "name": "Taken", "type": "purchase"}
        )
        self.set_up_payments()
        journal, account = (
            company.l10n_fr_sap_journal_id,
            company.l10n_fr_sap_transit_account_id,
        )
        self.assertEqual((journal.type, journal.code), ("general", "URS1"))
        self.assertEqual((account.code, account.reconcile), ("467101", True))
        self.assertEqual(account.account_type, "asset_current")
        self.assertEqual(company.l10n_fr_sap_urssaf_partner_id.name, "Urssaf")
        self.set_up_payments()
        self.assertEqual(company.l10n_fr_sap_journal_id, journal)
        self.assertEqual(company.l10n_fr_sap_transit_account_id, account)
        settings = self.env["res.config.settings"].create({})
        settings.action_l10n_fr_sap_set_up_payments()
        self.assertEqual(company.l10n_fr_sap_journal_id, journal)
        user = new_test_user(self.env, "clerk", "account.group_account_manager")
        with self.assertRaises(AccessError):
            company.with_user(user).action_l10n_fr_sap_set_up_payments()

    def test_no_chart_of_accounts(self):
        company = self.env["res.company"].create(
            {"name": "Neuve", "l10n_fr_sap_register_payments": True}
        )
        self.assertIn("no chart", company.l10n_fr_sap_payments_notice)
        with self.assertRaisesRegex(UserError, "no chart of accounts"):
            company.action_l10n_fr_sap_set_up_payments()

    def test_accounts_and_journals_that_will_not_do(self):
        company, data = self.set_up_payments(), self.company_data
        bank = data["default_journal_bank"]
        plain = self.env["account.account"].create(
            {"code": "467900", "name": "Divers", "account_type": "asset_current"}
        )
        for account in (
            data["default_account_receivable"],
            data["default_account_payable"],
            bank.default_account_id,
            bank.suspense_account_id,
            plain,
        ):
            with (
                self.subTest(account.code),
                self.assertRaises(ValidationError),
                self.cr.savepoint(),
            ):
                company.l10n_fr_sap_transit_account_id = account
        for journal in (data["default_journal_sale"], data["default_journal_purchase"]):
            with (
                self.subTest(journal.code),
                self.assertRaises(ValidationError),
                self.cr.savepoint(),
            ):
                company.l10n_fr_sap_journal_id = journal
        plain.reconcile = True
        company.l10n_fr_sap_transit_account_id = plain
        move = self.send()
        self.pay(move, 44)
        self.assertEqual(self.balance("467900"), 44)

    def test_what_cannot_be_booked_waits(self):
        company = self.set_up_payments()
        company.l10n_fr_sap_journal_id.active = False
        self.assertIn("archived", company.l10n_fr_sap_payments_notice)
        move = self.send()
        self.pay(move, 44)
        for _time in range(3):
            self.work()
        self.assertFalse(self.entries(move))
        self.assertEqual(self.request(move).money_state, "todo")
        company.l10n_fr_sap_journal_id.active = True
        self.work()
        self.check_money(move, "done", 44)
        self.assertFalse(company.l10n_fr_sap_payments_notice)

    # Straight into the bank

    def add_statement_line(self):
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": self.day,
                "payment_ref": "VIR URSSAF",
                "amount": 44,
            }
        )

    def test_a_bank_journal(self):
        company, bank = (
            self.set_up_payments(),
            self.company_data["default_journal_bank"],
        )
        company.l10n_fr_sap_journal_id = bank
        move = self.send()
        self.pay(move, 44)
        code = bank.default_account_id.code
        self.assertEqual(
            self.items(self.entries(move)),
            [
                (self.day, "411100", self.partner.name, -44),
                (self.day, code, "Urssaf", 44),
            ],
        )
        self.assertEqual(move.payment_state, "paid")
        transfer = self.request(move).transfer_id
        self.assertEqual((transfer.state, transfer.amount_received), ("received", 44))
        # Bank statements would bring the same money again.
        self.add_statement_line()
        self.assertIn("twice", company.l10n_fr_sap_payments_notice)
        other = self.send()
        self.pay(other, 44)
        self.assertFalse(self.entries(other))
        self.assertEqual(self.request(other).money_state, "todo")

    def test_a_bank_journal_with_statements_is_refused(self):
        company = self.set_up_payments()
        self.add_statement_line()
        with self.assertRaisesRegex(ValidationError, "twice"), self.cr.savepoint():
            company.l10n_fr_sap_journal_id = self.company_data["default_journal_bank"]

    # Again and again

    def test_repeating_adds_nothing(self):
        moves = [self.send(quantity) for quantity in (2, 5)]
        for move in moves:
            self.pay(move, move.amount_total)
        self.say(moves[1], "110")
        self.refresh(*moves)
        before = self.entries(*moves)
        self.assertEqual(len(before), 3)
        for _time in range(10):
            self.refresh(*moves)
            self.age(self.request(moves[0]) | self.request(moves[1]), 99)
            self.run_cron("ir_cron_refresh_requests")
            self.work()
            requests = self.request(moves[0]) | self.request(moves[1])
            self.press(requests, "action_register_payment")
        self.assertEqual(self.entries(*moves), before)
        self.check_money(moves[0], "done", 44)
        self.check_money(moves[1], "none", 0)

    def test_sent_again_and_paid_again(self):
        move = self.send()
        first = self.request(move)
        self.pay(move, 30)
        self.say(move, "110")
        # Not booked yet: what is matched with it is no deposit of the next one.
        self.env.company.l10n_fr_sap_journal_id.active = False
        self.refresh(move)
        self.assertIn("takes back", move._l10n_fr_sap_obstacle_text())
        self.env.company.l10n_fr_sap_journal_id.active = True
        self.work()
        self.press(move, SEND)
        second = self.request(move)
        self.assertNotEqual(first, second)
        self.assertEqual(second.number, f"{move.name}-2")
        self.pay(move, 44)
        self.assertEqual(self.balance("467"), 44)
        self.assertEqual(move.payment_state, "paid")
        credits = (first | second).entry_line_ids.filtered(
            lambda line: line.balance < 0
        )
        self.assertEqual(credits.mapped("balance"), [-30, -44])
        self.assertEqual(credits.l10n_fr_sap_request_id, first | second)

    def test_cancelled_after_the_bank_has_shown_it(self):
        self.product.taxes_id = False
        move, other = self.send(5), self.send(4)
        self.pay(move, 100)
        transit = self.env.company.l10n_fr_sap_transit_account_id
        bank = self.company_data["default_journal_bank"]
        receipt = self.env["account.move"].create(
            {
                "journal_id": bank.id,
                "date": self.day,
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": balance})
                    for account, balance in (
                        (bank.default_account_id, 100),
                        (transit, -100),
                    )
                ],
            }
        )
        receipt.action_post()
        (receipt | self.entries(move)).line_ids.filtered(
            lambda line: line.account_id == transit
        ).reconcile()
        transfer = self.request(move).transfer_id
        self.assertEqual(transfer.state, "received")
        self.say(move, "110")
        self.refresh(move)
        self.pay(other, 80)
        left = self.env["account.move.line"].search(
            [("account_id", "=", transit.id), ("reconciled", "=", False)]
        )
        self.assertEqual(sorted(left.mapped("amount_residual")), [-100, 80])

    # People

    def test_whoever_keeps_the_books_is_asked(self):
        accountant = new_test_user(
            self.env, "accountant", "account.group_account_user,base.group_user"
        )
        self.env.company.l10n_fr_sap_accountant_id = accountant
        move = self.send(5)
        self.pay(move, 95)
        self.assertEqual(self.money_activities(move).user_id, accountant)
        # Another company's would not see what is to be done.
        other = self.setup_other_company()["company"]
        accountant.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        theirs = self.env["account.journal"].search(
            [("company_id", "=", other.id), ("type", "=", "general")], limit=1
        )
        for name, value in (("accountant_id", accountant), ("journal_id", theirs)):
            with self.assertRaises(UserError), self.cr.savepoint():
                self.env.company[f"l10n_fr_sap_{name}"] = value

    def test_buttons_are_for_those_who_may(self):
        move = self.send()
        self.pay(move, 44)
        auditor = new_test_user(self.env, "auditor", "account.group_account_readonly")
        for button in BUTTONS:
            with self.subTest(button), self.assertRaises(AccessError):
                getattr(self.request(move).with_user(auditor).sudo(False), button)()

    def test_nobody_writes_what_follows_from_the_urssaf(self):
        move = self.send()
        self.pay(move, 44)
        manager = new_test_user(self.env, "manager", "account.group_account_manager")
        entry = self.entries(move).with_user(manager)
        line = entry.line_ids[:1]
        request, transfer = self.request(move).id, self.request(move).transfer_id.id
        for record, name, value in (
            (entry, "l10n_fr_sap_transfer_id", False),
            (line, "l10n_fr_sap_request_id", request),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                record.write({name: value})
        values = {"account_id": line.account_id.id, "balance": 0, "name": "x"}
        mine = self.env["account.move"].with_user(manager)
        for context, extra in (
            ({}, {"l10n_fr_sap_transfer_id": transfer}),
            ({"default_l10n_fr_sap_transfer_id": transfer}, {}),
            ({"default_l10n_fr_sap_request_id": request}, {}),
            ({}, {"line_ids": [values | {"l10n_fr_sap_request_id": request}]}),
        ):
            with self.subTest(context=context, extra=extra):
                several = [Command.create(some) for some in extra.get("line_ids", [])]
                extra = extra | {"line_ids": several or [Command.create(values)]}
                with self.assertRaises(AccessError), self.cr.savepoint():
                    mine.with_context(**context).create({"move_type": "entry"} | extra)

    def test_register_payment_says_that_it_is_automatic(self):
        move = self.send()
        for on, said in ((True, "automatically"), (False, "only what it has")):
            self.env.company.l10n_fr_sap_register_payments = on
            wizard = (
                self.env["account.payment.register"]
                .with_context(active_model="account.move", active_ids=move.ids)
                .create({})
            )
            warning = wizard.actionable_errors["l10n_fr_sap_live"]["message"]
            self.assertIn(said, warning)


@tagged("post_install", "-at_install")
class TestBookingCompanies(BookingCase, MeanwhileCase):
    """Whose books they are."""

    def test_a_branch(self):
        branched = self.branch_invoice()
        branch, parent = branched.company_id, self.env.company
        self.env.cr.precommit.run()
        move = self.create_invoice(quantity=5)
        before = self.balance("411", branch), self.balance("411", parent)
        self.press(branched | move, SEND)
        for each in (branched, move):
            self.say(each, "70", each.amount_total)
        self.press(branched | move, REFRESH)
        theirs, ours = self.entries(branched), self.entries(move)
        self.assertEqual((theirs.company_id, ours.company_id), (branch, parent))
        self.assertEqual((theirs | ours).journal_id.company_id, parent)
        self.assertEqual(
            self.request(branched).transfer_id, self.request(move).transfer_id
        )
        for company, each, owed in (
            (branch, branched, before[0]),
            (parent, move, before[1]),
        ):
            self.assertEqual(each.payment_state, "paid")
            self.assertEqual(
                self.balance("411", company), round(owed - each.amount_total, 2)
            )
            self.assertEqual(self.balance("467", company), each.amount_total)

    def test_two_companies_have_their_own(self):
        sister = self.create_sister("other")
        sister.l10n_fr_sap_register_payments = True
        theirs, ours = self.invoice_of(sister), self.send()
        request = self.request(ours).copy(
            {
                "move_id": theirs.id,
                "company_id": sister.id,
                "number": "S-1",
                "urssaf_id": "S-1-id",
                "state": "paid",
                "transfer_amount": theirs.amount_total,
                "transfer_date": self.day,
                "amount_due": theirs.amount_total,
            }
        )
        request.money_state = "todo"
        theirs.sudo().l10n_fr_sap_request_id = request
        self.say(ours, "70", 44)
        self.refresh(ours)
        self.work()
        for move, company in ((theirs, sister), (ours, self.env.company)):
            entry = self.entries(move)
            self.assertEqual(entry.company_id, company)
            self.assertEqual(entry.journal_id, company.l10n_fr_sap_journal_id)
            self.assertEqual(entry.journal_id.company_id, company)
            self.assertEqual(move.payment_state, "paid")
            self.assertIn(company, company.l10n_fr_sap_transit_account_id.company_ids)
        self.assertNotEqual(
            self.env.company.l10n_fr_sap_journal_id, sister.l10n_fr_sap_journal_id
        )
        # They share the Urssaf.
        self.assertEqual(
            self.env.company.l10n_fr_sap_urssaf_partner_id,
            sister.l10n_fr_sap_urssaf_partner_id,
        )
        user = new_test_user(
            self.env, "ours", "account.group_account_invoice,base.group_multi_company"
        )
        seen = self.env["l10n_fr_sap.transfer"].with_user(user).search([])
        self.assertEqual(seen.sudo().company_id, self.env.company)
        self.assertEqual(seen.date, self.day)
