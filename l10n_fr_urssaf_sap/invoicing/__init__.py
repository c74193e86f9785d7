# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What an invoice says to the Urssaf, as plain functions over an ``account.move``:
``charges`` reads its lines, ``payload`` makes the payment request of it, ``obstacles``
tells what may be done with it and why not, ``month_split`` makes one draft a month."""
