# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How often the Urssaf is asked about a payment request: less and less, and what is not
over by then is shown to somebody."""

import ast
import itertools
import runpy
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from lxml import etree
from sap_common import SapCase

from odoo import fields
from odoo.tests import tagged

from odoo.addons import l10n_fr_urssaf_sap
from odoo.addons.l10n_fr_urssaf_sap.invoicing import states
from odoo.addons.l10n_fr_urssaf_sap.urssaf.api.codes import STATUSES

SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
MIGRATION = (
    Path(l10n_fr_urssaf_sap.__file__).parent / "migrations/19.0.1.4.0/post-migration.py"
)
HOUR, DAY, WEEK, MONTH = (timedelta(days=days) for days in (1 / 24, 1, 7, 30))
# The days since it was sent, or paid: how often what moves is asked about, and what is
# paid.
PACES = (
    (0, HOUR, DAY),
    (3, HOUR, DAY),
    (14, HOUR, DAY),
    (16, DAY, WEEK),
    (69, DAY, WEEK),
    (71, WEEK, MONTH),
    (300, WEEK, MONTH),
    (360, WEEK, MONTH),
    (397, None, None),
    (1500, None, None),
)
CODES = {status.key: status.code for status in STATUSES}
MOVING = (
    "integrated",
    "aids_computed",
    "awaiting_validation",
    "validated",
    "debited",
    "debit_refused",
    "in_exchange",
    "closed",
    "provider_unpaid",
    "unknown",
)


@tagged("post_install", "-at_install")
class TestPace(SapCase):
    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now()
        self.numbers = itertools.count()
        self.move = self.create_invoice()

    def create_requests(self, *several):
        """A request for each of these values; they share an invoice."""
        common = {
            "move_id": self.move.id,
            "company_id": self.env.company.id,
            "environment": "test",
            "partner_id": self.partner.id,
            "superseded": True,
        }
        filled = [
            common
            | {"number": f"P-{number}", "urssaf_id": f"P-{number}-id"}
            | {"urssaf_code": CODES.get(values["state"])}
            | values
            for number, values in zip(self.numbers, several, strict=False)
        ]
        return self.env["l10n_fr_sap.payment.request"].sudo().create(filled)

    def aged_values(self, state, days, asked=timedelta(minutes=5), **values):
        """Of a request sent, or paid, so many days ago."""
        sent = self.now - timedelta(days=days)
        refreshed_at = self.now - asked if asked is not None else False
        dates = {"sent_at": sent, "refreshed_at": refreshed_at}
        if state == "paid":
            dates |= {"transfer_date": sent.date(), "sent_at": sent - 8 * DAY}
        return {"state": state} | dates | values

    def aged(self, *args, **kwargs):
        return self.create_requests(self.aged_values(*args, **kwargs))

    def interval(self, request):
        return request.check_after and request.check_after - request.refreshed_at

    def test_the_older_it_is_the_less_it_is_asked_about(self):
        cases = list(itertools.product(PACES, (*MOVING, "paid", "recovered")))
        requests = self.create_requests(
            *(self.aged_values(state, days) for (days, *_paces), state in cases)
        )
        for request, ((days, moving, paid), state) in zip(requests, cases, strict=True):
            with self.subTest(days=days, state=state):
                wanted = {"paid": paid, "recovered": None}.get(state, moving)
                self.assertEqual(self.interval(request) or None, wanted)

    def test_all_that_moves_is_in_the_table(self):
        self.assertEqual({*MOVING, "paid"}, set(states.MOVING))

    def test_paid_counts_from_the_transfer(self):
        for state, wanted in (("paid", DAY), ("debited", None)):
            request = self.aged(state, 3, transfer_date=self.now.date())
            request.sent_at = self.now - timedelta(days=400)
            self.assertEqual(self.interval(request) or None, wanted)
        # Announced for some day soon, and for two that make no sense.
        for day, wanted in (
            (self.now + 4 * DAY, DAY),
            (self.now + 9999 * DAY, MONTH),
            (self.now - 9999 * DAY, MONTH),
        ):
            request = self.aged("paid", 3, transfer_date=day.date())
            request.sent_at = self.now - timedelta(days=100)
            self.assertEqual(self.interval(request), wanted)

    def test_one_that_was_never_asked_about_is_due(self):
        for state in ("paid", "unknown"):
            for days, due in ((300, True), (400, False)):
                request = self.aged(state, days, asked=None)
                self.assertEqual(bool(request.check_after), due)
                self.assertEqual(request in self.due(), due)
        # Versions before this one did not always keep when it was sent.
        values = {"state": "integrated", "refreshed_at": self.now - HOUR / 2}
        request = self.create_requests(values)
        self.assertEqual(self.interval(request), HOUR)

    def due(self):
        return self.env["l10n_fr_sap.payment.request"].search(states.due_domain())

    def test_the_scheduled_action_asks_when_it_is_due(self):
        for state, days, early, late in (
            ("paid", 5, 23 * HOUR, 25 * HOUR),
            ("paid", 40, 6 * DAY, 8 * DAY),
            ("paid", 200, 29 * DAY, 31 * DAY),
            ("debited", 5, HOUR / 2, 2 * HOUR),
            ("debited", 40, 23 * HOUR, 25 * HOUR),
            ("unknown", 200, 6 * DAY, 8 * DAY),
        ):
            for asked, wanted in ((early, 0), (late, 1)):
                request = self.aged(state, days, asked)
                before = len(self.calls("M070"))
                self.run_cron("ir_cron_refresh_requests")
                self.assertEqual(len(self.calls("M070")) - before, wanted, state)
                request.unlink()

    def test_what_is_too_old_is_asked_about_by_hand(self):
        self.activate()
        self.press(self.move, SEND)
        request = self.move.l10n_fr_sap_request_id.sudo()
        self.control(f"demandes/{request.urssaf_id}", {"statut": "70"})
        self.press(self.move, REFRESH)
        request.transfer_date = self.now - timedelta(days=500)
        self.assertEqual(request.state, "paid")
        self.assertFalse(request.check_after)
        self.control(f"demandes/{request.urssaf_id}", {"statut": "260"})
        self.run_cron("ir_cron_refresh_requests")
        self.assertEqual(request.state, "paid")
        self.press(self.move, REFRESH)
        self.assertEqual(request.state, "provider_unpaid")
        # What has moved is followed again.
        self.assertEqual(self.interval(request), HOUR)

    # Never forgotten

    def activities(self):
        return self.move.activity_ids.filtered(
            lambda activity: "not over" in (activity.note or "")
        )

    def test_somebody_is_told_once_of_what_is_not_over(self):
        for state in MOVING:
            for days, told in ((69, 0), (71, 1), (900, 1)):
                with self.subTest(state=state, days=days):
                    request = self.aged(state, days)
                    self.run_cron("ir_cron_refresh_requests")
                    self.assertEqual(len(self.activities()), told)
                    self.assertEqual(request.reminded, bool(told))
                    self.activities().unlink()
                    self.run_cron("ir_cron_refresh_requests")
                    self.assertFalse(self.activities())
                    request.unlink()

    def test_nobody_is_told_of_what_is_over_or_was_only_a_test(self):
        for state in ("paid", *states.DEAD, "recovered", "provider_settled", "error"):
            self.aged(state, 900)
        self.aged("unknown", 900, environment="production")
        self.run_cron("ir_cron_refresh_requests")
        self.assertFalse(self.activities())

    def test_a_list_shows_what_is_not_over(self):
        view = self.env["l10n_fr_sap.payment.request"].get_view(view_type="search")
        [shown] = etree.fromstring(view["arch"]).xpath("//filter[@name='stalled']")
        told = self.aged("validated", 100)
        self.aged("validated", 10)
        self.aged("paid", 10, reminded=True)
        self.run_cron("ir_cron_refresh_requests")
        domain = ast.literal_eval(shown.get("domain"))
        found = self.env["l10n_fr_sap.payment.request"].search(domain)
        self.assertEqual(found, told)
        states_shown = next(term[2] for term in domain if term[0] == "state")
        self.assertEqual(set(states_shown), set(MOVING))

    # The upgrade

    def migrate(self):
        self.env.flush_all()
        runpy.run_path(MIGRATION)["migrate"](self.env.cr, "19.0.1.3.0")
        self.env.invalidate_all()

    def test_the_upgrade_comes_to_what_the_model_would(self):
        cases = [
            self.aged_values(state, days, asked)
            | ({} if known else {"urssaf_id": False})
            for state in dict(states.STATES)
            for days, _moving, _paid in PACES
            for asked in (None, timedelta(minutes=5), 2 * DAY, 20 * DAY, 100 * DAY)
            for known in (True, False)
        ]
        cases += [
            self.aged_values("paid", 20, transfer_date=day)
            for day in (False, self.now + 4 * DAY, self.now + 9999 * DAY)
        ]
        requests = self.create_requests(*cases)
        wanted = {request: request.check_after for request in requests}
        self.env.cr.execute(
            "UPDATE l10n_fr_sap_payment_request"
            " SET check_after = refreshed_at + interval '1 hour'"
            " WHERE state IN %s AND urssaf_id IS NOT NULL",
            [states.MOVING],
        )
        self.migrate()
        exact = 0
        for request, moment in wanted.items():
            found, asked = request.check_after, request.refreshed_at
            self.assertEqual(bool(found), bool(moment), request.state)
            if not moment:
                continue
            if request.state in states.MOVING and not asked:
                self.assertLessEqual(found, fields.Datetime.now())
            elif request.state in states.MOVING and moment - asked >= WEEK:
                # Spread over the time until then.
                self.assertLess(asked, found)
                self.assertLessEqual(found, moment)
            else:
                exact += 1
                self.assertEqual(found, moment)
        self.assertGreater(exact, 100)

    def test_the_upgrade_knows_the_older_statuses(self):
        codes = {"15": "aids_computed", "80": "in_exchange", "90": "closed"}
        codes |= {"100": "deleted", "999": "unknown"}
        requests = {
            code: self.aged(
                "unknown", 20, 2 * DAY, urssaf_code=code, superseded=code != "100"
            )
            for code in codes
        }
        self.migrate()
        for code, request in requests.items():
            self.assertEqual(request.state, codes[code])
            self.assertEqual(request.check_after, states.next_check(request))
        self.assertFalse(requests["100"].check_after)

    # Cost

    def insert(self, count):
        """Paid requests of one to four years ago, as the version before this one left
        them: asked about an hour ago, and due now."""
        template = self.aged("paid", 400)
        self.env.flush_all()
        self.env.cr.execute(
            """
            INSERT INTO l10n_fr_sap_payment_request (
                move_id, company_id, environment, partner_id, access, number, urssaf_id,
                state, superseded, create_date, sent_at, transfer_date, refreshed_at,
                check_after
            )
            SELECT move_id, company_id, environment, partner_id, access,
                   'OLD-' || nth, 'OLD-' || nth, state, superseded,
                   day, day, day + interval '6 days',
                   now() AT TIME ZONE 'UTC' - interval '2 hours',
                   now() AT TIME ZONE 'UTC' - interval '1 hour'
            FROM (
                SELECT request.*, nth,
                       now() AT TIME ZONE 'UTC' - interval '1 day' * (372 + nth %% 1100)
                       AS day
                FROM l10n_fr_sap_payment_request AS request,
                     generate_series(1, %s) AS nth
                WHERE request.id = %s
            ) AS old
            """,
            [count, template.id],
        )
        template.unlink()
        self.env.invalidate_all()

    def refresh(self):
        """The calls and the queries of one run, which asks about ten young ones as well."""
        young = [self.aged("debited", 5, 2 * HOUR) for _number in range(10)]
        self.env.flush_all()
        self.env.invalidate_all()
        before = len(self.calls("M070"))
        with contextmanager(self._patchExecute)([]) as queries:
            self.run_cron("ir_cron_refresh_requests")
        asked = len(self.calls("M070")) - before
        self.assertGreaterEqual(asked, 1)
        for request in young:
            request.unlink()
        return asked, len(queries)

    def test_thousands_of_old_ones_cost_nothing(self):
        self.refresh()  # warms Odoo's own caches up
        costs = {}
        for count in (1_200, 12_000):
            self.insert(count)
            self.migrate()
            costs[count] = self.refresh()
            self.env.cr.execute(
                "DELETE FROM l10n_fr_sap_payment_request WHERE number LIKE 'OLD-%'"
            )
        self.assertEqual(costs[1_200], costs[12_000])
        self.assertEqual(costs[12_000][0], 1)

    def test_thousands_that_nobody_asked_about_for_a_week_are_few_calls(self):
        self.insert(12_000)
        today = len(self.due())
        self.assertEqual(today, 12_000)
        self.migrate()
        self.env.cr.execute(
            "UPDATE l10n_fr_sap_payment_request"
            " SET check_after = check_after - interval '7 days'"
        )
        self.env.invalidate_all()
        calls, _queries = self.refresh()
        self.assertLessEqual(calls, today / 10 / 20)
