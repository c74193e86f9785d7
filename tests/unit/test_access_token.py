# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Access tokens, kept in the process."""

import threading

import pytest
from urssaf.api.access_token import TOKENS, TokenStore
from urssaf.api.client import UrssafClient

from .samples import HOST, ID, SECRET, TOKEN_URL


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Urssaf:
    """It gives numbered tokens of one life, and counts them."""

    def __init__(self, seconds=3600):
        self.seconds = seconds
        self.given = 0

    def __call__(self):
        self.given += 1
        return f"token-{self.given}", self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tokens(clock):
    return TokenStore(clock)


def test_a_token_is_fetched_once_and_kept(tokens):
    fetch = Urssaf()
    assert [tokens.get("a", fetch) for _ in range(3)] == ["token-1"] * 3
    assert fetch.given == 1


@pytest.mark.parametrize(
    "seconds_later, token",
    [(0, "token-1"), (3539, "token-1"), (3540, "token-2"), (3600, "token-2")],
)
def test_a_token_is_renewed_a_minute_before_it_expires(
    tokens, clock, seconds_later, token
):
    fetch = Urssaf(seconds=3600)
    tokens.get("a", fetch)
    clock.now += seconds_later
    assert tokens.get("a", fetch) == token


def test_a_renewed_token_lives_its_own_life(tokens, clock):
    fetch = Urssaf(seconds=3600)
    for expected in ("token-1", "token-2", "token-3"):
        assert tokens.get("a", fetch) == expected
        clock.now += 3539
        assert tokens.get("a", fetch) == expected
        clock.now += 1


def test_the_life_of_a_token_counts_from_before_it_was_asked_for(tokens, clock):
    fetch = Urssaf(seconds=3600)

    def slowly():
        clock.now += 30
        return fetch()

    tokens.get("a", slowly)
    clock.now += 3510
    assert tokens.get("a", fetch) == "token-2"


@pytest.mark.parametrize("seconds", [-5, 0, 1, 59, 60])
def test_a_token_too_short_to_outlive_a_call_is_used_but_not_kept(tokens, seconds):
    fetch = Urssaf(seconds)
    assert tokens.get("a", fetch) == "token-1"
    assert tokens.get("a", fetch) == "token-2"


def test_each_provider_and_environment_has_its_own_token(tokens):
    fetch = Urssaf()
    assert tokens.get(("host", "a"), fetch) == "token-1"
    assert tokens.get(("host", "b"), fetch) == "token-2"
    assert tokens.get(("other", "a"), fetch) == "token-3"
    assert tokens.get(("host", "a"), fetch) == "token-1"


def test_a_forgotten_token_is_fetched_anew_and_the_others_stay(tokens):
    fetch = Urssaf()
    tokens.get("a", fetch)
    tokens.get("b", fetch)
    tokens.forget("a")
    assert tokens.get("a", fetch) == "token-3"
    assert tokens.get("b", fetch) == "token-2"


def test_forgetting_what_is_not_there_is_no_error(tokens):
    tokens.forget("a")
    assert tokens.get("a", Urssaf()) == "token-1"


def test_what_goes_wrong_in_fetching_passes_and_nothing_is_kept(tokens):
    def fail():
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        tokens.get("a", fail)
    assert tokens.get("a", Urssaf()) == "token-1"


def test_a_failed_renewal_does_not_bring_the_old_token_back(tokens, clock):
    def fail():
        raise OSError

    tokens.get("a", Urssaf())
    clock.now += 3600
    for _ in range(2):
        with pytest.raises(OSError):
            tokens.get("a", fail)


def test_a_token_that_was_renewed_meanwhile_is_not_forgotten(tokens):
    tokens.get("a", Urssaf())
    tokens.forget("a", "another token")
    renewed = Urssaf()
    tokens.get("a", renewed)
    assert renewed.given == 0


def test_a_slow_urssaf_does_not_make_other_companies_wait(tokens):
    asked, answered = threading.Event(), threading.Event()

    def slowly():
        asked.set()
        assert answered.wait(60)
        return "slow", 3600

    thread = threading.Thread(target=tokens.get, args=("slow", slowly))
    thread.start()
    try:
        assert asked.wait(60)
        fast = Urssaf()
        other = threading.Thread(target=tokens.get, args=("fast", fast))
        other.start()
        other.join(60)
        assert not other.is_alive()
        assert fast.given == 1
    finally:
        answered.set()
        thread.join(60)
    assert tokens.get("slow", Urssaf()) == "slow"


# Tokens of a client


def give(web, *tokens, seconds=3600):
    for token in tokens:
        web.post(TOKEN_URL, json={"access_token": token, "expires_in": seconds})


def client(tokens, host=HOST, client_id=ID, secret=SECRET):
    return UrssafClient(host, client_id, secret, tokens)


def test_clients_of_one_provider_share_a_token(web, tokens):
    give(web, "one")
    client(tokens).authenticate()
    client(tokens).authenticate()
    assert len(web.calls) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"client_id": "someone-else"},
        {"secret": "fixed"},
        {"host": "https://other.example"},
    ],
    ids=str,
)
def test_other_credentials_or_another_host_never_get_it(web, tokens, other):
    give(web, "one")
    web.post("https://other.example/api/oauth/v1/token", json={"access_token": "two"})
    client(tokens).authenticate()
    client(tokens, **other).authenticate()
    assert len(web.calls) == 2


@pytest.mark.parametrize(
    "life, kept_for",
    [({"expires_in": 1800}, 1740), ({"expires_in": "1800"}, 1740), ({}, 3540)],
    ids=str,
)
def test_the_answer_says_how_long_a_token_lives(web, tokens, clock, life, kept_for):
    web.post(TOKEN_URL, json={"access_token": "one"} | life)
    urssaf = client(tokens)
    urssaf.authenticate()
    clock.now += kept_for - 1
    urssaf.authenticate()
    assert len(web.calls) == 1
    clock.now += 1
    urssaf.authenticate()
    assert len(web.calls) == 2


def test_by_default_the_whole_process_shares_its_tokens(web):
    give(web, "one")
    for _ in range(2):
        UrssafClient(HOST, "of-this-test-only", SECRET).authenticate()
    assert len(web.calls) == 1
    assert isinstance(TOKENS, TokenStore)
