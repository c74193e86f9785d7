# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class Columns(models.AbstractModel):
    """Columns of Odoo's own lists that only those need who work with the Urssaf: shown
    once their company has its credentials, hidden until then. For any model."""

    _name = "l10n_fr_sap.columns"
    _description = "Columns About the Urssaf"
    # Names of fields that the lists have, hidden.
    _l10n_fr_sap_columns = ()

    @api.model
    def _l10n_fr_sap_shows_columns(self):
        registered = self.env.company._l10n_fr_sap_registered_company()
        return bool(registered.l10n_fr_sap_client_id)

    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        shown = view_type == "list" and self._l10n_fr_sap_shows_columns()
        return (*key, shown)

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "list" and self._l10n_fr_sap_shows_columns():
            for name in self._l10n_fr_sap_columns:
                for column in arch.iterfind(f".//field[@name='{name}'][@optional]"):
                    column.set("optional", "show")
        return arch, view
