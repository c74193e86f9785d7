# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From the JSON of a request to typed values, with a problem for every bad field.

The formats are those of the API's public contract (version 1.29.1), and where the
server is known to differ in practice, what the server does.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .codes import VALIDATION, problem

CENT = Decimal("0.01")

#: Ten digits before the point. More is no invoice, and would exceed the 28 digits
#: that Decimal keeps when a quantity is multiplied by a price.
_MAX_EXPONENT = 9

_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T00:00:00(\.000)?Z")


class Refused(ValueError):
    """A value is malformed. ``code`` is set where the reason has its own code."""

    def __init__(self, reason: str, code: str | None = None):
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True)
class Field:
    """How one JSON field is read.

    ``parse`` turns the JSON value into a typed one or raises :class:`Refused`;
    ``code`` is answered for a malformed value, ``missing`` for an absent one.
    """

    parse: Callable[[object], object]
    required: bool = True
    code: str = VALIDATION
    missing: str = VALIDATION


def read(raw: dict, fields: dict[str, Field], problems: list, where: str = "") -> dict:
    """The well-formed fields of ``raw``, typed; all else goes to ``problems``.

    An empty string counts as absent where the field is required. ``where`` is the
    path of ``raw`` in the body, with its final dot.
    """
    values = {}
    for name in raw.keys() - fields.keys():
        problems.append(problem(VALIDATION, f"{where}{name} : champ inconnu"))
    for name, field in fields.items():
        if name not in raw or (field.required and raw[name] == ""):
            if field.required:
                problems.append(problem(field.missing, f"{where}{name} : absent"))
            continue
        try:
            values[name] = field.parse(raw[name])
        except Refused as refused:
            code = refused.code or field.code
            problems.append(problem(code, f"{where}{name} : {refused}"))
    return values


def text(pattern: str | None = None, shortest: int = 0, longest: int | None = None):
    """A parser of strings; ``pattern`` has to match the whole of it."""

    def parse(value: object) -> str:
        if not isinstance(value, str):
            raise Refused("texte attendu")
        if len(value.strip()) < shortest:
            raise Refused(f"au moins {shortest} caractère(s)")
        if longest is not None and len(value) > longest:
            raise Refused(f"au plus {longest} caractères")
        if pattern is not None and not re.fullmatch(pattern, value):
            raise Refused("format invalide")
        return value

    return parse


def letters(shape: str, longest: int):
    """A parser of names; in ``shape`` an ``L`` stands for any Unicode letter.

    The standard ``re`` has no class for letters (``\\w`` also takes "²"), so the
    pattern is matched against the value with every letter replaced by ``L``.
    """

    def parse(value: object) -> str:
        value = text(shortest=1, longest=longest)(value)
        outline = "".join("L" if char.isalpha() else char for char in value)
        if not re.fullmatch(shape, outline):
            raise Refused("lettres, espaces, apostrophes et tirets seulement")
        return value

    return parse


def one_of(choices):
    """A parser of strings out of a closed list."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise Refused("valeur inconnue")
        return value

    return parse


def day(value: object) -> date:
    """``YYYY-MM-DDT00:00:00Z``, with or without thousandths, as a date."""
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise Refused("date attendue sous la forme AAAA-MM-JJT00:00:00Z")
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        raise Refused("date inexistante") from None


def amount(value: object) -> Decimal:
    """A JSON number, zero or more, with two decimals at most (euros, or hours)."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Refused("nombre attendu")
    value = Decimal(value)
    if not value.is_finite() or value.adjusted() > _MAX_EXPONENT:
        raise Refused("nombre trop grand")
    if value < 0:
        raise Refused("négatif", "ERR_VALEUR_NEGATIVE")
    if value != value.quantize(CENT):
        raise Refused("plus de deux décimales", "ERR_FORMAT_VALEUR")
    return value


def json_object(value: object) -> dict:
    """A JSON object; its own fields are read by a second call to :func:`read`."""
    if not isinstance(value, dict):
        raise Refused("objet attendu")
    return value


def objects(value: object) -> list[dict]:
    """A list with at least one JSON object, and nothing else in it."""
    if not isinstance(value, list) or not value:
        raise Refused("liste non vide attendue")
    return [json_object(item) for item in value]


def strings(value: object) -> list[str]:
    """A list of strings, possibly empty."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refused("liste de textes attendue")
    return value


def write_day(value: date) -> str:
    """A date as the API writes it."""
    return f"{value.isoformat()}T00:00:00Z"


def load_json(body: bytes | str) -> object:
    """Parse JSON with fractions as Decimal. Raises ValueError for anything else."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("JSON trop profond") from None


def dump_json(value: object, **options) -> str:
    """Write JSON; a Decimal becomes a number.

    Python's json writes only floats with a fraction. This is the one place where an
    amount becomes a float, after all arithmetic: a float gives back, digit for digit,
    any amount of up to 15 digits.
    """
    return json.dumps(value, ensure_ascii=False, default=_as_number, **options)


def _as_number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _no_constant(name: str):
    raise ValueError(f"{name} n'est pas du JSON")
