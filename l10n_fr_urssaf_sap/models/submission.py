# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..invoicing.closing import tell_user
from ..protocol.access import connect_for_button
from ..protocol.transactions import in_own_transaction
from ..texts.advice import describe_advice
from ..texts.obstacle import public_texts_of
from .res_company import ENVIRONMENTS

LEVELS = [
    ("muted", "Muted"),
    ("info", "Info"),
    ("success", "Success"),
    ("warning", "Warning"),
    ("danger", "Danger"),
]


class Submission(models.AbstractModel):
    """What a company submits to the Urssaf: a registration or a payment request. A user
    may leave many at once to a scheduled action, and gets one message at the end.

    For a model with ``state`` (``error``: to be fixed).
    """

    _name = "l10n_fr_sap.submission"
    _description = "Urssaf Submission"
    _unfinished = ()  # the states of what is not done yet; the first: nothing has left
    _levels = {}  # how good or bad each state is: one of LEVELS
    _asked_at = ""  # the field that says when the Urssaf was asked about it last

    company_id = fields.Many2one("res.company", required=True, index=True)
    environment = fields.Selection(
        ENVIRONMENTS,
        required=True,
        readonly=True,
        help="The Urssaf platform concerned: test or production.",
    )
    error_codes = fields.Char(readonly=True, help="The Urssaf's codes of that error.")
    advice = fields.Text(compute="_compute_advice", compute_sudo=True)
    check_after = fields.Datetime(
        "Next Check",
        compute="_compute_check_after",
        store=True,
        index="btree_not_null",
        help="When the scheduled action asks the Urssaf again; empty if it need not.",
    )
    queued_uid = fields.Many2one(
        "res.users", "Requested By", readonly=True, index="btree_not_null"
    )
    reminded = fields.Boolean(
        readonly=True, help="Somebody was told that it is not over after so long."
    )
    error_fields = fields.Char(
        "Fields Refused",
        readonly=True,
        help="The fields that the Urssaf named when it refused it.",
    )
    state_level = fields.Selection(
        LEVELS, "Status Color", compute="_compute_state_level"
    )

    @api.depends("state")
    def _compute_state_level(self):
        for record in self:
            record.state_level = self._levels.get(record.state)

    @api.depends("state", "error_codes", "error_fields")
    @api.depends_context("lang")
    def _compute_advice(self):
        """What to do about its error, and which fields to fix."""
        for record in self:
            codes = [*(record.error_codes or "").split(), record.state]
            advice = describe_advice(self.env, codes)
            named = record.error_fields and public_texts_of(record._named_obstacles())
            record.advice = "\n".join(filter(None, [advice, named]))

    # Hooks

    def _named_obstacles(self):
        """The fields that the Urssaf named when it refused it, as obstacles."""
        raise NotImplementedError

    def _compute_check_after(self):
        raise NotImplementedError

    def _set_error(self, text):
        """The record is to be fixed, for the reason that ``text`` gives."""
        raise NotImplementedError

    def _set_answers(self, answers):
        """Believe what the Urssaf said, ``{record: answer}``; None where nothing can be
        read. These were asked about."""
        raise NotImplementedError

    def _give_up(self):
        """Set the record to be fixed though nobody knows why it fails, or it would be
        tried for ever. Nothing is said in the chatter, which may be what does not work."""
        raise NotImplementedError

    def _remind(self):
        """Tell somebody that these are not over after so long."""
        raise NotImplementedError

    def _closing_message(self, company, done, to_fix):
        """The closing message's subject and sentence, and the field with the record that
        a person opens to fix it.

        :rtype: tuple[str, str, str]
        """
        raise NotImplementedError

    def _has_not_left(self):
        """Whether nothing of it has left yet."""
        return self.state == self._unfinished[0]

    def _is_due(self):
        """Whether it is to be tried now, if it waits."""
        return True

    # Shared methods

    def _set_checked(self):
        """It would otherwise be the first to be asked about again, and hold up others."""
        self[self._asked_at] = fields.Datetime.now()

    def action_open_to_fix(self):
        """Open the record with the field that the Urssaf named.

        :raise AccessError: without the Urssaf group
        """
        self.ensure_one()
        self.env.user._l10n_fr_sap_check()
        self.check_access("read")
        for obstacle in self.sudo()._named_obstacles():
            return obstacle.record.sudo(False).get_formview_action()
        return True

    def _reachable(self):
        """Those of these records that belong to the very Urssaf that their company talks
        to today: production is never asked about what was sent in test, nor the
        reverse."""

        def key(record):
            return record.sudo().company_id, record.sudo().environment

        # There are few companies, and perhaps many records.
        used = {
            (company, environment)
            for company, environment in set(map(key, self))
            if company._l10n_fr_sap_uses(environment)
        }
        return self.filtered(lambda record: key(record) in used)

    def _check_settings(self, company):
        """
        :raise UserError: when the settings would not let a scheduled action do anything
        """
        with connect_for_button(company):
            pass

    def _fail_unreachable(self):
        """Somebody waits for word of these, and the settings have changed since."""
        queued = self.filtered(
            lambda record: record.queued_uid and record._has_not_left()
        )
        for record in queued - queued._reachable():
            in_own_transaction(record, type(self)._fail_for_settings)

    def _fail_for_settings(self):
        locked = self.try_lock_for_update(allow_referencing=True)
        if locked and locked._has_not_left():
            self._set_error(self.env._("The settings of the company have changed."))

    @api.model
    def _send_closing_messages(self):
        """One message to each user none of whose records wait any more."""
        asked = self.search([("queued_uid", "!=", False)])
        for (user, company), mine in asked.grouped(
            lambda record: (record.queued_uid, record.company_id)
        ).items():
            if not mine.filtered(lambda record: record.state in self._unfinished):
                mine = mine.with_context(lang=user.lang)
                in_own_transaction(
                    mine,
                    lambda some, who=(user, company): some._send_closing_message(*who),
                )

    def _send_closing_message(self, user, company):
        # At once, before somebody else changes one of these rows.
        self.queued_uid = False
        self.flush_recordset()
        to_fix = self.filtered(lambda record: record.state == "error")
        subject, sentence, name = self._closing_message(
            company, len(self - to_fix), len(to_fix)
        )
        tell_user(user, subject, sentence, to_fix.mapped(name))
