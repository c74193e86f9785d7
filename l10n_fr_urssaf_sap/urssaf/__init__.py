# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The library: it knows the Urssaf and nothing of Odoo.

``api``: the conversation with the Urssaf.
    ``client`` makes the calls, ``access_token`` keeps the tokens, ``transport`` sets the
    time-outs and repeats what may be repeated, ``concurrency`` makes several calls at
    once. ``answers`` reads what comes back into value objects, ``errors`` sorts failures
    by what the caller can do, ``api_call`` describes a call without anything personal;
    ``recording`` keeps the raw exchanges of a test book, never those of production.
    ``codes`` holds the Urssaf's code lists; ``reconciliation`` compares its payment
    requests with the caller's.
``documents``: what is sent, and the rules that the Urssaf applies to it.
    ``particulier`` and ``address`` are what M010 registers, ``payment_request`` is what
    M050 sends; ``problem`` names the rule that a value breaks. ``services`` turns an
    invoice's lines into services that add up to the cent, ``split`` says what the
    particulier will pay.
``proposals``: what is guessed from what people typed, for the user to overrule.
    ``names`` reads a full name, with ``first_names`` as its table; ``street`` reads the
    lines of an address, with ``broken_text`` for wrong characters, ``street_lines`` for
    what separates, ``street_words`` for the words and ``shortening`` for the limits;
    ``cog`` finds a commune's code on a day, ``bank`` the BIC of an IBAN.
``text``: how accents, dashes, apostrophes and spaces are folded, for ``documents`` and
``proposals``.

``proposals`` may import from ``documents``, both from ``api``, and all of them from
``text``; none the other way round.
"""
