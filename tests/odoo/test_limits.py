# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Nothing that somebody types costs seconds, and what makes no sense is named."""

import time
from datetime import date, timedelta

from sap_common import SapCase

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.l10n_fr_urssaf_sap.protocol import parameters
from odoo.addons.mail.tests.common import mail_new_test_user

SPLIT = "action_l10n_fr_sap_split_by_month"
PREFIX = "l10n_fr_urssaf_sap."
LONG = "12 rue des Lilas 1 " * 10_000


@tagged("post_install", "-at_install")
class TestTyped(SapCase):
    def quickly(self, work, seconds=10):
        start = time.process_time()
        done = work()
        self.assertLess(time.process_time() - start, seconds)
        return done

    def draft(self, *periods, **values):
        lines = [
            Command.create(
                {
                    "product_id": self.product.id,
                    "l10n_fr_sap_date_from": start,
                    "l10n_fr_sap_date_to": end,
                }
            )
            for start, end in periods
        ]
        return self.create_invoice(post=False, invoice_line_ids=lines, **values)

    def test_a_mistyped_year_is_named_and_costs_nothing(self):
        end, good = self.month_end, (self.month_end, self.month_end)
        for period in (
            (end.replace(year=202, day=1), end),
            (end.replace(year=1900, day=1), end),
            (end, end.replace(year=9999, day=28)),
            (end.replace(year=end.year - 1, day=1), end),
        ):
            with self.subTest(period):
                move = self.draft(good, period)
                lines = move.invoice_line_ids
                message = self.quickly(lambda m=move: self.refuse(m, SPLIT))
                self.assertIn("Line 2: Services From and Services To", message)
                self.assertEqual(move.invoice_line_ids, lines)

    def test_a_mistyped_year_of_the_whole_invoice_is_named_too(self):
        move = self.draft((False, False), (False, False))
        move.write(
            {
                "l10n_fr_sap_date_from": date(202, 1, 1),
                "l10n_fr_sap_date_to": self.month_end,
            }
        )
        message = self.quickly(lambda: self.refuse(move, SPLIT))
        self.assertIn("of this invoice are more than 12 months apart", message)

    def test_a_whole_year_can_be_split(self):
        start = (self.month_end - timedelta(days=330)).replace(day=1)
        move = self.draft((start, self.month_end))
        action = self.press(move, SPLIT)
        drafts = self.env["account.move"].search(action["domain"])
        self.assertIn(len(drafts), (11, 12))

    def test_a_customer_may_type_anything(self):
        names = ("name", "street", "street2", "zip", "city", "phone", "email")
        for name in names:
            with self.subTest(name):
                values = {name: LONG}
                self.quickly(lambda v=values: self.partner.write(v))
                self.quickly(lambda: self.partner._l10n_fr_sap_obstacles())
        partner = self.quickly(
            lambda: self.env["res.partner"].create(
                dict.fromkeys(names, LONG) | {"l10n_fr_sap_particulier": True}
            )
        )
        self.quickly(lambda: partner._l10n_fr_sap_obstacles())

    def test_a_commune_is_looked_for_by_a_short_text(self):
        communes = self.env["l10n_fr_sap.commune"]
        for text in (LONG, "a (aaaaa" * 20_000, "a" + " " * 100_000, "(" * 100_000):
            with self.subTest(text[:10]):
                self.quickly(lambda t=text: communes.name_search(t))
                self.quickly(
                    lambda t=text: communes.search([("display_name", "in", [t])])
                )
        self.assertTrue(communes.name_search("Lyon 3"))

    def test_what_a_line_says_is_sent_as_far_as_anybody_reads_it(self):
        self.activate()
        lines = [
            Command.create({"display_type": "line_section", "name": LONG * 5}),
            *(
                Command.create(
                    {"product_id": self.product.id, "quantity": 3, "name": LONG * 5}
                )
                for _ in range(20)
            ),
        ]
        move = self.create_invoice(invoice_line_ids=lines)
        self.quickly(lambda: self.press(move, "action_l10n_fr_sap_send"))
        [[body]] = self.calls("M050")
        said = [each["complement1"] for each in body["inputPrestations"]]
        self.assertEqual(len(said), 20)
        self.assertLessEqual(max(map(len, said)), 1003)
        move = self.create_invoice(post=False, invoice_line_ids=lines[1:2])
        move.invoice_line_ids.l10n_fr_sap_nature_id = False
        text = move.sudo()._l10n_fr_sap_obstacle_text()
        self.assertLess(len(text), 2000)

    # Plausible dates and places

    def obstacles(self, **values):
        self.partner.write(values)
        return [each.text for each in self.partner._l10n_fr_sap_obstacles()]

    def test_a_birth_that_cannot_be_is_named(self):
        today = fields.Date.today()
        for day, text in (
            (today, "Birth Date is today"),
            (today + timedelta(days=1), "Birth Date is in the future"),
            (date(1899, 12, 31), "Birth Date is earlier than 1900"),
            (date(185, 5, 4), "Birth Date is earlier than 1900"),
        ):
            self.assertIn(text, self.obstacles(l10n_fr_sap_birth_date=day))
        for day in (date(1900, 1, 1), today - timedelta(days=1)):
            texts = self.obstacles(l10n_fr_sap_birth_date=day)
            self.assertNotIn("Birth Date", " ".join(texts))

    def test_a_commune_of_france_is_no_birth_abroad(self):
        algeria, france = self.env.ref("base.dz"), self.env.ref("base.fr")
        text = "Birth Commune is only for a birth in France"
        [found] = self.obstacles(l10n_fr_sap_birth_country_id=algeria.id)
        self.assertIn(text, found)
        self.assertFalse(self.obstacles(l10n_fr_sap_birth_commune_id=False))
        [found] = self.obstacles(l10n_fr_sap_birth_code="69383")
        self.assertIn("INSEE Code at Birth is only for a birth in France", found)
        self.obstacles(
            l10n_fr_sap_birth_country_id=france.id,
            l10n_fr_sap_birth_commune_id=self.commune.id,
        )
        self.assertFalse(self.obstacles(l10n_fr_sap_birth_code="69383"))
        with Form(self.partner) as form:
            form.l10n_fr_sap_birth_country_id = algeria
            # It can be seen, and cleared, as long as it is there.
            form.l10n_fr_sap_birth_commune_id = self.commune.browse()

    def test_an_invoice_of_another_century_is_named(self):
        self.activate()
        for day, text in (
            (date(2021, 12, 31), "is earlier than the avance immédiate itself (2022)"),
            (date(1926, 3, 1), "is earlier than the avance immédiate itself (2022)"),
            (fields.Date.today() + timedelta(days=400), "is in the future"),
        ):
            move = self.create_invoice(post=False, invoice_date=day)
            # Some years cannot be posted for reasons of their own.
            text = f"Invoice/Bill Date {text}"
            self.assertIn(text, move.sudo()._l10n_fr_sap_obstacle_text())
        move = self.create_invoice()
        self.assertFalse(move.sudo()._l10n_fr_sap_obstacle_text())


