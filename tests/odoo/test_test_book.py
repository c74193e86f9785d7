# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The test book that the Urssaf asks for before it opens production."""

import io
import json
import zipfile
from datetime import timedelta

from pypdf import PdfReader
from sap_common import CLIENTS, SapCase

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.l10n_fr_urssaf_sap.urssaf.documents.split import NOT_ELIGIBLE

from tools import canaries

STEPS = ["TOKEN", "M010", "M020", "M050", "M070"]
NAME = "Essai"
# What an Urssaf, or something before it, may answer to any call.
SENSELESS = [
    (500, "<html>"),
    (503, ""),
    (403, "{}"),
    *(
        (200, body)
        for body in ("", "null", "[]", "{}", "42", '"x"', "[null]", "<html>")
    ),
    (200, '{"access_token": null, "idClient": null, "statut": null}'),
    (200, '{"infoDemandePaiements": [null]}'),
    (200, '[{"numFactureTiers": null, "idDemandePaiement": null}]'),
]


class TestBookCase(SapCase):
    def setUp(self):
        super().setUp()
        self.administrator = self.create_administrator()
        self.administrator.email = "administrator@example.com"
        self.book = self.new_book()

    def new_book(self):
        books = self.env["l10n_fr_sap.test.book"].with_user(self.administrator)
        return books.browse(books._open()["res_id"])

    def run_it(self, user=None):
        self.press(self.book, "action_run", user=user or self.administrator)
        self.env.invalidate_all()

    def states(self):
        return self.book.step_ids.mapped("state")

    def activate_fictitious(self):
        self.control(
            f"particuliers/{self.book.particulier_id}",
            {"etat": "active", "activeSince": str(fields.Date.today())},
        )

    def finish(self):
        self.run_it()
        self.activate_fictitious()
        self.run_it()
        self.assertEqual(self.states(), ["done"] * 5)

    def open_zip(self, content):
        archive = zipfile.ZipFile(io.BytesIO(content))
        return {name: archive.read(name) for name in archive.namelist()}

    def in_database(self, text):
        """The tables of ours, and Odoo's attachments, that hold it."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_name LIKE 'l10n_fr_sap%' AND table_type = 'BASE TABLE'"
            " AND table_name <> 'l10n_fr_sap_commune'"
            " OR table_name IN ('ir_attachment', 'mail_message', 'ir_logging')"
        )
        found = set()
        for (table,) in self.env.cr.fetchall():
            query = f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s"
            self.env.cr.execute(query, [f"%{text}%"])
            found |= {table} if self.env.cr.fetchone()[0] else set()
        return found


@tagged("post_install", "-at_install")
class TestTestBook(TestBookCase):
    def test_it_waits_for_the_activation_and_goes_on_from_there(self):
        self.assertEqual(self.book.step_ids.mapped("operation"), STEPS)
        self.assertEqual(self.book.state, "new")
        self.run_it()
        self.assertEqual(self.states(), ["done", "done", "waiting", "to_do", "to_do"])
        self.assertEqual(self.book.state, "begun")
        self.activate_fictitious()
        self.run_it()
        self.assertEqual(self.states(), ["done"] * 5)
        self.assertEqual(self.book.state, "done")
        # The person was registered once, and asked about twice.
        self.assertEqual(len(self.calls("M010")), 1)
        self.assertEqual(len(self.calls("M020")), 2)
        [[request]] = self.calls("M050")
        self.assertEqual(request["numFactureTiers"], self.book.number)
        self.assertEqual(self.book.step_ids[-1].message.count("Intégrée"), 1)

    def test_the_service_is_one_that_gives_a_tax_credit(self):
        apart = self.env["l10n_fr_sap.nature"].search([("code", "=", NOT_ELIGIBLE)])
        products = self.env["product.template"]
        sold = products.search([("l10n_fr_sap_nature_id", "!=", False)])
        sold.l10n_fr_sap_nature_id = apart
        self.assertTrue(apart)
        self.assertNotEqual(self.new_book().nature_id, apart)
        archived = self.env.ref("l10n_fr_urssaf_sap.nature_70")
        sold.l10n_fr_sap_nature_id = archived
        self.assertEqual(self.new_book().nature_id, archived)
        archived.active = False
        self.assertTrue(self.new_book().nature_id.active)

    def test_neither_contact_nor_invoice_is_made(self):
        tables = ("res.partner", "res.partner.bank", "account.move")
        ours = ("l10n_fr_sap.registration", "l10n_fr_sap.payment.request")
        before = [self.env[name].search_count([]) for name in tables + ours]
        self.finish()
        after = [self.env[name].search_count([]) for name in tables + ours]
        self.assertEqual(after, before)

    def test_what_was_said_is_kept_word_for_word_without_secrets(self):
        self.finish()
        said = {step.operation: step.exchanges for step in self.book.step_ids}
        self.assertEqual(
            {kind: len(some) for kind, some in said.items()}, dict.fromkeys(STEPS, 1)
        )
        body = json.loads(said["M010"][0]["request"])
        self.assertEqual(body, self.calls("M010")[0])
        self.assertIn(NAME, said["M010"][0]["request"])
        self.assertEqual(
            json.loads(said["M070"][0]["answer"])["infoDemandePaiements"][0][
                "demandePaiement"
            ]["numFactureTiers"],
            self.book.number,
        )
        told = json.dumps(list(said.values()), ensure_ascii=False)
        self.assertNotIn(CLIENTS["test"], told)
        self.assertNotIn(canaries.TOKEN_PREFIX, told)

    def test_administrators_go_on_seeing_masked_exchanges(self):
        self.finish()
        kept = self.env["l10n_fr_sap.exchange"].search([])
        self.assertLessEqual(set(STEPS), set(kept.mapped("operation")))
        told = " ".join(f"{each.request} {each.answer}" for each in kept)
        for personal in (NAME, "FR7630006000011234567890189", "639980099"):
            self.assertNotIn(personal, told)

    def test_the_file_to_hand_in_and_nothing_left_after(self):
        self.finish()
        number = self.book.number
        self.assertIn("l10n_fr_sap_test_book_step", self.in_database(NAME))
        with self.enter_registry_test_mode():
            printing = self.book.with_context(force_report_rendering=True)
            files = self.open_zip(printing._hand_over())
        self.assertEqual(
            sorted(files),
            [
                "cahier-de-tests.pdf",
                "echanges/1-TOKEN-reponse.json",
                "echanges/1-TOKEN-requete.txt",
                "echanges/2-M010-reponse.json",
                "echanges/2-M010-requete.json",
                "echanges/3-M020-reponse.json",
                "echanges/3-M020-requete.txt",
                "echanges/4-M050-reponse.json",
                "echanges/4-M050-requete.json",
                "echanges/5-M070-reponse.json",
                "echanges/5-M070-requete.json",
            ],
        )
        pages = PdfReader(io.BytesIO(files["cahier-de-tests.pdf"])).pages
        # What reads a PDF sees spaces where there are none.
        text = "".join("".join(page.extract_text() for page in pages).split())
        for shown in ("Cahierdetests", "M010", "M020", "M050", "M070", number, NAME):
            self.assertIn(shown, text)
        everything = text.encode() + b" ".join(files.values())
        for secret in (CLIENTS["test"], canaries.TOKEN_PREFIX):
            self.assertNotIn(secret.encode(), everything)
        self.assertFalse(self.book.exists())
        for personal in (NAME, "FR7630006000011234567890189"):
            self.assertEqual(self.in_database(personal), set())
        company = self.env.company
        self.assertEqual(company.l10n_fr_sap_test_book_on, self.book._today())

    def test_the_vacuum_takes_it_after_a_day(self):
        self.run_it()
        self.env.flush_all()
        book, steps = self.book.sudo(), self.book.step_ids.sudo()
        for hours, is_there in ((23, True), (25, False)):
            self.env.cr.execute(
                "UPDATE l10n_fr_sap_test_book SET write_date = %s WHERE id = %s",
                [self.env.cr.now() - timedelta(hours=hours), book.id],
            )
            self.env.invalidate_all()
            for records in (book, steps):
                records._transient_vacuum()
            self.assertEqual(bool(book.exists()), is_there)
            self.assertEqual(bool(steps.exists()), is_there)

    def test_start_over_forgets_what_was_said(self):
        self.run_it()
        self.press(self.book, "action_start_over", user=self.administrator)
        self.env.invalidate_all()
        self.assertEqual(self.states(), ["to_do"] * 5)
        self.assertFalse(self.book.particulier_id)
        self.assertFalse(any(self.book.step_ids.mapped("exchanges")))

    # What goes wrong

    def test_a_refusal_is_kept_and_shown(self):
        self.control("fisc", {"dateNaissance": "1980-01-15", "nomNaissance": "AUTRE"})
        self.run_it()
        step = self.book.step_ids[1]
        self.assertEqual(self.states()[:3], ["done", "failed", "to_do"])
        self.assertEqual(step.exchanges[0]["http_status"], 400)
        self.assertTrue(step.message)

    def test_a_step_without_a_usable_answer_is_not_done(self):
        for operation in STEPS:
            if operation == "M050":
                self.activate_fictitious()
            for status, body in SENSELESS:
                with (
                    self.subTest(operation=operation, status=status, body=body),
                    self.intercepted(
                        operation,
                        lambda answer, told=(status, body): type(answer)(*told),
                    ),
                ):
                    self.run_it()
                    step = self.book.step_ids.filtered(
                        lambda each, now=operation: each.operation == now
                    )
                    self.assertIn(step.state, ("failed", "waiting"))
                    self.assertTrue(step.message)
                    self.assertTrue(step.exchanges)
        self.run_it()
        self.assertEqual(self.states(), ["done"] * 5)

    def test_no_urssaf_at_all(self):
        self.switch_off()
        self.run_it()
        self.assertEqual(self.states()[:2], ["failed", "to_do"])
        self.assertIsNone(self.book.step_ids[0].exchanges[0]["http_status"])

    def test_what_cannot_be_sent_is_named_without_its_value(self):
        self.book.write({"iban": "FR00 SECRET", "mobile": "01 23 45 67 89"})
        told = self.refuse(self.book, "action_run", user=self.administrator)
        self.assertIn("IBAN", told)
        self.assertIn("Mobile", told)
        self.assertNotIn("SECRET", told)
        self.assertEqual(self.calls(), [])

    def test_an_administrator_without_an_address_is_asked_for_one(self):
        self.administrator.email = False
        self.book = self.new_book()
        self.assertIn("Email", self.refuse(self.book, "action_run", self.administrator))
        self.assertEqual(self.calls(), [])

    def test_without_a_nova_number_nothing_leaves(self):
        self.env.company.l10n_fr_sap_nova_number = False
        self.assertIn("NOVA", self.refuse(self.book, "action_run", self.administrator))
        self.assertEqual(self.calls(), [])

    def test_no_download_before_the_end(self):
        self.run_it()
        self.refuse(self.book, "action_download", user=self.administrator)
        with self.assertRaises(UserError):
            self.book._hand_over()

    # Never in production

    def test_production_is_refused_and_nothing_leaves(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("l10n_fr_urssaf_sap.url_production", self.urssaf_url)
        self.env.company.l10n_fr_sap_environment = "production"
        with self.assertRaises(UserError):
            self.new_book()
        self.assertIn(
            "test platform", self.refuse(self.book, "action_run", self.administrator)
        )
        self.assertEqual(self.calls(), [])

    def test_test_that_leads_to_production_is_refused(self):
        for url in ("https://api.urssaf.fr", "https://API.urssaf.fr:443"):
            self.set_url(url)
            self.refuse(self.book, "action_run", user=self.administrator)
        self.set_url(self.urssaf_url)
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("l10n_fr_urssaf_sap.url_production", self.urssaf_url)
        self.refuse(self.book, "action_run", user=self.administrator)
        self.assertEqual(self.calls(), [])
        self.assertEqual(self.states(), ["to_do"] * 5)

    # Whose it is

    def test_it_is_for_administrators_and_for_whoever_made_it(self):
        self.run_it()
        other = self.administrator.copy({"login": "other"})
        invoicing = self.env.ref("account.group_account_invoice")
        clerk = self.administrator.copy(
            {"login": "clerk", "group_ids": [(6, 0, invoicing.ids)]}
        )
        for user in (other, clerk):
            book = self.book.with_user(user)
            for method in ("action_run", "action_start_over", "action_download"):
                with self.assertRaises(AccessError):
                    getattr(book, method)()
            with self.assertRaises(AccessError):
                book._hand_over()
            steps = self.env["l10n_fr_sap.test.book.step"].with_user(user)
            with self.assertRaises(AccessError):
                steps.browse(self.book.step_ids.ids).read(["exchanges"])

    def test_it_is_for_ones_own_companies(self):
        foreign = self.env["res.company"].create({"name": "Voisins"})
        books = self.env["l10n_fr_sap.test.book"].with_user(self.administrator)
        with self.assertRaises(AccessError):
            books.create({"company_id": foreign.id})


@tagged("post_install", "-at_install")
class TestDownload(HttpCase, TestBookCase):
    def test_another_one_gets_nothing(self):
        self.finish()
        self.env.flush_all()
        self.authenticate("administrator", "administrator")
        url = f"/l10n_fr_urssaf_sap/test_book/{self.book.id}.zip"
        # What only asks whether it is there takes nothing away.
        self.assertEqual(self.url_open(url, method="HEAD").status_code, 405)
        first = self.url_open(url, timeout=120)
        self.assertEqual(first.headers["Content-Type"], "application/zip")
        self.assertIn("echanges/2-M010-requete.json", self.open_zip(first.content))
        # It was there once.
        self.assertEqual(self.url_open(url).status_code, 404)
