# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf or the customer may refuse, and many invoices at once."""

from datetime import timedelta

from sap_common import SapCase

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import format_date

from odoo.addons.l10n_fr_urssaf_sap.models.account_move import QUEUED_FROM
from odoo.addons.l10n_fr_urssaf_sap.texts.advice import advice

# M050's codes of the Urssaf's list.
CODES = [
    "ERR_DATE_FUTUR",
    "ERR_DATE_PAIEMENT_AVANT_EXP",
    "ERR_PERIODE_EMPLOI_MOIS_NON_UNIQUE",
    "ERR_DATE_FIN_AVANT_DATE_DEB",
    "ERR_MONTANT_ACOMPTE",
    "ERR_TOTAL_PRESTATIONS",
    "ERR_CODE_NATURE",
    "ERR_CODE_ACTIVITE",
    "ERR_CODE_ACTIVITE_NATURE",
    "ERR_FORMAT_VALEUR",
    "ERR_MNT_PREST_HT_TVA",
    "ERR_MNT_PREST_TTC",
    "ERR_NBRE_PREST_MAX",
    "ERR_VALEUR_NEGATIVE",
    "ERR_PARTICULIER_INCONNU",
    "ERR_PRESTATAIRE_EMETTEUR_INCONNU",
    "ERR_LIEN_PARTICULIER_PRESTATAIRE",
    "ERR_PRESTATAIRE_FACTURATION_INCONNU",
    "ERR_CMPT_BLOQUE",
    "ERR_FORMAT_NUMINTERVENANT",
    "ERR_NUMINTERVENANT_MANQUANT",
    "ERR_NUMINTERVENANT_BLOQUE",
    "ERR_MANDAT_ECHU",
    "ERREUR_GARANTIE_FINANCIERE_NON_CONFORME",
    "ERR_ACOMPTE_BLOQUE",
    "ERREUR_VALIDATION",
]


