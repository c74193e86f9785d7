# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Answers that say the same in another shape than the contract's, or of which one item
says nothing. Each function changes the JSON of a true answer."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .dispatch import OPERATIONS

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)T.*")
_LISTS = ("M050", "M070")
_ITEMS = "infoDemandePaiements"


@dataclass(frozen=True)
class Shape:
    """``alter`` gives the JSON to be sent for the true one. It has to be a list or an
    object, as the operation promises."""

    text: str
    alter: Callable[[object], object]
    operations: tuple[str, ...]


def _map(value: object, change: Callable[[object], object], name=str) -> object:
    """The same JSON with every name and every single value changed."""
    if isinstance(value, dict):
        return {name(key): _map(each, change, name) for key, each in value.items()}
    if isinstance(value, list):
        return [_map(each, change, name) for each in value]
    return change(value)


def _same(value: object) -> object:
    return value


def _as_text(value: object) -> object:
    is_number = not isinstance(value, (str, bool)) and value is not None
    return str(value) if is_number else value


def _as_number(value: object) -> object:
    """A text of figures alone: a status, or the number of an invoice."""
    plain = isinstance(value, str) and re.fullmatch("[1-9][0-9]{0,8}", value)
    return int(value) if plain else value


def _french_day(value: object) -> object:
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    return "{2}/{1}/{0}".format(*found.groups()) if found else value


def _spaced(value: object) -> object:
    code = isinstance(value, str) and re.fullmatch("[0-9]{2,3}|[A-Z_]{2,}", value)
    return f"{value} " if code else value


def _other_wrapper(body: object) -> object:
    """An object around a list, and a list around an object."""
    return {"resultat": body} if isinstance(body, list) else [body]


def _first(body: object, change: Callable[[dict], object]) -> object:
    """The answer with its first item changed; or the only one."""
    if isinstance(body, list):
        return [change(body[0]), *body[1:]]
    if _ITEMS in body:
        return body | {_ITEMS: _first(body[_ITEMS], change)}
    return change(body)


def _without_status(item: dict) -> dict:
    return item | {"statut": None}


_CALLS = tuple(each for each in OPERATIONS if each != "TOKEN")

#: Every shape by name.
SHAPES = {
    "capitals": Shape(
        "noms en majuscules", lambda body: _map(body, _same, str.upper), _CALLS
    ),
    "wrapped": Shape(
        "réponse dans un objet", lambda body: {"data": {"result": body}}, _CALLS
    ),
    "other_wrapper": Shape("liste dans un objet, ou l'inverse", _other_wrapper, _CALLS),
    "as_text": Shape("nombres en texte", lambda body: _map(body, _as_text), ("M070",)),
    "as_numbers": Shape(
        "codes en nombres", lambda body: _map(body, _as_number), _LISTS
    ),
    "spaced": Shape(
        "codes suivis d'une espace",
        lambda body: _map(body, _spaced),
        ("M020", *_LISTS),
    ),
    "french_days": Shape(
        "dates en JJ/MM/AAAA", lambda body: _map(body, _french_day), ("M070",)
    ),
    "null_status": Shape(
        "statut nul du premier",
        lambda body: _first(body, _without_status),
        ("M020", "M070"),
    ),
    "null_item": Shape(
        "premier élément nul", lambda body: _first(body, lambda item: None), _LISTS
    ),
}
