# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Made-up personal data and secrets that the tests use, and the search for them in what
a run of tests has logged: whatever is found there has leaked."""

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

FIRST_NAMES, BIRTH_NAME = "Quivelle", "Zorkavel"
BIRTH_DATE = date(1931, 10, 17)
IBAN = "FR7630006000019081726354482"
CLIENT_SECRET = "secret-canari-7fq2xl"
TOKEN_PREFIX = "jeton-canari-"
# The demo's, whose contacts have ordinary names.
_DEMO_SECRET, _DEMO_IBAN = "demo-secret", "FR7616806008210000000001174"


def _spaced(*ibans):
    """Without the country, which a log may give apart, and in groups of any size."""
    return "|".join(r"[\s-]?".join(iban[4:]) for iban in ibans)


#: What must be in no log: a pattern for each kind, in every form that a log may give it.
KINDS = {
    "names": re.compile(f"{FIRST_NAMES}|{BIRTH_NAME}", re.IGNORECASE),
    "birth date": re.compile(
        "|".join(f"{BIRTH_DATE:{form}}" for form in ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y"))
        + r"|date(time)?\(1931, 10, 17"
    ),
    "IBAN": re.compile(_spaced(IBAN, _DEMO_IBAN)),
    "client secret": re.compile(f"{CLIENT_SECRET}|{_DEMO_SECRET}"),
    "token": re.compile(TOKEN_PREFIX),
}
#: A line of each kind, as logs have them: the search must find what it is for.
SAMPLES = {
    "names": f"INSERT INTO res_partner (name) VALUES ('{FIRST_NAMES.upper()}')",
    "birth date": f"UPDATE res_partner SET birth = {BIRTH_DATE!r}",
    "IBAN": "DETAIL:  Key (acc_number)=(FR76 3000 6000 0190 8172 6354 482) exists.",
    "client secret": f"grant_type=client_credentials&client_secret={CLIENT_SECRET}",
    "token": f"Authorization: Bearer {TOKEN_PREFIX}x1",
}


def read_new(paths, since: float, offsets: dict[Path, int]) -> Iterator[tuple[Path, str]]:
    """The text that was written into these files after ``since`` (seconds of the clock),
    without the first bytes of a file that ``offsets`` names."""
    for path in sorted(paths):
        if path.stat().st_mtime >= since:
            with open(path, "rb") as file:
                file.seek(offsets.get(path, 0), os.SEEK_SET)
                yield path, file.read().decode(errors="replace")


def leaks(kind: str, texts) -> list[str]:
    """Where canaries of this kind are: ``file: line``."""
    return [
        f"{path.name}: {line.strip()[:300]}"
        for path, text in texts
        for line in text.splitlines()
        if KINDS[kind].search(line)
    ]
