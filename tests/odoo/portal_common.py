# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The whole of Odoo's web server, as a customer meets it."""

import contextlib

from werkzeug.test import Client

from odoo.http import get_default_session, root
from odoo.service.security import compute_session_token


class Portal:
    """For a test class of Odoo's."""

    @classmethod
    def offer_payment(cls):
        """The customer, who reads English, may pay in the portal, or to ``cls.bank``."""
        cls.env["ir.config_parameter"].set_param(
            "account_payment.enable_portal_payment", "True"
        )
        cls.bank = cls.create_bank(
            cls.env.company.partner_id, "FR14 2004 1010 0505 0001 3M02 606"
        )
        cls.bank.allow_out_payment = True
        cls.env["res.lang"]._activate_lang("en_US")
        cls.partner.lang = "en_US"

    @contextlib.contextmanager
    def client(self, user=None):
        """A browser, of ``user`` or of somebody who has not logged in."""
        self.http_request_allow_all = True
        session = root.session_store.new()
        session.update(get_default_session(), db=self.env.cr.dbname)
        with self.enter_registry_test_mode():
            if user:
                session.uid, session.login = user.id, user.login
                session.session_token = compute_session_token(session, user.env)
            root.session_store.save(session)
            self.addCleanup(root.session_store.delete, session)
            client = Client(root)
            client.set_cookie("session_id", session.sid)
            yield client

    def browse(self, path, user=None):
        """The page as the customer gets it."""
        with self.client(user) as client:
            answer = client.get(path, follow_redirects=True)
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.text

    def call_json(self, path, user=None, **parameters):
        """What a page of Odoo's asks in the background: the result, or the error."""
        with self.client(user) as client:
            answer = client.post(path, json={"jsonrpc": "2.0", "params": parameters})
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json.get("result"), answer.json.get("error")
