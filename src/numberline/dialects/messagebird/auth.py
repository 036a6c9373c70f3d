"""Who calls: an access key in the Authorization header."""

from typing import Final

from numberline.core.accounts import Credential, Door
from numberline.dialects.access_keys import find_credential
from numberline.dialects.messagebird.errors import AccessDenied
from numberline.dialects.wire import Parameters
from numberline.platform.platform import Platform

SCHEMES: Final = ("accesskey",)


async def authenticate(
    platform: Platform,
    authorization: str | None,
    parameters: Parameters,  # noqa: ARG001  other doors find credentials there
) -> Credential:
    """The credential of a request, from ``AccessKey`` in any case and the key.

    Raises:
        AccessDenied: There is none, or it opens nothing.
    """
    credential = await find_credential(platform, Door.MESSAGEBIRD, authorization, SCHEMES)
    if credential is None:
        raise AccessDenied
    return credential
