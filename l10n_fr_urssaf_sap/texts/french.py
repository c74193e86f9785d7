# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""French, for what only French readers get, whatever language Odoo or the customer speak:
a tax certificate, a message to the Urssaf."""

FRENCH = "fr_FR"


def french_of(env):
    """The code of the French that this database knows; None where it knows none, for Odoo
    refuses to work in a language that is not installed."""
    codes = sorted(code for code, _name in env["res.lang"].get_installed())
    some = [code for code in codes if code.startswith("fr_")]
    return FRENCH if FRENCH in some else next(iter(some), None)
