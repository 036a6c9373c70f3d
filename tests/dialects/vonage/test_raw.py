"""Requests that no well-behaved client sends, byte by byte; the server must stay itself."""

import socket
import time

import pytest

from live import ANSWER_S, BASIC, babble, exchange, request_bytes

PATHS = ["/account/numbers", "/number/search", "/number/buy", "/number/cancel", "/number/update"]
READS = PATHS[:2]

QUICK_S = 2.0
"""How long a refusal may take that needs no work."""


def assert_shaped(answer, status):
    """An answer in the door's own shape."""
    assert answer.status == status
    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    assert answer.json()["error-code"] == str(status)
    assert answer.json()["error-code-label"]


def assert_still_answers(served):
    assert exchange(served, request_bytes("/account/numbers?size=1")).status == 200


# --- paths and methods ----------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get", "X"])
def test_a_method_that_no_operation_has_is_refused(demo, method, path):
    assert_shaped(exchange(demo, request_bytes(path, method=method)), 405)


@pytest.mark.parametrize("path", PATHS)
def test_the_other_of_get_and_post_is_refused_with_what_is_allowed(demo, path):
    right, wrong = ("GET", "POST") if path in READS else ("POST", "GET")
    answer = exchange(demo, request_bytes(path, method=wrong))

    assert_shaped(answer, 405)
    assert right in answer.headers["allow"]


@pytest.mark.parametrize("path", PATHS)
def test_options_and_head_are_answered_without_a_body(demo, path):
    options = exchange(demo, request_bytes(path, method="OPTIONS"))
    head = exchange(demo, request_bytes(path, method="HEAD"))

    assert (options.status, options.body) == (204, b"")
    assert (head.status, head.body) == (405, b"")


@pytest.mark.parametrize(
    "path",
    [
        *("/account", "/account/", "/number", "/number/", "/number/sell", "/account/numbers/1"),
        *("/number/search/GB", "/number/search;x=1", "/number/search.json", "/vonage", "/vonage/x"),
        *("/number/%2e%2e/account/numbers", "/number/../account/numbers", "/number/%00"),
        *(
            "/number/%FF",
            "/number/%ED%A0%80",
            "/number/%C0%AE",
        ),
        *("/number/" + "a" * 60_000, "/number/" + "%00" * 1_000, "/number" + "/x" * 10_000),
        *("/account/get-balance", "/docs/vonage/nowhere", "/number/{}", "/number/%7Bx%7D"),
    ],
    ids=lambda path: path[:32],
)
def test_a_path_that_no_operation_has_is_not_found(demo, path):
    answer = exchange(demo, request_bytes(path))

    assert_shaped(answer, 404)
    assert answer.took_s < QUICK_S


@pytest.mark.parametrize(
    "target", ["*", "/", "/nowhere", "/%FF", "/%ED%A0%80", "/" + "%00" * 100, "/?x"]
)
def test_a_path_outside_any_door_is_not_found(demo, target):
    answer = exchange(demo, request_bytes(target))

    assert answer.status == 404
    assert answer.json()["doors"]["vonage"] == "/docs/vonage"


@pytest.mark.parametrize("length", [9_000, 60_000])
@pytest.mark.parametrize("path", READS)
def test_an_over_long_query_is_refused(demo, path, length):
    answer = exchange(demo, request_bytes(f"{path}?country=GB&x={'a' * length}"))

    assert_shaped(answer, 400)
    assert "query" in answer.json()["invalid_parameters"]


@pytest.mark.parametrize("length", [100_000, 1_000_000])
def test_a_url_too_long_to_be_read_is_refused_before_any_door(demo, length):
    answer = exchange(demo, request_bytes("/number/search?x=" + "a" * length))

    assert answer.status in {414, 431}
    assert_still_answers(demo)


# --- headers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        *("", "localhost:99999", "[::1]", "[::1", "a b", "..", "\xe9\xff", "@@@", "x" * 5_000),
        *("127.0.0.1@evil.example", "rest.nexmo.com, x", "%00", "localhost:x", "<>"),
    ],
    ids=lambda host: ascii(host)[:20],
)
def test_an_odd_host_is_answered(demo, host):
    answer = exchange(demo, request_bytes("/account/numbers", host=host))

    assert answer.status in {200, 400}
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_a_request_without_a_host_is_answered(demo, version):
    assert (
        exchange(demo, request_bytes("/account/numbers", host=None, version=version)).status == 200
    )


