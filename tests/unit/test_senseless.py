# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Senseless values in otherwise good answers: what is only told besides is left out or
cut, and never hides what became of a call."""

import json
from datetime import date
from decimal import Decimal

import pytest
from urssaf.api import answers, told_errors
from urssaf.api.access_token import TokenStore
from urssaf.api.answers import parse
from urssaf.api.client import UrssafClient
from urssaf.api.errors import ApiError, Unavailable

from .samples import HOST, ID, ID_CLIENT, M010, M020, M050, M070, SECRET, TOKEN_URL

# As they stand in the JSON.
NUMBERS = [
    *("1e400", "-1e400", "1e999999999", "1E9999999999999999999999", "NaN", "Infinity"),
    *("-Infinity", "9" * 5000, "-" + "9" * 5000, "0." + "9" * 5000, "10000000000"),
]
OTHERS = ['"an hour"', '"1e400"', '"NaN"', f'"{"9" * 5000}"', "true", "[1]", "{}", '""']


@pytest.mark.parametrize(
    "life", [*NUMBERS, *OTHERS, "-1", "0", "-1e-400", '"3600\\u0000"']
)
@pytest.mark.parametrize("operation", [M010, M020, M050, M070], ids=str)
def test_a_token_with_a_senseless_life_is_a_token(web, life, operation):
    body = f'{{"access_token": "t", "expires_in": {life}}}'
    web.post(TOKEN_URL, body=body)
    web.add(operation.method, operation.url, json=operation.good)
    with UrssafClient(HOST, ID, SECRET, TokenStore()) as urssaf:
        operation.call(urssaf)
    _text, seconds = answers.token(parse(body.encode()))
    assert type(seconds) is int
    assert 60 <= seconds <= 86400


@pytest.mark.parametrize("body", ["[" * 5000, "1" * 5000, '{"access_token": 1e400}'])
def test_a_token_s_answer_that_is_senseless_altogether_is_unavailable(web, body):
    web.post(TOKEN_URL, body=body)
    with (
        UrssafClient(HOST, ID, SECRET, TokenStore()) as urssaf,
        pytest.raises(Unavailable),
    ):
        M050.call(urssaf)


def result(field, value):
    """M070's result with one value as it stands in the JSON."""
    good = {
        "idDemandePaiement": "D-1",
        "demandePaiement": {
            "numFactureTiers": "F-1",
            "idClient": "C-1",
            "mntFactureTTC": 12,
            "dateDebutEmploi": "2026-02-01T00:00:00Z",
            "dateFinEmploi": "2026-02-28T00:00:00Z",
        },
        "statut": {"code": "70", "libelle": "Payée"},
        "infoRejet": {"code": "A", "commentaire": "b"},
        "infoVirement": {"mntVirement": 12, "dateVirement": "2026-03-05"},
    }
    *path, name = field.split(".")
    place = good
    for each in path:
        place = place[each]
    place[name] = "@"
    body = json.dumps({"infoDemandePaiements": [good]}).replace('"@"', value)
    ((info,), _errors) = answers.found(parse(body.encode()))
    return info


AMOUNTS = {
    "demandePaiement.mntFactureTTC": "gross",
    "infoVirement.mntVirement": "transfer_amount",
}
DAYS = {
    "demandePaiement.dateDebutEmploi": "date_from",
    "demandePaiement.dateFinEmploi": "date_to",
    "infoVirement.dateVirement": "transfer_date",
}
TEXTS = {
    "demandePaiement.numFactureTiers": "number",
    "demandePaiement.idClient": "particulier_id",
    "statut.libelle": "label",
    "infoRejet.code": "rejection_code",
    "infoRejet.commentaire": "rejection_comment",
}


@pytest.mark.parametrize("field", AMOUNTS)
@pytest.mark.parametrize("value", [*NUMBERS, *OTHERS, '"12,500"', '"twelve"'])
def test_a_senseless_amount_is_none(field, value):
    info = result(field, value)
    assert getattr(info, AMOUNTS[field]) is None
    assert info.key == "paid"


@pytest.mark.parametrize("field", DAYS)
@pytest.mark.parametrize(
    "value",
    [
        *('"soon"', '"01/02/26"', "1769904000000", "1e400", "[]", "true", '""'),
        *('"0001-01-01"', '"1999-12-31"', '"2100-01-01"', '"9999-12-31T00:00:00Z"'),
        *('"99999-01-01"', '"2026-02-31"', '"2026-02-0\\u0000"', f'"{"2" * 9999}"'),
    ],
)
def test_a_senseless_day_is_none(field, value):
    info = result(field, value)
    assert getattr(info, DAYS[field]) is None
    assert info.key == "paid"


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize(
    "value", ["1e400", "true", "[[1]]", '{"a": 1}', "null", "[" * 200 + "]" * 200]
)
def test_a_text_that_is_none_is_empty(field, value):
    info = result(field, value)
    assert getattr(info, TEXTS[field]) == ""
    assert info.key == "paid"


