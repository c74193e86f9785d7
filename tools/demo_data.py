# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Runs in an Odoo shell, with SIMULATOR (the stand-in's URL) set: loads the addon's
demo data into a database without Odoo's own, and plays the customers' first days, so
that Odoo and the stand-in agree."""
# ruff: noqa: F821

import requests
from dateutil.relativedelta import relativedelta

from odoo import fields
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


def play(path, body):
    """What the customers and the Urssaf do."""
    url = f"{SIMULATOR}/control/{path}"
    requests.post(url, json=body, timeout=10).raise_for_status()


def become_customers(names, since=None):
    """Register these customers, who activate their accounts."""
    partners = env["res.partner"].concat(
        *(env.ref(f"{ADDON}.partner_{name}") for name in names)
    )
    partners.action_l10n_fr_sap_register()
    for partner in partners:
        path = f"particuliers/{partner.l10n_fr_sap_urssaf_id}"
        play(path, {"etat": "active", "activeSince": since})
    partners.action_l10n_fr_sap_check_registration()
    states = set(partners.mapped("l10n_fr_sap_registration_state"))
    assert states == {"active"}, states


waiting = env.ref(f"{ADDON}.partner_lucie")
waiting.action_l10n_fr_sap_register()
assert waiting.l10n_fr_sap_registration_state == "pending"
become_customers(("helene", "paul"))
today = fields.Date.today()
start = today.replace(day=1) - relativedelta(months=3)
become_customers(("simone", "robert"), str(start))

# What has become of their invoices of two months.
LATER = {
    "integrated": {"statut": "10"},
    "to_validate": {"statut": "20"},
    "validated": {"statut": "30"},
    "refused": {
        "statut": "40",
        "infoRejet": {
            "code": "REGUL_NB_QTE_FACT",
            "commentaire": "Vous êtes venus deux heures, pas trois.",
        },
    },
    "debited": {"statut": "50"},
    "debit_refused": {"statut": "60"},
    "paid": {"statut": "70"},
    "cancelled": {"statut": "110", "infoRejet": {"code": "ANNUL_DBL"}},
}
moves = {name: env.ref(f"{ADDON}.invoice_{name}") for name in LATER}
every = env["account.move"].concat(*moves.values())
every.action_l10n_fr_sap_send()
for name, move in moves.items():
    play(f"demandes/{move.l10n_fr_sap_request_id.urssaf_id}", LATER[name])
every.action_l10n_fr_sap_refresh()
env.cr.commit()
assert len(set(every.mapped("l10n_fr_sap_status"))) == len(LATER), every