@pytest.mark.parametrize(
    "line",
    [
        "Accept: " + "text/xml," * 5_000,
        "Accept: text/xml;q=" + "9" * 5_000,
        "Accept: ;;;,,,;q=q=q",
        "Accept: \xff\xfe",
        "Accept:",
        "X-Long: " + "a" * 300_000,
        "Cookie: " + "a=b; " * 10_000,
        "Content-Type: " + "application/json;" * 1_000,
        "Content-Encoding: gzip",
        "Accept-Encoding: " + "gzip," * 1_000,
        "Range: bytes=0-0,1-1,2-" + "9" * 500,
        "If-None-Match: *",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13",
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
        "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nForwarded: for=127.0.0.1",
        "X-HTTP-Method-Override: DELETE",
        "Expect: nonsense",
        "Date: not a date",
    ],
    ids=lambda line: ascii(line)[:24],
)
def test_an_odd_header_is_no_reason_to_fail(demo, line):
    answer = exchange(demo, request_bytes("/account/numbers?size=1", line))

    assert answer.status == 200
    assert_still_answers(demo)


@pytest.mark.parametrize(
    "lines",
    [["X: " + "a" * 600_000], [f"X-{n}: a" for n in range(500)]],
    ids=["too long", "too many"],
)
def test_headers_beyond_all_bounds_are_refused(demo, lines):
    assert exchange(demo, request_bytes("/account/numbers", *lines)).status == 431
    assert_still_answers(demo)


def test_a_value_of_the_client_does_not_become_a_header(demo):
    answer = exchange(demo, request_bytes("/number/search?country=GB%0D%0AX-Injected:%201"))

    assert_shaped(answer, 400)
    assert "x-injected" not in answer.headers


@pytest.mark.parametrize(
    "request_",
    [
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64 + b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /account/numbers HTTP/9.9\r\n\r\n",
        b"GET /account/numbers\r\n\r\n",
        b"GET  /account/numbers HTTP/1.1\r\n\r\n",
        b"GET /account/numbers HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /account/numbers HTTP/1.1\r\n: no name\r\n\r\n",
        b"GET /account/numbers HTTP/1.1\r\nX: a\r\n folded\r\n\r\n",
        b"GET /account/numbers HTTP/1.1\r\nX: \0\r\n\r\n",
        b"GET /a\x00b HTTP/1.1\r\n\r\n",
        b"\0" * 10_000,
        b"A" * 1_000_000,
    ],
    ids=lambda request_: repr(request_[:24]),
)
def test_what_is_no_http_does_no_harm(demo, request_):
    received = babble(demo, request_)

    assert received[:10] in {b"", b"HTTP/1.1 4"}
    assert_still_answers(demo)


# --- bodies ---------------------------------------------------------------------------------

CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize("path", PATHS[2:])
@pytest.mark.parametrize("size", [70_000, 10_000_000])
def test_a_huge_body_is_refused_without_being_read(demo, path, size):
    answer = exchange(demo, request_bytes(path, method="POST", body=b"a" * size))

    assert_shaped(answer, 413)
    assert answer.took_s < QUICK_S
    assert_still_answers(demo)


@pytest.mark.parametrize("claimed", [10_000_000, 10**15])
def test_a_body_that_is_only_announced_is_refused_at_once(demo, claimed):
    answer = exchange(
        demo, request_bytes("/number/buy", f"Content-Length: {claimed}", method="POST", body=b"abc")
    )

    assert_shaped(answer, 413)
    assert answer.took_s < QUICK_S


def test_an_expectation_of_a_huge_body_is_not_met(demo):
    answer = exchange(
        demo,
        request_bytes(
            "/number/buy", "Expect: 100-continue", "Content-Length: 10000000", method="POST"
        ),
    )

    assert_shaped(answer, 413)


