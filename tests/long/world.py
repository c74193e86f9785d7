# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A provider with its customers and invoices, in Odoo and at the stand-in Urssaf, and
processes forked from this one to work upon them."""

import multiprocessing
import time
from collections import Counter
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial

import requests
import stack
from stack.cluster import sql

from odoo import Command, api, sql_db
from odoo.modules.registry import Registry
from odoo.service.model import call_kw, retrying
from odoo.tools import config

MONTH_END = date.today().replace(day=1) - timedelta(days=1)  # noqa: DTZ011
SEND, REFRESH = "action_l10n_fr_sap_send", "action_l10n_fr_sap_refresh"
REQUESTS = """
    SELECT number, state, urssaf_id, urssaf_code, move_id
      FROM l10n_fr_sap_payment_request
"""


class World:
    def __init__(self, database, url, log):
        self.database, self.url, self.log = database, url, log
        options = ["-c", str(stack.CONFIG), "--max-cron-threads=0"]
        config.parse_config(options, setup_logging=False)
        self.registry = Registry(database)
        self.before = set()
        with self.transaction() as env:
            env["ir.config_parameter"].set_param("l10n_fr_urssaf_sap.url_test", url)
            env.ref("base.EUR").active = True
            env.company.write(
                {
                    "currency_id": env.ref("base.EUR").id,
                    "l10n_fr_sap_client_id": "demo",
                    "l10n_fr_sap_client_secret": "demo-secret",
                    "l10n_fr_sap_nova_number": "SAP123456782",
                }
            )
            self.user = self._create_user(env)
            self.partners = self.create_customers(env, 5).ids
        self.call("res.partner", self.partners, "action_l10n_fr_sap_register")
        self.control("advance")
        self.call("res.partner", self.partners, "action_l10n_fr_sap_check_registration")

    # In Odoo

    @contextmanager
    def transaction(self, user=api.SUPERUSER_ID):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, user, {})

    def call(self, model, ids, method, *args):
        """What a person does, as Odoo's HTTP layer does it."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, self.user, {"lang": "en_US"})
            return retrying(partial(call_kw, env[model], method, [ids, *args], {}), env)

    def run_cron(self, name):
        """:raise UserError: when it runs already, in another process"""
        with self.transaction() as env:
            env.ref(f"l10n_fr_urssaf_sap.{name}").method_direct_trigger()

    def set_lease(self, seconds):
        with self.transaction() as env:
            env["ir.config_parameter"].set_param(
                "l10n_fr_urssaf_sap.lease_seconds", seconds
            )

    def _create_user(self, env):
        groups = ("account.group_account_invoice", "base.group_partner_manager")
        return (
            env["res.users"]
            .create(
                {
                    "name": "Camille",
                    "login": "camille",
                    "group_ids": [Command.link(env.ref(group).id) for group in groups],
                }
            )
            .id
        )

    def create_customers(self, env, count):
        commune = env["l10n_fr_sap.commune"].search(
            [("code", "=", "69383"), ("kind", "!=", "former")]
        )
        bank = env["res.bank"].create({"name": "Banque", "bic": "AGRIFRPPXXX"})
        first = env["res.partner"].search_count(
            [("l10n_fr_sap_particulier", "=", True)]
        )
        return env["res.partner"].create(
            [
                {
                    "name": "Jeanne Martin",
                    "email": f"jeanne{number}@example.com",
                    "street": "12 rue des Lilas",
                    "zip": "69003",
                    "city": "Lyon",
                    "country_id": env.ref("base.fr").id,
                    "phone": "06 39 98 00 11",
                    "l10n_fr_sap_particulier": True,
                    "l10n_fr_sap_civility": "2",
                    "l10n_fr_sap_birth_date": date(1950, 1, 1) + timedelta(number),
                    "l10n_fr_sap_birth_commune_id": commune.id,
                    "bank_ids": [
                        Command.create(
                            {
                                "acc_number": "FR7630006000011234567890189",
                                "bank_id": bank.id,
                            }
                        )
                    ],
                }
                for number in range(first, first + count)
            ]
        )

    def create_invoices(self, count, queued=None):
        """The ids of so many posted invoices, ``queued`` of which (all by default) wait to
        be sent. Nothing else is looked at from here on."""
        requests.delete(f"{self.url}/control/calls", timeout=10)
        self.before |= self.demandes().keys()
        with self.transaction() as env:
            product = env["product.product"].create(
                {
                    "name": "Ménage",
                    "type": "service",
                    "uom_id": env.ref("uom.product_uom_hour").id,
                    "list_price": 30,
                    "l10n_fr_sap_nature_id": env.ref("l10n_fr_urssaf_sap.nature_60").id,
                }
            )
            line = Command.create({"product_id": product.id, "quantity": 3})
            moves = env["account.move"].create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": self.partners[number % len(self.partners)],
                        "invoice_date": MONTH_END,
                        "invoice_line_ids": [line],
                    }
                    for number in range(count)
                ]
            )
            moves.action_post()
            moves[:queued].with_user(self.user).sudo()._l10n_fr_sap_schedule_sending()
            return moves.ids

    # Processes

    def fork(self, work, *args):
        """A process that does ``work(*args)`` in an Odoo that is loaded already."""
        # A connection is not to be shared by two processes.
        sql_db.close_all()
        process = multiprocessing.get_context("fork").Process(target=work, args=args)
        process.start()
        return process

    # At the Urssaf

    def control(self, path, body=None):
        answer = requests.post(
            f"{self.url}/control/{path}", json=body or {}, timeout=10
        )
        answer.raise_for_status()
        return answer.json()

    def look(self, path):
        return requests.get(f"{self.url}/control/{path}", timeout=60).json()

    def demandes(self):
        """``{number: (id, status)}`` of what came since the invoices were made."""
        return {
            demande["numFactureTiers"]: (
                demande["idDemandePaiement"],
                demande["statut"]["code"],
            )
            for demande in self.look("state")["demandes"]
            if demande["numFactureTiers"] not in self.before
        }

    # The promise

    def rows(self, query, *values):
        return sql(query, *values, database=self.database)

    def unsent(self):
        """How many requests have no place at the Urssaf yet."""
        [(count,)] = self.rows(
            "SELECT count(*) FROM l10n_fr_sap_payment_request"
            " WHERE state IN ('to_send', 'sending')"
        )
        return count

    def never_sent(self, moves):
        return [
            move
            for (move,) in self.rows(
                "SELECT id FROM account_move"
                " WHERE id = ANY(%s) AND l10n_fr_sap_request_id IS NULL",
                moves,
            )
        ]

    def lock_wait(self):
        """How long, in seconds, somebody has been waiting for another's lock, and for
        which query."""
        waits = self.rows(
            "SELECT extract(epoch FROM clock_timestamp() - query_start), query"
            "  FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return max(waits, default=(0, ""))

    def deadlocks(self):
        [(count,)] = self.rows(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        return count

    def sending(self):
        return {
            number
            for (number,) in self.rows(
                "SELECT number FROM l10n_fr_sap_payment_request WHERE state = 'sending'"
            )
        }

    def settle(self, runs=300):
        """Let the scheduled actions run to their end."""
        for _run in range(runs):
            if not self.unsent():
                break
            self.run_cron("ir_cron_send")
            time.sleep(0.2)
        else:
            raise AssertionError("the scheduled actions do not get to the end")
        self.age()
        self.run_cron("ir_cron_refresh_requests")

    def age(self):
        """Let an hour pass since any request was asked about."""
        # What is computed from it has to follow here: SQL tells Odoo nothing.
        self.rows(
            "UPDATE l10n_fr_sap_payment_request SET refreshed_at = NULL,"
            " check_after = check_after - interval '1 day'"
        )

    def check(self, moves):
        """Each of these invoices is at the Urssaf exactly once, and both sides agree."""
        names = dict(
            self.rows("SELECT name, id FROM account_move WHERE id = ANY(%s)", moves)
        )
        demandes = self.demandes()
        assert demandes.keys() == names.keys()
        ours = self.rows(f"{REQUESTS} WHERE move_id = ANY(%s)", moves)
        assert {number: move for number, *_others, move in ours} == names
        assert len(ours) == len(moves)
        known = {number: (id_, code) for number, _state, id_, code, _move in ours}
        assert known == demandes
        accepted = Counter(
            output["numFactureTiers"]
            for call in self.look("calls?operation=M050")
            if isinstance(call["answer"], list)
            for output in call["answer"]
            if output.get("idDemandePaiement")
        )
        assert max(accepted.values()) == 1
        doubles = [
            move
            for (move,) in self.rows(
                "SELECT move_id FROM l10n_fr_sap_payment_request"
                " GROUP BY move_id HAVING count(*) > 1"
            )
        ]
        assert doubles == []
