"""Answers: bytes that go to the client as they are."""

from typing import Final

from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

JSON: Final = "application/json"


class Answer(ASGIResponse):
    """A whole body with its status and media type.

    It does nothing that an answer of a door does not need: on a search, the framework's own
    response took a tenth of the request.
    """

    __slots__ = ("_body", "_media_type", "_status")

    def __init__(self, body: bytes, status: int, media_type: str) -> None:
        self._body = body
        self._status = status
        self._media_type = media_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del scope, receive
        headers = [
            (b"content-type", self._media_type.encode()),
            (b"content-length", b"%d" % len(self._body)),
        ]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})
