# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A stand-in for the Urssaf's "API Tiers de prestation", over plain HTTP.

    python -m simulator            # http://127.0.0.1:8090/, client demo / demo-secret

It answers the token endpoint and the four operations (M010 register a particulier,
M020 its state, M050 send payment requests, M070 search them) with the rules the real
server enforces. What the Urssaf, a particulier or a bank would do in real life is done
on the page ``/`` by a person, or through ``/control/...`` by a test.

Refusals that no wrong data can cause are asked for by name:

* an M010 whose e-mail is ``<CODE>@anything`` (``ERR_DGFIP_R2P_INCONNU@example.fr``)
  is refused with that M010 code;
* an M050 item with a line whose ``complement1`` contains an M050 code is refused with
  that code.

What goes wrong on the way (cut connections, revoked tokens, half an answer …) is armed
per operation and call number: ``POST /control/faults``, or
``app.extensions["faults"].arm("M050", "cut_after", number=3)``; ``faults.FAULTS`` is
the list. ``POST /control/delay`` and ``--delay-ms`` make every answer take its time.

Where each thing lives (arrows point to what is imported)::

    app -> api, control, page -> faults -> dispatch -> store
                                 operations, lifecycle -> store
                                 operations -> rules_* -> formats -> codes

It needs Flask and python-stdnum, never Odoo.
"""
