# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the bank shows of the Urssaf's transfers is matched with what was registered."""

from datetime import timedelta

from bank_common import MATCH, UNDO, BankCase

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

# By transfer, of invoices of 2 hours each at 20.00, 20.37, 20.74 … and 10 % VAT.
SUMS = (825.97, 836.55, 762.43, 772.20)
DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestBankMatching(BankCase):
    def test_fifty_in_four(self):
        moves = self.env["account.move"]
        for number in range(50):
            line = {
                "product_id": self.product.id,
                "quantity": 2,
                "price_unit": 20 + 0.37 * number,
            }
            moves |= self.create_invoice(invoice_line_ids=[Command.create(line)])
        self.press(moves, "action_l10n_fr_sap_send")
        days = [self.day - number * DAY for number in range(4)]
        for number, move in enumerate(moves):
            self.say(move, "70", move.amount_total, days[number % 4])
        self.refresh(*moves)
        transfers = self.env["l10n_fr_sap.transfer"].search([], order="date desc")
        self.assertEqual(transfers.mapped("date"), days)
        self.assertEqual(
            [round(each.amount_registered, 2) for each in transfers], [*SUMS]
        )
        self.assertEqual(self.open_transit(), sorted(SUMS))
        self.assertEqual(transfers.search([("state", "=", "to_receive")]), transfers)

        shown = [self.show(*pair) for pair in zip(SUMS, days, strict=True)]
        for transfer in transfers:
            self.assertDone(self.match(transfer))
        self.check_all_settled(transfers, moves)
        for transfer, line in zip(transfers, shown, strict=True):
            self.assertEqual(transfer.statement_line_ids, line)

        for transfer in transfers:
            self.undo(transfer)
            self.check(transfer, "to_receive", 0)
        self.check_waiting(*shown)
        self.assertEqual(self.open_transit(), sorted(SUMS))
        self.assertEqual(set(moves.mapped("payment_state")), {"paid"})

        for transfer in transfers:
            self.match(transfer)
        self.check_all_settled(transfers, moves)

    def check_all_settled(self, transfers, moves):
        total = 3197.15
        for transfer, euros in zip(transfers, SUMS, strict=True):
            self.check(transfer, "received", euros)
        self.assertEqual(set(moves.mapped("payment_state")), {"paid"})
        found = {code: self.balance(code) for code in ("467", "411", "471", "512")}
        self.assertEqual(found, {"467": 0, "411": 0, "471": 0, "512": total})
        self.assertEqual(self.balance("44571"), -290.65)
        self.assertEqual(self.balance("7"), -2906.50)

    def test_only_what_is_certain_is_matched_by_itself(self):
        _move, transfer = self.paid()
        for doubt in (
            [self.show(44), self.show(44)],
            [self.show(44, label="VIR SEPA CAF")],
            [self.show(44, day=self.day - 2 * DAY)],
            [self.show(44, day=self.day + 11 * DAY)],
            [self.show(43.99), self.show(44.01)],
            [self.show(-44)],
        ):
            self.work()
            self.check(transfer, "to_receive", 0)
            self.check_waiting(*doubt)
            for line in doubt:
                line.unlink()
        for label, day in (
            ("virement urssaf", self.day + 10 * DAY),
            ("x", self.day - DAY),
        ):
            line = self.show(44, day, label, partner_name="Urssaf Rhône-Alpes")
            for _again in range(3):
                self.work()
            self.check(transfer, "received", 44)
            self.assertEqual(transfer.statement_line_ids, line)
            self.assertEqual(self.balance("467"), 0)
            self.undo(transfer)
            self.check_waiting(line)
            line.unlink()
            transfer.undone_by_hand = False

    def test_what_a_person_has_taken_apart_stays_so(self):
        _move, transfer = self.paid(44)
        line = self.show(44)
        self.work()
        self.check(transfer, "received", 44)
        self.undo(transfer)
        self.work()
        self.check(transfer, "to_receive", 0)
        self.check_waiting(line)
        self.assertDone(self.match(transfer))
        self.check(transfer, "received", 44)

    def test_two_transfers_that_one_line_may_be(self):
        _move, transfer = self.paid()
        _move, other = self.paid(day=self.day - DAY)
        line = self.show(44)
        self.work()
        self.check_waiting(line)
        self.match(other)
        self.check(other, "received", 44)
        # Nothing is left of that one.
        self.assertIn(
            "No bank transaction", self.refuse(transfer, MATCH, self.accountant)
        )
        self.show(44)
        self.work()
        self.check(transfer, "received", 44)

    def test_in_production_no_bank_shows_what_was_a_test(self):
        _move, transfer = self.paid()
        line = self.show(44)
        self.env.company.l10n_fr_sap_environment = "production"
        self.work()
        self.check(transfer, "to_receive", 0)
        self.check_waiting(line)
        self.env.company.l10n_fr_sap_environment = "test"
        self.work()
        self.check(transfer, "received", 44)

    def test_a_bank_transaction_that_is_not_confirmed(self):
        _move, transfer = self.paid()
        line = self.show(44)
        mine = transfer.with_user(self.accountant)
        line.move_id.button_draft()
        with self.assertRaisesRegex(UserError, "not confirmed"), self.cr.savepoint():
            mine.match(line.id)
        self.check(transfer, "to_receive", 0)
        line.move_id.action_post()
        mine.match([line.id])  # as some programs call
        self.check(transfer, "received", 44)
        for work in (mine.match, mine.action_match_bank):
            with self.assertRaises(UserError), self.cr.savepoint():
                work(*[line.id] * (work == mine.match))
        mine.action_undo_match()
        self.check_waiting(line)

    def test_a_person_chooses_among_several(self):
        _move, transfer = self.paid()
        self.show(30)
        same = self.show(44) | self.show(44, self.day + DAY)
        action = self.match(transfer)
        choices = self.env[action["res_model"]].with_user(self.accountant)
        choices = choices.search(action["domain"])  # for whoever has asked alone
        self.assertEqual(choices.statement_line_id, same)
        self.assertEqual(choices.mapped("difference"), [0, 0])
        choice = choices[1].with_user(self.accountant)
        self.press(choice, "action_match", user=self.accountant)
        self.check(transfer, "received", 44)
        self.assertEqual(transfer.statement_line_ids, same[1])
        self.check_waiting(same[0])

    def test_parts_of_a_transfer(self):
        _move, transfer = self.paid(110)
        first, second = self.show(66), self.show(44)
        self.work()
        self.check(transfer, "to_receive", 0)
        action = self.match(transfer)
        choices = self.env[action["res_model"]].with_user(self.accountant)
        choices = choices.search(action["domain"])  # for whoever has asked alone
        self.assertEqual(choices.mapped("difference"), [44, 66])
        self.press(choices[0], "action_match", user=self.accountant)
        self.check(transfer, "part_received", 66)
        # What is left is certain now.
        self.work()
        self.check(transfer, "received", 110)
        self.assertEqual(transfer.statement_line_ids, first | second)
        self.undo(transfer)
        self.check(transfer, "to_receive", 0)
        self.check_waiting(first, second)

    def test_two_transfers_in_one_line(self):
        _move, transfer = self.paid(44)
        _move, other = self.paid(66, self.day - DAY)
        line = self.show(110)
        transfer.with_user(self.accountant).match(line)
        self.check(transfer, "received", 44)
        self.assertEqual(self.open_transit(), [-66, 66])
        self.work()
        self.check(other, "received", 66)
        self.assertEqual(self.open_transit(), [])
        self.undo(transfer)
        self.check(transfer, "to_receive", 0)
        self.check(other, "received", 66)
        self.undo(other)
        self.check_waiting(line)

    def test_cancelled_before_the_bank_shows_it(self):
        move, transfer = self.paid(44)
        _other, same = self.paid(66)
        self.assertEqual(transfer, same)
        self.say(move, "110")
        self.refresh(move)
        self.check(transfer, "to_receive", 0, 66)
        self.show(66)
        self.match(transfer)
        self.check(transfer, "received", 66)
        self.assertEqual(self.open_transit(), [])

    def test_all_of_it_cancelled_before_the_bank_shows_it(self):
        move, transfer = self.paid(44)
        self.say(move, "110")
        self.refresh(move)
        self.assertEqual(self.open_transit(), [-44, 44])
        self.work()
        self.assertEqual(self.open_transit(), [])
        self.check(transfer, "received", 0, 0)
        self.assertIn(
            "Nothing is to come", self.refuse(transfer, MATCH, self.accountant)
        )

    def cancelled_after_receipt(self):
        """A transfer received, of which the Urssaf takes 44.00 back, and the next one."""
        move, before = self.paid(44, self.day - DAY)
        self.show(44, self.day - DAY)
        self.work()
        self.check(before, "received", 44)
        self.say(move, "112")
        self.refresh(move)
        self.check(before, "to_check", 44, 0)
        _move, after = self.paid(110)
        self.assertEqual(self.open_transit(), [-44, 110])
        return before, after

    def test_cancelled_after_receipt_and_repaid(self):
        before, after = self.cancelled_after_receipt()
        self.show(110)
        repaid = self.show(-44, self.day + 20 * DAY)
        self.work()
        self.check(after, "received", 110)
        # Contributions look the same.
        self.check_waiting(repaid)
        self.match(before)
        self.check(before, "received", 0)
        self.assertEqual(self.open_transit(), [])
        self.assertEqual(self.balance("467"), 0)

    def test_cancelled_after_receipt_and_kept_from_the_next(self):
        before, after = self.cancelled_after_receipt()
        line = self.show(66)
        self.work()
        self.check_waiting(line)
        self.match(after)
        self.check(after, "received", 110)
        self.check(before, "received", 0)
        self.assertEqual(self.open_transit(), [])
        self.undo(after)
        self.assertEqual(self.open_transit(), [-44, 110])
        self.check_waiting(line)

    def test_a_line_that_stands_on_the_account_already(self):
        """As the reconciliation model leaves it, which matches nothing."""
        _move, transfer = self.paid()
        company = self.env.company
        model = self.reconciliation_models()
        line = self.show(44)
        _liquidity, suspense, _others = line._seek_for_lines()
        suspense.write(
            {
                "account_id": company.l10n_fr_sap_transit_account_id.id,
                "reconcile_model_id": model.id,
            }
        )
        self.assertEqual(self.open_transit(), [-44, 44])
        self.work()
        self.check(transfer, "received", 44)
        self.assertEqual(self.open_transit(), [])
        self.undo(transfer)
        self.check(transfer, "to_receive", 0)
        self.assertEqual(self.open_transit(), [-44, 44])

    def reconciliation_models(self):
        account = self.env.company.l10n_fr_sap_transit_account_id
        models = self.env["account.reconcile.model"]
        return models.search([("line_ids.account_id", "=", account.id)])

    def test_the_reconciliation_model(self):
        self.paid()
        model, company = self.reconciliation_models(), self.env.company
        self.assertEqual(model.trigger, "manual")
        self.assertEqual(
            (model.match_label, model.match_label_param, model.match_amount),
            ("contains", "URSSAF", "greater"),
        )
        self.assertEqual(model.company_id, company)
        self.assertGreater(model.match_amount_min, 0)
        [line] = model.line_ids
        self.assertEqual(line.partner_id, company.l10n_fr_sap_urssaf_partner_id)
        self.assertEqual((line.amount_type, line.amount), ("percentage", 100))
        # Its label is what transfers are known by.
        model.match_label_param = "U.R.S.S.A.F."
        _move, transfer = self.paid(66, self.day - DAY)
        line = self.show(66, label="VIR u.r.s.s.a.f. 1234")
        self.work()
        self.assertEqual(transfer.statement_line_ids, line)
        # Who does not want it does not get it again.
        model.unlink()
        self.paid(88)
        self.assertFalse(self.reconciliation_models())

    def test_what_the_matching_of_others_looks_for(self):
        """Odoo's own domain, which other bank widgets use."""
        self.paid()
        line = self.show(44)
        found = self.env["account.move.line"].search(
            [
                *line._get_default_amls_matching_domain(),
                ("account_id", "=", self.env.company.l10n_fr_sap_transit_account_id.id),
            ]
        )
        self.assertEqual(found.mapped("balance"), [44])
        self.assertEqual(found.partner_id.name, "Urssaf")

    def test_entries_of_a_branch(self):
        branch = self._create_company(name="Agence", parent_id=self.env.company.id)
        self.cr.precommit.run()  # the branch's chart of accounts
        self.env.user.company_ids |= branch
        sales = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "parent_of", branch.id)], limit=1
        )
        mine = self.send(quantity=5)
        theirs = self.send(quantity=2.5, company_id=branch.id, journal_id=sales.id)
        self.say(mine, "70", 110)
        self.say(theirs, "70", 55)
        self.refresh(mine, theirs)
        transfer = self.request(mine).transfer_id
        self.assertEqual(transfer.entry_ids.company_id, self.env.company | branch)
        line = self.show(165)
        domain = line._get_default_amls_matching_domain()
        found = self.env["account.move.line"].search(domain)
        self.assertLessEqual(transfer.entry_ids.line_ids.filtered("debit"), found)
        self.work()
        self.check(transfer, "received", 165)
        self.assertEqual(self.open_transit(), [])

    def test_straight_into_the_bank(self):
        """Nothing is to be matched there."""
        self.env.company.l10n_fr_sap_journal_id = self.bank.copy({"name": "Autre"})
        _move, transfer = self.paid()
        self.check(transfer, "received", 44)
        self.assertFalse(transfer.can_match_bank)
        self.assertIn(
            "Nothing is to come", self.refuse(transfer, MATCH, self.accountant)
        )

    def test_who_may(self):
        _move, transfer = self.paid()
        line, other_company = self.show(44), self.setup_other_company()
        foreign = self.show(
            44, journal_id=other_company["default_journal_bank"].id, label="URSSAF"
        )
        clerk = mail_new_test_user(
            self.env, "clerk", groups="account.group_account_invoice"
        )
        stranger = mail_new_test_user(
            self.env,
            "stranger",
            groups="account.group_account_user",
            company_id=other_company["company"].id,
            company_ids=[Command.set(other_company["company"].ids)],
        )
        for user in (clerk, stranger):
            mine = transfer.with_user(user)
            for work in (mine.action_match_bank, mine.action_undo_match):
                with self.assertRaises(AccessError):
                    work()
            with self.assertRaises(AccessError):
                mine.match(line.id)
        mine = transfer.with_user(self.accountant)
        with self.assertRaises(AccessError):
            mine.match(foreign.id)
        self.assertIn("Nothing of this transfer", self.refuse(transfer, UNDO))
        mine.match(line.id)
        self.check(transfer, "received", 44)
        self.assertFalse(foreign.is_reconciled)

    def test_the_way_to_a_transfer(self):
        move, transfer = self.paid()
        for record, button in (
            (move, "action_l10n_fr_sap_open_transfer"),
            (self.entries(move), "action_l10n_fr_sap_open_transfer"),
            (self.request(move), "action_open_transfer"),
        ):
            action = self.press(record, button)
            self.assertEqual(
                (action["res_model"], action["res_id"]), (transfer._name, transfer.id)
            )
        action = transfer.action_open_requests()
        listed = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(listed, self.request(move))
        for state in ("announced", "received", "to_check", "part_received"):
            self.assertNotIn(transfer, transfer.search([("state", "=", state)]))
        self.assertIn(transfer, transfer.search([("state", "in", ["to_receive"])]))
