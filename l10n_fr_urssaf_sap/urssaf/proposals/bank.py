# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The BIC of an account, which customers seldom know and their IBAN tells."""

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException


def bic_of(iban: str) -> str:
    """The BIC of the bank that holds an account, or "" where the IBAN is none or its
    bank is not known (the bank codes are schwifty's). Without the XXX of a head office,
    which the Urssaf lets people leave out."""
    try:
        bic = IBAN(iban).bic
    except SchwiftyException:
        return ""
    return str(bic or "").removesuffix("XXX")
