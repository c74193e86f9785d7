# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A client secret goes in and never comes out."""

import psycopg2
from sap_common import SapCase

from odoo.exceptions import AccessError
from odoo.sql_db import db_connect
from odoo.tests import Form, tagged

from odoo.addons.l10n_fr_urssaf_sap.protocol.access import connect
from odoo.addons.mail.tests.common import mail_new_test_user

CANARY = "canary-secret-7Q"
SECRET = "l10n_fr_sap_client_secret"
STORED = "l10n_fr_sap_stored_secret"


@tagged("post_install", "-at_install")
class TestSecret(SapCase):
    def setUp(self):
        super().setUp()
        self.administrator = self.create_administrator()
        self.company = self.env.company.with_user(self.administrator)
        self.company.write({SECRET: CANARY})

    def settings(self):
        return self.env["res.config.settings"].with_user(self.administrator)

    def stored(self):
        self.env.flush_all()
        self.env.cr.execute(
            f"SELECT {STORED} FROM res_company WHERE id = %s", [self.company.id]
        )
        return self.env.cr.fetchone()[0]

    def opened(self):
        """What the Urssaf would be told."""
        with connect(self.company.sudo()) as urssaf:
            return urssaf._credentials[1]

    def test_it_is_stored_and_never_read_back(self):
        self.assertEqual(self.opened(), CANARY)
        # At once, and in a request of its own.
        for _again in range(2):
            read = self.company.read()[0]
            self.assertNotIn(CANARY, str(read))
            self.assertEqual(
                (read[SECRET], read["l10n_fr_sap_has_secret"]), (False, True)
            )
            found = self.company.search_read([("id", "=", self.company.id)], [SECRET])
            self.assertEqual(found[0][SECRET], False)
            self.assertEqual(self.company.export_data([SECRET])["datas"], [[""]])
            copied = self.company.copy_data()[0]
            self.assertFalse({SECRET, STORED} & set(copied))
            self.env.invalidate_all()

    def test_the_stored_one_is_closed_even_to_administrators(self):
        self.assertNotIn(STORED, self.company.fields_get())
        self.assertNotIn(STORED, self.company.read()[0])
        for call in (
            lambda: self.company.read([STORED]),
            lambda: self.company.web_read({STORED: {}}),
            lambda: self.company.search_read([], [STORED]),
            lambda: self.company.export_data([STORED]),
            lambda: self.company.search([(STORED, "=like", "c%")]),
            lambda: self.company.search([], order=STORED),
            lambda: self.company.formatted_read_group([], [STORED], ["__count"]),
            lambda: self.company.write({STORED: "x"}),
            lambda: self.administrator.search(
                [(f"company_id.{STORED}", "=like", "c%")]
            ),
            lambda: (
                self.env["account.move"]
                .with_user(self.administrator)
                .search([(f"company_id.{STORED}", "=like", "c%")])
            ),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_the_public_one_is_no_oracle(self):
        for call in (
            lambda: self.company.search([(SECRET, "like", "canary")]),
            lambda: self.company.search([(SECRET, "=", CANARY)]),
            lambda: self.company.search([], order=SECRET),
            lambda: self.company.formatted_read_group([], [SECRET], ["__count"]),
            lambda: self.settings().search([(SECRET, "like", "canary")]),
            lambda: self.administrator.search([(f"company_id.{SECRET}", "like", "c")]),
        ):
            with self.assertRaises(ValueError):
                call()
        self.assertFalse(self.company.filtered_domain([(SECRET, "like", "canary")]))
        self.assertFalse(self.company.name_search(CANARY))

    def test_others_have_no_access_at_all(self):
        user = mail_new_test_user(
            self.env, "boss", groups="account.group_account_manager"
        )
        company = self.company.with_user(user)
        for name in (SECRET, STORED, "l10n_fr_sap_has_secret", "l10n_fr_sap_is_copy"):
            for call in (
                lambda name=name: company.read([name]),
                lambda name=name: company.search([(name, "=", "x")]),
            ):
                with self.assertRaises(AccessError):
                    call()
        with self.assertRaises(AccessError):
            company.write({SECRET: "x"})
        self.assertEqual(self.opened(), CANARY)

    def test_saving_a_form_keeps_it(self):
        saved = self.company.web_save(
            {SECRET: False, "l10n_fr_sap_nova_number": "SAP987654321"}, {SECRET: {}}
        )
        self.assertEqual(saved, [{"id": self.company.id, SECRET: False}])
        with Form(self.company) as form:
            self.assertFalse(form[SECRET])
            form.l10n_fr_sap_nova_number = "SAP123456782"
        self.assertEqual(self.opened(), CANARY)
        saved = self.company.web_save({SECRET: "new"}, {SECRET: {}})
        self.assertEqual(saved, [{"id": self.company.id, SECRET: False}])
        self.assertEqual(self.opened(), "new")

    def test_saving_the_settings_keeps_it(self):
        specification = {SECRET: {}, "l10n_fr_sap_has_secret": {}}
        shown = self.settings().onchange({}, [], specification)["value"]
        self.assertEqual(shown, {SECRET: False, "l10n_fr_sap_has_secret": True})
        with Form(self.settings()) as form:
            form.l10n_fr_sap_nova_number = "SAP987654321"
        form.record.execute()
        self.assertEqual(self.opened(), CANARY)
        company = {"company_id": self.company.id}
        saved = self.settings().web_save(company | {SECRET: "new"}, specification)[0]
        self.assertEqual(saved[SECRET], False)
        self.assertEqual(self.opened(), "new")

    def test_it_goes_with_the_client_id(self):
        self.company.l10n_fr_sap_client_id = "other"
        self.assertTrue(self.company.l10n_fr_sap_has_secret)
        self.env["res.config.settings"].create({"l10n_fr_sap_client_id": False})
        self.assertFalse(self.company.l10n_fr_sap_has_secret)
        self.assertIsNone(self.stored())

    def test_a_company_is_created_with_it(self):
        company = self.env["res.company"].create(
            {"name": "Autre", SECRET: CANARY, "l10n_fr_sap_client_id": "autre"}
        )
        self.assertFalse(company[SECRET])
        with connect(company) as urssaf:
            self.assertEqual(urssaf._credentials, ("autre", CANARY))

    def test_a_write_that_fails_does_not_log_it(self):
        taken = self._create_company(name="Autre").name
        with (
            self.assertLogs("odoo.sql_db", "ERROR") as logs,
            self.assertRaises(psycopg2.IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.company.write({SECRET: CANARY, "name": taken})
        self.assertIn("bad query", logs.output[0])
        self.assertNotIn(CANARY, "".join(logs.output))

    def test_a_busy_row_is_found_out_before(self):
        company = self.env.ref("base.main_company").with_user(self.administrator)
        with db_connect(self.env.cr.dbname).cursor() as cr:
            cr.execute(
                "SELECT FROM res_company WHERE id = %s FOR NO KEY UPDATE NOWAIT",
                company.ids,
            )
            with (
                self.assertLogs("odoo.sql_db", "ERROR") as logs,
                self.assertRaises(psycopg2.errors.LockNotAvailable),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute("SET LOCAL lock_timeout = '50ms'")
                company.write({SECRET: CANARY})
        self.assertIn("UPDATE", logs.output[0])
        self.assertNotIn(CANARY, "".join(logs.output))
