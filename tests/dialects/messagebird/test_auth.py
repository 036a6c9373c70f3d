import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE
from numberline.core.accounts import Door
from numberline.dialects.messagebird.auth import authenticate
from numberline.dialects.messagebird.errors import AccessDenied
from numberline.dialects.wire import Parameters


class Doorman:
    """A platform that knows one access key, and notes what it was asked for."""

    def __init__(self):
        self.asked = []

    async def authenticate_key(self, door, access_key):
        assert door is Door.MESSAGEBIRD
        self.asked.append(access_key)
        return "the credential" if access_key == "live_Abc-123" else None


def authenticated(authorization, doorman=None):
    return asyncio.run(authenticate(doorman or Doorman(), authorization, Parameters()))


@pytest.mark.parametrize(
    "authorization",
    [
        *("AccessKey live_Abc-123", "accesskey live_Abc-123", "ACCESSKEY live_Abc-123"),
        *("AccessKey   live_Abc-123", "AccessKey live_Abc-123 "),
    ],
)
def test_an_access_key_comes_in_the_header(authorization):
    assert authenticated(authorization) == "the credential"


@pytest.mark.parametrize(
    "authorization",
    [
        *(None, "", "AccessKey", "AccessKey ", "AccessKey live_abc-123", "live_Abc-123"),
        *("Bearer live_Abc-123", "Basic live_Abc-123", "Access Key live_Abc-123"),
        *("AccessKey live_Abc-123 x", "AccessKey: live_Abc-123", "AccessKeylive_Abc-123"),
    ],
)
def test_without_the_right_key_nobody_is_let_in(authorization):
    with pytest.raises(AccessDenied):
        authenticated(authorization)


@pytest.mark.parametrize("key", ["k" * 513, "\xe9", "\x00", "a\tb", "\x7f"])
def test_what_cannot_be_a_key_is_not_looked_up(key):
    doorman = Doorman()

    with pytest.raises(AccessDenied):
        authenticated(f"AccessKey {key}", doorman)
    assert doorman.asked == []


@REPEATABLE
@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_no_header_is_too_odd_for_an_answer(header):
    with pytest.raises(AccessDenied):
        authenticated(header)
