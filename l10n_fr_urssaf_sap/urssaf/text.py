# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The one way to fold accents, dashes, apostrophes and spaces; tables of words; and how
much of a typed text is read."""

import unicodedata

# Word processors make other signs of an apostrophe or a hyphen, and people look for them;
# \x91, \x92, \x96 and \x97 are those of Windows, read as something else.
_APOSTROPHES = "’‘‛ʼʻʹˈˊˋꞌ´`′‵΄＇\x91\x92"
_HYPHENS = "‐‑‒–—―−⁃﹘﹣－\x96\x97"
_SIGNS = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, "-"))
# Unicode decomposes most letters into a plain one and an accent, but not these.
_LETTERS = str.maketrans(
    dict(zip("ØøŁłĐđÐðĦħŦŧı", "OoLlDdDdHhTti", strict=True))
    | {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "Þ": "Th", "þ": "th"}
)
# The most characters of a name, a line of an address or the like that are read. Nobody's is
# longer, and a customer may type anything in the portal.
TYPED_LIMIT = 256


def tidy(text: str) -> str:
    """``text`` with the plain apostrophe and hyphen, without the characters that nobody
    sees, and with single spaces between words and none around them. Letters stay."""
    if not text.isascii():
        seen = (char for char in text if unicodedata.category(char) != "Cf")
        text = unicodedata.normalize("NFC", "".join(seen))
    return " ".join(text.translate(_SIGNS).split())


def fold(text: str) -> str:
    """The same without accents and ligatures. The case stays, and so does every character
    that is no variant of a plain one."""
    decomposed = unicodedata.normalize("NFKD", tidy(text).translate(_LETTERS))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    # A second time: Ǿ is an Ø only now.
    return tidy(letters.translate(_LETTERS))


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())
