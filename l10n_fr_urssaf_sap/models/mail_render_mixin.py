# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from ..texts.french import FRENCH, french_of


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    def _render_lang(self, res_ids, engine="inline_template"):
        """Odoo's. What our templates say in French is said in Odoo's own language where
        French is not installed, instead of not at all."""
        languages = super()._render_lang(res_ids, engine=engine)
        if FRENCH not in languages.values():
            return languages
        french = french_of(self.env) or ""
        return {
            res_id: french if language == FRENCH else language
            for res_id, language in languages.items()
        }
