# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Made-up personal data and secrets that the tests use, and the search for them in what
a run of tests has logged: whatever is found there has leaked."""

import re
from datetime import date
from pathlib import Path

FIRST_NAMES, BIRTH_NAME = "Quivelle", "Zorkavel"
BIRTH_DATE = date(1931, 10, 17)
# (name, INSEE code)
BIRTH_PLACE = ("Zoufftgen", "57764")
EMAIL, MOBILE, STREET = "voxilune@example.com", "07 91 82 63 54", "Mirabelliers"
IBAN = "FR7630006000019081726354482"
#: What is in every sentence of the Urssaf's, in the customer's comment and in the text of
#: a line; and what somebody typed as an id.
SENTENCE, COMMENT, SERVICE = "constat-xq7", "avis-zv3", "tâche-wk5"
TYPED_ID = "id-canari-91x"
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
        "|".join(
            f"{BIRTH_DATE:{form}}" for form in ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y")
        )
        + r"|date(time)?\(1931, 10, 17"
    ),
    "birth place": re.compile(BIRTH_PLACE[0], re.IGNORECASE),
    "e-mail": re.compile(EMAIL.partition("@")[0], re.IGNORECASE),
    "mobile": re.compile(r"[\s.-]?".join(MOBILE.replace(" ", "")[1:])),
    "street": re.compile(STREET, re.IGNORECASE),
    "Urssaf's sentence": re.compile(SENTENCE, re.IGNORECASE),
    "customer's comment": re.compile(COMMENT, re.IGNORECASE),
    "service": re.compile(SERVICE, re.IGNORECASE),
    "typed id": re.compile(TYPED_ID, re.IGNORECASE),
    "IBAN": re.compile(_spaced(IBAN, _DEMO_IBAN)),
    "client secret": re.compile(f"{CLIENT_SECRET}|{_DEMO_SECRET}"),
    "token": re.compile(TOKEN_PREFIX),
}
#: A line of each kind, as logs have them: the search must find what it is for.
SAMPLES = {
    "names": f"INSERT INTO res_partner (name) VALUES ('{FIRST_NAMES.upper()}')",
    "birth date": f"UPDATE res_partner SET birth = {BIRTH_DATE!r}",
    "birth place": f"Birth Commune: {BIRTH_PLACE[0]} was several communes then",
    "e-mail": f"Email and Mobile are those of <{EMAIL}> already",
    "mobile": "+33 7.91.82.63.54",
    "street": f"libelleVoie: {STREET.upper()} inconnue",
    "Urssaf's sentence": f"odoo.http: {SENTENCE}: inconnu",
    "customer's comment": f"UPDATE request SET rejection_comment = '{COMMENT}'",
    "service": f"Line “{SERVICE}”: is missing",
    "typed id": f"{TYPED_ID} cannot be entered as the Urssaf ID",
    "IBAN": "DETAIL:  Key (acc_number)=(FR76 3000 6000 0190 8172 6354 482) exists.",
    "client secret": f"grant_type=client_credentials&client_secret={CLIENT_SECRET}",
    "token": f"Authorization: Bearer {TOKEN_PREFIX}x1",
}


#: What must be in the log of the tests on Odoo, or it was not written as it should be:
#: the client's own lines, urllib3's of each call, and the server's of each button.
CONTROLS = (
    '"POST /web/dataset/call_kw/account.move/action_l10n_fr_sap_send HTTP',
    "odoo.http: Contact no. ",
    "Urssaf M010: HTTP 200 in",
    '"POST /atp/v1/tiersPrestations/particulier HTTP',
)


def in_use(kind: str) -> str:
    """The line with which a test tells the log that it has found a canary at work."""
    return f"Canary in use: {kind}."


def read_new(paths, since: float, sizes: dict[Path, int]) -> dict[Path, str]:
    """What each file that was written to after ``since`` (seconds since the epoch) has
    got, apart from the bytes of ``sizes`` that it had before."""
    texts = {}
    for path in paths:
        if path.stat().st_mtime >= since:
            with open(path, "rb") as file:
                file.seek(sizes.get(path, 0))
                texts[path] = file.read().decode(errors="replace")
    return texts


def leaks(kind: str, texts: dict[Path, str]) -> list[str]:
    """The lines with canaries of this kind, each after its file's name."""
    return [
        f"{path.name}: {line.strip()[:300]}"
        for path, text in texts.items()
        for line in text.splitlines()
        if KINDS[kind].search(line)
    ]
