"""Requests that Numberline itself makes, kept from reaching inward.

A host is resolved once, every address of it is checked, and the connection goes to an address
that was checked, so that a name server cannot answer differently a second time. Redirects are
never followed.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from numberline.core.errors import NumberlineError

TIMEOUT_S: Final = 10.0
"""How long a probe may take altogether."""

_URL_CHARACTERS: Final = "%/?:@!$&'()*+,;=-._~"
"""What a path and a query may hold as it is."""

DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class ForbiddenAddress(NumberlineError):
    """A host has an address that does not lie on the public internet."""

    code = "forbidden_address"


def is_public(address: str) -> bool:
    """Whether an IP address lies on the public internet.

    Loopback, link-local, private, multicast and reserved ranges do not, nor does an IPv6
    address that stands for such an IPv4 address (mapped, 6to4, Teredo, NAT64).
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if not _is_global(ip):
        return False
    return all(map(_is_global, _embedded(ip)))


def _is_global(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    inward = ip.is_multicast or ip.is_reserved or any(ip in network for network in _NOT_PUBLIC)
    return ip.is_global and not inward


_NOT_PUBLIC: Final = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("fec0::/10"))
"""Ranges for protocols and for sites, which some versions of Python count as global."""

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def _embedded(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> Iterable[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address carries inside."""
    if isinstance(ip, ipaddress.IPv4Address):
        return
    for inner in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())):
        if inner is not None:
            yield inner
    if ip in _NAT64:
        yield ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)


async def public_address(host: str, port: int) -> str:
    """An address of a host, all of whose addresses are public.

    Raises:
        ForbiddenAddress: The host has none, or one that is not public.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ForbiddenAddress(f"{host} has no address") from error
    addresses = [str(info[4][0]) for info in found]
    if not addresses or not all(map(is_public, addresses)):
        raise ForbiddenAddress(f"{host} does not lie on the public internet")
    return addresses[0]


async def answers_200(url: str) -> bool:
    """Whether a GET request to a public http or https URL is answered with 200.

    An answer that redirects is not 200, and what it points at is not asked.
    """
    import httpcore

    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or DEFAULT_PORTS[parts.scheme]
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        async with asyncio.timeout(TIMEOUT_S), httpcore.AsyncConnectionPool() as pool:
            checked = httpcore.URL(
                scheme=parts.scheme,
                host=await public_address(host, port),
                port=port,
                target=quote(target, safe=_URL_CHARACTERS),
            )
            shown = f"[{host}]" if ":" in host else host
            headers = [("Host", shown if parts.port is None else f"{shown}:{port}")]
            asked = pool.stream("GET", checked, headers=headers, extensions={"sni_hostname": host})
            async with asked as response:
                return bool(response.status == HTTPStatus.OK)
    except (ForbiddenAddress, OSError, ValueError, LookupError, TimeoutError):
        return False
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        return False
