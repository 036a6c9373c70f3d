import asyncio
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE
from numberline.dialects.vonage.auth import authenticate
from numberline.dialects.vonage.errors import AuthenticationFailed
from numberline.dialects.wire import Parameters


class Doorman:
    """A platform that knows one key, and notes whom it was asked for."""

    def __init__(self, key="abcd1234", secret="s3cr3t+/&"):
        self._pair = key, secret
        self.asked = []

    async def authenticate(self, _door, key, secret):
        self.asked.append((key, secret))
        return "the credential" if (key, secret) == self._pair else None


def basic(pair, scheme="Basic"):
    return f"{scheme} {b64encode(pair.encode()).decode()}"


def authenticated(authorization, query="", doorman=None):
    parameters = Parameters()
    parameters.read_query(query)
    return asyncio.run(authenticate(doorman or Doorman(), authorization, parameters))


@pytest.mark.parametrize(
    ("authorization", "query"),
    [
        (basic("abcd1234:s3cr3t+/&"), ""),
        (basic("abcd1234:s3cr3t+/&", "basic"), ""),
        (basic("abcd1234:s3cr3t+/&", "BASIC"), ""),
        (basic("abcd1234:s3cr3t+/&").replace(" ", "   "), ""),
        (None, "api_key=abcd1234&api_secret=s3cr3t%2B%2F%26"),
        ("", "api_key=abcd1234&api_secret=s3cr3t%2B%2F%26"),
        (basic("abcd1234:s3cr3t+/&"), "api_key=other&api_secret=wrong"),
    ],
)
def test_a_key_and_its_secret_come_in_the_header_or_as_parameters(authorization, query):
    assert authenticated(authorization, query) == "the credential"


@pytest.mark.parametrize(
    ("authorization", "query"),
    [
        (None, ""),
        ("", ""),
        (basic("abcd1234:wrong"), ""),
        (basic("other:s3cr3t+/&"), ""),
        (basic("abcd1234:"), ""),
        (basic(":s3cr3t+/&"), ""),
        (basic(":"), ""),
        (basic(""), ""),
        (basic("abcd1234"), ""),
        (basic("ABCD1234:s3cr3t+/&"), ""),
        (basic(" abcd1234:s3cr3t+/&"), ""),
        (basic("abcd1234\0:s3cr3t+/&"), ""),
        (basic("abcd1234:s3cr3t+/&\0"), ""),
        (basic("é:s3cr3t+/&"), ""),
        (basic("k" * 100 + ":s3cr3t+/&"), ""),
        (basic("abcd1234:" + "s" * 10_000), ""),
        ("Basic", ""),
        ("Basic ", ""),
        ("Basic abcd1234:s3cr3t+/&", ""),
        ("Basic !!!!", ""),
        ("Basic YWJjZDEyMzQ6czNjcjN0Ky8mA", ""),
        ("Basic \xe9\xe9\xe9\xe9", ""),
        ("Basic \u20ac", ""),
        ("Basic /w==", ""),
        ("Basic " + "A" * 200_000, ""),
        ("Bearer YWJjZDEyMzQ6czNjcjN0Ky8m", ""),
        ("AccessKey abcd1234", ""),
        ("\0", ""),
        (basic("abcd1234:wrong"), "api_key=abcd1234&api_secret=s3cr3t%2B%2F%26"),
        (None, "api_key=abcd1234"),
        (None, "api_secret=s3cr3t%2B%2F%26"),
        (None, "api_key=&api_secret=s3cr3t%2B%2F%26"),
        (None, "api_key=abcd1234&api_secret="),
        (None, "api_key=abcd1234%00&api_secret=s3cr3t%2B%2F%26"),
        (None, "api_key=ab%ffcd1234&api_secret=s3cr3t%2B%2F%26"),
        (None, "API_KEY=abcd1234&API_SECRET=s3cr3t%2B%2F%26"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_whatever_else_comes_opens_nothing(authorization, query):
    with pytest.raises(AuthenticationFailed):
        authenticated(authorization, query)


def test_a_key_that_no_database_could_hold_is_not_looked_for():
    doorman = Doorman()

    for key in ("k" * 65, "abcd\0", "é"):
        with pytest.raises(AuthenticationFailed):
            authenticated(basic(f"{key}:secret"), doorman=doorman)

    assert doorman.asked == []


@REPEATABLE
@given(
    st.binary(max_size=80).map(lambda raw: raw.decode("latin-1"))
    | st.binary(max_size=80).map(lambda raw: "Basic " + raw.decode("latin-1"))
    | st.binary(max_size=80).map(lambda raw: "basic " + b64encode(raw).decode())
)
def test_no_header_is_worse_than_a_wrong_one(authorization):
    with pytest.raises(AuthenticationFailed):
        authenticated(authorization, doorman=Doorman(key="known only here"))
