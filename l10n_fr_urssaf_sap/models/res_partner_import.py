# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io
from datetime import date

import xlsxwriter

from odoo import api, models

from .res_users import USER_GROUP

# What a list of private customers holds, and one of them. An Urssaf ID is for those
# registered with another software.
_COLUMNS = {
    "name": "Jeanne Martin",
    "l10n_fr_sap_particulier": "1",
    "l10n_fr_sap_civility": "2",
    "l10n_fr_sap_birth_name": "Durand",
    "l10n_fr_sap_usage_name": "Martin",
    "l10n_fr_sap_first_names": "Jeanne Marie",
    "l10n_fr_sap_birth_date": date(1984, 3, 29),
    "l10n_fr_sap_birth_country_id": "FR",
    "l10n_fr_sap_birth_commune_id": "42218",
    "street": "12 bis rue des Lilas",
    "street2": "",
    "zip": "69003",
    "city": "Lyon",
    "phone": "06 39 98 00 11",
    "email": "jeanne.martin@example.com",
    "bank_ids/acc_number": "FR76 1680 6008 2100 0000 0001 174",
    "bank_ids/acc_holder_name": "Mme Jeanne Martin",
    "l10n_fr_sap_consent_date": date(2026, 1, 15),
    "l10n_fr_sap_urssaf_id": "",
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def get_import_templates(self):
        templates = super().get_import_templates()
        if self.env.user.has_group(USER_GROUP):
            templates.append(
                {
                    "label": self.env._("Private customers for the Urssaf"),
                    "template": "/l10n_fr_urssaf_sap/import_template.xlsx",
                }
            )
        return templates

    @api.model
    def _l10n_fr_sap_import_template(self):
        """A spreadsheet for Odoo's own import, as bytes: a row of labels in the user's
        language, by which the import recognises each column, and an example."""
        file = io.BytesIO()
        with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            bold = book.add_format({"bold": True})
            text = book.add_format({"num_format": "@"})
            day = book.add_format({"num_format": "dd/mm/yyyy"})
            for column, (path, example) in enumerate(_COLUMNS.items()):
                label, value = self._l10n_fr_sap_import_column(path, example)
                sheet.write_string(0, column, label, bold)
                if isinstance(value, date):
                    sheet.write_datetime(1, column, value, day)
                else:
                    sheet.write_string(1, column, value, text)
                width = max(len(label), len(str(value))) + 2
                # As text, or a spreadsheet drops the first zero of 01004.
                sheet.set_column(
                    column, column, width, day if isinstance(value, date) else text
                )
        return file.getvalue()

    @api.model
    def _l10n_fr_sap_import_column(self, path, example):
        model, labels = self, []
        for name in path.split("/"):
            field = model._fields[name].get_description(self.env)
            labels.append(field["string"])
            model = self.env.get(field.get("relation"), self)
        if field["type"] == "selection":
            example = dict(field["selection"])[example]
        elif field.get("relation") == "res.country":
            example = model.search([("code", "=", example)]).name
        return "/".join(labels), example
