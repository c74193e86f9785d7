# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools.sql import escape_psql

from ..texts.messages import describe_problem, field_label, state_label
from ..urssaf.documents.address import FRANCE, Address
from ..urssaf.documents.particulier import (
    BankAccount,
    BirthPlace,
    Particulier,
    fold_name,
    normalize_mobile,
)
from ..urssaf.documents.problem import Problem, Rule
from .registration import REGISTRABLE
from .res_users import USER_GROUP

# Where the user mends what the heart finds wrong.
_FIELDS = {
    "civility": "l10n_fr_sap_civility",
    "birth_name": "l10n_fr_sap_birth_name",
    "usage_name": "l10n_fr_sap_usage_name",
    "first_names": "l10n_fr_sap_first_names",
    "birth_date": "l10n_fr_sap_birth_date",
    "birth_country": "l10n_fr_sap_birth_country_id",
    "birth_commune": "l10n_fr_sap_birth_commune_id",
    "birth_code": "l10n_fr_sap_birth_code",
    "mobile": "l10n_fr_sap_mobile",
    "email": "email",
    "zip": "zip",
    "commune": "l10n_fr_sap_commune_id",
    "commune_name": "l10n_fr_sap_commune_id",
    "street_number": "l10n_fr_sap_street_number",
    "street_letter": "l10n_fr_sap_street_letter",
    "street_type": "l10n_fr_sap_street_type",
    "street_name": "l10n_fr_sap_street_name",
    "complement": "l10n_fr_sap_complement",
    "locality": "l10n_fr_sap_locality",
    "iban": "l10n_fr_sap_bank_id",
    "bic": "l10n_fr_sap_bank_id",
    "holder": "l10n_fr_sap_bank_id",
}
_BANK = ("iban", "bic", "holder")


