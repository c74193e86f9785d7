# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from .common import CHECK, REGISTER, SEND, SapCase


@tagged("post_install", "-at_install")
class TestJourney(SapCase):
    """The whole way on the French chart of accounts."""

    chart_template = "fr"

    def test_from_the_contact_to_the_money(self):
        paul = self.create_particulier("Paul Moreau", phone="06 39 98 00 12")
        self.press(paul, REGISTER)
        self.urssaf.know(paul.l10n_fr_sap_urssaf_id, "active", self.month_start)
        self.press(paul, CHECK)
        taxes = self.env.company.account_sale_tax_id
        self.assertEqual(taxes.amount, 20)
        self.product.taxes_id = [Command.set(taxes.ids)]
        move = self.create_invoice(partner=paul)
        self.press(move, SEND)
        [[item]] = self.urssaf.bodies("M050")
        self.assertEqual(item["mntFactureTTC"], Decimal(108))
        self.assertEqual(item["mntFactureHT"], Decimal(90))
        for code in ("20", "30", "50", "70"):
            self.set_status(move, code)
        self.assertEqual(move.l10n_fr_sap_status, "paid")
        self.assertEqual(move.amount_residual, 108, "the money is booked elsewhere")
