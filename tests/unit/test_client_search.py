# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""M070 as it goes over the wire, and its good answers."""

from datetime import date

import pytest
from responses.matchers import json_params_matcher
from urssaf.api.errors import Refused, Unavailable, Unreadable

from . import contract
from .samples import M010, M020, M050, M070, NOTHING, sent


@pytest.mark.parametrize(
    "search, body",
    [
        (
            lambda urssaf: urssaf.search_by_id(("D-1", "D-2")),
            {"idDemandePaiements": ["D-1", "D-2"]},
        ),
        (
            lambda urssaf: urssaf.search_by_number(["F-1"]),
            {"numFactureTiers": ["F-1"]},
        ),
        (
            lambda urssaf: urssaf.search_by_date(date(2026, 2, 1), date(2026, 2, 28)),
            {
                "dateDebut": "2026-02-01T00:00:00Z",
                "dateFin": "2026-02-28T00:00:00Z",
            },
        ),
    ],
    ids=["by id", "by number", "by date"],
)
def test_a_search_sends_one_criterion(web, urssaf, search, body):
    web.post(
        M070.url, json={"infoDemandePaiements": []}, match=[json_params_matcher(body)]
    )
    assert search(urssaf) == []
    assert contract.violations(sent(web), contract.SEARCH) == []


@pytest.mark.parametrize("search", ["search_by_id", "search_by_number"])
def test_a_search_for_more_than_ten_is_refused_before_any_call(web, urssaf, search):
    web.post(M070.url, json={"infoDemandePaiements": []})
    with pytest.raises(ValueError, match="10"):
        getattr(urssaf, search)([f"X-{n}" for n in range(11)])
    assert len(web.calls) == 0


@pytest.mark.parametrize("search", ["search_by_id", "search_by_number"])
def test_a_search_for_ten_is_one_call(web, urssaf, search):
    web.post(M070.url, json={"infoDemandePaiements": []})
    assert getattr(urssaf, search)([f"X-{n}" for n in range(10)]) == []
    assert len(web.calls) == 2
    assert contract.violations(sent(web), contract.SEARCH) == []


def test_a_search_reads_amounts_to_the_cent(web, urssaf):
    web.post(
        M070.url,
        content_type="application/json",
        body="""{"infoDemandePaiements": [{
            "idDemandePaiement": "D-1",
            "demandePaiement": {"mntFactureTTC": 1234567.10},
            "statut": {"code": "70", "libelle": "Payée"},
            "infoVirement": {"mntVirement": 0.07, "dateVirement": "2026-03-02T00:00:00Z"}
        }], "errors": []}""",
    )
    (info,) = urssaf.search_by_id(["D-1"])
    assert str(info.gross) == "1234567.10"
    assert str(info.transfer_amount) == "0.07"
    assert info.transfer_date == date(2026, 3, 2)
    assert info.key == "paid"


@pytest.mark.parametrize(
    "status, answer",
    [
        (200, {"infoDemandePaiements": []}),
        (200, {"infoDemandePaiements": None, "errors": []}),
        (200, {"infoDemandePaiements": [], "errors": [NOTHING]}),
        # The contract demands neither property.
        (200, {"errors": [NOTHING]}),
        (400, [NOTHING]),
        (400, NOTHING),
        (400, [NOTHING, NOTHING]),
    ],
)
def test_nothing_found_is_an_empty_list(web, urssaf, status, answer):
    web.post(M070.url, status=status, json=answer)
    assert urssaf.search_by_number(["F-1"]) == []


@pytest.mark.parametrize(
    "answer",
    [
        [{"code": "ERR_NBRE_MAX_RESULTAT"}],
        [NOTHING, {"code": "ERREUR_TECHNIQUE"}],
        [{"code": "err_recherche_vide"}],
        [],
    ],
)
def test_any_other_refusal_of_a_search_is_not_nothing_found(web, urssaf, answer):
    web.post(M070.url, status=400, json=answer)
    with pytest.raises(Refused):
        urssaf.search_by_number(["F-1"])


def test_a_search_that_ran_into_errors_does_not_pretend_to_have_found_nothing(
    web, urssaf
):
    # After "nothing found" the caller sends again, so the Urssaf itself must have said it.
    web.post(
        M070.url,
        json={"infoDemandePaiements": [], "errors": [{"code": "ERREUR_TECHNIQUE"}]},
    )
    with pytest.raises((Refused, Unavailable)):
        urssaf.search_by_number(["F-1"])


def test_a_result_without_a_number_spoils_a_search_by_number_only(web, urssaf):
    nobodys = {"idDemandePaiement": "D-1", "statut": {"code": "10"}}
    web.post(M070.url, json={"infoDemandePaiements": [nobodys]})
    with pytest.raises(Unreadable, match="without a number"):
        urssaf.search_by_number(["F-1"])
    assert [info.id for info in urssaf.search_by_id(["D-1"])] == ["D-1"]


def test_a_value_that_json_does_not_know_is_not_sent(web, urssaf):
    urssaf.authenticate()
    with pytest.raises(TypeError, match="date"):
        urssaf.search_by_id([date(2026, 2, 1)])
    assert len(web.calls) == 1


@pytest.mark.parametrize("operation", (M010, M020, M050, M070), ids=str)
def test_only_a_search_takes_nothing_found_for_an_answer(web, urssaf, operation):
    web.add(operation.method, operation.url, status=400, json=[NOTHING])
    if operation is M070:
        assert operation.call(urssaf) == []
    else:
        with pytest.raises(Refused):
            operation.call(urssaf)
