# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which service a line is that was typed without a product, as offices without the Sales
app do: a proposal, from what was invoiced before."""

from collections import Counter

from odoo.fields import Domain

from ..urssaf.documents.split import NOT_ELIGIBLE

_LATEST = 200  # lines that tell what a company does mostly


def is_without_product(line):
    """Whether a service may have been typed here. What costs nothing comes first: most
    lines are nothing to the Urssaf."""
    return (
        line.display_type == "product"
        and not line.product_id
        and line.move_id.move_type == "out_invoice"
        and line.move_id.state == "draft"
        and line.move_id.l10n_fr_sap_particulier
        # What is taken off is no service, and a down payment is none yet.
        and line.price_unit >= 0
        and not ("is_downpayment" in line._fields and line.is_downpayment)
    )


def proposed_nature(move):
    """The nature of what this customer was last invoiced for, else what the company
    invoices most; none where nothing was invoiced yet.

    :rtype: Nature
    """
    customer = Domain("partner_id", "=", move.commercial_partner_id._origin.id)
    natures = _invoiced(move, customer, "date DESC, id DESC", 1)
    natures = natures or _invoiced(move, Domain.TRUE, "id DESC", _LATEST)
    most = Counter(natures).most_common(1)
    return most[0][0] if most else move.env["l10n_fr_sap.nature"]


def _invoiced(move, domain, order, limit):
    """The natures of the latest lines of the company's invoices, one for each line."""
    domain &= Domain(
        [
            ("company_id", "=", move.company_id.id),
            ("parent_state", "=", "posted"),
            ("l10n_fr_sap_nature_id", "!=", False),
            ("price_subtotal", ">", 0),
            # Travel, as a rule, which comes with a service.
            ("l10n_fr_sap_nature_id.code", "!=", NOT_ELIGIBLE),
            ("l10n_fr_sap_nature_id.active", "=", True),
        ]
    )
    name = "l10n_fr_sap_nature_id"
    lines = move.env["account.move.line"].sudo()
    found = lines.search_fetch(domain, [name], order=order, limit=limit)
    return [line[name].sudo(False) for line in found]
