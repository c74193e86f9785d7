# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Several calls at once."""

import json
import threading
import time

import pytest
from urssaf.api.access_token import TokenStore
from urssaf.api.client import UrssafClient
from urssaf.api.concurrency import call_concurrently, search_all
from urssaf.api.errors import Misconfigured, Refused, Unavailable, Unreadable

from .local_server import LocalServer, answer
from .samples import ID, SECRET


class Gate:
    """Counts who is inside at the same time; everybody stays for a moment."""

    def __init__(self):
        self.lock = threading.Lock()
        self.inside, self.most, self.clients = 0, 0, set()

    def __call__(self, client, item):
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.clients.add(id(client))
        time.sleep(0.005)
        with self.lock:
            self.inside -= 1
        return item * 2


@pytest.fixture
def gate():
    return Gate()


@pytest.mark.parametrize("in_flight", [1, 2, 4])
def test_so_many_at_once_in_order_each_on_a_client_of_its_own(urssaf, gate, in_flight):
    results = list(call_concurrently(urssaf, gate, range(40), in_flight))
    assert [each.item for each in results] == list(range(40))
    assert [each.result for each in results] == list(range(0, 80, 2))
    assert gate.most == in_flight
    assert len(gate.clients) <= in_flight
    assert id(urssaf) not in gate.clients


def test_nothing_to_ask_is_no_call(urssaf, gate):
    assert list(call_concurrently(urssaf, gate, [])) == []
    assert gate.clients == set()


def test_a_refusal_concerns_its_item_alone(urssaf):
    def call(client, item):
        if item == 3:
            raise Refused([])
        return item

    results = list(call_concurrently(urssaf, call, range(30)))
    assert len(results) == 30
    assert [each.item for each in results if each.error] == [3]


@pytest.mark.parametrize("kind", [Unavailable, Misconfigured])
def test_any_other_error_is_the_last_thing_asked(urssaf, kind):
    asked = []

    def call(client, item):
        asked.append(item)
        if item == 5:
            raise kind("down")
        time.sleep(0.002)
        return item

    results = list(call_concurrently(urssaf, call, range(1000)))
    assert {each.item for each in results} == set(asked), "what was asked has results"
    assert len(asked) < 100
    assert kind in {type(each.error) for each in results}
    assert {each.result for each in results if not each.error} == set(asked) - {5}


def test_no_more_calls_leave_once_time_is_over(urssaf, gate):
    results = []
    for each in call_concurrently(
        urssaf, gate, range(1000), 2, lambda: len(results) < 7
    ):
        results.append(each)  # noqa: PERF402
    assert 7 <= len(results) < 7 + 8, "and those that had left"
    assert [each.item for each in results] == list(range(len(results)))
    assert gate.inside == 0


def test_who_does_not_listen_to_the_end_has_no_more_calls_made(urssaf):
    asked = []

    def call(client, item):
        asked.append(item)
        time.sleep(0.01)

    results = call_concurrently(urssaf, call, range(1000), 2)
    next(results)
    results.close()
    made = len(asked)
    time.sleep(0.05)
    assert len(asked) == made < 8


def test_answers_that_cannot_be_read_concern_their_item_but_not_for_ever(urssaf):
    def call(client, item):
        if item in (3, 7) or item >= 20:
            raise Unreadable
        return item

    results = list(call_concurrently(urssaf, call, range(1000)))
    assert [each.item for each in results if each.error][:2] == [3, 7]
    assert {each.item for each in results} >= set(range(23))
    assert len(results) < 60


def test_a_mistake_of_ours_is_not_hidden(urssaf):
    def call(client, item):
        raise AssertionError

    with pytest.raises(AssertionError):
        list(call_concurrently(urssaf, call, range(3)))


def test_without_a_token_nothing_is_asked(web):
    asked = []
    urssaf = UrssafClient("https://urssaf.example", ID, SECRET, TokenStore())
    with urssaf, pytest.raises(Unavailable):
        list(
            call_concurrently(urssaf, lambda client, item: asked.append(item), range(3))
        )
    assert asked == []


# Searches, on a real server


class Searched:
    """Knows every id; some make a call refused or its answer unreadable."""

    def __init__(self, refused=(), unreadable=()):
        self.refused, self.unreadable = set(refused), set(unreadable)

    def __call__(self, handler):
        ids = handler.body["idDemandePaiements"]
        if self.refused & set(ids):
            body = json.dumps([{"code": "ERR_X"}]).encode()
            handler.send_response(400)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
            return
        if self.unreadable & set(ids):
            answer(handler, {"reponse": "OK"})
            return
        infos = [{"idDemandePaiement": each, "statut": {"code": "20"}} for each in ids]
        answer(handler, {"infoDemandePaiements": infos})


def search(behaviour, ids):
    with LocalServer(behaviour) as server:
        with UrssafClient(server.url, ID, SECRET, TokenStore()) as urssaf:
            results = list(search_all(urssaf, ids))
        return results, len(server.calls) - 1


def found(results):
    return {info.id for each in results for info in each.result or ()}


def test_ten_a_call():
    ids = [f"D-{number}" for number in range(95)]
    results, calls = search(Searched(), ids)
    assert calls == 10
    assert found(results) == set(ids)


@pytest.mark.parametrize("how", ["refused", "unreadable"])
def test_one_that_spoils_a_call_does_not_hide_the_others(how):
    ids = [f"D-{number}" for number in range(30)]
    results, calls = search(Searched(**{how: ["D-14"]}), ids)
    assert found(results) == set(ids) - {"D-14"}
    assert not any(each.error for each in results)
    assert calls == 3 + 10


def test_a_batch_of_which_nothing_can_be_had_says_why():
    ids = [f"D-{number}" for number in range(20)]
    results, calls = search(Searched(refused=ids[:10]), ids)
    assert calls == 2 + 2, "two refusals on their own are enough"
    assert [type(each.error) for each in results] == [Refused, type(None)]
    results, _calls = search(Searched(unreadable=ids[:1]), ids[:1])
    assert [type(each.error) for each in results] == [Unreadable]
