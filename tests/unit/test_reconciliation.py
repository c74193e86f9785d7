# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""All requests of a period are found, and each difference is named."""

import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from urssaf.api.answers import RequestInfo
from urssaf.api.client import BATCH_SIZE, UrssafClient
from urssaf.api.codes import TOO_MANY_RESULTS
from urssaf.api.errors import Misconfigured, Refused
from urssaf.api.reconciliation import Difference, Known, compare, find, find_unseen

from .samples import HOST, ID, M070, SECRET, GivenToken

DAY = date(2026, 2, 1)
TOO_MANY = [{"code": TOO_MANY_RESULTS, "message": "", "description": ""}]


def result(number, **status):
    return {
        "idDemandePaiement": f"D-{number}",
        "demandePaiement": {"numFactureTiers": f"F-{number}", "mntFactureTTC": 120},
        "statut": {"code": "10", "libelle": "Intégrée"} | status,
    }


class Urssaf:
    """It answers M070 for invoices of ``days``, never with more than ten."""

    def __init__(self, web, days, beside=False):
        self.days, self.beside, self.calls = days, beside, []
        web.add_callback(M070.method, M070.url, self.answer)

    def answer(self, request):
        body = json.loads(request.body)
        self.calls.append(body)
        if "idDemandePaiements" in body:
            wanted = set(body["idDemandePaiements"])
            held = {f"D-{number}" for number in range(len(self.days))}
            numbers = [int(id_[2:]) for id_ in wanted & held]
        else:
            start, end = (
                date.fromisoformat(body[name][:10]) for name in ("dateDebut", "dateFin")
            )
            numbers = [n for n, day in enumerate(self.days) if start <= day <= end]
        if len(numbers) > BATCH_SIZE:
            return self.too_many(numbers)
        if not numbers:
            return 400, {}, json.dumps([{"code": "ERR_RECHERCHE_VIDE"}])
        return 200, {}, json.dumps({"infoDemandePaiements": [*map(result, numbers)]})

    def too_many(self, numbers):
        if not self.beside:
            return 400, {}, json.dumps(TOO_MANY)
        # The error "does not block": it comes beside the first ten.
        shown = [*map(result, numbers[:BATCH_SIZE])]
        answer = {"infoDemandePaiements": shown, "errors": TOO_MANY}
        return 200, {}, json.dumps(answer)


def client():
    return UrssafClient(HOST, ID, SECRET, GivenToken())


# So many requests on so many days; some of the days have more than a search lists.
DAYS = st.dictionaries(st.integers(0, 40), st.integers(1, 14), max_size=15).map(
    lambda counts: [
        DAY + timedelta(days) for days, count in counts.items() for _ in range(count)
    ]
)


@given(DAYS, st.integers(0, 35), st.integers(0, 35), st.booleans())
def test_whatever_the_dates_all_are_found_once(days, start, length, beside):
    start = DAY + timedelta(start)
    end = start + timedelta(length)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        urssaf = Urssaf(web, days, beside)
        with client() as asked:
            found, crowded = find(asked, start, end)
    within = {n: day for n, day in enumerate(days) if start <= day <= end}
    counts = Counter(within.values())
    assert crowded == sorted(day for day, count in counts.items() if count > BATCH_SIZE)
    assert sorted(info.id for info in found) == sorted(
        f"D-{n}" for n, day in within.items() if day not in crowded
    )
    # A period is halved at most as often as it has days, with two calls each time.
    assert len(urssaf.calls) <= 2 * (length + 1) - 1


@pytest.mark.parametrize("beside", [False, True])
def test_a_crowded_day_is_named_and_the_others_are_found(web, beside):
    crowded, quiet = DAY + timedelta(2), DAY + timedelta(3)
    urssaf = Urssaf(web, [crowded] * 11 + [quiet] * 10, beside)
    with client() as asked:
        found, days = find(asked, DAY, DAY + timedelta(3))
    assert days == [crowded]
    assert {info.id for info in found} == {f"D-{number}" for number in range(11, 21)}
    # The period, each half of it, and each day of the second half.
    assert len(urssaf.calls) == 5


