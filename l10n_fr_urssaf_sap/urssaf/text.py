# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The one way to fold accents, dashes, apostrophes and spaces; tables of words; and how
much of a typed text is read."""

import unicodedata

# Unicode decomposes most letters into a plain one and an accent, but not these; and
# people type several signs for an apostrophe or a hyphen.
_SIGNS = str.maketrans(
    dict(zip("ØøŁłĐđÐðĦħŦŧı’‘ʼ´`‐‑", "OoLlDdDdHhTti'''''--", strict=True))
    | {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "Þ": "Th", "þ": "th"}
)
# The most characters of a name, a line of an address or the like that are read. Nobody's is
# longer, and a customer may type anything in the portal.
TYPED_LIMIT = 256


def fold(text: str) -> str:
    """``text`` without accents and ligatures, with the plain apostrophe and hyphen, and
    with single spaces between words and none around them.

    The case stays, and so does every character that is no variant of a plain one.
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_SIGNS))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    # A second time: Ǿ is an Ø only now.
    return " ".join(letters.translate(_SIGNS).split())


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())
