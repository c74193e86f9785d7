# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Steps of the lifecycle layer: a database copied by PostgreSQL itself, and one from
before production was tied to its database."""

import stack

PRODUCTION = """
env.company.write(
    {
        "l10n_fr_sap_environment": "production",
        "l10n_fr_sap_client_id": "me",
        "l10n_fr_sap_client_secret": "secret",
    }
)
# Nothing listens there.
host = "http://127.0.0.1:9"
env["ir.config_parameter"].set_param("l10n_fr_urssaf_sap.url_production", host)
env.cr.commit()
"""

ASK = """
def ask():
    try:
        company = env.company.with_context(lang="en_US")
        company.action_l10n_fr_sap_test_connection()
    except Exception as error:
        return str(error)
"""

COPY = f"""{ASK}
assert "is a copy" in ask(), ask()
assert env.company.l10n_fr_sap_stored_secret == "secret"
env.company.action_l10n_fr_sap_switch_on_production()
assert "cannot be reached" in ask(), ask()
"""

OLD_SHAPE = """
ALTER TABLE res_company DROP COLUMN l10n_fr_sap_production_database;
ALTER TABLE res_company
    RENAME COLUMN l10n_fr_sap_stored_secret TO l10n_fr_sap_client_secret;
UPDATE ir_module_module SET latest_version = '19.0.1.0.0'
 WHERE name = 'l10n_fr_urssaf_sap';
"""


def copied_elsewhere(database):
    """A plain copy under another name does not call production until told to."""
    stack.shell(database, PRODUCTION, f"{database}-production")
    copy = f"{database}_copy"
    stack.drop_database(copy)
    stack.sql(f'CREATE DATABASE "{copy}" TEMPLATE "{database}"')
    stack.shell(copy, COPY, copy)
    stack.drop_database(copy)


def updated_from_1_0(database):
    """The secret was readable then, and production tied to no database."""
    stack.sql(OLD_SHAPE, database=database)
    stack.update(database)
    stack.shell(database, COPY, f"{database}-updated")
