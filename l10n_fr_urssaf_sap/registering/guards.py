# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who is a private person to the Urssaf stays one here."""

from odoo.exceptions import UserError

from odoo.addons.account.models.account_move import BYPASS_LOCK_CHECK


def check_stays_private(partners, vals):
    """Odoo gives the invoices of a contact to the company that it gets, and those of a
    member of a household to its head: they would no longer be the invoices of the person
    whom the Urssaf knows.

    :raise UserError: when this would do so to a customer known to the Urssaf
    """
    if not (vals.get("is_company") or vals.get("parent_id")):
        return
    # What costs nothing comes first: most contacts are nothing to the Urssaf.
    changed = partners.sudo().filtered(
        lambda partner: (
            partner.l10n_fr_sap_particulier
            and (
                (vals.get("is_company") and not partner.is_company)
                or vals.get("parent_id") not in (None, False, partner.parent_id.id)
            )
        )
    )
    for partner in changed:
        if _is_known(partner):
            # Odoo logs this: no name.
            raise UserError(
                partner.env._(
                    "Contact no. %s is known to the Urssaf as a private person, and so"
                    " are their invoices: this contact can neither become a company nor"
                    " belong to another contact. Please create another contact for the"
                    " company, or archive this one.",
                    partner.id,
                )
            )


def check_merge(partners):
    """:raise UserError: when merging would do the same"""
    for partner in partners:
        vals = {"is_company": partner.is_company, "parent_id": partner.parent_id.id}
        check_stays_private(partners - partner, vals)


def take_invoices_back(partners):
    """Odoo gives a contact's invoices to its new parent, and leaves them there when the
    contact has no parent any more."""
    own = partners.sudo().filtered("l10n_fr_sap_particulier")
    if not own:
        return
    moves = own.env["account.move"].search(
        [("partner_id", "in", own.ids), ("commercial_partner_id", "not in", own.ids)]
    )
    for move in moves.with_context(bypass_lock_check=BYPASS_LOCK_CHECK):
        move.commercial_partner_id = move.partner_id.commercial_partner_id


def _is_known(partner):
    requests = partner.env["l10n_fr_sap.payment.request"]
    return bool(
        partner.l10n_fr_sap_registration_ids.filtered("urssaf_id")
        or requests.search_count([("partner_id", "=", partner.id)], limit=1)
    )
