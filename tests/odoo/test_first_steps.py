# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How do I start? Each step says whether it is done from what there is."""

from sap_common import CLIENTS, SapCase

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

STEPS = ["authorization", "credentials", "test_book", "production", "customer"]


@tagged("post_install", "-at_install")
class TestFirstSteps(SapCase):
    def setUp(self):
        super().setUp()
        self.administrator = self.create_administrator()
        self.company = self.env.company

    def steps(self):
        return self.env["l10n_fr_sap.first.step"].with_user(self.administrator)

    def done(self, company=None):
        # Another request would not know what the last one found.
        self.env.invalidate_all()
        steps = self.steps().with_company(company or self.company).search([])
        self.assertEqual(steps.mapped("code"), STEPS)
        return steps.filtered("is_done").mapped("code")

    def test_from_nothing_to_the_first_customer(self):
        nova = self.company.l10n_fr_sap_nova_number
        self.company.write(
            {"l10n_fr_sap_client_id": False, "l10n_fr_sap_nova_number": False}
        )
        self.assertEqual(self.done(), [])
        self.company.l10n_fr_sap_nova_number = nova
        # The number alone is not the Urssaf's word.
        self.assertEqual(self.done(), [])
        self.company.l10n_fr_sap_client_id = "test"
        self.assertEqual(self.done(), STEPS[:1])
        self.company.l10n_fr_sap_client_secret = CLIENTS["test"]
        self.assertEqual(self.done(), STEPS[:2])
        self.company.l10n_fr_sap_test_book_on = fields.Date.today()
        self.assertEqual(self.done(), STEPS[:3])
        self.activate()
        self.assertEqual(self.done(), [*STEPS[:3], "customer"])
        # Customers in test are no customers in production.
        self.company.l10n_fr_sap_environment = "production"
        self.assertEqual(self.done(), STEPS[:4])
        self.env["l10n_fr_sap.registration"].sudo().create(
            {
                "partner_id": self.partner.id,
                "company_id": self.company.id,
                "environment": "production",
                "state": "active",
            }
        )
        self.assertEqual(self.done(), STEPS)

    def test_a_copied_database_is_not_in_production(self):
        self.company.l10n_fr_sap_environment = "production"
        self.company.sudo().l10n_fr_sap_production_database = "another"
        self.assertNotIn("production", self.done())

    def test_a_branch_goes_by_its_parent(self):
        branch = self.env["res.company"].create(
            {"name": "Antenne", "parent_id": self.company.id}
        )
        self.administrator.company_ids |= branch
        self.assertEqual(self.done(branch), self.done())
        self.assertTrue(self.done(branch))

    def test_each_opens_the_place_where_it_is_done(self):
        models = {
            step.code: step.action_open()["res_model"]
            for step in self.steps().search([])
        }
        self.assertEqual(
            models,
            dict.fromkeys(STEPS, "res.config.settings")
            | {"test_book": "l10n_fr_sap.test.book", "customer": "res.partner"},
        )

    def test_it_is_for_administrators(self):
        step = self.steps().search([], limit=1)
        clerk = self.administrator.copy(
            {
                "login": "clerk",
                "group_ids": [
                    (6, 0, self.env.ref("account.group_account_invoice").ids)
                ],
            }
        )
        for attempt in ("action_open", "read"):
            with self.assertRaises(AccessError):
                getattr(step.with_user(clerk), attempt)()

    def test_the_settings_show_them(self):
        settings = self.env["res.config.settings"].with_user(self.administrator)
        with Form(settings) as form:
            self.assertEqual(
                form.l10n_fr_sap_first_step_ids.ids, self.steps().search([]).ids
            )

    def test_links_lead_to_the_state_alone(self):
        described = " ".join(self.steps().search([]).mapped("description"))
        links = [part.split('"')[0] for part in described.split('href="')[1:]]
        self.assertEqual(len(links), 3)
        for link in links:
            host = link.split("/")[2]
            self.assertTrue(host.endswith((".urssaf.fr", ".gouv.fr")), host)