@tagged("post_install", "-at_install")
class TestParameters(SapCase):
    def test_nonsense_is_refused_when_it_is_set(self):
        parameter = self.env["ir.config_parameter"].sudo()
        for name, values in {
            "lease_seconds": ("86401", "-300", "soon", "1e3", "9" * 99),
            "calls_in_flight": ("0", "17", "-1", "four", "2.5", "٤"),
            "exchange_days": ("0", "-60", "never", "99999", "1e400"),
            "url_test": ("ftp://x", "urssaf", "http://["),
            "url_production": ("//", "https://a:b@c.fr"),
        }.items():
            for value in values:
                with self.subTest(f"{name}={value[:20]}"):
                    with self.assertRaisesRegex(ValidationError, PREFIX + name):
                        parameter.set_param(PREFIX + name, value)
                    with self.assertRaises(ValidationError):
                        parameter.search([("key", "=", PREFIX + name)]).unlink()
                        parameter.create({"key": PREFIX + name, "value": value})

    def test_sense_is_not(self):
        parameter = self.env["ir.config_parameter"].sudo()
        for name, value in {
            "lease_seconds": 120,
            "calls_in_flight": "16",
            "exchange_days": " 9 ",
            "url_test": "http://localhost:8070",
            "url_production": "https://urssaf.example/",
        }.items():
            parameter.set_param(PREFIX + name, value)
            parameter.set_param(PREFIX + name, False)
        parameter.set_param("another.lease_seconds", "soon")

    def test_nonsense_that_is_there_already_is_warned_of_once(self):
        query = "UPDATE ir_config_parameter SET value = %s WHERE key = %s"
        for name, good, read, default in (
            ("lease_seconds", 200, parameters.lease, timedelta(seconds=300)),
            ("calls_in_flight", 2, parameters.calls_in_flight, 4),
            ("exchange_days", 9, parameters.exchange_days, 60),
        ):
            for value in ("soon", "-1", "9" * 5000, "NaN"):
                with self.subTest(f"{name}={value[:9]}"):
                    self.env["ir.config_parameter"].set_param(PREFIX + name, good)
                    self.env.flush_all()
                    self.env.cr.execute(query, [value, PREFIX + name])
                    self.env.invalidate_all()
                    self.registry.clear_all_caches()
                    with self.assertLogs(parameters.__name__, "WARNING") as logged:
                        self.assertEqual(read(self.env), default)
                        self.assertEqual(read(self.env), default)
                    self.assertEqual(len(logged.output), 1)


