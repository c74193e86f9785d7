# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An invoice on its way to the Urssaf: what stands in the way, what is sent, when."""

from datetime import date

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ..texts.messages import describe_problem, field_label
from ..urssaf.api.client import batches
from ..urssaf.api.errors import Unsure
from ..urssaf.documents.payment_request import PaymentRequest
from ..urssaf.documents.services import services
from .payment_request import NOT_LIVE, REFUSED, UNPAID, UNSENT

_lt = LazyTranslate(__name__)

_LINE_FIELDS = {
    "nature": "l10n_fr_sap_nature_id",
    "amount": "price_total",
    "date": "l10n_fr_sap_date_from",
}
_NOT_LEFT = _lt(
    "The Urssaf stopped answering before this one left. Please send it again later."
)
_DEPOSIT = {"deposit": _lt("Deposit"), "deposit_date": _lt("Date of the deposit")}


class AccountMove(models.Model):
    _inherit = "account.move"

    def _l10n_fr_sap_send_now(self):
        """Send these; gives ``{move: [line, …]}`` of those that did not go.

        :raise UserError: when not one of them could leave: all is as before then
        """
        before = self.l10n_fr_sap_request_id
        requests = self._l10n_fr_sap_queue()
        # Should this process die, the scheduled action goes on.
        requests._come_back(fields.Datetime.now())
        requests._commit()
        failure = None
        for company, some in requests.grouped("company_id").items():
            try:
                with company._l10n_fr_sap_urssaf() as urssaf:
                    for ids in batches(some.ids):
                        try:
                            some.browse(ids)._send(urssaf)
                        except Unsure:
                            # Those stay marked; this is for the others.
                            raise UserError(self.env._(_NOT_LEFT)) from None
            except UserError as error:
                failure = error
        unsent = {}
        if failure:
            waiting = requests.try_lock_for_update().filtered(
                lambda request: request.state == "to_send"
            )
            unsent = {request.move_id: [str(failure)] for request in waiting}
            (waiting & before).filtered("error").state = "error"
            (waiting - before)._withdraw()
            requests._commit()
            if len(unsent) == len(self):
                raise failure
        return unsent | {
            request.move_id: request.error.splitlines()
            for request in requests.exists()
            if request.state == "error" and request.move_id not in unsent
        }

    def _l10n_fr_sap_queue(self):
        """The payment request that waits to be sent for each of these invoices: the one
        at hand where it is unsent, else a new one under a number not used before."""
        requests = self.env["l10n_fr_sap.payment.request"]
        values_list = []
        for move in self:
            values = {
                "state": "to_send",
                "lost_answers": 0,
                "number": move._l10n_fr_sap_number(),
                "partner_id": move.commercial_partner_id.id,
                "amount_total": move.amount_total,
            }
            current = move._l10n_fr_sap_requests().filtered(
                lambda request: not request.superseded
            )
            if current.state in UNSENT:
                # Its number was not taken; the invoice may have changed meanwhile.
                current.write(values)
                requests |= current
            else:
                current.superseded = True
                provider = move.company_id._l10n_fr_sap_provider()
                values_list.append(
                    values
                    | {
                        "move_id": move.id,
                        "company_id": provider.id,
                        "environment": provider.l10n_fr_sap_environment,
                    }
                )
        # The database allows one that is not superseded.
        requests.flush_model(["superseded"])
        requests |= requests.create(values_list)
        # Odoo's write() would compute each entry anew, 20 ms, though none of it changes.
        with self.env.protecting([self._fields["l10n_fr_sap_request_id"]], self):
            for request in requests:
                request.move_id.l10n_fr_sap_request_id = request
        self.modified(["l10n_fr_sap_request_id"])
        self.activity_unlink([REFUSED])
        return self.l10n_fr_sap_request_id

    def _l10n_fr_sap_leave(self):
        """Leave these to the scheduled action, on behalf of the current user.

        :raise UserError: when the settings would not let it do anything
        """
        for company in self.company_id:
            self.env["l10n_fr_sap.payment.request"]._check_settings(company)
        self._l10n_fr_sap_queue().queued_uid = self.env.uid
        self.env.ref("l10n_fr_urssaf_sap.ir_cron_send").sudo()._trigger()

    def _l10n_fr_sap_number(self):
        """The number to send this invoice under. One that the Urssaf once took is taken
        for ever: -2, -3 … follow."""
        taken = self._l10n_fr_sap_requests().filtered("urssaf_id")
        return f"{self.name}-{len(taken) + 1}" if taken else self.name or ""

    def _l10n_fr_sap_requests(self):
        """The requests for the Urssaf that the company talks to now (test, production)."""
        provider = self.company_id._l10n_fr_sap_provider()
        return self.l10n_fr_sap_request_ids.filtered(
            lambda request: request.environment == provider.l10n_fr_sap_environment
        )

    def _l10n_fr_sap_live_request(self):
        return self._l10n_fr_sap_requests().filtered(
            lambda request: request.state not in NOT_LIVE
        )[:1]

    # What stands in the way

    def _l10n_fr_sap_obstacles(self):
        """Why this invoice cannot be sent, one line each."""
        obstacles, _item = self._l10n_fr_sap_prepare(self._l10n_fr_sap_holders())
        return obstacles

    def _l10n_fr_sap_prepare(self, holders):
        """Why this invoice cannot be sent, one line each, and what would be sent: it as the
        heart wants it, None where it is nothing for the Urssaf. ``holders`` are those of
        the many that this is one of: asked once for all."""
        if self.move_type != "out_invoice":
            return [self.env._("Not a customer invoice")], None
        if not self.l10n_fr_sap_particulier:
            line = self.env._("The customer is not marked as a private customer")
            return [line], None
        obstacles = []
        if self.state != "posted":
            obstacles.append(self.env._("Not confirmed"))
        elif self.payment_state not in UNPAID:
            obstacles.append(self.env._("Paid already"))
        else:
            obstacles += self._l10n_fr_sap_deposit_obstacles()
        if self.currency_id.name != "EUR":
            obstacles.append(self.env._("Not in euros"))
        own = self._origin
        if holders.get(self._l10n_fr_sap_key(), own) != own:
            obstacles.append(
                self.env._(
                    "Its number was already sent to the Urssaf for another invoice"
                )
            )
        item = self._l10n_fr_sap_payment_request()
        found = self._l10n_fr_sap_found(item)
        return [*obstacles, *map(self._l10n_fr_sap_describe, found)], item

    def _l10n_fr_sap_key(self):
        """What is unique at the Urssaf: provider, environment, number."""
        provider = self.company_id._l10n_fr_sap_provider()
        environment = provider.l10n_fr_sap_environment
        return provider, environment, self._l10n_fr_sap_number()

    def _l10n_fr_sap_holders(self):
        """``{key: invoice}``: for which invoices the numbers of these were sent already."""
        keys = [move._l10n_fr_sap_key() for move in self]
        requests = self.env["l10n_fr_sap.payment.request"].search(
            [
                ("company_id", "in", [provider.id for provider, *_ in keys]),
                ("number", "in", [number for *_, number in keys]),
            ]
        )
        return {
            (request.company_id, request.environment, request.number): request.move_id
            for request in requests
        }

    def _l10n_fr_sap_found(self, item):
        """What the Urssaf would refuse in this invoice, as the heart says it."""
        registration = self._l10n_fr_sap_registration()
        active_since = None
        if registration.state == "active":
            # The Urssaf seldom leaves the day out; it then has the last word.
            active_since = registration.active_since or date.min
        return item.problems(fields.Date.context_today(self), active_since)

    def _l10n_fr_sap_describe(self, problem):
        """One line: where to mend ``problem``, and what is wrong."""
        partner = self.commercial_partner_id
        if problem.field == "particulier_id":
            return self.env._("%s is not active at the Urssaf yet", partner.name)
        if problem.line is not None:
            line = self._l10n_fr_sap_lines()[problem.line]
            label = field_label(line, _LINE_FIELDS[problem.field])
            return self.env._(
                "Line “%(line)s”: %(problem)s",
                line=line.name or line.product_id.display_name or problem.line + 1,
                problem=describe_problem(self.env, label, problem),
            )
        if problem.field in _DEPOSIT:
            label = self.env._(_DEPOSIT[problem.field])
            return describe_problem(self.env, label, problem)
        record, name = {
            "nova_number": (self.company_id, "l10n_fr_sap_nova_number"),
            "number": (self, "name"),
            "birth_date": (partner, "l10n_fr_sap_birth_date"),
            "date_from": (self, "l10n_fr_sap_date_from"),
            "date_to": (self, "l10n_fr_sap_date_to"),
            "services": (self, "invoice_line_ids"),
            "amount_total": (self, "amount_total"),
        }[problem.field]
        return describe_problem(self.env, field_label(record, name), problem)

    # What is sent

    def _l10n_fr_sap_registration(self):
        provider = self.company_id._l10n_fr_sap_provider()
        own = self.env["l10n_fr_sap.registration"]._domain_of(provider)
        # Not a search: where there are many invoices, Odoo reads all of theirs at once.
        registrations = self.commercial_partner_id.l10n_fr_sap_registration_ids
        return registrations.filtered_domain(own)

    def _l10n_fr_sap_payment_request(self, number=None):
        """This invoice as the heart wants it, under ``number`` where it has one already."""
        self.ensure_one()
        provider = self.company_id._l10n_fr_sap_provider()
        gross, net, charges = self._l10n_fr_sap_charges()
        deposit, deposit_date = self._l10n_fr_sap_deposit()
        return PaymentRequest(
            nova_number=provider.l10n_fr_sap_nova_number or "",
            particulier_id=self._l10n_fr_sap_registration().urssaf_id or "",
            birth_date=self.commercial_partner_id.l10n_fr_sap_birth_date or None,
            number=number or self._l10n_fr_sap_number(),
            invoice_date=self.invoice_date,
            date_from=self.l10n_fr_sap_date_from or None,
            date_to=self.l10n_fr_sap_date_to or None,
            gross=gross,
            net=net,
            services=services(charges, gross, net),
            deposit=deposit,
            deposit_date=deposit_date,
        )
