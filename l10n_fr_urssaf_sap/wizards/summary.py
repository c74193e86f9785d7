# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import Command, api, fields, models

from ..texts.obstacle import texts_of

# What a press has met, and the record itself does not tell.
_OF_THE_PRESS = {"busy", "refused", "unsent"}
# Where what was to be done is done already: sent, registered.
_DONE = {"sent", "known"}
_REGISTRATION = "l10n_fr_sap_registration_state"


class Summary(models.TransientModel):
    """What a button could not do, with a link to fix each record."""

    _name = "l10n_fr_sap.summary"
    _description = "Urssaf Summary"

    done_count = fields.Integer("Done", readonly=True)
    queued_count = fields.Integer("Being Processed", readonly=True)
    line_ids = fields.One2many("l10n_fr_sap.summary.line", "summary_id", readonly=True)
    warning = fields.Text("The Urssaf May Refuse", readonly=True)
    can_check = fields.Boolean(compute="_compute_left")
    left = fields.Selection(
        [
            ("fix", "Something to fix"),
            ("wait", "Customers to wait for"),
            ("no", "Nothing"),
        ],
        compute="_compute_left",
        help="What there still is to do for the documents that are listed.",
    )

    def _compute_display_name(self):
        self.display_name = self.env._("Urssaf: To Fix")

    @api.depends("line_ids.checkable", "line_ids.left")
    def _compute_left(self):
        for summary in self:
            summary.can_check = any(summary.line_ids.mapped("checkable"))
            left = set(summary.line_ids.mapped("left"))
            summary.left = next(
                (state for state in ("fix", "wait", "no") if state in left), False
            )

    @api.model
    def _after(
        self, records, obstacles, queued=0, warnings=None, done="", checkable=False
    ):
        """The dialog that ends a button. Obstacles tell of people: here, and not in an
        error, whose text Odoo would log.

        :param obstacles: ``{record: [Obstacle, …]}`` of the records that did not go
        :param queued: how many of the others a scheduled action goes on with
        :param warnings: ``{record: [Obstacle, …]}`` of some of those that went
        :param done: what there is to tell where all went
        :param checkable: whether the records' own obstacles are what was in the way
        :return: an action; True where there is nothing to tell, or only what the Urssaf
            said of a single record, which its form shows
        """
        warnings = {
            record: several
            for record, several in (warnings or {}).items()
            if record not in obstacles
        }
        if queued and not (obstacles or warnings):
            return self._notify_queued(queued)
        rules = {each.rule for several in obstacles.values() for each in several}
        only_refused = len(records) == 1 and rules == {"refused"}
        if only_refused or not (obstacles or warnings):
            told = records and done and not obstacles
            return self.env.user._l10n_fr_sap_toast(done) if told else True
        # The addon alone writes it: its links show names, whoever may read them.
        summary = self.sudo().create(
            {
                "done_count": len(records) - len(obstacles) - queued,
                "queued_count": queued,
                "warning": "\n".join(
                    self.env._(
                        "%(record)s: %(obstacles)s",
                        record=record.display_name,
                        obstacles=texts_of(several),
                    )
                    for record, several in warnings.items()
                ),
                "line_ids": [
                    Command.create(
                        {
                            "record_ref": f"{record._name},{record.id}",
                            "checkable": checkable
                            and _OF_THE_PRESS.isdisjoint(each.rule for each in several),
                            **values,
                        }
                    )
                    for (record, several), values in zip(
                        obstacles.items(), _told(obstacles), strict=True
                    )
                ],
            }
        )
        # Of several, a page of its own, to which the way leads back from each of them.
        target = "current" if len(records) > 1 else "new"
        return summary._action(target)

    def _action(self, target):
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": target,
            "context": {"in_dialog": target == "new"},
        }

    def action_check_again(self):
        """Say what is left to do for the documents that are listed.

        :raise AccessError: without the Urssaf group
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        self.line_ids._check_again()
        return True

    def _notify_queued(self, queued):
        text = self.env._(
            "%s records are being processed in the background: the list shows the progress,"
            " and you will get a message at the end.",
            queued,
        )
        return self.env.user._l10n_fr_sap_toast(text, "info")


class SummaryLine(models.TransientModel):
    _name = "l10n_fr_sap.summary.line"
    _description = "Urssaf Summary Line"

    summary_id = fields.Many2one(
        "l10n_fr_sap.summary", required=True, ondelete="cascade"
    )
    record_ref = fields.Reference(
        [("res.partner", "Customer"), ("account.move", "Invoice")],
        "Document",
        readonly=True,
    )
    message = fields.Text("To Fix", readonly=True)
    checkable = fields.Boolean(readonly=True)
    left = fields.Selection(
        [("fix", "To fix"), ("wait", "Waiting"), ("no", "Done")],
        default="fix",
        readonly=True,
    )
    is_invoice = fields.Boolean(compute="_compute_is_invoice")
    remedy = fields.Selection(
        [("register", "Register"), ("remind", "Remind")],
        compute="_compute_is_invoice",
        help="What would help where the customer's registration is in the way.",
    )

    @api.depends("record_ref")
    def _compute_is_invoice(self):
        refs = [line.record_ref for line in self if line.record_ref]
        # Somebody may have deleted one since.
        moves = self.env["account.move"].concat(
            *(record for record in refs if record._name == "account.move")
        )
        invoices = set(moves.exists())
        for line in self:
            line.is_invoice = bool(line.record_ref) and line.record_ref in invoices
            customer = line.is_invoice and line._customer()
            line.remedy = bool(customer) and (
                (customer.l10n_fr_sap_can_register and "register")
                or (customer.l10n_fr_sap_can_remind and "remind")
            )

    def _check_again(self):
        """Bring these up to date, where their documents tell what is left to do."""
        lines = {}
        for line in self.filtered("checkable"):
            # Somebody may have deleted it since.
            record = line.record_ref and line.record_ref.exists()
            if record and record.has_access("read"):
                lines[record.sudo()] = line.sudo()
        moves = self.env["account.move"].sudo()
        moves = moves.concat(*(each for each in lines if each._name == moves._name))
        of_moves = moves._l10n_fr_sap_obstacles()
        found = {
            record: of_moves.get(record, [])
            if record._name == moves._name
            else record._l10n_fr_sap_obstacles()
            for record in lines
        }
        for line, values in zip(lines.values(), _told(found), strict=True):
            line.write(values)
        self.invalidate_recordset(["remedy"])

    def _customer(self):
        """That of an invoice; nobody whom the user may not read."""
        customer = _customer_of(self.record_ref).sudo(False)
        return customer if customer.has_access("read") else customer.browse()

    def action_open(self):
        """Open the record to fix."""
        self.ensure_one()
        return self.record_ref.get_formview_action()

    def action_open_customer(self):
        """Open the customer of the invoice to fix."""
        self.ensure_one()
        return self.record_ref.action_l10n_fr_sap_open_customer()

    def action_remedy(self):
        """Register the customer of this invoice, or remind them of the activation.

        :raise AccessError: without the Urssaf group
        :raise UserError: when the Urssaf cannot be reached
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        customer = self._customer()
        if self.remedy == "remind":
            return customer.action_l10n_fr_sap_remind()
        answer = customer.action_l10n_fr_sap_register()
        # Other invoices of the same customer may be listed.
        self.summary_id.line_ids._check_again()
        return answer


