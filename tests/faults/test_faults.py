# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every misbehaviour of the Urssaf in every operation: whatever goes wrong, each invoice
ends with one request there, each customer registered, and Odoo knows their state."""

from fault_common import (
    CHECK,
    GIVEN_BACK,
    REFRESH,
    REGISTER,
    SEND,
    FaultCase,
    cases,
    for_each,
    with_tests,
)

from odoo.tests import tagged


@with_tests
@tagged("post_install", "-at_install")
class TestFaults(FaultCase):
    # Sending (M050): 25 invoices are three calls

    @for_each(*cases("M050", 1), *cases("M050", 2), *cases("M050", 3))
    def sending(self, case):
        self.send(case, self.moves)

    @for_each(*cases("M050", 2, lasting=True))
    def sending_while_it_lasts(self, case):
        self.send(case, self.moves[:12])

    @for_each(*cases("TOKEN", lasting=True))
    def sending_without_a_token(self, case):
        self.send(case, self.moves[:3])

    @for_each(*cases("TOKEN", 2))
    def sending_with_a_token_that_dies_on_the_way(self, case):
        self.go_wrong(
            case,
            lambda: self.press_send(self.moves[:12]),
            before=lambda: self.faults.arm("M050", "401", number=2),
        )
        self.put_right(self.moves[:12], SEND)
        self.check_promise(self.moves[:12])

    @for_each(*(case for n in (1, 2, 3) for case in cases("M050", n)[n - 1 :: 3]))
    def sending_in_the_background(self, case):
        moves = self.moves
        moves.sudo()._l10n_fr_sap_schedule_sending()
        self.go_wrong(case, lambda: self.run_cron("ir_cron_send"))
        self.put_right(moves, SEND)
        self.check_promise(moves)

    def send(self, case, moves):
        self.go_wrong(case, lambda: self.press_send(moves))
        self.put_right(moves, SEND)
        self.check_promise(moves)

    def press_send(self, moves):
        """Whoever presses the button is told which invoices have not left."""
        told = self.attempt(moves, SEND)
        unsent = moves.filtered(lambda move: move.l10n_fr_sap_status in GIVEN_BACK)
        if isinstance(told, dict) and "res_id" in told:
            lines = self.env["l10n_fr_sap.summary"].browse(told["res_id"]).line_ids
            named = {line.record_ref for line in lines if line.message}
            self.assertEqual(named, set(unsent))
        else:
            toast = isinstance(told, dict)
            self.assertEqual(unsent, self.moves.browse() if toast else moves)

    # Settling (M070): calls whose answer was lost

    @for_each(*cases("M070", lasting=True))
    def settling(self, case):
        moves = self.lose_answers()
        self.go_wrong(case, lambda: self.run_cron("ir_cron_send"))
        self.put_right(moves, SEND)
        self.check_promise(moves)

    @for_each(*cases("M070"))
    def settling_by_hand(self, case):
        moves = self.lose_answers()
        self.go_wrong(case, lambda: self.attempt(moves, REFRESH))
        self.put_right(moves, SEND)
        self.check_promise(moves)

    def lose_answers(self):
        """Two requests that the Urssaf got and one that it did not."""
        self.faults.arm("M050", "cut_after")
        self.press(self.moves[:2], SEND)
        self.faults.arm("M050", "500")
        self.press(self.moves[2], SEND)
        moves = self.moves[:3]
        self.assertEqual(set(moves.mapped("l10n_fr_sap_status")), {"sending"})
        self.end_leases()
        return moves

    @for_each(*cases("M070"))
    def adopting(self, case):
        """M050 says that it has them already; M070 tells whether they are ours."""
        moves = self.sent(3)
        moves.sudo().l10n_fr_sap_request_id.write(
            {"state": "to_send", "urssaf_id": False, "sent_at": False}
        )
        self.go_wrong(case, lambda: self.run_cron("ir_cron_send"))
        self.put_right(moves, SEND)
        self.check_promise(moves)

    # Following (M070): 12 requests are two calls

    @for_each(*cases("M070", lasting=True))
    def following(self, case):
        moves = self.sent(12)
        self.go_wrong(case, lambda: self.attempt(moves, REFRESH))
        self.check_promise(moves)

    @for_each(*cases("M070", 2))
    def following_in_the_background(self, case):
        moves = self.sent(12)
        self.age(moves.sudo().l10n_fr_sap_request_id, hours=2)
        self.go_wrong(case, lambda: self.run_cron("ir_cron_refresh_requests"))
        self.check_promise(moves)

    def sent(self, count):
        moves = self.moves[:count]
        self.assertDone(self.press(moves, SEND))
        self.forget_token()
        return moves

    # Registering (M010): three customers are three calls

    @for_each(*cases("M010", 2))
    def registering(self, case):
        self.unregister()
        self.go_wrong(case, lambda: self.attempt(self.partners, REGISTER))
        self.put_right(self.partners, REGISTER)
        self.check_promise(self.moves.browse())

    @for_each(*cases("M010", 2, lasting=True))
    def registering_in_the_background(self, case):
        self.unregister()
        self.registrations._enqueue(self.partners, self.env.company)
        self.go_wrong(case, lambda: self.run_cron("ir_cron_register"))
        self.put_right(self.partners, REGISTER)
        self.check_promise(self.moves.browse())

    # Checking registrations (M020)

    @for_each(*cases("M020", 2))
    def checking(self, case):
        self.go_wrong(case, lambda: self.attempt(self.partners, CHECK))
        self.check_promise(self.moves.browse())

    @for_each(*cases("M020", 2, lasting=True))
    def checking_in_the_background(self, case):
        self.age(self.registrations, hours=25)
        self.go_wrong(case, lambda: self.run_cron("ir_cron_refresh_registrations"))
        self.check_promise(self.moves.browse())
