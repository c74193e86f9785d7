# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The yearly tax certificate: what counts, in which year, and what the PDF says."""

from certificate_common import CertificateCase

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestCertificate(CertificateCase):
    def test_year_known_to_the_cent(self):
        self.env.company.write(
            {
                "l10n_fr_sap_declaration_date": "2020-02-05",
                "l10n_fr_sap_agrement_number": "69-123",
                "l10n_fr_sap_agrement_date": "2021-03-01",
                "l10n_fr_sap_signatory": "Camille Dupuis, gérante",
                "l10n_fr_sap_worker": "Reg. 17, Sonia B.",
            }
        )
        moves = self.make_year()
        certificate = self.certify()
        self.check_amounts(certificate, 642.50, 192.50, 450)
        text = self.text(certificate)
        for line in (
            "Attestation fiscale annuelle 2026",
            "Montant total des prestations réglées (case 7DB) 642,50 €",
            "l'avance immédiate (case 7HB, préremplie) * 192,50 €",
            "Montant effectivement acquitté par le bénéficiaire 450,00 €",
            "dont prélevé par l'Urssaf 162,50 €",
            "dont réglé directement à l'organisme 287,50 €",
            "réglé au total par l'avance immédiate 355,00 €",
            "Calculé à 50 % ; le montant exact figure sur particulier.urssaf.fr",
            "19 h 522,50 €",
            "forfait 120,00 €",
            self.partner.name,
            self.env.company.name,
            "Déclaration n° SAP123456782 du 05/02/2020",
            "Agrément n° 69-123 du 01/03/2021",
            "Signature : Camille Dupuis, gérante",
            "Reg. 17, Sonia B.",
            "version 1.",
            f"{moves[1].name} 05/03/2026 275,00 €",
            f"{moves[2].name} 10/04/2026 120,00 €",
            f"{moves[3].name} 08/01/2026 110,00 €",
            f"{moves[4].name} 02/05/2026 27,50 €",
            f"{moves[7].name} 20/07/2026 110,00 €",
        ):
            self.assertIn(line, text)
        counted, not_counted = text.split("Factures non retenues")
        self.assertIn(moves[6].name, not_counted)
        self.assertNotIn(moves[6].name, counted)
        self.assertNotIn(moves[5].name, text)
        next_year = self.certify(year=2027)
        self.check_amounts(next_year, 55, 27.5, 27.5)
        self.check_amounts(certificate, 642.50, 192.50, 450)
        with self.assertRaises(UserError):
            self.certify(year=2025)

    def test_a_second_run_changes_nothing(self):
        self.make_year()
        first = self.certify()
        second = self.certify()
        self.assertEqual(second, first)
        self.assertEqual(self.certificates().mapped("version"), [1])
        self.assertEqual(second.attachment_id, first.attachment_id)

    def test_a_new_version_replaces_the_one_before(self):
        moves = self.make_year()
        first = self.certify()
        document = first.attachment_id.raw
        first.action_mark_sent()
        late = self.invoice("2026-12-10", 1)
        self.pay(late, "2026-12-15")
        second = self.certify()
        self.assertEqual(self.certificates().mapped("version"), [2, 1])
        self.assertEqual(second.state, "to_send")
        self.assertEqual(first.state, "replaced")
        self.assertEqual(first.attachment_id.raw, document, "the old one stays")
        self.check_amounts(second, 670, 192.5, 477.5)
        text = self.text(second)
        self.assertIn("Annule et remplace la version 1 du", text)
        self.assertIn("Montant total des prestations : 642,50 € → 670,00 €", text)
        self.assertIn(f"Facture {late.name} : néant → 27,50 € (15/12/2026)", text)
        # What has not changed is not listed.
        self.assertNotIn("Crédit d'impôt avancé :", text)
        self.assertNotIn(f"Facture {moves[1].name} :", text)
        # An invoice that is not settled any more, and another address.
        moves[2].line_ids.remove_move_reconcile()
        self.partner.street = "1 place Bellecour"
        third = self.text(self.certify())
        self.assertIn("Annule et remplace la version 2", third)
        self.assertIn(f"Facture {moves[2].name} : 120,00 € (10/04/2026) → néant", third)
        self.assertIn("1 place Bellecour", third)

    def test_nothing_is_left(self):
        move = self.invoice("2026-03-01", 2)
        self.pay(move, "2026-03-02")
        self.check_amounts(self.certify(), 55, 0, 55)
        move.line_ids.remove_move_reconcile()
        second = self.certify()
        self.assertEqual(second.version, 2)
        self.check_amounts(second, 0, 0, 0)

    # What counts

    def figures(self, *expected, year=2026):
        """What the customer's year comes to, as the certificate has it."""
        self.env.flush_all()
        certificate = self.certify(year=year)
        self.check_amounts(certificate, *expected)
        return certificate

    def test_who_never_heard_of_the_urssaf(self):
        """No access of the company, no registration, no request: plain payments."""
        self.env.company.l10n_fr_sap_client_id = False
        self.pay(self.invoice("2026-01-10", 3), "2026-01-20")
        self.figures(82.5, 0, 82.5)

    def test_by_hand_what_the_urssaf_has_transferred(self):
        move = self.invoice("2026-01-10", 4)
        self.request(move, day="2026-01-15", amount=110)
        self.pay(move, "2026-01-16")
        certificate = self.figures(110, 55, 55)
        text = self.text(certificate)
        self.assertIn("dont prélevé par l'Urssaf 55,00 €", text)
        self.assertIn("dont réglé directement à l'organisme 0,00 €", text)

    def test_what_is_not_settled_does_not_count(self):
        counted = self.invoice("2026-01-10", 1)
        self.pay(counted, "2026-01-11")
        self.pay(self.invoice("2026-01-10", 4), "2026-01-15", 109.99)
        self.invoice("2026-01-10", 4)
        self.request(self.invoice("2026-01-10", 4), "validated")
        # Paid, and nobody knows when.
        self.request(self.invoice("2026-01-10", 4))
        refused = self.invoice("2026-01-10", 4)
        self.request(refused, "refused", day="2026-01-20")
        self.figures(27.5, 0, 27.5)

    def test_what_was_sent_in_test_is_nothing_in_production(self):
        move = self.invoice("2026-01-10", 4)
        self.request(move, day="2026-01-15")
        self.pay(self.invoice("2026-01-10", 1), "2026-01-11")
        self.env.company.l10n_fr_sap_environment = "production"
        self.figures(27.5, 0, 27.5)

    def test_what_was_paid_in_test_is_worth_nothing(self):
        """Whatever brought it into the books: the PDF says so in capitals."""
        mark = "TEST – sans valeur"
        self.pay(self.invoice("2026-01-10", 1), "2026-01-11")
        plain = self.certify()
        self.assertNotIn(mark, self.text(plain))
        move = self.invoice("2026-02-10", 4)
        request = self.request(move, day="2026-02-15")
        second = self.certify()
        self.assertEqual(
            self.text(second).count(mark), 2, "marked, and in what differs"
        )
        by_hand = self.invoice("2026-03-10", 2)
        self.request(by_hand, day="2026-03-15", amount=55)
        self.pay(by_hand, "2026-03-16")
        third = self.certify()
        self.assertEqual(self.text(third).count(mark), 1)
        # In production the very same are real.
        (request | by_hand.l10n_fr_sap_request_id).environment = "production"
        self.env.company.l10n_fr_sap_environment = "production"
        fourth = self.certify()
        self.check_amounts(fourth, 192.5, 82.5, 110)
        differs, page = self.text(fourth).split("Organisme prestataire")
        self.assertIn(f"Environnement : {mark}", differs)
        self.assertNotIn(mark, page)

    def test_the_year_of_the_last_settlement(self):
        move = self.invoice("2025-11-30", 4)
        self.pay(move, "2025-12-10", 100)
        self.pay(move, "2026-01-02")
        # Paid ahead: it counts once there is an invoice.
        ahead = self.invoice("2026-01-31", 2)
        self.pay(ahead, "2025-12-31")
        self.figures(165, 0, 165)
        with self.assertRaises(UserError):
            self.certify(year=2025)

    def test_natures_that_are_not_eligible(self):
        various = self.create_service("Divers", 10, "nature_270", unit="unit")
        none = self.create_service("Produits", 20, "nature_60", unit="unit")
        none.l10n_fr_sap_nature_id = False
        move = self.invoice("2026-01-10", 4, self.line(1, various), self.line(1, none))
        self.request(move, day="2026-01-15")  # 143.00, of which 110.00 are eligible
        certificate = self.figures(110, 55, 55)
        text = self.text(certificate)
        self.assertIn("réglé au total par l'avance immédiate 110,00 €", text)
        self.assertNotIn("Divers", text)
        only = self.invoice("2026-02-10", self.line(1, various))
        self.pay(only, "2026-02-11")
        self.figures(110, 55, 55)

    def test_a_discount_lowers_the_amount_and_not_the_hours(self):
        discount = self.line(1, product=self.garden, price_unit=-10)
        discount[2]["product_id"], discount[2]["name"] = False, "Remise"
        self.pay(self.invoice("2026-01-10", 4, discount), "2026-01-11")
        self.assertIn("4 h 99,00 €", self.text(self.figures(99, 0, 99)))

    def test_credit_notes_of_other_services_leave_these_alone(self):
        move = self.invoice("2026-01-10", 4, self.line(1, self.garden, price_unit=100))
        self.credit(move, "2026-01-12", self.line(1, self.garden, price_unit=40))
        self.pay(move, "2026-01-15")
        text = self.text(self.figures(176, 0, 176))
        self.assertIn("4 h 110,00 €", text)
        self.assertIn("forfait 66,00 €", text)

    def test_a_credit_note_of_the_whole(self):
        self.credit(self.invoice("2026-01-10", 4), "2026-01-12", 4)
        self.pay(self.invoice("2026-01-10", 1), "2026-01-11")
        self.figures(27.5, 0, 27.5)

    def test_a_credit_note_paid_out_reduces_the_year_of_that(self):
        move = self.invoice("2025-12-01", 4)
        self.pay(move, "2025-12-10")
        refund = self.invoice(
            "2026-01-05", 1, move_type="out_refund", reversed_entry_id=move.id
        )
        self.pay(refund, "2026-01-06")
        self.pay(self.invoice("2026-02-01", 3), "2026-02-02")
        certificate = self.figures(55, 0, 55)
        self.assertIn("2 h 55,00 €", self.text(certificate))
        self.figures(110, 0, 110, year=2025)

    def test_cash_and_what_is_no_payment(self):
        """Cash, in part too; a bad debt written off."""
        part = self.invoice("2026-01-10", 4)
        self.pay(part, "2026-01-11", 10, self.cash)
        self.pay(part, "2026-01-12")
        lost = self.invoice("2026-01-10", 2)
        receivable = lost.line_ids.filtered(
            lambda item: item.account_id.account_type == "asset_receivable"
        )
        entry = self.env["account.move"].create(
            {
                "date": "2026-02-01",
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "account_id": receivable.account_id.id,
                            "partner_id": self.partner.id,
                            "credit": 55,
                        },
                    ),
                    (
                        0,
                        0,
                        {
                            "account_id": self.company_data[
                                "default_account_expense"
                            ].id,
                            "debit": 55,
                        },
                    ),
                ],
            }
        )
        entry.action_post()
        self.match(lost, entry)
        self.pay(self.invoice("2026-01-10", 1), "2026-01-11")
        text = self.text(self.figures(27.5, 0, 27.5))
        for move in part + lost:
            self.assertIn(move.name, text.split("Factures non retenues")[1])

    def test_vouchers_and_aids_are_told_apart(self):
        self.assertEqual(self.bank.l10n_fr_sap_means, "ordinary")
        self.assertEqual(self.cash.l10n_fr_sap_means, "not_eligible")
        cesu, aid = (
            self.bank.copy({"code": code, "l10n_fr_sap_means": code.lower()})
            for code in ("CESU", "AID")
        )
        move = self.invoice("2026-01-10", 4)
        self.pay(move, "2026-01-11", 30, cesu)
        self.pay(move, "2026-01-12", 20, aid)
        self.pay(move, "2026-01-13")
        certificate = self.figures(110, 0, 60)
        self.assertEqual(
            certificate.currency_id.compare_amounts(50, certificate.amount_aid), 0
        )
        text = self.text(certificate)
        self.assertIn(
            "Aides versées par des tiers : APA, PCH… (case 7DR) 20,00 €", text
        )
        self.assertIn("30,00 €", text)
        self.assertIn("d'identifier clairement le montant de ceux", text)

    # Who

    def test_only_private_customers(self):
        other = self.env["res.partner"].create({"name": "Pierre Voisin"})
        self.pay(self.invoice("2026-01-10", 4, partner=other), "2026-01-11")
        with self.assertRaises(UserError):
            self.certify(other)

    def test_rights(self):
        self.pay(self.invoice("2026-01-10", 4), "2026-01-11")
        employee = new_test_user(self.env, "employee", "base.group_user")
        clerk = new_test_user(self.env, "clerk", "account.group_account_invoice")
        portal = new_test_user(self.env, "portal", "base.group_portal")
        portal.partner_id.commercial_partner_id.l10n_fr_sap_particulier = True
        for user in (employee, portal):
            with self.assertRaises(AccessError):
                self.certify(user=user)
        self.certify(user=clerk)
        certificate = self.certificates()
        self.assertTrue(certificate.with_user(clerk).read(["amount_total", "content"]))
        self.assertTrue(certificate.attachment_id.with_user(clerk).raw)
        for user in (employee, portal):
            for record in (certificate, certificate.attachment_id):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["display_name"])
