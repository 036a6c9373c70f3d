"""Access tokens: good for one door and for a while, and made by nobody else."""

import base64
import json
import string

import jwt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from factories import REPEATABLE, FakeClock, make_credential
from numberline.core.accounts import Door
from numberline.core.instants import SECOND_US
from numberline.platform.access_tokens import (
    ALGORITHM,
    TOKEN_LENGTH_MAX,
    TOKENS_MAX,
    AccessTokenExpired,
    AccessTokenInvalid,
    AccessTokens,
)

LIFETIME_S = 3_600
CREDENTIAL = make_credential(door=Door.SINCH, key="key-123")
CLAIMS = {"aud": "sinch", "sub": "key-123", "iat": 0, "exp": 2**40}


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def tokens(clock):
    return AccessTokens(b"k" * 32, clock=clock, lifetime_s=LIFETIME_S)


def fixed():
    return AccessTokens(b"k" * 32, clock=FakeClock(), lifetime_s=LIFETIME_S)


def part(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def part_of(content):
    return part(json.dumps(content).encode())


def test_a_token_leads_back_to_the_key_for_which_it_was_issued(tokens):
    assert tokens.read(Door.SINCH, tokens.issue(CREDENTIAL)) == "key-123"


def test_a_token_has_three_parts_and_tells_clients_when_it_ends(tokens, clock):
    token = tokens.issue(CREDENTIAL)
    _, claims, _ = token.split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))

    assert told["exp"] == clock.now() // SECOND_US + LIFETIME_S
    assert told["iat"] == clock.now() // SECOND_US


def test_a_token_is_good_until_its_last_microsecond(tokens, clock):
    token = tokens.issue(CREDENTIAL)
    clock.advance(LIFETIME_S * SECOND_US - 1)
    assert tokens.read(Door.SINCH, token) == "key-123"
    clock.advance(1)

    for _ in range(2):
        with pytest.raises(AccessTokenExpired, match="expired"):
            tokens.read(Door.SINCH, token)


def test_a_token_that_was_never_read_before_expires_too(tokens, clock):
    token = tokens.issue(CREDENTIAL)
    clock.advance(LIFETIME_S * SECOND_US)

    with pytest.raises(AccessTokenExpired):
        tokens.read(Door.SINCH, token)


def test_a_clock_that_was_set_back_makes_no_token_bad(tokens, clock):
    token = tokens.issue(CREDENTIAL)
    clock.advance(-60 * SECOND_US)

    assert tokens.read(Door.SINCH, token) == "key-123"


def test_another_process_of_the_installation_reads_the_same(tokens, clock):
    other = AccessTokens(b"k" * 32, clock=clock, lifetime_s=1)

    assert other.read(Door.SINCH, tokens.issue(CREDENTIAL)) == "key-123"


def test_another_installation_reads_none(tokens, clock):
    other = AccessTokens(b"o" * 32, clock=clock, lifetime_s=LIFETIME_S)

    with pytest.raises(AccessTokenInvalid):
        other.read(Door.SINCH, tokens.issue(CREDENTIAL))


@pytest.mark.parametrize("door", [door for door in Door if door is not Door.SINCH])
def test_a_token_of_another_door_is_none(tokens, door):
    own = tokens.issue(CREDENTIAL)
    foreign = tokens.issue(make_credential(door=door))

    assert tokens.read(door, foreign)
    for reader, token in ((door, own), (Door.SINCH, foreign)):
        with pytest.raises(AccessTokenInvalid):
            tokens.read(reader, token)


FORGED = {
    "of another key": jwt.encode(CLAIMS, b"o" * 32, algorithm=ALGORITHM),
    "under the installation's own key": jwt.encode(CLAIMS, b"k" * 32, algorithm=ALGORITHM),
    "without a signature": jwt.encode(CLAIMS, None, algorithm="none"),
    "with NONE in capitals": f"{part_of({'alg': 'NONE'})}.{part_of(CLAIMS)}.",
    "nothing": "",
    "two parts": "e30.e30",
    "five parts": "e30.e30.e30.e30.e30",
    "empty parts": "..",
    "a list as its head": f"{part(b'[]')}.e30.e30",
    "a deep head": f"{part(b'[' * 2_000)}.e30.e30",
    "no Base64": "\0.\xff.é",
    "lone surrogates": "\ud800.\ud800.\ud800",
    "huge": "e30." + "e" * 10**6 + ".e30",
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED)
def test_what_was_not_issued_here_is_none(tokens, token):
    with pytest.raises(AccessTokenInvalid):
        tokens.read(Door.SINCH, token)


@pytest.mark.parametrize("name", ["aud", "sub", "exp"])
def test_a_token_without_a_claim_that_counts_is_none(tokens, name):
    claims = {key: value for key, value in CLAIMS.items() if key != name}
    token = jwt.encode(claims, tokens._key, algorithm=ALGORITHM)

    with pytest.raises(AccessTokenInvalid):
        tokens.read(Door.SINCH, token)


def test_a_token_under_a_stronger_algorithm_is_none(tokens):
    token = jwt.encode(CLAIMS, tokens._key * 2, algorithm="HS512")

    with pytest.raises(AccessTokenInvalid):
        tokens.read(Door.SINCH, token)


@REPEATABLE
@given(st.data())
def test_a_token_that_was_changed_is_none(data):
    tokens = fixed()
    token = tokens.issue(CREDENTIAL)
    place = data.draw(st.integers(0, len(token) - 2))  # the last character holds idle bits
    character = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_.=+/ "))
    changed = token[:place] + character + token[place + 1 :]
    assume(changed != token)

    with pytest.raises(AccessTokenInvalid):
        tokens.read(Door.SINCH, changed)


@REPEATABLE
@given(st.text(max_size=80))
def test_no_text_is_too_odd_for_an_answer(text):
    with pytest.raises(AccessTokenInvalid):
        fixed().read(Door.SINCH, text)


def test_a_token_is_short_and_what_is_long_is_not_looked_into(tokens):
    longest = make_credential(door=Door.SINCH, key="k" * 64)

    assert len(tokens.issue(longest)) < TOKEN_LENGTH_MAX // 4
    with pytest.raises(AccessTokenInvalid):
        tokens.read(Door.SINCH, "x" * (TOKEN_LENGTH_MAX + 1))
    assert tokens._claims.cache_info().misses == 0


def test_what_is_remembered_is_bounded(tokens):
    assert tokens._claims.cache_info().maxsize == TOKENS_MAX
    for _ in range(3):
        with pytest.raises(AccessTokenInvalid):
            tokens.read(Door.SINCH, "forged")
    assert tokens._claims.cache_info().currsize == 0
