# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What an invoice says to the Urssaf, as plain functions over an ``account.move``:
``payload`` makes the payment request of it, ``obstacles`` tells why it cannot go and
``actions`` what may be done with it, ``queue`` leaves it to the scheduled action,
``guards`` and ``live_entry`` keep it as the Urssaf holds it, ``customer`` knows whose it
is there, ``online`` that it is not paid twice, ``collecting`` what its customer reads of
that and ``mentions`` what the law wants them to read, ``notices`` tell people, ``period``
proposes its days and ``splitting`` makes several drafts of one. ``states`` are those of a
payment request.

``money`` is what the Urssaf has paid of it, ``set_up`` what that is booked with,
``entries`` the journal entries, and ``activities`` what whoever keeps the books has to look
at."""
