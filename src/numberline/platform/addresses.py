"""Where a request of Numberline's own may go: the rules about addresses, all in one place.

A host is resolved once, every address of it is checked, and the connection goes to an address
that was checked, so that a name server cannot answer differently a second time.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from numberline.core.errors import NumberlineError

RESOLVERS_MAX: Final = 32
"""How many names are looked up side by side; a name server that is silent holds up one each."""

DEFAULT_PORTS: Final = {"http": 80, "https": 443}

_RESOLVERS: Final = ThreadPoolExecutor(RESOLVERS_MAX, thread_name_prefix="resolver")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(NumberlineError):
    """A request cannot go where it is meant to go, or was not answered; says why."""

    code = "unreachable"


class ForbiddenAddress(Unreachable):
    """A host has an address to which no request may go."""

    code = "forbidden_address"


class UnknownHost(ForbiddenAddress):
    """A host has no address, at least not now."""

    code = "unknown_host"


def is_public(address: str) -> bool:
    """Whether an IP address lies on the public internet.

    Loopback, link-local, private, multicast and reserved ranges do not, nor does an IPv6
    address that stands for such an IPv4 address (mapped, 6to4, Teredo, NAT64).
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if not _is_global(ip):
        return False
    return all(map(_is_global, _embedded(ip)))


def _is_global(ip: IPAddress) -> bool:
    inward = ip.is_multicast or ip.is_reserved or any(ip in network for network in _NOT_PUBLIC)
    return ip.is_global and not inward


_NOT_PUBLIC: Final = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("fec0::/10"))
"""Ranges for protocols and for sites, which some versions of Python count as global."""

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

_LOOPBACK: Final = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def _embedded(ip: IPAddress) -> Iterable[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address carries inside."""
    if isinstance(ip, ipaddress.IPv4Address):
        return
    for inner in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())):
        if inner is not None:
            yield inner
    if ip in _NAT64:
        yield ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)


def is_loopback(address: str) -> bool:
    """Whether an IP address, written plainly, is this machine's own."""
    ip = ipaddress.ip_address(address)
    return any(ip in network for network in _LOOPBACK)


async def allowed_addresses(host: str, port: int, *, allow_loopback: bool = False) -> list[str]:
    """The addresses of a host, to all of which requests may go.

    Args:
        host: A name or an address, as it stands in a URL.
        port: The port.
        allow_loopback: Whether this machine may be reached; nothing else that is not public is.

    Raises:
        ForbiddenAddress: The host has an address that is not public.
        UnknownHost: It has none.
    """
    literal = _literal(host)
    found = [literal] if literal else await _resolve(host, port)
    for address in found:
        if not (is_public(address) or (allow_loopback and is_loopback(address))):
            raise ForbiddenAddress(f"{host} does not lie on the public internet")
    return found


async def _resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.run_in_executor(
            _RESOLVERS, socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM
        )
    except (OSError, UnicodeError, ValueError) as error:
        raise UnknownHost(f"{host} has no address") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    if not addresses:
        raise UnknownHost(f"{host} has no address")
    return addresses


def _literal(host: str) -> str:
    """The address that a host is in itself, in its usual form; empty where it is a name."""
    try:
        return str(ipaddress.ip_address(host.removesuffix(".")))
    except ValueError:
        return ""


def is_odd_number(host: str) -> bool:
    """Whether a host is an address in a form that programs read differently.

    Such are decimal, octal and hexadecimal ones, those with too few parts, and zones.
    """
    if ":" in host:
        return "%" in host
    last = host.removesuffix(".").rpartition(".")[2]
    return bool(re.fullmatch(r"\d+|0[xX][0-9a-fA-F]*", last)) and _literal(host) != host
