# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import re

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.account.models.mail_message import bypass_token

from .mail_tracking_value import ACCOUNT, masked_account
from .res_users import USER_GROUP

_LINK_OR_TAG = re.compile(r"(<a\b.*?</a>|<[^>]*>)", re.DOTALL)
_NUMBER = re.compile(r"\b[A-Z0-9](?:[ .\-/]?[A-Z0-9]){5,}\b")


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _get_tracking_values_domain(self, search_term):
        """Odoo's; a search must not tell what is not shown."""
        domain = super()._get_tracking_values_domain(search_term)
        if self.env.user.has_group(USER_GROUP):
            return domain
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        private = Domain("field_id.model", "=", ACCOUNT) & Domain(
            "mail_message_id.res_id",
            "in",
            partners._search([("l10n_fr_sap_particulier", "=", True)]),
        )
        return domain & ~(private | Domain("field_id.relation", "=", ACCOUNT))

    @api.model
    def _l10n_fr_sap_mask_accounts(self, partners):
        """Odoo writes the number of an account that is archived into the chatter of its
        contact, as text. From these contacts it goes, into a tracked value, which those
        see who may see the account."""
        told = self.sudo().search(
            [
                ("model", "=", partners._name),
                ("res_id", "in", partners.ids),
                ("body", "like", f'data-oe-model="{ACCOUNT}"'),
            ]
        )
        field = self.env["ir.model.fields"]._get(ACCOUNT, "acc_number")
        for message in told:
            numbers = []
            body = _without_numbers(message.body, numbers)
            if not numbers:
                continue
            # Nothing is lost of what an audit looks for.
            message.with_context(bypass_audit=bypass_token).body = body
            message.tracking_value_ids.create(
                [
                    {
                        "mail_message_id": message.id,
                        "field_id": field.id,
                        "old_value_char": number,
                    }
                    for number in numbers
                ]
            )


def _without_numbers(body, numbers):
    """``body`` with each account number masked, which is added to ``numbers``."""

    def masked(found):
        numbers.append(found.group())
        return masked_account(found.group())

    parts = _LINK_OR_TAG.split(body)
    parts[::2] = [_NUMBER.sub(masked, text) for text in parts[::2]]
    return "".join(parts)
