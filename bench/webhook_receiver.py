"""A receiver that takes everything at once, and says how many different events have come.

A POST is an event; any other request is answered with the count. Run: python -m
bench.webhook_receiver PORT
"""

import asyncio
import re
import sys

import uvloop

TAKEN = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
EVENT_ID = re.compile(rb'"id":"(\w+)"')

seen: set[bytes] = set()


class Receiver(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._pending = b""

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (head_end := self._pending.find(b"\r\n\r\n")) >= 0:
            found = LENGTH.search(self._pending, 0, head_end)
            end = head_end + 4 + int(found[1] if found else 0)
            if len(self._pending) < end:
                return
            request, self._pending = self._pending[:end], self._pending[end:]
            self._transport.write(self._answer(request, head_end))

    def _answer(self, request: bytes, head_end: int) -> bytes:
        if request.startswith(b"POST"):
            event_id = EVENT_ID.search(request, head_end)
            seen.add(event_id[1] if event_id else request)
            return TAKEN
        count = str(len(seen)).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(count), count)


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Receiver, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
