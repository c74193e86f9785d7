# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Urssaf's own addresses: each turns an HTTP request into a call, and back."""

from flask import Blueprint, Response, request

from .dispatch import Call, Dispatcher
from .formats import dump_json, load_json

_BASE = "/atp/v1/tiersPrestations"
_JSON = {"Content-Type": "application/json"}


def blueprint(dispatcher: Dispatcher) -> Blueprint:
    """The token endpoint and the four operations."""
    api = Blueprint("api", __name__)

    def serve(operation: str, body: object, credentials) -> Response:
        answer = dispatcher.serve(Call(operation, body, credentials))
        return Response(answer.text, answer.status, _JSON | answer.headers)

    @api.post("/api/oauth/v1/token")
    def token():
        form = request.form.to_dict()
        secret = form.pop("client_secret", "")
        credentials = (form.get("client_id", ""), secret)
        if request.authorization and request.authorization.type == "basic":
            basic = request.authorization
            credentials = (basic.username or "", basic.password or "")
        return serve("TOKEN", form, credentials)

    @api.post(f"{_BASE}/particulier")
    def register():
        return serve("M010", _json_body(), _bearer())

    @api.get(f"{_BASE}/particulier")
    def registration():
        return serve("M020", request.args.to_dict(), _bearer())

    @api.post(f"{_BASE}/demandePaiement")
    def send():
        return serve("M050", _json_body(), _bearer())

    @api.post(f"{_BASE}/demandePaiement/rechercher")
    def search():
        return serve("M070", _json_body(), _bearer())

    return api


def json_response(body: object, status: int = 200) -> Response:
    """``body`` as JSON. Not Flask's jsonify, which writes Decimals as texts."""
    return Response(dump_json(body), status, _JSON)


def _json_body() -> object:
    try:
        return load_json(request.get_data())
    except ValueError:
        return None


def _bearer() -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None
