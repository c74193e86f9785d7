# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import csv
import gzip
import io
import re

from odoo import api, fields, models
from odoo.tools import SQL, file_open, ormcache

from ..registering.commune_search import search_communes, typed_domain
from ..urssaf.api.codes import ARRONDISSEMENT_CITIES
from ..urssaf.documents.typed import clean_zip
from ..urssaf.proposals.cog import (
    BirthCode,
    birth_codes,
    fold_place,
    former_codes,
    names,
)
from ..urssaf.proposals.nearness import NameIndex, errors

_DATA = "l10n_fr_urssaf_sap/data/communes.csv.gz"
_LOADED = (
    "code",
    "name",
    "kind",
    "zip_codes",
    "former_codes",
    "population",
    "history",
    "search_key",
)
_ZIP = re.compile("[0-9]{5}")


class Commune(models.Model):
    """A place in France: a commune or municipal arrondissement of today, or a former
    commune that somebody may have been born in. The whole map comes with the addon."""

    _name = "l10n_fr_sap.commune"
    _description = "French Commune"
    _order = "name, code"

    code = fields.Char("INSEE Code", required=True, size=5)
    name = fields.Char(required=True)
    kind = fields.Selection(
        [
            ("commune", "Commune"),
            ("arrondissement", "Municipal arrondissement"),
            ("former", "Former commune"),
        ],
        required=True,
    )
    zip_codes = fields.Char(
        "Postal Codes", help="Postal codes of this commune, separated by spaces."
    )
    former_codes = fields.Char(
        help="Former INSEE codes of this place, separated by spaces."
    )
    parent_id = fields.Many2one(
        "l10n_fr_sap.commune",
        "Belongs To",
        index="btree_not_null",
        help=(
            "The present commune that a former commune or an arrondissement belongs to."
        ),
    )
    population = fields.Integer()
    history = fields.Char(
        help="Its former codes and names, each with the day on which it ended."
    )
    search_key = fields.Char(
        index="trigram",
        help="Its present and former names, as used by the search.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE (code, name)", "There is already a commune with this code and name."
    )

    @api.depends("name", "code", "kind", "parent_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for commune in self:
            if commune.kind == "former":
                commune.display_name = self.env._(
                    "%(name)s (%(code)s, today %(parent)s)",
                    name=commune.name,
                    code=commune.code,
                    parent=commune.parent_id.name,
                )
            else:
                commune.display_name = f"{commune.name} ({commune.code})"

    # The map

    @api.model
    def _load(self):
        """Bring the table up to the addon's map of France, in bulk. Records keep their
        ids: what somebody chose stays chosen."""
        with file_open(_DATA, "rb") as packed, gzip.open(packed, "rt", "utf-8") as text:
            rows = list(csv.DictReader(text, delimiter=";"))
        columns = SQL(", ").join(map(SQL.identifier, _LOADED))
        cr = self.env.cr
        cr.execute(
            SQL(
                "CREATE TEMP TABLE l10n_fr_sap_map ON COMMIT DROP AS"
                " SELECT %s, ''::varchar AS parent FROM %s LIMIT 0",
                columns,
                SQL.identifier(self._table),
            )
        )
        cr.copy_expert("COPY l10n_fr_sap_map FROM STDIN (FORMAT csv)", _as_csv(rows))
        cr.execute(
            SQL(
                """
                INSERT INTO %(table)s AS commune (%(columns)s)
                SELECT %(columns)s FROM l10n_fr_sap_map
                ON CONFLICT (code, name) DO UPDATE SET %(updates)s
                """,
                table=SQL.identifier(self._table),
                columns=columns,
                updates=SQL(", ").join(
                    SQL("%s = excluded.%s", SQL.identifier(name), SQL.identifier(name))
                    for name in _LOADED
                ),
            )
        )
        self._load_parents()
        self.env.registry.clear_cache("stable")
        cr.execute(SQL("ANALYZE %s", SQL.identifier(self._table)))
        self.invalidate_model()

    @api.model
    def _load_parents(self):
        """Tie former communes and arrondissements to the commune of today around them."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE %(table)s AS commune SET parent_id = parent.id
                FROM l10n_fr_sap_map AS map
                JOIN %(table)s AS parent
                  ON parent.code = map.parent AND parent.kind = 'commune'
                WHERE commune.code = map.code AND commune.name = map.name
                  AND commune.parent_id IS DISTINCT FROM parent.id
                """,
                table=SQL.identifier(self._table),
            )
        )

    # Search

    @api.model
    def _search_display_name(self, operator, value):
        if operator in ("ilike", "like"):
            return typed_domain(str(value)) if value else fields.Domain.TRUE
        if operator == "in":
            return fields.Domain.OR(
                typed_domain(str(text), whole=True) for text in value if text
            )
        return NotImplemented

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Odoo's, the best match first, and tolerant of errors."""
        domain = fields.Domain(domain or fields.Domain.TRUE)
        found = search_communes(self, name or "", domain, operator, limit)
        return [(commune.id, commune.display_name) for commune in found.sudo()]

    @api.model
    @ormcache(cache="stable")
    def _name_index(self):
        """For databases without pg_trgm."""
        self.env.cr.execute(
            SQL("SELECT id, search_key FROM %s", SQL.identifier(self._table))
        )
        return NameIndex(self.env.cr.fetchall())

    # Addresses and births

    @api.model
    def _of_address(self, zip_code, city):
        """The commune or arrondissement of today that an address lies in; none where
        the postal code and the city do not tell."""
        key = fold_place(city or "")
        zip_code = clean_zip(zip_code or "")
        zip_code = zip_code if _ZIP.fullmatch(zip_code) else ""
        if not zip_code and not key:
            return self.browse()
        today = [("kind", "!=", "former"), ("code", "not in", [*ARRONDISSEMENT_CITIES])]
        there = self.browse()
        if zip_code:
            there = self.search([("zip_codes", "like", zip_code), *today])
        if not there:
            # A CEDEX code is no postal code of any commune, but its department holds.
            there = self.search(
                [
                    ("search_key", "like", f"|{key}|"),
                    ("code", "=like", f"{_department(zip_code)}%"),
                    *today,
                ]
            )
        if len(there) > 1:
            there = there._best(key)
        return there if len(there) == 1 else self.browse()

    def _best(self, key):
        """Those of ``self`` called ``key``, or that a former commune of that name is
        in, or whose name it is with an error."""
        if not key:
            return self.browse()
        exact = self.filtered(lambda commune: fold_place(commune.name) == key)
        former = self.search(
            [
                ("parent_id", "in", self.ids),
                ("kind", "=", "former"),
                ("search_key", "like", f"|{key}|"),
            ]
        )
        known = self.filtered(lambda commune: f"|{key}|" in commune.search_key)
        begins = self.filtered(lambda commune: f"|{key}" in commune.search_key)
        near = self.filtered(
            lambda commune: errors(key, commune.search_key) is not None
        )
        return exact or known or former.parent_id or begins or near

    def _birth_codes(self, day):
        """The INSEE codes that this place may have had on that day, several where it was
        several communes then.

        :rtype: list[BirthCode]
        """
        self.ensure_one()
        return birth_codes(self.code, self.name, self.history or "", day)

    def _then(self, day):
        """The communes to choose from where this one did not exist on that day, because
        it was several, or was within another: then itself is among them."""
        self.ensure_one()
        codes = self._birth_codes(day)
        if len(codes) == 1:
            return self.browse()
        others = self.search(
            [
                "|",
                ("parent_id", "=", self.id),
                ("code", "in", [birth.code for birth in codes]),
            ]
        )
        # One that was several itself would only ask again.
        others = others.filtered(
            lambda place: (
                len(known := place._birth_codes(day)) == 1 and known[0] in codes
            )
        )
        return others | self if BirthCode(self.code, self.name) in codes else others


def _as_csv(rows):
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        known = names(row["name"], row["history"])
        keys = dict.fromkeys(fold_place(name) for name in known)
        row["former_codes"] = " ".join(former_codes(row["history"], row["code"]))
        row["search_key"] = f"|{'|'.join(keys)}|"
        row["population"] = row["population"] or 0
        writer.writerow([*(row[name] for name in _LOADED), row["parent"]])
    text.seek(0)
    return text


def _department(zip_code):
    # Both Corsican departments share 20.
    return {"20": "2", "97": zip_code[:3], "98": zip_code[:3]}.get(
        zip_code[:2], zip_code[:2]
    )
