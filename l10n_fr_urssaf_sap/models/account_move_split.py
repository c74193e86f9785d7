# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_round

_TRIES = 100  # hundredths of a unit that a part may leave its share of the days


def _day(line):
    return line.l10n_fr_sap_date_to or line.l10n_fr_sap_date_from


class AccountMove(models.Model):
    """A payment request covers one calendar month (ERR_PERIODE_EMPLOI_MOIS_NON_UNIQUE):
    a draft invoice over several can be made one draft a month."""

    _inherit = "account.move"

    l10n_fr_sap_several_months = fields.Boolean(
        "Services in Several Months", compute="_compute_l10n_fr_sap_several_months"
    )

    @api.depends(
        "state",
        "l10n_fr_sap_date_from",
        "l10n_fr_sap_date_to",
        "invoice_line_ids.l10n_fr_sap_date_from",
        "invoice_line_ids.l10n_fr_sap_date_to",
    )
    def _compute_l10n_fr_sap_several_months(self):
        for move in self:
            lines = move._l10n_fr_sap_lines()
            days = [
                move.l10n_fr_sap_date_from,
                move.l10n_fr_sap_date_to,
                *lines.mapped("l10n_fr_sap_date_from"),
                *lines.mapped("l10n_fr_sap_date_to"),
            ]
            months = {(day.year, day.month) for day in days if day}
            move.l10n_fr_sap_several_months = move.state == "draft" and len(months) > 1

    def action_l10n_fr_sap_split_by_month(self):
        """Leave the first month's lines on this draft, and make a draft for each other
        month. A line over several months is shared out by days.

        :raise AccessError: without the Urssaf group, or the right to write invoices
        :raise UserError: unless this is a draft with services dated in several months;
            when the drafts would not come to the same total
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("Only a draft invoice can be split."))
        self._l10n_fr_sap_share_lines()
        lines = self._l10n_fr_sap_lines().filtered(_day)
        months = lines.grouped(lambda line: _day(line).replace(day=1))
        if len(months) < 2:
            raise UserError(
                self.env._(
                    "There is nothing to split: give the lines of this invoice their"
                    " dates, in the columns Services From and Services To."
                )
            )
        before = (self.amount_untaxed, self.amount_total)
        drafts = self
        for month in sorted(months)[1:]:
            drafts |= self._l10n_fr_sap_draft_of(months[month])
        after = (
            sum(drafts.mapped("amount_untaxed")),
            sum(drafts.mapped("amount_total")),
        )
        if any(draft.amount_total <= 0 for draft in drafts):
            raise UserError(
                self.env._(
                    "A discount or down payment is more than the services of a month."
                    " Please share the lines out yourself."
                )
            )
        compare = self.currency_id.compare_amounts
        if any(compare(*pair) for pair in zip(before, after, strict=True)):
            raise UserError(
                self.env._(
                    "One invoice a month would not come to the same total to the cent."
                    " Please share the lines out yourself."
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("One Invoice a Month"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("id", "in", drafts.ids)],
        }

    def _l10n_fr_sap_draft_of(self, lines):
        """Another draft like this one, with these of its lines, which leave this one."""
        values = [line._l10n_fr_sap_copy_values() for line in lines]
        draft = self.copy(
            {
                "invoice_date": self.invoice_date,
                # Odoo does not copy these.
                "invoice_user_id": self.invoice_user_id.id,
                "invoice_origin": self.invoice_origin,
                "ref": self.ref,
                "line_ids": [],
                "invoice_line_ids": [Command.create(vals) for vals in values],
            }
        )
        self.write({"invoice_line_ids": [Command.delete(line.id) for line in lines]})
        return draft

    def _l10n_fr_sap_share_lines(self):
        """Make one line a month of each that goes over several; lines without dates go
        over the invoice's own period, which each draft then proposes anew."""
        start, end = self.l10n_fr_sap_date_from, self.l10n_fr_sap_date_to
        self.write({"l10n_fr_sap_date_from": False, "l10n_fr_sap_date_to": False})
        for line in self._l10n_fr_sap_lines():
            if start and end and not _day(line) and line.price_total > 0:
                line.write({"l10n_fr_sap_date_from": start, "l10n_fr_sap_date_to": end})
            if parts := line._l10n_fr_sap_parts():
                first, *others = parts
                values = line._l10n_fr_sap_copy_values()
                line_values = [Command.update(line.id, first)]
                line_values += [Command.create(values | part) for part in others]
                self.write({"invoice_line_ids": line_values})


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _l10n_fr_sap_copy_values(self):
        [values] = self.copy_data()
        values.pop("move_id", None)
        if "sale_line_ids" in self._fields:
            # Or the sales order would think that this was never invoiced.
            values["sale_line_ids"] = [Command.set(self.sale_line_ids.ids)]
        return values

    def _l10n_fr_sap_parts(self):
        """This line a month: quantity and dates of each part, in proportion to the days
        and to the same total; nothing where it lies in one month."""
        start, end = self.l10n_fr_sap_date_from, self.l10n_fr_sap_date_to
        if not (start and end) or (start.year, start.month) == (end.year, end.month):
            return []
        parts, left, day = [], self.quantity, start
        while day <= end:
            last = min(end, day + relativedelta(day=31))
            share = left * ((last - day).days + 1) / ((end - day).days + 1)
            quantity = left if last == end else self._l10n_fr_sap_exact(share, left)
            parts.append(
                {
                    "quantity": quantity,
                    "l10n_fr_sap_date_from": day,
                    "l10n_fr_sap_date_to": last,
                }
            )
            left, day = left - quantity, last + timedelta(days=1)
        return parts

    def _l10n_fr_sap_exact(self, share, whole):
        """The quantity nearest to ``share`` whose amounts and those of the rest come to
        the amounts of the ``whole``, to the cent."""
        share = float_round(share, precision_digits=2)
        for step in range(_TRIES):
            for part in (share + step / 100, share - step / 100):
                if 0 < part < whole and self._l10n_fr_sap_adds_up(part, whole):
                    return float_round(part, precision_digits=2)
        return share

    def _l10n_fr_sap_adds_up(self, part, whole):
        def amounts(quantity):
            price = self.price_unit * (1 - self.discount / 100)
            totals = self.tax_ids.compute_all(price, self.currency_id, quantity)
            return totals["total_excluded"], totals["total_included"]

        currency = self.currency_id
        return not any(
            currency.compare_amounts(one + rest, both)
            for one, rest, both in zip(
                amounts(part), amounts(whole - part), amounts(whole), strict=True
            )
        )