@tagged("post_install", "-at_install")
class TestRefused(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()

    def send(self, moves, **kwargs):
        return self.press(moves, "action_l10n_fr_sap_send", **kwargs)

    def refreshed(self, move):
        self.press(move, "action_l10n_fr_sap_refresh")
        return move.l10n_fr_sap_status

    def test_every_code_is_shown_with_its_advice(self):
        move = self.create_invoice()
        line = move.invoice_line_ids
        for code in CODES:
            with self.subTest(code=code):
                line.name = f"Ménage {code}"
                self.send(move)
                self.assertEqual(move.l10n_fr_sap_status, "error")
                request = move.l10n_fr_sap_request_id
                self.assertIn(code, request.error)
                self.assertTrue(advice(self.env, code))
                # ERREUR_VALIDATION also names the line.
                self.assertTrue(request.advice.startswith(advice(self.env, code)))
                self.assertIn(request.advice, move.l10n_fr_sap_error)
        line.name = "Ménage"
        self.send(move)
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        self.assertFalse(move.l10n_fr_sap_error)
        self.assertEqual(move.l10n_fr_sap_request_id.number, move.name)

    def named(self, operation, description):
        """Let the Urssaf find a field malformed."""
        error = {
            "code": "ERREUR_VALIDATION",
            "message": "Le corps de la requête est invalide",
            "description": description,
        }

        def change(answer):
            if operation == "M010":
                return type(answer)(400, [error])
            echo = {"numFactureTiers": answer.body[0]["numFactureTiers"]}
            return type(answer)(200, [echo | {"errors": [error]}])

        return self.intercepted(operation, change)

    def test_a_field_of_the_invoice_that_the_urssaf_names_is_named(self):
        for path, label in (
            ("inputPrestations[0].quantite", "Line “1”: Quantity"),
            ("inputPrestations[0].mntUnitaireTTC", "Line “1”: Unit Price"),
            ("inputDemandePaiement.dateDebutEmploi", "Services From"),
            ("[0].inputPrestations[9].quantite", "Invoice lines"),
            ("mntAcompte", "Deposit"),
        ):
            move = self.create_invoice()
            with self.subTest(path), self.named("M050", f"champ {path} : invalide"):
                # Its form tells it, and opens the field.
                self.assertIs(self.send(move), True)
                request = move.l10n_fr_sap_request_id
                self.assertEqual(request.state, "error")
                self.assertIn(
                    f"{label} is refused by the Urssaf", move.l10n_fr_sap_error
                )
                opened = self.press(move, "action_l10n_fr_sap_open_to_fix")
                self.assertEqual(opened["res_id"], move.id)
                self.assertIn(label, move.message_ids[0].body)

    def test_a_field_of_the_customer_that_the_urssaf_names_is_opened(self):
        move = self.create_invoice()
        with self.named("M050", "dateNaissanceClient : 12/03/1960 invalide"):
            self.send(move)
        request = move.l10n_fr_sap_request_id
        opened = self.press(request, "action_open_to_fix")
        self.assertEqual(
            (opened["res_model"], opened["res_id"]), ("res.partner", self.partner.id)
        )
        self.assertIn("Birth Date is refused by the Urssaf", request.advice)
        with self.named("M050", "inputPrestations[0].complement2 : invalide"):
            self.send(move)
        opened = self.press(request, "action_open_to_fix")
        self.assertEqual(opened["res_model"], "res.company")
        self.send(move)
        self.assertEqual(request.state, "integrated")
        self.assertFalse(request.error_fields or request.advice)

    def test_a_field_of_a_customer_that_the_urssaf_names_is_named(self):
        partner = self.create_particulier("Luce Petit")
        path = "inputParticulier.adressePostale.libelleVoie"
        with self.named("M010", f"champ {path} : « rue des Lilas » est trop long"):
            action = self.press(partner, "action_l10n_fr_sap_register")
        registration = partner.sudo().l10n_fr_sap_registration_ids
        self.assertEqual(registration.state, "error")
        self.assertIn(
            "Street Name is refused by the Urssaf", partner.l10n_fr_sap_advice
        )
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        self.assertEqual(summary.line_ids.record_ref, partner)
        self.assertIn("Street Name", summary.line_ids.message)
        self.assertIn("Street Name", partner.message_ids[0].body)
        self.press(partner, "action_l10n_fr_sap_register")
        self.assertEqual(registration.state, "pending")
        self.assertFalse(registration.error_fields)

    def test_a_search_that_the_urssaf_refuses_says_why_and_changes_nothing(self):
        move = self.create_invoice()
        self.send(move)
        for code in ("ERR_CRITERE_RECHERCHE_VIDE", "ERR_NBRE_MAX_RESULTAT"):
            error = [{"code": code, "message": "Recherche refusée"}]
            with self.intercepted("M070", lambda answer, e=error: type(answer)(400, e)):
                message = self.refuse(move, "action_l10n_fr_sap_refresh")
            self.assertIn(code, message)
            self.assertTrue(advice(self.env, code))
        self.assertEqual(self.refreshed(move), "integrated")

    def test_a_refusal_by_the_customer_asks_the_salesperson(self):
        today = format_date(self.env, fields.Date.context_today(self.env.user))
        move = self.create_invoice()
        move.invoice_user_id = self.env.user
        self.send(move)
        self.control(
            f"demandes/{move.l10n_fr_sap_request_id.urssaf_id}",
            {
                "statut": "40",
                "infoRejet": {
                    "code": "CONTEST_ERR_FACT",
                    "commentaire": "2 h seulement",
                },
            },
        )
        self.assertEqual(self.refreshed(move), "refused")
        [activity] = move.activity_ids
        self.assertEqual(activity.user_id, self.env.user)
        self.assertIn("The invoice is wrong", activity.note)
        self.assertNotIn("2 h seulement", activity.note, "who sees it may not see this")
        self.assertEqual(
            move.l10n_fr_sap_error.split("\n"),
            [
                (
                    f"Refused by the customer on {today}: The invoice is wrong –"
                    " “2 h seulement”"
                ),
                advice(self.env, "refused"),
            ],
        )
        # The day stays, however often the Urssaf is asked.
        request = move.l10n_fr_sap_request_id
        request.sudo().refused_at -= timedelta(days=3)
        self.assertEqual(self.refreshed(move), "refused")
        self.assertNotIn(today, move.l10n_fr_sap_error)
        # One that was refused before the day was kept.
        request.sudo().refused_at = False
        self.env.invalidate_all()
        self.assertIn("by the customer: The invoice is wrong", move.l10n_fr_sap_error)
        self.send(move)
        self.assertFalse(move.activity_ids)
        self.assertEqual(move.l10n_fr_sap_request_id.number, f"{move.name}-2")
        self.assertFalse(move.l10n_fr_sap_error)

    def test_a_cancelled_invoice_asks_nobody_any_more(self):
        move = self.create_invoice()
        self.send(move)
        urssaf_id = move.l10n_fr_sap_request_id.urssaf_id
        self.control(f"demandes/{urssaf_id}", {"statut": "40"})
        self.assertEqual(self.refreshed(move), "refused")
        self.assertTrue(move.activity_ids)
        move.button_cancel()
        self.assertFalse(move.activity_ids)
        self.assertFalse(move.l10n_fr_sap_error)

    def test_the_form_shows_what_is_to_be_mended(self):
        move = self.create_invoice()
        self.assertFalse(move.l10n_fr_sap_to_fix)
        move.l10n_fr_sap_date_to = False
        self.assertEqual(move.l10n_fr_sap_to_fix, "Services To is missing")
        self.assertFalse(self.create_invoice(self.partner_a).l10n_fr_sap_to_fix)


@tagged("post_install", "-at_install")
class TestManyInvoices(SapCase):
    def setUp(self):
        super().setUp()
        self.activate()

    def test_a_hundred_go_on_in_the_background(self):
        moves = self.env["account.move"].concat(
            *(self.create_invoice() for _number in range(QUEUED_FROM))
        )
        bad = self.create_invoice(l10n_fr_sap_date_to=False)
        bad.l10n_fr_sap_date_to = False
        moves[7].invoice_line_ids.name = "Ménage ERR_CODE_NATURE"
        action = self.press(moves | bad, "action_l10n_fr_sap_send")
        self.assertEqual(self.calls("M050"), [])
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        self.assertEqual(summary.queued_count, len(moves))
        self.assertEqual(summary.line_ids.record_ref, bad)
        self.run_cron("ir_cron_send")
        self.assertEqual(len(self.calls("M050")), 10)
        self.assertEqual(len(self.urssaf_requests()), len(moves) - 1)
        [message] = self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("partner_ids", "in", self.env.user.partner_id.ids),
            ]
        )
        self.assertIn("99 payment requests sent", message.body)
        self.assertIn(moves[7].name, message.body)

    def test_without_credentials_nobody_waits_in_the_queue(self):
        moves = self.env["account.move"].concat(
            *(self.create_invoice() for _number in range(3))
        )
        self.env.company.sudo().l10n_fr_sap_stored_secret = False
        with self.assertRaises(UserError):
            moves.sudo()._l10n_fr_sap_schedule_sending()
        self.env.company.l10n_fr_sap_send_on_post = True
        self.env.company.l10n_fr_sap_client_id = False
        self.assertFalse(self.create_invoice().l10n_fr_sap_status)

    def test_a_company_may_have_its_invoices_sent_when_confirmed(self):
        self.env.company.l10n_fr_sap_send_on_post = True
        move = self.create_invoice()
        other = self.create_invoice(self.partner_a)
        self.assertEqual(move.l10n_fr_sap_status, "to_send")
        self.assertFalse(other.l10n_fr_sap_status)
        self.assertEqual(self.calls("M050"), [])
        self.run_cron("ir_cron_send")
        self.assertEqual(move.l10n_fr_sap_status, "integrated")
        bad = self.create_invoice(post=False)
        bad.invoice_line_ids.l10n_fr_sap_nature_id = False
        bad.action_post()
        self.assertFalse(bad.l10n_fr_sap_status)
        self.assertIn("Nature of Home Service is missing", bad.l10n_fr_sap_to_fix)
