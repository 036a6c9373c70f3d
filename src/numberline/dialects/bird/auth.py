"""Who calls, and whether the organization or the workspace that a path names is the caller's."""

from typing import Final

from numberline.core.accounts import Credential, Door
from numberline.dialects.access_keys import find_credential
from numberline.dialects.bird.errors import AccessDenied, ScopeNotFound
from numberline.dialects.bird.requests import ORGANIZATION, WORKSPACE
from numberline.dialects.wire import Parameters
from numberline.platform.platform import Platform

SCHEMES: Final = ("accesskey", "bearer")
"""Bird's pages print both; the key is the same."""


async def authenticate(
    platform: Platform, authorization: str | None, parameters: Parameters
) -> Credential:
    """The credential of a request, which must be for what the path names.

    Raises:
        AccessDenied: There is no access key, or it opens nothing.
        ScopeNotFound: It is for another organization or workspace, or there is no such one.
    """
    credential = await find_credential(platform, Door.BIRD, authorization, SCHEMES)
    if credential is None:
        raise AccessDenied
    for field, own in zip((ORGANIZATION, WORKSPACE), credential.scope, strict=True):
        named = parameters.first(field.name)
        if named not in (None, own) and named.lower() != own.lower():
            raise ScopeNotFound(field.name)
    return credential
