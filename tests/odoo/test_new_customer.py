# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A private customer from Odoo's own menu, which makes companies: typed, registered, and
asked for their consent in one form."""

from ast import literal_eval

from lxml import etree
from sap_common import SapCase

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from tools import canaries

IBAN, BANK = "l10n_fr_sap_iban", "l10n_fr_sap_bank_id"
REGISTER = "action_l10n_fr_sap_register"
WRONG = "FR7630006000011234567890188"  # a digit off


@tagged("post_install", "-at_install")
class TestNewCustomer(SapCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "account.group_account_invoice,base.group_partner_manager"
        cls.user = new_test_user(cls.env, "office", groups)

    def form(self, partner=None, **context):
        partners = self.env["res.partner"].with_user(self.user)
        # As the menu Customers opens it.
        partners = partners.with_context(
            default_is_company=True, default_customer_rank=1, **context
        )
        return Form(partners.browse(partner.id) if partner else partners)

    def accounts(self):
        return self.env["res.partner.bank"].with_context(active_test=False).search([])

    # A person

    def test_ticking_makes_a_person_of_a_new_contact(self):
        form = self.form()
        self.assertEqual(form.company_type, "company")
        form.name = "Luce Petit"
        form.l10n_fr_sap_particulier = True
        self.assertEqual(form.company_type, "person")
        partner = form.save()
        self.assertFalse(partner.is_company)
        self.assertEqual(partner.l10n_fr_sap_birth_name, "Petit")

    def test_ticking_leaves_a_company_alone(self):
        company = self.env["res.partner"].create(
            {"name": "SARL Petit", "is_company": True}
        )
        form = self.form(company)
        form.l10n_fr_sap_particulier = True
        self.assertEqual(form.company_type, "company")
        typed = self.form()
        typed.name, typed.vat = "SARL Petit", "FR23334175221"
        typed.l10n_fr_sap_particulier = True
        self.assertEqual(typed.company_type, "company")

    def test_the_page_is_there_whoever_the_contact_is(self):
        def page(user):
            partners = self.env["res.partner"].with_user(user)
            view = etree.fromstring(partners.get_view(view_type="form")["arch"])
            return view.xpath("//page[@name='l10n_fr_sap']")

        [found] = page(self.user)
        self.assertFalse(found.get("invisible"))
        told = {
            each.get("invisible"): " ".join(each.itertext()).strip()
            for each in found.findall("div[@role='status']")
        }
        self.assertEqual(len(told), 2)
        self.assertTrue(all(told.values()))
        self.assertEqual(page(new_test_user(self.env, "else", "base.group_user")), [])

    # The country

    def test_who_lives_in_france_is_in_france(self):
        france = self.env.ref("base.fr")
        form = self.form()
        form.name, form.zip = "Luce Petit", "69007"
        form.l10n_fr_sap_particulier = True
        form.city = "Lyon"
        self.assertEqual(form.country_id, france)
        address = form.save()._display_address()
        self.assertIn("69007 Lyon", address)
        values = {"name": "Luce Petit", "zip": "69007", "city": "Lyon"}
        private = values | {"l10n_fr_sap_particulier": True}
        partner = self.env["res.partner"].create(private)
        self.assertEqual(partner.country_id, france)
        later = self.env["res.partner"].create(private | {"zip": False, "city": False})
        self.assertFalse(later.country_id)
        later.write({"zip": "69007", "city": "Lyon"})
        self.assertEqual(later.country_id, france)

    def test_no_other_country_is_touched(self):
        belgium = self.env.ref("base.be")
        values = {"name": "Luce Petit", "zip": "69007", "city": "Lyon"}
        private = values | {"l10n_fr_sap_particulier": True}
        create = self.env["res.partner"].create
        self.assertFalse(create(values).country_id)
        self.assertEqual(
            create(private | {"country_id": belgium.id}).country_id, belgium
        )
        self.assertFalse(
            create(private | {"zip": "1000", "city": "Bruxelles"}).country_id
        )
        # Overseas Odoo has countries of their own.
        self.assertFalse(
            create(private | {"zip": "97400", "city": "Saint-Denis"}).country_id
        )
        emptied = create(private)
        emptied.country_id = False
        self.assertFalse(emptied.country_id)
        self.env.company.country_id = belgium
        self.assertFalse(create(private).country_id)

    # The account

    def test_an_iban_is_typed_before_the_contact_is_saved(self):
        form = self.form()
        form.name = "Luce Petit"
        form.l10n_fr_sap_particulier = True
        self.assertIn("Debited Account is missing", form.l10n_fr_sap_missing)
        form[IBAN] = WRONG
        self.assertEqual(form.l10n_fr_sap_iban_note, "This IBAN is not valid.")
        self.assertIn("(IBAN) is not valid", form.l10n_fr_sap_missing)
        form[IBAN] = f"IBAN : {canaries.IBAN[:4]} {canaries.IBAN[4:]}".lower()
        self.assertFalse(form.l10n_fr_sap_iban_note)
        self.assertTrue(form.l10n_fr_sap_bic)
        self.assertNotIn("Debited Account", form.l10n_fr_sap_missing)
        partner = form.save()
        self.assertEqual(partner[BANK].sanitized_acc_number, canaries.IBAN)
        self.assertEqual(partner[BANK], partner.bank_ids)
        self.assertEqual(partner[IBAN], partner[BANK].acc_number)

    def test_a_wrong_iban_leaves_nothing_behind(self):
        before = self.accounts()
        for typed in (WRONG, "FR", "n'importe quoi", "30006 00001 12345678901 89"):
            form = self.form()
            form.name = "Luce Petit"
            form.l10n_fr_sap_particulier = True
            form[IBAN] = typed
            self.assertTrue(form.l10n_fr_sap_iban_note, typed)
            with self.assertRaises(UserError) as caught, self.cr.savepoint():
                form.save()
            self.assertNotIn(typed, str(caught.exception))
            self.assertNotIn("Petit", str(caught.exception))
        self.assertEqual(self.accounts(), before)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Luce Petit")]))

    def test_another_iban_is_another_account_and_a_known_one_is_taken(self):
        first, other = self.partner[BANK], "FR7630004000031234567890143"
        partner = self.partner.with_user(self.user)
        partner[IBAN] = other
        second = self.partner[BANK]
        self.assertEqual(second.sanitized_acc_number, other)
        self.assertEqual(self.partner.bank_ids, first + second)
        first.active = False
        partner[IBAN] = canaries.IBAN
        self.assertEqual(self.partner[BANK], first)
        self.assertTrue(first.active)
        partner[IBAN] = False
        self.assertFalse(self.partner[BANK])
        self.assertTrue(first.exists())

    def test_an_empty_iban_takes_no_account_away(self):
        account = {"acc_number": canaries.IBAN}
        partner = self.env["res.partner"].create(
            {
                "name": "Luce Petit",
                "l10n_fr_sap_particulier": True,
                IBAN: False,
                "bank_ids": [fields.Command.create(account)],
            }
        )
        self.assertEqual(partner[BANK], partner.bank_ids)
        self.assertEqual(partner[BANK].sanitized_acc_number, canaries.IBAN)

    # The consent

    def test_registering_in_the_form_notes_that_the_customer_agrees(self):
        today = fields.Date.context_today(self.partner)
        consent = "l10n_fr_sap_consent_date"
        self.press(self.partner.with_user(self.user), REGISTER, self.user)
        self.assertFalse(self.partner[consent])
        told = self.create_particulier("Luce Petit", phone="06 39 98 00 12")
        earlier = self.create_particulier("Paul Moreau", phone="06 39 98 00 13")
        wrong = self.create_particulier("Anne Leroy", l10n_fr_sap_birth_date=False)
        earlier[consent] = "2026-01-15"
        for partner in (told, earlier, wrong):
            view = partner.with_user(self.user).get_view(view_type="form")["arch"]
            [button] = etree.fromstring(view).xpath(f"//button[@name='{REGISTER}']")
            with self.enter_registry_test_mode(), self.registry.cursor() as cr:
                # The context that the form's button has.
                flags = literal_eval(button.get("context"))
                env = self.env(cr=cr, user=self.user, context=flags)
                getattr(partner.with_env(env), REGISTER)()
        self.env.invalidate_all()
        self.assertEqual(told[consent], today)
        self.assertEqual(told.l10n_fr_sap_consent_uid, self.user)
        self.assertEqual(fields.Date.to_string(earlier[consent]), "2026-01-15")
        self.assertFalse(wrong[consent])
