# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "Avance immédiate (Urssaf) - Payment Orders",
    "summary": "No debit order for an invoice that the Urssaf collects",
    "version": "19.0.1.0.0",
    "category": "Accounting/Localizations",
    "author": "l10n_fr_urssaf_sap contributors",
    "license": "AGPL-3",
    "depends": ["l10n_fr_urssaf_sap", "account_payment_order"],
    "auto_install": True,
}
