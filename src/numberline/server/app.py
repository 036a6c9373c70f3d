"""The ASGI composition: one application, and behind it the doors."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final

import msgspec
import structlog

from numberline.dialects.bird.routes import bird_door
from numberline.dialects.front_door import DOCUMENT_PATHS, Endpoints, FrontDoor
from numberline.dialects.messagebird.routes import messagebird_door
from numberline.dialects.sinch.routes import sinch_door
from numberline.dialects.vonage.routes import vonage_door
from numberline.platform.clocks import SystemClock
from numberline.platform.platform import Platform
from numberline.platform.provisioners import load_provisioner
from numberline.platform.settings import Settings
from numberline.server.access import AccessLog
from numberline.server.background import background_loops
from numberline.server.logs import configure_logs
from numberline.storage.engines import open_database
from numberline.workers.feed import FeedFollower

Scope = dict[str, Any]
Receive = Callable[[], Coroutine[Any, Any, dict[str, Any]]]
Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]

DOORS: Final[tuple[Callable[[Platform], FrontDoor], ...]] = (
    vonage_door,
    messagebird_door,
    bird_door,
    sinch_door,
)
"""Every front door, by what builds it."""

SUPERVISOR_POLL_S: Final = 1.0
"""How long a worker may outlive its supervisor."""

log = structlog.get_logger()


async def leave_with_supervisor() -> None:
    """End this process when the one that started it is gone, as if it had been told to."""
    supervisor = os.getppid()
    while os.getppid() == supervisor:  # noqa: ASYNC110  nothing tells of a parent's end
        await asyncio.sleep(SUPERVISOR_POLL_S)
    log.warning("supervisor_gone")
    os.kill(os.getpid(), signal.SIGTERM)


class Server:
    """The application that Granian serves.

    The platform, its doors and its workers live from the start of the lifespan to its end; no
    request is let in before, and what was accepted is answered before the end.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._platform: Platform | None = None
        self._workers: list[asyncio.Task[None]] = []
        self._endpoints = Endpoints()
        self._by_segment: dict[str, FrontDoor] = {}
        self._by_name: dict[str, FrontDoor] = {}
        self._by_host: dict[bytes, FrontDoor] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or follow the lifespan."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    # --- requests ---------------------------------------------------------------------------

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        endpoint = self._endpoints.find(scope)
        if endpoint is None:
            door, scope = self._find_door(scope)
            if door is None:
                await self._answer_without_door(path, send)
                return
            endpoint = door.endpoints.find(scope)
            if endpoint is None:
                path = door.endpoints.routed(scope["path"])
                routed = scope | {"path": path, "raw_path": path.encode()}
                await door.app(routed, receive, send)  # type: ignore[arg-type]
                return
        answer = await endpoint(scope, receive)  # type: ignore[arg-type]
        await answer(scope, receive, send)  # type: ignore[arg-type]

    async def _answer_without_door(self, path: str, send: Send) -> None:
        if path == "/healthz":
            await _send_json(send, 200, {"status": "ok"})
        else:
            doors = {name: f"/docs/{name}" for name in self._by_name}
            await _send_json(send, 404, {"error": "no door answers this path", "doors": doors})

    def _find_door(self, scope: Scope) -> tuple[FrontDoor | None, Scope]:
        """The door of an unusual path, and the scope with the path that the door knows.

        Clients send double slashes where their base URL ends in one; a base URL may also name
        the door; and a vendor's own host name leads to its door whatever the path.
        """
        parts = [part for part in scope["path"].split("/") if part]
        door = self._by_name.get(parts[0]) if parts else None
        if door is not None:
            parts = parts[1:]
        elif len(parts) > 1 and parts[0] == "docs":
            door = self._by_name.get(parts[1])
            if door is not None and "/".join(parts[2:]) not in DOCUMENT_PATHS:
                parts = parts[2:]
        elif parts:
            door = self._by_segment.get("/".join(parts[:2])) or self._by_segment.get(parts[0])
        door = door or self._by_host.get(_host(scope))
        path = "/" + "/".join(parts)
        return door, scope | {"path": path, "raw_path": path.encode()}

    # --- the lifespan -----------------------------------------------------------------------

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._open()
        except Exception as error:
            log.exception("server_did_not_start")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._close()
        await send({"type": "lifespan.shutdown.complete"})

    def _open(self) -> None:
        provisioner = load_provisioner(self._settings)
        database = open_database(self._settings.database)
        self._platform = Platform(database, clock=SystemClock(), settings=self._settings)
        for build in DOORS:
            door = build(self._platform)
            self._by_name[door.name] = door
            self._endpoints.join(door.endpoints)
            self._by_segment |= dict.fromkeys(door.segments, door)
            self._by_host |= {host.encode(): door for host in door.hosts}
        loops = [FeedFollower(self._platform).run(), leave_with_supervisor()]
        if self._settings.background:
            loops += background_loops(self._platform, provisioner)
        self._workers = [asyncio.create_task(loop) for loop in loops]
        log.info("server_ready", doors=sorted(self._by_name))

    async def _close(self) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if self._platform is not None:
            await self._platform.close()
        log.info("server_closed")


def create_app(settings: Settings) -> Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]:
    """The application for one worker process."""
    configure_logs()
    server = Server(settings)
    return AccessLog(server) if settings.access_log else server


def _host(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"host":
            host: bytes = value.partition(b":")[0].lower()
            return host
    return b""


async def _send_json(send: Send, status: int, body: dict[str, Any]) -> None:
    content = msgspec.json.encode(body)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
