# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The conversation with the Urssaf: ``client`` makes the calls, ``answers`` reads what
comes back, ``errors`` sorts what went wrong by what the caller can do."""
