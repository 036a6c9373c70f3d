"""What every front door is to the server."""

import msgspec
from litestar import Litestar


class FrontDoor(msgspec.Struct, frozen=True):
    """A door: an ASGI application, and which requests are its own.

    A request is a door's when its path starts with the door's name, with one of `segments`, or
    with ``docs/`` and the name, or when its Host is one of `hosts`.
    """

    name: str
    app: Litestar
    segments: frozenset[str]
    hosts: frozenset[str]
