"""What every front door is to the server."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from litestar import Litestar, Request
from litestar.types import Receive, Scope

from numberline.dialects.answers import Answer

DOCUMENT_PATHS: Final = frozenset({"", "openapi.json", "swagger"})
"""What stands below ``docs/`` and a door's name; the rest is the door's to say not found."""


Endpoint = Callable[[Scope, Receive], Awaitable[Answer]]
"""Reads a request and answers it, whatever it is; raises nothing."""


def in_framework(endpoint: Endpoint) -> Callable[[Request[Any, Any, Any]], Awaitable[Answer]]:
    """An endpoint as the framework calls it."""

    async def handle(request: Request[Any, Any, Any]) -> Answer:
        return await endpoint(request.scope, request.receive)

    return handle


class FrontDoor(msgspec.Struct, frozen=True):
    """A door: an ASGI application, and which requests are its own.

    `endpoints` are the door's operations by method and path, for the server to call without the
    framework between, whose routing took a third of a search. The application knows them too,
    describes them, and answers everything else.

    A request is a door's when its path starts with the door's name, with one of `segments`, or
    with ``docs/`` and the name, or when its Host is one of `hosts`.
    """

    name: str
    app: Litestar
    endpoints: Mapping[tuple[str, str], Endpoint]
    segments: frozenset[str]
    hosts: frozenset[str]