def test_a_quiet_period_is_one_call(web):
    urssaf = Urssaf(web, [DAY] * 10)
    with client() as asked:
        found, crowded = find(asked, DAY, DAY + timedelta(300))
    assert (len(found), crowded, len(urssaf.calls)) == (10, [], 1)


def test_what_else_goes_wrong_is_not_a_crowd(web):
    web.add(M070.method, M070.url, status=403)
    with client() as asked, pytest.raises(Misconfigured):
        find(asked, DAY, DAY)
    web.replace(M070.method, M070.url, status=400, json=[{"code": "ERR_A"}])
    with client() as asked, pytest.raises(Refused):
        find(asked, DAY, DAY)


def test_those_not_seen_are_asked_by_id_ten_a_call(web):
    urssaf = Urssaf(web, [DAY] * 25)
    known = [one(number) for number in range(30)]
    with client() as asked:
        seen = asked.search_by_id(["D-0", "D-1"])
        found = find_unseen(asked, [*known, one("new", id="")], seen)
    assert {info.id for info in found} == {f"D-{number}" for number in range(2, 25)}
    # The calls are made at the same time: which one comes in first is left to chance.
    asked_by_id = [call["idDemandePaiements"] for call in urssaf.calls[1:]]
    assert sorted(map(len, asked_by_id)) == [8, 10, 10]
    assert sorted(id_ for ids in asked_by_id for id_ in ids) == sorted(
        f"D-{n}" for n in range(2, 30)
    )


def test_those_that_could_not_be_asked_about_are_not_taken_for_missing(web):
    web.add(M070.method, M070.url, status=403)
    with client() as asked, pytest.raises(Misconfigured):
        find_unseen(asked, [one()], [])


# Comparing


def one(number="1", state="integrated", amount="120.00", **values):
    ids = {"key": number, "number": f"F-{number}", "id": f"D-{number}"} | values
    return Known(state=state, amount=Decimal(amount), **ids)


def info(number="1", code="10", gross="120.0", **values):
    ids = {
        "id": f"D-{number}",
        "number": f"F-{number}",
        "particulier_id": "C",
    } | values
    gross = gross and Decimal(gross)
    return RequestInfo(
        gross=gross, date_from=None, date_to=None, code=code, label="", **ids
    )


def differences(known, found):
    return [*compare(known, found)]


SAME = [
    ([one()], [info()]),
    ([one("1"), one("2")], [info("2"), info("1")]),
    ([one(state="unknown")], [info(code="999")]),
    # It is no difference where the Urssaf does not say the amount.
    ([one()], [info(gross=None)]),
    # A request that was not sent need not be there.
    ([one(state="", id="")], []),
    ([], []),
]


@pytest.mark.parametrize("known, found", SAME)
def test_nothing_is_said_where_both_agree(known, found):
    assert differences(known, found) == []


DIFFER = [
    ([], [info()], ["unknown"]),
    ([one()], [], ["missing"]),
    ([one()], [info(code="20")], ["state"]),
    ([one(state="refused")], [info(code="70")], ["state"]),
    ([one()], [info(gross="120.01")], ["amount"]),
    ([one()], [info(code="70", gross="1")], ["state", "amount"]),
    # The caller does not know that it is there; the Urssaf has its number.
    ([one(state="", id="")], [info()], ["state"]),
    ([one(state="sending", id="")], [], ["sending"]),
    ([one(state="sending", id="")], [info()], ["sending"]),
    # The same number under another id is another request.
    ([one()], [info(id="D-9")], ["missing", "unknown"]),
    # The number with -2 is another request.
    ([one("1-2")], [info("1"), info("1-2")], ["unknown"]),
]


@pytest.mark.parametrize("known, found, kinds", DIFFER)
def test_each_difference_is_named_with_both_sides(known, found, kinds):
    differ = differences(known, found)
    assert [difference.kind for difference in differ] == kinds
    for difference in differ:
        assert (difference.known is None) == (difference.kind == "unknown")
        if difference.kind in ("state", "amount"):
            assert difference == Difference(difference.kind, known[0], found[0])
        if difference.kind == "missing":
            assert difference.info is None
