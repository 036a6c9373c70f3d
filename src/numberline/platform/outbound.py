"""Requests that Numberline itself makes: the one way out, kept from reaching inward.

Where they may go, `addresses` says, and `transport` sees to it whenever a connection is made.
Redirects are never followed.
"""

import asyncio
import re
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Self

from numberline.platform.addresses import (
    DEFAULT_PORTS,
    UnknownHost,
    Unreachable,
    allowed_addresses,
    is_odd_number,
)

if TYPE_CHECKING:
    import httpx

TIMEOUT_S: Final = 10.0
"""How long a request may take until the head of its answer has come."""

BODY_TIMEOUT_S: Final = 1.0
BODY_BYTES_MAX: Final = 65_536
"""How long and how much of an answer's body is read past, to keep the connection; what goes
beyond costs the connection and nothing else."""

RESOLVE_TIMEOUT_S: Final = 5.0
"""How long the check of a URL waits for a name server."""

URL_LENGTH_MAX: Final = 2_048
"""How long a URL may be to which events are told."""

URLS_MAX: Final = 4_096
"""How many URLs are remembered as they were read."""

PORT_MAX: Final = 65_535

_HOST: Final = re.compile(rb"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?|[0-9a-f:.]*:[0-9a-f:.]*")
"""A name in lower case, as a name server is asked for it, or an address of IPv6."""

USER_AGENT: Final = ("user-agent", "Numberline")


class NotAWebURL(Unreachable):
    """A text is no URL of http or https, or one that programs read differently."""

    code = "not_a_web_url"


class NoAnswer(Unreachable):
    """Nothing listens there, or it did not answer in HTTP within its time."""

    code = "no_answer"


@lru_cache(URLS_MAX)
def _parse(url: str) -> "httpx.URL":
    """A URL as it is requested: without user-info and fragment.

    Raises:
        NotAWebURL: It is none of http or https.
    """
    import httpx

    try:
        parsed = httpx.URL(url)
        plain = parsed.copy_with(userinfo=b"", fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise NotAWebURL(f"is no URL: {error}") from error
    if plain.scheme not in DEFAULT_PORTS or not _HOST.fullmatch(plain.raw_host):
        raise NotAWebURL("must be an absolute http or https URL")
    if plain.port is not None and not 0 < plain.port <= PORT_MAX:
        raise NotAWebURL(f"must have a port from 1 to {PORT_MAX}")
    return plain


async def check_url(url: str, *, allow_loopback: bool = False) -> None:
    """Make sure that events may be told to a URL, as far as can be known now.

    A host that has no address now is taken: it may have one later, and is checked again then.

    Args:
        url: The URL.
        allow_loopback: Whether it may lead to this machine.

    Raises:
        NotAWebURL: It is none of http or https, holds user-info, or is written in a manner that
            programs read differently.
        ForbiddenAddress: Its host has an address that is not public.
    """
    if len(url) > URL_LENGTH_MAX:
        raise NotAWebURL(f"must be at most {URL_LENGTH_MAX} characters long")
    if not url.isprintable() or " " in url or "\\" in url:
        raise NotAWebURL("must not hold blanks, control characters or backslashes")
    parsed = _parse(url)
    if "@" in url.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0]:
        raise NotAWebURL("must not hold a user or a password")
    host = parsed.raw_host.decode("ascii")
    if is_odd_number(host):
        raise NotAWebURL("must name its host by a name or a plain address")
    port = parsed.port or DEFAULT_PORTS[parsed.scheme]
    try:
        async with asyncio.timeout(RESOLVE_TIMEOUT_S):
            await allowed_addresses(host, port, allow_loopback=allow_loopback)
    except (UnknownHost, TimeoutError):
        return


class Outbound:
    """A way out, over connections that are kept for the next request.

    Args:
        allow_loopback: Whether this machine may be reached.
        transport: What carries the requests, where it is not to be the network.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        self._allow_loopback = allow_loopback
        self._transport = transport

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes | None = None,
    ) -> int:
        """Make a request; returns the status of the answer, which may be any.

        Raises:
            NotAWebURL: The URL is none.
            ForbiddenAddress: It leads where no request may go.
            NoAnswer: There was no answer, or none in time.
        """
        import httpx

        request = httpx.Request(method, _parse(url), headers=[USER_AGENT, *headers], content=body)
        transport = self._transport = self._transport or self._network()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                response = await transport.handle_async_request(request)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise NoAnswer(f"no answer within {TIMEOUT_S:g} s") from error
        except (httpx.TransportError, OSError, ValueError) as error:
            raise NoAnswer(str(error) or "the connection was not made or was lost") from error
        await _read_past(response)
        return response.status_code

    def _network(self) -> "httpx.AsyncBaseTransport":
        from numberline.platform.transport import CheckedTransport

        return CheckedTransport(allow_loopback=self._allow_loopback)


async def _read_past(response: "httpx.Response") -> None:
    """Read an answer to its end, so that its connection can be used again, or close that."""
    import httpx

    read_bytes = 0
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for part in response.stream:  # type: ignore[union-attr]
                read_bytes += len(part)
                if read_bytes > BODY_BYTES_MAX:
                    break
    except (TimeoutError, httpx.TransportError):
        pass
    finally:
        await response.aclose()


async def answers_200(url: str) -> bool:
    """Whether a GET request to a public http or https URL is answered with 200.

    An answer that redirects is not 200, and what it points at is not asked.
    """
    async with Outbound() as way:
        try:
            return await way.send("GET", url) == HTTPStatus.OK
        except Unreachable:
            return False
