# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A particulier whose id is lost, searched for by e-mail."""

import json
import logging
from urllib.parse import parse_qs, urlsplit

import pytest
from urssaf.api.access_token import TokenStore
from urssaf.api.answers import KnownParticulier
from urssaf.api.client import UrssafClient
from urssaf.api.errors import Refused, Unavailable, Unreadable

from .local_server import LocalServer
from .samples import ID, ID_CLIENT, M020, SECRET, private_parts

EMAIL = "jeanne@contact.example"
JEANNE = {
    "idClient": ID_CLIENT,
    "nomNaissance": "DURANDEAU",
    "nomUsage": "MARTINET",
    "prenoms": "JEANNE ZOE",
    "statut": {"etat": "KO", "code": "APPAREILLAGE_EC"},
}
KNOWN = KnownParticulier(ID_CLIENT, "DURANDEAU", "MARTINET", "JEANNE ZOE")
NOBODY = {"code": "ERR_RECHERCHE_PARTICULIER", "message": "inconnu"}


def find(web, urssaf, answer, status=200):
    web.add("GET", M020.url, json=answer, status=status)
    return urssaf.find_by_email(EMAIL)


def test_the_email_alone_is_asked_for(web, urssaf):
    assert find(web, urssaf, JEANNE) == [KNOWN]
    query = urlsplit(web.calls[-1].request.url).query
    assert parse_qs(query) == {"adresseMail": [EMAIL]}


@pytest.mark.parametrize(
    "answer, found",
    [
        ([JEANNE], [KNOWN]),
        ([JEANNE, {"idClient": "other"}], [KNOWN, KnownParticulier("other")]),
        ([], []),
        # Nobody can go by one without an id.
        ([{"nomNaissance": "DURANDEAU"}, JEANNE], [KNOWN]),
        ({"idClient": ID_CLIENT}, [KnownParticulier(ID_CLIENT)]),
        (
            JEANNE | {"nomUsage": None, "prenoms": ["JEANNE"]},
            [KnownParticulier(ID_CLIENT, "DURANDEAU")],
        ),
    ],
)
def test_one_or_several_or_none_are_told(web, urssaf, answer, found):
    assert find(web, urssaf, answer) == found


def test_nobody_is_known_by_an_unknown_address(web, urssaf):
    assert find(web, urssaf, [NOBODY], 400) == []


def test_an_urssaf_that_does_not_search_so_refuses(web, urssaf):
    with pytest.raises(Refused):
        find(web, urssaf, [{"code": "ERREUR_VALIDATION", "message": "idClient"}], 400)


@pytest.mark.parametrize(
    "answer", [None, "x", {}, {"nomNaissance": "D"}, {"idClient": ""}, {"idClient": 7}]
)
def test_an_answer_without_an_id_is_unreadable(web, urssaf, answer):
    with pytest.raises(Unreadable):
        find(web, urssaf, answer)


@pytest.mark.parametrize("status", [404, 405, 501])
@pytest.mark.parametrize("answer", [None, {"code": 404, "message": "no"}])
def test_a_call_that_the_urssaf_does_not_know_is_no_outage(web, urssaf, answer, status):
    with pytest.raises(Unreadable):
        find(web, urssaf, answer, status)


def test_nobody_may_also_be_told_by_a_404(web, urssaf):
    assert find(web, urssaf, [NOBODY], 404) == []


def test_neither_the_address_nor_the_names_are_in_the_record_of_the_call(web, urssaf):
    calls = []
    urssaf._on_call = calls.append
    find(web, urssaf, JEANNE)
    told = json.dumps([calls[-1].request, calls[-1].answer])
    assert private_parts(told) == []
    assert "DURANDEAU" not in told
    assert "DURANDEAU" not in repr(KNOWN)


def test_nobodys_address_is_in_the_log_of_urllib3(caplog):
    """It tells what it calls, at DEBUG, and as a warning where a connection broke."""
    caplog.set_level(logging.DEBUG)

    def hang_up(handler):
        handler.close_connection = True

    with LocalServer(hang_up) as server:
        with (
            UrssafClient(server.url, ID, SECRET, TokenStore()) as urssaf,
            pytest.raises(Unavailable),
        ):
            urssaf.find_by_email(EMAIL)
        assert len(server.calls) > 2
    told = caplog.text
    assert "Incremented Retry" in told
    assert "/particulier" in told
    assert "jeanne" not in told
