# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..invoicing.payload import deducted_lines, euros
from ..invoicing.states import UNSENT
from ..protocol.access import connect_for_button
from ..urssaf.api.reconciliation import Known, compare, find, find_unseen

_LONGEST = timedelta(days=92)


class Reconciliation(models.TransientModel):
    """What differs between a period's payment requests here and at the Urssaf."""

    _name = "l10n_fr_sap.reconciliation"
    _description = "Reconciliation with the Urssaf"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        "Invoices From",
        required=True,
        default=lambda self: self._last_month_end().replace(day=1),
    )
    date_to = fields.Date(
        "To", required=True, default=lambda self: self._last_month_end()
    )
    line_ids = fields.One2many("l10n_fr_sap.reconciliation.line", "reconciliation_id")

    @api.model
    def _last_month_end(self):
        today = fields.Date.context_today(self)
        return today - relativedelta(days=today.day)

    def action_compare(self):
        """Ask the Urssaf for the period's requests, and list what differs.

        :raise AccessError: without the Urssaf group
        :raise UserError: when the period ends before it begins, or is longer than three
            months; when the Urssaf cannot be reached
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.company_id.check_access("read")
        self._check_period()
        with connect_for_button(self.company_id) as urssaf:
            found, crowded = find(urssaf, self.date_from, self.date_to)
            requests = self._requests(found)
            known = [self._known(request) for request in requests]
            found += find_unseen(urssaf, known, found)
        # The other companies known to the Urssaf may not be this user's business.
        readable = requests.sudo(False)._filtered_access("read")
        self.sudo().line_ids = [Command.clear()] + [
            Command.create(values)
            for values in (
                *({"kind": "crowded", "date": day} for day in crowded),
                *self._values(compare(known, found), readable),
            )
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "Reconciliation %(start)s – %(end)s",
                start=format_date(self.env, self.date_from),
                end=format_date(self.env, self.date_to),
            ),
            "res_model": "l10n_fr_sap.reconciliation.line",
            "view_mode": "list",
            "domain": [("reconciliation_id", "=", self.id)],
            "help": self.env._(
                "No difference between Odoo and the Urssaf for this period."
            ),
        }

    def _check_period(self):
        if self.date_to < self.date_from:
            raise UserError(self.env._("The period ends before it begins."))
        if self.date_to - self.date_from > _LONGEST:
            raise UserError(
                self.env._("Please choose a period of three months at most.")
            )

    def _requests(self, found):
        """The period's requests here, and those ``found`` at the Urssaf whose invoice has
        another date by now."""
        registered = self.company_id._l10n_fr_sap_registered_company()
        return (
            self.env["l10n_fr_sap.payment.request"]
            .sudo()
            .search(
                # Companies that share an access share what the Urssaf lists.
                (
                    Domain("company_id", "=", registered.id)
                    | Domain("access", "=", registered.l10n_fr_sap_client_id or "-")
                )
                & Domain("environment", "=", registered.l10n_fr_sap_environment)
                & (
                    Domain("move_id.invoice_date", ">=", self.date_from)
                    & Domain("move_id.invoice_date", "<=", self.date_to)
                    | Domain("urssaf_id", "in", [info.id for info in found])
                    | Domain("number", "in", [info.number for info in found])
                )
            )
        )

    def _known(self, request):
        currency = request.currency_id
        deducted = sum(
            euros(currency, line.price_total)
            for line in deducted_lines(request.move_id)
        )
        return Known(
            key=request.id,
            number=request.number,
            id=request.urssaf_id or "",
            state="" if request.state in UNSENT else request.state,
            amount=euros(currency, request.amount_total) - deducted,
        )

    def _values(self, differences, readable):
        differences = [
            difference
            for difference in differences
            if not difference.known or difference.known.key in readable._ids
        ]
        customers = self._customers(differences)
        for difference in differences:
            known, info = difference.known, difference.info
            request = readable.browse(known and known.key)
            values = {"kind": difference.kind, "request_id": request.id}
            if known:
                values |= {
                    "number": known.number,
                    "date": request.move_id.invoice_date,
                    "partner_id": request.partner_id.id,
                    "amount": known.amount,
                    "urssaf_id": known.id,
                }
            if info:
                values |= {
                    "number": info.number,
                    "urssaf_state": f"{info.code or '?'} {info.label}",
                    "urssaf_amount": info.gross,
                    "urssaf_id": info.id,
                }
                values.setdefault("partner_id", customers.get(info.particulier_id))
            yield values

    def _customers(self, differences):
        """The customers here by the Urssaf's ids of them."""
        ids = [
            difference.info.particulier_id
            for difference in differences
            if difference.info
        ]
        registrations = self.env["l10n_fr_sap.registration"]
        registered = self.company_id._l10n_fr_sap_registered_company()
        return {
            registration.urssaf_id: registration.partner_id.id
            for registration in registrations.search(
                [("urssaf_id", "in", ids), *registrations._domain_of(registered)]
            )
        }


class ReconciliationLine(models.TransientModel):
    _name = "l10n_fr_sap.reconciliation.line"
    _description = "Urssaf Reconciliation Line"
    _rec_name = "number"

    reconciliation_id = fields.Many2one(
        "l10n_fr_sap.reconciliation", required=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [
            ("unknown", "Not in Odoo"),
            ("missing", "Not at the Urssaf"),
            ("state", "Different status"),
            ("amount", "Different amount"),
            ("sending", "Being sent"),
            ("crowded", "More than ten that day: some may be missing here"),
        ],
        "Difference",
        required=True,
        readonly=True,
    )
    number = fields.Char(readonly=True)
    date = fields.Date("Invoice Date", readonly=True)
    request_id = fields.Many2one(
        "l10n_fr_sap.payment.request", "Payment Request", readonly=True
    )
    move_id = fields.Many2one(related="request_id.move_id")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    state = fields.Selection(related="request_id.state", string="Odoo Status")
    urssaf_state = fields.Char("Urssaf Status", readonly=True)
    currency_id = fields.Many2one(related="reconciliation_id.company_id.currency_id")
    amount = fields.Monetary("Odoo Amount", readonly=True)
    urssaf_amount = fields.Monetary(readonly=True)
    urssaf_id = fields.Char("Request ID", readonly=True)

    def action_refresh(self):
        """Ask the Urssaf for the statuses of these lines' requests.

        :raise UserError: as the requests' own button
        """
        if not self.request_id:
            raise UserError(self.env._("Odoo has no payment request to refresh here."))
        return self.request_id.action_refresh()