def _told(obstacles):
    """What the list says of each of these records, ``{record: [Obstacle, …]}``, in their
    order, as values of a line. Where an invoice's customer is to be registered first, what
    that would meet is told as well."""
    customers = {}
    for record, several in obstacles.items():
        customer = _to_be_registered(record, several)
        if customer and customer not in customers:
            customers[customer] = customer._l10n_fr_sap_obstacles()
        texts = texts_of([*several, *customers.get(customer, ())]).splitlines()
        yield {
            "message": "\n".join(dict.fromkeys(texts)),
            "left": _left(record, several),
        }


def _left(record, obstacles):
    """What there is to do for a record, by its obstacles."""
    if all(each.rule in _DONE for each in obstacles):
        return "no"
    state = _customer_of(record).l10n_fr_sap_registration_state
    waits = all(each.field == _REGISTRATION for each in obstacles)
    return "wait" if waits and state in ("queued", "pending") else "fix"


def _to_be_registered(record, obstacles):
    """The customer whom an invoice waits for, if the user may register them; with every
    right."""
    customer = _customer_of(record)
    wanted = any(each.field == _REGISTRATION for each in obstacles)
    if wanted and customer.l10n_fr_sap_can_register:
        return customer if customer.sudo(False).has_access("read") else None
    return None


def _customer_of(record):
    """An invoice's customer, as its company registers them."""
    if record._name != "account.move":
        return record.env["res.partner"]
    record = record.sudo()
    return record.l10n_fr_sap_particulier_id.with_company(record.company_id)
