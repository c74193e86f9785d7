# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The map of France, searched as people type: with a department, with errors."""

import math
from dataclasses import replace

from odoo import fields
from odoo.modules.db import FunctionStatus
from odoo.tools import SQL

from ..urssaf.api.codes import ARRONDISSEMENT_CITIES
from ..urssaf.proposals.cog import TOWNS_ABROAD
from ..urssaf.proposals.nearness import errors, errors_allowed
from ..urssaf.proposals.typed_place import read_place

# What a name is to the one that was typed, best first: the same, a former one; then one
# that begins with it, an article aside, one with a word that does, any that has it in it.
_LIKES = (
    ("|{}|%",),
    ("%|{}|%",),
    ("|{}%", "|LE {}|%", "|LA {}|%", "|LES {}|%", "|L {}|%"),
    ("% {}%",),
    ("%{}%",),
)
_WHOLE, _BEGINNING = 1, 2
# What a part of a name weighs beside errors: a beginning by the letters that are missing.
_PER_MISSING, _MOST_MISSING, _PARTS = 0.3, 1.2, {3: 1.5, 4: 2}
# An error weighs as much as a town thirty times as big.
_PER_ERROR, _HAMLET = 1.5, 300
# A former commune counts for this part of today's commune around it.
_FORMER_PART = 10
# Whether there is room for names with errors is seen by this many without.
_ENOUGH = 8
# Of shorter names an error leaves no trigram. Of longer ones it takes three, and a part of
# a long name that is not in error, as Saint, must not be near enough alone.
_SHORT, _LEAST, _MOST = 8, 0.42, 0.95


def search_communes(communes, text, domain, operator, limit):
    """The communes in ``domain`` that ``text`` may mean, the best match first: that very
    name, the more populous first; where there is none, the communes of today that former
    ones of that name are in; where there are few, those that begin with it or have it in
    their names, beside those whose names it may be with an error or two."""
    typed = fields.Domain("display_name", operator, text)
    rows = _matches(communes, text, typed & domain, limit and max(limit, _ENOUGH))
    found = communes.browse([row[0] for row in rows])
    tolerant = operator in ("ilike", "like") and text
    if tolerant and not any(tier <= _WHOLE for _, tier, *_ in rows):
        merged = found.browse()
        if not domain.is_true():
            merged = _within(_whole(communes, text, typed), domain)
        if len(rows) < _ENOUGH and not merged:
            scores = _near(communes, text, _of_parts(text, rows))
            found = communes.browse(sorted(scores, key=scores.get))
            found = _within(found[: _ENOUGH * 2], domain)
        found = merged | found
    return found[:limit] if limit else found


def typed_domain(text, whole=False):
    """The domain of what people type: a name, an INSEE or postal code, both, a name
    and a department. ``whole``: the name is not only a part."""
    return fields.Domain.OR(
        _named(reading.key, whole) & _there(reading) for reading in read_place(text)
    )


def _named(key, whole):
    if not key:
        return fields.Domain.TRUE
    return fields.Domain("search_key", "like", f"|{key}|" if whole else key)


def _there(reading):
    domain = fields.Domain.TRUE
    if reading.code:
        domain &= fields.Domain("code", "=", reading.code) | fields.Domain.OR(
            [(name, "like", reading.code)] for name in ("zip_codes", "former_codes")
        )
    elif reading.department:
        # Today's, or the one that it was in; a former commune may have left the map
        # under another department's code.
        domain &= fields.Domain.OR(
            [(name, operator, f"{sign}{reading.department}{end}")]
            for name, operator, sign, end in (
                ("code", "=like", "", "%"),
                ("parent_id.code", "=like", "", "%"),
                ("history", "like", "=", ""),
                ("history", "like", "~", ""),
            )
        )
    return domain


