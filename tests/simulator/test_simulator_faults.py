# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every misbehaviour, of every operation, as a client sees it."""

import contextlib
import json
import re
import time

import pytest
import requests
from simulator_client import BASE, CLIENTS, Provider
from simulator_process import CLIENT_OPTIONS, simulator

from simulator.app import create_app
from simulator.dispatch import OPERATIONS
from simulator.faults import FAULTS
from simulator.shapes import SHAPES

CASES = [
    (fault, operation, done)
    for fault, kind in FAULTS.items()
    for operation in kind.operations
    for done in ((False, True) if kind.done is None else (kind.done,))
]
#: Status and body of the answer that comes instead of the true one.
INSTEAD = {
    "401": (401, {"error": "invalid_token"}),
    "403": (403, {"error": "forbidden"}),
    "429": (429, ""),
    "429_retry_after": (429, ""),
    "500_empty": (500, ""),
    "400_empty": (400, ""),
}


class Subject:
    """A provider with an active client and two accepted requests, and what it asks."""

    def __init__(self, provider):
        self.provider = provider
        self.id_client = provider.active_client()
        self.ids = [provider.accepted(self.id_client, number) for number in "AB"]
        provider.control(f"demandes/{self.ids[0]}", {"statut": "70"})
        self.numbers = ["M", "N", "O", "P"]

    def call(self, operation):
        """One call of ``operation``; work done by it shows in :meth:`traces`."""
        provider = self.provider
        if operation == "TOKEN":
            client_id, secret = provider.credentials
            return provider.token(client_id=client_id, client_secret=secret)
        if operation == "M010":
            names = {"nomNaissance": "Neuve", "adresseMail": "neuve@example.fr"}
            return provider.register(names)
        if operation == "M020":
            return provider.registration(self.id_client)
        if operation == "M050":
            numbers = [{"numFactureTiers": number} for number in self.numbers]
            items = [provider.demande(self.id_client, number) for number in numbers]
            return provider.send(*items)
        return provider.search(idDemandePaiements=self.ids)

    def traces(self, operation):
        """What a call has left in the stand-in, where it leaves anything."""
        state = self.provider.state()
        if operation == "M010":
            return [row["nomNaissance"] for row in state["particuliers"]]
        if operation == "M050":
            return [row["numFactureTiers"] for row in state["demandes"]]
        return None


@pytest.fixture
def subject(menage):
    return Subject(menage)


def arm(provider, operation, fault, **options):
    body = {"operation": operation, "fault": fault, **options}
    return provider.control("faults", body)


def armed(provider):
    return requests.get(f"{provider.url}/control/faults").json()["armed"]


def check_answer(fault, operation, answer, numbers):
    """``numbers`` are those of the requests in the true answer, in order."""
    if fault in INSTEAD:
        status, body = INSTEAD[fault]
        assert answer.status_code == status
        assert (answer.json() if body else answer.text) == body
        retry_after = answer.headers.get("Retry-After")
        assert retry_after == ("7" if fault == "429_retry_after" else None)
    elif fault == "500":
        assert answer.status_code == 500
        assert [error["code"] for error in answer.json()] == ["ERREUR_TECHNIQUE"]
    elif fault in ("503_html", "400_html"):
        assert answer.status_code == int(fault[:3])
        assert answer.headers["Content-Type"].startswith("text/html")
        assert answer.text.startswith("<html>")
    elif fault == "400_object":
        assert answer.status_code == 400
        assert answer.json()["code"] == "ERREUR_VALIDATION"
    elif fault == "truncated":
        assert answer.status_code == 200
        with pytest.raises(requests.exceptions.JSONDecodeError):
            answer.json()
        assert answer.text
    elif fault == "wrong_shape":
        assert answer.status_code == 200
        assert isinstance(answer.json(), dict) == (operation == "M050")
    elif fault == "unknown_error":
        check_unknown_error(operation, answer)
    elif fault in SHAPES:
        assert answer.status_code == 200
        check_shape(fault, operation, answer.json())
    else:
        check_altered(fault, operation, answer, numbers)


