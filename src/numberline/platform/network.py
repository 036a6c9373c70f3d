"""Connections of Numberline's own: to addresses that were checked, and to no others.

It is a network for httpcore on the event loop itself. httpcore's own asks the operating system,
for each request and each connection that is kept, whether something has come; this one knows,
which takes a third of the time of a request.
"""

import asyncio
import os
import ssl
from collections.abc import Iterable
from typing import Any, Final, cast

import httpcore

from numberline.platform.addresses import allowed_addresses

CONNECT_TIMEOUT_S: Final = 3.0
"""How long one address of a host may take to be connected to."""

ADDRESSES_MAX: Final = 4
"""How many addresses of a host are tried."""

BUFFER_BYTES_MAX: Final = 262_144
"""How much that nobody has read yet is taken from a connection."""


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to hosts of whose addresses every one is allowed.

    Whoever asks keeps an eye on the time; its own timeouts are not looked at.
    """

    def __init__(self, *, allow_loopback: bool) -> None:
        self._allow_loopback = allow_loopback

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the addresses of a host.

        Raises:
            ForbiddenAddress: The host has an address to which no request may go, or none at all.
            ConnectError: Nothing listens there.
        """
        addresses = await allowed_addresses(host, port, allow_loopback=self._allow_loopback)
        failure = OSError()
        for address in addresses[:ADDRESSES_MAX]:
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    return await _connect(address, port)
            except (OSError, TimeoutError) as error:
                failure = error
        reason = os.strerror(failure.errno).lower() if failure.errno else "it does not answer"
        raise httpcore.ConnectError(f"{host} cannot be connected to: {reason}")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


async def _connect(address: str, port: int) -> "Stream":
    """A connection to an address as it is."""
    loop = asyncio.get_running_loop()
    _, stream = await loop.create_connection(Stream, address, port)
    return stream


class Stream(httpcore.AsyncNetworkStream, asyncio.Protocol):
    """A connection that is read by one task at a time."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._buffered_bytes = 0
        self._is_over = False
        self._waiter: asyncio.Future[None] | None = None
        self._unsent: list[bytes] = []

    # --- what the event loop tells ----------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep what has come, and take no more for now where nobody reads it."""
        self._parts.append(data)
        self._buffered_bytes += len(data)
        if self._buffered_bytes > BUFFER_BYTES_MAX:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Nothing more will come."""
        self._is_over = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  how makes no odds
        """Nothing more will come or go."""
        self._is_over = True
        self._wake()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # --- what httpcore asks -----------------------------------------------------------------

    async def read(
        self,
        max_bytes: int,  # noqa: ARG002  whatever has come is taken
        timeout: float | None = None,  # noqa: ASYNC109, ARG002
    ) -> bytes:
        """What has come, at least a byte of it; nothing where the connection is over."""
        self._send()
        while not self._parts and not self._is_over:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        data = b"".join(self._parts)
        self._parts.clear()
        if self._buffered_bytes > BUFFER_BYTES_MAX and not self._is_over:
            self._transport.resume_reading()
        self._buffered_bytes = 0
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002
        """Send bytes, at the latest when something is read: head and body go in one packet.

        Raises:
            WriteError: The connection is over.
        """
        if self._is_over:
            raise httpcore.WriteError("the connection was lost")
        self._unsent.append(buffer)

    def _send(self) -> None:
        data = b"".join(self._unsent)
        self._unsent.clear()
        if data and not self._is_over:
            self._transport.write(data)

    async def aclose(self) -> None:
        """Close the connection at once."""
        self._is_over = True
        self._transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Speak TLS from now on, with a certificate for the host.

        Raises:
            ConnectError: The other side does not, or its certificate is not good.
        """
        self._send()
        loop = asyncio.get_running_loop()
        try:
            transport = await loop.start_tls(
                self._transport, self, ssl_context, server_hostname=server_hostname
            )
        except OSError as error:
            await self.aclose()
            raise httpcore.ConnectError(f"no TLS: {error}") from error
        if transport is None:
            raise httpcore.ConnectError("no TLS: the connection was lost")
        self._transport = transport
        return self

    def get_extra_info(self, info: str) -> Any:
        """What is known of the connection; None of what is not."""
        if info == "is_readable":
            return bool(self._parts) or self._is_over
        if info == "ssl_object":
            return self._transport.get_extra_info("ssl_object")
        return None
