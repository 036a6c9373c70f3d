"""Who calls: an access key in the Authorization header."""

from typing import Final

from numberline.core.accounts import Credential, Door
from numberline.dialects.messagebird.errors import AccessDenied
from numberline.dialects.wire import Parameters
from numberline.platform.platform import Platform

ACCESS_KEY_LENGTH_MAX: Final = 512


async def authenticate(
    platform: Platform,
    authorization: str | None,
    parameters: Parameters,  # noqa: ARG001  other doors find credentials there
) -> Credential:
    """The credential of a request, from ``AccessKey`` in any case and the key.

    Raises:
        AccessDenied: There is none, or it opens nothing.
    """
    scheme, _, rest = (authorization or "").partition(" ")
    access_key = rest.strip()
    is_plain = access_key.isascii() and access_key.isprintable()
    if scheme.lower() != "accesskey" or not is_plain:
        raise AccessDenied
    if not 0 < len(access_key) <= ACCESS_KEY_LENGTH_MAX:
        raise AccessDenied
    credential = await platform.authenticate_key(Door.MESSAGEBIRD, access_key)
    if credential is None:
        raise AccessDenied
    return credential
