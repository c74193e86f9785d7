# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The only code that commits. ``sending`` takes payment requests to the Urssaf,
``settling`` finds out what became of calls without an answer, ``registering`` registers
customers, ``polling`` asks how both are doing, ``booking`` brings what the Urssaf has paid
into the books, ``test_book`` makes the calls that the Urssaf wants to have seen in test;
``jobs`` is what the scheduled actions do
with them, ``transactions`` what all of these share, and
``parameters`` the system parameters.

Buttons and scheduled actions are the only doors. Recordsets come in, and their ``_set_…``
methods are called; no field is defined here."""
