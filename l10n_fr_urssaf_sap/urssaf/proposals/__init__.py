# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is guessed from what people typed, for the user to overrule."""
