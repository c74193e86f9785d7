# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import csv
import gzip
import io
import re

from odoo import api, fields, models
from odoo.tools import SQL, file_open

from ..urssaf.api.codes import ARRONDISSEMENT_CITIES
from ..urssaf.documents.typed import clean_zip
from ..urssaf.proposals.cog import (
    birth_codes,
    fold_place,
    former_codes,
    names,
)
from ..urssaf.text import TYPED_LIMIT

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
# "Évry (91228, today Évry-Courcouronnes)", as display_name writes it.
_DISPLAYED = re.compile(r"(.+) \((\w{5})\b.*\)")
_ZIP = re.compile("[0-9]{5}")
_CODE = re.compile(r"(?i)\b([0-9][0-9ab][0-9]{3})\b")
_DEPARTMENT = re.compile(r"(?i)(.+?)[ (]+(97[0-9]|98[0-9]|[0-9][0-9ab])\)?")

# That very name, a former name, the beginning of a name.
_BEST_FIRST = ("|{}|%", "%|{}|%", "|{}%")


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
        help="Its present and former names, as used by the search."
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
            return self._matching(str(value)) if value else fields.Domain.TRUE
        if operator == "in":
            return fields.Domain.OR(
                self._matching(str(text), whole=True) for text in value if text
            )
        return NotImplemented

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Odoo's, the best match first: that very name, then names that begin with it,
        today's before former ones, the more populous first."""
        domain = fields.Domain("display_name", operator, name or "") & fields.Domain(
            domain or fields.Domain.TRUE
        )
        query = self._search(domain)
        name, code = _split_query(name or "")
        split = _DEPARTMENT.fullmatch(name)
        keys = dict.fromkeys(
            fold_place(part) for part in (name, split and split[1] or "")
        )
        columns = {
            column: self._field_to_sql(self._table, column, query)
            for column in ("search_key", "kind", "population", "name", "code")
        }
        tiers = [
            SQL(
                "WHEN %s LIKE %s THEN %s", columns["search_key"], like.format(key), tier
            )
            for tier, like in enumerate(_BEST_FIRST)
            for key in keys
            if key
        ]
        query.order = SQL(
            """%(code)s = ANY(%(cities)s) AND %(by_zip)s, %(rank)s %(kind)s = 'former',
               %(population)s DESC, %(name)s, %(code)s""",
            rank=SQL("CASE %s ELSE 9 END,", SQL(" ").join(tiers)) if tiers else SQL(),
            # A postal code of Lyon means the arrondissement.
            cities=[*ARRONDISSEMENT_CITIES],
            by_zip=bool(code),
            **columns,
        )
        query.limit = limit
        found = self.browse(query)
        return [(commune.id, commune.display_name) for commune in found.sudo()]

    @api.model
    def _matching(self, text, whole=False):
        """The domain of what people type: a name, an INSEE or postal code, both, a name
        and a department."""
        text = text[:TYPED_LIMIT]
        name, code = _split_query(text)
        domain = self._named(name, whole)
        if code:
            return domain & fields.Domain.OR(
                [(field, operator, pattern)]
                for field, operator, pattern in (
                    ("code", "=", code),
                    ("zip_codes", "like", code),
                    ("former_codes", "like", code),
                )
            )
        if split := _DEPARTMENT.fullmatch(text.strip()):
            name, department = split.groups()
            # A former commune may have left the map under another department's code.
            domain |= self._named(name, whole) & fields.Domain.OR(
                [(field, "=like", f"{department.upper()}%")]
                for field in ("code", "parent_id.code")
            )
        return domain

    @api.model
    def _named(self, name, whole):
        key = fold_place(name)
        if not key:
            return fields.Domain.TRUE
        return fields.Domain("search_key", "like", f"|{key}|" if whole else key)

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
        in."""
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
        return exact or known or former.parent_id or begins

    def _birth_codes(self, day):
        """The INSEE codes that this place may have had on that day, several where it was
        several communes then.

        :rtype: list[BirthCode]
        """
        self.ensure_one()
        return birth_codes(self.code, self.name, self.history or "", day)

    def _then(self, day):
        """The former communes that this one was made of, where it did not exist on that
        day: somebody was born in one of them."""
        self.ensure_one()
        codes = self._birth_codes(day)
        if len(codes) == 1:
            return self.browse()
        former = self.search(
            [
                "|",
                ("parent_id", "=", self.id),
                ("code", "in", [birth.code for birth in codes]),
            ]
        )
        # One that was several itself would only ask again.
        return former.filtered(
            lambda place: (
                len(known := place._birth_codes(day)) == 1 and known[0] in codes
            )
        )


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


def _split_query(text):
    """A typed text as its name and its INSEE or postal code, either may be ""."""
    text = text[:TYPED_LIMIT]
    if shown := _DISPLAYED.fullmatch(text.strip()):
        return shown.groups()
    code = _CODE.search(text)
    name = _CODE.sub(" ", text, count=1).strip(" ()")
    return name, code.group().upper() if code else ""


def _department(zip_code):
    # Both Corsican departments share 20.
    return {"20": "2", "97": zip_code[:3], "98": zip_code[:3]}.get(
        zip_code[:2], zip_code[:2]
    )
