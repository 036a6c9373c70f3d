"""Requests of Numberline's own stay on the public internet; no test here leaves this machine."""

import asyncio
import socket

import pytest

from factories import in_loop
from live import fullwidth
from numberline.platform import addresses, network, outbound
from numberline.platform.addresses import ForbiddenAddress, allowed_addresses, is_public
from numberline.platform.outbound import answers_200
from server.listeners import OK, listener

PUBLIC = "93.184.215.14"


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """No name server is asked: only numbers and this machine's own name have addresses."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host, port, family=0, kind=0, *hints):
        local = str(host).lower().rstrip(".") == "localhost"
        flags = 0 if local else socket.AI_NUMERICHOST
        return resolve(host, port, family, kind, *hints[:1], flags=flags)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:800::200e"],
)
def test_an_address_on_the_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        # this machine, nobody's, everybody's
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "255.255.255.255", "::", "::1"),
        # private, shared, link-local (cloud metadata), unique local, site-local
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"),
        *("169.254.169.254", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1"),
        # protocol assignments, documentation, benchmarks, reserved, multicast
        *("192.0.0.8", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "240.0.0.1"),
        *("224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1", "2001:db8::1", "100::1"),
        # IPv4 inside IPv6: mapped, compatible, 6to4, Teredo, NAT64 and its local form
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::"),
        *("2002:a9fe:a9fe::1", "2001:0:7f00:1::", "2001:0:5db8:d70e:0:0:80ff:fffe"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::a00:1", "64:ff9b:1::a00:1"),
    ],
)
def test_an_address_that_leads_inward_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "127.1", "127.0.1", "0", "0.0.0.0", "2130706433"),
        *("0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0x7F.1"),
        *("::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:127.0.0.1", "fe80::1%lo"),
        *("10.1", "3232235777", "169.254.169.254", "2852039166"),
        *("", " ", ".", "..", "a..b", "a" * 300, "\0", "not a host", "xn--", "\u00ad"),
    ],
    ids=ascii,
)
@in_loop
async def test_a_host_that_leads_inward_or_nowhere_is_forbidden(host):
    with pytest.raises(ForbiddenAddress):
        await allowed_addresses(host, 80)


def resolver(*answers):
    """A stand-in for name resolution that gives one answer after the other."""
    left = iter(answers)

    def getaddrinfo(_host, port, *_args, **_kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in next(left)]

    return getaddrinfo


@pytest.mark.parametrize(
    "found", [[PUBLIC, "127.0.0.1"], ["10.0.0.1", PUBLIC], [PUBLIC, PUBLIC, "0.0.0.0"]]
)
@in_loop
async def test_a_host_with_one_address_inside_is_forbidden_as_a_whole(monkeypatch, found):
    monkeypatch.setattr(socket, "getaddrinfo", resolver(found))

    with pytest.raises(ForbiddenAddress):
        await allowed_addresses("example.test", 80)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    """A name server that answers differently the second time is not asked a second time."""
    connected = []

    async def connect(address, _port):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolver([PUBLIC], ["127.0.0.1"]))
    monkeypatch.setattr(network, "_connect", connect)

    assert asyncio.run(answers_200("http://rebinding.test/")) is False
    assert connected == [PUBLIC]


# --- the probe ------------------------------------------------------------------------------


HOSTILE_URLS = [
    *("http://127.0.0.1:{}/", "http://localhost:{}/", "http://LOCALHOST.:{}/", "http://127.1:{}/"),
    *("http://2130706433:{}/", "http://0x7f000001:{}/", "http://0177.0.0.1:{}/", "http://0:{}/"),
    *("http://[::1]:{}/", "http://[::ffff:127.0.0.1]:{}/", "http://[::ffff:7f00:1]:{}/"),
    *("http://user:pass@127.0.0.1:{}/", "http://example.com@127.0.0.1:{}/"),
    *("http://127.0.0.1:{}#@example.com/", "http://127.0.0.1:{}?@example.com/"),
    *("http://example.com:80@127.0.0.1:{}/", "http://127.0.0.1:{}\\@example.com/"),
    *("https://127.0.0.1:{}/", "HTTP://127.0.0.1:{}", "http://127.0.0.1:{}/\r\nX: y"),
    "http://127。0。0。1:{}/",  # the ideographic full stop, a dot to name resolution
    f"http://{fullwidth('127')}.0.0.1:{{}}/",
]

NO_URLS = [
    *("", "http://", "http:///", "http://[::1", "http://[]/", "http://:80/", "http://%00/"),
    *("http://a:b:c/", "http://host:99999/", "http://host:-1/", "http://host:0x50/", "nonsense"),
    *("ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "unix:///tmp/x"),
    *("http://" + "a" * 5000, "http://\ud800/", "http://\0/", "http://é.invalid/"),
]


@pytest.mark.parametrize("url", HOSTILE_URLS, ids=ascii)
def test_nothing_arrives_on_this_machine_whatever_the_url(url):
    with listener(OK) as (port, callers):
        answered = asyncio.run(answers_200(url.format(port)))

    assert (answered, callers) == (False, [])


@pytest.mark.parametrize("url", NO_URLS, ids=lambda url: ascii(url)[:40])
def test_a_url_that_is_none_is_not_answered_and_does_no_harm(url):
    assert asyncio.run(answers_200(url)) is False


@pytest.fixture
def everything_is_public(monkeypatch):
    """Lets the probe come to a listener of the test."""
    monkeypatch.setattr(addresses, "is_public", lambda _address: True)


@pytest.mark.parametrize(
    ("answer", "ok"),
    [
        (OK, True),
        (b"HTTP/1.1 200 OK\r\n\r\nno length", True),
        (b"HTTP/1.0 200 OK\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", False),
        (b"HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", False),
        (b"SSH-2.0-OpenSSH_9.6\r\n", False),
        (b"", False),
        (b"\0" * 100_000, False),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500_000, False),
    ],
    ids=lambda value: repr(value)[:24],
)
@pytest.mark.usefixtures("everything_is_public")
def test_the_probe_wants_a_200_and_follows_nothing(answer, ok):
    with listener(answer) as (port, callers):
        answered = asyncio.run(answers_200(f"http://127.0.0.1:{port}/hook?a=b"))

    assert (answered, len(callers)) == (ok, 1)


@pytest.mark.usefixtures("everything_is_public")
def test_the_probe_asks_for_the_path_and_query_of_the_host_by_name(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", resolver(["127.0.0.1"]))
    with listener(OK) as (port, callers):
        asyncio.run(answers_200(f"http://user:pw@hooks.test:{port}/in/sms?a=b%26&c#fragment"))
    lines = callers[0].decode().lower().split("\r\n")

    assert lines[0] == "get /in/sms?a=b%26&c http/1.1"
    assert f"host: hooks.test:{port}" in lines


@pytest.mark.parametrize(
    "url", ["http://hooks.test:{}/é?ü", "http://b\u00fccher.test:{}/", "http://\ud800.test:{}/"]
)
@pytest.mark.usefixtures("everything_is_public")
def test_a_url_beyond_ascii_is_asked_or_refused_and_does_no_harm(monkeypatch, url):
    monkeypatch.setattr(socket, "getaddrinfo", resolver(["127.0.0.1"]))
    with listener(OK) as (port, _):
        assert asyncio.run(answers_200(url.format(port))) in {True, False}


@pytest.mark.usefixtures("everything_is_public")
def test_the_probe_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(outbound, "TIMEOUT_S", 0.1)

    with listener(None) as (port, _):
        assert asyncio.run(answers_200(f"http://127.0.0.1:{port}/")) is False


@pytest.mark.usefixtures("everything_is_public")
def test_the_probe_of_a_port_where_nobody_listens_is_not_answered():
    with listener(OK) as (port, _):
        pass

    assert asyncio.run(answers_200(f"http://127.0.0.1:{port}/")) is False
