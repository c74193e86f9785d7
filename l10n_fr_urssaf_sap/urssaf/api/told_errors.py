# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The errors that an answer of the Urssaf tells of, wherever they stand in it."""

import re
from itertools import islice

from . import values
from .codes import TECHNICAL_FAILURE
from .errors import ApiError
from .shapes import MOST_WRAPPERS, Json, flat, is_empty, names_errors, objects, part

_ERROR_CODE = re.compile(r"ERR(EUR)?_[A-Z0-9_]{1,60}")
_MOST_ERRORS = 50  # of an answer
ERRORS = ("errors", "erreurs", "error", "erreur")
ERROR_NAMES = ("code", "codeErreur", "errorCode")


def api_errors(answer: Json) -> list[ApiError]:
    """The errors in an answer: an array by the contract, in practice sometimes a single
    one, or in a wrapper; none where they cannot be read."""
    # What is in a wrapper without a name of errors may be anything else.
    return _errors([answer]) or [
        error for error in _errors(list(objects(answer))) if is_error_code(error.code)
    ]


def named_errors(answer: Json) -> list[ApiError]:
    """The errors that an object has under a name of their own."""
    return _errors([part(answer, *ERRORS)])


def _errors(told: list[Json]) -> list[ApiError]:
    told = flat(told)
    for _level in range(MOST_WRAPPERS):
        within = [part(each, *ERRORS) for each in told]
        if not any(within):
            break
        told = flat([found or each for found, each in zip(within, told, strict=True)])
    errors = []
    for item in told:
        if isinstance(item, dict):
            errors += _errors_named(item) or [error_of(item)]
        elif error := _error_in(item):
            errors.append(error)
    return [error for error in errors if error != ApiError()][:_MOST_ERRORS]


def _errors_named(item: dict[str, Json]) -> list[ApiError]:
    """The errors of an object whose names are their codes."""
    return [
        ApiError(name.strip(), values.cut(said, values.SENTENCE))
        for name, said in islice(item.items(), _MOST_ERRORS)
        if is_error_code(name)
    ]


def _error_in(text: Json) -> ApiError | None:
    """The error of a text that is its code, or begins with it."""
    code = _ERROR_CODE.match(text.strip()) if isinstance(text, str) else None
    return code and ApiError(
        code[0], values.cut(text.strip()[code.end() :], values.SENTENCE)
    )


def tells_of_errors(value: Json) -> bool:
    """Whether anything in it may be an error of the Urssaf: in most answers nothing is,
    and one look is enough."""
    if isinstance(value, dict):
        return any(
            (names_errors(name) and not is_empty(item))
            or _ERROR_CODE.match(name.strip())
            or tells_of_errors(item)
            for name, item in value.items()
        )
    if isinstance(value, list):
        return any(map(tells_of_errors, value))
    return isinstance(value, str) and bool(_ERROR_CODE.match(value.strip()))


def refusal(answer: Json) -> list[ApiError]:
    """The errors of an answer that says success and only tells why not; none where the
    Urssaf itself failed, for then it may have done it, nor where they are too many to be
    meant."""
    errors = [each for each in api_errors(answer) if is_error_code(each.code)]
    failed = any(each.code == TECHNICAL_FAILURE for each in errors)
    return [] if failed or len(errors) >= _MOST_ERRORS else errors


def is_error_code(value: Json) -> bool:
    """Whether this is the code of an error, and nothing else."""
    return isinstance(value, str) and bool(_ERROR_CODE.fullmatch(value.strip()))


def error_of(item: dict[str, Json]) -> ApiError:
    """An object read as one error."""
    return ApiError(
        values.cut(part(item, *ERROR_NAMES), values.CODE).strip(),
        values.cut(part(item, "message", "libelle"), values.SENTENCE),
        values.cut(part(item, "description"), values.SENTENCE),
    )
