"""Doors where who calls is told by one access key in the Authorization header."""

from collections.abc import Collection
from typing import Final

from numberline.core.accounts import Credential, Door
from numberline.platform.platform import Platform

ACCESS_KEY_LENGTH_MAX: Final = 512


async def find_credential(
    platform: Platform, door: Door, authorization: str | None, schemes: Collection[str]
) -> Credential | None:
    """The credential that an Authorization header opens, or None.

    Args:
        platform: Where credentials are.
        door: For which door it must be.
        authorization: The header: a scheme in any case, a blank, and the key.
        schemes: The schemes, in lower case, that the door takes.
    """
    scheme, _, rest = (authorization or "").partition(" ")
    access_key = rest.strip()
    is_plain = access_key.isascii() and access_key.isprintable()
    if scheme.lower() not in schemes or not is_plain:
        return None
    if not 0 < len(access_key) <= ACCESS_KEY_LENGTH_MAX:
        return None
    return await platform.authenticate_key(door, access_key)
