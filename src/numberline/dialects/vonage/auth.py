"""Who calls: an api_key and its api_secret in the Basic header, the query or the form."""

import binascii

from numberline.core.accounts import Credential, Door
from numberline.dialects.vonage.errors import AuthenticationFailed
from numberline.dialects.wire import Parameters
from numberline.platform.platform import Platform

KEY_LENGTH_MAX = 64
SECRET_LENGTH_MAX = 512


async def authenticate(
    platform: Platform, authorization: str | None, parameters: Parameters
) -> Credential:
    """The credential of a request; a Basic header counts before parameters, others do not count.

    Every SDK since 2023 sends the header; older ones put the pair in the query, or, on POST,
    in the form.

    Raises:
        AuthenticationFailed: There is none, or it opens nothing.
    """
    scheme, _, encoded = (authorization or "").partition(" ")
    is_basic = scheme.lower() == "basic"
    pair = _decoded(encoded) if is_basic else _from_parameters(parameters)
    if pair is None:
        raise AuthenticationFailed
    key, secret = pair
    if not (0 < len(key) <= KEY_LENGTH_MAX and len(secret) <= SECRET_LENGTH_MAX):
        raise AuthenticationFailed
    if not (key.isascii() and key.isprintable()):
        raise AuthenticationFailed
    credential = await platform.authenticate(Door.VONAGE, key, secret)
    if credential is None:
        raise AuthenticationFailed
    return credential


def _decoded(encoded: str) -> tuple[str, str] | None:
    try:
        text = binascii.a2b_base64(encoded.strip(), strict_mode=True).decode()
    except ValueError:  # not base64, or not text
        return None
    key, separator, secret = text.partition(":")
    return (key, secret) if separator else None


def _from_parameters(parameters: Parameters) -> tuple[str, str] | None:
    key, secret = parameters.first("api_key"), parameters.first("api_secret")
    return (key, secret) if key and secret is not None else None
