"""How a request of Numberline's own travels: an httpx transport that checks where it connects.

The URL keeps its host, so that connections are kept, and certificates verified, by name; what
the name stands for is resolved and checked when a connection is made. httpx's own transport takes
no network of one's choice. To put a checked address into the URL instead would pool connections
by address, and a request for one name could travel over a connection that was verified for
another. There is no httpx client over the transport: it would have to be kept from following
redirects, remembering cookies, sending what stands before the host and asking the environment for
proxies, and takes a third of the time of a request.
"""

from collections.abc import AsyncIterator
from typing import Any, Final, TypeAlias

import httpcore
import httpx

from numberline.platform.addresses import DEFAULT_PORTS
from numberline.platform.network import CheckedNetwork

IDLE_S: Final = 5.0
"""How long a connection is kept for the next request."""

IDLE_MAX: Final = 64
"""How many connections are kept; the one that was unused longest gives way."""

Origin: TypeAlias = tuple[bytes, bytes, int]
"""Scheme, host and port."""


class CheckedTransport(httpx.AsyncBaseTransport):
    """Sends requests over a `CheckedNetwork`, and keeps connections for the next ones.

    It keeps them itself, by host: httpcore's pool looks at every connection for every request,
    and keeps none while many are busy. How many there are is up to who sends requests.
    """

    def __init__(self, *, allow_loopback: bool) -> None:
        self._ssl_context = httpx.create_ssl_context()
        self._ssl_context.set_alpn_protocols(["http/1.1"])
        self._network = CheckedNetwork(allow_loopback=allow_loopback)
        self._idle: dict[httpcore.AsyncHTTP11Connection, Origin] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read the head of its answer.

        Raises:
            ForbiddenAddress: Its host has an address to which no request may go.
            TransportError: There was no answer, or none in HTTP.
        """
        url = request.url
        port = url.port or DEFAULT_PORTS[url.scheme]
        origin = (url.raw_scheme, url.raw_host, port)
        sent = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
        )
        try:
            connection = await self._connection(origin)
            answer = await connection.handle_async_request(sent)
        except _FAILURES as failure:
            raise _in_httpx_words(failure) from failure
        body = _Body(self, origin, connection, answer.stream)
        return httpx.Response(answer.status, headers=answer.headers, stream=body)

    async def _connection(self, origin: Origin) -> httpcore.AsyncHTTP11Connection:
        """A connection to a host, kept or new."""
        kept = [connection for connection, to in self._idle.items() if to == origin]
        for connection in reversed(kept):
            if self._idle.pop(connection, None) is None:
                continue
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        scheme, host, port = origin
        name = host.decode("ascii")
        stream = await self._network.connect_tcp(name, port)
        if scheme == b"https":
            stream = await stream.start_tls(self._ssl_context, server_hostname=name)
        return httpcore.AsyncHTTP11Connection(
            httpcore.Origin(scheme, host, port), stream, keepalive_expiry=IDLE_S
        )

    async def keep(self, origin: Origin, connection: httpcore.AsyncHTTP11Connection) -> None:
        """Keep a connection whose answer was read, if it can be used again."""
        if not connection.is_idle():
            return
        self._idle[connection] = origin
        if len(self._idle) > IDLE_MAX:
            oldest = next(iter(self._idle))
            del self._idle[oldest]
            await oldest.aclose()

    async def aclose(self) -> None:
        """Close every connection that is kept."""
        idle, self._idle = self._idle, {}
        for connection in idle:
            await connection.aclose()


class _Body(httpx.AsyncByteStream):
    """The body of an answer, as it comes."""

    def __init__(
        self,
        transport: CheckedTransport,
        origin: Origin,
        connection: httpcore.AsyncHTTP11Connection,
        stream: Any,
    ) -> None:
        self._transport = transport
        self._origin = origin
        self._connection = connection
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._stream:
                yield part
        except _FAILURES as failure:
            raise _in_httpx_words(failure) from failure

    async def aclose(self) -> None:
        await self._stream.aclose()
        await self._transport.keep(self._origin, self._connection)


_FAILURES: Final = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


def _in_httpx_words(failure: Exception) -> httpx.TransportError:
    if isinstance(failure, httpcore.TimeoutException):
        return httpx.TimeoutException(str(failure))
    if isinstance(failure, httpcore.NetworkError):
        return httpx.NetworkError(str(failure))
    return httpx.ProtocolError(str(failure))
