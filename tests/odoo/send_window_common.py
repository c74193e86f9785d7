# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's Send window, as a person works with it."""

from sap_common import SapCase


class SendWindowCase(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()
        self.other = self.create_particulier("Paul Moreau")

    def open_window(self, moves, user=None):
        action = moves.with_user(user or self.env.user).action_send_and_print()
        model = self.env[action["res_model"]].with_user(user or self.env.user)
        return model.with_context(**action["context"]).create({})

    def send(self, moves):
        """Press Send, and let Odoo's scheduled action do the rest where there is one."""
        window = self.open_window(moves)
        window.action_send_and_print()
        if len(moves) > 1:
            self.run_odoos_cron()
        return window

    def run_odoos_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("account.ir_cron_account_move_send").method_direct_trigger()
