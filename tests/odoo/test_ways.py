# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How far a reader has to walk: the files of the addon that are entered while one thing is
done, and how often the way goes back into one that it had left."""

import sys
import threading
from pathlib import Path

from sap_common import SapCase

from odoo.tests import tagged

from odoo.addons import l10n_fr_urssaf_sap

ADDON = str(Path(l10n_fr_urssaf_sap.__file__).parent)
# How a part of an answer is found in whatever shape: for each value that the reader of
# answers takes, it takes it with these.
GRIPS = {
    f"{ADDON}/urssaf/api/{name}.py": f"{ADDON}/urssaf/api/answers.py"
    for name in ("shapes", "told_errors", "values")
}
SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"


class Way:
    """The addon's files in the order in which their functions are called, in all threads;
    a file that calls itself is not left. Comprehensions and lambdas are calls of the file
    in which they stand."""

    def __init__(self):
        self.steps = []

    def __enter__(self):
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)
        return self

    def __exit__(self, *exc_info):
        sys.setprofile(None)
        threading.setprofile(None)

    def _profile(self, frame, event, _argument):
        path = frame.f_code.co_filename
        path = GRIPS.get(path, path)
        own = event == "call" and path.startswith(ADDON)
        if own and (not self.steps or self.steps[-1] != path):
            self.steps.append(path)

    @property
    def files(self):
        return sorted({step[len(ADDON) + 1 :] for step in self.steps})

    @property
    def returns(self):
        return len(self.steps) - len(self.files)


@tagged("post_install", "-at_install")
class TestWays(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()
        self.move = self.create_invoice()
        self.press(self.env.company, "action_l10n_fr_sap_test_connection")

    def walk(self, button, files, returns):
        self.env.flush_all()
        self.env.invalidate_all()
        with Way() as way:
            self.press(self.move, button)
        told = " > ".join(step[len(ADDON) + 1 :] for step in way.steps)
        told = f"{len(way.files)} files, {way.returns} returns: {told}"
        self.assertLessEqual(len(way.files), files, told)
        self.assertLessEqual(way.returns, returns, told)

    def test_an_invoice_goes_to_the_urssaf_and_back(self):
        self.walk(SEND, files=25, returns=67)
        self.assertEqual(self.move.l10n_fr_sap_status, "integrated")

    def test_a_status_is_refreshed(self):
        self.press(self.move, SEND)
        self.control("advance")
        self.walk(REFRESH, files=18, returns=42)
        self.assertEqual(self.move.l10n_fr_sap_status, "awaiting_validation")
