"""The access log: a line for each request, without anything that a request keeps secret."""

import time
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger()


class AccessLog:
    """Wraps an application and logs method, path, status and duration of each request.

    Neither the query nor a header is logged: some clients send their secret in them.
    """

    def __init__(self, app: Callable[..., Coroutine[Any, Any, None]]) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer a request and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def noting(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            duration_ms = round((time.perf_counter() - started) * 1000, 2)
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                duration_ms=duration_ms,
            )
