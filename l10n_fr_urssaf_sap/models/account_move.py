# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.sql import column_exists, create_column

from ..texts.messages import state_label
from .batch import lock_ready
from .payment_request import NOT_LIVE, UNPAID
from .res_users import USER_GROUP

_IN_THE_BACKGROUND = 100  # ten calls: more than a person waits for
_PERIOD = ("l10n_fr_sap_date_from", "l10n_fr_sap_date_to")


class AccountMove(models.Model):
    _inherit = "account.move"

    l10n_fr_sap_particulier = fields.Boolean(
        related="commercial_partner_id.l10n_fr_sap_particulier"
    )
    # None of what follows is copied: a duplicate is for other days, and a credit note is
    # nothing to the Urssaf. Either is free to begin its own life there.
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
    l10n_fr_sap_request_environment = fields.Selection(
        related="l10n_fr_sap_request_id.environment", string="Urssaf Environment"
    )
    l10n_fr_sap_live = fields.Boolean(
        "At the Urssaf",
        compute="_compute_l10n_fr_sap_live",
        help="A payment request is under way or paid: what it says must not change.",
    )
    l10n_fr_sap_to_fix = fields.Text(
        "To Mend Before Sending",
        compute="_compute_l10n_fr_sap_to_fix",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    l10n_fr_sap_error = fields.Text(
        "Refused by the Urssaf",
        compute="_compute_l10n_fr_sap_to_fix",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    l10n_fr_sap_ready = fields.Boolean(
        "Ready to Send to Urssaf",
        compute="_compute_l10n_fr_sap_ready",
        search="_search_l10n_fr_sap_ready",
        help="The current company could send this invoice to the Urssaf.",
    )

    def _auto_init(self):
        # Empty for every invoice there is: nothing to compute, however many there are.
        for name in _PERIOD:
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, "date")
        return super()._auto_init()

    # Proposed once posted, when the date is known for good. One method each: Odoo leaves
    # out the fields that share a method with a given one.
    @api.depends("state")
    def _compute_l10n_fr_sap_date_from(self):
        for move in self:
            if not move.l10n_fr_sap_date_from and move._l10n_fr_sap_proposes_period():
                move.l10n_fr_sap_date_from, _end = move._l10n_fr_sap_proposal()

    @api.depends("state")
    def _compute_l10n_fr_sap_date_to(self):
        for move in self:
            if not move.l10n_fr_sap_date_to and move._l10n_fr_sap_proposes_period():
                _start, move.l10n_fr_sap_date_to = move._l10n_fr_sap_proposal()

    def _l10n_fr_sap_proposes_period(self):
        return (
            self.state == "posted"
            and self.move_type == "out_invoice"
            and self.commercial_partner_id.l10n_fr_sap_particulier
        )

    def _l10n_fr_sap_proposal(self):
        """The services' first and last day: as the lines say, else the invoice's month."""
        lines = self._l10n_fr_sap_lines()
        starts = lines.filtered("l10n_fr_sap_date_from")
        ends = lines.filtered("l10n_fr_sap_date_to")
        start = min(starts.mapped("l10n_fr_sap_date_from"), default=None)
        end = max(ends.mapped("l10n_fr_sap_date_to"), default=self.invoice_date)
        return start or end.replace(day=1), end

    @api.depends("l10n_fr_sap_request_ids.state", "l10n_fr_sap_request_ids.environment")
    def _compute_l10n_fr_sap_live(self):
        for move in self:
            move.l10n_fr_sap_live = bool(move.sudo()._l10n_fr_sap_live_request())

    @api.depends(
        "state",
        "payment_state",
        "l10n_fr_sap_date_from",
        "l10n_fr_sap_date_to",
        "l10n_fr_sap_status",
    )
    def _compute_l10n_fr_sap_to_fix(self):
        for move in self:
            lines = []
            if (
                move.l10n_fr_sap_particulier
                and (move.move_type, move.state) == ("out_invoice", "posted")
                and move.payment_state in UNPAID
                and not move._l10n_fr_sap_live_request()
            ):
                lines = move._l10n_fr_sap_obstacles()
            move.l10n_fr_sap_to_fix = "\n".join(lines)
            request = move.l10n_fr_sap_request_id
            told = [request.error, request.advice, *request._rejection()]
            dead = move.state == "posted" and request.state in ("error", "refused")
            move.l10n_fr_sap_error = dead and "\n".join(filter(None, told))

    @api.depends_context("company")
    def _compute_l10n_fr_sap_ready(self):
        ready = self.sudo().filtered_domain(self._l10n_fr_sap_ready_domain())
        for move in self:
            move.l10n_fr_sap_ready = move in ready

    def _search_l10n_fr_sap_ready(self, operator, value):
        if operator != "in" or list(value) != [True]:
            return NotImplemented
        return self._l10n_fr_sap_ready_domain()

    @api.model
    def _l10n_fr_sap_ready_domain(self):
        """The invoices that the current company could send."""
        provider = self.env.company._l10n_fr_sap_provider()
        return [
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "in", UNPAID),
            ("company_id", "child_of", provider.id),
            ("commercial_partner_id.l10n_fr_sap_registration_state", "=", "active"),
            (
                "l10n_fr_sap_request_ids",
                "not any",
                [
                    ("environment", "=", provider.l10n_fr_sap_environment),
                    ("state", "not in", NOT_LIVE),
                ],
            ),
        ]

    # Buttons

    def action_l10n_fr_sap_send(self):
        """Send these invoices to the Urssaf as payment requests: now, or by the
        scheduled action where they are a hundred or more.

        :raise AccessError: without the Urssaf group
        :raise UserError: when none of them can go, with every problem of each; when the
            Urssaf cannot be reached: what has not left then is as before. What the Urssaf
            refuses is kept on the payment request.
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        moves = self.sudo()
        holders = moves._l10n_fr_sap_holders()
        ready, problems = lock_ready(
            moves,
            lambda move: move._l10n_fr_sap_why_not(holders),
            # The scheduled action may be sending it; its call is not to be waited for.
            also="l10n_fr_sap_request_id",
        )
        summary = self.env["l10n_fr_sap.summary"]
        if len(ready) >= _IN_THE_BACKGROUND:
            ready._l10n_fr_sap_leave()
            return summary._after(self, problems, queued=len(ready))
        problems |= ready._l10n_fr_sap_send_now()
        return summary._after(self, problems)

    def _post(self, soft=True):
        """Odoo's; the companies that want it have their invoices sent as well."""
        posted = super()._post(soft)
        wanted = posted.sudo().filtered(
            lambda move: (
                # What costs nothing first: most invoices are nothing to the Urssaf.
                move._l10n_fr_sap_is_for_urssaf()
                and move.company_id._l10n_fr_sap_provider().l10n_fr_sap_send_on_post
                and not move._l10n_fr_sap_why_not()
            )
        )
        # Not at once: Odoo's own transaction goes on, and must not be committed. One by
        # one, and come what may: confirming an invoice never fails because of us.
        if wanted.filtered(lambda move: move._l10n_fr_sap_queue_or_tell()):
            self.env.ref("l10n_fr_urssaf_sap.ir_cron_send").sudo()._trigger()
        return posted

    def _l10n_fr_sap_why_not(self, holders=None):
        """Why this invoice cannot be sent, one line each. ``holders`` are those of the many
        that this is one of; where it can go, its number is its own from then on."""
        if request := self._l10n_fr_sap_live_request():
            return [self.env._("Already sent to the Urssaf (%s)", state_label(request))]
        if holders is None:
            holders = self._l10n_fr_sap_holders()
        lines, _item = self._l10n_fr_sap_prepare(holders)
        if not lines:
            holders[self._l10n_fr_sap_key()] = self
        return lines

    def action_l10n_fr_sap_refresh(self):
        """Ask the Urssaf for the statuses of these invoices' payment requests.

        :raise AccessError: without the Urssaf group
        :raise UserError: when none was sent; when the Urssaf cannot be reached
        """
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        requests = self.l10n_fr_sap_request_id
        if self and not requests:
            raise UserError(self.env._("Nothing was sent to the Urssaf yet."))
        return requests.action_refresh()

    # What the Urssaf holds must stay what the books say.

    def write(self, vals):
        if any(name in vals for name in _PERIOD) and not self.env.su:
            self._l10n_fr_sap_check_not_live()
        return super().write(vals)

    def button_draft(self):
        self._l10n_fr_sap_check_not_live()
        for move in self.sudo():
            move._l10n_fr_sap_forget_proposal()
        return super().button_draft()

    def _l10n_fr_sap_forget_proposal(self):
        """A proposed period goes with the date that it came from."""
        if self._l10n_fr_sap_proposes_period() and (
            (self.l10n_fr_sap_date_from, self.l10n_fr_sap_date_to)
            == self._l10n_fr_sap_proposal()
        ):
            self.write(dict.fromkeys(_PERIOD, False))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_l10n_fr_sap_sent(self):
        if sent := self.sudo().l10n_fr_sap_request_ids.filtered("urssaf_id"):
            raise UserError(
                self.env._(
                    "%s was sent to the Urssaf and cannot be deleted: please cancel it.",
                    sent[0].number,
                )
            )

    def _l10n_fr_sap_check_not_live(self):
        for move in self.sudo():
            if request := move._l10n_fr_sap_live_request():
                raise UserError(
                    self.env._(
                        "%(invoice)s was sent to the Urssaf (%(state)s) and cannot be"
                        " changed any more.",
                        invoice=move.name,
                        state=state_label(request),
                    )
                )
