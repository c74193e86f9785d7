# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import re

from odoo import models

from .res_users import USER_GROUP

ACCOUNT = "res.partner.bank"
_PERSONAL = {"acc_number", "acc_holder_name"}
_HIDDEN = "****"


class MailTrackingValue(models.Model):
    _inherit = "mail.tracking.value"

    # Odoo writes changed account numbers into the contact's chatter, which every employee
    # reads. All of them stay there, for those who may see the account; the others see
    # that it changed, and a private customer's number with its middle hidden.

    def _format_display_value(self, field_type, new=True):
        values = super()._format_display_value(field_type, new)
        hidden = self._l10n_fr_sap_hidden()
        return [
            masked_account(value) if record in hidden else value
            for record, value in zip(self, values, strict=True)
        ]

    def _filter_free_field_access(self):
        """What anybody may read, in an e-mail for instance."""
        free = super()._filter_free_field_access()
        return free - free._l10n_fr_sap_private()

    def _l10n_fr_sap_hidden(self):
        """Those whose values the current user must not read."""
        private = self._l10n_fr_sap_private()
        if not private or self.env.user.has_group(USER_GROUP):
            return self.browse()
        return private

    def _l10n_fr_sap_private(self):
        """Those that tell of the account of a private customer."""
        return self.filtered(
            lambda value: any(
                value._l10n_fr_sap_partners().mapped("l10n_fr_sap_particulier")
            )
        ).with_env(self.env)

    def _l10n_fr_sap_partners(self):
        """Whose account this may be the number of."""
        field, message = self.sudo().field_id, self.sudo().mail_message_id
        partners, accounts = field.env["res.partner"], field.env[ACCOUNT]
        if field.relation == ACCOUNT:
            accounts = accounts.browse([self.old_value_integer, self.new_value_integer])
        elif field.model == ACCOUNT and field.name in _PERSONAL:
            if message.model == partners._name:
                return partners.browse(message.res_id).exists()
            accounts = accounts.browse(message.res_id)
        return accounts.exists().partner_id


def masked_account(number):
    """An account's number as more people may read it: its ends alone."""
    number = re.sub(r"[\W_]", "", number or "")
    if not number:
        return number
    known = len(number) >= 14 and re.match(r"[A-Z]{2}\d\d", number)
    return f"{number[:4]} {_HIDDEN} {number[-3:]}" if known else _HIDDEN
