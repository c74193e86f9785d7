# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An office that types its invoices, in a company that has sold cleaning so far."""

from sap_common import SapCase

from odoo.tests import new_test_user


class TypedCase(SapCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        group = "account.group_account_invoice"
        cls.user = new_test_user(cls.env, "office", group)
        cls.cleaning = cls.product.l10n_fr_sap_nature_id
        cls.garden = cls.nature("70")

    @classmethod
    def nature(cls, code):
        return cls.env.ref(f"l10n_fr_urssaf_sap.nature_{code}")
