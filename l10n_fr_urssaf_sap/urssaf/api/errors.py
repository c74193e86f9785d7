# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What can go wrong in a call, sorted by what the caller can do about it::

    UrssafError
      Misconfigured    Fix the settings: the same call will fail again until then.
      Unavailable      Call again later: nothing was done, and nothing was refused.
        Unreadable     Call again later or ask something else: other calls may succeed.
      Unsure           Search before calling again: the Urssaf may have done it.
      Refused          Fix what ``errors`` names: the Urssaf answered no.

No message here holds a secret or anything that was sent about a person: these
exceptions may reach a log.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

# Not five digits in a row: that is a birth date, or an account.
_CODE = re.compile(
    r"(?!.*[0-9]{5})[A-Za-z]{2,20}(_[A-Za-z0-9]{1,20}){1,8}|(HTTP )?[0-9]{1,3}"
)


def is_code(text: str) -> bool:
    """Whether this looks like one of the Urssaf's codes. What does not may be anything,
    also what was sent about a person, and must not reach a log."""
    return bool(_CODE.fullmatch(text))


@dataclass(frozen=True)
class ApiError:
    """One error as the Urssaf words it (swagger: ``Erreur``), all three optional."""

    code: str = ""
    message: str = field(default="", repr=False)
    description: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """The more telling of the Urssaf's two sentences; "" if it gave none."""
        return self.description or self.message


class UrssafError(Exception):
    """A call to the Urssaf did not do what was asked. ``errors`` holds what the Urssaf
    said of it, if anything; ``retry_after`` how many seconds it wants to be left alone,
    if it says so; ``status`` is HTTP's, where there was one."""

    retry_after: float | None = None
    status: int | None = None

    def __init__(self, message: str = "", errors: Iterable[ApiError] = ()):
        self.errors = tuple(errors)
        super().__init__(message)

    @property
    def codes(self) -> set[str]:
        return {error.code for error in self.errors}


class Misconfigured(UrssafError):
    """The settings have to be fixed: the host is not allowed, or the Urssaf refuses the
    credentials or the rights that come with them."""


class Unavailable(UrssafError):
    """Nothing was done at the Urssaf and nothing was refused: try again later."""

    def __init__(
        self,
        message: str = "",
        errors: Iterable[ApiError] = (),
        retry_after: float | None = None,
    ):
        super().__init__(message, errors)
        self.retry_after = retry_after


class Unreadable(Unavailable):
    """The Urssaf answers, but not this question, or not as it promises."""


class Unsure(UrssafError):
    """The call left and no usable answer came: the Urssaf may have done it or not."""


class Refused(UrssafError):
    """The Urssaf answered no, and says why in ``errors`` (at least one)."""

    def __init__(self, errors: Iterable[ApiError]):
        errors = tuple(errors)
        codes = (error.code for error in errors if is_code(error.code))
        super().__init__(", ".join(codes), errors)
