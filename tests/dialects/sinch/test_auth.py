import asyncio
import base64

import jwt
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import NEW_YEAR, REPEATABLE, FakeClock, make_credential
from numberline.core.accounts import Door
from numberline.core.errors import InvalidValue
from numberline.core.instants import SECOND_US
from numberline.dialects.shell import Call
from numberline.dialects.sinch.auth import authenticate, authenticate_client, issue_token
from numberline.dialects.sinch.errors import GrantUnsupported, ResourceNotFound, Unauthenticated
from numberline.dialects.wire import Parameters
from numberline.platform.access_tokens import AccessTokenExpired, AccessTokenInvalid, AccessTokens

PROJECT = "11111111-1111-4111-8111-111111111111"
KEY, SECRET = "key-123", "s:cret"
CREDENTIAL = make_credential(door=Door.SINCH, key=KEY, scope=(PROJECT,))
LIFETIME_S = 60


class Doorman:
    """A platform that knows one credential."""

    def __init__(self, credential=CREDENTIAL):
        self.clock = FakeClock()
        self.access_tokens = AccessTokens(b"k" * 32, clock=self.clock, lifetime_s=LIFETIME_S)
        self.known = credential

    async def authenticate(self, door, key, secret):
        assert door is Door.SINCH
        return self.known if (key, secret) == (KEY, SECRET) else None

    async def credential(self, door, key):
        assert door is Door.SINCH
        return self.known if key == KEY else None


def parameters_of(**named):
    parameters = Parameters()
    for name, value in named.items():
        parameters.add(name, value)
    return parameters


def let_in(authorization, doorman=None, ask=authenticate, **named):
    return asyncio.run(ask(doorman or Doorman(), authorization, parameters_of(**named)))


def basic(key=KEY, secret=SECRET):
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


# --- who calls ------------------------------------------------------------------------------


def test_a_key_and_its_secret_open_the_door():
    assert let_in(basic(), projectId=PROJECT) is CREDENTIAL
    assert let_in(basic().replace("Basic", "bASIC")) is CREDENTIAL


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_an_access_token_opens_the_door(scheme):
    doorman = Doorman()
    token = doorman.access_tokens.issue(CREDENTIAL)

    assert let_in(scheme + token, doorman, projectId=PROJECT) is CREDENTIAL


@pytest.mark.parametrize(
    "authorization",
    [
        *(None, "", "Basic", "Basic ", "Basic x", "Basic é", "Token abc", KEY),
        *(basic(secret="other"), basic(key="other"), basic(key=""), basic(secret="")),
        *(basic(key="k" * 65), basic(secret="s" * 513), basic(key="\0"), basic(key="é")),
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        basic() + "=",
    ],
)
@pytest.mark.parametrize("ask", [authenticate, authenticate_client])
def test_without_the_right_pair_nobody_is_let_in(authorization, ask):
    with pytest.raises(Unauthenticated):
        let_in(authorization, ask=ask)


def test_a_token_that_is_too_old_says_so():
    doorman = Doorman()
    header = f"Bearer {doorman.access_tokens.issue(CREDENTIAL)}"
    doorman.clock.advance(LIFETIME_S * SECOND_US - 1)
    assert let_in(header, doorman) is CREDENTIAL
    doorman.clock.advance(1)

    with pytest.raises(AccessTokenExpired, match="expired"):
        let_in(header, doorman)


@pytest.mark.parametrize("known", [None, msgspec.structs.replace(CREDENTIAL, revoked_at=NEW_YEAR)])
def test_a_token_of_a_credential_that_was_revoked_opens_nothing(known):
    doorman = Doorman(known)
    token = doorman.access_tokens.issue(CREDENTIAL)

    with pytest.raises(AccessTokenInvalid) as refused:
        let_in(f"Bearer {token}", doorman)
    assert "expired" not in str(refused.value)


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "a.b.c", "....", "x" * 100_000, "é.é.é"),
        jwt.encode({"aud": "sinch", "sub": KEY, "exp": 2**40}, b"o" * 32, algorithm="HS256"),
        jwt.encode({"aud": "sinch", "sub": KEY, "exp": 2**40}, None, algorithm="none"),
        AccessTokens(b"o" * 32, clock=FakeClock(), lifetime_s=60).issue(CREDENTIAL),
    ],
    ids=lambda token: token[:16],
)
def test_a_token_that_was_not_issued_here_opens_nothing(token):
    with pytest.raises(AccessTokenInvalid):
        let_in(f"Bearer {token}")


