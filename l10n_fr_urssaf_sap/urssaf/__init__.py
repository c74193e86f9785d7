# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The heart: it knows the Urssaf and nothing of Odoo.

``client`` calls, ``answers`` reads, ``errors`` says what the caller can do;
``particulier``, ``address`` and ``payment_request`` check what is about to be sent and
write it; ``names``, ``street``, ``cog`` and ``bank`` propose it from what people type;
``codes`` holds the Urssaf's lists; ``split`` is what an invoice comes to for the client.
"""
