# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a contact says to the Urssaf, as plain functions over a ``res.partner``:
``payload`` makes the particulier of it, ``obstacles`` tells why they cannot be
registered, ``guards`` keep them a private person, ``import_template`` makes a spreadsheet
for many."""