@pytest.mark.parametrize("named", ["", PROJECT.upper()[:-1], "other", "11111111"])
def test_another_project_is_as_if_it_did_not_exist(named):
    doorman = Doorman()
    for header in (basic(), f"Bearer {doorman.access_tokens.issue(CREDENTIAL)}"):
        with pytest.raises(ResourceNotFound, match="Could not find project") as refused:
            let_in(header, doorman, projectId=named)
        assert str(refused.value).endswith(f": {named}")


def test_who_is_not_let_in_learns_nothing_of_projects():
    with pytest.raises(Unauthenticated):
        let_in(basic(secret="other"), projectId="other")


headers = st.one_of(
    st.text(st.characters(max_codepoint=255), max_size=60),
    *(
        st.text(st.characters(max_codepoint=255), max_size=60).map(scheme.format)
        for scheme in ("Basic {}", "Bearer {}", "Bearer {}.e30.e30")
    ),
    st.binary(max_size=60).map(lambda content: "Basic " + base64.b64encode(content).decode()),
    st.binary(max_size=60).map(
        lambda content: f"Bearer {base64.urlsafe_b64encode(content).decode().rstrip('=')}.e30.e30"
    ),
)


@REPEATABLE
@given(headers)
def test_no_header_is_too_odd_for_an_answer(header):
    with pytest.raises((Unauthenticated, AccessTokenInvalid)):
        let_in(header)
    with pytest.raises(Unauthenticated):
        let_in(header, ask=authenticate_client)


# --- how one comes by a token ---------------------------------------------------------------


def test_a_client_tells_its_key_in_the_header_or_in_the_form():
    for header, form in ((basic(), {}), (None, {"client_id": KEY, "client_secret": SECRET})):
        assert let_in(header, ask=authenticate_client, **form) is CREDENTIAL


@pytest.mark.parametrize(
    ("header", "form"),
    [
        (basic(secret="other"), {"client_id": KEY, "client_secret": SECRET}),
        ("Bearer x", {"client_id": KEY, "client_secret": SECRET}),
        (None, {"client_id": KEY}),
        (None, {"client_secret": SECRET}),
        (None, {"client_id": KEY, "client_secret": ""}),
        (None, {"client_id": "other", "client_secret": SECRET}),
    ],
)
def test_the_form_counts_only_without_a_header_and_whole(header, form):
    with pytest.raises(Unauthenticated):
        let_in(header, ask=authenticate_client, **form)


def issued(doorman, **form):
    call = Call(doorman, None, parameters_of(**form), CREDENTIAL)
    return asyncio.run(issue_token(call))


def test_a_token_is_told_to_last_a_second_less_than_it_does():
    doorman = Doorman()
    told = msgspec.to_builtins(issued(doorman, grant_type="client_credentials"))

    assert told.keys() == {"access_token", "expires_in", "scope", "token_type"}
    assert (told["expires_in"], told["scope"], told["token_type"]) == (59, "", "bearer")
    assert let_in(f"Bearer {told['access_token']}", doorman) is CREDENTIAL


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, InvalidValue),
        ({"grant_type": ""}, InvalidValue),
        ({"grant_type": "password"}, GrantUnsupported),
        ({"grant_type": "CLIENT_CREDENTIALS"}, GrantUnsupported),
    ],
)
def test_a_token_is_issued_for_client_credentials_only(form, error):
    with pytest.raises(error):
        issued(Doorman(), **form)
