# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How far the code of the addon wanders while it does one thing: the files that it
enters, and how often it goes back into one that it had left."""

import sys
import threading
from pathlib import Path

from sap_common import SapCase

from odoo.tests import tagged

from odoo.addons import l10n_fr_urssaf_sap

ADDON = str(Path(l10n_fr_urssaf_sap.__file__).parent)


class Way:
    """The addon's files in the order in which functions of theirs are called, without
    repetitions: comprehensions and lambdas count as calls of the file they stand in."""

    def __init__(self):
        self.steps = []

    def _profile(self, frame, event, _argument):
        path = frame.f_code.co_filename
        if event == "call" and path.startswith(ADDON):
            if not self.steps or self.steps[-1] != path:
                self.steps.append(path)

    def __enter__(self):
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)
        return self

    def __exit__(self, *exc_info):
        sys.setprofile(None)
        threading.setprofile(None)

    @property
    def files(self):
        return sorted({step[len(ADDON) + 1 :] for step in self.steps})

    @property
    def returns(self):
        return len(self.steps) - len(self.files)


@tagged("post_install", "-at_install")
class TestWays(SapCase):
    def test_an_invoice_to_the_urssaf_and_back(self):
        self.activate()
        move = self.create_invoice()
        self.env.flush_all()
        self.env.invalidate_all()
        with Way() as way:
            self.press(move, "action_l10n_fr_sap_send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        print(
            "SEND",
            len(way.files),
            way.returns,
            way.files,
            [s[len(ADDON) + 1 :] for s in way.steps],
        )

    def test_a_status(self):
        self.activate()
        move = self.create_invoice()
        self.press(move, "action_l10n_fr_sap_send")
        self.control("advance")
        self.age(move.l10n_fr_sap_request_id, hours=2)
        self.env.flush_all()
        self.env.invalidate_all()
        with Way() as way:
            self.run_cron("ir_cron_refresh_requests")
        self.assertEqual(move.l10n_fr_sap_status, "awaiting_validation")
        print(
            "POLL",
            len(way.files),
            way.returns,
            way.files,
            [s[len(ADDON) + 1 :] for s in way.steps],
        )
        with Way() as way:
            self.press(move, "action_l10n_fr_sap_refresh")
        print(
            "REFR",
            len(way.files),
            way.returns,
            way.files,
            [s[len(ADDON) + 1 :] for s in way.steps],
        )
