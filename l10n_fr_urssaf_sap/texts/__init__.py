# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The findings of the library in a person's words, in the language of the user."""
