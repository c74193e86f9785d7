# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What changes while an answer is out, for each way to lose it: the office may do what Odoo
lets it do, cancel and invoice again too, and the Urssaf holds one request in the end."""

import contextlib
from datetime import timedelta

from fault_common import SEND, Case, FaultCase, for_each, with_tests
from sap_common import CLIENTS

from odoo.exceptions import UserError
from odoo.tests import tagged

LOSSES = [
    Case("M050", fault, done, 1, False)
    for fault, done in (
        ("cut_before", None),
        ("cut_after", None),
        ("delayed", None),
        ("500", True),
        ("500", False),
        ("503_html", True),
        ("503_html", False),
        ("truncated", True),
        ("wrong_shape", True),
        ("one_missing", None),
    )
]
_URSSAF_ID = "af0be430-908a-11eb-a8b3-0242ac130003"


@with_tests
@tagged("post_install", "-at_install")
class TestMeanwhile(FaultCase):
    def setUp(self):
        super().setUp()
        self.move = self.moves[:1]
        self.environment = "test"

    def lose(self, case, change, lasting=contextlib.nullcontext):
        """The answer to the first call is lost; ``change()`` comes before it is settled,
        ``lasting()`` is how the Urssaf answers until then."""
        with lasting():
            self.go_wrong(case, lambda: [self.attempt(self.move, SEND), change()])
        self.check_one()

    def check_one(self):
        """The office cancels and invoices again, as far as Odoo lets it."""
        held = self.urssaf_requests()
        self.assertLessEqual(len(held), 1)
        with contextlib.suppress(UserError):
            self.move.button_draft()
            self.move.button_cancel()
        if held:
            self.assertEqual(self.move.state, "posted")
        if self.move.state == "cancel":
            self.move = self.create_invoice()
        self.put_right_meanwhile()
        self.let_odoo_work()
        [demande] = self.urssaf_requests().values()
        live = self.move.sudo()._l10n_fr_sap_live_request()
        self.assertEqual(live.urssaf_id, demande["idDemandePaiement"])
        self.assertEqual(live.number, demande["numFactureTiers"])
        self.assertEqual(self.alarm.found, [])

    def put_right_meanwhile(self):
        """What was changed is put right, and what Odoo lets go is sent again."""
        self.restore()
        if self.move.l10n_fr_sap_status in (False, "error", "to_send"):
            self.press(self.move, SEND)

    def restore(self):
        self.env.invalidate_all()

    # A1: the data

    @for_each(*LOSSES)
    def the_customer_gets_another_id(self, case):
        registration = self.registrations.filtered(
            lambda each: each.partner_id == self.partner
        )
        known = {"urssaf_id": registration.urssaf_id, "state": "active"}
        self.restore = lambda: registration.write(known)
        self.lose(case, lambda: registration.write({"urssaf_id": _URSSAF_ID}))

    @for_each(*LOSSES)
    def the_urssaf_tells_days_as_midnight_of_paris(self, case):
        def change(answer):
            for info in _results(answer):
                sent = info["demandePaiement"]
                for name in ("dateDebutEmploi", "dateFinEmploi"):
                    day = self.move[_DAYS[name]] - timedelta(days=1)
                    sent[name] = f"{day}T23:00:00Z"
            return answer

        self.lose(case, lambda: None, lambda: self.intercepted("M070", change))
        self.assertFalse(self.move.activity_ids)

    @for_each(*LOSSES)
    def the_urssaf_holds_another_amount(self, case):
        def change(answer):
            for info in _results(answer):
                info["demandePaiement"]["mntFactureTTC"] += 1
            return answer

        self.lose(case, lambda: None, lambda: self.intercepted("M070", change))

    @for_each(*LOSSES)
    def the_urssaf_lags_behind(self, case):
        seen = []

        def forget(answer):
            seen.append(answer)
            if len(seen) < 3:
                _results(answer).clear()
            return answer

        self.lose(case, lambda: None, lambda: self.intercepted("M070", forget))

    # A2: the environment, and who has an access

    @for_each(*LOSSES)
    def the_company_spends_a_moment_in_test(self, case):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("l10n_fr_urssaf_sap.url_production", self.urssaf_url)
        self.registrations.environment = "production"
        self.env.flush_all()
        self.go_to("production")
        self.restore = lambda: self.go_to("production")

        def change():
            self.go_to("test")
            with contextlib.suppress(UserError):
                self.move.button_draft()
                self.move.invoice_line_ids.quantity = 6
            self.assertEqual(self.move.state, "posted")

        self.lose(case, change)

    def go_to(self, environment):
        company = self.env.company.with_context(l10n_fr_sap_leave_production=True)
        company.l10n_fr_sap_environment = environment

    @for_each(*LOSSES)
    def a_branch_gets_an_access(self, case):
        branch = self._create_company(name="Agence", parent_id=self.env.company.id)
        self.env.user.company_ids |= branch
        journal = self.move.journal_id
        self.move = self.create_invoice(company_id=branch.id, journal_id=journal.id)
        access = {
            "l10n_fr_sap_client_id": "other",
            "l10n_fr_sap_client_secret": CLIENTS["other"],
        }
        self.restore = lambda: branch.write({"l10n_fr_sap_client_id": False})
        self.lose(case, lambda: branch.write(access))

    # A3: the number

    @for_each(*LOSSES)
    def the_invoice_is_to_get_another_number(self, case):
        def change():
            with contextlib.suppress(UserError), self.cr.savepoint():
                self.move.name = "OTHER/2026/1"

        self.lose(case, change)

    # A4: the customer

    @for_each(*LOSSES)
    def the_customer_gets_a_parent(self, case):
        """As it was possible before, and may be in the database."""
        parent = self.env["res.partner"].create({"name": "SARL", "is_company": True})

        def set_customer(partner):
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE account_move SET commercial_partner_id = %s WHERE id = %s",
                [partner.id, self.move.id],
            )
            self.env.invalidate_all()

        self.restore = lambda: set_customer(self.partner)
        self.lose(case, lambda: set_customer(parent))


def _results(answer):
    """What M070 has found."""
    return answer.body["infoDemandePaiements"] if answer.status == 200 else []


_DAYS = {
    "dateDebutEmploi": "l10n_fr_sap_date_from",
    "dateFinEmploi": "l10n_fr_sap_date_to",
}
