# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The heart: it knows the Urssaf and nothing of Odoo.

``client`` calls, ``answers`` reads, ``errors`` says what the caller can do;
``particulier``, ``address`` and ``payment_request`` check what is about to be sent and
write it; ``services`` makes an invoice's amounts fit, to the cent; ``names``,
``street``, ``cog`` and ``bank`` propose a file from what people type; ``split`` is what
an invoice comes to for the client; ``codes`` holds the Urssaf's lists.
"""