def _matches(communes, text, domain, limit):
    """The id, the place in ``_LIKES``, the names and the people of each, the best first."""
    query = communes._search(domain)
    readings = read_place(text)
    column = _columns(communes, query)
    tiers = [
        SQL("WHEN %s LIKE %s THEN %s", column["search_key"], like.format(key), tier)
        for tier, likes in enumerate(_LIKES)
        for key in {reading.key: None for reading in readings if reading.key}
        for like in likes
    ]
    # A code alone is as good as a name.
    tier = SQL("CASE %s ELSE 0 END", SQL(" ").join(tiers)) if tiers else SQL("0")
    # A postal code of Lyon means the arrondissement; then by tier and people.
    query.order = SQL(
        "%(code)s = ANY(%(cities)s) AND %(by_zip)s, 2, 4 DESC NULLS LAST, %(name)s,"
        " %(code)s",
        cities=[*ARRONDISSEMENT_CITIES],
        by_zip=any(reading.code for reading in readings),
        **column,
    )
    query.limit = limit
    return communes.env.execute_query(
        query.select(column["id"], tier, column["search_key"], column["people"])
    )


def _whole(communes, text, typed):
    rows = _matches(communes, text, typed, _ENOUGH)
    return communes.browse([row[0] for row in rows if row[1] <= _WHOLE])


def _columns(communes, query):
    table = communes._table
    column = {
        name: communes._field_to_sql(table, name, query)
        for name in ("id", "search_key", "name", "code", "population")
    }
    around = query.left_join(table, "parent_id", table, "id", "parent_id")
    return column | {
        "people": SQL(
            "CASE WHEN %s = 'former' THEN %s / %s ELSE %s END",
            communes._field_to_sql(table, "kind", query),
            communes._field_to_sql(around, "population", query),
            _FORMER_PART,
            column["population"],
        )
    }


def _within(found, domain):
    """Those of ``found`` in the domain, for others the communes of today around them."""
    if domain.is_true():
        return found
    wanted = (found | found.parent_id).filtered_domain(domain)
    instead = (each if each in wanted else each.parent_id for each in found)
    return found.browse().concat(*instead) & wanted


# Errors


def _of_parts(text, rows):
    """Scores of the communes that ``text`` is a part of, by id."""
    typed = max(len(reading.key) for reading in read_place(text))
    scores = {}
    for commune, tier, names, people in rows:
        weight = _PARTS.get(tier, 0)
        if tier == _BEGINNING:
            missing = names.index("|", 1) - 1 - typed
            weight = min(_PER_MISSING * abs(missing), _MOST_MISSING)
        scores[commune] = _score(weight, people)
    return scores


def _near(communes, text, scores):
    """These and the scores of the communes whose names are near the typed one, by id; the
    fewer errors and the more people, the lower."""
    for reading in read_place(text):
        if reading.key in TOWNS_ABROAD:
            continue
        for commune, names, people in _candidates(communes, reading):
            count = errors(reading.key, names)
            if count is not None:
                score = _score(count, people)
                scores[commune] = min(score, scores.get(commune, score))
    return scores


def _score(count, people):
    return _PER_ERROR * count - math.log10((people or 0) + _HAMLET)


def _candidates(communes, reading):
    # Of a code only the department: whoever errs in a name may err in a postal code.
    query = communes._search(_there(replace(reading, code="")))
    column = _columns(communes, query)
    if len(reading.key) > _SHORT and communes.env.registry.has_trigram:
        communes.env.cr.execute(
            "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)",
            [str(_similarity(reading.key))],
        )
        names = column["search_key"]
        if communes.env.registry.has_unaccent == FunctionStatus.INDEXABLE:
            # As Odoo makes its index.
            names = communes.env.registry.unaccent(names)
        query.add_where(SQL("%s <%% %s", reading.key, names))
    else:
        near = communes._name_index().near(reading.key)
        query.add_where(SQL("%s = ANY(%s)", column["id"], [*near]))
    return communes.env.execute_query(
        query.select(column["id"], column["search_key"], column["people"])
    )


def _similarity(key):
    words = key.split()
    if len(words) == 1:  # perhaps several, without the hyphens
        return _LEAST
    trigrams = sum(len(word) + 1 for word in words)
    return max(_LEAST, _MOST - 3 * errors_allowed(key) / trigrams)