@pytest.mark.parametrize("field", ["statut.libelle", "infoRejet.commentaire"])
def test_a_sentence_is_cut_and_cleaned(field):
    assert (
        getattr(result(field, '"a\\u0000b\\ud800c\\u009f"'), TEXTS[field]) == "a b c "
    )
    assert 100 < len(getattr(result(field, f'"{"é" * 99999}"'), TEXTS[field])) <= 2000


@pytest.mark.parametrize("field", list(TEXTS)[:2])
@pytest.mark.parametrize("value", ['"a\\u0000"', '"\\udc00"', f'"{"F" * 201}"'])
def test_an_id_is_never_cut(field, value):
    assert getattr(result(field, value), TEXTS[field]) == ""


@pytest.mark.parametrize("part", ["demandePaiement", "infoRejet", "infoVirement"])
@pytest.mark.parametrize("value", ['"F-1"', "[]", "12", "true", "null"])
def test_a_part_that_is_no_object_hides_nothing(part, value):
    assert result(part, value).key == "paid"


@pytest.mark.parametrize(
    "error, expected",
    [
        ({"code": "A\0B", "message": "a\0b"}, ApiError("A B", "a b")),
        ({"code": "A", "description": "x\ud800"}, ApiError("A", "", "x ")),
        ({"code": ["A"], "message": {"a": 1}, "description": True}, None),
        ({"code": "A" * 99}, ApiError("A" * 64)),
        ({"message": "m" * 9999}, ApiError("", "m" * 2000)),
    ],
    ids=ascii,
)
def test_an_error_is_cut_and_cleaned(error, expected):
    assert told_errors.api_errors([error]) == ([expected] if expected else [])


def test_there_are_no_more_errors_than_anybody_reads():
    assert len(told_errors.api_errors([{"code": "A"}] * 1000)) == 50


@pytest.mark.parametrize("code", [12, ["A"], "A\0", "A" * 65, "\ud800"], ids=ascii)
def test_a_registration_whose_code_is_senseless_is_unreadable(web, urssaf, code):
    web.get(M020.url, json={"statut": {"etat": "KO", "code": code}})
    with pytest.raises(Unavailable):
        M020.call(urssaf)


@pytest.mark.parametrize(
    "description", [12, True, ["le 15/01/2026"], "le 15/01/0001", "le 15/01/9999"]
)
def test_a_registration_whose_sentence_is_senseless_is_active(web, urssaf, description):
    status = {"etat": "OK", "code": "APPAREILLAGE_VALIDE", "description": description}
    web.get(M020.url, json={"statut": status})
    found = M020.call(urssaf)
    assert (found.state, found.active_since) == ("active", None)


@pytest.mark.parametrize(
    "id_",
    [
        "\0",
        "C\n1",
        "\ud800",
        "C" * 65,
        True,
        "",
        " ",
        "C 1",
        "<html>C</html>",
        "é",
        "-?",
    ],
    ids=ascii,
)
def test_an_id_that_cannot_be_kept_is_none(web, urssaf, id_):
    web.post(M010.url, json={"idClient": id_})
    with pytest.raises(Exception, match="particulier_id") as caught:
        M010.call(urssaf)
    assert type(caught.value).__name__ == "Unsure"


@pytest.mark.parametrize("id_", [ID_CLIENT, ID_CLIENT.upper(), "C-1", "1234567"])
def test_an_id_that_may_be_one_is_kept(web, urssaf, id_):
    web.post(M010.url, json={"idClient": id_})
    assert M010.call(urssaf) == id_


@pytest.mark.parametrize(
    "content, expected",
    [
        ('{"a": "é"}'.encode(), {"a": "é"}),
        ('{"a": "é"}'.encode("latin-1"), {"a": "é"}),
        ('{"a": "é"}'.encode("utf-16"), {"a": "é"}),
        (b"\xef\xbb\xbf[1.50]", [Decimal("1.50")]),
        (b"[1e400, NaN, 12]", [Decimal("1e400"), None, 12]),
    ],
)
def test_json_is_read_in_whatever_encoding_it_comes(content, expected):
    assert parse(content) == expected


def test_what_is_sensible_stays():
    info = result("statut.libelle", '"Payée"')
    assert (info.gross, info.date_to) == (Decimal(12), date(2026, 2, 28))
    assert (info.transfer_amount, info.transfer_date) == (12, date(2026, 3, 5))
