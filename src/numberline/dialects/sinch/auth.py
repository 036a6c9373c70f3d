"""Who calls: an access token, or a key and its secret; and how one comes by a token."""

from typing import Any, Final

import msgspec

from numberline.core.accounts import Credential, Door
from numberline.dialects import shell
from numberline.dialects.basic import may_be_pair, read_basic
from numberline.dialects.sinch.errors import GrantUnsupported, ResourceNotFound, Unauthenticated
from numberline.dialects.sinch.requests import CLIENT_ID, CLIENT_SECRET, GRANT_TYPE, PROJECT
from numberline.dialects.wire import Parameters
from numberline.platform.access_tokens import AccessTokenInvalid
from numberline.platform.platform import Platform

CLIENT_CREDENTIALS: Final = "client_credentials"


class AccessToken(msgspec.Struct, frozen=True):
    """An access token; the SDK for Python needs all four members."""

    access_token: str
    expires_in: int
    scope: str = ""
    token_type: str = "bearer"  # noqa: S105  the name of a scheme


async def authenticate(
    platform: Platform, authorization: str | None, parameters: Parameters
) -> Credential:
    """The credential of a request, which must be for the project that the path names.

    Raises:
        Unauthenticated: There are no credentials, or they open nothing.
        AccessTokenInvalid: The token was not issued here, or was revoked.
        AccessTokenExpired: The token is too old.
        ResourceNotFound: The project is another's, or there is none.
    """
    scheme, _, rest = (authorization or "").partition(" ")
    if scheme.lower() == "bearer":
        credential = await _bearer(platform, rest.strip())
    else:
        credential = await _opened(platform, read_basic(authorization))
    named = parameters.first(PROJECT.name)
    (own,) = credential.scope
    if named not in (None, own):
        message = f"Could not find project with ID: {named}"
        raise ResourceNotFound("Project", message)
    return credential


async def authenticate_client(
    platform: Platform, authorization: str | None, parameters: Parameters
) -> Credential:
    """The credential of a request for a token, from a Basic header or the form (RFC 6749, 2.3.1).

    Raises:
        Unauthenticated: There are no credentials, or they open nothing.
    """
    pair = read_basic(authorization)
    if pair is None and authorization is None:
        key, secret = CLIENT_ID.read(parameters), CLIENT_SECRET.read(parameters)
        pair = (key, secret) if key and secret else None
    return await _opened(platform, pair)


async def issue_token(call: shell.Call[Any]) -> AccessToken:
    """Issue an access token for a key and its secret."""
    grant_type = GRANT_TYPE.need(call.parameters)
    if grant_type != CLIENT_CREDENTIALS:
        raise GrantUnsupported(f"the only grant_type is {CLIENT_CREDENTIALS}")
    tokens = call.platform.access_tokens
    return AccessToken(tokens.issue(call.caller), tokens.lifetime_s - 1)


async def _bearer(platform: Platform, token: str) -> Credential:
    key = platform.access_tokens.read(Door.SINCH, token)
    credential = await platform.credential(Door.SINCH, key)
    if credential is None or credential.revoked_at is not None:
        raise AccessTokenInvalid("the access token is invalid")
    return credential


async def _opened(platform: Platform, pair: tuple[str, str] | None) -> Credential:
    if pair is None or not may_be_pair(*pair):
        raise Unauthenticated("credentials are missing or wrong")
    credential = await platform.authenticate(Door.SINCH, *pair)
    if credential is None:
        raise Unauthenticated("credentials are missing or wrong")
    return credential
