# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the Urssaf's payments are booked with: a journal, an account for what is on its way
to the bank, and the Urssaf as a partner. Made at first need, for the chart of accounts may
be loaded long after the addon."""

_CODE = "URS"
_ACCOUNT = "467100"
BANK_LABEL = "URSSAF"  # what the label of its transfers contains


def set_up(company):
    """Make what is missing, unless somebody else is at it. What is there is left as it is.

    :param company: the one known to the Urssaf; its branches use the same
    """
    if not _is_to_set_up(company) or not company.root_id.chart_template:
        return
    if not company.try_lock_for_update(allow_referencing=True):
        return
    company = company.with_company(company)
    if not company.l10n_fr_sap_journal_id:
        company.l10n_fr_sap_journal_id = _create_journal(company)
    if not company.l10n_fr_sap_transit_account_id:
        company.l10n_fr_sap_transit_account_id = _create_account(company)
    if not company.l10n_fr_sap_urssaf_partner_id:
        company.l10n_fr_sap_urssaf_partner_id = _find_or_create_partner(company)
    _create_reconciliation_model(company)


def why_not_bookable(company):
    """What is missing, or wrong, in the settings; "" where payments can be booked."""
    env, journal = company.env, company.l10n_fr_sap_journal_id
    if not company.root_id.chart_template:
        return env._(
            "The Urssaf's payments cannot be registered: %s has no chart of accounts yet.",
            company.name,
        )
    if _is_to_set_up(company):
        return env._("The journal and the account are made with the first payment.")
    account = company.l10n_fr_sap_transit_account_id
    if not (journal.active and account.active and account.reconcile):
        return env._(
            "The Urssaf's payments cannot be registered: their journal or account is"
            " archived, or the account does not allow reconciliation any more."
        )
    if is_in_other_currency(company):
        return why_not_in_currency(env)
    if journal.type == "bank" and has_statements(journal):
        return why_not_in_bank(journal)
    return ""


def why_not_in_bank(journal):
    """What is wrong with a journal of a bank whose statements are imported."""
    return journal.env._(
        "The Urssaf's payments cannot be registered in %s: bank statements are imported"
        " there, so that the money would be there twice. Please choose another journal.",
        journal.name,
    )


def why_not_in_currency(env):
    """What is wrong with a journal or an account that is kept in another currency."""
    return env._(
        "The Urssaf's payments cannot be registered in a journal or on an account that is"
        " kept in another currency than the company's."
    )


def is_in_other_currency(company):
    """Whether the journal or the account is kept in another currency than the company's."""
    journal, account = company.l10n_fr_sap_journal_id, counterpart_account(company)
    return bool((journal.currency_id | account.currency_id) - company.currency_id)


def counterpart_account(company):
    """The account of the entries' other side: where the money is on its way to the bank, or
    the bank itself."""
    journal = company.l10n_fr_sap_journal_id
    if journal.type == "bank":
        return journal.default_account_id
    return company.l10n_fr_sap_transit_account_id


def has_statements(journal):
    """Whether bank statements come into this journal."""
    lines = journal.env["account.bank.statement.line"].sudo()
    return bool(lines.search_count([("journal_id", "=", journal.id)], limit=1))


def is_of_bank(account):
    """Whether a bank journal books its own lines on this account."""
    return bool(
        account.env["account.journal"].search_count(
            [
                ("type", "in", ("bank", "cash", "credit")),
                "|",
                ("default_account_id", "=", account.id),
                ("suspense_account_id", "=", account.id),
            ],
            limit=1,
        )
    )


def _is_to_set_up(company):
    return not (
        company.l10n_fr_sap_journal_id
        and company.l10n_fr_sap_transit_account_id
        and company.l10n_fr_sap_urssaf_partner_id
    )


def _create_journal(company):
    journals = company.env["account.journal"].with_context(active_test=False)
    domain = journals._check_company_domain(company)
    taken = set(journals.search(domain).mapped("code"))
    codes = (_CODE, *(f"{_CODE}{number}" for number in range(1, 99)))
    return journals.create(
        {
            "name": company.env._("Urssaf – avance immédiate"),
            "code": next(code for code in codes if code not in taken),
            "type": "general",
            "company_id": company.id,
            "show_on_dashboard": True,
        }
    )


def _create_account(company):
    accounts = company.env["account.account"]
    return accounts.create(
        {
            "name": company.env._("Urssaf – avance immédiate"),
            # An empty cache: Odoo would begin after this code otherwise.
            "code": accounts._search_new_account_code(_ACCOUNT, cache=set()),
            "account_type": "asset_current",
            "reconcile": True,
            "company_ids": company.ids,
        }
    )


def _create_reconciliation_model(company):
    """For those who sort bank transactions by hand; never applied without them."""
    models = company.env["account.reconcile.model"]
    account = company.l10n_fr_sap_transit_account_id
    if models.search_count([("line_ids.account_id", "=", account.id)], limit=1):
        return
    models.create(
        {
            "name": company.env._("Urssaf – avance immédiate"),
            "company_id": company.id,
            "trigger": "manual",
            "match_label": "contains",
            "match_label_param": BANK_LABEL,
            "match_amount": "greater",
            "match_amount_min": 0.01,
            "line_ids": [
                (
                    0,
                    0,
                    {
                        "account_id": account.id,
                        "partner_id": company.l10n_fr_sap_urssaf_partner_id.id,
                        "amount_type": "percentage",
                        "amount_string": "100",
                    },
                )
            ],
        }
    )


def _find_or_create_partner(company):
    # Companies share it, as they share the Urssaf.
    known = company.search([("l10n_fr_sap_urssaf_partner_id", "!=", False)], limit=1)
    return known.l10n_fr_sap_urssaf_partner_id or company.env["res.partner"].create(
        {"name": "Urssaf", "is_company": True, "company_id": False}
    )
