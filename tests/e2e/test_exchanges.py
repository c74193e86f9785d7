# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a transaction leaves in the log although it is rolled back: seen from outside,
since Odoo's test classes keep every transaction inside one of their own."""

import pytest
import requests


@pytest.fixture
def rpc(odoo):
    """``rpc(model, method, *arguments)`` as the administrator; gives the JSON answer."""
    session = requests.Session()

    def post(path, **params):
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        return session.post(f"{odoo.url}{path}", json=body, timeout=60).json()

    def call(model, method, *arguments, **keywords):
        called = {"model": model, "method": method, "args": arguments}
        return post("/web/dataset/call_kw", **called, kwargs=keywords)

    post("/web/session/authenticate", db="test_e2e", login="admin", password="admin")
    yield call
    session.close()


def exchanges(rpc, *domain):
    fields = ["operation", "outcome", "http_status", "failed", "create_uid"]
    return rpc("l10n_fr_sap.exchange", "search_read", [*domain], fields)["result"]


def test_a_call_of_a_button_that_raises_is_kept(rpc, urssaf):
    newest = max((row["id"] for row in exchanges(rpc)), default=0)
    [company] = rpc("res.users", "read", [2], ["company_id"])["result"]
    company = company["company_id"][0]
    urssaf.stop()
    try:
        answer = rpc("res.company", "action_l10n_fr_sap_test_connection", [company])
    finally:
        urssaf.start()
    assert answer["error"]["data"]["name"] == "odoo.exceptions.UserError"
    [row] = exchanges(rpc, ["id", ">", newest])
    assert row["operation"] == "TOKEN"
    assert (row["outcome"], row["http_status"]) == ("ConnectionError", 0)
    assert row["failed"]
    assert row["create_uid"][0] == 2

    answer = rpc("res.company", "action_l10n_fr_sap_test_connection", [company])
    assert answer["result"]["params"]["type"] == "success"
    rows = exchanges(rpc, ["id", ">", row["id"]])
    assert [row["operation"] for row in rows] == ["M070", "TOKEN"]
