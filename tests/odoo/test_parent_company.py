# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A private customer gets a parent, and Odoo gives their invoices to it: those that the
Urssaf knows stay theirs."""

from ast import literal_eval

from sap_common import CUSTOMER, SapCase

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
KNOWN = "is known to the Urssaf as a private person"


@tagged("post_install", "-at_install")
class TestParentCompany(SapCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_contact = cls.env["res.partner"].create(
            {"name": "Boulangerie", "is_company": True}
        )

    def setUp(self):
        super().setUp()
        self.activate()

    def refuse_to_move(self, work):
        with self.assertRaisesRegex(UserError, KNOWN) as caught, self.cr.savepoint():
            work()
        message = str(caught.exception)
        self.assertIn(f"no. {self.partner.id} ", message)
        for word in CUSTOMER.split():
            self.assertNotIn(word, message)

    def move(self, parent=None):
        """As it could be done before this was refused."""
        self.partner.l10n_fr_sap_particulier = False
        self.partner.parent_id = parent or self.company_contact
        self.partner.l10n_fr_sap_particulier = True
        self.env.flush_all()
        self.env.invalidate_all()

    def send(self):
        move = self.create_invoice()
        self.press(move, SEND)
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        return move

    def refused(self):
        """An invoice that its customer has refused."""
        move = self.send()
        self.control(
            f"demandes/{move.l10n_fr_sap_request_id.urssaf_id}", {"statut": "40"}
        )
        self.press(move, REFRESH)
        self.assertEqual(move.l10n_fr_sap_status, "refused")
        return move

    def assert_theirs(self, moves, partner=None):
        partner = partner or self.partner
        self.env.invalidate_all()
        self.assertEqual(moves.l10n_fr_sap_particulier_id, partner)
        self.assertEqual(set(moves.mapped("l10n_fr_sap_particulier")), {True})
        action = self.env["ir.actions.actions"]._for_xml_id(
            "l10n_fr_urssaf_sap.action_invoices"
        )
        listed = self.env["account.move"].search(literal_eval(action["domain"]))
        self.assertLessEqual(moves, listed)

    def obstacle(self, move):
        return move.sudo()._l10n_fr_sap_obstacle_text()

    # Told before

    def test_no_road_makes_a_known_person_part_of_a_company(self):
        company, person = self.company_contact, self.partner
        for work in (
            lambda: person.write({"parent_id": company.id}),
            lambda: person.write(
                {"l10n_fr_sap_particulier": False, "parent_id": company.id}
            ),
            lambda: (person | self.partner_a).write({"parent_id": company.id}),
            lambda: company.write({"child_ids": [Command.link(person.id)]}),
            lambda: person.write({"is_company": True}),
            lambda: person.write({"company_type": "company"}),
            lambda: person.create(
                {"name": "SARL", "child_ids": [Command.link(person.id)]}
            ),
        ):
            self.refuse_to_move(work)
        person.company_name = "SARL"
        self.refuse_to_move(person.create_company)
        self.assertFalse(person.parent_id or person.is_company)

    def test_an_import_says_so(self):
        [xml_id] = self.partner.export_data([".id", "id"])["datas"]
        result = self.env["res.partner"].load(
            ["id", "parent_id/.id"], [[xml_id[1], str(self.company_contact.id)]]
        )
        self.assertFalse(result["ids"])
        self.assertIn(KNOWN, result["messages"][0]["message"])

    def test_a_household_would_take_the_invoices_along_as_well(self):
        head = self.create_particulier("Paul Moreau")
        self.refuse_to_move(lambda: self.partner.write({"parent_id": head.id}))

    def test_no_merge_makes_a_known_person_part_of_a_company(self):
        wizard = self.env["base.partner.merge.automatic.wizard"]
        company, person = self.company_contact, self.partner
        employee = person.create({"name": CUSTOMER, "parent_id": company.id})
        for other in (company, employee):
            for kept in (other, person):
                both = (person | other).ids
                self.refuse_to_move(
                    lambda both=both, kept=kept: wizard._merge(both, kept)
                )

    def test_who_has_payment_requests_alone_is_known(self):
        self.send()
        self.partner.sudo().l10n_fr_sap_registration_ids.unlink()
        self.refuse_to_move(
            lambda: self.partner.write({"parent_id": self.company_contact.id})
        )

    def test_others_get_a_parent(self):
        nobody = self.create_particulier("Paul Moreau", phone="06 39 98 00 12")
        for partner in (nobody, self.partner_a):
            partner.parent_id = self.company_contact
            self.assertEqual(partner.commercial_partner_id, self.company_contact)
        # Nothing changes.
        self.partner.write({"parent_id": False, "is_company": False})
        with Form(self.partner) as form:
            form.comment = "Clé chez la voisine"

    # It has happened already

    def test_what_was_sent_stays_theirs(self):
        sent, refused = self.send(), self.refused()
        self.move()
        for _moved_and_back in range(2):
            self.assert_theirs(sent | refused)
            self.partner.parent_id = False
        self.press(sent, REFRESH)

    def test_a_refused_invoice_is_sent_again_for_the_same_person(self):
        for undo in (False, True):
            refused = self.refused()
            self.move()
            if undo:
                self.partner.parent_id = False
            self.assert_theirs(refused)
            self.assertTrue(refused.l10n_fr_sap_can_send_again)
            self.assertTrue(refused.l10n_fr_sap_ready)
            self.assertFalse(self.obstacle(refused))
            self.press(refused, SEND)
            request = refused.l10n_fr_sap_request_id
            self.assertEqual(request.number, f"{refused.name}-2")
            self.assertEqual(request.partner_id, self.partner)
            [item] = self.calls("M050")[-1]
            self.assertEqual(item["idClient"], self.partner.l10n_fr_sap_urssaf_id)
            self.partner.parent_id = False

    def test_the_head_of_a_household_gets_no_invoice_of_theirs(self):
        refused = self.refused()
        head = self.create_particulier("Paul Moreau", phone="06 39 98 00 12")
        self.activate(head)
        self.move(head)
        self.assert_theirs(refused)
        self.press(refused, SEND)
        [item] = self.calls("M050")[-1]
        self.assertEqual(item["idClient"], self.partner.l10n_fr_sap_urssaf_id)

    def test_a_new_invoice_is_the_companys(self):
        self.refused()
        self.move()
        move = self.create_invoice()
        self.assertEqual(move.l10n_fr_sap_particulier_id, self.company_contact)
        self.assertIn("not marked as a private customer", self.obstacle(move))

    def test_an_invoice_given_to_another_customer_is_theirs(self):
        refused = self.refused()
        other = self.create_particulier("Paul Moreau", phone="06 39 98 00 12")
        self.activate(other)
        refused.button_draft()
        refused.partner_id = other
        refused.action_post()
        self.assert_theirs(refused, other)
        self.press(refused, SEND)
        self.assertEqual(refused.l10n_fr_sap_request_id.partner_id, other)
        [item] = self.calls("M050")[-1]
        self.assertEqual(item["idClient"], other.l10n_fr_sap_urssaf_id)

    def test_an_unsent_invoice_comes_back_with_its_customer(self):
        partner = self.create_particulier("Paul Moreau", phone="06 39 98 00 12")
        move = self.create_invoice(partner=partner)
        partner.parent_id = self.company_contact
        self.env.invalidate_all()
        self.assertFalse(move.l10n_fr_sap_particulier)
        partner.parent_id = False
        self.assert_theirs(move, partner)
        term = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(term.partner_id, partner)

    def test_a_list_costs_no_more_with_every_request_there_ever_was(self):
        refused = self.refused()
        self.move()
        known = refused.sudo().l10n_fr_sap_request_id
        self.env.flush_all()
        rows = []
        for many in (0, 5000):
            self.env.cr.execute(
                """
                WITH partner AS (
                    INSERT INTO res_partner
                        (name, active, autopost_bills, l10n_fr_sap_birth_date)
                    SELECT 'x', true, 'ask', '1950-01-01' FROM generate_series(1, %s)
                    RETURNING id
                )
                INSERT INTO l10n_fr_sap_payment_request
                    (move_id, partner_id, company_id, environment, state, number,
                     superseded)
                SELECT %s, partner.id, %s, 'test', 'paid', 'N/' || partner.id, true
                FROM partner
                """,
                [many, refused.id, known.company_id.id],
            )
            self.env.cr.execute(
                "UPDATE res_partner SET commercial_partner_id = id WHERE name = 'x'"
            )
            # It waits for autovacuum, longer than Odoo lets a test wait.
            self.env.cr.execute("SET LOCAL lock_timeout = 0")
            self.env.cr.execute("ANALYZE res_partner, l10n_fr_sap_payment_request")
            rows.append(self.rows_read())
        few, many = rows
        self.assertLess(many, few + 100)
        self.assert_theirs(refused)

    def rows_read(self):
        """How many rows of partners and requests a search looks at."""
        self.env.invalidate_all()
        before = self.rows_read_so_far()
        self.env["account.move"].search(
            [("l10n_fr_sap_particulier_id", "=", self.partner.id)]
        )
        return self.rows_read_so_far() - before

    def rows_read_so_far(self):
        self.env.cr.execute(
            "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables"
            " WHERE relname IN ('res_partner', 'l10n_fr_sap_payment_request')"
        )
        return self.env.cr.fetchone()[0]

    def test_a_list_goes_by_whom_it_was_sent_for(self):
        refused, live = self.refused(), self.send()
        self.move()
        action = self.partner.action_l10n_fr_sap_payment_requests()
        found = self.env["account.move"].search(action["domain"])
        self.assertEqual(found, refused | live)
        self.assertEqual(
            self.env["account.move"].search(
                [("l10n_fr_sap_particulier_id", "=", self.company_contact.id)]
            ),
            self.env["account.move"],
        )
        self.assertNotIn(
            refused,
            self.env["account.move"].search([("l10n_fr_sap_particulier", "=", False)]),
        )
        self.assertIn(
            refused, self.env["account.move"].search([("l10n_fr_sap_ready", "=", True)])
        )
