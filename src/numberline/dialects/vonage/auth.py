"""Who calls: an api_key and its api_secret in the Basic header, the query or the form."""

from numberline.core.accounts import Credential, Door
from numberline.dialects.basic import may_be_pair, read_basic
from numberline.dialects.vonage.errors import AuthenticationFailed
from numberline.dialects.wire import Parameters
from numberline.platform.platform import Platform


async def authenticate(
    platform: Platform, authorization: str | None, parameters: Parameters
) -> Credential:
    """The credential of a request; a Basic header counts before parameters, others do not count.

    Every SDK since 2023 sends the header; older ones put the pair in the query, or, on POST,
    in the form.

    Raises:
        AuthenticationFailed: There is none, or it opens nothing.
    """
    is_basic = (authorization or "").lower().startswith("basic ")
    pair = read_basic(authorization) if is_basic else _from_parameters(parameters)
    if pair is None or not may_be_pair(*pair):
        raise AuthenticationFailed
    key, secret = pair
    credential = await platform.authenticate(Door.VONAGE, key, secret)
    if credential is None:
        raise AuthenticationFailed
    return credential


def _from_parameters(parameters: Parameters) -> tuple[str, str] | None:
    key, secret = parameters.first("api_key"), parameters.first("api_secret")
    return (key, secret) if key and secret is not None else None
