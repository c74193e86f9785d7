# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The record of calls, and interceptors."""

from simulator_client import ABSENT, Provider

from simulator.dispatch import Answer


def test_calls_are_recorded_without_secrets(menage):
    menage.registration("x")
    menage.register({"civilite": ABSENT})
    token, state, register = menage.calls()
    assert token["operation"] == "TOKEN"
    assert token["body"]["client_id"] == token["provider"] == "menage"
    assert token["answer"]["access_token"] == "***"
    assert state["operation"] == "M020"
    assert state["body"] == {"idClient": "x"}
    assert register["status"] == 400
    assert register["body"]["prenoms"] == "Éric-Antoine Zoé"
    assert register["answer"][0]["code"] == "ERREUR_VALIDATION"
    text = menage.session.get(f"{menage.url}/control/calls").text
    assert "menage-secret" not in text
    assert menage.session.headers["Authorization"].split()[1] not in text


def test_calls_can_be_filtered_and_cleared(menage):
    menage.send()
    menage.search()
    assert [call["operation"] for call in menage.calls(operation="M050")] == ["M050"]
    counts = menage.session.get(f"{menage.url}/control/calls/count").json()
    assert counts == {"TOKEN": 1, "M050": 1, "M070": 1}
    unknown = menage.session.get(f"{menage.url}/control/calls?operation=M99")
    assert unknown.status_code == 400
    assert menage.session.delete(f"{menage.url}/control/calls").ok
    assert menage.calls() == []


def test_interceptors_see_every_call_before_and_after(dispatcher, url):
    class Maintenance:
        """It stops the first M020, and replaces the answer of the second."""

        def before(self, call):
            if (call.operation, call.number) == ("M020", 1):
                return Answer(503, None)

        def after(self, call, answer):
            if (call.operation, call.number) == ("M020", 2):
                return Answer(500, [])
            return answer

    dispatcher.interceptors.append(Maintenance())
    menage = Provider(url, "menage")
    statuses = [menage.registration("x").status_code for _attempt in range(3)]
    menage.session.close()
    assert statuses == [503, 500, 400]
    assert [call["status"] for call in menage.calls(operation="M020")] == statuses
