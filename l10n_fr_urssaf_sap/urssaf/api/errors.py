# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What can go wrong in a call, told apart by what the caller can do about it.

No message here holds a secret or anything the provider sent about a person: these
exceptions may reach a log.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_CODE = re.compile(r"[A-Za-z0-9_ ]{1,64}")


@dataclass(frozen=True)
class ApiError:
    """One error as the Urssaf words it (swagger: ``Erreur``), all three optional."""

    code: str = ""
    message: str = ""
    description: str = ""

    @property
    def text(self) -> str:
        """The most telling of the Urssaf's two sentences; "" if it gave none."""
        return self.description or self.message


class UrssafError(Exception):
    """A call to the Urssaf did not do what was asked; ``errors`` is what it said of it,
    if anything; ``retry_after`` the seconds that it wants to be left alone, if it says."""

    retry_after: float | None = None

    def __init__(self, message: str = "", errors: Iterable[ApiError] = ()):
        self.errors = tuple(errors)
        super().__init__(message)

    @property
    def codes(self) -> set[str]:
        return {error.code for error in self.errors}


class Misconfigured(UrssafError):
    """The settings are to be mended: host not allowed, credentials or rights refused."""


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
        # What is no code may be anything, and this text may reach a log.
        codes = (error.code for error in errors if _CODE.fullmatch(error.code))
        super().__init__(", ".join(codes), errors)
