"""What every front door is to the server."""

from typing import Final

import msgspec
from litestar import Litestar

DOCUMENT_PATHS: Final = frozenset({"", "openapi.json", "swagger"})
"""What stands below ``docs/`` and a door's name; the rest is the door's to say not found."""


class FrontDoor(msgspec.Struct, frozen=True):
    """A door: an ASGI application, and which requests are its own.

    A request is a door's when its path starts with the door's name, with one of `segments`, or
    with ``docs/`` and the name, or when its Host is one of `hosts`.
    """

    name: str
    app: Litestar
    segments: frozenset[str]
    hosts: frozenset[str]
