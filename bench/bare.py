"""A bare Granian application: what the server would reach if it did nothing."""

import os
from typing import Any

BODY = bytes.fromhex(os.environ["BENCH_BODY"])
HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
]
TEXT_HEADERS = [(name.decode(), value.decode()) for name, value in HEADERS]


async def asgi_app(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY, "more_body": False})


class _Application:
    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        protocol.response_bytes(200, TEXT_HEADERS, BODY)


rsgi_app = _Application()
