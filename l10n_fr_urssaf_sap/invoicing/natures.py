# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which service a line is that nobody has said it of: a proposal, from what its label says
and from what was invoiced before; and what there is to check of it."""

from collections import Counter

from odoo.fields import Domain

from ..texts.obstacle import Obstacle
from ..urssaf.documents.split import NOT_ELIGIBLE
from ..urssaf.proposals.trades import natures_named
from ..urssaf.text import TYPED_LIMIT, fold
from .payload import charges_of, line_label, service_lines

_LATEST = 200  # lines that tell what a company does mostly
# What is not counted in hours: deliveries, a subscription, a platform, and no services.
_NO_HOURS = ("130", "140", "150", "210", "260", NOT_ELIGIBLE)
_NATURE = "l10n_fr_sap_nature_id"


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


def proposed_natures(lines):
    """The nature of each of these lines of one invoice: the one that its label, or its
    product's name, speaks of, else that of what this customer was last invoiced for, else
    what the company invoices most; none where nothing was invoiced yet.

    :rtype: dict[AccountMoveLine, Nature]
    """
    usual, natures = _usual_nature(lines.move_id), _all_natures(lines.env)
    proposed = {}
    for line in lines:
        named = _natures_named(line, natures)
        proposed[line] = usual if not named or usual in named else named[0]
    return proposed


def is_unconfirmed(line):
    """Whether nobody has chosen the nature of this line, which was only proposed."""
    proposed = not line.product_id and line.l10n_fr_sap_proposed_nature_id
    return bool(proposed) and proposed == line[_NATURE]


def natures_to_check(move):
    """What a person should look at in the services of this invoice, and what does not
    keep it from being sent.

    :rtype: list[Obstacle]
    """
    lines, natures = service_lines(move), _all_natures(move.env)
    found = []
    for number, charge in enumerate(charges_of(move)[2]):
        line = lines[number]
        if line[_NATURE] and charge.gross > 0:
            label = line_label(line, number + 1)
            found += _about_nature(line, label, natures)
            found += _about_hours(line, label, charge)
    return found


def _about_nature(line, label, natures):
    env, move = line.env, line.move_id
    values = {"nature": line[_NATURE].name, "line": label}
    if is_unconfirmed(line):
        text = env._(
            "Nature proposed: %(nature)s (“%(line)s”). Please check it.", **values
        )
        return [Obstacle(_NATURE, "proposed", text, move)]
    named = not line.product_id and _natures_named(line, natures)
    if named and line[_NATURE] not in named:
        text = env._("Nature: %(nature)s, for “%(line)s”? Please check it.", **values)
        return [Obstacle(_NATURE, "other", text, move)]
    return []


def _about_hours(line, label, charge):
    if charge.hours is None and _is_counted(line):
        text = line.env._(
            "Hours are missing (“%s”): the State's figures (NOVA) want them. Please enter"
            " how many there were, and the unit Hours.",
            label,
        )
        return [Obstacle("quantity", "missing", text, line.move_id)]
    return []


def _is_counted(line):
    """Whether the unit of a line says nothing, where there should be hours: a package, as
    a unit or as a product of the company's own, is what was agreed on."""
    units = line.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_unit")
    return (
        line.product_uom_id.id in (False, units)
        and not line.product_id[_NATURE]
        and line[_NATURE].code not in _NO_HOURS
    )


def _all_natures(env):
    return env["l10n_fr_sap.nature"].search([])


def _natures_named(line, natures):
    """Those of ``natures`` that a line speaks of, in its own words or by their names."""
    text = f"{line.product_id.name or ''} {line.name or ''}"[:TYPED_LIMIT]
    codes, folded = natures_named(text), fold(text).casefold()
    found = natures.filtered(
        lambda nature: nature.code in codes or fold(nature.name).casefold() in folded
    )
    return found.sorted(lambda nature: (*codes, nature.code).index(nature.code))


def _usual_nature(move):
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
            (_NATURE, "!=", False),
            ("price_subtotal", ">", 0),
            # Travel, as a rule, which comes with a service.
            (f"{_NATURE}.code", "!=", NOT_ELIGIBLE),
            (f"{_NATURE}.active", "=", True),
        ]
    )
    lines = move.env["account.move.line"].sudo()
    found = lines.search_fetch(domain, [_NATURE], order=order, limit=limit)
    return [line[_NATURE].sudo(False) for line in found]
