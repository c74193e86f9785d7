# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..urssaf.api.codes import STREET_LETTERS, STREET_TYPES
from ..urssaf.documents.typed import fold_name, normalize_mobile
from ..urssaf.proposals.bank import bic_of
from ..urssaf.proposals.cog import FRENCH_TERRITORIES, was_french
from ..urssaf.proposals.names import guess_names
from ..urssaf.proposals.street import parse_street
from .res_users import USER_GROUP

PIECES = {
    "l10n_fr_sap_street_number": "number",
    "l10n_fr_sap_street_letter": "letter",
    "l10n_fr_sap_street_type": "type",
    "l10n_fr_sap_street_name": "name",
    "l10n_fr_sap_complement": "complement",
    "l10n_fr_sap_locality": "locality",
}
# What the proposals are made from.
_SOURCES = {
    "street",
    "street2",
    "zip",
    "city",
    "phone",
    "l10n_fr_sap_particulier",
    "l10n_fr_sap_birth_date",
    "l10n_fr_sap_birth_country_id",
    "l10n_fr_sap_birth_commune_id",
}
# OCA's partner_firstname keeps the two apart.
_OCA_NAMES = ("firstname", "lastname")


# Computed from the contact, to be overruled.
_PROPOSED = {"store": True, "readonly": False, "groups": USER_GROUP, "copy": False}


