# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.exceptions import AccessError

USER_GROUP = "l10n_fr_urssaf_sap.group_user"
# Those who may see what the Urssaf says of invoices.
READER_GROUPS = f"{USER_GROUP},account.group_account_readonly"


class ResUsers(models.Model):
    _inherit = "res.users"

    def _l10n_fr_sap_check(self):
        """:raise AccessError: unless this user may deal with the Urssaf"""
        if not self.has_group(USER_GROUP):
            raise AccessError(
                self.env._(
                    "Only invoicing users may register customers with the Urssaf and"
                    " send it payment requests."
                )
            )

    def _l10n_fr_sap_toast(self, message, kind="success"):
        """The action that tells this user what a button has done.

        :param kind: ``success``, ``info`` or ``warning``, which stays until it is closed
        """
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "sticky": kind == "warning",
                # The view shows what has changed.
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _l10n_fr_sap_tell_sent(self, moves):
        """The toast for these invoices, each of which was sent; True without any."""
        if not moves:
            return True
        text = self.env._("The Urssaf has accepted the payment request.")
        if len(moves) > 1:
            text = self.env._("Sent to the Urssaf: %s payment requests.", len(moves))
        if "sending" not in moves.l10n_fr_sap_request_id.mapped("state"):
            return self._l10n_fr_sap_toast(text)
        text = self.env._(
            "The Urssaf gave no usable answer. Odoo finds out by itself what has become of"
            " it: please do not send it otherwise."
        )
        return self._l10n_fr_sap_toast(text, "warning")

    def _l10n_fr_sap_company_of_requests(self, company_ids):
        """The field of a payment request that says whether it is of one of these companies,
        for record rules: that of its invoice, which may be a branch's. Where no branch is
        left out, the request's own company says the same, and no invoice has to be read."""
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        roots = companies.browse(company_ids).root_id
        whole = set(companies.search([("id", "child_of", roots.ids)]).ids)
        return "company_id" if whole == set(company_ids) else "move_id.company_id"

    def _l10n_fr_sap_registered(self, company_ids):
        """The companies known to the Urssaf behind these ones, for record rules."""
        companies = self.env["res.company"].browse(company_ids)
        return [company._l10n_fr_sap_registered_company().id for company in companies]
