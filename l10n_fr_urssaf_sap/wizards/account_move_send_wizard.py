# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from ..models.account_move_send import EDI


class AccountMoveSendWizard(models.TransientModel):
    _inherit = "account.move.send.wizard"

    def _compute_extra_edi_checkboxes(self):
        """Odoo ticks all that it shows. One that cannot go yet is shown as well, with
        the alerts that say why."""
        res = super()._compute_extra_edi_checkboxes()
        for wizard in self:
            shown = wizard.extra_edi_checkboxes or {}
            if EDI not in shown and wizard._l10n_fr_sap_is_offered(wizard.move_id):
                label = wizard._get_all_extra_edis()[EDI]["label"]
                box = {"checked": False, "readonly": True, "label": label}
                wizard.extra_edi_checkboxes = shown | {EDI: box}
        return res
