# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Calls whose answer is lost, and what may change before anybody knows the rest."""

from sap_common import CLIENTS, SapCase

from odoo import Command
from odoo.exceptions import UserError

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
LEAVE = "l10n_fr_sap_leave_production"


class MeanwhileCase(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()
        self.move = self.create_invoice()

    def lose_answer(self, move=None):
        """The Urssaf takes the invoice, and its answer is lost."""
        move = move or self.move
        with self.lost_answers("M050"):
            self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "sending")

    def forget_at_urssaf(self):
        """It is lost on the way: the Urssaf knows the customer only."""
        self.control("reset")
        self.partner.sudo().l10n_fr_sap_registration_ids.unlink()
        self.activate()

    def settle(self):
        self.set_lease(0)
        self.run_cron("ir_cron_send")

    def told_otherwise(self, **values):
        """M070 tells this of the requests, other than they were sent."""

        def change(answer):
            for info in answer.body["infoDemandePaiements"]:
                info["demandePaiement"] |= values
            return answer

        return self.intercepted("M070", change)

    def lagging(self):
        """M070 knows nothing yet."""

        def forget(answer):
            answer.body["infoDemandePaiements"].clear()
            return answer

        return self.intercepted("M070", forget)

    def lose_and_wait(self):
        """An answer is lost, the Urssaf does not tell of it yet and takes nothing now."""
        self.lose_answer()
        self.app.extensions["faults"].arm("M050", "429", times=99)
        self.addCleanup(self.app.extensions["faults"].clear)
        with self.lagging():
            self.settle()
        self.assertEqual(self.move.l10n_fr_sap_status, "to_send")
        return self.move.l10n_fr_sap_request_id

    def check_held(self, move, why="was sent to the Urssaf"):
        """None of the ways to take an invoice back works."""
        for button in ("button_draft", "button_cancel"):
            with self.assertRaisesRegex(UserError, why), self.cr.savepoint():
                getattr(move, button)()
        with self.assertRaisesRegex(UserError, why), self.cr.savepoint():
            move.name = "OTHER/1"
        self.assertTrue(move.l10n_fr_sap_live)

    def check_one_request(self, move):
        self.assertEqual(list(self.urssaf_requests()), [move.name])
        urssaf_id = self.urssaf_requests()[move.name]["idDemandePaiement"]
        live = move.sudo()._l10n_fr_sap_live_request()
        self.assertEqual(live.urssaf_id, urssaf_id)

    def to_check(self, move):
        warning = self.env.ref("mail.mail_activity_data_warning")
        return move.activity_ids.filtered(lambda each: each.activity_type_id == warning)

    # Companies and their accesses

    def give_access(self, company, client):
        company.with_context(**{LEAVE: True}).write(
            {
                "l10n_fr_sap_client_id": client,
                "l10n_fr_sap_client_secret": CLIENTS[client],
            }
        )

    def to(self, environment):
        company = self.env.company.with_context(**{LEAVE: True})
        company.l10n_fr_sap_environment = environment

    def go_into_production(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("l10n_fr_urssaf_sap.url_production", self.urssaf_url)
        self.to("production")
        self.activate()

    def branch_invoice(self):
        """An invoice of a branch, which uses its parent's access."""
        branch = self._create_company(name="Agence", parent_id=self.env.company.id)
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "parent_of", branch.id)], limit=1
        )
        self.env.user.company_ids |= branch
        return self.create_invoice(company_id=branch.id, journal_id=journal.id)

    def create_sister(self, client):
        """Another company, with this access and the same customer."""
        sister = self._create_company(
            name="Autre SARL", country_id=self.env.ref("base.fr").id
        )
        self.give_access(sister, client)
        sister.l10n_fr_sap_nova_number = "SAP123456782"
        registration = self.partner.sudo().l10n_fr_sap_registration_ids
        copied = registration.copy(
            {"company_id": sister.id, "urssaf_id": registration.urssaf_id}
        )
        copied.state = registration.state
        return sister

    def invoice_of(self, company):
        company_data = self.collect_company_accounting_data(company)
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": company.id,
                    "journal_id": company_data["default_journal_sale"].id,
                    "partner_id": self.partner.id,
                    "invoice_date": self.month_end,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "quantity": 3,
                                "price_unit": 30,
                                "tax_ids": [
                                    Command.set(company_data["default_tax_sale"].ids)
                                ],
                            }
                        )
                    ],
                }
            )
        )
        move.action_post()
        return move
