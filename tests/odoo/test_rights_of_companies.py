# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What one company's users see of another's customers, branches included."""

from sap_common import SapCase

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from tools import canaries

REGISTER = "action_l10n_fr_sap_register"
REGISTRATION = "l10n_fr_sap.registration"
INVOICING = "account.group_account_invoice,base.group_partner_manager"


class CompaniesCase(SapCase):
    def invoicing_user(self, company, groups=INVOICING):
        return mail_new_test_user(
            self.env,
            f"user{self.env['res.users'].search_count([])}",
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def register(self, partner, company, urssaf_id):
        """A registration, as it stands after a while."""
        return (
            self.env[REGISTRATION]
            .sudo()
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "environment": "test",
                    "state": "active",
                    "urssaf_id": urssaf_id,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestSiblings(CompaniesCase):
    """A parent with credentials, a branch with credentials, two that use the parent's."""

    def setUp(self):
        super().setUp()
        self.parent = self.env.company
        self.own, self.first, self.second = self.env["res.company"].create(
            [
                {"name": name, "parent_id": self.parent.id}
                for name in ("Own", "First", "Second")
            ]
        )
        self.own.write(
            {"l10n_fr_sap_client_id": "other", "l10n_fr_sap_client_secret": "x"}
        )
        shared = self.partner
        of_first, of_second = (
            self.env["res.partner"].create(
                {
                    "name": f"Client {company.name}",
                    "company_id": company.id,
                    "l10n_fr_sap_particulier": True,
                }
            )
            for company in (self.first, self.second)
        )
        self.shared = self.register(shared, self.parent, "shared")
        self.of_first = self.register(of_first, self.parent, "first")
        self.of_second = self.register(of_second, self.parent, "second")
        self.of_own = self.register(shared, self.own, "own")

    def seen(self, company):
        user = self.invoicing_user(company)
        return self.env[REGISTRATION].with_user(user).search([])

    def test_a_branch_sees_the_parents_registrations_that_count_for_it(self):
        self.assertEqual(self.seen(self.first), self.shared | self.of_first)

    def test_a_branch_sees_nothing_of_a_sibling(self):
        user = self.invoicing_user(self.first)
        for registration in (self.of_second, self.of_own):
            with self.assertRaises(AccessError):
                registration.with_user(user).read(["urssaf_id", "partner_id"])

    def test_a_branch_with_its_own_access_sees_its_own(self):
        self.assertEqual(self.seen(self.own), self.of_own)

    def test_the_parent_sees_what_is_its_own(self):
        self.assertEqual(self.seen(self.parent), self.shared)

    def test_it_follows_at_once_when_a_branch_gets_its_access(self):
        user = self.invoicing_user(self.first)
        registrations = self.env[REGISTRATION].with_user(user)
        self.assertTrue(registrations.search([]))
        self.first.l10n_fr_sap_client_id = "third"
        self.assertFalse(registrations.search([]))

    def test_exchanges_follow_the_same_rule(self):
        exchanges = self.env["l10n_fr_sap.exchange"].sudo()
        values = {
            "environment": "test",
            "operation": "M010",
            "started_at": "2026-01-01 00:00:00",
        }
        of_parent, of_own = exchanges.create(
            [values | {"company_id": each.id} for each in (self.parent, self.own)]
        )
        for company, seen in (
            (self.first, of_parent),
            (self.own, of_own),
            (self.parent, of_parent),
        ):
            user = self.invoicing_user(company, "base.group_system")
            found = exchanges.with_user(user).sudo(False).search([])
            self.assertEqual(found & (of_parent | of_own), seen, company.name)


@tagged("post_install", "-at_install")
class TestOtherCompanies(CompaniesCase):
    def setUp(self):
        super().setUp()
        self.other = self._create_company(name="Jardins")
        self.other.write(
            {"l10n_fr_sap_client_id": "other", "l10n_fr_sap_client_secret": "x"}
        )

    def test_the_register_button_does_not_name_another_companys_customer(self):
        theirs = self.create_particulier("Bertilde Voisinovel")
        theirs.company_id = self.other
        self.register(theirs, self.other, "theirs")
        mine = self.create_particulier("Paul Moreau", email=theirs.email)
        user = self.invoicing_user(self.env.company)
        for env in (self.env(user=user, su=True), self.env(user=user, su=False)):
            [obstacle] = mine.with_env(env)._l10n_fr_sap_obstacles()
            self.assertIn("another company", obstacle.text)
            self.assertNotIn("Voisinovel", obstacle.text)
        # Whoever may read both gets the name, to see what is wrong.
        user.company_ids = [Command.link(self.other.id)]
        env = self.env(
            user=user,
            su=True,
            context={"allowed_company_ids": (self.env.company | self.other).ids},
        )
        [obstacle] = mine.with_env(env)._l10n_fr_sap_obstacles()
        self.assertIn("Voisinovel", obstacle.text)

    def test_windows_hold_what_the_server_has_put_there(self):
        self.activate()
        move = self.create_invoice()
        self.press(move, "action_l10n_fr_sap_send")
        request = move.l10n_fr_sap_request_id
        user = self.invoicing_user(self.other)
        env = self.env(user=user, su=False, context={})
        reconciliation = env["l10n_fr_sap.reconciliation"].create({})
        line = {
            "kind": "state",
            "request_id": request.id,
            "partner_id": move.partner_id.id,
        }
        summary_line = {"record_ref": f"account.move,{move.id}"}
        for call in (
            lambda: reconciliation.write({"line_ids": [Command.create(line)]}),
            lambda: env["l10n_fr_sap.reconciliation"].create(
                {"line_ids": [Command.create(line)]}
            ),
            lambda: env["l10n_fr_sap.reconciliation.line"].create(
                line | {"reconciliation_id": reconciliation.id}
            ),
            lambda: env["l10n_fr_sap.summary"].create(
                {"line_ids": [Command.create(summary_line)]}
            ),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_the_current_request_is_the_addons_to_choose(self):
        self.activate()
        sent, other = self.create_invoice(), self.create_invoice()
        self.press(sent, "action_l10n_fr_sap_send")
        request = sent.l10n_fr_sap_request_id
        user = self.invoicing_user(self.env.company, "account.group_account_manager")
        moves = self.env["account.move"].with_user(user)
        values = {"move_type": "out_invoice", "partner_id": self.partner.id}
        name = "l10n_fr_sap_request_id"
        for call in (
            lambda: other.with_user(user).write({name: request.id}),
            lambda: sent.with_user(user).write({name: False}),
            lambda: moves.create(values | {name: request.id}),
            lambda: moves.with_context(**{f"default_{name}": request.id}).create(
                values
            ),
        ):
            with self.assertRaisesRegex(AccessError, "cannot be written"):
                call()
        loaded = moves.load(["id", f"{name}/.id"], [[str(other.id), str(request.id)]])
        self.assertFalse(loaded["ids"])
        self.assertFalse(other[name])
        self.assertFalse(sent.with_user(user).copy()[name])

    def test_links_show_no_account_to_whom_a_rule_hides_it(self):
        bank = self.partner.bank_ids
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner.id,
                "partner_bank_id": bank.id,
            }
        )
        auditor = self.invoicing_user(
            self.env.company, "base.group_user,account.group_account_readonly"
        )
        seen = refund.with_user(auditor)
        for told in (
            seen.read(["partner_bank_id"]),
            seen.web_read({"partner_bank_id": {"fields": {"display_name": {}}}}),
            seen.formatted_read_group(
                [("id", "=", refund.id)], ["partner_bank_id"], ["__count"]
            ),
        ):
            self.assertNotIn(canaries.IBAN, str(told).replace(" ", ""))
        user = self.invoicing_user(self.env.company)
        told = refund.with_user(user).read(["partner_bank_id"])
        self.assertIn(canaries.IBAN, str(told).replace(" ", ""))
