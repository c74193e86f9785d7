# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Answers in nearby shapes: what a person would understand is understood, and what nobody
would is no answer for that one item alone."""

import json
import re
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import responses
from hypothesis import given, settings
from hypothesis import strategies as st
from urssaf.api.client import UrssafClient
from urssaf.api.errors import ApiError, Refused, Unavailable, Unreadable, Unsure

from .samples import (
    HOST,
    ID,
    ID_CLIENT,
    M010,
    M020,
    M050,
    M070,
    NOTHING,
    PARTICULIER,
    SECRET,
    GivenToken,
    payment_request,
)

EXAMPLES = settings(max_examples=50, deadline=None)


@contextmanager
def answered(operation, answer, status=200):
    """A client to whom the operation gives this answer."""
    body = json.dumps(answer, default=float)
    with responses.RequestsMock() as web:
        web.add(operation.method, operation.url, body=body, status=status)
        with UrssafClient(HOST, ID, SECRET, GivenToken()) as urssaf:
            yield urssaf


# How a part may be spelled

SPELLINGS = (
    str,
    str.lower,
    str.upper,
    lambda name: name[:1].upper() + name[1:],
    lambda name: re.sub("([A-Z])", r"_\1", name).lower(),
    lambda name: re.sub("([A-Z])", r"-\1", name).lower(),
)
DAYS = (
    "%Y-%m-%dT00:00:00Z",
    "%Y-%m-%dT00:00:00.000+0000",
    "%Y-%m-%d 00:00:00",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d/%m/%Y",
    "%d-%m-%Y 00:00",
    " %d.%m.%Y ",
    "%Y-%m-%dT00:00:00[Europe/Paris]",
    "%a, %d %b %Y 00:00:00 GMT",
)
LATE = ("%Y-%m-%dT22:00:00Z", "%Y-%m-%dT23:00:00.000+00:00", "%Y-%m-%d 23:00:00Z")
PRICES = ("{}", " {} ", "{} €", "EUR {}")


class Id(str):
    """An id or a code: it may have become a number."""


@st.composite
def spelled(draw, value):
    """The same in other words of JSON."""
    if isinstance(value, dict):
        spell = draw(st.sampled_from(SPELLINGS))
        return {
            spell(name): draw(spelled(each)) for name, each in value.items()
        } | draw(st.sampled_from(({}, {"version": 2}, {"links": None})))
    if isinstance(value, list):
        return [draw(spelled(each)) for each in value]
    if isinstance(value, date):
        eve = value - timedelta(days=1)
        days = [value.strftime(form) for form in DAYS]
        numbers = [int(f"{value:%Y%m%d}"), [value.year, value.month, value.day]]
        days += [eve.strftime(form) for form in LATE]
        return draw(st.sampled_from([*days, *numbers]))
    if isinstance(value, Decimal):
        texts = [form.format(value) for form in PRICES]
        commas = [text.replace(".", ",") for text in texts]
        return draw(st.sampled_from([value, *texts, *commas]))
    if isinstance(value, Id):
        whole = [int(value)] if re.fullmatch("[1-9][0-9]*", value) else []
        return draw(st.sampled_from([value, f" {value}", f"{value} ", *whole]))
    return value


@st.composite
def wrapped(draw, value):
    """The same within up to two objects or lists."""
    for name in draw(
        st.lists(st.sampled_from(("", "data", "Result", "réponse")), max_size=2)
    ):
        value = {name: value, "errors": None} if name else [value]
    return value


# What is told

MANY = st.integers(1, 10)
AMOUNTS = st.decimals("0.01", "9999", places=2)
STATES = st.sampled_from(
    ["10", "20", "30", "40", "50", "60", "70", "110", "120", "270"]
)
NUMBERS = ("FAC/2026/00{}", "F-2026-{}", "2026{}")
WORKDAYS = st.dates(date(2024, 1, 2), date(2027, 12, 31))
CODES = st.sampled_from(
    ["ERR_TOTAL_PRESTATIONS", "ERR_DATE_FUTUR", "ERREUR_VALIDATION"]
)


@st.composite
def result(draw, position, form="F-2026-{}"):
    code = draw(STATES)
    return {
        "idDemandePaiement": f"D-{position}",
        "demandePaiement": {
            "numFactureTiers": Id(form.format(position)),
            "idClient": ID_CLIENT,
            "mntFactureTTC": draw(AMOUNTS),
            "dateDebutEmploi": draw(WORKDAYS),
            "dateFinEmploi": draw(WORKDAYS),
        },
        "statut": draw(
            st.sampled_from(({"code": Id(code), "libelle": "Libellé"}, Id(code)))
        ),
        "infoVirement": {"mntVirement": draw(AMOUNTS), "dateVirement": draw(WORKDAYS)},
    }


def code_of(one):
    status = one["statut"]
    return str(status["code"] if isinstance(status, dict) else status)


def facts(one):
    sent, transfer = one["demandePaiement"], one["infoVirement"]
    return (
        one["idDemandePaiement"],
        str(sent["numFactureTiers"]),
        sent["idClient"],
        *(sent["mntFactureTTC"], sent["dateDebutEmploi"], sent["dateFinEmploi"]),
        code_of(one),
        *(transfer["mntVirement"], transfer["dateVirement"]),
    )


def read_of(info):
    return (
        *(info.id, info.number, info.particulier_id),
        *(info.gross, info.date_from, info.date_to),
        info.code,
        *(info.transfer_amount, info.transfer_date),
    )


@st.composite
def searched(draw):
    """The results, and an answer that tells them."""
    form = draw(st.sampled_from(NUMBERS))
    results = [draw(result(n, form)) for n in range(1, draw(MANY) + 1)]
    told = [draw(spelled(each)) for each in results]
    boxes = [{"infoDemandePaiements": told, "errors": []}]
    boxes += [told, {"InfoDemandePaiement": told}]
    if len(told) == 1:
        boxes += [told[0], {"infoDemandePaiements": told[0]}]
    box = draw(st.sampled_from(boxes))
    return results, draw(wrapped(box))


@EXAMPLES
@given(searched())
def test_what_a_search_found_is_read(told):
    results, answer = told
    ids = [each["idDemandePaiement"] for each in results]
    with answered(M070, answer) as urssaf:
        assert [read_of(info) for info in urssaf.search_by_id(ids)] == [
            facts(each) for each in results
        ]
    numbers = [str(each["demandePaiement"]["numFactureTiers"]) for each in results]
    with answered(M070, answer) as urssaf:
        assert [info.number for info in urssaf.search_by_number(numbers)] == numbers


NOTHING_FOUND = (
    {"infoDemandePaiements": []},
    {"infoDemandePaiements": None, "errors": []},
    {"infoDemandePaiements": [], "errors": [NOTHING]},
    {"errors": [NOTHING]},
    {"errors": NOTHING},
    [NOTHING],
    NOTHING,
)


@EXAMPLES
@given(
    st.sampled_from(NOTHING_FOUND).flatmap(spelled).flatmap(wrapped),
    st.sampled_from([200, 400, 404]),
)
def test_nothing_found_is_read(answer, status):
    errors = "ERR_RECHERCHE_VIDE" in json.dumps(answer)
    with answered(M070, answer, status if errors else 200) as urssaf:
        assert urssaf.search_by_number(["F-1"]) == []


SENSELESS = ([], "", "rien", 0, {"data": []}, {"infoDemandePaiements": {}}, [[]], True)


@pytest.mark.parametrize("answer", SENSELESS, ids=str)
def test_nothing_found_is_never_guessed(answer):
    with answered(M070, answer) as urssaf, pytest.raises(Unreadable):
        urssaf.search_by_number(["F-1"])


# One of several that nobody understands

BAD_STATUS = (None, "", {}, [], {"code": None}, {"code": True}, {"code": ["10"]}, True)
BAD_ITEMS = (None, "D-1", 12, {}, [], {"statut": {"code": "10"}})


@EXAMPLES
@given(
    st.integers(2, 10),
    st.data(),
    st.sampled_from(
        [("status", s) for s in BAD_STATUS] + [("item", i) for i in BAD_ITEMS]
    ),
)
def test_one_bad_result_of_several_costs_no_other(count, data, bad):
    kind, value = bad
    results = [data.draw(result(number)) for number in range(count)]
    place = data.draw(st.integers(0, count - 1))
    told = [data.draw(spelled(each)) for each in results]
    if kind == "status":
        told[place] = results[place] | {"statut": value}
        told[place] = json.loads(json.dumps(told[place], default=str))
    else:
        told[place] = value
    ids = [each["idDemandePaiement"] for each in results]
    with answered(M070, {"infoDemandePaiements": told}) as urssaf:
        infos = {info.id: info for info in urssaf.search_by_id(ids)}
    for number, each in enumerate(results):
        if number != place:
            assert read_of(infos[ids[number]]) == facts(each)
    # Of the bad one, what can be read is; never a state.
    assert ids[place] not in infos or infos[ids[place]].code == ""
    numbers = [each["demandePaiement"]["numFactureTiers"] for each in results]
    with answered(M070, {"infoDemandePaiements": told}) as urssaf:
        try:
            assert len(urssaf.search_by_number(numbers)) == count
        except Unreadable:
            # "Unknown there" must not be guessed of any.
            assert kind == "item"


# M050


@st.composite
def sent(draw):
    """The outcomes, and an answer that tells them."""
    form, outcomes = draw(st.sampled_from(NUMBERS)), {}
    told = []
    for position in range(1, draw(MANY) + 1):
        number = Id(form.format(position))
        if draw(st.booleans()):
            outcomes[str(number)] = f"D-{position}"
            more = {"idDemandePaiement": f"D-{position}", "statut": Id("10")}
        else:
            code = draw(CODES)
            outcomes[str(number)] = code
            error = {"code": code, "message": "non", "description": "pourquoi"}
            errors = st.sampled_from(([error], error, [[error]], code, [code]))
            more = {"errors": draw(errors), "idDemandePaiement": None}
        told.append({"idClient": ID_CLIENT, "numFactureTiers": number} | more)
    told = [draw(spelled(each)) for each in told]
    by_number = dict(zip(outcomes, told, strict=True))
    boxes = [told, {"demandes": told}, {"outputs": {"items": told}}, by_number]
    boxes += told if len(told) == 1 else []
    return outcomes, draw(wrapped(draw(st.sampled_from(boxes))))


@EXAMPLES
@given(sent())
def test_what_became_of_each_is_read(told):
    outcomes, answer = told
    with answered(M050, answer) as urssaf:
        found = urssaf.send([payment_request(number) for number in outcomes])
    assert {
        number: each.id or each.errors[0].code for number, each in found.items()
    } == outcomes


@EXAMPLES
@given(sent(), st.sampled_from(BAD_ITEMS), st.data())
def test_one_bad_outcome_of_several_costs_no_other(told, bad, data):
    outcomes, _answer = told
    items = [
        {"numFactureTiers": number}
        | (
            {"idDemandePaiement": what}
            if what[0] == "D"
            else {"errors": [{"code": what}]}
        )
        for number, what in outcomes.items()
    ]
    place = data.draw(st.integers(0, len(items)))
    items.insert(place, bad)
    requests = [payment_request(number) for number in outcomes]
    with answered(M050, items) as urssaf:
        found = urssaf.send(requests)
    assert set(found) == set(outcomes)


def test_the_only_outcome_needs_no_number():
    answer = {"idDemandePaiement": "D-1", "statut": "10"}
    with answered(M050, answer) as urssaf:
        assert urssaf.send([payment_request("F-1")])["F-1"].id == "D-1"
    two = [payment_request("F-1"), payment_request("F-2")]
    with answered(M050, answer) as urssaf:
        assert urssaf.send(two) == {}


def test_a_number_taken_for_a_number_keeps_its_zeros():
    answer = [{"numFactureTiers": 42, "idDemandePaiement": "D-1"}]
    with answered(M050, answer) as urssaf:
        found = urssaf.send([payment_request("0042"), payment_request("0043")])
    assert {number: each.id for number, each in found.items()} == {"0042": "D-1"}


# M010, M020


@EXAMPLES
@given(spelled({"idClient": ID_CLIENT}).flatmap(wrapped))
def test_the_id_of_a_particulier_is_read(answer):
    with answered(M010, answer) as urssaf:
        assert urssaf.register(PARTICULIER) == ID_CLIENT


@pytest.mark.parametrize(
    "answer",
    [[{"idClient": "C-1"}, {"idClient": "C-2"}], {"idClient": 12}, {"id": "C"}],
)
def test_an_id_is_never_guessed(answer):
    with answered(M010, answer) as urssaf, pytest.raises(Unsure):
        urssaf.register(PARTICULIER)


REGISTRATIONS = {
    ("OK", "APPAREILLAGE_VALIDE"): "active",
    ("KO", "APPAREILLAGE_EC"): "pending",
    ("KO", "APPAREILLAGE_NF"): "abandoned",
    ("KO", "PARTICULIER_BLOQUE"): "blocked",
    ("KO", "MANDAT_ECHU"): "mandate_expired",
}


@EXAMPLES
@given(
    st.sampled_from(list(REGISTRATIONS)),
    st.sampled_from(["statut", "statutTransmission", ""]),
    st.data(),
)
def test_a_registration_is_read(status, name, data):
    etat, code = status
    said = {"etat": data.draw(st.sampled_from([etat, etat.lower(), f"{etat} "]))}
    said["code"] = data.draw(st.sampled_from([code, code.lower(), f" {code}"]))
    said["description"] = "depuis " + date(2026, 1, 15).strftime(
        data.draw(st.sampled_from([form for form in DAYS if form != "%Y%m%d"]))
    )
    answer = {"idClient": ID_CLIENT} | ({name: said} if name else said)
    with answered(M020, data.draw(spelled(answer).flatmap(wrapped))) as urssaf:
        found = urssaf.registration(ID_CLIENT)
    assert (found.state, found.code) == (REGISTRATIONS[status], code)
    since = datetime(2026, 1, 15, tzinfo=timezone.utc)
    assert found.active_since == (since if found.state == "active" else None)


def test_of_several_registrations_the_one_asked_for_counts():
    def one(id_, code):
        return {"idClient": id_, "statut": {"etat": "KO", "code": code}}

    several = [one("other", "MANDAT_ECHU"), one(ID_CLIENT, "APPAREILLAGE_EC")]
    with answered(M020, several) as urssaf:
        assert urssaf.registration(ID_CLIENT).state == "pending"
    with answered(M020, several) as urssaf, pytest.raises(Unreadable):
        urssaf.registration("a third")


# Errors


@EXAMPLES
@given(
    CODES, st.sampled_from([M010, M020, M050]), st.sampled_from([200, 400]), st.data()
)
def test_a_refusal_is_read(code, operation, status, data):
    error = {"code": Id(code), "message": "non", "description": "pourquoi"}
    shapes = (error, [error], {"errors": [error]}, {"erreurs": error}, {"error": error})
    told = data.draw(spelled(data.draw(st.sampled_from(shapes))))
    box = data.draw(
        st.sampled_from([told, [told], {"errors": told}, {"Error": [told]}])
    )
    with answered(operation, box, status) as urssaf, pytest.raises(Refused) as caught:
        operation.call(urssaf)
    assert caught.value.errors == (ApiError(code, "non", "pourquoi"),)


@pytest.mark.parametrize("operation", [M010, M020, M050], ids=str)
def test_a_failure_of_the_urssaf_is_no_refusal(operation):
    answer = {"errors": [{"code": "ERREUR_TECHNIQUE", "message": "Erreur"}]}
    with answered(operation, answer) as urssaf, pytest.raises((Unsure, Unavailable)):
        operation.call(urssaf)
