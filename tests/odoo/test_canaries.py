# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
import logging

from sap_common import SapCase

from odoo.tests import tagged

from odoo.addons.l10n_fr_urssaf_sap.protocol.access import connect
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.access_token import TOKENS

from tools import canaries

_logger = logging.getLogger("odoo.canaries")


@tagged("post_install", "-at_install")
class TestCanaries(SapCase):
    def test_canaries_are_at_work_before_they_are_looked_for_in_the_logs(self):
        """tools/run_tests.py searches the logs of the whole run at its end."""
        self.activate()
        [body] = self.calls("M010")
        with connect(self.env.company) as urssaf:
            _client_id, secret = urssaf._credentials
            token = TOKENS.get(urssaf._token_key, lambda: self.fail("no token"))
        used = {
            "names": f"{body['prenoms']} {body['nomNaissance']}",
            "birth date": body["dateNaissance"],
            "IBAN": json.dumps(body["coordonneeBancaire"]),
            "client secret": secret,
            "token": token,
        }
        self.assertLess(set(used), set(canaries.KINDS), "the others go over HTTP")
        for kind, value in used.items():
            self.assertRegex(value, canaries.KINDS[kind])
            _logger.info(canaries.in_use(kind))
