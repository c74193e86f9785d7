# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from markupsafe import Markup

from odoo import api, fields, models

from ..texts.messages import UNEXPECTED
from .batch import attempt, reachable

_LISTED = 20  # those to mend that the closing message names


class Background(models.AbstractModel):
    """What a user leaves to a scheduled action, many at once, gets one message at the
    end. A model with ``state`` (``error``: to be mended), ``company_id``."""

    _name = "l10n_fr_sap.background"
    _description = "Urssaf Background Work"
    _error_field = "error"
    _waiting = ()  # the states of what is not done yet; the first: nothing has left

    queued_uid = fields.Many2one(
        "res.users", "Left to the Background By", readonly=True, index="btree_not_null"
    )

    def _check_settings(self, company):
        """
        :raise UserError: when the settings would not let a scheduled action do anything
        """
        with company._l10n_fr_sap_urssaf():
            pass

    def _fail_stranded(self):
        """Somebody waits for word of these, and the settings have changed since."""
        stranded = self.filtered(lambda record: record.queued_uid and record._waits())
        for record in stranded - reachable(stranded):
            attempt(record, type(self)._fail_settings)

    def _fail_settings(self):
        locked = self.try_lock_for_update(allow_referencing=True)
        if locked and locked._waits():
            self._fail(self.env._("The settings of the company have changed."))

    def _give_up(self):
        """It would be tried for ever. Without a word in the chatter, which may be what
        does not work."""
        locked = self.try_lock_for_update(allow_referencing=True)
        if locked and locked._waits():
            self.write({"state": "error", self._error_field: self.env._(UNEXPECTED)})

    @api.model
    def _tell_the_end(self):
        """One message to each user none of whose records wait any more."""
        asked = self.search([("queued_uid", "!=", False)])
        for (user, company), mine in asked.grouped(
            lambda record: (record.queued_uid, record.company_id)
        ).items():
            if not mine.filtered(lambda record: record.state in self._waiting):
                mine = mine.with_context(lang=user.lang)
                attempt(mine, lambda some, who=(user, company): some._tell(*who))

    def _waits(self):
        """Whether nothing of it has left yet."""
        return self.state == self._waiting[0]

    def _is_due(self):
        """Whether it is to be tried now, if it waits."""
        return True

    def _fail(self, message):
        raise NotImplementedError

    def _told(self, company, done, to_fix):
        """The closing message's subject and sentence, and the record of ``self`` that a
        person opens to mend it.

        :rtype: tuple[str, str, str]
        """
        raise NotImplementedError

    def _tell(self, user, company):
        # At once, before somebody else changes one of these rows.
        self.queued_uid = False
        self.flush_recordset()
        to_fix = self.filtered(lambda record: record.state == "error")
        subject, sentence, name = self._told(company, len(self - to_fix), len(to_fix))
        user.sudo()._bus_send(
            "simple_notification",
            {"type": "warning" if to_fix else "success", "message": sentence},
        )
        links = Markup("").join(
            Markup('<li><a href="/odoo/%s/%s">%s</a></li>')
            % (record._name, record.id, record.display_name)
            for record in to_fix[:_LISTED].mapped(name)
        )
        if more := to_fix[_LISTED:]:
            links += Markup("<li>%s</li>") % self.env._("and %s more", len(more))
        self.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=subject,
            body=Markup("<p>%s</p><ul>%s</ul>") % (sentence, links),
        )
