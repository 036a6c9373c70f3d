import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE, make_credential
from numberline.core.accounts import Door
from numberline.dialects.bird.auth import authenticate
from numberline.dialects.bird.errors import AccessDenied, ScopeNotFound
from numberline.dialects.wire import Parameters

ORGANIZATION = "a3f0c1d2-0000-4000-8000-00000000000A"
WORKSPACE = "b3f0c1d2-0000-4000-8000-00000000000b"
CREDENTIAL = make_credential(door=Door.BIRD, scope=(ORGANIZATION, WORKSPACE))


class Doorman:
    """A platform that knows one access key."""

    async def authenticate_key(self, door, access_key):
        assert door is Door.BIRD
        return CREDENTIAL if access_key == "key-123" else None


def authenticated(authorization, **named):
    parameters = Parameters()
    for name, value in named.items():
        parameters.add(name, value)
    return asyncio.run(authenticate(Doorman(), authorization, parameters))


@pytest.mark.parametrize(
    "authorization", ["AccessKey key-123", "Bearer key-123", "accesskey key-123", "BEARER  key-123"]
)
def test_an_access_key_comes_with_either_scheme(authorization):
    assert authenticated(authorization) is CREDENTIAL


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Basic key-123", "key-123", "Bearer other", "Bearer é"]
)
def test_without_the_right_key_nobody_is_let_in(authorization):
    with pytest.raises(AccessDenied):
        authenticated(authorization, organizationId=ORGANIZATION)


@pytest.mark.parametrize(
    "named",
    [
        {"organizationId": ORGANIZATION},
        {"organizationId": ORGANIZATION.lower()},
        {"workspaceId": WORKSPACE},
        {"workspaceId": WORKSPACE.upper()},
    ],
)
def test_a_path_may_name_what_the_key_is_for(named):
    assert authenticated("AccessKey key-123", **named) is CREDENTIAL


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"organizationId": WORKSPACE}, "organization not found"),
        ({"workspaceId": ORGANIZATION}, "workspace not found"),
        ({"workspaceId": ""}, "workspace not found"),
    ],
)
def test_what_is_anothers_is_as_if_it_did_not_exist(named, message):
    with pytest.raises(ScopeNotFound, match=message):
        authenticated("AccessKey key-123", **named)


@REPEATABLE
@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_no_header_is_too_odd_for_an_answer(header):
    with pytest.raises(AccessDenied):
        authenticated(header)