def check_unknown_error(operation, answer):
    if operation == "M050":
        assert answer.status_code == 200
        errors = [output["errors"][0]["code"] for output in answer.json()]
        assert errors == ["ERR_NOUVELLE"] * 4
        assert not any("idDemandePaiement" in output for output in answer.json())
    elif operation == "TOKEN":
        refused = (400, {"error": "erreur_nouvelle"})
        assert (answer.status_code, answer.json()) == refused
    else:
        assert answer.status_code == 400
        assert [error["code"] for error in answer.json()] == ["ERR_NOUVELLE"]


def check_shape(fault, operation, body):
    text = json.dumps(body, ensure_ascii=False)
    if fault == "capitals":
        assert re.findall('"([^" ]+)": ', text) == re.findall('"([^"a-z ]+)": ', text)
    elif fault == "wrapped":
        assert isinstance(body["data"]["result"], (dict, list))
    elif fault == "other_wrapper":
        assert isinstance(body, dict) == (operation == "M050")
    elif fault == "as_text":
        assert not re.search(r": \d", text)
        assert '"mntFactureTTC": "' in text
    elif fault == "as_numbers":
        assert re.search(r'"(code|statut)": \d', text)
    elif fault == "spaced":
        assert re.search('"(10|APPAREILLAGE_VALIDE) "', text)
    elif fault == "french_days":
        assert re.search(r'"dateFacture": "\d\d/\d\d/\d{4}"', text)
    elif operation == "M020":
        assert body["statut"] is None
    else:
        items = body if operation == "M050" else body["infoDemandePaiements"]
        first = items[0]["statut"] if fault == "null_status" else items[0]
        assert first is None
        assert items[1]["statut"]


def check_altered(fault, operation, answer, numbers):
    assert answer.status_code == 200
    body = answer.json()
    if operation == "M020":
        assert body["statut"]["code"] == "ETAT_NOUVEAU"
        return
    outputs = body if operation == "M050" else body["infoDemandePaiements"]
    seen = [
        output.get("numFactureTiers") or output["demandePaiement"]["numFactureTiers"]
        for output in outputs
    ]
    if fault == "reordered":
        assert seen == numbers[::-1]
    elif fault == "one_missing":
        assert seen == [numbers[0], *numbers[2:]]
    elif fault == "unknown_status":
        unknown = {"code": "999", "libelle": "Statut nouveau"}
        wanted = "999" if operation == "M050" else unknown
        assert [output["statut"] for output in outputs] == [wanted] * len(numbers)
    else:
        assert fault == "null_amounts"
        for output in outputs:
            assert output["demandePaiement"]["mntFactureTTC"] is None
            assert output["demandePaiement"]["mntFactureHT"] is None
        # Only the first one has been transferred.
        assert outputs[0]["infoVirement"]["mntVirement"] is None
        assert "infoVirement" not in outputs[1]


@pytest.mark.parametrize(("fault", "operation", "done"), CASES)
def test_every_fault_of_every_operation(app, subject, fault, operation, done):
    menage = subject.provider
    options = {"retry_after": 7, "index": 1}
    # A slow machine must have time to be refused.
    if fault in ("delayed", "refused"):
        options["seconds"] = 0.4 if fault == "delayed" else 60
    before, state = subject.traces(operation), menage.state()
    arm(menage, operation, fault, done=done, **options)
    if fault in ("refused", "cut_before", "cut_after"):
        with pytest.raises(requests.ConnectionError) as caught:
            subject.call(operation)
        assert ("Connection refused" in str(caught.value)) == (fault == "refused")
        assert ("RemoteDisconnected" in repr(caught.value)) == (fault != "refused")
        assert app.extensions["faults"].armed() == []
        app.extensions["faults"].clear()
    elif fault == "delayed":
        answer = subject.call(operation)
        assert answer.status_code == 200
        assert answer.elapsed.total_seconds() >= 0.4
    else:
        answer = subject.call(operation)
        numbers = subject.numbers if operation == "M050" else ["A", "B"]
        check_answer(fault, operation, answer, numbers)
    # Faults alter answers, never what is stored.
    acts = operation in ("M010", "M050")
    assert (subject.traces(operation) != before) == (done and acts)
    assert (menage.state() != state) == (done and acts)
    assert armed(menage) == []
    check_calm(subject, operation, fault)


