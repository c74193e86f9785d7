# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A year's certificates of all customers: who is to get one, the scheduled action that
makes them, and sending."""

from certificate_common import CertificateCase
from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

TRANSACTIONS = "odoo.addons.l10n_fr_urssaf_sap.protocol.transactions"
ACTIVITY = "l10n_fr_urssaf_sap.activity_certificates"


@tagged("post_install", "-at_install")
class TestCertificatesOfAll(CertificateCase):
    def setUp(self):
        super().setUp()
        self.customers = self.partner
        for number in range(11):
            self.customers |= self.create_particulier(f"Jeanne Martin{number}")
        for partner in self.customers:
            self.pay(self.invoice("2025-03-01", 2, partner=partner), "2025-03-10")
        # These are owed none: paid in cash, not paid, of another year.
        for name, day, journal in (
            ("Paul Espèces", "2025-03-10", self.cash),
            ("Paul Ancien", "2024-03-10", self.bank),
        ):
            move = self.invoice(
                f"{day[:4]}-03-01", 2, partner=self.create_particulier(name)
            )
            self.pay(move, day, journal=journal)
        self.invoice("2025-03-01", 2, partner=self.create_particulier("Paul Impayé"))

    def wizard(self, whose="without", user=None, **context):
        user = user or self.env.user
        wizards = self.env["l10n_fr_sap.certificate.wizard"].with_user(user)
        return wizards.with_context(**context).create({"year": 2025, "whose": whose})

    def test_who_was_two_contacts_keeps_every_document(self):
        first, second, third = self.customers[:3]
        both = first | second
        both.action_l10n_fr_sap_certificate(2025)
        self.pay(self.invoice("2025-04-01", 1, partner=second), "2025-04-10")
        (second | third).action_l10n_fr_sap_certificate(2025)
        certificates = self.env["l10n_fr_sap.certificate"].sudo()
        certificates._queue(first, self.env.company, 2025)
        documents = both.l10n_fr_sap_certificate_ids.attachment_id
        self.assertEqual(len(documents), 3)
        merging = self.env["base.partner.merge.automatic.wizard"].create({})
        merging._merge(both.ids, first)
        self.env.invalidate_all()
        kept = first.l10n_fr_sap_certificate_ids
        self.assertEqual(kept.attachment_id, documents)
        self.assertEqual(kept.mapped("version"), [3, 2, 1])
        self.assertEqual(set(kept.mapped("state")), {"replaced"})
        self.assertIn(first, self.listed(self.wizard()))
        # Nobody else's is touched.
        self.assertEqual(third.l10n_fr_sap_certificate_ids.state, "to_send")
        first.action_l10n_fr_sap_certificate(2025)
        latest = first.l10n_fr_sap_certificate_ids - kept
        self.assertEqual((latest.version, latest.state), (4, "to_send"))
        self.check_amounts(latest, 137.5, 0, 137.5)

    def test_a_year_that_is_none_is_named(self):
        nonsense = (0, -1, 1999, 2100, 20255, 2_100_000_000)
        for year in nonsense:
            for whose in ("without", "all", "chosen"):
                window = self.wizard(whose)
                window.year = year
                for button in ("action_make", "action_list"):
                    with self.assertRaisesRegex(UserError, "Please give a year"):
                        getattr(window, button)()
        for year in (*nonsense[1:], "abc", "9" * 5000, 2025.5, [2025], {"a": 1}):
            with self.assertRaisesRegex(UserError, "Please give a year"):
                self.partner.action_l10n_fr_sap_certificate(year)
        self.assertFalse(self.all_certificates())

    def all_certificates(self):
        return self.env["l10n_fr_sap.certificate"].search([("year", "=", 2025)])

    def make_all(self):
        """The scheduled action has ten seconds a run."""
        for _run in range(13):
            self.run_cron("ir_cron_certificates")
            self.env.invalidate_all()
            if "to_make" not in self.all_certificates().mapped("state"):
                return
        self.fail("the scheduled action does not come to an end")

    def told(self, user):
        return (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("message_type", "=", "user_notification"),
                    ("partner_ids", "in", user.partner_id.ids),
                ]
            )
        )

    def listed(self, wizard):
        return self.env["res.partner"].search(wizard.action_list()["domain"])

    def test_in_the_background(self):
        group = "account.group_account_invoice"
        clerk = new_test_user(self.env, "clerk", group, lang="en_US")
        wizard = self.wizard("all", clerk)
        self.assertEqual(self.listed(wizard) & self.customers, self.customers)
        wizard.action_make()
        waiting = self.all_certificates()
        self.assertEqual(set(waiting.mapped("state")), {"to_make"})
        self.assertFalse(waiting.attachment_id)
        self.make_all()
        made = self.all_certificates()
        # Of who paid in cash there is nothing to certify.
        self.assertEqual(made.partner_id, self.customers)
        self.assertEqual(set(made.mapped("state")), {"to_send"})
        self.assertEqual(set(made.mapped("version")), {1})
        self.assertFalse(made.queued_uid)
        for certificate in made:
            text = self.text(certificate)
            self.assertIn(f"Bénéficiaire {certificate.partner_id.name}", text)
            self.assertEqual(text.count("Attestation fiscale annuelle"), 1)
            self.check_amounts(certificate, 55, 0, 55)
        self.assertIn("made: 12, to fix: 0", self.told(clerk)[0].body)
        # Once more: nothing has changed, and the user is told all the same.
        self.wizard("all", clerk).action_make()
        self.make_all()
        self.assertEqual(self.all_certificates(), made)
        self.assertFalse(made.queued_uid)
        self.assertEqual(len(self.told(clerk)), 2)

    def refusal(self, wizard):
        with self.assertRaises(UserError) as caught:
            wizard.action_make()
        return str(caught.exception)

    @freeze_time("2026-11-26")
    def test_why_nobody_gets_one(self):
        wizard = self.wizard()
        wizard.year = 2026
        text = self.refusal(wizard)
        self.assertIn("of 2026: nobody paid for eligible services in full", text)
        self.assertRegex(text, r"There are payments of 2024 \w+ 2025\.$")
        self.pay(self.invoice("2026-03-01", 2), "2026-03-10")
        wizard.year = 2023
        text = self.refusal(wizard)
        self.assertRegex(text, r"There are payments of 2024, 2025,? \w+ 2026\.$")
        self.assertIn("please choose", self.refusal(self.wizard("chosen")))
        self.customers.action_l10n_fr_sap_certificate(2025)
        self.make_all()
        self.all_certificates().action_mark_sent()
        text = self.refusal(self.wizard())
        self.assertIn("of 2025: all who paid were sent theirs", text)
        self.assertNotIn("There are payments", text)
        # The same from a customer: only their own payments count.
        with self.assertRaisesRegex(UserError, "Nothing to certify") as caught:
            self.certify(self.customers[3], 2026)
        self.assertTrue(str(caught.exception).endswith("There are payments of 2025."))
        unpaid = self.create_particulier("Paul Jamais")
        with self.assertRaises(UserError) as caught:
            self.certify(unpaid, 2026)
        self.assertNotIn("There are payments", str(caught.exception))
        for year in (0, 1999, 20266):
            wizard.year = year
            self.assertIn("Please give a year", self.refusal(wizard))

    @freeze_time("2026-11-26")
    def test_a_year_that_is_not_over_warns(self):
        wizard = self.wizard()
        for year, warns in ((2024, False), (2025, False), (2026, True), (2027, True)):
            wizard.year = year
            self.assertEqual(bool(wizard.warning), warns, year)
        self.assertIn("2027 is not over", wizard.warning)

    def test_one_that_fails_stops_no_other(self):
        partners = self.customers[:3]
        certificates = self.env["l10n_fr_sap.certificate"].sudo()
        waiting = certificates._queue(partners, self.env.company, 2025)
        waiting.queued_uid = self.env.user
        bad = waiting[1]
        self.env.cr.execute(
            "ALTER TABLE l10n_fr_sap_certificate ADD CONSTRAINT poison"
            f" CHECK (version = 0 OR partner_id != {bad.partner_id.id})"
        )
        with mute_logger("odoo.sql_db", TRANSACTIONS):
            self.run_cron("ir_cron_certificates")
        self.env.invalidate_all()
        self.assertEqual(bad.state, "error")
        self.assertEqual((waiting - bad).mapped("state"), ["to_send", "to_send"])
        self.assertIn("made: 2, to fix: 1", self.told(self.env.user)[0].body)
        self.env.cr.execute(
            "ALTER TABLE l10n_fr_sap_certificate DROP CONSTRAINT poison"
        )
        self.certify(bad.partner_id, 2025)
        self.assertEqual(bad.state, "to_send")

    def test_sending(self):
        self.customers[1].email = False
        for partner in self.customers[:3]:
            self.certify(partner, 2025)
        certificates = self.all_certificates()
        self.assertIn(self.customers[0], self.listed(self.wizard()))
        action = certificates.action_send()
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        self.assertEqual(summary.line_ids.record_ref, self.customers[1])
        sent = certificates.filtered(lambda each: each.state == "sent")
        self.assertEqual(sent.partner_id, self.customers[0] | self.customers[2])
        mails = self.env["mail.mail"].search(
            [("model", "=", certificates._name), ("res_id", "in", certificates.ids)]
        )
        self.assertEqual(mails.recipient_ids, sent.partner_id)
        self.assertEqual(mails.attachment_ids, sent.attachment_id)
        certificates.action_mark_sent()
        self.assertEqual(set(certificates.mapped("state")), {"sent"})
        self.assertEqual(self.listed(self.wizard()), self.customers[3:])
        # What has changed since is to be sent again.
        late = self.invoice("2025-12-10", 1, partner=self.customers[0])
        self.pay(late, "2025-12-15")
        self.certify(self.customers[0], 2025)
        self.assertIn(self.customers[0], self.listed(self.wizard()))

    def test_somebody_is_told_until_all_are_sent(self):
        def told():
            self.run_cron("ir_cron_certificates")
            self.env.invalidate_all()
            return self.env.company.partner_id.activity_search([ACTIVITY])

        with freeze_time("2026-01-15"):
            [activity] = told()
            self.assertEqual(str(activity.date_deadline), "2026-03-30")
            self.assertIn("12", activity.note)
            self.assertEqual(told(), activity)
            for partner in self.customers:
                self.env["l10n_fr_sap.certificate"].sudo().create(
                    {
                        "partner_id": partner.id,
                        "company_id": self.env.company.id,
                        "year": 2025,
                        "version": 1,
                        "state": "sent",
                    }
                )
            self.assertFalse(told())
            self.all_certificates()[:1].sudo().unlink()
            self.assertTrue(told())
        with freeze_time("2026-04-01"):
            self.assertFalse(told())
