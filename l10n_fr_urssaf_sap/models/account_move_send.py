# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's own Send window: what it offers, says of and does for the Urssaf."""

import logging

import psycopg2

from odoo import api, models
from odoo.tools import plaintext2html

from ..texts.messages import BUSY
from .res_users import USER_GROUP

_logger = logging.getLogger(__name__)

EDI = "l10n_fr_sap"
_NAMED = 5  # the invoices that an alert names for one defect
_LISTED = 10  # the defects of one kind that an alert lists
_SETTLED = ("in_payment", "paid", "reversed")


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    # What is offered

    @api.model
    def _get_all_extra_edis(self):
        return super()._get_all_extra_edis() | {
            EDI: {
                "label": self.env._("Avance immédiate (Urssaf)"),
                "is_applicable": self._l10n_fr_sap_is_offered,
            }
        }

    @api.model
    def _l10n_fr_sap_is_offered(self, move):
        return (
            self.env.user.has_group(USER_GROUP)
            and move._origin.sudo()._l10n_fr_sap_is_for_urssaf()
        )

    @api.model
    def _get_default_extra_edis(self, move):
        edis = super()._get_default_extra_edis(move)
        if EDI in edis and move._origin.sudo()._l10n_fr_sap_why_not():
            edis = set(edis) - {EDI}
        return edis

    # What is said

    @api.model
    def _get_alerts(self, moves, moves_data):
        """One more for each kind of defect, with the records to mend.

        Never ``danger``, which would keep the e-mails back as well: whoever presses Send
        has read that these do not go to the Urssaf.
        """
        alerts = super()._get_alerts(moves, moves_data)
        offered = moves._origin.filtered(self._l10n_fr_sap_is_offered).sudo()
        kinds = {}
        for move in offered:
            for kind, line, record in move._l10n_fr_sap_defects():
                kinds.setdefault(kind, []).append((move, line, record))
        for number, found in enumerate(kinds.values()):
            alerts[f"{EDI}_{number}"] = self._l10n_fr_sap_alert(moves, found)
        ticked = moves.filtered(lambda move: EDI in moves_data[move]["extra_edis"])
        again = (offered & ticked._origin).filtered(
            lambda move: move._l10n_fr_sap_number() != move.name
        )
        if again:
            alerts[f"{EDI}_again"] = {
                "level": "info",
                "message": self.env._(
                    "An earlier payment request was refused or cancelled. A new one"
                    " leaves for: %s",
                    _enumerate(again),
                ),
            }
        return alerts

    @api.model
    def _l10n_fr_sap_alert(self, moves, found):
        """The alert for ``[(move, line, record to mend), …]`` of one kind."""
        by_line = {}
        for move, line, _record in found:
            by_line[line] = by_line.get(line, move) | move
        lines = [
            self.env._(
                "%(problem)s (%(invoices)s)", problem=line, invoices=_enumerate(some)
            )
            if len(moves) > 1
            else line
            for line, some in by_line.items()
        ]
        if more := lines[_LISTED:]:
            lines[_LISTED:] = [self.env._("and %s more", len(more))]
        records = found[0][2].union(*(record for _move, _line, record in found))
        return {
            "level": "warning",
            "message": self.env._(
                "To be mended before going to the Urssaf: %s",
                lines[0]
                if len(lines) == 1
                else "".join(f"\n- {line}" for line in lines),
            ),
            "action_text": self.env._("Open the list")
            if len(records) > 1
            else self.env._("Open %s", records.display_name),
            "action": records._get_records_action(
                name=self.env._("Urssaf: to be mended"), context={}
            ),
        }

    # What is done

    @api.model
    def _hook_if_success(self, moves_data, from_cron=False):
        """Here all documents exist, whoever sends them: the window, its scheduled action
        or another addon. Before the e-mails, which may commit or fail as they like."""
        self._l10n_fr_sap_queue_wanted(moves_data, from_cron)
        return super()._hook_if_success(moves_data, from_cron=from_cron)

    @api.model
    def _l10n_fr_sap_queue_wanted(self, moves_data, from_cron):
        queued = False
        for move, data in moves_data.items():
            author = (
                self.env["res.users"].sudo().browse(data["author_user_id"]).exists()
            )
            # The scheduled action ticks anew: nobody saw what has gone wrong since.
            wanted = EDI in data["extra_edis"] or (
                from_cron and self._l10n_fr_sap_is_offered(move)
            )
            if wanted and author and author.has_group(USER_GROUP):
                theirs = move.with_user(author).with_context(lang=author.lang).sudo()
                queued |= theirs._l10n_fr_sap_queue_or_tell()
        if queued:
            # No call and no commit here: Odoo's own locks would go.
            self.env.ref("l10n_fr_urssaf_sap.ir_cron_send").sudo()._trigger()

    # The e-mail

    @api.model
    def _get_default_mail_template_id(self, move):
        """Odoo's own template asks to pay at once. A template that somebody, or another
        addon, has chosen instead of it stays."""
        template = super()._get_default_mail_template_id(move)
        if move.l10n_fr_sap_collected and template == self.env.ref(
            "account.email_template_edi_invoice", raise_if_not_found=False
        ):
            ours = "l10n_fr_urssaf_sap.mail_template_invoice"
            return self.env.ref(ours, raise_if_not_found=False) or template
        return template


class AccountMove(models.Model):
    _inherit = "account.move"

    def _l10n_fr_sap_is_for_urssaf(self):
        """Whether this invoice may still become a payment request, once mended."""
        return (
            self.move_type == "out_invoice"
            and self.state == "posted"
            and self.payment_state not in _SETTLED
            and self.l10n_fr_sap_particulier
            and self.company_id._l10n_fr_sap_sends()
            and not self._l10n_fr_sap_live_request()
        )

    def _l10n_fr_sap_defects(self):
        """Why it cannot go: ``[(kind, line, record to mend), …]``."""
        found = {
            self._l10n_fr_sap_describe(problem): problem
            for problem in self._l10n_fr_sap_found(self._l10n_fr_sap_payment_request())
        }
        partner = self.commercial_partner_id
        places = {
            "particulier_id": partner,
            "birth_date": partner,
            "nova_number": self.company_id,
        }
        defects = []
        for line in self._l10n_fr_sap_why_not():
            if problem := found.get(line):
                kind = (problem.field, problem.rule)
                defects.append((kind, line, places.get(problem.field, self)))
            else:
                defects.append((line, line, self))
        return defects

    def _l10n_fr_sap_queue_or_tell(self):
        """Queue this invoice, or say in its chatter why not. Whatever happens here must
        not keep the e-mail back.

        :return: whether it was queued
        """
        savepoint = self.env.cr.savepoint()
        try:
            with savepoint:
                if self._l10n_fr_sap_live_request():
                    return False
                lines = self._l10n_fr_sap_obstacles()
                if not lines and self.try_lock_for_update(allow_referencing=True):
                    self._l10n_fr_sap_queue()
                    return True
        except psycopg2.Error as error:
            # Somebody else was at the same rows at the same time.
            _logger.info("Urssaf, %s: %s", self, type(error).__name__)
            lines = []
        except Exception:
            _logger.exception("Urssaf, %s: not queued, the e-mail goes on", self)
            lines = []
        text = [self.env._("Not sent to the Urssaf:"), *(lines or [self.env._(BUSY)])]
        self.message_post(body=plaintext2html("\n".join(text)))
        return False


def _enumerate(moves):
    names = moves.mapped("name")
    return ", ".join(names[:_NAMED] + ["…"] * (len(names) > _NAMED))