def check_calm(subject, operation, fault):
    """The next call is answered, with a new token where the old one was revoked."""
    if operation == "TOKEN":
        assert subject.call("TOKEN").status_code == 200
        return
    if fault == "401":
        assert subject.call(operation).status_code == 401
        subject.provider.sign_in()
    assert subject.call(operation).status_code == 200


def test_the_cases_are_many():
    assert len(CASES) == 141
    assert {operation for _fault, operation, _done in CASES} == set(OPERATIONS)


def test_a_truncated_answer_is_half_of_the_true_one(subject):
    arm(subject.provider, "M070", "truncated", done=True)
    half, whole = subject.call("M070").text, subject.call("M070").text
    assert half == whole[: len(whole) // 2]


def test_number_and_times(subject):
    menage = subject.provider
    menage.control("reset")
    menage.sign_in()
    arm(menage, "M020", "403", number=3, times=2)
    arm(menage, "M020", "500", number=5, times=None)
    statuses = [menage.registration("x").status_code for _call in range(8)]
    assert statuses == [400, 400, 403, 403, 500, 500, 500, 500]
    assert menage.session.delete(f"{menage.url}/control/faults").json() == {}
    assert menage.registration("x").status_code == 400
    # The faults do not concern other operations.
    assert menage.search(numFactureTiers=["A"]).status_code == 400
    recorded = [call["status"] for call in menage.calls(operation="M020")]
    assert recorded == [*statuses, 400]


def test_without_a_number_the_next_call(subject):
    menage = subject.provider
    for _call in range(2):
        menage.registration("x")
    assert arm(menage, "M020", "429", times=2) == {
        "operation": "M020",
        "fault": "429",
        "number": 3,
        "times": 2,
        "done": False,
        "seconds": None,
        "retry_after": 1,
        "index": 0,
    }
    menage.registration("x")
    (left,) = armed(menage)
    assert left["times"] == 1
    menage.control("reset")
    assert armed(menage) == []


def test_refused_at_a_number_then_back(subject):
    """The call before is answered on a connection that is then closed."""
    menage = subject.provider
    with requests.Session() as other:
        other.get(f"{menage.url}/control/state")
        menage.control("reset")
        menage.sign_in()
        arm(menage, "M020", "refused", number=3, seconds=2)
        start = time.monotonic()
        assert menage.registration("x").status_code == 400
        assert other.get(f"{menage.url}/control/state").ok
        last = menage.registration("x")
        assert last.status_code == 400
        assert last.headers["Connection"] == "close"
        for session in (menage.session, other):
            with pytest.raises(requests.ConnectionError, match="Connection refused"):
                session.get(f"{menage.url}/control/state")
        menage.wait_until_back()
        assert time.monotonic() - start >= 2
        assert menage.registration("x").status_code == 400
        assert len(menage.calls(operation="M020")) == 3


def test_from_python_until_cleared(app, menage):
    faults = app.extensions["faults"]
    faults.arm("M020", "refused", seconds=60)
    with pytest.raises(requests.ConnectionError, match="Connection refused"):
        menage.registration("x")
    faults.clear()
    assert menage.registration("x").status_code == 400
    assert faults.arm("M020", "cut_before").number == 2
    assert [fault["fault"] for fault in faults.armed()] == ["cut_before"]


def test_refused_needs_a_server():
    app = create_app(clients=CLIENTS)
    with pytest.raises(ValueError, match="nothing is listening"):
        app.extensions["faults"].arm("M020", "refused")
    app.extensions["store"].close()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operation": "M020"},
        {"operation": "M99", "fault": "403"},
        {"operation": "M020", "fault": "reordered"},
        {"operation": "M020", "fault": "nothing"},
        {"operation": "M020", "fault": "403", "nothing": 1},
        {"operation": "M020", "fault": "403", "done": True},
        {"operation": "M050", "fault": "cut_after", "done": False},
        {"operation": "M020", "fault": "403", "number": 1},
        {"operation": "M020", "fault": "403", "number": "3"},
        {"operation": "M020", "fault": "403", "times": 0},
        {"operation": "M020", "fault": "refused", "times": None},
        {"operation": "M020", "fault": "delayed", "seconds": -1},
        {"operation": "M050", "fault": "one_missing", "index": -1},
    ],
)
def test_what_makes_no_sense_is_refused(menage, body):
    menage.registration("x")
    answer = menage.session.post(f"{menage.url}/control/faults", json=body)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
    assert armed(menage) == []


