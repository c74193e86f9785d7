# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.constants import GC_UNLINK_LIMIT

from ..protocol.parameters import exchange_days
from ..texts.log import get_logger
from .res_company import ENVIRONMENTS
from .res_users import READER_GROUPS

_logger = get_logger(__name__)

_LONGEST = 100_000  # characters of one body; ten payment requests have a tenth of that
_POLLS = ("M020", "M070")


class Exchange(models.Model):
    """A call to the Urssaf, with everything personal masked, for administrators.

    No foreign key leads to what it is about: that would lock those rows, and keep them
    from being deleted. Their numbers and ids are in ``references``, a space around each.
    """

    _name = "l10n_fr_sap.exchange"
    _description = "Exchange with the Urssaf"
    _order = "id desc"
    _rec_name = "operation"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    environment = fields.Selection(ENVIRONMENTS, required=True)
    operation = fields.Char(required=True)
    started_at = fields.Datetime("Date", required=True, index=True)
    duration = fields.Integer("Duration (ms)", aggregator="avg")
    http_status = fields.Integer("HTTP Status", aggregator=None)
    outcome = fields.Char("Failure", help="What happened if there was no answer.")
    error_codes = fields.Char()
    failed = fields.Boolean()
    references = fields.Char("Numbers and IDs")
    request = fields.Text()
    answer = fields.Text()
    request_ids = fields.Many2many(
        "l10n_fr_sap.payment.request",
        string="Payment Requests",
        compute="_compute_request_ids",
        # An administrator need not be one who may see them.
        groups=READER_GROUPS,
    )

    @api.depends("references")
    def _compute_request_ids(self):
        requests = self.env["l10n_fr_sap.payment.request"]
        for exchange in self:
            keys = [key.strip() for key in (exchange.references or "").split("|")]
            exchange.request_ids = requests.search(
                Domain("company_id", "=", exchange.company_id.id)
                & Domain("environment", "=", exchange.environment)
                & (Domain("number", "in", keys) | Domain("urssaf_id", "in", keys))
            )

    @api.model
    def _save(self, company, calls, changed=None):
        """Keep the library's ``calls`` (ApiCall) for a company known to the Urssaf, and
        empty that list.

        In a transaction of its own: a failed call is to be seen though the transaction
        that made it is rolled back, and none may suffer from the log. Hence it raises
        nothing either.

        :param changed: the payment requests or registrations whose state has
            changed: a successful poll about none of them is not kept. All are, without it.
        """
        # Other threads may add to the list at this very moment.
        said = [calls.pop(0) for _number in range(len(calls))]
        if not said:
            return
        try:
            if changed is not None:
                keys = self._keys_of(changed.exists())
                said = [
                    call
                    for call in said
                    if call.failed
                    or call.operation not in _POLLS
                    or not keys.isdisjoint(call.ids)
                ]
            if not said:
                return
            common = {
                "company_id": company.id,
                "environment": company.sudo().l10n_fr_sap_environment,
            }
            with self.env.registry.cursor() as cr:
                # Nobody waits for a log.
                cr.execute("SET LOCAL lock_timeout = '1s'")
                env = self.env(cr=cr, su=True, context={})
                env[self._name].create([common | _values(call) for call in said])
        except Exception:
            _logger.exception("Urssaf: %s exchanges are not kept", len(said))

    @api.model
    def _reference(self, record):
        """How an exchange names a record that the Urssaf has no id for yet."""
        return f"{record._name},{record.id}"

    @api.model
    def _keys_of(self, records):
        """The numbers and the Urssaf's ids of registrations or payment requests."""
        names = [name for name in ("number", "urssaf_id") if name in records._fields]
        return {record[name] for record in records for name in names} - {False}

    @api.model
    def _action_about(self, records, *references):
        """A window on the exchanges about these registrations or payment requests, or
        with one of these references.

        :raise AccessError: unless the user is an administrator
        """
        self.check_access("read")
        keys = {*self._keys_of(records.sudo()), *references}
        domain = Domain.OR(Domain("references", "like", f" {key} ") for key in keys)
        if "number" in records._fields:
            # Another company may have sent an invoice of the same number.
            domain &= Domain("company_id", "in", records.company_id.ids)
            domain &= Domain("environment", "in", records.mapped("environment"))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Exchanges with the Urssaf"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": list(domain),
        }

    @api.autovacuum
    def _gc_exchanges(self):
        end = fields.Datetime.now() - timedelta(days=exchange_days(self.env))
        old = self.search([("started_at", "<", end)], limit=GC_UNLINK_LIMIT)
        old.unlink()
        return len(old), len(old) == GC_UNLINK_LIMIT


def _values(call):
    return {
        "operation": call.operation,
        "started_at": call.started_at.replace(tzinfo=None),
        "duration": call.duration_ms,
        "http_status": call.http_status,
        "outcome": call.outcome,
        "error_codes": " ".join(call.error_codes),
        "failed": call.failed,
        "references": f" {' | '.join(call.ids)} " if call.ids else False,
        "request": _text(call.request),
        "answer": _text(call.answer),
    }


def _text(body):
    if body is not None and not isinstance(body, str):
        body = json.dumps(body, indent=1, ensure_ascii=False)
    return body and body[:_LONGEST]
