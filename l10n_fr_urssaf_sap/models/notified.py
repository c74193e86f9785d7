# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..invoicing import waiting
from ..protocol import jobs

_TEMPLATE = "l10n_fr_urssaf_sap.mail_template_reminder"


class Notified(models.AbstractModel):
    """The hours that the customer of a payment request has to answer. Fields and methods of
    ``l10n_fr_sap.payment.request``."""

    _name = "l10n_fr_sap.notified"
    _description = "Customer Who Is to Answer"

    notified_at = fields.Datetime(
        "Customer Notified On",
        readonly=True,
        copy=False,
        help="When the Urssaf was first seen to wait for the customer: an estimate.",
    )
    customer_reminded_at = fields.Datetime(
        "Customer Reminded On", readonly=True, copy=False
    )
    tacit_at = fields.Datetime(
        "Counts as Accepted On",
        compute="_compute_tacit_at",
        help="Without an answer from the customer: 48 hours after the notification.",
    )
    tacit_today = fields.Boolean(
        "Counts as Accepted Today",
        compute="_compute_tacit_today",
        search="_search_tacit_today",
    )
    agenda_date = fields.Date(
        "Deadline or Transfer",
        compute="_compute_tacit_at",
        search="_search_agenda_date",
        help="The day on which it counts as accepted, or on which the Urssaf has paid.",
    )

    _notified_idx = models.Index("(notified_at) WHERE state = 'awaiting_validation'")

    @api.depends("state", "notified_at", "transfer_date")
    def _compute_tacit_at(self):
        for request in self:
            request.tacit_at = waiting.tacit_at(request)
            request.agenda_date = waiting.agenda_date(request)

    @api.depends("state", "notified_at")
    def _compute_tacit_today(self):
        of_today = self.filtered_domain(waiting.tacit_today_domain(self.env))
        for request in self:
            request.tacit_today = request in of_today

    def _search_tacit_today(self, operator, value):
        if operator != "in" or list(value) != [True]:
            return NotImplemented
        return waiting.tacit_today_domain(self.env)

    def _search_agenda_date(self, operator, value):
        if operator == "in" and all(value):
            return Domain.OR(waiting.agenda_domain("=", day) for day in value)
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        return waiting.agenda_domain(operator, value)

    def _tacit_day(self):
        """For the e-mail: the day on which it counts as accepted, in words."""
        return format_date(self.env, self.agenda_date, date_format="EEEE d MMMM")

    # Reminding

    @api.model
    def _cron_remind_customers(self):
        """Remind the customers who have not answered yet, where their company wants it."""
        wanted = [("l10n_fr_sap_remind_customers", "=", True)]
        companies = self.env["res.company"].search(wanted)
        jobs.remind_customers(
            self.search(waiting.to_remind_domain(companies), order="notified_at, id")
        )

    def _remind_customers(self):
        """Write to the customers of those that still wait for them. The message joins
        Odoo's queue with the mark, or neither is there."""
        free = self.try_lock_for_update(allow_referencing=True)
        due = free.filtered_domain(waiting.to_remind_domain(free.company_id))
        due.customer_reminded_at = fields.Datetime.now()
        template = self.env.ref(_TEMPLATE)
        for request in due:
            template.send_mail(request.id)
            request.move_id._message_log(
                body=self.env._(
                    "The customer was reminded of payment request %s, which waits for an"
                    " answer on particulier.urssaf.fr.",
                    request.number,
                )
            )