def test_the_list_of_faults(menage):
    kinds = menage.session.get(f"{menage.url}/control/faults").json()["kinds"]
    assert kinds["cut_after"] == {
        "text": "coupure après le travail",
        "operations": list(OPERATIONS),
        "done": True,
    }
    assert set(kinds) == set(FAULTS)


def test_the_page_lists_what_is_armed(menage):
    assert "Défauts" not in menage.session.get(menage.url).text
    arm(menage, "M050", "429", number=4)
    assert "M050 n° 4 : trop d&#39;appels" in menage.session.get(menage.url).text


def test_a_delay_of_every_call(app, menage):
    menage.control("delay", {"delay_ms": 300.5})
    start = time.monotonic()
    menage.registration("x")
    assert time.monotonic() - start >= 0.3
    bad = menage.session.post(f"{menage.url}/control/delay", json={"delay_ms": "1"})
    assert bad.status_code == 400
    assert app.extensions["faults"].delay == 0.3005
    menage.control("reset")
    assert app.extensions["faults"].delay == 0


def test_no_token_is_recorded_whatever_the_fault(menage):
    for fault, done in (("truncated", True), ("wrong_shape", True), ("503_html", True)):
        arm(menage, "TOKEN", fault, done=done)
        with contextlib.suppress(requests.JSONDecodeError, TypeError):
            menage.sign_in()
    answers = [call["answer"] for call in menage.calls(operation="TOKEN")]
    assert answers[1:] == ["***", ["OK"], "***"]


def test_as_a_process_of_its_own():
    """It has the options, and a fault of each sort."""
    options = ("--delay-ms", "30", "--token-prefix", "canari-", *CLIENT_OPTIONS)
    with simulator(*options) as url:
        menage = Provider(url, "menage")
        token = menage.session.headers["Authorization"].split()[1]
        assert token.startswith("canari-")
        for fault in ("cut_before", "cut_after"):
            arm(menage, "M020", fault)
            with pytest.raises(requests.ConnectionError, match="RemoteDisconnected"):
                menage.registration("x")
        arm(menage, "M020", "refused", seconds=2)
        with pytest.raises(requests.ConnectionError, match="Connection refused"):
            menage.registration("x")
        menage.wait_until_back()
        start = time.monotonic()
        assert menage.registration("x").status_code == 400
        assert time.monotonic() - start >= 0.03
        arm(menage, "M020", "delayed", seconds=0.3)
        with pytest.raises(requests.ReadTimeout):
            menage.session.get(
                f"{url}{BASE}/particulier", params={"idClient": "x"}, timeout=(60, 0.1)
            )
        # The call has arrived once its fault is no longer armed.
        while armed(menage):
            time.sleep(0.01)
        arm(menage, "M020", "401")
        assert [menage.registration("x").status_code for _call in "12"] == [401, 401]
        # The late answer finds nobody meanwhile.
        time.sleep(0.3)
        statuses = [call["status"] for call in menage.calls(operation="M020")]
        assert statuses == [0, 0, 400, 400, 401, 401]
        menage.session.close()
