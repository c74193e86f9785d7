# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A spreadsheet of private customers for Odoo's own import."""

import io
from datetime import date

import xlsxwriter

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


def import_template(partners):
    """The spreadsheet as bytes: a row of labels in the user's language, by which the
    import recognises each column, and an example.

    :param partners: the model ``res.partner``
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        text = book.add_format({"num_format": "@"})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for column, (path, example) in enumerate(_COLUMNS.items()):
            label, value = _column(partners, path, example)
            sheet.write_string(0, column, label, bold)
            if isinstance(value, date):
                sheet.write_datetime(1, column, value, day)
            else:
                sheet.write_string(1, column, value, text)
            width = max(len(label), len(str(value))) + 2
            # As numbers, a spreadsheet would drop the first zero of 01004.
            kind = day if isinstance(value, date) else text
            sheet.set_column(column, column, width, kind)
    return file.getvalue()


def _column(partners, path, example):
    """The label of a column and its example, in the user's language."""
    env, model, labels = partners.env, partners, []
    for name in path.split("/"):
        field = model._fields[name].get_description(env)
        labels.append(field["string"])
        model = env.get(field.get("relation"), partners)
    if field["type"] == "selection":
        example = dict(field["selection"])[example]
    elif field.get("relation") == "res.country":
        example = model.search([("code", "=", example)]).name
    return "/".join(labels), example
