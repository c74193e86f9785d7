# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..urssaf.client import batches
from ..urssaf.payment_request import PaymentRequest
from .account_move_line import euros
from .messages import (
    describe_problem,
    describe_records,
    field_label,
    state_label,
)
from .payment_request import DEAD, UNSENT


class AccountMove(models.Model):
    _inherit = "account.move"

    l10n_fr_sap_particulier = fields.Boolean(
        related="commercial_partner_id.l10n_fr_sap_particulier"
    )
    l10n_fr_sap_date_from = fields.Date(
        "Services From",
        compute="_compute_l10n_fr_sap_date_from",
        store=True,
        readonly=False,
        copy=False,
        help="First day of the services invoiced; both ends lie in the same month.",
    )
    l10n_fr_sap_date_to = fields.Date(
        "Services To",
        compute="_compute_l10n_fr_sap_date_to",
        store=True,
        readonly=False,
        copy=False,
        help="Last day of the services invoiced.",
    )
    l10n_fr_sap_request_ids = fields.One2many(
        "l10n_fr_sap.payment.request", "move_id", "Payment Requests", copy=False
    )
    l10n_fr_sap_request_id = fields.Many2one(
        "l10n_fr_sap.payment.request",
        "Payment Request",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The current one; earlier ones were refused or cancelled.",
    )
    l10n_fr_sap_status = fields.Selection(
        related="l10n_fr_sap_request_id.state", string="Urssaf Status"
    )

    # One method each: Odoo leaves out the fields that share a method with a given one.
    @api.depends("move_type", "invoice_date", "commercial_partner_id")
    def _compute_l10n_fr_sap_date_from(self):
        for move in self:
            # What somebody typed stays.
            if not move.l10n_fr_sap_date_from and move._l10n_fr_sap_proposes_period():
                move.l10n_fr_sap_date_from = move.invoice_date.replace(day=1)

    @api.depends("move_type", "invoice_date", "commercial_partner_id")
    def _compute_l10n_fr_sap_date_to(self):
        for move in self:
            if not move.l10n_fr_sap_date_to and move._l10n_fr_sap_proposes_period():
                move.l10n_fr_sap_date_to = move.invoice_date

    def _l10n_fr_sap_proposes_period(self):
        return (
            self.move_type == "out_invoice"
            and self.invoice_date
            and self.commercial_partner_id.l10n_fr_sap_particulier
        )

    # Buttons

    def action_l10n_fr_sap_send(self):
        """Send these invoices to the Urssaf as payment requests, now.

        :raise AccessError: without the Urssaf group
        :raise UserError: when none of them can go, with every problem of each; when the
            Urssaf cannot be reached: what has not left then is as before. What the Urssaf
            refuses is kept on the payment request.
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        moves = self.sudo()
        problems = {
            move: lines for move in moves if (lines := move._l10n_fr_sap_obstacles())
        }
        ready = moves - moves.browse().concat(*problems)
        if not ready:
            raise UserError(describe_records(problems))
        requests = ready._l10n_fr_sap_send_now()
        problems |= {
            request.move_id: request.error.splitlines()
            for request in requests
            if request.state == "error"
        }
        return self.env["l10n_fr_sap.summary"]._after(self, problems)

    def action_l10n_fr_sap_refresh(self):
        """Ask the Urssaf for the statuses of these invoices' payment requests.

        :raise AccessError: without the Urssaf group
        :raise UserError: when none was sent; when the Urssaf cannot be reached
        """
        self.check_access("read")
        return self.l10n_fr_sap_request_id.action_refresh()

    def button_draft(self):
        # What the Urssaf holds must stay what the books say.
        for move in self.sudo():
            request = move.l10n_fr_sap_request_id
            if request and request.state not in (*UNSENT, *DEAD):
                raise UserError(
                    self.env._(
                        "%(invoice)s was sent to the Urssaf (%(state)s) and cannot be"
                        " changed any more.",
                        invoice=move.name,
                        state=state_label(request),
                    )
                )
        return super().button_draft()

    # Sending

    def _l10n_fr_sap_send_now(self):
        earlier = self.l10n_fr_sap_request_id
        requests = self._l10n_fr_sap_queue()
        requests._commit()
        try:
            for company, some in requests.grouped("company_id").items():
                with company._l10n_fr_sap_urssaf() as urssaf:
                    for ids in batches(some.ids):
                        some.browse(ids)._send(urssaf)
        except UserError:
            waiting = requests.try_lock_for_update().filtered(
                lambda request: request.state == "to_send"
            )
            (waiting - earlier)._withdraw()
            (waiting & earlier).filtered("error").state = "error"
            requests._commit()
            raise
        return requests

    def _l10n_fr_sap_queue(self):
        """The payment request that waits to be sent for each of these invoices: the one
        at hand where it is unsent, else a new one under a number not used before."""
        for move in self:
            request = move.l10n_fr_sap_request_id
            if request.state in UNSENT:
                request.state = "to_send"
                continue
            earlier = len(move.l10n_fr_sap_request_ids)
            move.l10n_fr_sap_request_id = request.create(
                {
                    "move_id": move.id,
                    "company_id": move.company_id._l10n_fr_sap_provider().id,
                    "partner_id": move.commercial_partner_id.id,
                    "number": f"{move.name}-{earlier + 1}" if earlier else move.name,
                    "amount_total": move.amount_total,
                }
            )
        return self.l10n_fr_sap_request_id

    @api.model
    def _l10n_fr_sap_ready_domain(self):
        """The invoices that could be sent by the current company."""
        return [
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "=", "not_paid"),
            ("commercial_partner_id.l10n_fr_sap_registration_state", "=", "active"),
            "|",
            ("l10n_fr_sap_request_id", "=", False),
            ("l10n_fr_sap_request_id.state", "in", [*UNSENT, *DEAD]),
        ]

    # What is sent

    def _l10n_fr_sap_registration(self):
        return self.env["l10n_fr_sap.registration"]._of(
            self.commercial_partner_id, self.company_id._l10n_fr_sap_provider()
        )

    def _l10n_fr_sap_payment_request(self):
        """This invoice as the heart wants it."""
        self.ensure_one()
        registration = self._l10n_fr_sap_registration()
        provider = self.company_id._l10n_fr_sap_provider()
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        return PaymentRequest(
            provider=provider.l10n_fr_sap_nova_number or "",
            client_id=registration.urssaf_id or "",
            birth_date=self.commercial_partner_id.l10n_fr_sap_birth_date or None,
            number=self.l10n_fr_sap_request_id.number or self.name or "",
            invoice_date=self.invoice_date,
            date_from=self.l10n_fr_sap_date_from or None,
            date_to=self.l10n_fr_sap_date_to or None,
            gross=euros(self.currency_id, self.amount_total),
            net=euros(self.currency_id, self.amount_untaxed),
            services=tuple(line._l10n_fr_sap_service() for line in lines),
        )

    def _l10n_fr_sap_obstacles(self):
        """Why this invoice cannot be sent, one line each."""
        request = self.l10n_fr_sap_request_id
        if request and request.state not in (*UNSENT, *DEAD):
            return [self.env._("Already sent to the Urssaf (%s)", state_label(request))]
        if self.move_type != "out_invoice":
            return [self.env._("Not a customer invoice")]
        if not self.l10n_fr_sap_particulier:
            return [self.env._("The customer is not marked as a private customer")]
        obstacles = []
        if self.state != "posted":
            obstacles.append(self.env._("Not confirmed"))
        elif self.payment_state != "not_paid":
            obstacles.append(self.env._("Paid already, at least in part"))
        if self.currency_id.name != "EUR":
            obstacles.append(self.env._("Not in euros"))
        return obstacles + self._l10n_fr_sap_problems()

    def _l10n_fr_sap_problems(self):
        """What the Urssaf would refuse in this invoice, one line each."""
        registration = self._l10n_fr_sap_registration()
        active_since = None
        if registration.state == "active":
            # The Urssaf seldom leaves the day out; it then has the last word.
            active_since = registration.active_since or date.min
        problems = self._l10n_fr_sap_payment_request().problems(
            fields.Date.context_today(self), active_since
        )
        return [self._l10n_fr_sap_describe(problem) for problem in problems]

    def _l10n_fr_sap_describe(self, problem):
        """One line: where to mend ``problem``, and what is wrong."""
        partner = self.commercial_partner_id
        if problem.field == "client_id":
            return self.env._("%s is not active at the Urssaf yet", partner.name)
        if problem.line is not None:
            line = self.invoice_line_ids.filtered(
                lambda line: line.display_type == "product"
            )[problem.line]
            name = {"nature": "l10n_fr_sap_nature_id", "amount": "price_total"}
            return self.env._(
                "Line “%(line)s”: %(problem)s",
                line=line.name or line.product_id.display_name,
                problem=describe_problem(
                    self.env, field_label(line, name[problem.field]), problem
                ),
            )
        record, name = {
            "provider": (self.company_id, "l10n_fr_sap_nova_number"),
            "number": (self, "name"),
            "birth_date": (partner, "l10n_fr_sap_birth_date"),
            "date_from": (self, "l10n_fr_sap_date_from"),
            "date_to": (self, "l10n_fr_sap_date_to"),
            "services": (self, "invoice_line_ids"),
            "amount_total": (self, "amount_total"),
        }[problem.field]
        return describe_problem(self.env, field_label(record, name), problem)
