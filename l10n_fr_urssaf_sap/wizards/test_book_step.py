# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
from dataclasses import asdict

from odoo import fields, models

OPERATIONS = [
    ("TOKEN", "Access token"),
    ("M010", "M010: registration of a customer"),
    ("M020", "M020: state of the registration"),
    ("M050", "M050: payment request"),
    ("M070", "M070: status of the payment request"),
]
# As the document tells them, which is in French whatever Odoo speaks.
_FRENCH = {
    "TOKEN": "Jeton d'accès (OAuth 2.0)",
    "M010": "M010 – Inscription d'un particulier",
    "M020": "M020 – Statut de l'inscription",
    "M050": "M050 – Transmission d'une demande de paiement",
    "M070": "M070 – Statut de la demande de paiement",
}


class TestBookStep(models.TransientModel):
    """One of the calls of a test book, and what was said: it goes when its book does."""

    _name = "l10n_fr_sap.test.book.step"
    _description = "Step of the Test Book"
    _order = "sequence, id"
    _transient_max_hours = 0

    book_id = fields.Many2one(
        "l10n_fr_sap.test.book", required=True, readonly=True, ondelete="cascade"
    )
    sequence = fields.Integer(readonly=True)
    operation = fields.Selection(OPERATIONS, "Step", required=True, readonly=True)
    state = fields.Selection(
        [
            ("to_do", "To Do"),
            ("waiting", "Waiting"),
            ("failed", "Failed"),
            ("done", "Completed"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="to_do",
    )
    message = fields.Text("Result", readonly=True)
    exchanges = fields.Json(readonly=True, help="What was said, word for word.")

    def _set_result(self, state, message, exchanges):
        """
        :param exchanges: the library's RawExchanges
        """
        said = [
            asdict(exchange) | {"started_at": exchange.started_at.isoformat()}
            for exchange in exchanges
        ]
        step = self.sudo()
        step["state"], step.message, step.exchanges = state, message, said

    # What is handed in

    def _title(self):
        return _FRENCH[self.operation]

    def _said(self):
        """The exchanges as the document shows them."""
        return [
            exchange
            | {
                "request": _indented(exchange["request"]),
                "answer": _indented(exchange["answer"]),
            }
            for exchange in self.exchanges or ()
        ]

    def _files(self):
        """``(name, text)`` of the raw bodies; a GET has an address instead of one."""
        for number, exchange in enumerate(self.exchanges or (), 1):
            again = f"-{number}" if number > 1 else ""
            name = f"{self.sequence}-{self.operation}{again}"
            asked = exchange["request"] or f"{exchange['method']} {exchange['url']}"
            for kind, text in (("requete", asked), ("reponse", exchange["answer"])):
                yield f"{name}-{kind}.{'json' if _is_json(text) else 'txt'}", text


def _is_json(text):
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _indented(text):
    if not _is_json(text):
        return text
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
