"""How requests of Numberline's own travel: by name, over checked addresses, and no further."""

import asyncio
import socket
import ssl

import httpx
import pytest
import trustme

from factories import in_loop
from numberline.platform import network, outbound, transport
from numberline.platform.addresses import ForbiddenAddress
from numberline.platform.outbound import NoAnswer, NotAWebURL, Outbound
from receivers import OK, STALL, answer, receiving


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """What the name server says, by name, one answer after the other; the last one stays."""
    known = {"hooks.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]}

    def getaddrinfo(host, port, *_hints):
        answers = known.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@in_loop
async def test_a_body_arrives_with_its_headers_under_the_name_of_the_host():
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        url = receiver.url("/in?a=b%26c", "hooks.test")
        status = await way.send("POST", url, headers=[("x-sign", "abc")], body=b'{"a":1}')

    [came] = receiver.received
    assert (status, came.line, came.body) == (200, "POST /in?a=b%26c HTTP/1.1", b'{"a":1}')
    assert came.headers == {
        "host": f"hooks.test:{receiver.port}",
        "user-agent": "Numberline",
        "x-sign": "abc",
        "content-length": "7",
    }


@pytest.mark.parametrize("status", [200, 204, 301, 302, 307, 401, 404, 410, 429, 500, 503])
@in_loop
async def test_every_status_is_an_answer_and_none_is_followed(status):
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        receiver.answer = answer(status, f"Location: {receiver.url('/elsewhere')}")

        assert await way.send("POST", receiver.url(), body=b"x") == status
        assert len(receiver.received) == 1


@in_loop
async def test_loopback_is_out_of_reach_unless_it_is_allowed():
    async with receiving() as receiver, Outbound() as way:
        for host in ("127.0.0.1", "hooks.test"):
            with pytest.raises(ForbiddenAddress):
                await way.send("POST", receiver.url(host=host), body=b"x")

    assert receiver.connections == 0


@in_loop
async def test_a_name_that_changes_its_answer_is_checked_at_each_connection(names):
    """The first answer is allowed; the second, when the connection is made anew, is not."""
    names["hooks.test"] = [["127.0.0.1"], ["10.0.0.1"]]
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        receiver.answer = answer(200, "Connection: close")
        await way.send("POST", receiver.url(host="hooks.test"), body=b"1")
        with pytest.raises(ForbiddenAddress):
            await way.send("POST", receiver.url(host="hooks.test"), body=b"2")

    assert [came.body for came in receiver.received] == [b"1"]


@in_loop
async def test_a_name_is_asked_once_for_a_connection_and_the_answer_is_what_is_connected_to(
    names, monkeypatch
):
    connected = []

    async def connect(address, _port):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(network, "_connect", connect)
    names["hooks.test"] = [["93.184.215.14", "93.184.215.15"], ["127.0.0.1"]]
    async with Outbound() as way:
        with pytest.raises(NoAnswer):
            await way.send("GET", "http://hooks.test/")

    assert connected == ["93.184.215.14", "93.184.215.15"]


@in_loop
async def test_the_next_address_is_tried_where_the_first_does_not_listen(names):
    names["hooks.test"] = [["127.0.0.2", "127.0.0.1"]]
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        assert await way.send("POST", receiver.url(host="hooks.test"), body=b"x") == 200


# --- connections ----------------------------------------------------------------------------


@in_loop
async def test_a_connection_is_used_again():
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        receiver.answer = answer(200, body=b"thank you")
        for _ in range(3):
            await way.send("POST", receiver.url(), body=b"x")

    assert [came.connection for came in receiver.received] == [1, 1, 1]


@in_loop
async def test_a_connection_is_kept_by_name_although_the_address_is_the_same():
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        for host in ("hooks.test", "other.test", "hooks.test"):
            await way.send("POST", receiver.url(host=host), body=b"x")

    assert [came.connection for came in receiver.received] == [1, 2, 1]


@in_loop
async def test_a_connection_that_was_closed_meanwhile_is_made_anew():
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        receiver.answer = answer(200, "Connection: close")
        for _ in range(2):
            await way.send("POST", receiver.url(), body=b"x")

    assert receiver.connections == 2


@in_loop
async def test_only_so_many_connections_are_kept(names, monkeypatch):
    monkeypatch.setattr(transport, "IDLE_MAX", 2)
    hosts = ["a.test", "b.test", "c.test"]
    names |= {host: [["127.0.0.1"]] for host in hosts}
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        for host in (*hosts, "c.test", "b.test", "a.test"):
            await way.send("POST", receiver.url(host=host), body=b"x")

    assert [came.connection for came in receiver.received] == [1, 2, 3, 3, 2, 4]


@in_loop
async def test_requests_side_by_side_have_connections_of_their_own():
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        sent = [way.send("POST", receiver.url(), body=b"x") for _ in range(20)]

        assert set(await asyncio.gather(*sent)) == {200}


# --- answers that are none ------------------------------------------------------------------


@in_loop
async def test_a_receiver_that_does_not_answer_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(outbound, "TIMEOUT_S", 0.1)
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        receiver.answer = STALL
        with pytest.raises(NoAnswer, match="within"):
            await way.send("POST", receiver.url(), body=b"x")
        receiver.answer = OK

        assert await way.send("POST", receiver.url(), body=b"x") == 200


@pytest.mark.parametrize(
    "said",
    [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"\0" * 100_000, b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500_000],
)
@in_loop
async def test_what_is_not_http_is_no_answer(said):
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        receiver.answer = said + b"Connection: close"
        with pytest.raises(NoAnswer):
            await way.send("POST", receiver.url(), body=b"x")


@in_loop
async def test_where_nobody_listens_there_is_no_answer():
    async with receiving() as receiver:
        pass
    async with Outbound(allow_loopback=True) as way:
        with pytest.raises(NoAnswer, match="refused"):
            await way.send("POST", receiver.url(), body=b"x")


@in_loop
async def test_a_body_without_end_costs_its_connection_and_nothing_else(monkeypatch):
    monkeypatch.setattr(outbound, "BODY_TIMEOUT_S", 0.1)
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        for head in ("Transfer-Encoding: chunked", "Content-Length: 1000000000"):
            receiver.answer = f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n5\r\nabcde\r\n".encode()
            assert await way.send("POST", receiver.url(), body=b"x") == 200

    assert receiver.connections == 2


@in_loop
async def test_a_large_body_is_not_read_to_its_end():
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        receiver.answer = answer(200, body=b"a" * 30_000_000)

        assert await way.send("POST", receiver.url(), body=b"x") == 200


@in_loop
async def test_a_text_that_is_no_url_is_told_apart():
    async with Outbound(allow_loopback=True) as way:
        for url in ("nonsense", "ftp://127.0.0.1/", "http://127.0.0.1:99999/"):
            with pytest.raises(NotAWebURL):
                await way.send("POST", url, body=b"x")


# --- what is kept from a receiver, and from the environment ---------------------------------


@in_loop
async def test_user_info_cookies_and_proxies_play_no_part(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    async with receiving() as receiver, Outbound(allow_loopback=True) as way:
        receiver.answer = answer(200, "Set-Cookie: a=b; Path=/")
        url = receiver.url().replace("//", "//user:pw@")
        for _ in range(2):
            assert await way.send("POST", url, body=b"x") == 200

    assert len(receiver.received) == 2
    for came in receiver.received:
        assert not {"cookie", "authorization", "proxy-authorization"} & came.headers.keys()


@in_loop
async def test_a_transport_of_ones_own_can_stand_in_for_the_network():
    mock = httpx.MockTransport(lambda request: httpx.Response(202 if request.content else 400))
    async with Outbound(transport=mock) as way:
        assert await way.send("POST", "https://hooks.test/", body=b"x") == 202


# --- TLS ------------------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """A certificate authority that requests trust."""
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return made


def server_context(authority, *names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


@in_loop
async def test_a_certificate_is_verified_for_the_name_of_the_host(authority):
    context = server_context(authority, "hooks.test")
    async with receiving(context) as receiver, Outbound(allow_loopback=True) as way:
        good, bad, bare = (
            receiver.url(host=host).replace("http:", "https:")
            for host in ("hooks.test", "other.test", "127.0.0.1")
        )
        for _ in range(2):
            assert await way.send("POST", good, body=b"x") == 200
        for url in (bad, bare):
            with pytest.raises(NoAnswer, match="certificate"):
                await way.send("POST", url, body=b"secret")

    assert [(came.connection, came.body) for came in receiver.received] == [(1, b"x"), (1, b"x")]


@in_loop
async def test_a_certificate_of_an_unknown_authority_is_refused(authority):
    context = server_context(trustme.CA(), "hooks.test")
    async with receiving(context) as receiver, Outbound(allow_loopback=True) as way:
        with pytest.raises(NoAnswer, match="certificate"):
            await way.send("POST", f"https://hooks.test:{receiver.port}/", body=b"secret")

    assert receiver.received == []
    assert authority