@tagged("post_install", "-at_install")
class TestAdministrator(SapCase):
    """Who looks after Odoo need not see invoices."""

    def setUp(self):
        super().setUp()
        self.activate()
        self.move = self.create_invoice()
        self.press(self.move, "action_l10n_fr_sap_send")
        self.admin = mail_new_test_user(self.env, "root3", groups="base.group_system")
        self.exchanges = self.env["l10n_fr_sap.exchange"].with_user(self.admin)

    def test_exchanges_open_without_invoicing_rights(self):
        requests = self.env["l10n_fr_sap.payment.request"].with_user(self.admin)
        self.assertFalse(requests.has_access("read"))
        views = self.exchanges.get_views([(False, name) for name in VIEWS])["views"]
        self.assertEqual(set(views), set(VIEWS))
        self.assertNotIn("request_ids", views["form"]["arch"])
        sent = self.exchanges.search([("operation", "=", "M050")])
        shown = {
            name: {}
            for name in self.exchanges.fields_get()
            if f'name="{name}"' in views["form"]["arch"]
        }
        [read] = sent.web_read(shown)
        self.assertIn(self.move.name, read["references"])
        self.assertTrue(self.exchanges.web_search_read([], shown)["length"])
        self.assertTrue(self.exchanges.search([("references", "ilike", "a")]))
        self.assertTrue(self.exchanges.formatted_read_group([], ["operation"]))
        with Form(sent, view="l10n_fr_urssaf_sap.view_exchange_form") as form:
            self.assertEqual(form.operation, "M050")
        with self.assertRaises(AccessError):
            sent.web_read({"request_ids": {}})

    def test_the_buttons_on_what_they_may_see_lead_there(self):
        partner = self.partner.with_user(self.admin)
        action = partner.action_l10n_fr_sap_exchanges()
        self.assertTrue(self.exchanges.search(action["domain"]))
        arch = partner.get_view(view_type="form")["arch"]
        self.assertIn("action_l10n_fr_sap_exchanges", arch)

    def test_who_may_see_both_sees_the_requests(self):
        both = self.create_administrator()
        sent = self.exchanges.with_user(both).search([("operation", "=", "M050")])
        self.assertEqual(sent.request_ids, self.move.l10n_fr_sap_request_id)


VIEWS = ("list", "form", "search")
