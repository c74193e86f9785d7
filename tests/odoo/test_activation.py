# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is from before the customer's activation, and of that very day."""

from datetime import datetime, time, timedelta

from freezegun import freeze_time
from send_window_common import SendWindowCase

from odoo import Command
from odoo.tests import tagged
from odoo.tools import format_date

EDI = "l10n_fr_sap"
SEND = "action_l10n_fr_sap_send"
CHECK = "action_l10n_fr_sap_check_registration"


@tagged("post_install", "-at_install")
class TestActivation(SendWindowCase):
    """A customer who activated at half past two in the afternoon of a 10th."""

    def setUp(self):
        super().setUp()
        self.day = self.month_start.replace(day=10)
        self.before, self.after = (self.day + timedelta(days=days) for days in (-1, 1))
        self.activate(since=datetime.combine(self.day, time(14, 32, 10)))

    def july(self, *days, **values):
        """An invoice of the days of a month on which this customer was visited."""
        lines = [
            {
                "product_id": self.product.id,
                "quantity": 3,
                "l10n_fr_sap_date_from": self.month_start.replace(day=day),
                "l10n_fr_sap_date_to": self.month_start.replace(day=day),
            }
            for day in days
        ]
        values["invoice_line_ids"] = [Command.create(line) for line in lines]
        return self.create_invoice(**values)

    def alerts(self, moves):
        found = self.open_window(moves).alerts or {}
        return [alert for key, alert in found.items() if key.startswith(EDI)]

    def warning(self, what):
        safe = format_date(self.env, self.after)
        return (
            f"{what} is the day of the customer's activation: the Urssaf may refuse it."
            f" From {safe} on it is safe."
        )

    # The moment

    def test_the_moment_is_kept_in_utc(self):
        for moment, paris in (
            ("2026-07-03 12:32:10", "2026-07-03T14:32:10"),
            ("2026-01-15 07:30:00", "2026-01-15T08:30:00"),
            # Where it tells no hour, it is the same day all over Europe.
            ("2026-07-03 00:00:00", "2026-07-03"),
        ):
            path = f"particuliers/{self.partner.l10n_fr_sap_urssaf_id}"
            self.control(path, {"etat": "active", "activeSince": paris})
            self.press(self.partner, CHECK)
            registration = self.partner.l10n_fr_sap_registration_ids
            self.assertEqual(str(registration.active_since), moment)
            self.assertEqual(str(self.partner.l10n_fr_sap_active_since), moment)

    def test_a_day_is_one_of_paris(self):
        """A quarter past midnight in Paris is still the day before in UTC."""
        early = datetime.combine(self.day, time(0, 15))
        self.activate_again(early)
        self.assertLess(self.partner.l10n_fr_sap_active_since.date(), self.day)
        for tz in ("UTC", "Europe/Paris", "America/Cayenne", "Asia/Tokyo"):
            self.env.user.tz = tz
            move = self.july(self.before.day, 16)
            self.assertIn("earlier than the customer's act", move.l10n_fr_sap_to_fix)
            move = self.july(self.day.day, 16)
            self.assertFalse(move.l10n_fr_sap_to_fix)
            self.assertIn(self.warning("Services From"), move.l10n_fr_sap_warning)

    def activate_again(self, moment):
        path = f"particuliers/{self.partner.l10n_fr_sap_urssaf_id}"
        body = {"etat": "active", "activeSince": moment.isoformat()}
        self.control(path, body)
        self.press(self.partner, CHECK)

    def test_today_is_that_of_paris(self):
        """Whoever looks, and where nobody does: the scheduled action has no time zone."""
        day = self.month_end + timedelta(days=1)
        move = self.create_invoice(
            invoice_date=day, l10n_fr_sap_date_from=day, l10n_fr_sap_date_to=day
        )
        for tz in (False, "Europe/Paris", "Pacific/Auckland", "America/Cayenne"):
            self.env.user.tz = tz
            for hour, is_future in ((20, True), (23, False)):
                with freeze_time(datetime.combine(self.month_end, time(hour, 30))):
                    move.invalidate_recordset(["l10n_fr_sap_to_fix"])
                    told = "future" in (move.l10n_fr_sap_to_fix or "")
                    self.assertEqual(told, is_future, (tz, hour))

    def test_a_day_is_shown_without_a_time(self):
        self.env.user.tz = "UTC"
        self.env["res.lang"]._activate_lang("fr_FR")
        partner = self.partner.with_context(lang="fr_FR")
        for moment, shown in (
            (datetime.combine(self.day, time()), format_date(partner.env, self.day)),
            (
                datetime.combine(self.day, time(14, 32, 10)),
                f"{self.day:%d/%m/%Y} 14:32",
            ),
        ):
            self.activate_again(moment)
            self.assertEqual(partner.l10n_fr_sap_activated_on, shown)
        other = self.create_particulier("Paul Voisin")
        self.assertFalse(other.l10n_fr_sap_activated_on)

    # Whoever has not

    def test_why_a_customer_is_not_active_says_what_to_do(self):
        other = self.create_particulier("Paul Voisin", phone="06 39 98 00 12")
        move = self.create_invoice(partner=other)
        self.assertIn(
            "Paul Voisin is not registered with the Urssaf: please open the contact",
            self.listed(move, SEND),
        )
        self.press(other, "action_l10n_fr_sap_register")
        registration = other.l10n_fr_sap_registration_ids.sudo()
        for state, said in (
            ("pending", "is not active at the Urssaf yet"),
            ("abandoned", "please register them again"),
            ("blocked", "is blocked by the Urssaf"),
            ("mandate_expired", "has to renew"),
            ("error", "the contact says what to fix"),
            ("queued", "is being registered"),
            ("unregistered", "is not registered"),
        ):
            registration.state = state
            self.env.invalidate_all()
            told = self.listed(move, SEND)
            self.assertEqual(told.count("Paul Voisin"), 1, told)
            self.assertIn(said, told)
            [obstacle] = move.sudo()._l10n_fr_sap_obstacles()[move.sudo()]
            self.assertIn(said, obstacle.public)
            self.assertNotIn("Paul", obstacle.public)

    # Before

    def test_every_day_before_the_activation_is_named_before_anything_leaves(self):
        visits = self.july(9, 16)
        invoiced = self.july(11, 16, invoice_date=self.before)
        paid = self.july(11, 16)
        self.pay(paid, self.before)
        early = "is earlier than the customer's activation"
        for move, fields in (
            (visits, ["Line “Ménage”: Services From"]),
            (invoiced, ["Invoice/Bill Date"]),
            (paid, ["Date of the deposit"]),
        ):
            lines = move.l10n_fr_sap_to_fix.splitlines()
            self.assertEqual(len(lines), len(fields), lines)
            for line, field in zip(lines, fields, strict=True):
                self.assertTrue(line.startswith(f"{field} {early}"), line)
            said = self.listed(move, SEND)
            for line in lines:
                self.assertIn(line, said)
            said = "\n".join(alert["message"] for alert in self.alerts(move))
            for line in lines:
                self.assertIn(line, said)
        self.assertEqual(self.calls("M050"), [])

    def pay(self, move, day):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        self.env.company.l10n_fr_sap_deposits_allowed = True
        wizard.create({"amount": 20, "payment_date": day})._create_payments()
        self.assertEqual(move.payment_state, "partial")

    def test_what_precedes_the_activation_is_paid_directly(self):
        """The document must not tell the customer that there is nothing to pay."""
        self.assertFalse(self.july(2, 9).l10n_fr_sap_collected)
        self.assertTrue(self.july(16, 23).l10n_fr_sap_collected)
        move = self.july(9)
        self.assertFalse(move.l10n_fr_sap_collected)
        self.activate_again(datetime.combine(self.before, time(8)))
        self.assertTrue(move.l10n_fr_sap_collected)

    # On the very day

    def test_what_is_of_the_very_day_goes_with_a_warning_of_the_safe_one(self):
        for name, move in self.of_the_very_day().items():
            with self.subTest(name):
                warning = self.warning(name)
                self.assertFalse(move.l10n_fr_sap_to_fix)
                self.assertEqual(move.l10n_fr_sap_warning, warning)
                window = self.open_window(move)
                self.assertTrue(window.extra_edi_checkboxes[EDI]["checked"])
                [alert] = self.alerts(move)
                self.assertEqual(alert["level"], "warning")
                self.assertEqual(alert["message"], warning)
                self.assertEqual(alert["action"]["res_id"], move.id)
                # Its form has said it.
                self.assertEqual(self.press(move, SEND)["params"]["type"], "success")
                self.assertEqual(move.l10n_fr_sap_status, "integrated")
                self.assertFalse(move.l10n_fr_sap_warning)

    def of_the_very_day(self):
        visited = self.create_invoice(
            l10n_fr_sap_date_from=self.day, l10n_fr_sap_date_to=self.month_end
        )
        paid = self.july(11, 16)
        self.pay(paid, self.day)
        return {
            "Services From": visited,
            "Invoice/Bill Date": self.july(11, 16, invoice_date=self.day),
            "Date of the deposit": paid,
        }

    def test_a_line_of_the_very_day_is_named(self):
        move = self.july(10, 16)
        self.assertEqual(
            move.l10n_fr_sap_warning.splitlines(),
            [self.warning("Line “Ménage”: Services From")],
        )

    def test_the_day_after_needs_no_warning(self):
        move = self.july(11, 16)
        self.assertFalse(move.l10n_fr_sap_warning)
        self.assertEqual(self.alerts(move), [])

    def test_a_selection_is_told_afterwards(self):
        good, warned, bad = self.july(11), self.july(10), self.july(9)
        action = self.press(good | warned | bad, SEND)
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        self.assertEqual(summary.done_count, 2)
        self.assertEqual(summary.line_ids.record_ref, bad)
        said = f"{warned.display_name}: Line “Ménage”: Services From is"
        self.assertIn(said, summary.warning)
        self.assertIn(format_date(self.env, self.after), summary.warning)
        self.assertNotIn(good.name, summary.warning)
        self.assertNotIn(bad.name, summary.warning)
        action = self.press(self.july(10) | self.july(10), SEND)
        summary = self.env["l10n_fr_sap.summary"].browse(action["res_id"])
        self.assertEqual((summary.done_count, summary.line_ids.ids), (2, []))

    def test_where_the_urssaf_refuses_that_day_the_advice_says_what_is_safe(self):
        self.control("activation-day", {"allowed": False})
        move, later = self.july(10, 16), self.july(11, 16)
        self.press(move | later, SEND)
        self.assertEqual(later.l10n_fr_sap_status, "integrated")
        self.assertEqual(move.l10n_fr_sap_status, "error")
        request = move.l10n_fr_sap_request_id
        self.assertEqual(request.error_codes, "ERR_LIEN_PARTICULIER_PRESTATAIRE")
        self.assertIn("the day after is safe", request.advice)
        self.assertIn("the day after is safe", move.l10n_fr_sap_error)

    def test_where_the_urssaf_tells_no_moment_it_has_the_last_word(self):
        self.partner.l10n_fr_sap_registration_ids.sudo().active_since = False
        move = self.july(2)
        self.assertFalse(move.l10n_fr_sap_to_fix)
        self.assertFalse(move.l10n_fr_sap_warning)
