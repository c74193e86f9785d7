# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is sent to the Urssaf, and the rules that the Urssaf applies to it: each document
names its own problems and writes its own body."""