class ResPartner(models.Model):
    """A private customer as the Urssaf gets to know them, and what it would refuse."""

    _inherit = "res.partner"

    l10n_fr_sap_missing = fields.Text(
        "Still Missing", compute="_compute_l10n_fr_sap_missing", groups=USER_GROUP
    )

    # What is sent

    def _l10n_fr_sap_particulier(self):
        """This customer as the heart wants them."""
        self.ensure_one()
        country, commune = (
            self.l10n_fr_sap_birth_country_id,
            self.l10n_fr_sap_birth_commune_id,
        )
        code = (self.l10n_fr_sap_birth_code or "").strip().upper()
        then = {birth.code: birth.name for birth in self._l10n_fr_sap_birth_codes()}
        bank = self.l10n_fr_sap_bank_id
        return Particulier(
            civility=self.l10n_fr_sap_civility or "",
            birth_name=self.l10n_fr_sap_birth_name or "",
            usage_name=self.l10n_fr_sap_usage_name or "",
            first_names=self.l10n_fr_sap_first_names or "",
            birth_date=self.l10n_fr_sap_birth_date or None,
            birth_place=BirthPlace(
                # l10n_fr_cog gives France and its territories no code of their own.
                country=FRANCE
                if self.l10n_fr_sap_born_in_france
                else str(country.fr_cog or ""),
                commune_code=code,
                commune_name=then.get(code, commune.name) or "",
            ),
            mobile=self.l10n_fr_sap_mobile or "",
            email=self.email or "",
            address=self._l10n_fr_sap_address(),
            bank_account=BankAccount(
                iban=bank.sanitized_acc_number or "",
                bic=self.l10n_fr_sap_bic or "",
                holder=bank.acc_holder_name or self.name or "",
            ),
        )

    def _l10n_fr_sap_address(self):
        return Address(
            zip=self.zip or "",
            commune_code=self.l10n_fr_sap_commune_id.code or "",
            commune_name=self.l10n_fr_sap_commune_id.name or "",
            street_number=self.l10n_fr_sap_street_number or "",
            street_letter=self.l10n_fr_sap_street_letter or "",
            street_type=self.l10n_fr_sap_street_type or "",
            street_name=self.l10n_fr_sap_street_name or "",
            complement=self.l10n_fr_sap_complement or "",
            locality=self.l10n_fr_sap_locality or "",
        )

    # What is wrong with it

    def _l10n_fr_sap_obstacles(self):
        """What stands in the way of a registration, one line each."""
        if not self.l10n_fr_sap_particulier:
            return [self.env._("Not marked as a private customer (Particulier)")]
        if self.is_company or self.commercial_partner_id != self:
            return [
                self.env._("Is a company, or a contact of one: not a private customer")
            ]
        registration = self.l10n_fr_sap_registration_id
        if registration and registration.state not in REGISTRABLE:
            return [self.env._("Already registered (%s)", state_label(registration))]
        return self._l10n_fr_sap_mistakes()

    def _l10n_fr_sap_mistakes(self):
        """What the Urssaf would refuse in this file, one line each."""
        problems = self._l10n_fr_sap_particulier().problems(
            fields.Date.context_today(self)
        )
        bank = self.l10n_fr_sap_bank_id
        if not bank:
            problems = [problem for problem in problems if problem.field not in _BANK]
        lines = [self._l10n_fr_sap_describe(problem) for problem in problems]
        if not bank:
            lines.append(self.env._("Debited Account is missing"))
        elif bank.partner_id._origin != self._origin:
            lines.append(self.env._("Debited Account is somebody else's"))
        elif not bank.active:
            lines.append(self.env._("Debited Account is archived"))
        if self.l10n_fr_sap_commune_id.kind == "former":
            lines.append(self.env._("Commune of Residence is not a commune of today"))
        if other := self._l10n_fr_sap_same_contact():
            lines.append(
                self.env._(
                    "Email and Mobile are those of %s already: the Urssaf wants another"
                    " pair for each person",
                    other.display_name
                    if other.with_env(self.env).has_access("read")
                    else self.env._("another company's customer"),
                )
            )
        return lines

    def _l10n_fr_sap_describe(self, problem):
        codes = self._l10n_fr_sap_birth_codes()
        if problem == Problem("birth_code", Rule.MISSING) and len(codes) > 1:
            return self.env._(
                "Birth Commune: %(commune)s was several communes then, please choose"
                " (%(choices)s)",
                commune=self.l10n_fr_sap_birth_commune_id.name,
                choices=", ".join(f"{code.name} {code.code}" for code in codes),
            )
        label = field_label(self, _FIELDS[problem.field])
        inner = {
            "iban": "IBAN",
            "bic": "BIC",
            "holder": self.env._("account holder"),
        }.get(problem.field)
        return describe_problem(
            self.env, f"{label} ({inner})" if inner else label, problem
        )

    def _l10n_fr_sap_same_contact(self):
        """Another person known to the Urssaf by the same e-mail and mobile."""
        mobile = normalize_mobile(self.l10n_fr_sap_mobile or "")
        if not mobile or not self.email:
            return self.browse()
        environment = self.env.company._l10n_fr_sap_provider().l10n_fr_sap_environment
        known = [("urssaf_id", "!=", False), ("environment", "=", environment)]
        others = self.sudo().with_context(active_test=False)
        others = others.search(
            [
                ("email", "=ilike", escape_psql(self.email)),
                ("l10n_fr_sap_registration_ids", "any", known),
                ("id", "!=", self._origin.id),
            ]
        )
        return others.filtered(
            lambda other: (
                normalize_mobile(other.l10n_fr_sap_mobile or "") == mobile
                and other._l10n_fr_sap_person() != self._l10n_fr_sap_person()
            )
        )[:1]

    def _l10n_fr_sap_person(self):
        # Twice the same person among the contacts is one particulier to the Urssaf.
        return (
            fold_name(self.l10n_fr_sap_birth_name or "").casefold(),
            fold_name(self.l10n_fr_sap_first_names or "").casefold(),
            self.l10n_fr_sap_birth_date,
        )

    @api.depends(
        "l10n_fr_sap_particulier",
        "l10n_fr_sap_registration_state",
        "is_company",
        "parent_id",
        "l10n_fr_sap_bank_id.acc_number",
        "l10n_fr_sap_bank_id.bank_id.bic",
        "l10n_fr_sap_bank_id.acc_holder_name",
        *dict.fromkeys(_FIELDS.values()),
    )
    @api.depends_context("company", "lang")
    def _compute_l10n_fr_sap_missing(self):
        for partner in self:
            registrable = partner.l10n_fr_sap_registration_state in REGISTRABLE
            partner.l10n_fr_sap_missing = (
                partner.l10n_fr_sap_particulier
                and registrable
                and "\n".join(partner._l10n_fr_sap_obstacles())
            )
