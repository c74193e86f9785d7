# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Two companies with a customer each at the Urssaf, the roles that attack them, and what
an attempt is: a call as RPC makes it, rolled back, after which the database says whether
anything has changed."""

import contextlib
import json
import logging
import unicodedata

from sap_common import CLIENTS, SapCase

from odoo import Command, fields
from odoo.models import BaseModel
from odoo.service.model import call_kw

from odoo.addons.mail.tests.common import mail_new_test_user

_logger = logging.getLogger(__name__)

ADDON = "l10n_fr_urssaf_sap"
SEND = "action_l10n_fr_sap_send"
#: What is compared before and after: every row that an attempt might want to change.
_TABLES = (
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "account_payment",
    "account_reconcile_model",
    "ir_attachment",
    "ir_config_parameter",
    "ir_cron_trigger",
    "l10n_fr_sap_certificate",
    "l10n_fr_sap_certificate_wizard",
    "l10n_fr_sap_ask_cancel",
    "l10n_fr_sap_bank_choice",
    "l10n_fr_sap_ceiling",
    "l10n_fr_sap_completion",
    "l10n_fr_sap_completion_line",
    "l10n_fr_sap_declare_over",
    "l10n_fr_sap_exchange",
    "l10n_fr_sap_nature",
    "l10n_fr_sap_outage",
    "l10n_fr_sap_payment_request",
    "l10n_fr_sap_payment_request_event",
    "l10n_fr_sap_reconciliation",
    "l10n_fr_sap_reconciliation_line",
    "l10n_fr_sap_registration",
    "l10n_fr_sap_summary",
    "l10n_fr_sap_summary_line",
    "l10n_fr_sap_transfer",
    "l10n_fr_sap_take_back",
    "l10n_fr_sap_test_book",
    "l10n_fr_sap_test_book_step",
    "mail_activity",
    "mail_message",
    "product_template",
    "res_company",
    "res_partner",
    "res_partner_bank",
)
# Read-only, and far too many to compare.
_COMMUNES = "SELECT count(*), max(xmin::text::bigint) FROM l10n_fr_sap_commune"


READING = {
    "export_data",
    "formatted_read_group",
    "name_search",
    "read",
    "search",
    "search_count",
    "search_read",
    "web_search_read",
}


class Attempt:
    """What came of one call."""

    def __init__(self):
        self.result = None
        self.read_back = None
        self.error = None
        self.changed = {}  # columns of tables

    def shown(self):
        """What came back, as text without spaces, accents and case."""
        text = f"{self.result} {self.read_back} {self.error}"
        text = unicodedata.normalize("NFKD", text).lower()
        return "".join(text.split())


class HostileCase(SapCase):
    attempts = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.public = cls.env.ref("base.public_user")

    @classmethod
    def tearDownClass(cls):
        _logger.info("hostile: %s attempts", cls.attempts)
        super().tearDownClass()

    # The scene

    def create_company_b(self):
        company = self.setup_other_company(name="Jardins d'en face")["company"]
        company.write(
            {
                "l10n_fr_sap_client_id": "other",
                "l10n_fr_sap_client_secret": CLIENTS["other"],
                "l10n_fr_sap_nova_number": "SAP987654321",
            }
        )
        return company

    def create_customer(self, company, name, **values):
        customer = self.create_particulier(name, company_id=company.id, **values)
        return customer.with_company(company)

    def hostile_user(self, login, groups, company, **values):
        return mail_new_test_user(
            self.env,
            login,
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            **values,
        )

    # An attempt

    def digest(self):
        """A fingerprint of each table."""
        columns = ", ".join(
            f"(SELECT md5(string_agg(t::text, '|' ORDER BY t.id)) FROM {table} t)"
            for table in _TABLES
        )
        self.env.cr.execute(f"SELECT {columns}")
        found = dict(zip(_TABLES, self.env.cr.fetchone(), strict=True))
        self.env.cr.execute(_COMMUNES)
        found["l10n_fr_sap_commune"] = self.env.cr.fetchone()
        return found

    def rows(self, table):
        """What the rows of a table say, apart from who wrote them last."""
        self.env.cr.execute(
            f"SELECT id, to_jsonb(t) - 'write_uid' - 'write_date' FROM {table} t"
        )
        return {row: without_false(values) for row, values in self.env.cr.fetchall()}

    def remember(self):
        """What every attempt is compared with."""
        self.env.flush_all()
        self.before = self.digest()
        self.rows_before = {table: self.rows(table) for table in _TABLES}

    def changes(self):
        """``{table: columns}`` of what is not as it was."""
        found = {}
        for table, fingerprint in self.digest().items():
            if fingerprint == self.before[table]:
                continue
            before = self.rows_before.get(table, {})
            after = self.rows(table) if table in _TABLES else {}
            names = {
                name
                for row in before.keys() | after.keys()
                if before.get(row) != after.get(row)
                for name, value in (after.get(row) or {"removed": 1}).items()
                if value != (before.get(row) or {}).get(name)
            }
            if names or table not in _TABLES:
                found[table] = names
        return found

    def calls_of_the_urssaf(self):
        return sum(self.app.extensions["store"].calls_by_operation().values())

    @contextlib.contextmanager
    def caller(self, user):
        """Gives ``ask(model, name, *args)``: calls as RPC makes them, by one user. What
        each has changed is noted, and rolled back."""
        with self.registry.cursor() as cr:
            env = self.env(cr=cr, user=user.id, su=False, context={})

            def ask(model, name, *args, then=None, context=None):
                type(self).attempts += 1
                attempt, savepoint = Attempt(), cr.savepoint(flush=False)
                try:
                    attempt.result = call_kw(
                        env[model], name, args, {"context": context or {}}
                    )
                    env.flush_all()
                    if name not in READING:
                        attempt.changed = self.changes()
                    if then:
                        attempt.read_back = then(env[model].browse(attempt.result))
                except Exception as error:  # noqa: BLE001 (nothing got through)
                    attempt.error = error
                savepoint.rollback()
                savepoint.close(rollback=False)
                if name not in READING:
                    env.transaction.clear()
                    env.invalidate_all(flush=False)
                return attempt

            yield ask

    def press_as(self, user, model, name, *args):
        """A button, which may commit: in a transaction of its own."""
        type(self).attempts += 1
        attempt, calls = Attempt(), self.calls_of_the_urssaf()
        savepoint = self.env.cr.savepoint()
        try:
            with self.registry.cursor() as cr:
                env = self.env(cr=cr, user=user.id, su=False, context={})
                attempt.result = call_kw(env[model], name, args, {})
                env.flush_all()
        except Exception as error:  # noqa: BLE001 (nothing got through)
            attempt.error = error
        attempt.changed = self.changes()
        savepoint.rollback()
        savepoint.close(rollback=False)
        self.env.invalidate_all(flush=False)
        self.env.transaction.clear()
        if calls != self.calls_of_the_urssaf():
            attempt.changed["the Urssaf"] = {"calls"}
        return attempt


def without_false(values):
    """A row whose ticks that are off read like those that were never touched."""
    return {name: None if value is False else value for name, value in values.items()}


def odd_values(field, record, foreign):
    """Two values of a field's type that its owner would not write.

    :param foreign: ``{model: record}`` of somebody else's
    """
    current = record[field.name] if record else None
    foreign = {name: some[:1] for name, some in foreign.items()}
    if field.type in ("one2many", "many2many"):
        line = current[:1] if current else None
        theirs = foreign.get(field.comodel_name)
        return (
            [[2, line.id, 0]] if line else [[0, 0, {}]],
            [[4, theirs.id, 0]] if theirs else [[5, 0, 0]],
        )
    if field.type == "many2one":
        theirs = foreign.get(field.comodel_name)
        other = theirs or record.env[field.comodel_name].search([], limit=2)
        return other[-1:].id, False
    if field.type == "selection":
        keys = [key for key in field.get_values(record.env) if key != current]
        return (keys or ["nonsense"])[0], (keys or ["nonsense"])[-1]
    if field.type in ("integer", "many2one_reference"):
        return (current or 0) + 1, -1
    if field.type in ("float", "monetary"):
        return (current or 0) + 0.01, -1e9
    return {
        "boolean": (not current, bool(current)),
        "date": ("1899-12-31", "2031-01-05"),
        "datetime": ("1899-12-31 00:00:00", "2031-01-05 00:00:00"),
        "reference": (f"res.partner,{foreign['res.partner'].id}", False),
        "json": ({"a": 1}, {}),
        "properties": ({}, {}),
        "binary": ("QQ==", False),
    }.get(field.type, ("<b>'; odd", False))


def as_rpc(value):
    """A field's value as a domain takes it."""
    if isinstance(value, BaseModel):
        return value.ids[0] if value else False
    if hasattr(value, "isoformat"):
        return (
            fields.Date.to_string(value) if not hasattr(value, "hour") else str(value)
        )
    return value if isinstance(value, (str, int, float, bool)) else json.dumps(value)
