# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The BIC of an account: customers seldom know it, and it can be found from the IBAN."""

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from ..documents.typed import clean_iban
from ..text import TYPED_LIMIT


def bic_of(iban: str) -> str:
    """The BIC of the bank that holds an account, or "" where the IBAN is not valid or
    schwifty does not know the bank. The XXX of a head office is left out, as the Urssaf
    allows."""
    try:
        bic = IBAN(clean_iban(iban[:TYPED_LIMIT])).bic
    except SchwiftyException:
        return ""
    return str(bic or "").removesuffix("XXX")