class Particulier(models.AbstractModel):
    """What the Urssaf asks about a particulier: fields of ``res.partner``. Whatever the
    contact tells already is proposed, and may be overruled; nobody else's contact is
    touched."""

    _name = "l10n_fr_sap.particulier"
    _description = "What the Urssaf Asks about a Private Customer"

    l10n_fr_sap_particulier = fields.Boolean(
        "Private Customer",
        help="A private customer of home services who may use the avance immédiate.",
    )
    l10n_fr_sap_exclusion = fields.Selection(
        [
            ("apa", "Receives the APA (allocation personnalisée d'autonomie)"),
            ("pch", "Receives the PCH (prestation de compensation du handicap)"),
            ("cesu", "Pays with prefunded CESU vouchers"),
        ],
        "Excluded from the Avance Immédiate",
        groups=USER_GROUP,
        copy=False,
        help="These customers cannot use the avance immédiate until the State changes it.",
    )
    l10n_fr_sap_civility = fields.Selection(
        [("1", "Mr"), ("2", "Mrs")],
        "Title",
        compute="_compute_l10n_fr_sap_civility",
        **_PROPOSED,
    )
    l10n_fr_sap_birth_name = fields.Char(
        "Birth Name",
        compute="_compute_l10n_fr_sap_birth_name",
        **_PROPOSED,
    )
    l10n_fr_sap_usage_name = fields.Char(
        "Married Name",
        compute="_compute_l10n_fr_sap_usage_name",
        **_PROPOSED,
        help="Only if it differs from the birth name.",
    )
    l10n_fr_sap_first_names = fields.Char(
        "First Names",
        compute="_compute_l10n_fr_sap_first_names",
        **_PROPOSED,
        help="As the tax office knows them, separated by spaces.",
    )
    l10n_fr_sap_birth_date = fields.Date("Birth Date", groups=USER_GROUP, copy=False)
    l10n_fr_sap_birth_country_id = fields.Many2one(
        "res.country",
        "Birth Country",
        compute="_compute_l10n_fr_sap_birth_country",
        **_PROPOSED,
    )
    l10n_fr_sap_born_in_france = fields.Boolean(
        "Born in France",
        compute="_compute_l10n_fr_sap_born_in_france",
        groups=USER_GROUP,
    )
    l10n_fr_sap_birth_commune_id = fields.Many2one(
        "l10n_fr_sap.commune",
        "Birth Commune",
        groups=USER_GROUP,
        copy=False,
        help=(
            "For a birth in France: the commune, present or former. Type its name, its"
            " INSEE code or its postal code."
        ),
    )
    l10n_fr_sap_birth_code = fields.Char(
        "INSEE Code at Birth",
        compute="_compute_l10n_fr_sap_birth_code",
        **_PROPOSED,
        help="The INSEE code that the birth commune had on the birth date.",
    )
    l10n_fr_sap_birth_choice_ids = fields.Many2many(
        "l10n_fr_sap.commune",
        string="Communes on the Birth Date",
        compute="_compute_l10n_fr_sap_birth_choice",
        groups=USER_GROUP,
    )
    l10n_fr_sap_birth_choice_id = fields.Many2one(
        "l10n_fr_sap.commune",
        "Commune on the Birth Date",
        compute="_compute_l10n_fr_sap_birth_choice",
        inverse="_inverse_l10n_fr_sap_birth_choice",
        groups=USER_GROUP,
    )
    l10n_fr_sap_mobile = fields.Char(
        "Mobile",
        compute="_compute_l10n_fr_sap_mobile",
        **_PROPOSED,
    )
    l10n_fr_sap_commune_id = fields.Many2one(
        "l10n_fr_sap.commune",
        "Commune of Residence",
        compute="_compute_l10n_fr_sap_commune",
        **_PROPOSED,
        domain=[("kind", "!=", "former")],
    )
    l10n_fr_sap_street_number = fields.Char(
        "Street Number",
        compute="_compute_l10n_fr_sap_street",
        **_PROPOSED,
    )
    l10n_fr_sap_street_letter = fields.Selection(
        list(STREET_LETTERS.items()),
        "Street Letter",
        compute="_compute_l10n_fr_sap_street",
        **_PROPOSED,
    )
    l10n_fr_sap_street_type = fields.Selection(
        list(STREET_TYPES.items()),
        "Street Type",
        compute="_compute_l10n_fr_sap_street",
        **_PROPOSED,
    )
    l10n_fr_sap_street_name = fields.Char(
        "Street Name",
        compute="_compute_l10n_fr_sap_street",
        **_PROPOSED,
    )
    l10n_fr_sap_complement = fields.Char(
        "Address Complement",
        compute="_compute_l10n_fr_sap_street",
        **_PROPOSED,
    )
    l10n_fr_sap_locality = fields.Char(
        "Locality",
        compute="_compute_l10n_fr_sap_street",
        **_PROPOSED,
    )
    l10n_fr_sap_address_note = fields.Text(
        "Not Sent", compute="_compute_l10n_fr_sap_address_note", groups=USER_GROUP
    )
    l10n_fr_sap_bank_id = fields.Many2one(
        "res.partner.bank",
        "Debited Account",
        compute="_compute_l10n_fr_sap_bank",
        **_PROPOSED,
        domain="[('partner_id', '=', id)]",
        help="The Urssaf debits the customer's share from this account.",
    )
    l10n_fr_sap_bic = fields.Char(
        "BIC",
        compute="_compute_l10n_fr_sap_bic",
        groups=USER_GROUP,
        help=(
            "The one entered for the account's bank; if there is none, the one deduced"
            " from the IBAN."
        ),
    )
    l10n_fr_sap_birth_note = fields.Text(
        "To Check", compute="_compute_l10n_fr_sap_birth_note", groups=USER_GROUP
    )

    def _l10n_fr_sap_without_empty(self, vals):
        """An empty cell of an import is one for the addon to fill in."""
        return {
            name: value
            for name, value in vals.items()
            if value or not self._l10n_fr_sap_is_proposed(name)
        }

    def _l10n_fr_sap_without_unchanged(self, vals):
        """Values to write, without those that change nothing that a proposal is made
        from: what was overruled stays where somebody writes the same address once more,
        as imports and the portal do."""
        particuliers = not _SOURCES.isdisjoint(vals) and self.sudo().filtered(
            "l10n_fr_sap_particulier"
        )
        if not particuliers:
            return vals
        vals = {
            name: value
            for name, value in vals.items()
            if name not in _SOURCES or self._l10n_fr_sap_changes(name, value)
        }
        if "phone" in vals and "l10n_fr_sap_mobile" not in vals:
            # A mobile that was the phone goes with it; another one stays.
            particuliers.filtered(
                lambda partner: _same_mobile(partner.phone, partner.l10n_fr_sap_mobile)
            ).l10n_fr_sap_mobile = False
        return vals

    def _l10n_fr_sap_file(self):
        """All that is kept of this customer for the Urssaf, as values to write."""
        names = [
            name
            for name, field in self._fields.items()
            if name.startswith("l10n_fr_sap_") and field.store and field.column_type
        ]
        [values] = self.read(names, load="")
        return {name: values[name] for name in names}

    def _l10n_fr_sap_is_proposed(self, name):
        field = self._fields.get(name)
        return name.startswith("l10n_fr_sap_") and field.store and field.compute

    def _l10n_fr_sap_changes(self, name, value):
        """Whether writing this changes anything."""
        field = self._fields[name]
        return any(
            field.convert_to_cache(value, partner)
            != field.convert_to_cache(partner[name], partner)
            for partner in self
        )

    def _l10n_fr_sap_kept(self, vals):
        """What unticking and ticking the box must not propose anew."""
        if _SOURCES & vals.keys() != {"l10n_fr_sap_particulier"}:
            return []
        names = (*PIECES, "l10n_fr_sap_commune_id", "l10n_fr_sap_birth_code")
        return [
            self._fields[name] for name in names if any(map(bool, self.mapped(name)))
        ]

    # Proposals

    def _l10n_fr_sap_guess(self):
        """Civility, first names and last name, as the contact's name tells them."""
        if not self.l10n_fr_sap_particulier:
            return "", "", ""
        guess = guess_names(self.name or "")
        if set(_OCA_NAMES) <= self._fields.keys() and self.firstname and self.lastname:
            return guess.civility, self.firstname, self.lastname
        return guess.civility, guess.first_names, guess.last_name

    def _l10n_fr_sap_propose(self, name, value):
        """Fill one field in where it is empty: what somebody typed stays."""
        self[name] = self[name] or (self.l10n_fr_sap_particulier and value)

    def _l10n_fr_sap_name_depends(self):
        known = [name for name in _OCA_NAMES if name in self._fields]
        return ["l10n_fr_sap_particulier", "name", *known]

    @api.depends(lambda self: self._l10n_fr_sap_name_depends())
    def _compute_l10n_fr_sap_civility(self):
        for partner in self:
            civility, _first, _last = partner._l10n_fr_sap_guess()
            partner._l10n_fr_sap_propose("l10n_fr_sap_civility", civility)

    @api.depends(lambda self: self._l10n_fr_sap_name_depends())
    def _compute_l10n_fr_sap_first_names(self):
        for partner in self:
            _civility, first, _last = partner._l10n_fr_sap_guess()
            partner._l10n_fr_sap_propose("l10n_fr_sap_first_names", first)

    @api.depends(lambda self: self._l10n_fr_sap_name_depends())
    def _compute_l10n_fr_sap_birth_name(self):
        for partner in self:
            _civility, _first, last = partner._l10n_fr_sap_guess()
            partner._l10n_fr_sap_propose("l10n_fr_sap_birth_name", last)

    @api.depends("name", "l10n_fr_sap_birth_name")
    def _compute_l10n_fr_sap_usage_name(self):
        for partner in self:
            # A birth name that the contact does not bear: the name it bears is used.
            _civility, _first, last = partner._l10n_fr_sap_guess()
            birth = fold_name(partner.l10n_fr_sap_birth_name or "").casefold()
            borne = birth in fold_name(partner.name or "").casefold()
            partner._l10n_fr_sap_propose("l10n_fr_sap_usage_name", not borne and last)

    @api.depends("l10n_fr_sap_particulier")
    def _compute_l10n_fr_sap_birth_country(self):
        france = self.env.ref("base.fr")
        for partner in self:
            partner._l10n_fr_sap_propose("l10n_fr_sap_birth_country_id", france)

    @api.depends("l10n_fr_sap_particulier", "phone")
    def _compute_l10n_fr_sap_mobile(self):
        for partner in self:
            # In a form, the phone before it was changed.
            if _same_mobile(partner._origin.phone, partner.l10n_fr_sap_mobile):
                partner.l10n_fr_sap_mobile = False
            mobile = normalize_mobile(partner.phone or "")
            partner._l10n_fr_sap_propose("l10n_fr_sap_mobile", mobile)

    @api.depends("l10n_fr_sap_particulier", "bank_ids", "bank_ids.active")
    def _compute_l10n_fr_sap_bank(self):
        for partner in self:
            bank = partner.l10n_fr_sap_bank_id
            if partner.l10n_fr_sap_particulier and not bank.active:
                bank = partner.bank_ids.filtered("active")[:1]
            partner.l10n_fr_sap_bank_id = bank

    @api.depends(
        "l10n_fr_sap_bank_id.bank_id.bic",
        "l10n_fr_sap_bank_id.sanitized_acc_number",
        "l10n_fr_sap_iban",
    )
    def _compute_l10n_fr_sap_bic(self):
        for partner in self:
            bank = partner.l10n_fr_sap_bank_id
            iban = partner.l10n_fr_sap_iban or bank.sanitized_acc_number
            partner.l10n_fr_sap_bic = bank.bank_bic or bic_of(iban or "")

    @api.depends("l10n_fr_sap_particulier", "street", "street2")
    def _compute_l10n_fr_sap_street(self):
        for partner in self:
            if not partner.l10n_fr_sap_particulier:
                for name in PIECES:
                    partner[name] = partner[name]
                continue
            street = parse_street(partner.street or "", partner.street2 or "")
            for name, piece in PIECES.items():
                partner[name] = getattr(street, piece) or False

    @api.depends("l10n_fr_sap_particulier", "street", "street2", *PIECES)
    @api.depends_context("lang")
    def _compute_l10n_fr_sap_address_note(self):
        self.l10n_fr_sap_address_note = False
        for partner in self.filtered("l10n_fr_sap_particulier"):
            street = parse_street(partner.street or "", partner.street2 or "")
            # Somebody who overruled what is said in words has seen what is in them.
            proposed = all(
                (partner[name] or "") == getattr(street, piece)
                for name, piece in PIECES.items()
                if piece in ("name", "complement", "locality")
            )
            if proposed and street.rest:
                partner.l10n_fr_sap_address_note = self.env._(
                    "The Urssaf's form has no room for “%s”: this part of the address is"
                    " not sent. You can shorten what matters less.",
                    street.rest,
                )

    @api.depends("l10n_fr_sap_particulier", "zip", "city")
    def _compute_l10n_fr_sap_commune(self):
        communes = self.env["l10n_fr_sap.commune"]
        for partner in self:
            partner.l10n_fr_sap_commune_id = (
                communes._of_address(partner.zip, partner.city)
                if partner.l10n_fr_sap_particulier
                else partner.l10n_fr_sap_commune_id
            )

    # The birth place

    @api.depends("l10n_fr_sap_birth_country_id")
    def _compute_l10n_fr_sap_born_in_france(self):
        for partner in self:
            country = partner.l10n_fr_sap_birth_country_id
            partner.l10n_fr_sap_born_in_france = country.code in FRENCH_TERRITORIES

    def _l10n_fr_sap_birth_codes(self):
        commune, day = self.l10n_fr_sap_birth_commune_id, self.l10n_fr_sap_birth_date
        if not (commune and day and self.l10n_fr_sap_born_in_france):
            return []
        return commune._birth_codes(day)

    @api.depends(
        "l10n_fr_sap_birth_date",
        "l10n_fr_sap_birth_country_id",
        "l10n_fr_sap_birth_commune_id",
    )
    def _compute_l10n_fr_sap_birth_code(self):
        for partner in self:
            codes = partner._l10n_fr_sap_birth_codes()
            partner.l10n_fr_sap_birth_code = len(codes) == 1 and codes[0].code

    @api.depends("l10n_fr_sap_birth_code")
    def _compute_l10n_fr_sap_birth_choice(self):
        for partner in self:
            commune, day = (
                partner.l10n_fr_sap_birth_commune_id,
                partner.l10n_fr_sap_birth_date,
            )
            open_ = commune and day and not partner.l10n_fr_sap_birth_code
            partner.l10n_fr_sap_birth_choice_ids = (
                commune._then(day) if open_ else commune.browse()
            )
            partner.l10n_fr_sap_birth_choice_id = False

    @api.onchange("l10n_fr_sap_birth_choice_id")
    def _inverse_l10n_fr_sap_birth_choice(self):
        for partner in self.filtered("l10n_fr_sap_birth_choice_id"):
            choice = partner.l10n_fr_sap_birth_choice_id
            if choice == partner.l10n_fr_sap_birth_commune_id:
                partner.l10n_fr_sap_birth_code = choice.code
            else:
                partner.l10n_fr_sap_birth_commune_id = choice

    @api.depends("l10n_fr_sap_birth_date", "l10n_fr_sap_birth_country_id")
    @api.depends_context("lang")
    def _compute_l10n_fr_sap_birth_note(self):
        for partner in self:
            country, day = (
                partner.l10n_fr_sap_birth_country_id,
                partner.l10n_fr_sap_birth_date,
            )
            partner.l10n_fr_sap_birth_note = (
                day
                and was_french(country.code, day)
                and self.env._(
                    "%s was French territory on that day. The country's code is sent,"
                    " as the tax office usually records it: please compare with the"
                    " tax notice.",
                    country.name,
                )
            )


def _same_mobile(phone, mobile):
    return bool(mobile) and normalize_mobile(phone or "") == normalize_mobile(mobile)
