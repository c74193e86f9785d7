# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The state machines of payment requests and registrations have a home each."""

import itertools
import re
from pathlib import Path

from sap_common import SapCase

from odoo import fields
from odoo.tests import tagged

from odoo.addons import l10n_fr_urssaf_sap
from odoo.addons.l10n_fr_urssaf_sap.invoicing import states
from odoo.addons.l10n_fr_urssaf_sap.models import registration
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.answers import Outcome, RequestInfo
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.codes import STATUSES

ADDON = Path(l10n_fr_urssaf_sap.__file__).parent
# Values or an attribute that set a state.
_SETS_STATE = re.compile(r"""(["']state["']\s*:\s*(?!\{)|\.state\s*=\s*(?!=))""")
_COMMITS = re.compile(r"\.commit\(\)")


def sources(folder="."):
    for path in sorted((ADDON / folder).rglob("*.py")):
        if "tests" not in path.relative_to(ADDON).parts:
            yield str(path.relative_to(ADDON)), path.read_text()


@tagged("post_install", "-at_install")
class TestStates(SapCase):
    def test_one_file_writes_the_state_of_each(self):
        writers = {name for name, text in sources() if _SETS_STATE.search(text)}
        self.assertEqual(
            writers, {"models/payment_request.py", "models/registration.py"}
        )

    def test_only_the_protocol_commits(self):
        committing = {name for name, text in sources() if _COMMITS.search(text)}
        self.assertTrue(committing)
        self.assertEqual({name.split("/")[0] for name in committing}, {"protocol"})

    def test_every_state_is_in_the_tables(self):
        for module, model in (
            (states, "l10n_fr_sap.payment.request"),
            (registration, "l10n_fr_sap.registration"),
        ):
            known = dict(self.env[model]._fields["state"].selection)
            self.assertEqual(module.TRANSITIONS.keys(), known.keys())
            for followers in module.TRANSITIONS.values():
                self.assertLessEqual(set(followers), known.keys())
            self.assertEqual(self.env[model]._levels.keys(), known.keys())

    def test_what_is_at_the_urssaf_never_becomes_ours_again(self):
        own = {"to_send", "sending", "error"}
        for state in states.HELD:
            self.assertFalse(own & set(states.TRANSITIONS[state]))
        self.assertEqual({*states.HELD, *own}, states.TRANSITIONS.keys())

    def make_request(self, state):
        request = (
            self.env["l10n_fr_sap.payment.request"]
            .sudo()
            .create(
                {
                    "move_id": self.move.id,
                    "company_id": self.env.company.id,
                    "environment": "test",
                    "partner_id": self.partner.id,
                    "number": f"N-{next(self.numbers)}",
                    "superseded": True,
                    "urssaf_id": f"D-{state}",
                }
            )
        )
        request.state = state
        return request

    def test_each_transition_of_a_payment_request_goes_where_the_table_says(self):
        self.move, self.numbers = self.create_invoice(), itertools.count()
        info = {"number": "N", "particulier_id": "", "gross": None, "label": ""}
        info |= {"date_from": None, "date_to": None, "id": "D"}
        codes = {status.key: status.code for status in STATUSES} | {"unknown": "999"}
        moves = {
            "to_send": [
                lambda request: request._set_to_send(),
                lambda request: request._set_queued({}),
                lambda request: request._set_lost(),
            ],
            "sending": [
                lambda request: request._set_sending(
                    fields.Datetime.now(),
                    {request.id: self.move._l10n_fr_sap_payment_request()},
                )
            ],
            "integrated": [lambda request: request._set_integrated(Outcome("N", "D"))],
            "error": [
                lambda request: request._set_error("wrong"),
                lambda request: request._set_refused([]),
                lambda request: request._set_error_again(request.browse()),
                lambda request: request._set_held_already(),
            ],
        }
        for key, code in codes.items():
            told = RequestInfo(code=code, **info)
            moves.setdefault(key, []).append(
                lambda request, told=told: request._set_from_urssaf({request: told})
            )
        tried = 0
        for before, table in states.TRANSITIONS.items():
            for after, several in moves.items():
                for transition in several:
                    request, tried = self.make_request(before), tried + 1
                    if after in table:
                        transition(request)
                        self.assertEqual(request.state, after)
                    else:
                        with self.assertRaisesRegex(ValueError, f"from {before} to"):
                            transition(request)
                        self.assertEqual(request.state, before)
        self.assertGreater(tried, 18 * 20)
