# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import http
from odoo.http import content_disposition, request

from ..registering.import_template import import_template

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportTemplate(http.Controller):
    @http.route(
        "/l10n_fr_urssaf_sap/import_template.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def template(self):
        """A spreadsheet to fill in with private customers, for Odoo's own import.

        :raise AccessError: without the Urssaf group
        """
        request.env.user._l10n_fr_sap_check()
        name = request.env._("Private customers") + ".xlsx"
        return request.make_response(
            import_template(request.env["res.partner"]),
            [
                ("Content-Type", _XLSX),
                ("Content-Disposition", content_disposition(name)),
            ],
        )
