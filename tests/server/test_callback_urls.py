"""What may be told where: the check of a URL when it is configured. No name server is asked."""

import asyncio
import socket

import pytest

from factories import in_loop
from live import fullwidth
from numberline.platform import outbound
from numberline.platform.addresses import ForbiddenAddress, Unreachable
from numberline.platform.outbound import NotAWebURL, check_url

PUBLIC = "93.184.215.14"


@pytest.fixture(autouse=True)
def name_server(monkeypatch):
    """A name server that knows a few names; everything else is as the machine reads numbers."""
    resolve = socket.getaddrinfo
    names = {
        "hooks.test": [PUBLIC],
        "both.test": ["2606:4700:4700::1111", PUBLIC],
        "inside.test": ["10.0.0.7"],
        "half.test": [PUBLIC, "127.0.0.1"],
        "mapped.test": ["::ffff:169.254.169.254"],
        "metadata.test": ["fd00:ec2::254"],
        "loop.test": ["::1", "127.0.0.1"],
        "localhost": ["127.0.0.1"],
    }

    def getaddrinfo(host, port, *_hints):
        found = names.get(str(host).lower().rstrip("."))
        if found is None:
            return resolve(host, port, 0, socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "url",
    [
        *("https://hooks.test/in?a=b", "http://hooks.test:8080", "HTTPS://HOOKS.TEST/"),
        *("https://both.test/", f"http://{PUBLIC}/", "http://[2606:4700:4700::1111]/"),
        *("https://hooks.test./", "https://hooks.test/a@b", "https://hooks.test/?next=http://x@y/"),
        "https://hooks.test/#@inside.test",
    ],
)
@in_loop
async def test_a_url_on_the_internet_is_taken(url):
    await check_url(url)


@pytest.mark.parametrize(
    "url", ["https://not-there-yet.test/", "https://b\u00fccher.invalid/", "http://a.b.c.invalid/"]
)
@in_loop
async def test_a_host_that_has_no_address_yet_is_taken(url):
    await check_url(url)


@in_loop
async def test_a_name_server_that_is_silent_does_not_hold_up_the_configuration(monkeypatch):
    async def never(*_args, **_options):
        await asyncio.Event().wait()

    monkeypatch.setattr(outbound, "RESOLVE_TIMEOUT_S", 0.05)
    monkeypatch.setattr(outbound, "allowed_addresses", never)

    await check_url("https://hooks.test/")


FORBIDDEN = [
    *("http://127.0.0.1/", "http://127.8.8.8/", "http://[::1]/", "http://[::]/", "http://0.0.0.0/"),
    *("http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/"),
    *("http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/latest/"),
    *("http://[fe80::1]/", "http://[fc00::1]/", "http://224.0.0.1/", "http://[ff02::1]/"),
    *("http://255.255.255.255/", "http://192.0.2.1/", "http://198.18.0.1/", "http://240.0.0.1/"),
    *("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::ffff:10.0.0.1]/"),
    *("http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[2001:0:7f00:1::]/"),
    *("http://[::127.0.0.1]/", "http://[0:0:0:0:0:ffff:a9fe:a9fe]/"),
    *("http://localhost/", "http://LOCALHOST./", "http://inside.test/", "http://half.test/"),
    *("http://mapped.test/", "http://metadata.test/", "http://loop.test/"),
]

AMBIGUOUS = [
    # decimal, octal and hexadecimal hosts, and those with too few parts
    *("http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/"),
    *("http://017700000001/", "http://127.1/", "http://127.0.1/", "http://0/", "http://0x/"),
    *("http://134744072/", "http://8.8.2056/", "http://010.8.8.8/", "http://2852039166./"),
    *("http://127.0.0.1./", "http://1.2.3.4.5/", "http://[fe80::1%25lo]/", "http://[::1%251]/"),
    # user-info, and what looks like it
    *("http://hooks.test@127.0.0.1/", "http://user:pw@hooks.test/", "http://@hooks.test/"),
    *("http://127.0.0.1\\@hooks.test/", "http://hooks.test:80@inside.test/"),
    *("http://hooks.test\\.inside.test/", "http://hooks.test /", "http://hooks.test/\r\nX: y"),
    *("http://hooks.test/\t", "http://ho\u200boks.test/", "http://hooks.test/\u2028"),
]

NO_URLS = [
    *("", "nonsense", "/path", "//hooks.test/", "http:", "http://", "http:///x", "http://:80/"),
    *("ftp://hooks.test/", "file:///etc/passwd", "gopher://hooks.test/", "javascript:alert(1)"),
    *("unix:///tmp/x", "http://[::1", "http://[]/", "http://hooks.test:99999/"),
    *("http://hooks.test:-1/", "http://hooks.test:0x50/", "http://\ud800/", "http://\0/"),
    *("http://a..b/", "http://" + "a" * 3000 + "/", "https://hooks.test/" + "a" * 2048),
]


@pytest.mark.parametrize("url", FORBIDDEN, ids=ascii)
@in_loop
async def test_a_url_that_leads_inward_is_refused(url):
    with pytest.raises(ForbiddenAddress):
        await check_url(url)


@pytest.mark.parametrize("url", AMBIGUOUS, ids=ascii)
@in_loop
async def test_a_url_that_programs_read_differently_is_refused(url):
    with pytest.raises(NotAWebURL):
        await check_url(url)


@pytest.mark.parametrize("url", NO_URLS, ids=lambda url: ascii(url)[:40])
@in_loop
async def test_what_is_no_url_is_refused(url):
    with pytest.raises(Unreachable):
        await check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        f"http://{fullwidth('127')}.0.0.1/",
        "http://127\u30020\u30020\u30021/",  # the ideographic full stop
        "http://\u2460\u2461\u2466.0.0.1/",  # circled digits
        "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/",  # circled letters
        "http://loc\u00adalhost/",  # a soft hyphen
    ],
    ids=ascii,
)
@in_loop
async def test_a_host_in_look_alike_characters_is_refused(url):
    with pytest.raises(Unreachable):
        await check_url(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://[::1]/", "http://localhost/", "http://loop.test/"]
)
@in_loop
async def test_this_machine_may_be_allowed(url):
    await check_url(url, allow_loopback=True)


LOOPBACK = ("//127.", "//[::1]", "//loop", "//localhost", "//LOCALHOST", "//half")


@pytest.mark.parametrize(
    "url", [url for url in FORBIDDEN if not any(word in url for word in LOOPBACK)], ids=ascii
)
@in_loop
async def test_nothing_else_is_allowed_with_this_machine(url):
    with pytest.raises(ForbiddenAddress):
        await check_url(url, allow_loopback=True)
