# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is stored of the client secret says nothing without the server's key, and what is
written into a template or a server action reaches neither."""

import importlib.util
import os
import shutil
import tempfile
import threading
from pathlib import Path

from sap_common import CLIENTS, SapCase

from odoo.exceptions import UserError
from odoo.modules.module import get_module_path
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.l10n_fr_urssaf_sap.protocol import access
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.access_token import TOKENS

SECRET, STORED = CLIENTS["test"], "l10n_fr_sap_stored_secret"
TEST = "action_l10n_fr_sap_test_connection"
OPTION, VARIABLE = "l10n_fr_urssaf_sap_key", "L10N_FR_URSSAF_SAP_KEY"


@tagged("post_install", "-at_install")
class TestSealedSecret(SapCase):
    def setUp(self):
        super().setUp()
        # A server of its own: a data folder, and no key from elsewhere.
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        self.folder = Path(folder)
        self.configuration = {"data_dir": folder}
        self.patch(access, "config", self.configuration)
        self.patch(os, "environ", {**os.environ})
        self.env.company.l10n_fr_sap_client_secret = SECRET

    def test_the_database_holds_nothing_that_can_be_read(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM res_company")
        self.assertNotIn(SECRET, str(self.env.cr.fetchall()))
        self.press(self.env.company, TEST)
        self.assertTrue(self.env.company.l10n_fr_sap_has_secret)
        # Nor is it the same twice: equal secrets are not told apart.
        stored = self.env.company.sudo()[STORED]
        self.env.company.l10n_fr_sap_client_secret = SECRET
        self.assertNotEqual(self.env.company.sudo()[STORED], stored)

    def test_the_key_is_for_the_servers_own_user(self):
        [file] = self.folder.iterdir()
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertGreaterEqual(len(file.read_text()), 44)

    def test_several_workers_make_one_key(self):
        [file] = self.folder.iterdir()
        file.unlink()
        keys, start = [], threading.Barrier(8)

        def work():
            start.wait()
            keys.append(access._key())

        threads = [threading.Thread(target=work) for _number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((len(keys), len(set(keys))), (8, 1))
        self.assertEqual(len(list(self.folder.iterdir())), 1)

    def test_another_server_asks_to_type_it_again(self):
        [file] = self.folder.iterdir()
        file.unlink()
        self.env.invalidate_all()
        self.assertFalse(self.env.company.l10n_fr_sap_has_secret)
        message = self.refuse(self.env.company, TEST)
        self.assertIn("type it again", message)
        self.assertEqual(self.calls("M070"), [])
        self.env.company.l10n_fr_sap_client_secret = SECRET
        self.press(self.env.company, TEST)

    def test_the_servers_configuration_may_name_the_key(self):
        [file] = self.folder.iterdir()
        file.unlink()
        self.configuration[OPTION] = "the key of both servers"
        self.env.company.l10n_fr_sap_client_secret = SECRET
        self.press(self.env.company, TEST)
        # The same key from elsewhere opens it, another one does not.
        os.environ[VARIABLE] = self.configuration.pop(OPTION)
        self.press(self.env.company, TEST)
        os.environ[VARIABLE] = "another key"
        self.assertIn("type it again", self.refuse(self.env.company, TEST))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_an_upgrade_seals_what_was_stored_as_typed(self):
        self.env.company.sudo()[STORED] = SECRET
        self.env.flush_all()
        path = get_module_path("l10n_fr_urssaf_sap")
        file = f"{path}/migrations/19.0.1.3.0/post-migration.py"
        spec = importlib.util.spec_from_file_location("post_migration", file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module._seal_secrets(self.env.cr)
        self.env.invalidate_all()
        self.assertNotIn(SECRET, self.env.company.sudo()[STORED])
        self.press(self.env.company, TEST)

    def test_the_process_keeps_tokens_under_no_secret(self):
        self.press(self.env.company, TEST)
        self.assertNotIn(SECRET, str(TOKENS._tokens))

    # Expressions, as templates and server actions take them

    def assert_not_shown(self, text):
        self.assertNotIn(SECRET, str(text))

    def test_a_server_action_reaches_no_secret(self):
        for code in (
            f"company.sudo().{STORED}",
            f"company.sudo().read(['{STORED}'])",
            "company._l10n_fr_sap_open()",
            "[urssaf for urssaf in company._l10n_fr_sap_open().gen]",
            "[urssaf._credentials for urssaf in company._l10n_fr_sap_urssaf().gen]",
            "company._l10n_fr_sap_credentials()",
            "company.sudo().copy_data()",
        ):
            with self.subTest(code):
                action = self.env["ir.actions.server"].create(
                    {
                        "name": "Print it",
                        "model_id": self.env["ir.model"]._get_id("res.company"),
                        "state": "code",
                        "code": f"company = env.company\n"
                        f"raise UserError('told: ' + str({code}))",
                    }
                )
                with self.assertRaises(Exception) as caught:
                    action.run()
                self.assert_not_shown(caught.exception)

    def test_a_template_reaches_no_secret(self):
        for code in (
            f"object.company_id.sudo().{STORED}",
            "[u._credentials for u in object.company_id._l10n_fr_sap_open().gen]",
        ):
            with self.subTest(code):
                move = self.create_invoice(post=False)
                values = {
                    "name": "Print it",
                    "model_id": self.env["ir.model"]._get_id("account.move"),
                    "body_html": f"<p t-out=\"'told: %s' % {code}\"/>",
                }
                try:
                    template = self.env["mail.template"].create(values)
                    told = template._generate_template(move.ids, ("body_html",))
                except UserError as error:  # it tries a new template at once
                    told = error
                self.assert_not_shown(told)

    def test_no_method_of_a_record_gives_the_connection(self):
        company = self.env.company.sudo()
        names = [name for name in dir(type(company)) if "l10n_fr_sap" in name]
        self.assertTrue(names)
        for name in names:
            if "test_connection" in name or not callable(getattr(type(company), name)):
                continue
            try:
                given = safe_eval(f"company.{name}()", {"company": company})
            except Exception as error:  # noqa: BLE001 (it wants arguments)
                given = error
            self.assert_not_shown(given)
            self.assertFalse(hasattr(given, "gen"), name)
            self.assertFalse(hasattr(given, "_credentials"), name)
