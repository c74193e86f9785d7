# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import plaintext2html

from ..registering.told import digests_of
from ..registering.variants import describe_change, keep


class Identity(models.AbstractModel):
    """By which names the tax office knows the customer of a registration, and what the
    Urssaf was told of them. Fields and methods of ``l10n_fr_sap.registration``."""

    _name = "l10n_fr_sap.identity"
    _description = "Identity at the Urssaf"

    tried_changes = fields.Char(
        readonly=True,
        copy=False,
        help="What was changed in vain since the tax office did not know the customer.",
    )
    whole_commune_code = fields.Boolean(
        readonly=True,
        help="The tax office knows the overseas birth commune by its last three digits.",
    )
    told = fields.Json(
        readonly=True,
        copy=False,
        help="Digests of what the Urssaf knows of the customer, to see what changes.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        registrations = super().create(vals_list)
        registrations.filtered("urssaf_id")._note_told()
        return registrations

    def write(self, vals):
        result = super().write(vals)
        if vals.get("urssaf_id"):
            self._note_told()
        return result

    def _note_told(self):
        """The Urssaf knows, or was told by somebody, what the contact says now."""
        for registration in self:
            registration.told = digests_of(registration.partner_id, registration.id)

    def _tried_with(self, variant):
        """The changes tried in vain with this one; none where it was none."""
        if not variant:
            return False
        return " ".join(filter(None, [self.tried_changes, variant.change.value]))

    def _keep_variant(self, variant):
        keep(self.partner_id, self, variant)
        # No value: every employee reads the chatter.
        changed = describe_change(self.env, variant.change)
        body = self.env._("Urssaf: recognized with %s", changed)
        self.partner_id.message_post(body=plaintext2html(body))
