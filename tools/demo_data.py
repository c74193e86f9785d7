# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Runs in an Odoo shell, with SIMULATOR (the stand-in's URL) set: loads the addon's
demo data into a database without Odoo's own, and plays the customers' first days, so
that Odoo and the stand-in agree."""
# ruff: noqa: F821

import requests

from odoo.modules.module import Manifest
from odoo.tools.convert import convert_file

ADDON = "l10n_fr_urssaf_sap"

env.ref("base.user_admin").lang = "fr_FR"
env["ir.default"].set("res.partner", "lang", "fr_FR")
for file in Manifest.for_addon(ADDON)["demo"]:
    convert_file(env, ADDON, file, {}, mode="init", noupdate=True)
env["ir.config_parameter"].set_param(f"{ADDON}.url_test", SIMULATOR)
# Debian's wkhtmltopdf makes one document at a time.
env["ir.config_parameter"].set_param("account.pdf_generation_batch", "0")
company = env.ref(f"{ADDON}.company")
# One company, for the demo not to begin with a question.
env.ref("base.user_admin").write(
    {
        "company_ids": [(6, 0, company.ids)],
        "company_id": company.id,
        "action_id": env.ref(f"{ADDON}.action_particuliers").id,
    }
)
env.cr.commit()

env = env(
    user=env.ref(f"{ADDON}.user_camille"),
    context={"allowed_company_ids": company.ids, "lang": "fr_FR"},
)
partners = env["res.partner"].concat(
    *(env.ref(f"{ADDON}.partner_{name}") for name in ("lucie", "helene", "paul"))
)
partners.action_l10n_fr_sap_register()
for partner in partners[1:]:
    requests.post(
        f"{SIMULATOR}/control/particuliers/{partner.l10n_fr_sap_urssaf_id}",
        json={"etat": "active"},
        timeout=10,
    ).raise_for_status()
partners.action_l10n_fr_sap_check_registration()
env.cr.commit()
states = partners.mapped("l10n_fr_sap_registration_state")
assert states == ["pending", "active", "active"], states
