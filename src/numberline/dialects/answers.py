"""Answers: bytes that go to the client as they are."""

from collections.abc import Mapping
from typing import Final

from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

JSON: Final = "application/json"

NO_HEADERS: Final[Mapping[str, str]] = {}


class Answer(ASGIResponse):
    """A whole body with its status and media type; without a media type there is no body.

    `extra` are headers that are sent besides.

    It does nothing that an answer of a door does not need: on a search, the framework's own
    response took a tenth of the request.
    """

    __slots__ = ("body", "extra", "media_type", "status")

    def __init__(
        self, body: bytes, status: int, media_type: str, extra: Mapping[str, str] = NO_HEADERS
    ) -> None:
        self.body = body
        self.extra = extra
        self.status = status
        self.media_type = media_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del scope, receive
        headers = []
        if self.media_type:
            headers = [
                (b"content-type", self.media_type.encode()),
                (b"content-length", b"%d" % len(self.body)),
            ]
        for name, value in self.extra.items():
            headers.append((name.encode(), value.encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})