def test_a_huge_body_in_chunks_is_refused(demo):
    body = (b"10000\r\n" + b"a" * 65_536 + b"\r\n") * 160 + b"0\r\n\r\n"
    answer = exchange(demo, request_bytes("/number/buy", CHUNKED, method="POST", body=body))

    assert_shaped(answer, 413)
    assert answer.took_s < QUICK_S


def test_a_body_may_come_in_chunks(demo, caller, msisdn):
    form = f"country=GB&msisdn={msisdn}".encode()
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in form)
    answer = exchange(
        demo,
        request_bytes(
            "/number/buy",
            CHUNKED,
            f"Authorization: {caller.http.auth._auth_header}",
            method="POST",
            body=chunks + b"0\r\n\r\n",
        ),
    )

    assert answer.status == 200


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        ([CHUNKED], b"ZZ\r\nabc\r\n0\r\n\r\n"),
        ([CHUNKED], b"-1\r\nabc\r\n0\r\n\r\n"),
        ([CHUNKED], b"3\r\nabcdef\r\n0\r\n\r\n"),
        ([CHUNKED], b"fffffffffffffffff\r\nabc"),
        (["Content-Length: -1"], b"abc"),
        (["Content-Length: abc"], b"abc"),
        (["Content-Length: 3", "Content-Length: 5"], b"abcde"),
        (["Transfer-Encoding: gzip"], b"abc"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_body_that_is_wrongly_framed_is_the_clients_fault(demo, lines, body):
    answer = exchange(demo, request_bytes("/number/buy", *lines, method="POST", body=body))

    assert 400 <= answer.status < 500
    assert_still_answers(demo)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("size", [5, 1_000_000])
def test_a_body_where_none_belongs_is_passed_over(demo, method, size):
    answer = exchange(
        demo, request_bytes("/number/search?country=GB&size=1", method=method, body=b"a" * size)
    )

    assert answer.status == {"GET": 200, "OPTIONS": 204}.get(method, 405)
    assert_still_answers(demo)


def test_two_requests_in_one_breath_are_answered_in_order(demo):
    first = request_bytes("/number/search?country=GB&size=1")
    second = request_bytes("/number/nowhere", "Connection: close")
    with socket.create_connection(("127.0.0.1", demo.port), ANSWER_S) as connection:
        connection.sendall(first + second)
        received = b"".join(iter(lambda: connection.recv(65536), b""))

    assert received.index(b"HTTP/1.1 200") == 0
    assert received.index(b"HTTP/1.1 404") > received.index(b'"numbers"')


def test_a_refused_body_is_not_taken_for_the_next_request(demo):
    """What follows a refusal on the same connection is a request of its own, or nothing."""
    smuggled = request_bytes("/number/search?country=GB&size=1")
    body = smuggled + b"a" * 70_000
    with socket.create_connection(("127.0.0.1", demo.port), ANSWER_S) as connection:
        connection.sendall(request_bytes("/number/buy", method="POST", body=body))
        connection.settimeout(0.3)
        received = b""
        try:
            while part := connection.recv(65536):
                received += part
        except OSError:  # kept open, or reset
            pass

    assert received.count(b"HTTP/1.1 ") == 1


# --- slow clients ---------------------------------------------------------------------------

PATIENCE_S = 15.0
"""How long a request may stay unfinished before the server gives it up."""


def test_a_body_that_never_ends_is_given_up(demo):
    request = request_bytes("/number/buy", "Content-Length: 100", method="POST", body=b"country=")
    answer = exchange(demo, request, timeout_s=PATIENCE_S)

    assert_shaped(answer, 408)


def test_clients_that_say_nothing_keep_nobody_waiting(demo):
    silent = [socket.create_connection(("127.0.0.1", demo.port), ANSWER_S) for _ in range(200)]
    try:
        begun = time.monotonic()
        assert_still_answers(demo)
        assert time.monotonic() - begun < QUICK_S
    finally:
        for connection in silent:
            connection.close()


def test_a_client_that_hangs_up_in_the_middle_does_no_harm(demo):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", demo.port), ANSWER_S) as connection:
            head = f"POST /number/buy HTTP/1.1\r\nHost: x\r\nAuthorization: {BASIC}\r\n"
            connection.sendall(head.encode() + b"Content-Length: 50\r\n\r\ncountry=GB")

    assert_still_answers(demo)
