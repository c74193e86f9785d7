# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which of the things asked for an answer speaks of."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from .answers import Outcome


def as_asked(told: str, asked: Collection[str]) -> str:
    """An id or a number as it was asked for, where it came back in another case or, taken
    for a number, without its leading zeros; else as it came."""
    if told in asked:
        return told
    same = [each for each in asked if _plain(each) == _plain(told)]
    return same[0] if len(same) == 1 else told


def _plain(text: str) -> str:
    return text.strip().casefold().lstrip("0")


def by_number(
    outcomes: Iterable[Outcome], numbers: Collection[str]
) -> dict[str, Outcome]:
    """The outcome of each of these numbers, as far as the answer tells one. Where it
    tells two, what has an id is at the Urssaf; with two ids for one number, or one for
    two, nobody knows. Where one was sent and one answered, it needs no number."""
    outcomes = [
        replace(each, number=as_asked(each.number, numbers)) for each in outcomes
    ]
    if len(outcomes) == len(numbers) == 1 and not outcomes[0].number:
        outcomes = [replace(outcomes[0], number=next(iter(numbers)))]
    told: dict[str, Outcome] = {}
    numbers_of_id: dict[str, set[str]] = defaultdict(set)
    ids_of_number: dict[str, set[str]] = defaultdict(set)
    for outcome in outcomes:
        if outcome.id:
            numbers_of_id[outcome.id].add(outcome.number)
            ids_of_number[outcome.number].add(outcome.id)
        if outcome.id or outcome.number not in told:
            told[outcome.number] = outcome
    return {
        number: told[number]
        for number in numbers
        if number in told
        and (told[number].id or told[number].errors)
        and len(ids_of_number[number]) < 2
        and len(numbers_of_id[told[number].id]) < 2
    }
