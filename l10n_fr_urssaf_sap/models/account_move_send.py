# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's own Send window: what it offers, says of and does for the Urssaf."""

from collections import defaultdict

from odoo import api, models

from ..invoicing.actions import may_be_sent
from ..invoicing.document import mark_of, renew_documents
from ..invoicing.obstacles import warnings_of
from ..invoicing.queue import queue_or_tell
from .res_users import USER_GROUP

EDI = "l10n_fr_sap"
_NAMED = 5  # the invoices that an alert names for one obstacle
_LISTED = 10  # the obstacles of one kind that an alert lists


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    # Offer

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
        readable, move = move._origin, move._origin.sudo()
        return (
            self.env.user.has_group(USER_GROUP)
            and may_be_sent(move)
            and move.company_id._l10n_fr_sap_sends()
            and readable.has_access("read")
        )

    @api.model
    def _get_default_extra_edis(self, move):
        edis = super()._get_default_extra_edis(move)
        if EDI in edis and move._origin.sudo()._l10n_fr_sap_obstacles():
            edis = set(edis) - {EDI}
        return edis

    # Alerts

    @api.model
    def _get_alerts(self, moves, moves_data):
        """One more for each kind of obstacle, with the records to fix, and of what the
        Urssaf may refuse.

        Never ``danger``, which would keep the e-mails back as well: whoever presses Send
        has read that these do not go to the Urssaf.
        """
        alerts = super()._get_alerts(moves, moves_data)
        offered = moves._origin.filtered(self._l10n_fr_sap_is_offered).sudo()
        obstacles = offered._l10n_fr_sap_obstacles()
        intro = self.env._("To fix before sending to the Urssaf: %s")
        for number, found in enumerate(_by_kind(obstacles)):
            alerts[f"{EDI}_{number}"] = self._l10n_fr_sap_alert(moves, found, intro)
        ticked = moves.filtered(lambda move: EDI in moves_data[move]["extra_edis"])
        going = offered & ticked._origin
        warnings = warnings_of(going._l10n_fr_sap_prepare())
        for number, found in enumerate(_by_kind(warnings)):
            alert = self._l10n_fr_sap_alert(moves, found, "%s")
            alerts[f"{EDI}_warning_{number}"] = alert
        again = going.filtered(
            lambda move: move._l10n_fr_sap_requests().filtered("urssaf_id")
        )
        if again:
            alerts[f"{EDI}_again"] = {
                "level": "info",
                "message": self.env._(
                    "An earlier payment request was refused or cancelled. A new one"
                    " will be sent for: %s",
                    _enumerate(again),
                ),
            }
        return alerts

    @api.model
    def _l10n_fr_sap_alert(self, moves, found, intro):
        """The alert for ``[(invoice, Obstacle), …]`` of one kind; ``%s`` of the ``intro``
        are their texts."""
        by_text = defaultdict(self.env["account.move"].browse)
        for move, obstacle in found:
            by_text[obstacle.text] |= move
        lines = [
            self.env._(
                "%(problem)s (%(invoices)s)", problem=text, invoices=_enumerate(some)
            )
            if len(moves) > 1
            else text
            for text, some in by_text.items()
        ]
        if more := lines[_LISTED:]:
            lines[_LISTED:] = [self.env._("and %s more", len(more))]
        records = found[0][1].record.union(*(each.record for _move, each in found))
        return {
            "level": "warning",
            "message": intro
            % (
                lines[0]
                if len(lines) == 1
                else "".join(f"\n- {line}" for line in lines)
            ),
            "action_text": self.env._("Open the list")
            if len(records) > 1
            else self.env._("Open %s", records.display_name),
            "action": records._get_records_action(
                name=self.env._("Urssaf: To Fix"), context={}
            ),
        }

    # The document

    @api.model
    def _generate_and_send_invoices(self, moves, **settings):
        renew_documents(moves.sudo())
        return super()._generate_and_send_invoices(moves, **settings)

    @api.model
    def _prepare_invoice_pdf_report(self, invoices_data):
        result = super()._prepare_invoice_pdf_report(invoices_data)
        for move, data in invoices_data.items():
            if mark := mark_of(move):
                data["pdf_attachment_values"]["description"] = mark
        return result

    # Sending

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
                queued |= queue_or_tell(theirs)
        if queued:
            # No call and no commit here: Odoo's own locks would go.
            self.env["account.move"]._l10n_fr_sap_trigger_sending()

    # The e-mail

    @api.model
    def _get_default_mail_template_id(self, move):
        """Odoo's own template asks to pay at once, and knows nothing of the Urssaf. A
        template that somebody, or another addon, has chosen instead of it stays."""
        template = super()._get_default_mail_template_id(move)
        odoos = self.env.ref(
            "account.email_template_edi_invoice", raise_if_not_found=False
        )
        ours = self._l10n_fr_sap_template_name(move) if template == odoos else None
        return (ours and self.env.ref(ours, raise_if_not_found=False)) or template

    @api.model
    def _l10n_fr_sap_template_name(self, move):
        if move._l10n_fr_sap_customer_notice():
            return "l10n_fr_urssaf_sap.mail_template_notice"
        if move.l10n_fr_sap_collected:
            return "l10n_fr_urssaf_sap.mail_template_invoice"
        return None


def _by_kind(obstacles):
    """``[[(invoice, Obstacle), …], …]``, a list for each kind."""
    kinds = defaultdict(list)
    for move, several in obstacles.items():
        for obstacle in several:
            kinds[obstacle.kind].append((move, obstacle))
    return kinds.values()


def _enumerate(moves):
    names = moves.mapped("name")
    return ", ".join(names[:_NAMED] + ["…"] * (len(names) > _NAMED))
