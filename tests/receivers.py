"""Receivers of webhooks on this machine, in the event loop of a test."""

import asyncio
import hashlib
import hmac
import threading
from contextlib import asynccontextmanager, contextmanager

import msgspec

from numberline.platform.webhooks import Message


def answer(status=200, *lines, body=b""):
    """An answer, byte by byte."""
    head = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *lines, "", ""]
    return "\r\n".join(head).encode() + body


OK = answer()

STALL = None
"""What a receiver answers that never does."""


class Received(msgspec.Struct):
    """A request as it came, and on the how-manieth connection."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def event_id(self):
        return self.headers["x-event-id"]


class Receiver:
    """Takes requests, and answers each as it is told.

    Attributes:
        received: What came, in order.
        answer: What to answer: bytes, `STALL`, or a function of the request that says.
    """

    def __init__(self):
        self.received = []
        self.answer = OK
        self.connections = 0
        self.open = set()
        self.port = None
        self.came = asyncio.Event()

    def url(self, path="/hook", host="127.0.0.1"):
        return f"http://{host}:{self.port}{path}"

    @property
    def bodies(self):
        return [msgspec.json.decode(each.body) for each in self.received]

    def take(self, request, transport):
        """Take a request, and answer it."""
        self.received.append(request)
        self.came.set()
        said = self.answer(request) if callable(self.answer) else self.answer
        if said is not STALL:
            transport.write(said)
            if b"Connection: close" in said:
                transport.close()


class Conversation(asyncio.Protocol):
    """A connection to a receiver."""

    def __init__(self, receiver):
        self._receiver = receiver
        receiver.connections += 1
        self._number = receiver.connections
        self._pending = b""

    def connection_made(self, transport):
        self._transport = transport
        self._receiver.open.add(transport)

    def connection_lost(self, _error):
        self._receiver.open.discard(self._transport)

    def data_received(self, data):
        self._pending += data
        head, end, rest = self._pending.partition(b"\r\n\r\n")
        if not end:
            return
        line, *others = head.decode("latin-1").split("\r\n")
        pairs = (other.partition(":") for other in others)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        length = int(headers.get("content-length", 0))
        if len(rest) >= length:
            self._pending = rest[length:]
            request = Received(line, headers, rest[:length], self._number)
            self._receiver.take(request, self._transport)


@asynccontextmanager
async def receiving(ssl=None):
    """A receiver that is gone in the end, with every connection to it."""
    receiver = Receiver()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(receiver), "127.0.0.1", 0, ssl=ssl)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for transport in list(receiver.open):
            transport.abort()
        await asyncio.sleep(0)


@contextmanager
def receiving_in_thread():
    """A receiver with an event loop of its own, for tests without one."""
    ready, ended = threading.Event(), asyncio.Event()
    found = []

    async def run():
        async with receiving() as receiver:
            found.extend((receiver, asyncio.get_running_loop()))
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    ready.wait()
    receiver, loop = found
    try:
        yield receiver
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()


class SignedScheme:
    """A manner of telling events: JSON, signed with HMAC-SHA1 over the raw body."""

    async def message(self, notice):
        event = notice.event
        body = msgspec.json.encode(
            {
                "id": notice.event_id,
                "kind": event.kind,
                "number": event.number,
                "account": event.account_id,
                "data": event.data,
            }
        )
        return Message(
            body,
            (
                ("content-type", "application/json"),
                ("x-event-id", notice.event_id),
                ("x-signature", signature(body, notice.secret)),
            ),
        )


def signature(body, secret):
    """The lower-case hexadecimal HMAC-SHA1 of a body."""
    return hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
